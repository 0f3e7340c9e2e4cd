"""Several runs side by side, in sentences and tables: the main job's overview, and the situations of a briefing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.office.parameters import shift_counts
from sim.office.scenario import scenario_from_dict
from sim.present.names import named, together
from sim.present.numbers import minutes, number, percent, plain, share, span
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    Traced,
    as_minutes,
    as_number,
    as_percent,
    as_share,
    as_verdict,
    ends,
    joined,
    said,
)
from sim.present.terminal import terminal_width
from sim.studies.base import Advice, Found
from sim.studies.run.overview import NAME, OverviewRow
from sim.studies.run.records import Run
from sim.studies.run.sentences import estimate, mean_of
from sim.text import N_, _, language

NARROW, SLIM = 138, 110
"""Columns; a narrower terminal is shown the scenarios' names instead of their titles, then fewer figures."""
MOST_NAMED = 5
"""Situations named one by one."""
OTHER = {"HOLDS": N_("the other situation keeps its target"), "FAILS": N_("the other situation misses its target")}


def finding(rows: Sequence[OverviewRow]) -> str:
    """Return in how many scenarios the target holds, and in how many not."""
    verdicts = [row.verdict for row in rows]
    found = _(
        "The target holds in {holds} of {all} scenarios, fails in {fails}",
        holds=verdicts.count("HOLDS"), fails=verdicts.count("FAILS"), all=len(rows),
    )  # fmt: skip
    if close := verdicts.count("TOO CLOSE"):
        found += _(", is too close to call in {close}", close=close)
    if undecided := verdicts.count("UNDECIDED"):
        found += _(", is undecided in {undecided}", undecided=undecided)
    return found


def overview_table(rows: Sequence[OverviewRow]) -> Table:
    """Return the table of verdicts at the end of the main job, of at least one scenario."""
    title = _(
        "Does the target hold? {replications} replications a scenario, seed {seed}",
        replications=span(row.replications for row in rows), seed=rows[0].seed,
    )  # fmt: skip
    within = _("within\ntarget")
    if len({row.target_minutes for row in rows}) == 1:
        within = _("within\n{minutes} min", minutes=plain(rows[0].target_minutes))
    heads = (
        _("scenario"), _("regis-\ntrations\na day"), _("working\ndays"), _("mean\nlicence\n[min]"), _("95 % interval"),
        _("verdict"), within, _("staff-\nhours\na day"), _("yuan a\ncase"), _("most waiting\n[min a\nlicence]"),
    )  # fmt: skip
    titled = terminal_width() >= NARROW
    cells: list[tuple[Piece, ...]] = [
        (
            row.title if titled else row.scenario, number(row.registrations_per_day), number(row.working_days),
            minutes(row.licence_mean), ends(as_minutes(row.licence_low), as_minutes(row.licence_high)).text,
            as_verdict(row.verdict), share(row.within), number(row.staff_hours_per_day), number(row.cost_per_case, 1),
            _tightest(row),
        )
        for row in rows
    ]  # fmt: skip
    if terminal_width() < SLIM:
        told = (0, 3, 4, 5, 6, 9)
        few = tuple(tuple(row[place] for place in told) for row in cells)
        return Table(title + _("; in a wider window there are more columns"), tuple(heads[at] for at in told), few)
    return Table(title, heads, tuple(cells))


def _tightest(row: OverviewRow) -> str:
    if row.cannot_finish:
        return _("cannot finish")
    # In English the stages' own names, which are short.
    stage = named("stage", row.tightest_stage) if language() == "zh" else row.tightest_stage
    return f"{stage} {minutes(row.tightest_wait)}"


