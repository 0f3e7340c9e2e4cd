"""The cheapest roster in tables, and what a briefing says of it."""

from __future__ import annotations

import math

from sim.present.names import named, verdict_word
from sim.present.numbers import NOTHING, number, percent, plain, share, writer
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    Traced,
    as_estimate,
    as_number,
    as_verdict,
    as_yuan,
    ends,
    paragraph,
    resting_on,
    said,
)
from sim.present.targets import estimate_axis
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, KeyFigure, Section
from sim.studies.staff.log_sentences import carried_given, figure_given, is_surer, kept_given, sure_given
from sim.studies.staff.mending import remedies_table
from sim.studies.staff.records import (
    EVERYBODY,
    OWN,
    PLAN,
    TARGET,
    CertificateTest,
    CheapestRoster,
    Interval,
    people_in,
)
from sim.studies.staff.sentences import (
    condition,
    counts,
    demand_of,
    finding,
    name_of_plan,
    plan_name,
    promise,
    spoken,
    subtitle,
)
from sim.text import N_, _, _c, _n

WITH = {
    (False, False): N_("with overtime"),
    (False, True): N_("with overtime and the pools left as they are"),
    (True, False): N_("with overtime and measures"),
    (True, True): N_("with overtime, measures and the pools left as they are"),
}
"""What is not in the planned cost, by whether there are measures that cost something, and pools that are left."""
ROSTER = "staffing"
"""Name of the chart that is shown beside who works when."""
NEAREST = 8
"""Neighbours shown; what holds or is too close is shown in any case."""


def short(record: CheapestRoster) -> str:
    """Return the cost of the roster in figures that need no words: ``1,709,385``."""
    return number(record.cost)


def report(record: CheapestRoster) -> list[Part]:
    """Return all that is printed: roster, costs, certificate, what the search took."""
    found = Found(record, "")
    given = [each for each in (kept_given(found), sure_given(found)) if each.pieces]
    parts: list[Part] = [record.name, finding(record), *given, subtitle(record), ""]
    if record.plan is not None:
        parts += [_roster(record), _costs(record)]
    if record.kept:
        names = _c("comma", ", ").join(named("pool", pool) for pool in record.kept)
        parts.append(_("Left as they are, and not in the planned cost: {pools}.", pools=names))
    if record.years:
        parts += ["", _years(record)]
    if record.remedies:
        parts += ["", remedies_table(record)]
    parts += ["", _plans(record)]
    if record.neighbours:
        verdicts = _c("comma", ", ").join(f"{verdict_word(v)} {n}" for v, n in counts(record.neighbours).items())
        parts += [
            _("Cheaper neighbours, one person or part of a shift less: {found}. Nearest to the line:", found=verdicts),
            _nearest(record),
        ]
    parts += [_spent(record), *_gap(record), *carried_given(found)]
    if record.folder is not None and record.staffed is not None:
        parts.append(_("To run it: {file}", file=record.folder / record.staffed_file))
    if record.folder is not None and record.surely_staffed is not None and is_surer(record):
        file = record.folder / f"{record.surely_staffed['name']}.yaml"
        parts.append(_("To run the one that is surer: {file}", file=file))
    return parts


def _roster(record: CheapestRoster) -> Table:
    heads = (_("staff"), _("shift"), _("hours"), _("days"), _("people"), _("hours a week\nof one"), _("cost\n[yuan]"))
    rows: list[tuple[Piece, ...]] = []
    parts = []
    for pool in record.pools:
        lines = record.lines_of(pool)
        for place, line in enumerate(lines):
            rows.append((
                "" if place else named("pool", pool), line.title, line.hours.replace("-", "–"),
                line.days or _("every working day"), number(line.people), plain(line.hours_a_week), number(line.cost),
            ))  # fmt: skip
        if len(lines) > 1:
            cost = sum(line.cost for line in lines)
            rows.append(("", _c("all", "all"), "", "", number(people_in(lines)), "", number(cost)))
        parts.append(len(rows) - 1)
    rows.append((_c("all", "all"), "", "", "", number(people_in(record.roster)), "", number(record.cost)))
    return Table(_("Roster"), heads, tuple(rows), total=1, wide=frozenset({1, 2, 3}), parts=frozenset(parts[:-1]))


