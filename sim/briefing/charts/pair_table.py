"""Every two plans of a comparison: what was found, by colour and sign, and the difference."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from sim.briefing.charts.pieces import GROUNDS, ON_GROUNDS, Sign, fitted, legend_line, text_width, write_at
from sim.briefing.charts.style import AMBER, BLUE, GREY, LEFT, RED, WIDTH
from sim.briefing.numbers import signed
from sim.briefing.saved_comparison import BETTER, FINDINGS, NO_MATERIAL, NONE_FOUND, SAME, WORSE, SavedComparison
from sim.briefing.words import Language, word

FINDING_COLOURS = {BETTER: BLUE, WORSE: RED, NO_MATERIAL: AMBER, SAME: AMBER, NONE_FOUND: GREY}
FINDING_MARKERS = {BETTER: "o", WORSE: "X", NO_MATERIAL: "s", SAME: "P", NONE_FOUND: "D"}
MOST_PLANS = 8
"""More would not be read."""
# Plans that are the same look like those that hardly differ.
FINDING_GROUNDS = (*GROUNDS[:3], *GROUNDS[2:])
SIGNS = {
    finding: Sign(FINDING_MARKERS[finding], ink, ground)
    for finding, ink, ground in zip(FINDINGS, (*ON_GROUNDS[:3], *ON_GROUNDS[2:]), FINDING_GROUNDS, strict=True)
}
HEAD, ROW, CELL = 0.82, 0.34, 0.72
"""Inches: heading, legend and numbers of the plans; a row; a column."""
NAMES = 2.6
"""Inches for the names of the plans."""
AFTER = 0.25
"""Inches below the table."""


def table_height(plans: int) -> float:
    """Return the inches that the table of some plans takes."""
    return HEAD + plans * ROW + AFTER


def pair_table(figure: Figure, saved: SavedComparison, down: float, language: Language) -> None:
    """Draw the table into a figure, `down` inches below its upper edge."""
    kind = "mean" if saved.about_mean else "share"
    write_at(figure, LEFT * WIDTH, down + 0.12, word(f"every two {kind}", language), size=11.5, va="center")
    plans = [plan.plan for plan in saved.plans]
    names = [f"{place}  {plan.title(language)}" for place, plan in enumerate(saved.plans, start=1)]
    left = LEFT * WIDTH + min(NAMES, max(text_width(figure, name, 10) for name in names)) + 0.15
    tall = figure.get_figheight()
    wide, high = len(plans) * CELL, len(plans) * ROW
    axes = figure.add_axes((left / WIDTH, 1 - (down + HEAD + high) / tall, wide / WIDTH, high / tall))
    _cells(axes, saved, plans)
    for row, name in enumerate(names):
        text = write_at(figure, left - 0.1, down + HEAD + (row + 0.5) * ROW, name, size=10, ha="right", va="center")
        fitted(figure, text, NAMES, 6.5)
        write_at(
            figure, left + (row + 0.5) * CELL, down + HEAD - 0.05, str(row + 1), size=10, ha="center", va="bottom",
            color=GREY,
        )  # fmt: skip
    there = {pair.finding for pair in saved.every_two.values()}
    legend_line(figure, down + 0.4, {word(name, language): SIGNS[name] for name in FINDINGS if name in there})


def _cells(axes: Axes, saved: SavedComparison, plans: list[str]) -> None:
    """Draw the cells: the plan of the row against that of the column."""
    found = saved.every_two
    kinds = np.full((len(plans), len(plans)), -1)
    for row, column in np.ndindex(kinds.shape):
        pair = found.get((plans[row], plans[column]))
        if pair is None:
            continue
        kinds[row, column] = FINDINGS.index(pair.finding)
        sign = SIGNS[pair.finding]
        axes.text(
            column + 0.55, row + 0.5, signed(pair.difference, saved.about_mean), size=9, color=sign.ink, ha="center",
            va="center_baseline",
        )  # fmt: skip
        axes.plot([column + 0.1], [row + 0.22], marker=sign.marker, color=sign.ink, ms=3.2, mew=0, ls="none")
    axes.pcolormesh(
        np.ma.masked_less(kinds, 0), cmap=ListedColormap(FINDING_GROUNDS), vmin=-0.5,
        vmax=len(FINDINGS) - 0.5, edgecolors="white", lw=1.2, zorder=0,
    )  # fmt: skip
    axes.set_xlim(0, len(plans))
    axes.set_ylim(len(plans), 0)
    axes.set_axis_off()
