"""The project's charts as pictures for the page."""

from __future__ import annotations

import io
from collections.abc import Callable

from matplotlib.figure import Figure

from sim.briefing.brief.pictures import drawable
from sim.briefing.charts import CHARTS
from sim.briefing.charts.differences import differences_chart
from sim.briefing.charts.style import style
from sim.briefing.saved import Saved
from sim.briefing.saved_comparison import SavedComparison
from sim.briefing.words import Language

DPI = 150


def run_picture(saved: Saved, name: str, language: Language) -> bytes:
    """Return one of the charts of a run as PNG."""
    return _png(lambda: CHARTS[name](drawable(saved), language))


def comparison_picture(saved: SavedComparison, language: Language) -> bytes:
    """Return the chart of a comparison as PNG."""
    return _png(lambda: differences_chart(drawable(saved), language))


def _png(chart: Callable[[], Figure]) -> bytes:
    file = io.BytesIO()
    with style():
        chart().savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()