def situations(runs: Sequence[Found[Run]], beside: Mapping[str, OverviewRow]) -> Table:
    """Return verdict and figures of all scenarios, for a briefing.

    Parameters
    ----------
    runs : sequence of Found
        At least one.
    beside : dict of name to OverviewRow
        Those of the main job's table that are of these runs.
    """
    about_mean = all(run.record.target.about_mean for run in runs)
    levels = {run.record.confidence for run in runs}
    one_level = len(levels) == 1
    heads = [
        _("situation"), _("verdict"), _("mean licence time [min]") if about_mean else _("figure of the target"),
        _("{level} % interval", level=percent(next(iter(levels)))) if one_level else _("interval"),
        _("within the target's minutes"),
    ]  # fmt: skip
    if beside:
        heads += [_("registrations a working day"), _("cost a case [yuan]")]
    rows = tuple(_situation(run, beside, one_level) for run in runs)
    title = _("The target is kept in {holds} of {all} situations and missed in {fails}", **_counts(runs))
    note = [_("Planned staff as in the first.")]
    duties = [_on_duty(run) for run in runs]
    if otherwise := [run.record.title for run, duty in zip(runs, duties, strict=True) if duty != duties[0]]:
        note = [_("Planned staff as in the first, but for: {titles}.", titles=_("; ").join(otherwise))]
    if beside:
        note.append(_("Cost: of staff with overtime and of measures, a case of whatever business."))
    note.append(
        _("All intervals and verdicts hold together.")
        if _one_family(runs)
        else _("Each interval and verdict holds by itself, not all of them together.")
    )
    return Table(title, tuple(heads), rows, together(note), wide=frozenset({1}))


def _on_duty(run: Found[Run]) -> dict[str, bytes]:
    """Return by pool what tells how many are on duty when, if nobody is on leave or absent."""
    # What it is called makes no difference.
    scenario = scenario_from_dict({**run.record.scenario, "title": {"en": "office", "zh": "office"}})
    return {name: shift_counts(pool, scenario.staff.midday).tobytes() for name, pool in scenario.pools.items()}


def _situation(run: Found[Run], beside: Mapping[str, OverviewRow], one_level: bool) -> tuple[Piece, ...]:
    record = run.record
    mean, low, high = estimate(run)
    if not record.has_figures:
        mean = Traced(_("cannot finish"), None, run.fact("unfinished"))
    interval = ends(low, high)
    if not one_level and interval.sources:
        level = as_percent(record.confidence, run.fact("confidence"))
        interval = said("{interval} ({level} %)", interval=interval, level=level)
    within = mean_of(run, as_share, record.target.clock, "within")
    verdict = as_verdict(record.verdict, run.fact("verdict"))
    row: list[Piece] = [record.title, verdict, mean, interval.as_piece, within]
    if beside:
        told = beside.get(record.name)
        for name, digits in (("registrations_per_day", 0), ("cost_per_case", 1)):
            value = math.nan if told is None else getattr(told, name)
            row.append(as_number(value, f"{NAME}.parquet#{name}[scenario={record.name}]", digits))
    return tuple(row)


def _one_family(runs: Sequence[Found[Run]]) -> bool:
    """Return whether runs were judged by one rule that bounds the error of all their verdicts at once."""
    rule = runs[0].record.about.rule
    return rule.tests >= len(runs) and all(run.record.about.rule == rule for run in runs)


def _counts(runs: Sequence[Found[Run]]) -> dict[str, int]:
    verdicts = [run.record.verdict for run in runs]
    return {"all": len(runs), "holds": verdicts.count("HOLDS"), "fails": verdicts.count("FAILS")}


def others(runs: Sequence[Found[Run]]) -> Sentence:
    """Return how many of the other scenarios keep the target, as a clause of the answer on one."""
    if not runs:
        return EMPTY
    text = _("the target is kept in {holds} of {all} other situations and missed in {fails}", **_counts(runs))
    if len(runs) == 1:
        verdict = runs[0].record.verdict
        text = _(OTHER[verdict]) if verdict in OTHER else _("the other situation is open")
    return Sentence((text,), tuple(run.fact("verdict") for run in runs))


def watch(runs: Sequence[Found[Run]]) -> Advice | None:
    """Return which other situations break the target, the worst first; None if none does."""
    failing = [run for run in runs if run.record.verdict == "FAILS"]
    if not failing:
        return None
    ranked = sorted(failing, key=lambda run: -run.record.target.badness(run.record.estimate))
    names = []
    for run in ranked[:MOST_NAMED]:
        about_mean = run.record.target.about_mean and math.isfinite(run.record.estimate)
        value = as_minutes(run.record.estimate, run.fact("estimate"))
        title = run.record.title
        names.append(said("{title}, {minutes} min", title=title, minutes=value) if about_mean else Sentence((title,)))
    if len(ranked) > MOST_NAMED:
        names.append(Sentence((_("{number} more", number=len(ranked) - MOST_NAMED),)))
    return Advice(_("Prepare for"), said("These situations break the target: {names}.", names=joined(names, _("; "))))
