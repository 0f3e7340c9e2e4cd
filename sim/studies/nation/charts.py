"""The offices of a nation: how they are placed by headroom, and region by region."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.present.charts.pieces import GROUNDS, legend_row
from sim.present.charts.style import (
    GREY,
    INK,
    VERDICT_COLOURS,
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
from sim.studies.nation.show import SHOWN, finding, source, subtitle
from sim.text import _

FILLS = {"HOLDS": GROUNDS[0], "FAILS": GROUNDS[1], "UNDECIDED": GROUNDS[3]}
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
    figure = new_figure()
    write_title(figure, finding(record), subtitle(record))
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
    axes = figure.add_axes((0.115 if named else 0.045, 0.095, 0.86 if named else 0.93, 0.67))
    for down, (_name, offices) in enumerate(rows):
        for across, office in enumerate(offices):
            axes.add_patch(_tile(across, down, office))
    most = max(len(offices) for _name, offices in rows)
    axes.set_xlim(0, most)
    axes.set_ylim(len(rows), 0)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
    size = float(np.clip(210 / max(len(rows), 1), 5.5, 10.5))
    axes.set_yticks([down + 0.5 for down in range(len(rows))] if named else [])
    if named:
        axes.set_yticklabels([name or "–" for name, _offices in rows], fontsize=size)
    legend_row(figure, {verdict_word(v): Patch(fc=FILLS[v], ec=GREY, lw=0.4) for v in SHOWN})
    write_line(figure, 0.06, _("a tile an office; in each row the least headroom is at the left"), size=9.5)
    write_source(figure, source(record))
    return figure


def _share(offices: list[OfficeRow], verdict: str) -> float:
    return sum(office.verdict == verdict for office in offices) / len(offices)


def _tile(across: int, down: int, office: OfficeRow) -> Patch:
    from matplotlib.patches import Rectangle

    return Rectangle((across + 0.06, down + 0.08), 0.88, 0.84, fc=FILLS[office.verdict], ec="none")


def estimates_chart(record: Nation) -> Figure:
    """Return the estimates of all offices with their intervals, the least headroom first."""
    figure = new_figure()
    write_title(figure, finding(record), subtitle(record))
    axes = figure.add_axes((0.075, 0.15, 0.9, 0.64))
    _curve(axes, record)
    bare(axes)
    axes.set_xlabel(_("offices, by headroom: the least at the left"))
    axes.set_ylabel(estimate_axis(record.target))
    given = [verdict for verdict in SHOWN if record.counts[verdict]]
    marks = {verdict_word(verdict): Patch(fc=VERDICT_COLOURS[verdict], ec="none") for verdict in given}
    legend_row(figure, marks)
    write_source(figure, source(record))
    return figure


def _curve(axes: Axes, record: Nation) -> None:
    promised = record.target.promised
    top = promised * FAR if record.target.about_mean else 1.0
    estimate = np.array([office.estimate for office in record.offices], np.float64)
    shown = np.minimum(np.where(np.isfinite(estimate), estimate, top if record.target.about_mean else 0.0), top)
    low, high = (np.array([getattr(office, end) for office in record.offices], np.float64) for end in ("low", "high"))
    place = np.arange(len(estimate))
    known = np.isfinite(low) & np.isfinite(high)
    axes.vlines(place[known], np.minimum(low[known], top), np.minimum(high[known], top), color=GREY, lw=0.6, alpha=0.5)
    for verdict in SHOWN:
        mine = np.array([office.verdict == verdict for office in record.offices])
        axes.plot(place[mine], shown[mine], ls="none", marker="o", ms=2.4, color=VERDICT_COLOURS[verdict], mew=0)
    axes.axhline(promised, color=INK, lw=0.9)
    axes.annotate(promised_text(record.target), (1.0, promised), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                  textcoords="offset points", ha="right", color=INK, fontsize=9.5)  # fmt: skip
    axes.set_ylim(0, top * 1.02)
    axes.set_xlim(-0.01 * len(place) - 1, len(place) * 1.01)
