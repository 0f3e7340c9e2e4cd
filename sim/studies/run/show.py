"""What a run found, in sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.present.assumptions import measure_first
from sim.present.basis import basis, grounds_of, sources_line
from sim.present.names import left_over, named, verdict_word
from sim.present.numbers import in_hours, minutes, number, percent, plain, share, waiting, writer
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    as_minutes,
    as_number,
    as_share,
    as_verdict,
    ends,
    paragraph,
    said,
)
from sim.present.targets import against_target, by_target, traced_target
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, Grounds, KeyFigure, NativeChart
from sim.studies.run.codes import in_words as in_words  # of what a study says, too
from sim.studies.run.log_sentences import in_the_log, kept_given, probability
from sim.studies.run.records import Figure, Run
from sim.studies.run.sentences import answered, estimate, hanging, looked_at, mean_of, premises, reach
from sim.text import N_, _, _c, _n

SHOWN_CLOCKS = ("licence", "touch", "door_to_door", "journey")
NOT_YET = N_(
    "no verdict yet although the interval is clear of the target: the years are too skewed, too much alike or their "
    "demand too uncertain for so few, or too few of the outages were seen"
)
NOT_OURS = N_(
    "The scenario as it is lies on one side of the target and most of the offices with what the log does not show "
    "anywhere in its range on the other: that is no verdict on this office."
)
NOT_SURE = N_(
    "no verdict although the interval is clear of the target: from {offices} offices it is not known well enough that "
    "the probability is beyond 97.5 %"
)
CONTROLLED = N_(
    "the estimate above is adjusted to as many outages and absences as are expected; the figures below are not adjusted"
)
MOST_FIGURES = 4
"""That a slide has room for."""
QUESTIONS = {
    "mean": N_("Is the mean {clock} at most {minutes} minutes?"),
    "share": N_("Are at least {level} done within {minutes} minutes ({clock})?"),
    "percentile": N_("Is P{percent} of the {clock} at most {minutes} minutes?"),
}
PROMISE = N_("Is the promise of {minutes} minutes on average kept?")
"""The question that the article is about: the mean licence time."""


def short(record: Run) -> str:
    """Return the verdict."""
    return verdict_word(record.verdict)


def finding(record: Run) -> str:
    """Return the verdict and its reason: ``HOLDS: the mean licence time is 4.97 min; ...``."""
    return verdict_word(record.verdict) + _(": ") + reason(record)


def reason(record: Run) -> str:
    """Return the estimate against the target."""
    if not record.has_figures:
        return _("the office cannot finish its cases")
    if math.isinf(record.estimate):
        promised = plain(record.target.minutes)
        return _("some applicants never get a licence; the target is {minutes} min", minutes=promised)
    return against_target(record.estimate, record.target)


def interval(record: Run) -> str:
    """Return the interval and what it is, or why there is none."""
    if record.unfinished is not None:
        return str(left_over(record.unfinished))
    if math.isinf(record.estimate):
        return _("no interval: at least one licence time is infinite")
    if record.given_log is not None:
        return _given_interval(record)
    if math.isnan(record.low) or math.isnan(record.high):
        return _(
            "no interval from so few replications ({replications}), so no verdict",
            replications=number(record.replications),
        )
    show, tests = writer(record.target.about_mean), record.about.rule.tests
    values = {
        "level": percent(record.confidence),
        "low": show(record.low),
        "high": show(record.high),
        "replications": number(record.replications),
    }
    if tests > 1:
        return _(
            "{level} % interval {low} – {high} after {replications} replications, valid at every look and for all "
            "{tests} verdicts at once", tests=tests, **values,
        )  # fmt: skip
    return _("{level} % interval {low} – {high} after {replications} replications, valid at every look", **values)


def _given_interval(record: Run) -> str:
    show, level = writer(record.target.about_mean), percent(record.confidence)
    if math.isnan(record.low):
        return _("no interval given the log: in at least one of the years in which it was played beside others, the "
                 "fitted office cannot finish its cases, or somebody never gets the licence")  # fmt: skip
    if math.isnan(record.high):
        return _("{level} % interval from {low} up, without an end: it carries what the log leaves open", level=level,
                 low=show(record.low))  # fmt: skip
    return _("{level} % interval {low} – {high}: it carries the chance of the years and what the log leaves open",
             level=level, low=show(record.low), high=show(record.high))  # fmt: skip


def source(record: Run) -> str:
    """Return the line at the bottom of a chart."""
    return _n(
        "Simulation: {number} replication, {days} working days, seed {seed}. {basis}",
        "Simulation: {number} replications, {days} working days, seed {seed}. {basis}",
        record.replications, days=record.working_days, seed=record.about.seed, basis=basis(record.about),
    )  # fmt: skip


def report(record: Run) -> list[Part]:
    """Return all that is printed."""
    head = Sentence((as_verdict(record.verdict), _(": ") + reason(record)))
    found = Found(record, "")
    given = [kept_given(found)] if record.given_log is not None else []
    parts: list[Part] = [f"{record.name}: {record.title}", head, *given, interval(record), *premises(found)]
    if record.held_back:
        parts.append(why_held_back(record))
    if record.controlled and record.has_figures:
        parts.append(_(CONTROLLED))
    if record.has_figures:
        parts += ["", _clocks(record), _groups(record), _stages(record), _pools(record), *_lines(record)]
    return [*parts, sources_line(record.sources, record.about.fitted)]


def why_held_back(record: Run) -> str:
    """Return why there is no verdict although the interval is clear of the target."""
    if record.given_log is None:
        return _(NOT_YET)
    if record.given_log.assumed and not record.low <= record.estimate <= record.high:
        return _(NOT_OURS)
    return _(NOT_SURE, offices=number(record.given_log.offices))


def spoken(record: Run) -> list[str]:
    """Return nothing: the report begins with what can be read aloud."""
    return []


def _clocks(record: Run) -> Table:
    rows = tuple((named("clock", clock), *_times(record, clock)) for clock in SHOWN_CLOCKS)
    note = "" if record.given_log is None else _("Intervals in the tables: the chance of the simulated years alone.")
    return Table(_("Times of registrations, in minutes"), (_("time"), *_heads(record)), rows, note)


def _groups(record: Run) -> Table:
    rows: list[tuple[Piece, ...]] = []
    parts: list[int] = []
    for by in ("class", "channel"):
        for group in record.groups("licence", by):
            cases = number(record.figure("cases", "submitted", by, group).mean)
            rows.append((named(by, group), cases, *_times(record, "licence", by, group)))
        parts.append(len(rows) - 1)
    heads = (_("class, channel"), _("cases"), *_heads(record))
    return Table(_("Licence time by class and channel, in minutes"), heads, tuple(rows), parts=frozenset(parts))


def _heads(record: Run) -> tuple[str, ...]:
    within = _("within {minutes} min", minutes=plain(record.target.minutes))
    return _("mean"), _("95 % interval"), _("P50"), _("P90"), _("P95"), within


def _times(record: Run, clock: str, by: str = "", group: str = "") -> tuple[Piece, ...]:
    figure = record.figure(clock, "mean", by, group)
    own = not by and clock == record.target.clock and not record.controlled
    if own and record.target.about_mean:
        # The verdict's own figure, a mean of licences; one of years is a little different.
        years = record.given_log or record
        figure = Figure(record.estimate, years.low, years.high)
    mean, low, high = map(as_minutes, figure)
    quantiles = (as_minutes(record.figure(clock, level, by, group).mean) for level in ("P50", "P90", "P95"))
    within = as_share(record.figure(clock, "within", by, group).mean)
    if own and not record.target.about_mean:
        within = as_share(record.estimate)
    hours = in_hours(figure.mean)
    told = mean if not hours else _("{minutes} ({hours} h)", minutes=mean.text, hours=hours)
    return told, ends(low, high).text, *quantiles, within


def _stages(record: Run) -> Table:
    heads = (
        _("stage"), _("mean wait\n[min]"), _("P90 wait\n[min]"), _("gave up"), _("mean\nqueue"),
        _("longest in\ncounted hours"), _("service\n[min]"),
    )  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    for stage in (each.name for each in record.stages):
        if not record.figure("visits", "number", "stage", stage).mean:
            continue

        def figure(subject: str, statistic: str, stage: str = stage) -> float:
            return record.figure(subject, statistic, "stage", stage).mean

        rows.append((
            named("stage", stage), minutes(figure("wait", "mean")), minutes(figure("wait", "P90")),
            share(figure("gave up", "share")), number(figure("queue", "mean"), 2), _longest(record, stage),
            minutes(figure("service", "mean")),
        ))  # fmt: skip
    return Table(_("Stages"), heads, tuple(rows))


def _longest(record: Run, stage: str) -> str:
    time, queue = record.peak(stage)
    shown = waiting(queue)
    return _("{number} at {time}", number=shown, time=time) if shown != "0.0" else shown


def _pools(record: Run) -> Table:
    heads = (_("staff"), _("people"), _("utilisation"), _("staff-hours"), _("overtime [h]"), _("cost [yuan]"))
    rows: list[tuple[Piece, ...]] = []
    overtime, everybody, leave = 0.0, 0, set()
    for pool in record.pools:
        of_pool = [record.figure("staff", name, "pool", pool).mean for name in ("staff hours", "overtime", "cost")]
        overtime += of_pool[1]
        utilisation = share(record.figure("staff", "utilisation", "pool", pool).mean)
        # Who is called in from other work is one of those before him already.
        known = record.scenario["staff"].get(pool)
        people = 0 if known is None else _people(known)
        if known and known["at_once"] > 1:
            utilisation = _("{share} of {cases} at once", share=utilisation, cases=known["at_once"])
        # Whom nobody comes to is not on the staff of this office.
        if not any(of_pool):
            continue
        everybody += people
        leave |= {known["leave"]} if known else set()
        rows.append((named("pool", pool), number(people) if known else "", utilisation, *map(number, of_pool)))
    hours, cost = (number(record.figure("staff", name).mean) for name in ("staff hours", "cost"))
    if record.scenario["costs"]:
        rows.append((_("measures"), "", "", "", "", number(record.figure("staff", "measures").mean)))
    rows.append((_c("all", "all"), number(everybody), "", hours, number(overtime), cost))
    note = ""
    if max(leave, default=0):
        away = share(max(leave)) if len(leave) == 1 else _("up to {share}", share=share(max(leave)))
        note = _("Of the people {share} are on leave on a day: hours are without it, the cost is with it (it is paid).",
                 share=away)  # fmt: skip
    return Table(_("Staff, over {days} working days", days=record.working_days), heads, tuple(rows), note, total=1)


def _people(pool: Mapping[str, Any]) -> int:
    """Return how many people a pool has: those of its roster, or of its plan the most at any time."""
    if pool["roster"]:
        return sum(line["people"] for line in pool["roster"])
    return max((most for plan in (pool["plan"], *pool["on"].values()) for most in plan.values()), default=0)


def _lines(record: Run) -> list[str]:
    total, licensed, lost, never = (
        number(record.figure("cases", name).mean)
        for name in ("in", "licensed", "lost after submission", "never submitted")
    )
    return [
        _(
            "Cases in {total} = licensed {licensed} + lost after submission {lost} + never submitted {never}",
            total=total, licensed=licensed, lost=lost, never=never,
        ),
        by_target(
            record.target,
            N_("Days of a year on which the mean {clock} is at most {minutes} min: {share}; mean licence time of a "
               "year's worst day, on average: {worst} min"),
            N_("Days of a year on which at least {level} % are within {minutes} min ({clock}): {share}; mean licence "
               "time of a year's worst day, on average: {worst} min"),
            clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
            level=percent(record.target.level), share=share(record.figure("days", "keeping the target").mean),
            worst=minutes(record.figure("days", "worst mean").mean),
        ),
        _("Sent back for correction at least once: {share} of the cases that reviewers see, {all} of all submitted",
          share=share(record.figure("again", "share", "stage", "review").mean),
          all=share(record.figure("again", "of all submitted", "stage", "review").mean)),
    ]  # fmt: skip


def answer(found: Found[Run]) -> Answer:
    """Return question, verdict and numbers to remember of a briefing about this."""
    record = found.record
    verdict = as_verdict(record.verdict, found.fact("verdict"))
    beside = premises(found, reached=False)
    return Answer(
        record.title, _question(found), tuple(each for each in (answered(found), kept_given(found)) if each.pieces),
        _key_figures(found), verdict, _about(found),
        paragraph(beside) if beside else None, reach(found),
    )  # fmt: skip


def advice(found: Found[Run]) -> list[Advice]:
    """Return nothing: a verdict says whether, not what to do."""
    return []


def because(found: Found[Run]) -> Sentence:
    """Return where the minutes go, as a clause: which stage that counts towards the licence time has most waiting."""
    record = found.record
    if not record.has_figures or math.isinf(record.estimate):
        return EMPTY
    waits = {stage: record.figure("wait", "per licence", "stage", stage).mean for stage in record.counted_stages}
    waits = {stage: wait for stage, wait in waits.items() if wait > 0}
    if not waits:
        return EMPTY
    most = max(waits, key=lambda stage: waits[stage])
    wait = mean_of(found, as_minutes, "wait", "per licence", "stage", most)
    if not _about_licences(record):
        return said(
            "of the waiting that counts towards the licence time, most is at {stage} ({wait} minutes a licence)",
            stage=named("stage", most), wait=wait,
        )  # fmt: skip
    return said(
        "of the mean, {work} min are work, the rest is waiting, most of it at {stage} ({wait} min a licence)",
        work=mean_of(found, as_minutes, "touch", "mean"), stage=named("stage", most), wait=wait,
    )  # fmt: skip


def grounds(found: Found[Run], lead: Found[Run]) -> Grounds:
    """Return what the numbers rest on: where the parameters come from, the staffing, and how the target is read."""
    record = found.record
    # Of a briefing about another run or a sweep, that one says it.
    if found.path != lead.path and hasattr(lead.record, "sources"):
        return Grounds()
    told, table = grounds_of(record.sources, record.about.fitted, record.scenario, "scenario", found.fact)
    seen = looked_at(found)
    check = measure_first([of.parameter for of in seen.record.nearest], seen.files("nearest"))
    looked = seen.record.premises is not None and seen.record.premises.assumptions > 0
    return Grounds((*told, *in_the_log(found)), table, check, hanging(found), looked=looked)


def natives(record: Run) -> dict[str, NativeChart]:
    """Return the licence times as columns."""
    title = _("licence time [min]")
    return {"licence_times": NativeChart("column", title, _("from [min]"), _("cases"), "from_minutes", "cases")}


def _about_licences(record: Run) -> bool:
    return (record.target.statistic, record.target.clock) == ("mean", "licence")


def _question(found: Found[Run]) -> Sentence:
    target = found.record.target
    template = PROMISE if _about_licences(found.record) else QUESTIONS[target.statistic]
    return said(template, clock=named("clock", target.clock), **traced_target(target, found.fact))


def _about(found: Found[Run]) -> Sentence:
    """Return scenario, period and demand."""
    record, days = found.record, as_number(found.record.working_days, found.fact("working_days"))
    if not record.has_figures:
        return said("{title}: {days} working days", title=record.title, days=days)
    cases = mean_of(found, as_number, "cases", "submitted")
    return said("{title}: {cases} registrations in {days} working days", title=record.title, days=days, cases=cases)


def _key_figures(found: Found[Run]) -> tuple[KeyFigure, ...]:
    """Return the estimate, the share in time, what nine of ten take at most, and the days that keep the target."""
    record = found.record
    if not record.has_figures:
        return ()
    clock, clock_name = record.target.clock, named("clock", record.target.clock)
    values, minute = traced_target(record.target, found.fact), _("min")
    share_label = said("within {minutes} minutes", **values).text
    figures = []
    if record.target.about_mean:
        note = said("target: at most {minutes} min", **values)
        figures.append(KeyFigure(_("mean {clock}", clock=clock_name), estimate(found)[0], minute, note))
        note = said("of all licences ({clock})", clock=clock_name)
        figures.append(KeyFigure(share_label, mean_of(found, as_share, clock, "within"), "", note))
    else:
        figures.append(KeyFigure(share_label, estimate(found)[0], "", said("target: at least {level}", **values)))
    note = said("{clock}, P90", clock=clock_name)
    figures.append(KeyFigure(_("nine of ten take at most"), mean_of(found, as_minutes, clock, "P90"), minute, note))
    kept = record.figure("days", "keeping the target").mean
    if not math.isnan(kept) and clock == "licence":
        worst = mean_of(found, as_minutes, "days", "worst mean")
        note = said("a year's worst day, on average: {worst} min", worst=worst)
        label = _("working days with a mean on target")
        if not record.target.about_mean:
            label = _("working days that keep the share")
            note = said("at least {level} within {minutes} minutes; mean of the years", **values)
        figures.append(KeyFigure(label, mean_of(found, as_share, "days", "keeping the target"), "", note))
    if record.given_log is not None:
        days = as_number(record.given_log.days, found.fact("given_log.days"))
        note = said("given a log of {days} working days", days=days)
        figures.insert(1, KeyFigure(_("chance that the target is kept"), probability(found), "", note))
    return tuple(figures[:MOST_FIGURES])
