"""The report of a sweep as text: a table of verdicts and estimates, and where the files are."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import sweep_sentences as sentences
from sim.briefing.numbers import writer
from sim.briefing.saved_sweep import Cell, Factor, SavedSweep
from sim.briefing.words import Language, word
from sim.cli.report import COLOURS, rendered, table

MOST_COLUMNS = 16
"""Levels of the factor across; with more the table is a list."""
SIGN = {"HOLDS": "✓", "FAILS": "✗", "TOO CLOSE": "≈", "UNDECIDED": "?"}


def sweep_report(saved: SavedSweep, language: Language) -> str:
    """Return all that is printed after a sweep."""
    rows = saved.factor("rows")
    parts: list[RenderableType] = [
        f"{saved.name}: {saved.title(language)}",
        sentences.counts(saved, language),
        sentences.subtitle(saved, language),
        "",
    ]
    if rows is not None and not saved.scattered and len(saved.x.labels) <= MOST_COLUMNS:
        for places, cells in saved.panels(saved.x, rows).items():
            others = saved.others(saved.x, rows)
            parts.append(_grid(saved, rows, cells, sentences.levels(others, places, language), language))
        parts.append(word("comma", language).join(f"{sign} {word(v, language)}" for v, sign in SIGN.items()))
    else:
        parts.append(_list(saved, language))
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += ["", word("files", language, folder=saved.folder) + files]
    return rendered(*parts)


def _grid(saved: SavedSweep, rows: Factor, cells: list[Cell], title: str, language: Language) -> RenderableType:
    """Return a table with a factor across and one down."""
    x = saved.x
    heads = [x.label(place, language) for place in range(len(x.labels))]
    made = table(title, f"{rows.heading(language)} \\ {x.heading(language)}", *heads)
    at = {(x.place(cell.at[x.name]), rows.place(cell.at[rows.name])): cell for cell in cells}
    for row in reversed(range(len(rows.labels))):
        line = [at.get((column, row)) for column in range(len(heads))]
        made.add_row(rows.label(row, language), *(_cell(saved, cell, language) if cell else "" for cell in line))
    return made


def _list(saved: SavedSweep, language: Language) -> RenderableType:
    """Return a table with a row a cell."""
    keys = ("estimate column", "interval column", "verdict column", "replications column")
    heads = [factor.heading(language) for factor in saved.factors[1:]] + [word(key, language) for key in keys]
    made = table("", saved.factors[0].heading(language), *heads)
    show = writer(saved.about_mean, language)
    for cell in saved.cells:
        levels = [factor.label(factor.place(cell.at[factor.name]), language) for factor in saved.factors]
        interval = f"{show(cell.low)}–{show(cell.high)}" if cell.low < cell.high else ""
        verdict = Text(word(cell.verdict, language), style=f"bold {COLOURS[cell.verdict]}")
        made.add_row(*levels, _estimate(saved, cell, language), interval, verdict, f"{cell.replications:,}")
    return made


def _cell(saved: SavedSweep, cell: Cell, language: Language) -> Text:
    return Text(f"{_estimate(saved, cell, language)} {SIGN[cell.verdict]}", style=COLOURS[cell.verdict])


def _estimate(saved: SavedSweep, cell: Cell, language: Language) -> str:
    if cell.why:
        return word("cannot finish", language)
    return writer(saved.about_mean, language)(cell.estimate)
