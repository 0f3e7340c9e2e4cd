"""The page, as Streamlit runs it: from top to bottom, again whenever something is changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from sim.app import parts
from sim.app.changes import changed
from sim.app.look import styles
from sim.app.offices import Offices, Stamps, offices_in, stamps_in
from sim.app.remarks import FAILURES, failure, unusual, why_not, wrong
from sim.app.settings import Settings, settings_from
from sim.app.show_briefing import show_briefing
from sim.app.show_comparison import show_comparison
from sim.app.show_file import show_file
from sim.app.show_replay import show_replay
from sim.app.show_verdict import show_verdict
from sim.app.shown import Shown, reached
from sim.app.sidebar import Chosen, choose, choose_language
from sim.app.verdict import get_ready
from sim.briefing.mistakes import in_language
from sim.briefing.words import Language, word
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.replicate.store import UNITS, FileStore

SECTIONS: dict[str, Callable[[Shown], None]] = {
    "verdict": show_verdict,
    "compare": show_comparison,
    "replay": show_replay,
    "file": show_file,
    "briefing": show_briefing,
}
"""By the words that name them; only the one that is chosen is made."""


def show(settings: Settings) -> None:
    """Show the page."""
    st.set_page_config(page_title=word("app title", settings.language), layout="wide")
    look = st.empty()
    offices = _offices(settings.scenarios, stamps_in(settings.scenarios))
    titles = [text for each in offices.by_name.values() for text in (each.title.en, each.title.zh)]
    typed = [value for value in st.session_state.values() if isinstance(value, str)]
    look.html(styles([*titles, *typed]))
    with st.sidebar:
        language = choose_language(settings)
    st.html(parts.heading(word("app title", language), word("app about", language)))
    if offices.problems:
        number = len({problem.file for problem in offices.problems})
        lines = [in_language(str(problem), language) for problem in offices.problems]
        st.html(parts.note("unusual", word("app unread", language, number=number), lines))
    if not offices.by_name:
        st.html(parts.note("wrong", word("app no scenario", language, folder=settings.scenarios.name)))
        return
    with st.sidebar:
        chosen = choose(offices, settings.scenario, language)
    with st.spinner(word("app warming", language)):
        _ready()
    try:
        scenario = changed(chosen.scenario, chosen.changes)
    except ScenarioError as error:
        st.html(parts.note("wrong", word("app invalid", language), (wrong(each, language) for each in error.problems)))
        return
    try:
        _show_office(settings, chosen, _entitled(scenario, chosen.scenario), language)
    except FAILURES as error:
        st.html(parts.note("wrong", failure(error, language)))


def _show_office(settings: Settings, chosen: Chosen, scenario: Scenario, language: Language) -> None:
    store = _store(settings.results / UNITS)
    judged = reached(scenario, settings.seed, store, language)
    if remarks := unusual(scenario, language):
        st.html(parts.note("unusual", word("app unusual", language), remarks))
    if judged.saved is None:
        st.html(parts.note("wrong", word("app invalid", language), [why_not(judged.run.outcome.why, language)]))
        return
    sections = list(SECTIONS)
    section = st.segmented_control(
        word("app section", language), sections, default=sections[0], required=True,
        format_func=lambda each: word(f"app section {each}", language), key="section", label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[section or sections[0]](Shown(settings, chosen, scenario, judged, judged.saved, store, language))


def _entitled(scenario: Scenario, of: Scenario) -> Scenario:
    """Return a changed scenario with titles that say so."""
    if scenario is of:
        return scenario
    titles = {language: word("app adjusted", language, title=getattr(of.title, language)) for language in ("en", "zh")}
    return scenario.model_copy(update={"title": of.title.model_copy(update=titles)})


@st.cache_resource(show_spinner=False, max_entries=1)
def _offices(folder: Path, stamps: Stamps) -> Offices:
    """Return the scenarios, which are read again when one of the files has changed."""
    return offices_in(folder)


@st.cache_resource(show_spinner=False)
def _store(folder: Path) -> FileStore:
    return FileStore(folder)


@st.cache_resource(show_spinner=False)
def _ready() -> bool:
    get_ready()
    return True


if __name__ == "__main__":
    show(settings_from(sys.argv[1:]))
