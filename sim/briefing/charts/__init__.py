"""Charts of saved results, as PNG and SVG. Every title says the finding."""

from __future__ import annotations

from pathlib import Path

from sim.briefing.charts.day import day_chart
from sim.briefing.charts.licence_time import licence_time_chart
from sim.briefing.charts.minutes import minutes_chart
from sim.briefing.charts.style import save, style
from sim.briefing.saved import Saved
from sim.briefing.words import Language

CHARTS = {"licence_time": licence_time_chart, "day": day_chart, "minutes": minutes_chart}


def draw_charts(saved: Saved, folder: Path, language: Language) -> None:
    """Draw the three charts of a scenario into a folder; none if the office could not finish its cases.

    Parameters
    ----------
    saved : Saved
    folder : Path
    language : str
    """
    if not saved.finished:
        return
    with style():
        for name, chart in CHARTS.items():
            save(chart(saved, language), folder, name)
