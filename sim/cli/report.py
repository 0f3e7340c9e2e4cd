"""The report of a run as text: verdict, short tables, what it rests on, files."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from sim.briefing import sentences
from sim.briefing.basis import fitted_in, pools_in
from sim.briefing.numbers import NOTHING, minutes, number, plain, share, span, waiting
from sim.briefing.overview import Row
from sim.briefing.saved import Saved
from sim.briefing.words import Language, named, word

COLOURS = {"HOLDS": "green", "FAILS": "red", "TOO CLOSE": "yellow", "UNDECIDED": "magenta"}
CLOCKS = ("licence", "touch", "door_to_door", "journey")
WIDTH_OF_A_FILE = 400
NARROW = 150
"""Columns; a narrower terminal is shown the scenarios' names instead of their titles."""


def terminal_width() -> int:
    """Return how many columns there are; plenty in a file, where nothing is wrapped, so that grep finds lines."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH_OF_A_FILE


def rendered(*parts: RenderableType) -> str:
    """Return text and tables as they will be printed, coloured on a terminal only."""
    terminal, width = sys.stdout.isatty(), terminal_width()
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=width, highlight=False, emoji=False, markup=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    lines = [line.rstrip() for line in text.getvalue().split("\n")]
    return "\n".join(line for i, line in enumerate(lines) if line or not i or lines[i - 1])


def table(title: str, first: str, *others: str) -> Table:
    """Return a table with a column of names and columns of numbers."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
        collapse_padding=True,
    )
    made.add_column(first, vertical="bottom")
    for name in others:
        made.add_column(name, justify="right")
    return made


def verdict_text(saved: Saved, language: Language) -> Text:
    """Return the verdict's word in its colour."""
    verdict = saved.verdict["verdict"]
    return Text(word(verdict, language), style=f"bold {COLOURS[verdict]}")


def report(saved: Saved, language: Language) -> str:
    """Return all that is printed after a run."""
    head = verdict_text(saved, language)
    head.append(word("colon", language) + sentences.reason(saved, language), style="not bold default")
    parts: list[RenderableType] = [f"{saved.name}: {saved.title(language)}", head, sentences.interval(saved, language)]
    if sentences.held_back(saved):
        parts.append(word("too skewed", language))
    if saved.finished:
        parts += ["", _clocks(saved, language), _groups(saved, language), _stages(saved, language)]
        parts += [_pools(saved, language), *_lines(saved, language)]
    parts += [_sources(saved, language), "", _files(saved, language)]
    return rendered(*parts)


def _clocks(saved: Saved, language: Language) -> Table:
    names = [word(key, language) for key in ("mean column", "interval column", "P50", "P90", "P95")]
    limit = word("within column", language, minutes=plain(saved.verdict["minutes"]))
    made = table(word("clocks table", language), word("clock", language), *names, limit)
    for clock in CLOCKS:
        made.add_row(named("clock", clock, language), *_times(saved, clock, "", "", language))
    return made


def _times(saved: Saved, clock: str, by: str, group: str, language: Language) -> list[str]:
    mean = saved.figure(clock, "mean", by, group)
    quantiles = [minutes(saved.figure(clock, level, by, group).mean) for level in ("P50", "P90", "P95")]
    return [
        minutes(mean.mean),
        _interval(mean.low, mean.high),
        *quantiles,
        share(saved.figure(clock, "within", by, group).mean, language),
    ]


def _interval(low: float, high: float) -> str:
    return f"{minutes(low)}–{minutes(high)}" if low < high else NOTHING


def _groups(saved: Saved, language: Language) -> Table:
    names = [word(key, language) for key in ("cases column", "mean column", "interval column", "P50", "P90", "P95")]
    limit = word("within column", language, minutes=plain(saved.verdict["minutes"]))
    made = table(word("groups table", language), word("group column", language), *names, limit)
    for by in ("class", "channel"):
        for group in saved.groups("licence", by):
            cases = number(saved.figure("cases", "submitted", by, group).mean)
            made.add_row(named(by, group, language), cases, *_times(saved, "licence", by, group, language))
        made.add_section()
    return made


def _stages(saved: Saved, language: Language) -> Table:
    keys = ("wait mean", "wait P90", "gave up", "queue mean", "queue peak", "service mean")
    made = table(word("stages table", language), word("stage", language), *(word(key, language) for key in keys))
    for stage in saved.stages:
        made.add_row(
            named("stage", stage, language),
            minutes(saved.figure("wait", "mean", "stage", stage).mean),
            minutes(saved.figure("wait", "P90", "stage", stage).mean),
            share(saved.figure("gave up", "share", "stage", stage).mean, language),
            number(saved.figure("queue", "mean", "stage", stage).mean, 2),
            _longest(saved, stage, language),
            minutes(saved.figure("service", "mean", "stage", stage).mean),
        )
    return made


