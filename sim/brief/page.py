"""A briefing as one page of HTML: it asks for nothing else, whether opened from a file or printed."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sim.brief.compose import Briefing
from sim.present.embedded_font import font_face
from sim.text import _

TEMPLATE, STYLE = "page.html.jinja", "page.css"


def page(briefing: Briefing) -> str:
    """Return the page of a briefing; every text in it is escaped."""
    folder = files("sim.brief")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((folder / TEMPLATE).read_text(encoding="utf-8"))
    css = Markup((folder / STYLE).read_text(encoding="utf-8"))  # ours, and no text of anybody's is in it
    render = partial(template.render, briefing=briefing, _=_)
    # What characters it has is known when it is there.
    return render(css=Markup(font_face(render(css=css))) + css) + "\n"
