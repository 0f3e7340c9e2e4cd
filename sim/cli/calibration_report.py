"""The report of a calibration as text: what was read, what the log says, how the fitted model does, sentences."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import calibration_sentences as sentences
from sim.briefing.arrival_sentences import arrival_notes
from sim.briefing.calibration_numbers import (
    clean,
    compared_words,
    estimate_words,
    files_of,
    given,
    naive_words,
    parameter_name,
    range_words,
)
from sim.briefing.calibration_records import OTHER, STEPS, Estimate
from sim.briefing.numbers import NOTHING, number
from sim.briefing.saved_calibration import SavedCalibration
from sim.briefing.words import Language, named, word
from sim.cli.report import rendered, table

LONGEST_WORD, LONGEST_NOTE = 24, 400
"""Characters."""


def calibration_report(saved: SavedCalibration, language: Language) -> str:
    """Return all that is printed after a calibration."""
    parts: list[RenderableType] = [f"{saved.name}: {sentences.finding(saved, language)}", *_read(saved, language), ""]
    parts += [_findings(saved, language) if saved.findings else word("findings none", language), ""]
    if saved.estimates:
        parts += [_estimates(saved, language), *_notes(saved, language), ""]
    if saved.duty:
        parts += [_duty(saved, language), word("duty note", language), ""]
    if saved.missing:
        parts.append(_missing(saved, language))
    parts += _back_test(saved, language)
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += [word("files", language, folder=saved.folder) + files, "", word("say the note", language)]
    parts += [f"  {line}" for line in sentences.spoken(saved, language)]
    return rendered(*parts)


def _read(saved: SavedCalibration, language: Language) -> list[str]:
    """Return what was read."""
    log = saved.log
    numbers = {name: number(log[name]) for name in ("rows", "kept", "cases")}
    said = [
        word(
            "calibration read", language, files=files_of(list(log["files"]), language), first=log["first"],
            last=log["last"], days=number(log["working_days"]), **numbers,
        )
    ]  # fmt: skip
    steps = word("list mark", language).join(named("stage", step, language) for step in log["steps"])
    said.append(word("calibration steps", language, steps=steps))
    said += [named("presumed", key, language) for key in log.get("assumed", [])]
    return said + [clean(note, LONGEST_NOTE) for note in arrival_notes(saved.manifest["notes"], language)]


def _findings(saved: SavedCalibration, language: Language) -> RenderableType:
    heads = [word(key, language) for key in ("count column", "done column", "examples column")]
    made = table(word("findings table", language), word("problem column", language), *heads)
    for column in made.columns[2:]:
        column.justify = "left"
    for found in sorted(saved.findings, key=lambda each: -each.count):
        done = named("done", found.done, language)
        kind = clean(named("problem", found.kind, language))
        if found.about:
            kind = word("of field", language, problem=kind, field=_about(found.about, language))
        made.add_row(kind, number(found.count), clean(done), clean(found.examples))
    return made


def _about(about: str, language: Language) -> str:
    """Return the field, the step or the word of the log that a finding is about."""
    key = "stage" if about in STEPS else "patience heading" if about == "hall" else "field"
    return clean(named(key, about, language), LONGEST_WORD)


def _estimates(saved: SavedCalibration, language: Language) -> RenderableType:
    keys = ["fitted column", "interval column", "n column", "assumed column"]
    naive = any(not _nan(estimate.naive) for estimate in saved.estimates)
    keys += ["naive column"] * naive + ["mark column"]
    made = table(word("estimates table", language), word("parameter column", language),
                 *(word(key, language) for key in keys))  # fmt: skip
    made.columns[-1].justify = "left"
    for step in (OTHER, *STEPS):
        mine = [estimate for estimate in saved.estimates if estimate.step == step]
        if not mine:
            continue
        made.add_section()
        made.add_row(Text(named("stage", step, language), style="bold"))
        lists = dict.fromkeys(estimate.index for estimate in mine if estimate.index)
        for estimate in mine:
            if not estimate.index:
                made.add_row(*_row(estimate, naive, language))
        for name in lists:
            members = [estimate for estimate in mine if estimate.index == name]
            made.add_row(*_profile_row(name, members, naive, language))
    return made


def _row(estimate: Estimate, naive: bool, language: Language) -> list[str | Text]:
    value, interval = estimate_words(estimate, language)
    cells: list[str | Text] = [f"  {parameter_name(estimate.name, language)}", value, interval, number(estimate.n)]
    cells.append(given(estimate.unit, estimate.assumed, language))
    if naive:
        cells.append(naive_words(estimate, language))
    cells.append(_mark(estimate, language))
    return cells


def _mark(estimate: Estimate, language: Language) -> Text:
    marks = [word("mark differs", language)] * estimate.differs + [word("mark implausible", language)] * (
        estimate.implausible
    )
    said = Text(" ".join(marks), style="bold yellow")
    if not estimate.used:
        said.append((" " if marks else "") + word("mark unused", language), style="not bold default")
    return said


def _profile_row(name: str, members: Sequence[Estimate], naive: bool, language: Language) -> list[str | Text]:
    """Return the row of a profile: how far its members go, and how many differ from what was assumed."""
    values = [estimate.value for estimate in members]
    assumed = [estimate.assumed for estimate in members if not _nan(estimate.assumed)]
    cells: list[str | Text] = [f"  {parameter_name(name, language)}", _span(values), NOTHING,
                               number(sum(estimate.n for estimate in members)), _span(assumed)]  # fmt: skip
    if naive:
        cells.append(NOTHING)
    known = [estimate for estimate in members if estimate.replaces]
    differ = sum(estimate.differs for estimate in known)
    mark = word("mark differs of", language, number=differ, all=len(known)) if differ else ""
    return [*cells, Text(mark, style="bold yellow")]


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}" if values else NOTHING


def _notes(saved: SavedCalibration, language: Language) -> list[str]:
    known = saved.replacing
    said = []
    if known:
        said.append(word("mark note", language, all=len(known), chance=sentences.by_chance(len(known))))
    if any(not _nan(estimate.naive) for estimate in saved.estimates):
        said.append(word("naive note", language))
    return said


def _duty(saved: SavedCalibration, language: Language) -> RenderableType:
    """Return who was seen at work: by pool the fullest half-hour of each weekday, and how they were counted."""
    weekdays = list(dict.fromkeys(each.weekday for each in saved.duty))
    days = [named("short", weekday, language) for weekday in weekdays]
    made = table(word("duty table", language), word("pool", language), *days, word("duty method", language))
    for pool in dict.fromkeys(each.pool for each in saved.duty):
        mine = [each for each in saved.duty if each.pool == pool]
        fullest = (max((each.seen for each in mine if each.weekday == weekday), default=0) for weekday in weekdays)
        # Of nobody seen it cannot be told whether nobody was there, or so few days that nothing can be said.
        cells = [number(most) if most else NOTHING for most in fullest]
        made.add_row(named("pool", pool, language), *cells, named("counted by", mine[0].method, language))
    return made


def _missing(saved: SavedCalibration, language: Language) -> RenderableType:
    made = table(word("missing table", language), word("parameter column", language), word("missing column", language))
    made.columns[-1].justify = "left"
    for what, because in saved.missing:
        name = named("stage", what, language) if what in STEPS else named("unknown", what, language)
        if name == what:
            name = parameter_name(what, language)
        made.add_row(name, clean(named("because", because, language), LONGEST_NOTE))
    return made


def _back_test(saved: SavedCalibration, language: Language) -> list[RenderableType]:
    """Return the table of the held-out days, or that there is none."""
    held_out = saved.held_out
    if held_out is None or not saved.back_test:
        return [word("back-test none", language, days=number(saved.log["working_days"])), ""]
    title = word("back-test table", language, days=number(held_out["days"]))
    keys = ("observed column", "n column", "simulated column", "range column", "mark column")
    made = table(title, word("measure column", language), *(word(key, language) for key in keys))
    made.columns[-1].justify = "left"
    for step in dict.fromkeys(row.step for row in saved.back_test):
        made.add_section()
        made.add_row(Text(named("stage", step, language), style="bold"))
        for row in saved.back_test:
            if row.step == step:
                observed, simulated, *_ = compared_words(row, language)
                mark = Text(sentences.mark_of(row, language), style="bold red")
                made.add_row(f"  {word(f'measure {row.measure}', language)}", observed, number(row.n), simulated,
                             range_words(row, language), mark)  # fmt: skip
    note = word(
        "back-test report note", language, first=held_out["first"], last=held_out["last"], all=len(saved.compared),
        chance=sentences.by_chance(len(saved.compared)), replications=number(saved.manifest["replications"]),
    )  # fmt: skip
    return [made, note, ""]


def _nan(value: float) -> bool:
    return value != value
