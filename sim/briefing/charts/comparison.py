"""The chart of a comparison."""

from __future__ import annotations

from pathlib import Path

from sim.briefing.charts.differences import differences_chart
from sim.briefing.charts.style import save, style
from sim.briefing.saved_comparison import SavedComparison
from sim.briefing.words import Language


def draw_comparison_chart(saved: SavedComparison, folder: Path, language: Language) -> list[Path]:
    """Draw the chart of a comparison into a folder; return the files."""
    with style():
        return save(differences_chart(saved, language), folder, "differences")
