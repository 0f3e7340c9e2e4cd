"""Charts that nobody looks at: white pictures and empty files, in place of drawn ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sim.brief import pictures
from sim.brief.pictures import Picture
from sim.present.charts.style import FORMATS
from sim.studies import driver
from sim.studies.base import Chart, Study

DRAW_INTO, DRAW = driver.draw_into, pictures.draw


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


@contextmanager
def _with(draw_into: Callable[..., None], draw: Callable[..., Picture]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "draw_into", draw_into)
        patch.setattr(pictures, "draw", draw)
        yield


def flat() -> Any:
    """Within this context commands and briefings draw nothing."""
    return _with(flat_files, flat_picture)


def drawing() -> Any:
    """Within this context they draw."""
    return _with(DRAW_INTO, DRAW)
