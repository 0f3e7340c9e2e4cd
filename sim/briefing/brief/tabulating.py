"""How wide and high the columns and rows of a table on a slide are, and how many rows a slide has room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.briefing.brief.contents import Table
from sim.briefing.brief.fitting import LINE, POINTS, lines_of, width_of
from sim.briefing.brief.traced import Piece, Verdict, text_of
from sim.briefing.charts.pieces import PIECES

PAD, PAD_OF_WORDS = 0.16, 0.34
"""Inches that a cell has beside its text; of columns of texts but the first, more."""
ROW_PAD = 0.12
NARROWEST = 1.1
"""Inches of a column of texts."""
FEWEST = 3
"""Rows that the last slide of a table has at least, if the one before has enough of them."""
SINGLE_WORDS = 1.6
"""Inches up to which a column of texts is left as it is."""


class Layout(NamedTuple):
    """A table as it is laid out.

    Attributes
    ----------
    size : float
        Points.
    widths : tuple of float
        Inches of the columns.
    heights : tuple of float
        Inches of the head and of the rows.
    """

    size: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]


def shown(piece: Piece) -> str:
    """Return what a cell shows."""
    return piece.signed if isinstance(piece, Verdict) else text_of(piece)


def laid_out(
    table: Table, width: float, height: float, largest: float, smallest: float, whole: float | None = None
) -> Layout:
    """Return a table as large as has room; at `smallest` it may be higher than `height`.

    It may be as small as `whole` [points] if that saves it from being cut.
    """
    if whole is not None and not sum(_at(table, width, smallest).heights) <= height:
        smaller = laid_out(table, width, height, smallest, whole)
        if sum(smaller.heights) <= height:
            return smaller
    size = largest
    while True:
        layout = _at(table, width, size)
        if sum(layout.heights) <= height or size <= smallest:
            return layout
        size -= 0.5


def _at(table: Table, width: float, size: float) -> Layout:
    widths = _widths(table, width, size)
    rows: list[Sequence[Piece]] = [table.heads, *table.rows]
    heights = []
    for place, row in enumerate(rows):
        letters, bold = (size - 1, True) if place == 0 else (size, place > len(rows) - 1 - table.total)
        lines = max(
            len(lines_of(shown(piece), letters, wide - _pad(table, column), bold))
            for column, (piece, wide) in enumerate(zip(row, widths, strict=True))
        )
        heights.append(lines * letters * LINE / POINTS + ROW_PAD)
    return Layout(size, widths, tuple(heights))


def _widths(table: Table, width: float, size: float) -> tuple[float, ...]:
    """Return widths: columns of numbers as wide as they need, the others share what is left by what they would take."""
    natural: list[float] = []
    for column, head in enumerate(table.heads):
        cells = max((width_of(shown(row[column]), size, bold=True) for row in table.rows), default=0.0)
        # A head may have two lines, but no word of it is broken.
        word = max(width_of(piece.rstrip(), size - 1, bold=True) for piece in PIECES.findall(head) or [""])
        title = width_of(head, size - 1, bold=True)
        natural.append(max(cells, word, min(title, max(title / 2 + 0.25, 0.9))) + _pad(table, column))
    # A column of single words, as of verdicts, has nothing to give.
    flexible = {0, *(column for column in table.wide if natural[column] > SINGLE_WORDS)}
    fixed = sum(wide for column, wide in enumerate(natural) if column not in flexible)
    left = max(width - fixed, NARROWEST * len(flexible))
    wanted = sum(natural[column] for column in flexible)
    if wanted <= left:
        # What is left over goes between all columns alike, so that numbers do not stick to each other.
        spare = (left - wanted) / len(natural)
        return tuple(wide + spare for wide in natural)
    scale = {column: max(natural[column] / wanted * left, NARROWEST) for column in flexible}
    over = sum(scale.values()) - left
    if over > 0:
        most = max(scale, key=lambda column: scale[column])
        scale[most] -= over
    return tuple(scale.get(column, wide) for column, wide in enumerate(natural))


def _pad(table: Table, column: int) -> float:
    return PAD_OF_WORDS if column in table.wide else PAD


def pages(layout: Layout, height: float) -> list[tuple[int, int]]:
    """Return from which row to which a table goes on each slide."""
    found, begin = [], 0
    room = height - layout.heights[0]
    taken = 0.0
    for row, high in enumerate(layout.heights[1:]):
        if taken + high > room + 1e-6 and row > begin:
            found.append((begin, row))
            begin, taken = row, 0.0
        taken += high
    end = len(layout.heights) - 1
    moved = end - FEWEST
    if found and end - begin < FEWEST and moved - found[-1][0] >= FEWEST and sum(layout.heights[1 + moved :]) <= room:
        # A row or two alone on a slide look like a mistake.
        begin, found[-1] = moved, (found[-1][0], moved)
    return [*found, (begin, end)]
