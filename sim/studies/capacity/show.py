"""What plans carry, in sentences and tables: what a head of office can read aloud, and what a report lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from sim.present.basis import basis
from sim.present.names import verdict_word
from sim.present.numbers import BETWEEN, NOTHING, month_name, number, percent, span
from sim.present.probabilities import as_probability
from sim.present.table import (
    EMPTY,
    OPEN_ENDS,
    Piece,
    Sentence,
    Table,
    Traced,
    as_estimate,
    as_number,
    as_percent,
    as_verdict,
    ends,
    joined,
    paragraph,
    resting_on,
    said,
)
from sim.present.targets import estimate_axis, spoken_target, target_in_words
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, KeyFigure
from sim.studies.capacity import log_sentences as given
from sim.studies.capacity.log_sentences import carried_given, exact_ends, figure_given, interval_given, kept_given
from sim.studies.capacity.records import Capacity, PlanBracket
from sim.text import N_, _, _c

MARKS = 2
"""Years that are told without being asked for: the first plan's, and the next."""
KINDS = {
    (True, True): N_(
        "With {plan} the office keeps {target} up to {holds} registrations a year; at {fails} it no longer does."
    ),
    (True, False): N_(
        "With {plan} the office keeps {target} up to {holds} registrations a year; no demand up to {highest}, the "
        "highest tried, was shown to break it."
    ),
    (False, True): N_(
        "With {plan} no demand down to {lowest} registrations a year was shown to hold: {target} is missed from "
        "{fails} on."
    ),
    (False, False): N_(
        "With {plan} nothing can be said: of {target}, no demand from {lowest} to {highest} registrations a year was "
        "shown to hold or to fail."
    ),
}
"""What a plan carries, by whether a demand holds and whether one fails."""
TITLES = {
    (True, True): N_("{plan} holds up to {holds} registrations a year and fails from {fails}"),
    (True, False): N_("{plan} holds up to {holds} registrations a year; none was shown to fail"),
    (False, True): N_("{plan} is shown to hold at no demand down to {lowest} registrations a year"),
    (False, False): N_("{plan}: no demand was shown to hold or to fail"),
}
CLAUSES = {
    (True, True): N_("the plan carries up to {holds} registrations a year and fails from {fails} on"),
    (True, False): N_("even at {holds} registrations a year it holds"),
    (False, True): N_("at {fails} registrations a year it fails"),
}


CARRIES = {
    "HOLDS": N_("It carries the {mark} of {year}."),
    "FAILS": N_("It does not carry the {mark} of {year}."),
    "UNDECIDED": N_("Whether it carries the {mark} of {year} is not shown."),
}
"""Whether a plan carries the demand of a year, by its verdict."""
PLACES = {
    "HOLDS": N_("the plan is never broken."),
    "FAILS": N_("it is over the limit already."),
    "UNDECIDED": N_("it lies where there is no verdict."),
}
"""Where demand that does not grow lies, likewise."""


def short(record: Capacity) -> str:
    """Return the brackets as figures that need no words: ``40,200–41,600``."""
    return "; ".join(
        NOTHING.join("" if end is None else f"{end:,}" for end in (plan.holds, plan.fails)) for plan in record.plans
    )


def finding(record: Capacity) -> str:
    """Return what the plan carries, or of several how many carry the next year's demand."""
    if record.given_log is not None:
        return given.finding_given(record)
    if len(record.plans) == 1:
        (plan,) = record.plans
        return _(TITLES[_kind(plan)], plan=plan.title, **_ends(plan))
    mark, able = record.marks[1], record.carrying
    values = {"all": len(record.plans), "mark": number(mark.registrations), "year": mark.year}
    if not able:
        return _("None of {all} plans is shown to carry the {mark} registrations of {year}", **values)
    return _(
        "{number} of {all} plans carry the {mark} registrations of {year}; the cheapest: {plan}",
        number=len(able), plan=able[0].title, **values,
    )  # fmt: skip


def subtitle(record: Capacity) -> str:
    """Return the target, and how sure the verdicts are."""
    if record.given_log is not None:
        given = _("given the log {log}", log=record.given_log.log)
        return BETWEEN.join([target_in_words(record.target), given])
    error = _("chance of any wrong verdict ≤ {error} %", error=percent(record.about.rule.error))
    return BETWEEN.join([target_in_words(record.target), error])


