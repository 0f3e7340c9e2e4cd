"""How much room texts and tables take on a slide, and how small they have to be to fit.

A deck names fonts and does not bring them. Where they are not installed another one takes their place, so texts are
measured with the widest that is likely to: the charts' font for Chinese, DejaVu Sans for all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import matplotlib
from PIL import ImageFont

from sim.present.charts.pieces import PIECES, POINTS
from sim.present.fonts import FILE, PACKAGE
from sim.present.table import Piece, Sentence, Traced

LINE = 1.35
"""Height of a line, in sizes of its letters."""
MEASURED = 100
"""Points at which letters are measured."""
SPARE, BOLD = 1.05, 1.08
"""No two programs set a line quite alike; and so much wider are bold Chinese characters."""
ROUNDING = 1e-6
MOST_WIDTHS = 20_000
"""Widths that are remembered: those of one deck, many times over."""
FIRST_CHINESE = 0x2000
"""Code of the first character that may be taken from a font for Chinese: signs and quotation marks are wider there."""
PAD, PAD_OF_WORDS, ROW_PAD = 0.16, 0.34, 0.12
"""Inches that a cell has beside its text, of columns of texts but the first more, and above and below it."""
NARROWEST = 1.1
"""Inches that columns of texts have at least, in the mean."""
FEWEST = 3
"""Rows that the last slide of a table has at least, if the one before has enough of them."""
LEGIBLE, WHOLE = 11.0, 9.5
"""Points: the smallest that a table is, and the smallest that saves it from being parted."""


@cache
def _font(chinese: bool, bold: bool) -> ImageFont.FreeTypeFont:
    # The plain layout takes any character, as a text of anybody's may have them.
    plain = ImageFont.Layout.BASIC
    if chinese:
        with as_file(files(PACKAGE) / FILE) as path:
            return ImageFont.truetype(str(path), MEASURED, layout_engine=plain)
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), MEASURED, layout_engine=plain)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return the width in inches of a line at a size in points."""
    return _length(text, bold) * size / MEASURED / POINTS * SPARE


@lru_cache(MOST_WIDTHS)
def _length(text: str, bold: bool) -> float:
    """Return the length of a line at `MEASURED` points: it is measured once, however many sizes are tried."""
    length = 0.0
    for chinese, part in groupby(text, lambda character: ord(character) >= FIRST_CHINESE):
        length += _font(chinese, bold).getlength("".join(part)) * (BOLD if bold and chinese else 1.0)
    return length


