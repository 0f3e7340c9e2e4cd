"""What a log tells and how the fitted office does: in a report, and in a briefing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sim.present.names import MONTHS, capital, listed, named
from sim.present.numbers import NOTHING, number
from sim.present.sources import unit_in_words
from sim.present.table import Piece, Sentence, Table, Traced, as_number, said
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, Grounds
from sim.studies.calibrate.change_shown import CAUSES, change_report
from sim.studies.calibrate.goodness_shown import PATIENCE_AT, goodness_in_words
from sim.studies.calibrate.log.notes import NOTES, Note
from sim.studies.calibrate.log.report import ASSUMED, DONE, FINDINGS, FileRead, LogFinding
from sim.studies.calibrate.log.steps import STEPS
from sim.studies.calibrate.lying.rules import BY_LOT, LYING, NEWEST_FIRST, OUTSIDE, Gain
from sim.studies.calibrate.patience.endless import NOBODY
from sim.studies.calibrate.records import DEMAND, OF_WEEKS, STARTS, Calibration, Estimate, NotTold
from sim.studies.calibrate.rolling_shown import rolling_report, rolling_spoken
from sim.studies.calibrate.sentences import MEASURES, by_chance, finding, mark_of
from sim.studies.calibrate.sentences import spoken as spoken_of_the_fit
from sim.studies.calibrate.wording import (
    HALL,
    LONGEST_FILE,
    clean,
    compared_in_words,
    day_name,
    estimate_in_words,
    figure_name,
    files_of,
    given,
    naive_in_words,
    range_in_words,
    step_name,
    with_unit,
)
from sim.text import N_, _, _c

__all__ = ["advice", "answer", "finding", "grounds", "in_words", "report", "short", "spoken"]

LONGEST_WORD, LONGEST_NOTE = 24, 400
"""Characters."""
FIELDS = {
    "case": N_("case"), "queued": N_("queued"), "started": N_("started"), "ended": N_("ended"),
    "outcome": N_("outcome"), "server": N_("server"), "date": N_("day"),
    "duration": N_("length of service"), "state": N_("state"),
}  # fmt: skip
UNKNOWN = {
    "queued": N_("times of queueing"), "started": N_("starts of service"), "ended": N_("ends of service"),
    "class": N_("classes"), "server": N_("who served"),
}  # fmt: skip
EXACT = {
    **dict.fromkeys(("come outside", "newest first", "several at once"), "{:.0f}"),
    **dict.fromkeys(("outside in hours", "outside by the clock", "later at the counter"), "{:.0f}"),
    "growth": "{:+.1f}",
    "other variation": "{:.2g}",
    **dict.fromkeys(("nobody gave up", "nobody hangs up"), "{:,.0f}"),
    "odd day": "{:+.1f}",
    "odd days matter": "{:.3f}",
}
"""How the fractions of a note are written, where two decimals are not right."""


def short(record: Calibration) -> str:
    """Return how many figures of the back-test the model foretells: ``9/26``."""
    compared = [row for row in record.back_test if row.telling]
    return f"{sum(row.inside for row in compared)}/{len(compared)}" if compared else NOTHING


def spoken(record: Calibration) -> list[str]:
    """Return what can be read aloud: of the fit, and of the periods that were foretold."""
    rolling = rolling_spoken(record)
    return [*spoken_of_the_fit(record), *([rolling] if rolling else [])]


def report(record: Calibration) -> list[Part]:
    """Return what was read, what was wrong with it, what the log says, and how the fitted model does."""
    parts: list[Part] = [f"{record.name}: {finding(record)}", *_read(record), ""]
    parts += [_findings(record) if record.findings else _("Nothing was found wrong with the log."), ""]
    if record.estimates:
        parts += [_estimates(record), *_marks(record), "", *goodness_in_words(record), ""]
    if record.duty:
        parts += [_duty(record), _(
            "So many, or more, were seen on half of the days on which so many were wanted. At least so many were at "
            "work: who serves nobody is not seen. –: too few days to say, or nobody."
        ), ""]  # fmt: skip
    if record.missing:
        parts.append(_missing(record))
    return [*parts, *_back_test(record), *_gains(record), *rolling_report(record), *change_report(record)]


def _read(record: Calibration) -> list[str]:
    log = record.log
    told = [
        _(
            "Log: {files}; {rows} rows, {kept} kept; {cases} cases; {first} to {last}, {days} working days",
            files=files_of(log.files), first=log.first, last=log.last, days=number(log.working_days),
            rows=number(log.rows), kept=number(log.kept), cases=number(log.cases),
        ),
        _("Steps in the log: {steps}", steps=listed(map(step_name, log.steps))),
    ]  # fmt: skip
    told += [
        _("Columns of {file}: {columns}", file=clean(file.name, LONGEST_FILE), columns=listed(_columns(file)))
        for file in log.read
    ]
    return [*told, *(_(ASSUMED[key]) for key in log.assumed), *map(note_in_words, record.notes)]


def _columns(file: FileRead) -> Iterator[str]:
    """Yield what each column of a file was taken for, and whether a mapping says so."""
    for field, heading in file.columns.items():
        told = {"field": _field(field), "heading": clean(heading, LONGEST_WORD)}
        yield _("{field} = {heading} (as mapped)", **told) if field in file.mapped else _("{field} = {heading}", **told)


def _field(field: str) -> str:
    """Return what a field of a log is called."""
    if field in ("step", "kind"):
        return _c("field step", "step") if field == "step" else _c("field kind", "class")
    return _(FIELDS[field])


def note_in_words(note: Note) -> str:
    """Return what there is to say of days or arrivals, in a sentence."""
    values = dict(note.values)
    if note.what == "growth":
        values |= {end: 100 * (values[end] - 1) for end in ("value", "low", "high")}
    told = {name: _written(note.what, name, value) for name, value in values.items()}
    if values.get("more") and "days" in told:
        told["days"] = _("{days} and {more} more", days=told["days"], more=told["more"])
    return clean(_(NOTES[note.what], **told), LONGEST_NOTE)


def _written(what: str, name: str, value: Any) -> str:
    if name == "months":
        return listed(_(MONTHS[month - 1]) for month in value)
    if name == "weekdays":
        return listed(map(day_name, value))
    if name == "group":
        return capital(_(PATIENCE_AT[value]))
    if name == "step":
        return step_name(value)
    if name == "steps":
        return listed(map(step_name, value))
    if isinstance(value, list):
        return listed(map(str, value))
    if isinstance(value, float):
        return EXACT.get(what, "{:.2f}").format(value)
    return number(value) if isinstance(value, int) else str(value)


def _findings(record: Calibration) -> Table:
    heads = (_c("problem column", "what"), _("rows"), _("what was done"), _("for example"))
    rows = [
        (clean(_problem(found)), number(found.count), clean(_(DONE[found.done])), clean(found.examples))
        for found in sorted(record.findings, key=lambda each: -each.count)
    ]
    title = _("What was wrong with the log: nothing is dropped without being counted")
    return Table(title, heads, tuple(rows), wide=frozenset({2, 3}))


def _problem(found: LogFinding) -> str:
    """Return what was found, with the field, the step or the word of the log that it is about."""
    problem = _(FINDINGS[found.kind])
    if not found.about:
        return problem
    if found.about in ("step", "kind", *FIELDS):
        field = _field(found.about)
    elif found.kind == "clock_skew":
        field = with_unit("s", found.about)
    else:
        field = _(HALL) if found.about == "hall" else step_name(found.about)
    return _("{problem} ({field})", problem=problem, field=clean(field, LONGEST_WORD))


def _estimates(record: Calibration) -> Table:
    naive = any(not math.isnan(estimate.naive) for estimate in record.estimates)
    heads = [_c("parameter column", "what"), _c("fitted column", "fitted"), _("95 % interval"), _("from"),
             _("assumed\nso far")] + [_("naive\nlook")] * naive + [_("mark")]  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    ends = set()
    for step in (DEMAND, *STEPS):
        mine = [estimate for estimate in record.estimates if estimate.step == step]
        if not mine:
            continue
        rows.append((step_name(step), *[""] * (len(heads) - 1)))
        rows += [_row(estimate, naive) for estimate in mine if not estimate.index]
        for name in dict.fromkeys(estimate.index for estimate in mine if estimate.index):
            rows.append(_profile_row(name, [estimate for estimate in mine if estimate.index == name], naive))
        ends.add(len(rows) - 1)
    title = _("Fitted to the log, with 95 % intervals, each for itself")
    return Table(title, tuple(heads), tuple(rows), wide=frozenset({len(heads) - 1}), parts=frozenset(ends))


def _row(estimate: Estimate, naive: bool) -> tuple[Piece, ...]:
    marks = [_("≠")] * estimate.differs + [_("!")] * estimate.implausible + [_("shown only")] * (not estimate.used)
    marks += [_("range over weeks")] * estimate.method.endswith(OF_WEEKS)
    marks += [_("at least")] * estimate.method.startswith(NOBODY)
    marks += [_("starts estimated")] * (STARTS in estimate.method)
    mark = Traced(" ".join(marks), tone="close" if estimate.differs or estimate.implausible else "")
    cells: list[Piece] = [f"  {figure_name(estimate.name)}", *estimate_in_words(estimate), number(estimate.n)]
    cells.append(given(estimate.unit, estimate.assumed))
    return (*cells, *[naive_in_words(estimate)] * naive, mark)


def _profile_row(name: str, members: Sequence[Estimate], naive: bool) -> tuple[Piece, ...]:
    """Return the row of a profile: how far its members go, and how many differ from what was assumed."""
    known, differ = [each for each in members if each.replaces], sum(each.differs for each in members)
    mark = _("≠ {number} of {all}", number=differ, all=len(known)) if differ else ""
    fitted = _span([each.value for each in members])
    assumed = _span([each.assumed for each in members if not math.isnan(each.assumed)])
    observations = number(sum(each.n for each in members))
    cells = (f"  {figure_name(name)}", fitted, NOTHING, observations, assumed, *[NOTHING] * naive)
    return (*cells, Traced(mark, tone="close" if differ else ""))


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}" if values else NOTHING


def _marks(record: Calibration) -> list[str]:
    told = []
    if known := len(record.replacing):
        told.append(_(
            "≠ the interval leaves out what was assumed; ! outside the plausible range; of {all} intervals, about "
            "{chance} would leave out even a true assumption.", all=known, chance=by_chance(known),
        ))  # fmt: skip
    if any(not math.isnan(estimate.naive) for estimate in record.estimates):
        told.append(_(
            "Naive look: leaves out who is not seen to the end, such as callers who were answered before they gave up."
        ))  # fmt: skip
    if any(estimate.method.endswith(OF_WEEKS) for estimate in record.estimates):
        told.append(_(
            "Range over weeks: so far it goes in logs made of weeks of this one. It is no interval of the office's own "
            "other work, of which a part is in who was seen at work; the waits are made by both together."
        ))  # fmt: skip
    return told


def _duty(record: Calibration) -> Table:
    """Return who was seen at work: by pool the fullest half-hour of each weekday, and how they were counted."""
    weekdays = list(dict.fromkeys(each.weekday for each in record.duty))
    rows = []
    for pool in dict.fromkeys(each.pool for each in record.duty):
        mine = [each for each in record.duty if each.pool == pool]
        fullest = (max((each.seen for each in mine if each.weekday == weekday), default=0) for weekday in weekdays)
        # Of nobody seen it cannot be told whether nobody was there, or so few days that nothing can be said.
        cells = [number(most) if most else NOTHING for most in fullest]
        counted = _c("counted by names", "name") if mine[0].method == "names" else _("who is busy at once")
        rows.append((named("pool", pool), *cells, counted))
    heads = (_("staff"), *(day_name(weekday, short=True) for weekday in weekdays), _("counted by"))
    return Table(_("Seen at work in the fullest half-hour"), heads, tuple(rows))


def _missing(record: Calibration) -> Table:
    heads = _c("parameter column", "what"), _("what is missing")
    rows = [(_what(each), clean(_why(each), LONGEST_NOTE)) for each in record.missing]
    return Table(_("Could not be estimated, and stays as assumed"), heads, tuple(rows), wide=frozenset({1}))


def _why(missing: NotTold) -> str:
    if not missing.values:
        return _(missing.because)
    numbers = {name: f"{missing.values[name]:,.4g}" for name in ("value", "limit") if name in missing.values}
    numbers["value"] = with_unit(missing.values["unit"], numbers["value"])
    return _(missing.because, which=figure_name(missing.values["which"]), **numbers)


def _what(missing: NotTold) -> str:
    if missing.what in UNKNOWN:
        return _(UNKNOWN[missing.what])
    return step_name(missing.what) if missing.what in STEPS else figure_name(missing.what)


def _back_test(record: Calibration) -> list[Part]:
    """Return the table of the held-out days, or that there is none."""
    held_out = record.held_out
    if held_out is None or not record.back_test:
        return [_(
            "There is no back-test: it needs 8 working days held out (--hold-out 0.25: the last quarter) and 8 before "
            "them; the log has {days}.", days=number(record.log.working_days),
        )]  # fmt: skip
    heads = (_("measure"), _("log"), _("from"), _("model"), _("95 % of replications"), _("mark"))
    rows: list[tuple[Piece, ...]] = []
    ends = set()
    for step in dict.fromkeys(row.step for row in record.back_test):
        rows.append((step_name(step), *[""] * (len(heads) - 1)))
        for row in record.back_test:
            if row.step == step:
                observed, simulated, *__ = compared_in_words(row)
                mark = mark_of(row)
                rows.append((f"  {_(MEASURES[row.measure])}", observed, number(row.n), simulated, range_in_words(row),
                             Traced(mark, tone="bad" if mark else "")))  # fmt: skip
        ends.add(len(rows) - 1)
    title = _("Back-test on {days} days that the fit has not seen", days=number(held_out.days))
    all_ = len(record.compared)
    return [
        Table(title, heads, tuple(rows), wide=frozenset({5}), parts=frozenset(ends)),
        _(
            "Held out: {first} to {last}. One more of {replications} replications would lie in the 95 % with that "
            "chance; by chance alone about {chance} of {all} figures would lie outside.", first=held_out.first,
            last=held_out.last, all=all_, chance=by_chance(all_), replications=number(record.replications),
        ),
    ]  # fmt: skip


def _gains(record: Calibration) -> list[Part]:
    """Return what makes files wait, and what each of them is good for on the held-out days."""
    if not record.gains:
        return []
    rows = [
        (step_name(gain.step), _(LYING[gain.what]), *missed_in_words(gain),
         *(number(minutes) for minutes in (gain.observed, gain.without, gain.simulated)))
        for gain in record.gains
    ]  # fmt: skip
    heads = (
        _("step"), _("what makes files wait"), _("missed\nwithout it"), _("missed\nwith it"),
        _("mean wait,\nlog [min]"), _("model\nwithout it"), _("model\nwith all"),
    )  # fmt: skip
    title = _("What makes files wait, and how far it foretells days by which it was not chosen")
    return [
        Table(title, heads, tuple(rows), wide=frozenset({1})),
        _(
            "Missed: on the last quarter of the days that were fitted, by what factor the waits are off on average; of "
            "those who go first by lot, and of the newest, by how many percentage points their share is; of another "
            "pace, by what factor services begun while many wait are. Each had to take off half of that, but for the "
            "number at which other work is left, which comes with it, and another pace, which services themselves "
            "show: these are there whatever they take off. Mean waits: on the held-out days, where there are any."
        ),
        *([_("Of files that are outside the office first it is the mean time from submission to the queue, in place "
             "of the wait there.")] if any(gain.what == OUTSIDE for gain in record.gains) else []),
    ]  # fmt: skip


def missed_in_words(gain: Gain) -> tuple[str, str]:
    """Return by how much something is missed without what makes files wait, and with it."""

    def written(missed: float) -> str:
        if gain.what in (BY_LOT, NEWEST_FIRST):
            return _("{points} percentage points", points=number(100 * missed, 1))
        return "∞" if math.isinf(missed) else f"× {number(missed, 1)}"

    return written(gain.inner_without), written(gain.inner_with)


def answer(found: Found[Calibration]) -> Answer:
    """Return how many parameters a log has told, and how the fitted office does on days that the fit has not seen."""
    first = said(
        "{number} parameters were estimated from the office's own log and replace assumptions.", number=_number(found)
    )
    return Answer(found.record.name, Sentence((_("What does the office's own log tell?"),)), (
        first, Sentence((_("All others remain assumptions."),)),
    ))  # fmt: skip


def advice(found: Found[Calibration]) -> list[Advice]:
    """Return nothing: what to do follows from what the fitted office does."""
    return []


def grounds(found: Found[Calibration], lead: Found[Any]) -> Grounds:
    """Return that a run uses none of what was fitted, and the fitted values where they are a scenario's own."""
    record = found.record
    source = _("fitted to the log {log}", log=record.name)
    values = {each.name: (each.value, source) for each in record.used if each.known and not each.index}
    fitted = lead.record.about.fitted
    if found.path == lead.path or (fitted is not None and fitted.log == record.name):
        return Grounds(values=values)
    told = said(
        "The calibration {name} fits {fitted} figures to a log, and these results use none of them.", name=record.name,
        fitted=_number(found),
    )  # fmt: skip
    return Grounds((told,), values=values)


def _number(found: Found[Calibration]) -> Traced:
    return as_number(len(found.record.used), found.cell("estimates", "count", used=True))


def in_words(record: Calibration, column: str, row: Any) -> object:
    """Return what a workbook shows in place of a code."""
    if column == "name":
        return _("{parameter} ({path})", parameter=figure_name(row.name), path=row.name)
    if column == "step":
        return step_name(row.step)
    if column == "cause":
        return _(CAUSES[row.cause])
    return unit_in_words(row.unit) if column == "unit" else None