def spoken(record: Capacity) -> list[str]:
    """Return two or three sentences: what the first plan carries, when growth passes that, and what of next year."""
    first = record.plans[0]
    carried = _(KINDS[_kind(first)], plan=first.title, target=spoken_target(record.target), **_ends(first))
    if first.drawn:
        carried = interval_given(Found(record, ""), first).text
    told = [carried, kept_given(Found(record, ""), first).text, passed(record, first), _next_year(record)]
    told += [
        _(
            "Of {plan}, a higher demand was found to hold than one that fails: more demand is not always worse there, "
            "or a verdict is wrong, so take its two ends with caution.", plan=plan.title,
        ) for plan in record.plans if not plan.monotone
    ]  # fmt: skip
    return [sentence for sentence in told if sentence]


def passed(record: Capacity, plan: PlanBracket) -> str:
    """Return when demand passes what a plan carries, in a sentence."""
    base = record.marks[0]
    values = {"base": number(base.registrations), "year": base.year, "growth": percent(abs(record.growth))}
    over = plan.fails is not None and base.registrations >= plan.fails
    if plan.holds is None and plan.fails is None:
        return ""
    if record.growth <= 0:
        begin = (
            _("Demand falls ({growth} % a year), and with {base} in {year} ", **values)
            if record.growth < 0
            else _("Demand does not grow ({growth} % a year), and with {base} in {year} ", **values)
        )
        place = "HOLDS" if base.registrations <= (plan.holds or 0) else "FAILS" if over else "UNDECIDED"
        return begin + _((given.PLACES if plan.drawn else PLACES)[place])
    if over and plan.drawn:
        return _("The {base} of {year} are over the limit already, with a probability of about 97.5 % or more.",
                 **values)  # fmt: skip
    if over and plan.holds is not None:
        return _("Demand is over that already: {base} in {year}.", **values)
    told = when(plan)
    if not told:
        # Of a plan that no demand holds with, growth has nothing to say.
        return "" if plan.holds is None else _(
            "No date can be given on which growth of {growth} % a year from {base} in {year} breaks it.", **values
        )  # fmt: skip
    return _(
        N_("By that interval, demand passes the limit {when}, growing by {growth} % a year from {base} in {year}.")
        if plan.drawn
        else N_("From {base} in {year}, at {growth} % growth a year, demand passes that {when}."),
        when=told, **values,
    )  # fmt: skip


def when(plan: PlanBracket) -> str:
    """Return in which months demand passes what a plan carries; empty if none is known."""
    # Without a demand that holds, the date of one that fails says nothing.
    begin, end = (None, None) if plan.holds is None else (plan.breaks_from, plan.breaks_to)
    if begin is None and end is None:
        return ""
    if begin is None:
        return _("in {end} or earlier", end=_month(end))
    if end is None:
        return _("in {begin} or later", begin=_month(begin))
    if _month(begin) == _month(end):
        return _("in {begin}", begin=_month(begin))
    return _("between {begin} and {end}", begin=_month(begin), end=_month(end))


def months(plan: PlanBracket) -> str:
    """Return the same as short as a table needs it: 2023-07 – 2023-09."""
    both = [] if plan.holds is None else [plan.breaks_from, plan.breaks_to]
    told = ["" if day is None else f"{day:%Y-%m}" for day in both]
    return NOTHING if not any(told) else told[0] if told[0] == told[1] else " – ".join(told)


def convention(record: Capacity) -> str:
    """Return what the dates mean; empty if there are none."""
    if all(months(plan) == NOTHING for plan in record.plans):
        return ""
    return _(
        "Dates: the end of the first twelve months whose registrations reach the limit, with steady growth from the "
        "end of {year} on.", year=record.marks[0].year,
    )  # fmt: skip


def source(record: Capacity) -> str:
    """Return the line at the bottom of the chart."""
    replications = number(sum(plan.replications for plan in record.plans))
    return _(
        "Simulation: {replications} replications, {days} working days each, seed {seed}. {basis}",
        replications=replications, days=span(record.working_days), seed=record.about.seed, basis=basis(record.about),
    )  # fmt: skip


def marks_in_words(record: Capacity) -> tuple[str, ...]:
    """Return the labels of the demand of the base year and of the last."""
    texts = tuple(_("{mark} ({year})", mark=number(mark.registrations), year=mark.year) for mark in record.outer_marks)
    if len(record.marks) > MARKS or len(texts) == 1:
        return texts
    base = texts[0]
    growth = percent(record.growth) if record.growth < 0 else f"+{percent(record.growth)}"
    after = record.marks[1]
    return base, _("{mark} ({year}, {growth} %)", mark=number(after.registrations), year=after.year, growth=growth)


