"""Charts that nobody looks at: white pictures and empty files, in place of drawn ones."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from sim.brief.pictures import Picture
from sim.present.charts.style import FORMATS
from sim.studies.base import Chart, Study


def flat_picture(name: str, chart: Chart | None, sources: tuple[str, ...]) -> Picture:
    """Return a picture without drawing it."""
    file = io.BytesIO()
    Image.new("RGB", (600, 300), "white").save(file, "PNG")
    png, svg = file.getvalue(), b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    whole = {"png": png, "svg": svg}
    return Picture(name, f"{name}: 4.95", "subtitle", "Simulation", sources, png, svg, whole, 6.0, 3.0, 9.0)


def flat_files(study: Study[Any], record: Any, folder: Path) -> None:
    """Write an empty file for each chart of a record that is saved."""
    for chart in study.charts(record):
        if chart.saved:
            for kind in FORMATS:
                (folder / f"{chart.name}.{kind}").touch()
