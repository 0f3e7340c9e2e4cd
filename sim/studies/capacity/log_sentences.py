"""What a log leaves open of what plans carry, in sentences."""

from __future__ import annotations

import math

from sim.present.numbers import NOTHING, number, percent
from sim.present.probabilities import as_probability, given_the_log, in_points, not_drawn
from sim.present.table import EMPTY, Sentence, Traced, as_number, paragraph, said
from sim.present.targets import spoken_target
from sim.studies.base import Found, KeyFigure
from sim.studies.capacity.records import Capacity, PlanBracket
from sim.text import N_, _

INTERVALS = {
    (True, True): N_(
        "{log}, the limit of {plan}, up to which the office keeps {target}, lies between {holds} and {fails} "
        "registrations a year with a probability of about 95 %."
    ),
    (True, False): N_(
        "{log}, the limit of {plan}, up to which the office keeps {target}, lies above {holds} registrations a year "
        "with a probability of about 97.5 %; no high end can be given, as with one of more than 2.5 % it lies above "
        "{drawn_highest}, the highest looked at."
    ),
    (False, True): N_(
        "{log}, the limit of {plan}, up to which the office keeps {target}, lies below {fails} registrations a year "
        "with a probability of about 97.5 %; no low end can be given, as with one of more than 2.5 % it lies below "
        "{drawn_lowest}, the lowest looked at."
    ),
    (False, False): N_(
        "{log}, neither end can be given of the limit of {plan}, up to which the office keeps {target}: with a "
        "probability of more than 2.5 % each it lies below {drawn_lowest} and above {drawn_highest} registrations a "
        "year, the lowest and the highest looked at."
    ),
}
"""Where the limit of a plan lies, by whether its interval has a low end and a high one."""
TITLES = {
    (True, True): N_(
        "{plan}: limit between {holds} and {fails} registrations a year, with a probability of about 95 %"
    ),
    (True, False): N_("{plan}: limit above {holds} registrations a year, with a probability of about 97.5 %"),
    (False, True): N_("{plan}: limit below {fails} registrations a year, with a probability of about 97.5 %"),
    (False, False): N_("{plan}: the log leaves both ends of the limit open"),
}
"""The same in a line."""
CLAUSES = {
    (True, True): N_(
        "the limit lies between {holds} and {fails} registrations a year with a probability of about 95 %"
    ),
    (True, False): N_("the limit lies above {holds} registrations a year with a probability of about 97.5 %"),
    (False, True): N_("the limit lies below {fails} registrations a year with a probability of about 97.5 %"),
}
EXACT = {
    (True, True): N_("If the fitted values were exact, it would hold up to {holds} and fail from {fails}."),
    (True, False): N_(
        "If the fitted values were exact, it would hold up to {holds}; no demand up to {highest}, the highest tried, "
        "was shown to break it then."
    ),
    (False, True): N_(
        "If the fitted values were exact, it would fail from {fails}; no demand down to {lowest}, the lowest tried, "
        "was shown to hold then."
    ),
}
"""What a plan would carry if the fit were exact, by whether a demand would hold and whether one would fail."""
CARRIES = {
    "HOLDS": N_("The {mark} of {year} are carried with a probability of about 97.5 % or more."),
    "FAILS": N_("The {mark} of {year} are carried with a probability of about 2.5 % or less."),
    "UNDECIDED": N_("Whether the {mark} of {year} are carried the log leaves open."),
}
"""Whether a plan carries the demand of a year, by on which side of its interval that is."""
PLACES = {
    "HOLDS": N_("it stays below the limit with a probability of about 97.5 % or more."),
    "FAILS": N_("it is over the limit already with a probability of about 97.5 % or more."),
    "UNDECIDED": N_("it lies where the log leaves the limit open."),
}
"""Where demand that does not grow lies, likewise."""
CHANCES = {"HOLDS": N_("≥ 97.5 %"), "FAILS": N_("≤ 2.5 %"), "UNDECIDED": N_("left open")}
"""The same as short as a table needs it."""


def interval_given(found: Found[Capacity], plan: PlanBracket) -> Sentence:
    """Return where the limit of a plan lies, given the log; empty without."""
    facts = found.record.given_log
    if facts is None or not plan.drawn:
        return EMPTY
    template = INTERVALS[plan.holds is not None, plan.fails is not None]
    return said(template, log=given_the_log(facts, found.fact), plan=plan.title,
                target=spoken_target(found.record.target),
                **_traced(found, plan, "holds", "fails", "drawn_lowest", "drawn_highest"))  # fmt: skip


def kept_given(found: Found[Capacity], plan: PlanBracket) -> Sentence:
    """Return what a plan would carry if the fit were exact, and with which probability it does; empty without a log."""
    kind = plan.exact_holds is not None, plan.exact_fails is not None
    if not plan.drawn or kind not in EXACT:
        return EMPTY
    holds = as_number(plan.exact_holds, found.cell("brackets", "exact_holds", plan=plan.plan))
    fails = as_number(plan.exact_fails, found.cell("brackets", "exact_fails", plan=plan.plan))
    exact = said(EXACT[kind], holds=holds, fails=fails, **_traced(found, plan, "lowest", "highest"))
    if math.isnan(plan.kept):
        return exact
    kept = said(
        "At {holds} the target is kept with a probability of {kept}{error}.", holds=holds,
        kept=as_probability(plan.kept, found.cell("brackets", "kept", plan=plan.plan)),
        error=in_points(plan.kept, plan.kept_error, found.cell("brackets", "kept_error", plan=plan.plan)),
    )  # fmt: skip
    return paragraph([exact, kept])


