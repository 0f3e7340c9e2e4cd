"""A briefing as one page of HTML: it asks for nothing else, whether opened from a file or printed."""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from sim.brief.compose import Briefing
from sim.present.embedded_font import HAN, font_face
from sim.present.terminal import UNSAFE
from sim.text import _, language

TEMPLATE, STYLE = "page.html.jinja", "page.css"


def page(briefing: Briefing) -> str:
    """Return the page of a briefing; every text in it is escaped."""
    css = Markup(_text_of(STYLE))  # ours, and no text of anybody's is in it
    render = partial(_template().render, briefing=briefing, _=_)
    # What characters it has is known when it is there.
    first = HAN if language() == "en" else 0x80
    return render(css=Markup(font_face(render(css=css), first)) + css).translate(UNSAFE) + "\n"


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_unbroken)
    return environment.from_string(_text_of(TEMPLATE))


def _unbroken(value: object) -> object:
    """Return a text in which no line ends between a number and its per cent sign."""
    return value.replace(" %", "\u00a0%") if isinstance(value, str) else value


def _text_of(name: str) -> str:
    return (files("sim.brief") / name).read_text(encoding="utf-8")
