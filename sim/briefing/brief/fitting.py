"""How much room a text takes on a slide, and how small it has to be to fit.

A deck names fonts and does not bring them. Where they are not installed another one takes their place, so texts are
measured with the widest that is likely to: the charts' font for Chinese, DejaVu Sans for all else.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path

import matplotlib
from PIL import ImageFont

from sim.briefing.brief.pictures import one_line
from sim.briefing.charts.pieces import PIECES
from sim.briefing.fonts import FILE, PACKAGE

POINTS = 72.0
"""Points an inch."""
LINE = 1.35
"""Height of a line, in sizes of its letters."""
MEASURED = 100
"""Points at which letters are measured."""
SPARE = 1.05
"""No two programs set a line quite alike."""
BOLD = 1.08
"""So much wider are bold Chinese characters."""
ROUNDING = 1e-6
MOST_WIDTHS = 20_000
"""Widths that are remembered: those of one deck, many times over."""
FIRST_CHINESE = 0x2000
"""Code of the first character that may be taken from a font for Chinese: signs and quotation marks are wider there."""


@cache
def _font(chinese: bool, bold: bool) -> ImageFont.FreeTypeFont:
    # The plain layout takes any character, as a text of anybody's may have them.
    plain = ImageFont.Layout.BASIC
    if chinese:
        with as_file(files(PACKAGE) / FILE) as path:
            return ImageFont.truetype(str(path), MEASURED, layout_engine=plain)
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), MEASURED, layout_engine=plain)


@lru_cache(MOST_WIDTHS)
def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a line in inches."""
    length = 0.0
    for chinese, part in groupby(one_line(text), lambda character: ord(character) >= FIRST_CHINESE):
        length += _font(chinese, bold).getlength("".join(part)) * (BOLD if bold and chinese else 1.0)
    return length * size / MEASURED / POINTS * SPARE


def lines_of(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Return the lines that a text is broken into in `width` inches; a word that is wider is broken, too."""
    done: list[str] = []
    line = ""
    for piece in PIECES.findall(one_line(text)):
        for part in _broken(piece, size, width, bold):
            # A column that is made as wide as its text has room for it.
            if line and width_of((line + part).rstrip(), size, bold) > width + ROUNDING:
                done.append(line.rstrip())
                line = part.lstrip()
            else:
                line += part
    return [*done, line.rstrip()]


def _broken(piece: str, size: float, width: float, bold: bool) -> list[str]:
    if width_of(piece.rstrip(), size, bold) <= width:
        return [piece]
    parts, line = [], ""
    for character in piece:
        if line and width_of(line + character, size, bold) > width:
            parts.append(line)
            line = character
        else:
            line += character
    return [*parts, line]


def height_of(text: str, size: float, width: float, bold: bool = False) -> float:
    """Return the height in inches of a text that is broken into lines."""
    return len(lines_of(text, size, width, bold)) * size * LINE / POINTS


def fitting_size(text: str, width: float, height: float, largest: float, smallest: float, bold: bool = False) -> float:
    """Return the largest size in points at which a text has room in a box; `smallest` if there is none."""
    size = largest
    while size > smallest and height_of(text, size, width, bold) > height:
        size -= 0.5
    return size


def cut(text: str, size: float, width: float, height: float, bold: bool = False) -> str:
    """Return a text without what has no room in a box; "…" says so."""
    lines = lines_of(text, size, width, bold)
    most = max(int(height * POINTS / (size * LINE) + 1e-6), 1)
    if len(lines) <= most:
        return text
    last = lines[most - 1]
    while last and width_of(last + "…", size, bold) > width:
        last = last[:-1]
    kept = "".join(f"{line} " if _spaced(line) else line for line in lines[: most - 1])
    return kept + last.rstrip() + "…"


def _spaced(line: str) -> bool:
    """Say whether a line ended between two words rather than two Chinese characters."""
    return bool(line) and line[-1].isascii()
