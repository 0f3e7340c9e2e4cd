"""How the page looks: its styles, and the Chinese characters for a machine without a Chinese font."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from sim.briefing.clauses import CLAUSES, VALUES
from sim.briefing.embedded_font import font_face
from sim.briefing.words import WORDS


def styles(texts: Iterable[str]) -> str:
    """Return the styles as HTML.

    Parameters
    ----------
    texts : iterable of str
        What the page shows besides the program's own labels: titles, and what was typed.
    """
    css = files("sim.app").joinpath("look.css").read_text(encoding="utf-8")
    return f"<style>{_labels_face()}{font_face(_further(texts))}{css}</style>"


@cache
def _labels_face() -> str:
    return font_face(_labels())


@cache
def _labels() -> str:
    texts = [*(text for pair in (*WORDS.values(), *CLAUSES) for text in pair), *VALUES.values()]
    return "".join(sorted(set("".join(texts))))


def _further(texts: Iterable[str]) -> str:
    return "".join(sorted({character for text in texts for character in text} - set(_labels())))
