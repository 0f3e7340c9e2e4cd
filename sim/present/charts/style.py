"""What all charts share: size, colours, title, source line, files."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.present.fonts import families

WIDTH, HEIGHT = 10.0, 5.625
"""Inches: the shape of a slide."""
DPI = 180
LEFT, RIGHT = 0.045, 0.975
"""Text begins and ends here, as a fraction of the width."""
FORMATS = ("png", "svg")

INK, GREY, PALE, LINE = "#1a1a1a", "#5f6368", "#f1f3f4", "#d0d4d9"
# Okabe and Ito's colours: told apart by colour-blind eyes too.
BLUE, ORANGE, RED, GREEN, SKY, PINK = "#0072b2", "#e69f00", "#d55e00", "#009e73", "#56b4e9", "#cc79a7"
SERIES = (SKY, ORANGE, PINK, GREEN, BLUE, RED, "#332288", "#999933", "#882255", "#44aa99", "#661100", "#6699cc")
"""Of the stages, and of the pools, in the office's order; behind the six that every office has, others of Tol's."""
AMBER = "#8f6600"
"""Dark enough to be read as text on white."""
VERDICT_COLOURS = {"HOLDS": BLUE, "FAILS": RED, "TOO CLOSE": AMBER, "UNDECIDED": GREY}
VERDICT_MARKERS = {"HOLDS": "o", "FAILS": "X", "TOO CLOSE": "s", "UNDECIDED": "D"}
SMALLEST_TITLE = 9.0
BETWEEN = " · "
"""Between the parts of a line."""
# The settings of matplotlib are those of the whole process, in which the app serves several people.
_DRAWING = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Draw within this context: settings hold for these charts only, and one thread draws at a time."""
    settings: Any = {
        "font.family": list(families()),
        "font.size": 10.5,
        "axes.unicode_minus": False,
        "axes.edgecolor": LINE,
        "axes.labelcolor": GREY,
        "axes.labelsize": 10.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": False,
        "grid.color": LINE,
        "grid.linewidth": 0.6,
        "text.color": INK,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelsize": 10.5,
        "ytick.labelsize": 10.5,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        # What stands between two dollars in a title or the name of a file is no formula.
        "text.parse_math": False,
        # The same numbers give the same file.
        "svg.hashsalt": "licence-office-sim",
    }
    with _DRAWING, mpl.rc_context():
        mpl.rcParams.update(settings)
        yield


@contextmanager
def boxes_for_rare_signs() -> Iterator[None]:
    """Draw a box for a sign that no font has, within this context, without a word of it on standard error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def new_figure(height: float = HEIGHT) -> Figure:
    """Return an empty figure of the slide's width."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def write_title(figure: Figure, text: str, subtitle: str, coloured: str = "", colour: str = INK) -> None:
    """Write the finding as the title, its beginning `coloured`, and a smaller line below.

    Either is made smaller if it would be cut at the edge.
    """
    height = figure.get_figheight()
    top = 1 - 0.42 / height
    size = 17.0
    while True:
        first = figure.text(LEFT, top, coloured, size=size, color=colour, va="baseline")
        begin = _right_of(figure, first) if coloured else LEFT
        second = figure.text(begin, top, text, size=size, va="baseline")
        if _right_of(figure, second) <= RIGHT or size <= SMALLEST_TITLE:
            break
        first.remove()
        second.remove()
        size -= 0.5
    write_line(figure, top - 0.26 / height, subtitle, size=11.5)


def write_source(figure: Figure, text: str) -> None:
    """Write where the figures come from at the bottom."""
    write_line(figure, 0.17 / figure.get_figheight(), text, size=9.0)


def write_line(figure: Figure, y: float, text: str, size: float) -> None:
    """Write a line over the figure's width, smaller if it does not fit."""
    line = figure.text(LEFT, y, text, size=size, color=GREY, va="center")
    while _right_of(figure, line) > RIGHT and size > 7:
        size -= 0.5
        line.set_fontsize(size)


def _right_of(figure: Figure, text: Text) -> float:
    box = text.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    return float(box.x1 / figure.bbox.width)


def bare(axes: Axes, grid: str = "y") -> None:
    """Leave of the axes what is needed: no ticks, a pale grid in one direction, a line at the bottom."""
    axes.tick_params(length=0)
    axes.grid(True, axis=grid)  # type: ignore[arg-type]
    axes.spines["left"].set_visible(False)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure in all formats; return the files."""
    files = [folder / f"{name}.{kind}" for kind in FORMATS]
    for file in files:
        write(figure, file)
    return files


def write(figure: Figure, file: Path) -> None:
    """Write a figure to a file, without the time of day in it."""
    metadata = {"Date": None, "Creator": None} if file.suffix == ".svg" else {"Software": None}
    figure.savefig(file, dpi=DPI, metadata=metadata)
