"""The report of a limit as text: what each plan carries, the levels judged, and sentences to be read aloud."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import limit_sentences as sentences
from sim.briefing.numbers import NOTHING, number, percent, writer
from sim.briefing.saved_limit import PlanBracket, SavedLimit
from sim.briefing.words import Language, word
from sim.cli.report import COLOURS, rendered, table


def limit_report(saved: SavedLimit, language: Language) -> str:
    """Return all that is printed after a limit."""
    parts: list[RenderableType] = [
        saved.name,
        sentences.finding(saved, language),
        sentences.subtitle(saved, language),
        "",
        _plans(saved, language),
    ]
    parts += [_levels(saved, plan, language) for plan in saved.plans]
    values = {"tests": number(saved.rule["tests"]), "error": percent(saved.rule["error"])}
    parts.append(word("limit report note", language, days=sentences.working_days(saved), **values))
    if convention := sentences.convention(saved, language):
        parts.append(convention)
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += [word("files", language, folder=saved.folder) + files, "", *sentences.spoken(saved, language)]
    return rendered(*parts)


def _plans(saved: SavedLimit, language: Language) -> RenderableType:
    passes = word("limit passes column", language, growth=percent(saved.growth))
    keys = ("limit holds column", "limit fails column")
    last = ("limit money column", "limit tests column", "replications column")
    made = table(
        word("limits table", language), word("plan column", language), *(word(key, language) for key in keys), passes,
        *(word(key, language) for key in last),
    )  # fmt: skip
    for plan in saved.plans:
        ends = [word("limit none holds", language) if end is None else number(end) for end in (plan.holds, plan.fails)]
        numbers = [number(value) for value in (plan.cost, plan.tests, plan.replications)]
        made.add_row(f"{plan.plan}: {plan.title(language)}", *ends, sentences.months(plan), *numbers)
    return made


def _levels(saved: SavedLimit, plan: PlanBracket, language: Language) -> RenderableType:
    show = writer(saved.about_mean, language)
    keys = ("estimate column", "interval column", "verdict column", "replications column")
    title = word("limit steps table", language, plan=plan.title(language))
    made = table(title, word("limit demand column", language), *(word(key, language) for key in keys))
    for level in saved.levels_of(plan):
        estimate = word("cannot finish", language) if math.isnan(level.estimate) and level.why else show(level.estimate)
        made.add_row(
            number(level.registrations),
            estimate,
            f"{show(level.low)}–{show(level.high)}" if level.low < level.high else NOTHING,
            Text(word(level.verdict, language), style=f"bold {COLOURS[level.verdict]}"),
            number(level.replications),
        )
    return made