def _years(record: CheapestRoster) -> Table:
    """Return the table of the years: what each takes by itself, and what the roster above comes to in it."""
    about_mean = record.target.statistic == "mean"
    rows: list[tuple[Piece, ...]] = []
    for each in record.years:
        own = (NOTHING, NOTHING) if each.cost is None else (number(each.people or 0), number(each.cost))
        found = (NOTHING, NOTHING) if each.estimate is None or each.low is None or each.high is None else (
            writer(about_mean)(each.estimate),
            ends(as_estimate(each.low, about_mean), as_estimate(each.high, about_mean)).text,
        )  # fmt: skip
        verdict = as_verdict(each.verdict) if each.verdict else NOTHING
        rows.append((str(each.year), number(each.registrations), *own, *found, verdict))
    heads = (
        _("year"), _("registrations"), _("people, cheapest\nfound for it"), _("cost of that\n[yuan]"),
        _("with the roster\nabove"), _("interval"), _("verdict"),
    )  # fmt: skip
    title = _(
        "{demand} (intervals of at least {level} %)", demand=_(demand_of(record), growth=share(abs(record.growth))),
        level=percent(1 - record.about.rule.error),
    )  # fmt: skip
    return Table(title, heads, tuple(rows))


def _costs(record: CheapestRoster) -> str:
    assert record.plan is not None
    return _(
        "Planned cost over {days} working days: {cost} yuan, scenario's plan {own} yuan; {what} {with_overtime}, "
        "scenario's plan {own_with_overtime}.", days=record.working_days, cost=number(record.cost),
        own=number(record.own.cost), with_overtime=_interval(record.plan.with_overtime),
        own_with_overtime=_interval(record.own.with_overtime),
        what=_(WITH[bool(record.scenario.get("costs")), bool(record.kept)]),
    )  # fmt: skip


def _interval(cost: Interval) -> str:
    if math.isnan(cost.mean):
        return _("cannot finish")
    if cost.low <= cost.high:
        return _("{mean} yuan ({low}–{high})", mean=number(cost.mean), low=number(cost.low), high=number(cost.high))
    return _("{mean} yuan", mean=number(cost.mean))


def _plans(record: CheapestRoster) -> Table:
    """Return the table of the plan, and of the present one, against each requirement."""
    level, tests = percent(record.confidence), sum(test.plan >= 0 for test in record.last_round)
    title = (
        _n("Certificate on fresh years, round {round}: interval of {level} %",
           "Certificate on fresh years, round {round}: intervals of {level} % for all {tests} tests at once",
           tests, round=record.rounds, level=level, tests=tests)
        if record.rounds
        else _("On fresh years: intervals of {level} % for all these tests at once", level=level)
    )  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    parts = []
    for plan in (PLAN, EVERYBODY, OWN):
        for place, test in enumerate(record.of(plan)):
            rows.append(("" if place else plan_name(record, test, False), *_cells(record, test)))
        parts.append(len(rows) - 1)
    return Table(title, (_("plan"), *_heads()), tuple(rows), wide=frozenset({1}), parts=frozenset(parts[:-1]))


def _nearest(record: CheapestRoster) -> Table:
    """Return the table of the neighbours that are nearest to the line."""
    tests = record.nearest[: max(NEAREST, sum(test.verdict != "FAILS" for test in record.neighbours))]
    cost = record.of(PLAN)[0].cost
    rows = [(plan_name(record, test, True), number(cost - test.cost), *_cells(record, test)) for test in tests]
    heads = (_("plan"), _("saves [yuan]"), *_heads())
    return Table(_("Nearest neighbours"), heads, tuple(rows), wide=frozenset({2}))


def _heads() -> tuple[str, ...]:
    return _("held against"), _("promised"), _("estimate"), _("interval"), _("verdict"), _("replications")


def _cells(record: CheapestRoster, test: CertificateTest) -> tuple[Piece, ...]:
    show = writer(test.about_mean)
    held_against = (
        estimate_axis(record.target)
        if test.requirement == TARGET
        else _("{stage}: served, not given up", stage=named("stage", test.requirement))
    )
    return (
        held_against,
        _(N_("≤ {value}") if test.about_mean else N_("≥ {value}"), value=promise(test)),
        _("cannot finish") if math.isnan(test.estimate) else show(test.estimate),
        ends(as_estimate(test.low, test.about_mean), as_estimate(test.high, test.about_mean)).text,
        as_verdict(test.verdict),
        number(test.replications),
    )


def _spent(record: CheapestRoster) -> str:
    spent = record.spent
    return _(
        "Search: {start} replications for the start, {search} for {plans} plans, {certificate} for the certificate; "
        "{all} in all. A grid over the same bounds has up to {grid} plans, {ratio} times the replications.",
        start=number(spent.start), search=number(spent.search), plans=number(spent.plans),
        certificate=number(spent.certificate), all=number(record.replications), grid=_large(spent.grid_plans),
        ratio=_large(spent.grid_replications / max(record.replications, 1)),
    )  # fmt: skip


def _large(value: float) -> str:
    """Return a number that may be beyond all bounds: 1,200, or 2.8e36."""
    return number(value, 0 if value >= 10 else 1) if value < 1e9 else f"{value:.1e}".replace("e+", "e")


