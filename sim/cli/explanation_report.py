"""The report of an explanation as text: stages, one more of staff, late cases, and what can be read aloud."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import explanation_sentences as sentences
from sim.briefing.numbers import NOTHING, minutes, number, percent, share, signed_money
from sim.briefing.saved import Figure
from sim.briefing.saved_explanation import BETTER, IN_TIME, LATE, OneMore, SavedExplanation
from sim.briefing.words import Language, named, word
from sim.cli.report import COLOURS, rendered, table


def explanation_report(saved: SavedExplanation, language: Language) -> str:
    """Return all that is printed after an explanation."""
    head = Text(word(saved.verdict, language), style=f"bold {COLOURS[saved.verdict]}")
    head.append(word("colon", language) + sentences.finding(saved, language), style="not bold default")
    parts: list[RenderableType] = [f"{saved.name}: {sentences.subtitle(saved, language)}", head, ""]
    parts.append(_stages(saved, language))
    if saved.defined:
        residual = f"{saved.manifest['residual'] or 0:.0e}"
        replications = saved.manifest["blame_replications"]
        parts += [word("stages explained", language, replications=replications, residual=residual), ""]
    if saved.one_more:
        parts.append(_one_more(saved, language))
    if saved.late_cases:
        parts += [_late_cases(saved, language), _late_share(saved, language), ""]
    parts += [sentences.notes(saved, language), "", word("say the note", language)]
    parts += [f"  {line}" for line in sentences.spoken(saved, language)]
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += ["", word("files", language, folder=saved.folder) + files]
    return rendered(*parts)


def _stages(saved: SavedExplanation, language: Language) -> RenderableType:
    kind = "mean" if saved.about_mean else "share"
    keys = (f"adds column {kind}", "part of added", "waiting column", f"alone column {kind}")
    clock, limit = named("clock", saved.target["clock"], language), f"{saved.target['minutes']:g}"
    title = word(f"adds {kind}", language, clock=clock, minutes=limit)
    made = table(title, word("stage", language), *(word(key, language) for key in keys))
    made.add_row(word("with unlimited", language), _whole(saved, saved.unlimited, language), "", "", "")
    for stage in saved.stages:
        found = Figure(stage.contribution, stage.low, stage.high)
        alone = word("cannot finish", language)
        if math.isfinite(stage.alone):
            alone = sentences.figure(saved, stage.alone, language)
        made.add_row(
            named("stage", stage.stage, language), sentences.with_ends(saved, found, language),
            sentences.part_of_added(stage, language), minutes(stage.waiting), alone,
        )  # fmt: skip
    made.add_row(word("as planned", language), _whole(saved, saved.whole, language), "", "", "")
    return made


def _whole(saved: SavedExplanation, found: Figure, language: Language) -> str:
    if math.isnan(found.low):
        return sentences.figure(saved, found.mean, language)
    estimate, low, high = (sentences.figure(saved, value, language) for value in found)
    return word("estimate and ends", language, estimate=estimate, low=low, high=high)


def _one_more(saved: SavedExplanation, language: Language) -> RenderableType:
    kind = "mean" if saved.about_mean else "share"
    keys = (f"saved column {kind}", "finding column", sentences.cost_column(saved), f"price column {kind}",
            "replications column")  # fmt: skip
    title = word(f"one more {kind}", language)
    made = table(title, word("one more column", language), *(word(key, language) for key in keys))
    for lever in saved.one_more:
        made.add_row(
            sentences.pool_and_where(lever, language),
            sentences.with_ends(saved, saved.saved(lever), language),
            _finding(saved, lever, language),
            signed_money(lever.cost_difference),
            sentences.price(lever, language),
            number(lever.replications),
        )
    return made


def _finding(saved: SavedExplanation, lever: OneMore, language: Language) -> Text:
    """Return what was found of one more in its colour, and whether it is too little to matter."""
    said = Text(word(lever.finding, language), style="bold green" if lever.finding == BETTER else "yellow")
    if lever.finding == BETTER and saved.saved(lever).high < saved.margin:
        said.append(word("immaterial", language, margin=sentences.margin(saved, language)), style="not bold default")
    return said


def _late_share(saved: SavedExplanation, language: Language) -> str:
    late = saved.manifest["late"]
    said = word("cases of group", language, group=word("group late", language), share=share(late["share"], language))
    if late["low"] is None:
        return said
    ends = {"low": share(late["low"], language), "high": share(late["high"], language)}
    return said + word("late interval", language, level=percent(1 - saved.rule["error"]), **ends)


def _late_cases(saved: SavedExplanation, language: Language) -> RenderableType:
    late = saved.manifest["late"]
    title = word("late table", language, replications=late["replications"])
    groups = [group for group in (LATE, IN_TIME) if saved.by_part(group)]
    made = table(title, word("part column", language), *(word(f"group {group}", language) for group in groups))
    for part in dict.fromkeys(row.part for row in saved.late_cases):
        cells = []
        for group in groups:
            row = saved.by_part(group).get(part)
            if row is None:
                cells.append(NOTHING)
            elif math.isnan(row.low):
                cells.append(minutes(row.minutes))
            else:
                estimate, low, high = (minutes(value) for value in (row.minutes, row.low, row.high))
                cells.append(word("estimate and ends", language, estimate=estimate, low=low, high=high))
        made.add_row(sentences.part_name(part, language), *cells)
    return made