def report(record: Capacity) -> list[Part]:
    """Return all that is printed: what each plan carries, and the levels that were judged."""
    parts: list[Part] = [record.name, finding(record), subtitle(record), "", _plans(record)]
    if len(record.marks) > MARKS:
        parts.append(_years(record))
    parts += [_levels(record, plan) for plan in record.plans]
    parts += carried_given(Found(record, ""))
    parts.append(_(
        N_("Chance of any wrong verdict ≤ {error} %, shared among {tests} demands. Staff cost, overtime included: over "
           "{days} working days at the largest demand that HOLDS; if none does, at the judged one nearest to the "
           "plan's own.")
        if record.given_log is None else
        N_("Chance of any wrong verdict ≤ {error} %, shared among {tests} demands, if the fitted values were exact. "
           "Staff cost, overtime included: over {days} working days at the largest demand that HOLDS then."),
        days=span(record.working_days), tests=number(record.about.rule.tests), error=percent(record.about.rule.error),
    ))  # fmt: skip
    if any(math.isinf(step.high) or step.low <= 0 < step.high for step in record.steps):
        parts.append(_(OPEN_ENDS))
    return [*parts, convention(record)] if convention(record) else parts


def _plans(record: Capacity) -> Table:
    heads = [
        _("plan"), _("largest\nthat HOLDS"), _("smallest\nthat FAILS"),
        _("demand passes it\n({growth} % a year)", growth=percent(record.growth)), _("staff cost\n[yuan]"),
        _("demands\njudged"), _("replications"),
    ]  # fmt: skip
    if record.given_log is not None:
        heads[1:3] = [_("95 % interval of\nthe limit: from"), _c("limit interval", "to")]
        heads[3:3] = [_("if the fit\nwere exact"), _("kept there,\ngiven the log")]
    rows: list[tuple[Piece, ...]] = []
    for plan in record.plans:
        none = _c("limit without an end", "open") if plan.drawn else _("none")
        both: list[Piece] = [none if end is None else number(end) for end in (plan.holds, plan.fails)]
        if record.given_log is not None:
            both += [exact_ends(plan), NOTHING if math.isnan(plan.kept) else as_probability(plan.kept)]
        numbers = [number(value) for value in (plan.cost, plan.tests, plan.replications)]
        rows.append((f"{plan.plan}: {plan.title}", *both, months(plan), *numbers))
    return Table(_("Demand that each plan carries, in registrations a year"), tuple(heads), tuple(rows))


def _years(record: Capacity) -> Table:
    """Return which plans carry the demand of which year."""
    heads = (_("year"), _("registrations\na year"), *(plan.plan for plan in record.plans))
    rows: list[tuple[Piece, ...]] = []
    for mark in record.marks:
        verdicts = [
            _(given.CHANCES[verdict]) if plan.drawn else as_verdict(verdict)
            for plan in record.plans for verdict in [record.verdict_in(plan, mark)]
        ]  # fmt: skip
        rows.append((str(mark.year), number(mark.registrations), *verdicts))
    title = _("Year by year, with {growth} % growth a year", growth=percent(record.growth))
    note = _(
        "By what holds and fails, more demand being no better. {verdict}: between the two, or beyond what was looked "
        "at.",
        verdict=verdict_word("UNDECIDED"),
    )  # fmt: skip
    if record.given_log is not None:
        note = _(
            "The probability that the demand is carried, given the log, by the 95 % interval of the limit; left open: "
            "in the interval, or beyond what was looked at."
        )
        return Table(title, heads, tuple(rows), note)
    open_ones = any(record.verdict_in(plan, mark) == "UNDECIDED" for plan in record.plans for mark in record.marks)
    return Table(title, heads, tuple(rows), note if open_ones else "")


def _levels(record: Capacity, plan: PlanBracket) -> Table:
    about_mean = record.target.about_mean
    heads = (_("registrations a year"), estimate_axis(record.target), _("95 % interval"), _("verdict"),
             _("replications"))  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    for level in record.levels_of(plan):
        estimate, low, high = (as_estimate(value, about_mean) for value in (level.estimate, level.low, level.high))
        never = math.isnan(level.estimate) and level.why
        rows.append((
            number(level.registrations), _("cannot finish") if never else estimate, ends(low, high).text,
            as_verdict(level.verdict), number(level.replications),
        ))  # fmt: skip
    return Table(_("Demands judged: {plan}", plan=plan.title), heads, tuple(rows))