def _gap(record: CheapestRoster) -> list[str]:
    if record.told_bound <= 0 or record.plan is None:
        return []
    gap = max(1 - record.bound / record.cost, 0.0) if record.cost else 0.0
    return [_(
        "On the years of the search no roster of these shifts clearly holds below {bound} yuan (gap {gap}), "
        "{provided}.", bound=number(math.floor(record.bound + 1e-6)), gap=share(gap), provided=condition(record),
    )]  # fmt: skip


def answer(found: Found[CheapestRoster]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, told = found.record, spoken(found.record)
    fresh = 1 if record.plan is None or record.given_log is not None else 2 + (record.sure is not None)
    # The first sentence, and what came of the roster on fresh years; without one, what comes of the scenario's plan.
    chosen = resting_on(_files(found), told[0], told[fresh])
    question = Sentence((_("What is the cheapest roster that keeps the target?"),))
    if record.plan is None:
        return Answer(record.title, question, chosen)
    (target,) = [test for test in record.of(PLAN) if test.requirement == TARGET]
    where = {"round": target.round, "plan": PLAN, "requirement": TARGET}
    estimate = as_estimate(target.estimate, target.about_mean, found.cell("certificate", "estimate", **where))
    with_roster = N_("{clock} with this roster") if target.about_mean else N_("in time with this roster")
    figures = (
        KeyFigure(
            _("people on the roster"), as_number(record.plan.people, found.fact("plan.people")),
            _c("brief unit people", "people"),
            said("scenario's plan: at least {people}", people=as_number(record.own.people, found.fact("own.people"))),
        ),
        KeyFigure(
            _("planned cost in {days} working days", days=number(record.working_days)),
            as_yuan(record.cost, found.fact("plan.cost")), _("yuan"),
            said("scenario's plan: {cost} yuan", cost=as_yuan(record.own.cost, found.fact("own.cost"))),
        ),
        KeyFigure(
            _(with_roster, clock=named("clock", record.target.clock)), estimate,
            _("min") if target.about_mean else "", EMPTY,
        ),
        *figure_given(found),
    )  # fmt: skip
    return Answer(record.title, question, chosen, figures)


def section(found: Found[CheapestRoster]) -> Section:
    """Return a part of a briefing: all sentences, who works when, and what that costs."""
    record = found.record
    heading = _("Staff and cost: {title}", title=record.title)
    table = None if record.plan is None else _who_works_when(found)
    return Section(heading, resting_on(_files(found), *spoken(record)), table, "" if record.plan is None else ROSTER)


def _who_works_when(found: Found[CheapestRoster]) -> Table:
    record, between = found.record, _c("brief shifts and", "; ")
    rows: list[tuple[Piece, ...]] = []
    for pool in record.pools:
        if lines := record.lines_of(pool):
            people = found.cell("staffing", "people", pool=pool)
            shifts = between.join(
                _c("brief shift", "{people} × {shift}", people=line.people, shift=line.title) for line in lines
            )
            cost = as_yuan(sum(line.cost for line in lines), found.cell("staffing", "cost", pool=pool))
            said_shifts, number_on = Traced(shifts, shifts, people), as_number(people_in(lines), people)
            rows.append((named("pool", pool), said_shifts, number_on, cost))
    for label, whose, plan in ((_c("all", "all"), "plan", record.plan), (_("scenario's plan"), "own", record.own)):
        if plan is not None:
            cost = as_yuan(plan.cost, found.fact(f"{whose}.cost"))
            rows.append((label, "", as_number(plan.people, found.fact(f"{whose}.people")), cost))
    heads = (_("staff"), _("shifts"), _("people"), _("planned cost [yuan]"))
    note = _(
        "Planned cost over {days} working days, without overtime. People of the scenario's plan: at least, as many as "
        "are on duty at once.", days=record.working_days,
    )  # fmt: skip
    return Table(_("Who works when"), heads, tuple(rows), note, total=2, wide=frozenset({1}))


def advice(found: Found[CheapestRoster]) -> list[Advice]:
    """Return what to do: the roster, under the title of its scenario."""
    # With the probability that it keeps the target, where there is one.
    first, *more = spoken(found.record)[: 1 + (found.record.given_log is not None) + (found.record.sure is not None)]
    told = paragraph(resting_on(_files(found), f"{found.record.title}{_(': ')}{first}", *more))
    return [Advice(_("Staff"), told)]


def in_words(record: CheapestRoster, column: str, row: object) -> Piece | None:
    """Return what a workbook shows of a test: names in place of codes, and minutes or shares as such."""
    if not isinstance(row, CertificateTest):
        return None
    value = getattr(row, column)
    if column == "plan":
        return name_of_plan(record, row.plan, row.round)
    if column in ("shift", "to_shift"):
        return record.shift(value) if value else None
    if column == "requirement":
        return _("target") if value == TARGET else named("stage", value)
    return as_estimate(value, row.about_mean) if column in ("estimate", "low", "high", "promised") else None


def _files(found: Found[CheapestRoster]) -> tuple[str, ...]:
    return found.files("staffing", "certificate")
