"""What a log leaves open of what plans carry, in sentences."""

from __future__ import annotations

import math

from sim.present.numbers import NOTHING, number, percent
from sim.present.probabilities import as_probability, given_the_log, in_points, not_drawn
from sim.present.table import EMPTY, Piece, Sentence, as_number, said
from sim.studies.base import Found, KeyFigure
from sim.studies.capacity.records import Capacity, PlanBracket
from sim.text import N_, _


def kept_given(found: Found[Capacity], plan: PlanBracket) -> Sentence:
    """Return what a plan would carry if the fit were exact, and with which probability it does; empty without a log."""
    facts = found.record.given_log
    if facts is None or (plan.exact_holds is None and plan.exact_fails is None):
        return EMPTY

    def cell(column: str) -> str:
        return found.cell("brackets", column, plan=plan.plan)

    values: dict[str, Piece | Sentence] = {"log": given_the_log(facts, found.fact)}
    if math.isnan(plan.kept):
        return said("{log}, that is an interval of 95 %; if the fitted values were exact: {ends}.",
                    ends=exact_ends(plan), **values)  # fmt: skip
    values["holds"] = as_number(plan.exact_holds, cell("exact_holds"))
    values["kept"] = as_probability(plan.kept, cell("kept"))
    values["error"] = in_points(plan.kept, plan.kept_error, cell("kept_error"))
    if plan.exact_fails is None:
        return said("{log}, that is an interval of 95 %; if the fitted values were exact, it would hold up to {holds}. "
                    "At {holds} the target is kept with a probability of {kept}{error}.", **values)  # fmt: skip
    return said(
        N_(
        "{log}, the limit lies between these two with a probability of 95 %; if the fitted values were exact, it would "
        "hold up to {holds} and fail from {fails}. At {holds} the target is kept with a probability of {kept}{error}.")
        if plan.holds is not None and plan.fails is not None
        else N_(
            "{log}, that is an interval of 95 %; if the fitted values were exact, it would hold up to {holds} and fail "
            "from {fails}. At {holds} the target is kept with a probability of {kept}{error}."
        ),
        fails=as_number(plan.exact_fails, cell("exact_fails")), **values,
    )  # fmt: skip


def carried_given(found: Found[Capacity]) -> list[Sentence]:
    """Return what the ends of plans carry, and what they do not; nothing without a log."""
    facts = found.record.given_log
    if facts is None:
        return []
    told = said(
        "{log}: the ends of what a plan carries are those of a 95 % interval of its limit, each plan by itself, with "
        "what the log leaves open and the chance of the years. {offices} offices that are possible were played, each "
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
    note = said("{mark} registrations", mark=as_number(mark.registrations, found.fact("marks.1.registrations")))
    return [KeyFigure(_("chance that the demand of {year} is carried", year=mark.year), chance, "", note)]


def bars(record: Capacity) -> str:
    """Return what the bars of a chart of plans are."""
    if record.given_log is not None:
        return _("bars: 95 % interval of the limit, given the log")
    return _("bars: largest demand that holds to smallest that fails")


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
    ends = ("" if end is None else number(end) for end in (plan.exact_holds, plan.exact_fails))
    return NOTHING.join(ends)