def answer(found: Found[Capacity]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, plan = found.record, found.record.plans[0]
    households = _c("brief unit households", "a year")
    own = said("own demand: {own}", own=as_number(plan.own, found.cell("brackets", "own", plan=plan.plan)))
    passes = when(plan) if record.growth > 0 else ""
    note = resting_on(_dates(found, plan), _("passed {when}", when=passes) if passes else "")
    low, high = _("registrations carried"), _("registrations that are too many")
    if plan.drawn:
        low, high = _("low end of the limit (95 % interval)"), _("high end of the limit (95 % interval)")
    figures = (
        KeyFigure(low, _end(found, plan, "holds"), households, own),
        KeyFigure(high, _end(found, plan, "fails"), households, note[0] if note else EMPTY),
    )
    question = Sentence((_("How much demand can be carried?"),))
    told = resting_on(_files(found), *spoken(record)[:2])
    return Answer(plan.title, question, told, (*figures, *figure_given(found)))


def advice(found: Found[Capacity]) -> list[Advice]:
    """Return when growth passes what the plan carries."""
    text = paragraph(resting_on(_files(found), *spoken(found.record), convention(found.record)))
    return [Advice(_("Growth"), text)]


def because(found: Found[Capacity]) -> Sentence:
    """Return up to where the plan of a run carries demand, and when growth passes that, as a clause."""
    record, plan = found.record, found.record.plans[0]
    clauses = given.CLAUSES if plan.drawn else CLAUSES
    if _kind(plan) not in clauses:
        return EMPTY
    clause = said(clauses[_kind(plan)], **{end: _end(found, plan, end) for end in ("holds", "fails")})
    passes = when(plan) if record.growth > 0 else ""
    if not passes:
        return clause
    return joined(
        [
            clause,
            said(
                N_(", and growth of {growth} % a year passes it {when}")
                if plan.drawn
                else N_(", which growth of {growth} % a year passes {when}"),
                growth=as_percent(record.growth, found.fact("growth")),
                when=Sentence((passes,), _dates(found, plan)),
            ),
        ]
    )


def _next_year(record: Capacity) -> str:
    """Return whether the demand of the next year is carried, and by the cheapest of which plans."""
    if record.given_log is not None:
        return given.next_given(record)
    mark, first = record.marks[1], record.plans[0]
    values = {"mark": number(mark.registrations), "year": mark.year}
    if len(record.plans) == 1:
        return _(CARRIES[record.verdict_in(first, mark)], **values)
    able = record.carrying
    if not able:
        return _("None of the {all} plans is shown to carry the {mark} of {year}.", all=len(record.plans), **values)
    best = able[0]
    if best is first:
        return _("The cheapest of the plans shown to carry the {mark} of {year} is {plan} itself.", plan=best.title,
                 **values)  # fmt: skip
    reached = when(best) if record.growth > 0 else ""
    more = best.cost - first.cost
    return _(
        "The cheapest of the plans shown to carry the {mark} of {year} is {plan}: it holds up to {holds}{when}, for "
        "{cost} yuan of staff cost {more} than {first}, each at the demand that it carries.",
        plan=best.title, first=first.title,
        holds=number(best.holds or 0), when=_(", a demand that is passed {when}", when=reached) if reached else "",
        cost=number(abs(more)), more=_("less") if more < 0 else _("more"), **values,
    )  # fmt: skip


def _files(found: Found[Capacity]) -> Sequence[str]:
    return found.files("brackets", "steps")


def _dates(found: Found[Capacity], plan: PlanBracket) -> tuple[str, ...]:
    return tuple(found.cell("brackets", name, plan=plan.plan) for name in ("breaks_from", "breaks_to"))


def _end(found: Found[Capacity], plan: PlanBracket, end: str) -> Traced:
    return as_number(getattr(plan, end), found.cell("brackets", end, plan=plan.plan))


def _kind(plan: PlanBracket) -> tuple[bool, bool]:
    return plan.holds is not None, plan.fails is not None


def _ends(plan: PlanBracket) -> dict[str, str]:
    values = {"holds": plan.holds, "fails": plan.fails, "lowest": plan.lowest, "highest": plan.highest}
    return {name: "" if value is None else number(value) for name, value in values.items()}


def _month(day: date | None) -> str:
    return "" if day is None else month_name(day)
