"""A briefing as one page of HTML: it asks for nothing else, whether opened from a file or printed."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sim.briefing.brief.contents import Briefing
from sim.briefing.embedded_font import font_face
from sim.briefing.words import word

TEMPLATE, STYLE = "page.html.jinja", "page.css"
TONES = {"HOLDS": "holds", "FAILS": "fails", "TOO CLOSE": "close"}


def page(briefing: Briefing) -> str:
    """Return the page of a briefing; every text in it is escaped."""
    folder = files("sim.briefing.brief")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["tone"] = lambda verdict: TONES.get(verdict, "open")
    template = environment.from_string((folder / TEMPLATE).read_text(encoding="utf-8"))
    css = Markup((folder / STYLE).read_text(encoding="utf-8"))  # ours, and no text of anybody's is in it
    render = partial(template.render, briefing=briefing, words=partial(word, language=briefing.language))
    # What characters it has is known when it is there.
    return render(css=Markup(font_face(render(css=css))) + css) + "\n"