def finding_given(record: Capacity) -> str:
    """Return where the limit of the plan lies, or of several how many are likely to carry the next year's demand."""
    if len(record.plans) == 1:
        (plan,) = record.plans
        ends = {name: number(end) for name, end in (("holds", plan.holds), ("fails", plan.fails)) if end is not None}
        return _(TITLES[plan.holds is not None, plan.fails is not None], plan=plan.title, **ends)
    mark, able = record.marks[1], record.carrying
    values = {"all": len(record.plans), "mark": number(mark.registrations), "year": mark.year}
    if not able:
        return _(
            "None of {all} plans carries the {mark} of {year} with a probability of about 97.5 % or more", **values
        )
    return _(
        "{number} of {all} plans carry the {mark} of {year} with a probability of about 97.5 % or more; the cheapest: "
        "{plan}", number=len(able), plan=able[0].title, **values,
    )  # fmt: skip


def next_given(record: Capacity) -> str:
    """Return with which probability the demand of the next year is carried, or the cheapest of the plans likely to."""
    mark, first, able = record.marks[1], record.plans[0], record.carrying
    values = {"mark": number(mark.registrations), "year": mark.year}
    if len(record.plans) == 1 and math.isnan(first.kept_next):
        return _(CARRIES[record.verdict_in(first, mark)], **values)
    if len(record.plans) == 1:
        return _(
            "The {mark} of {year} are carried with a probability of {chance}{error}.",
            chance=as_probability(first.kept_next).text, error=in_points(first.kept_next, first.kept_next_error).text,
            **values,
        )  # fmt: skip
    if not able:
        return _("None of the {all} plans carries the {mark} of {year} with a probability of about 97.5 % or more.",
                 all=len(record.plans), **values)  # fmt: skip
    best = able[0]
    if best is first:
        return _(
            "The cheapest of the plans that carry the {mark} of {year} with a probability of about 97.5 % or more is "
            "{plan} itself.", plan=best.title, **values,
        )  # fmt: skip
    more = best.cost - first.cost
    return _(
        "The cheapest of the plans that carry the {mark} of {year} with a probability of about 97.5 % or more is "
        "{plan}, for {cost} yuan of staff cost {more} than {first}, each at the demand that it would carry if the fit "
        "were exact.", plan=best.title, first=first.title, cost=number(abs(more)),
        more=_("less") if more < 0 else _("more"), **values,
    )  # fmt: skip


def _traced(found: Found[Capacity], plan: PlanBracket, *columns: str) -> dict[str, Traced]:
    return {name: as_number(getattr(plan, name), found.cell("brackets", name, plan=plan.plan)) for name in columns}


def carried_given(found: Found[Capacity]) -> list[Sentence]:
    """Return what the ends of plans carry, and what they do not; nothing without a log."""
    facts = found.record.given_log
    if facts is None:
        return []
    told = said(
        "{log}: the 95 % intervals of limits carry what the log leaves open and the chance of the years, each plan by "
        "itself. {offices} offices that are possible were played, each "
        "around a limit of its own. Verdicts on single demands take the fitted values as exact.",
        log=given_the_log(facts, found.fact), offices=as_number(facts.offices, found.fact("given_log.offices")),
    )  # fmt: skip
    return [told, *not_drawn(facts, found.fact)]


def figure_given(found: Found[Capacity]) -> list[KeyFigure]:
    """Return the probability that the first plan carries the next year's demand, where it is known."""
    plan, mark = found.record.plans[0], found.record.marks[1]
    if math.isnan(plan.kept_next):
        return []
    chance = as_probability(plan.kept_next, found.cell("brackets", "kept_next", plan=plan.plan))
    error = in_points(plan.kept_next, plan.kept_next_error, found.cell("brackets", "kept_next_error", plan=plan.plan))
    note = said(
        N_("{mark} registrations; chance{error}") if error.pieces else N_("{mark} registrations"), error=error,
        mark=as_number(mark.registrations, found.fact("marks.1.registrations")),
    )  # fmt: skip
    return [KeyFigure(_("chance that the demand of {year} is carried", year=mark.year), chance, "", note)]


def bars(record: Capacity) -> str:
    """Return what the bars of a chart of plans are."""
    if record.given_log is not None:
        return _("bars: 95 % interval of the limit, given the log")
    return _("bars: largest demand that holds to smallest that fails")


def brackets(record: Capacity) -> str:
    """Return the head of the ends of plans."""
    if record.given_log is not None:
        return _("95 % interval\n[registrations a year]")
    return _("holds – fails\n[registrations a year]")


def frontier(record: Capacity) -> str:
    """Return what the line of a chart of plans is, and what is grey."""
    if record.given_log is not None:
        return _("line: frontier of the low ends; grey: no low end, or none above that of another that costs no more")
    return _("line: frontier; grey: carries nothing, or no more than another that costs no more")


def points_and_band(record: Capacity) -> str:
    """Return what points and band of a chart of demands are."""
    if record.given_log is not None:
        return _("points: demands judged as if the fit were exact; band: 95 % interval of the limit, given the log")
    return _(
        "points: demands judged, with {level} % intervals for all at once; band: neither shown to hold nor to fail",
        level=percent(1 - record.about.rule.error),
    )


def exact_ends(plan: PlanBracket) -> str:
    """Return the ends of what a plan would carry if the fit were exact."""
    ends = (_("none") if end is None else number(end) for end in (plan.exact_holds, plan.exact_fails))
    return NOTHING.join(ends)
