"""The offices of a nation: how they are placed by headroom, and region by region."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from sim.present.charts.pieces import legend_row, shortened, text_width
from sim.present.charts.style import (
    GREY,
    HEIGHT,
    INK,
    LEFT,
    RIGHT,
    VERDICT_COLOURS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import verdict_word
from sim.present.targets import estimate_axis, promised_text
from sim.studies.base import Chart
from sim.studies.nation.records import Nation, OfficeRow
from sim.studies.nation.show import estimates_in_words, finding, source, subtitle
from sim.text import _

FILLS = {"HOLDS": VERDICT_COLOURS["HOLDS"], "FAILS": VERDICT_COLOURS["FAILS"], "UNDECIDED": "#c3c9cf"}
LEAST_ACROSS = 24
"""Tiles of few offices are no larger than if there were so many."""
LONGEST_REGION = 1.9
"""Inches."""
MOST_REGIONS = 40
"""Regions that have a row each; with more, offices are placed by headroom alone."""
FAR = 3.0
"""Times what is promised: estimates beyond are drawn at the edge."""


def charts(record: Nation) -> list[Chart]:
    """Return the offices as tiles, and the curve of their estimates."""
    return [
        Chart("offices_by_region", lambda: tiles_chart(record), ("offices",)),
        Chart("estimates", lambda: estimates_chart(record), ("offices",)),
    ]


def tiles_chart(record: Nation) -> Figure:
    """Return a tile for each office: a row a region, the least headroom at the left."""
    regions: dict[str, list[OfficeRow]] = {}
    for office in record.offices:
        regions.setdefault(office.region, []).append(office)
    named = 1 < len(regions) <= MOST_REGIONS
    if named:
        # The region with the largest share of failing offices is on top.
        order = sorted(regions, key=lambda name: (-_share(regions[name], "FAILS"), name))
        rows = [(name, regions[name]) for name in order]
    else:
        wide = int(np.ceil(np.sqrt(len(record.offices) * 2.4)))
        every = record.offices
        rows = [("", list(every[at : at + wide])) for at in range(0, len(every), wide)]
    # Of few regions a low figure, with room in inches above and below.
    height = float(np.clip(2.1 + 0.42 * len(rows), 3.0, HEIGHT))
    figure = new_figure(height)
    write_title(figure, finding(record), subtitle(record))
    size = float(np.clip(210 / len(rows), 5.5, 10.5))
    names = [
        shortened(figure, name or _("no region"), LONGEST_REGION, size) if named else "" for name, _offices in rows
    ]
    left = LEFT + (max(text_width(figure, name, size) for name in names) / WIDTH + 0.01 if named else 0)
    axes = figure.add_axes((left, 0.55 / height, RIGHT - left, 1 - (0.55 + 1.33) / height))
    fills = FILLS if record.judged else {"HOLDS": FILLS["HOLDS"], "FAILS": FILLS["FAILS"]}
    for down, (_name, offices) in enumerate(rows):
        for across, office in enumerate(offices):
            axes.add_patch(
                Rectangle((across + 0.06, down + 0.08), 0.88, 0.84, fc=fills[_kind(record, office)], ec="none")
            )
    axes.set_xlim(0, max(LEAST_ACROSS, *(len(offices) for _name, offices in rows)))
    axes.set_ylim(len(rows), 0)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([down + 0.5 for down in range(len(rows))] if named else [])
    if named:
        axes.set_yticklabels(names, fontsize=size)
    legend_row(figure, {_kind_in_words(record, kind): Patch(fc=fill, ec="none") for kind, fill in fills.items()})
    write_line(figure, 0.36 / height, _("a tile an office; in each row the least headroom is at the left"), size=9.5)
    write_source(figure, source(record))
    return figure


def _kind(record: Nation, office: OfficeRow) -> str:
    """Return the verdict of an office, or where there are none the side of its estimate."""
    return office.verdict if record.judged else "HOLDS" if office.headroom >= 0 else "FAILS"


def _kind_in_words(record: Nation, kind: str) -> str:
    if record.judged:
        return verdict_word(kind)
    return _("estimate within the target") if kind == "HOLDS" else _("estimate beyond the target")


def _share(offices: list[OfficeRow], verdict: str) -> float:
    return sum(office.verdict == verdict for office in offices) / len(offices)


def estimates_chart(record: Nation) -> Figure:
    """Return the estimates of all offices with their intervals, the least headroom first."""
    figure = new_figure()
    write_title(figure, estimates_in_words(record), subtitle(record))
    axes = figure.add_axes((0.075, 0.15, 0.9, 0.64))
    beyond = _curve(axes, record)
    bare(axes)
    note = _("; {number} beyond the edge, as triangles", number=beyond) if beyond else ""
    axes.set_xlabel(_("offices, by headroom: the least at the left") + note)
    axes.set_ylabel(estimate_axis(record.target))
    kinds = [kind for kind in FILLS if any(_kind(record, office) == kind for office in record.offices)]
    legend_row(figure, {_kind_in_words(record, kind): Patch(fc=FILLS[kind], ec="none") for kind in kinds})
    write_source(figure, source(record))
    return figure


def _curve(axes: Axes, record: Nation) -> int:
    """Draw the estimates; return how many are beyond the edge."""
    promised, mean = record.target.promised, record.target.about_mean
    most = promised * FAR if mean else 1.0
    estimate, low, high = (
        np.array([getattr(office, name) for office in record.offices], np.float64)
        for name in ("estimate", "low", "high")
    )
    far = ~(estimate <= most) if mean else np.isnan(estimate)
    shown = np.where(far, most if mean else 0.0, estimate)
    known = np.isfinite(low) & np.isfinite(high) & ~far
    seen = np.concatenate([shown, low[known], np.minimum(high[known], most), [promised]])
    pad = 0.06 * max(float(seen.max() - seen.min()), 0.02 * promised)
    place = np.arange(1, len(estimate) + 1)
    axes.vlines(place[known], low[known], np.minimum(high[known], most), color=GREY, lw=0.8, alpha=0.5)
    size = float(np.clip(160 / np.sqrt(len(place)), 2.4, 7.0))
    for kind, colour in FILLS.items():
        mine = np.array([_kind(record, office) == kind for office in record.offices])
        for which, marker in ((mine & ~far, "o"), (mine & far, "^")):
            axes.plot(place[which], shown[which], ls="none", marker=marker, ms=size, color=colour, mew=0)
    axes.axhline(promised, color=INK, lw=0.9)
    axes.annotate(promised_text(record.target), (1.0, promised), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                  textcoords="offset points", ha="right", color=INK, fontsize=9.5)  # fmt: skip
    axes.set_ylim(float(seen.min()) - pad, float(seen.max()) + pad)
    axes.set_xlim(0.5 - 0.01 * len(place), len(place) * 1.01 + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return int(far.sum())
