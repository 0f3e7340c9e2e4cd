"""The report of a comparison as text: plans, differences, and where the files are."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import comparison_sentences as sentences
from sim.briefing.numbers import NOTHING, number, signed_money, writer
from sim.briefing.saved_comparison import ALL, BETTER, FIRST, NONE_FOUND, WORSE, Pair, SavedComparison
from sim.briefing.words import Language, word
from sim.cli.report import COLOURS, rendered, table

FINDING_COLOURS = {BETTER: "green", WORSE: "red"}


def comparison_report(saved: SavedComparison, language: Language) -> str:
    """Return all that is printed after a comparison."""
    parts: list[RenderableType] = [
        saved.name,
        sentences.finding(saved, language),
        sentences.subtitle(saved, language),
        "",
        _plans(saved, language),
    ]
    for family in (FIRST, ALL):
        pairs = [pair for pair in saved.pairs if pair.family == family]
        # With two plans both families are the same one comparison.
        if pairs and (family == FIRST or len(saved.plans) > 2):
            parts.append(_pairs(saved, pairs, word(f"family {family}", language), language))
    parts.append(word("paired note", language))
    if any(plan.verdict == "UNDECIDED" for plan in saved.plans):
        parts.append(word("undecided note", language))
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += ["", word("files", language, folder=saved.folder) + files]
    return rendered(*parts)


def _plans(saved: SavedComparison, language: Language) -> RenderableType:
    show = writer(saved.about_mean, language)
    keys = ["estimate column", "interval column", "verdict column", "staff hours year", "cost year",
            "replications column"]  # fmt: skip
    screened = saved.manifest["screening"] is not None
    if screened:
        keys.append("eliminated column")
    title = word("plans table", language, days=saved.manifest["working_days"])
    made = table(title, word("plan column", language), *(word(key, language) for key in keys))
    for plan in saved.plans:
        interval = f"{show(plan.low)}–{show(plan.high)}" if plan.low < plan.high else NOTHING
        estimate = word("cannot finish", language) if math.isnan(plan.estimate) else show(plan.estimate)
        cells: list[str | Text] = [
            estimate, interval, Text(word(plan.verdict, language), style=f"bold {COLOURS[plan.verdict]}"),
            number(plan.staff_hours), number(plan.cost), number(plan.replications),
        ]  # fmt: skip
        if screened:
            out = word("eliminated by", language, at=number(plan.eliminated_at), by=plan.eliminated_by)
            cells.append(out if plan.eliminated_at else "")
        made.add_row(f"{plan.plan}: {plan.title(language)}", *cells)
    return made


def _pairs(saved: SavedComparison, pairs: list[Pair], title: str, language: Language) -> RenderableType:
    keys = ("difference column", "finding column", "cost difference", "variance reduction",
            "replications column")  # fmt: skip
    made = table(title, word("pair column", language), *(word(key, language) for key in keys))
    for pair in pairs:
        reduction = f"×{number(pair.variance_reduction, 1)}" if math.isfinite(pair.variance_reduction) else NOTHING
        made.add_row(
            f"{pair.plan} – {pair.other}",
            sentences.interval(saved, pair, language),
            _finding(saved, pair, language),
            signed_money(pair.cost_difference),
            reduction,
            number(pair.replications),
        )
    return made


def _finding(saved: SavedComparison, pair: Pair, language: Language) -> Text:
    """Return a finding in its colour, and whether the difference is one that does not matter."""
    said = Text(word(pair.finding, language), style=f"bold {FINDING_COLOURS.get(pair.finding, 'yellow')}")
    if pair.finding in FINDING_COLOURS and max(abs(pair.low), abs(pair.high)) < saved.margin:
        said.append(word("immaterial", language, margin=sentences.margin(saved, language)), style="not bold default")
    elif pair.finding == NONE_FOUND and (pair.low > 0 or pair.high < 0):
        said.append(word("too skewed pair", language), style="not bold default")
    return said
