"""The charts of a sweep."""

from __future__ import annotations

from pathlib import Path

from sim.briefing.charts.heat_map import heat_map
from sim.briefing.charts.style import save, style
from sim.briefing.charts.sweep_lines import sweep_lines
from sim.briefing.charts.sweep_points import points_along, points_map
from sim.briefing.saved_sweep import SavedSweep
from sim.briefing.words import Language


def draw_sweep_charts(saved: SavedSweep, folder: Path, language: Language) -> list[Path]:
    """Draw the charts of a sweep into a folder; return the files.

    ``heat_map``: the verdicts over two factors, if there are two. ``lines``: the estimates along one.
    """
    written: list[Path] = []
    with style():
        if len(saved.factors) > 1:
            written += save((points_map if saved.scattered else heat_map)(saved, language), folder, "heat_map")
        written += save((points_along if saved.scattered else sweep_lines)(saved, language), folder, "lines")
    return written
