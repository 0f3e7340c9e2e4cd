"""The Chinese characters of a page, put into it: a machine without any Chinese font would show boxes in their place."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from importlib.resources import as_file, files

from fontTools import subset

from sim.present.fonts import FILE, PACKAGE

MOST_FACES = 32
"""Fonts that are remembered, a few hundred kilobytes each."""
FAMILY = "Embedded Han"
"""In Chinese it stands last but one in the families of a page: a font of the machine is taken if there is one."""
HAN = 0x2E80
"""The first of the characters that are Chinese alone."""


def font_face(page: str, first: int = 0x80) -> str:
    """Return the style rule of a font with the characters of a page that are not ASCII; empty if there are none.

    Parameters
    ----------
    page : str
        The page as it is without the font.
    first : int
        Only characters from this one on.

    Notes
    -----
    About 150 bytes a character. The SIL Open Font License of the font allows it to be embedded in a document.
    """
    return _face("".join(sorted({character for character in page if ord(character) >= first})))


@lru_cache(MOST_FACES)
def _face(characters: str) -> str:
    options = subset.Options(flavor="woff", layout_features=["kern"], hinting=False, notdef_outline=True)
    written = io.BytesIO()
    with as_file(files(PACKAGE) / FILE) as path, subset.load_font(str(path), options, lazy=True) as font:
        chosen = subset.Subsetter(options)
        chosen.populate(text=characters)
        chosen.subset(font)
        if not font.getBestCmap():
            return ""
        subset.save_font(font, written, options)
    coded = base64.b64encode(written.getvalue()).decode("ascii")
    return f'@font-face {{ font-family: "{FAMILY}"; src: url("data:font/woff;base64,{coded}") format("woff"); }}\n'