def _longest(saved: Saved, stage: str, language: Language) -> str:
    time, queue = saved.peak(stage)
    shown = waiting(queue)
    return word("at time", language, number=shown, time=time) if shown != "0.0" else shown


def _pools(saved: Saved, language: Language) -> Table:
    keys = ("utilisation", "staff hours", "overtime", "cost")
    title = word("pools table", language, days=saved.manifest["working_days"])
    made = table(title, word("pool", language), *(word(key, language) for key in keys))
    overtime = 0.0
    for pool in saved.pools:
        of_pool = {key: saved.figure("staff", key, "pool", pool).mean for key in keys}
        overtime += of_pool["overtime"]
        numbers = [number(of_pool[key]) for key in keys[1:]]
        made.add_row(named("pool", pool, language), share(of_pool["utilisation"], language), *numbers)
    made.add_section()
    hours, cost = (number(saved.figure("staff", key).mean) for key in ("staff hours", "cost"))
    made.add_row(word("all", language), "", hours, number(overtime), cost)
    return made


def _lines(saved: Saved, language: Language) -> list[str]:
    cases = {name: number(saved.figure("cases", name).mean) for name in (
        "in", "licensed", "lost after submission", "never submitted",
    )}  # fmt: skip
    days = saved.figure("days", "keeping the target").mean
    worst = saved.figure("days", "worst mean").mean
    again = saved.figure("again", "share", "stage", "review").mean
    return [
        word("counts", language, total=cases["in"], licensed=cases["licensed"], lost=cases["lost after submission"],
             never=cases["never submitted"]),
        word("days kept", language, minutes=plain(saved.verdict["minutes"]), share=share(days, language),
             worst=minutes(worst)),
        word("again", language, share=share(again, language)),
    ]  # fmt: skip


def _sources(saved: Saved, language: Language) -> str:
    found = saved.manifest["sources"]
    comma = word("comma", language)
    article = comma.join(named("source", path, language) for path in found["article"])
    if found["changed"]:
        changed = comma.join(named("source", path, language) for path in found["changed"])
        article += word("not at default", language, names=changed)
    numbers = {name: found[name] for name in ("assumption", "elsewhere")}
    if (fitted := fitted_in(saved.manifest)) is None:
        return word("rests on", language, article=article, **numbers)
    number = len(fitted["parameters"])
    pools = word("list mark", language).join(named("pool", pool, language) for pool in pools_in(fitted))
    return word(
        "rests on fitted", language, log=fitted["log"], article=article, **numbers,
        fitted=word("parameters one" if number == 1 else "parameters", language, number=number),
        staffing=word(f"staffing {'' if pools else 'not '}among them", language, pools=pools),
    )  # fmt: skip


def _files(saved: Saved, language: Language) -> str:
    names = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    return word("files", language, folder=saved.folder) + names


def overview_report(rows: Sequence[Row], written: Sequence[Path], missing: Sequence[str], language: Language) -> str:
    """Return the table of verdicts at the end of the main job.

    Parameters
    ----------
    rows : sequence of Row
        At least one.
    written : sequence of Path
        The overview's files.
    missing : sequence of str
        Scenarios that could not be run.
    language : str
    """
    title = word("overview table", language, replications=span(row.replications for row in rows), seed=rows[0].seed)
    keys = ("demand", "days", "licence", "interval", "verdict", "target", "hours", "case cost", "tightest")
    heads = {key: word(f"{key} column", language) for key in keys}
    if len({row.target_minutes for row in rows}) == 1:
        heads["target"] = word("minutes column", language, minutes=plain(rows[0].target_minutes))
    titled = terminal_width() >= NARROW
    made = table(title, word("scenario column", language), *heads.values())
    for row in rows:
        made.add_row(
            (row.title_en if language == "en" else row.title_zh) if titled else row.scenario,
            number(row.registrations_per_day),
            number(row.working_days),
            minutes(row.licence_mean),
            _interval(row.licence_low, row.licence_high),
            Text(word(row.verdict, language), style=f"bold {COLOURS[row.verdict]}"),
            share(row.within, language),
            number(row.staff_hours_per_day),
            number(row.cost_per_case, 1),
            _tightest(row, language),
        )
    lines = [word("overview note", language)]
    if missing:
        lines.append(word("not run", language, names=word("comma", language).join(missing)))
    lines.append(word("files", language, folder=written[0].parent) + ", ".join(file.name for file in written))
    return rendered(made, *lines)


def _tightest(row: Row, language: Language) -> str:
    if row.cannot_finish:
        return word("cannot finish", language)
    stage = named("stage", row.tightest_stage, language) if language == "zh" else row.tightest_stage
    return f"{stage} {minutes(row.tightest_wait)}"