def lines_of(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Return the lines that a text is broken into in `width` inches; a word that is wider is broken, too."""
    done: list[str] = []
    line = ""
    for piece in PIECES.findall(text):
        whole = width_of(piece.rstrip(), size, bold) <= width + ROUNDING
        for part in [piece] if whole else piece:
            if line and width_of((line + part).rstrip(), size, bold) > width + ROUNDING:
                done.append(line.rstrip())
                line = part.lstrip()
            else:
                line += part
    return [*done, line.rstrip()]


def height_of(text: str, size: float, width: float, bold: bool = False) -> float:
    """Return the height in inches of a text that is broken into lines."""
    return len(lines_of(text, size, width, bold)) * size * LINE / POINTS


def height_of_all(texts: Sequence[str], size: float, width: float, bold: bool = False, gap: float = 0.0) -> float:
    """Return the height in inches of paragraphs with a gap in points between every two."""
    return sum(height_of(text, size, width, bold) for text in texts) + gap / POINTS * max(len(texts) - 1, 0)


def fitting_size(
    texts: Sequence[str], width: float, height: float, largest: float, smallest: float, bold: bool = False,
    gap: float = 0.0,
) -> float:  # fmt: skip
    """Return the largest size in points at which paragraphs have room in a box; `smallest` if there is none."""
    size = largest
    while size > smallest and height_of_all(texts, size, width, bold, gap) > height + ROUNDING:
        size -= 0.5
    return size


def cut(text: str, size: float, width: float, height: float, bold: bool = False) -> str:
    """Return a text without what has no room in a box; "…" says so."""
    lines = lines_of(text, size, width, bold)
    most = max(int(height * POINTS / (size * LINE) + ROUNDING), 1)
    if len(lines) <= most:
        return text
    last = lines[most - 1]
    while last and width_of(last + "…", size, bold) > width:
        last = last[:-1]
    # Between two words rather than two Chinese characters there was a space.
    kept = "".join(f"{line} " if line and line[-1].isascii() else line for line in lines[: most - 1])
    return kept + last.rstrip() + "…"


Cell = Piece | Sentence


def shown(cell: Cell) -> str:
    """Return what a cell shows, verdicts with their signs."""
    if isinstance(cell, Sentence):
        return "".join(map(shown, cell.pieces))
    return cell.signed if isinstance(cell, Traced) else cell


class Grid(NamedTuple):
    """A table for slides.

    Attributes
    ----------
    heads : tuple of str
        Empty if there is no head.
    rows : sequence of sequence of str, Traced or Sentence
    wide : frozenset of int
        Columns of texts, besides the first.
    total : int
        So many of the last rows are sums.
    """

    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    wide: frozenset[int] = frozenset()
    total: int = 0


class Layout(NamedTuple):
    """How a table is laid out: its size in points, and the inches of its columns, its head and its rows."""

    size: float
    widths: tuple[float, ...]
    head: float
    rows: tuple[float, ...]


def laid_out(grid: Grid, width: float, height: float, largest: float, smallest: float = LEGIBLE) -> Layout:
    """Return a table as large as has room; if there is none it is `smallest`, and has to be parted."""
    size = largest
    while size >= min(WHOLE, smallest):
        layout = _at(grid, width, size)
        if layout.head + sum(layout.rows) <= height:
            return layout
        size -= 0.5
    return _at(grid, width, smallest)


def _at(grid: Grid, width: float, size: float) -> Layout:
    widths = _widths(grid, width, size)

    def height(cells: Sequence[Cell], size: float, bold: bool) -> float:
        lines = max(
            len(lines_of(shown(cell), size, wide - _pad(grid, column), bold))
            for column, (cell, wide) in enumerate(zip(cells, widths, strict=True))
        )
        return lines * size * LINE / POINTS + ROW_PAD

    head = height(grid.heads, size - 1, True) if grid.heads else 0.0
    sums = len(grid.rows) - grid.total
    return Layout(size, widths, head, tuple(height(row, size, place >= sums) for place, row in enumerate(grid.rows)))


def _widths(grid: Grid, width: float, size: float) -> tuple[float, ...]:
    """Return widths: columns of numbers as wide as they need, the others share what is left by what they would take."""
    natural: list[float] = []
    for column in range(len(grid.heads or grid.rows[0])):
        wanted = max((width_of(shown(row[column]), size, bold=True) for row in grid.rows), default=0.0)
        if grid.heads:
            # A head may have two lines, but no word of it is broken.
            head = grid.heads[column]
            word = max(width_of(piece.rstrip(), size - 1, bold=True) for piece in PIECES.findall(head) or [""])
            title = width_of(head, size - 1, bold=True)
            wanted = max(wanted, word, min(title, max(title / 2 + 0.25, 0.9)))
        natural.append(wanted + _pad(grid, column))
    flexible = {column: natural[column] for column in (0, *grid.wide)}
    left = width - sum(natural) + sum(flexible.values())
    left = max(left, NARROWEST * len(flexible))
    # What needs less than its part has all that it needs, as a column of verdicts.
    while small := [column for column, wide in flexible.items() if wide <= left / len(flexible)]:
        left -= sum(flexible.pop(column) for column in small)
        if not flexible:
            # What is left over goes between all columns alike, so that numbers do not stick to each other.
            return tuple(wide + left / len(natural) for wide in natural)
    whole = sum(flexible.values())
    return tuple(wide / whole * left if column in flexible else wide for column, wide in enumerate(natural))


def _pad(grid: Grid, column: int) -> float:
    return PAD_OF_WORDS if column in grid.wide else PAD


def pages(layout: Layout, height: float) -> list[tuple[int, int]]:
    """Return from which row to which a table goes on each slide."""
    found: list[tuple[int, int]] = []
    begin, taken, room = 0, 0.0, height - layout.head
    for row, high in enumerate(layout.rows):
        if taken + high > room + ROUNDING and row > begin:
            found.append((begin, row))
            begin, taken = row, 0.0
        taken += high
    end = len(layout.rows)
    moved = end - FEWEST
    if found and end - begin < FEWEST and moved - found[-1][0] >= FEWEST and sum(layout.rows[moved:]) <= room:
        # A row or two alone on a slide look like a mistake.
        begin, found[-1] = moved, (found[-1][0], moved)
    return [*found, (begin, end)]
