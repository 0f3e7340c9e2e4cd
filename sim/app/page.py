"""The page, as Streamlit runs it: from top to bottom, again whenever something is changed."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from sim.app.changes import adjusted_title, changed
from sim.app.looks import heading, note, styles
from sim.app.office import FAILURES, failure, get_ready, why_not
from sim.app.scenarios import Offices, Stamps, offices_in, stamps_in, unusual, wrong
from sim.app.sections import show_briefing, show_file, show_replay
from sim.app.sidebar import Chosen, choose, choose_language
from sim.app.starting import Settings, settings_from
from sim.app.verdict import Shown, reached, show_comparison, show_verdict
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict
from sim.present.names import naming
from sim.replicate.store import BATCHES, FileStore
from sim.text import N_, _, _n, in_each, speak

SECTIONS = {
    "verdict": (N_("Verdict"), show_verdict),
    "compare": (N_("Comparison"), show_comparison),
    "replay": (N_("Replay"), show_replay),
    "file": (N_("Scenario file"), show_file),
    "briefing": (N_("Briefing"), show_briefing),
}
"""What they are called, and what shows them; only the one that is chosen is made."""


def show(settings: Settings) -> None:
    """Show the page."""
    speak(settings.language)
    title = _("Does the office keep its promise?")
    st.set_page_config(page_title=title, layout="wide")
    look = st.empty()
    offices = _offices(settings.folders, stamps_in(*settings.folders))
    titles = [text for each in offices.by_name.values() for title in each.titles for text in (title.en, title.zh)]
    typed = [value for value in st.session_state.values() if isinstance(value, str)]
    look.html(styles([*titles, *typed]))
    with st.sidebar:
        speak(choose_language(settings))
    title = _("Does the office keep its promise?")
    st.html(heading(title, _("Change demand, staff and shifts, and see whether the target holds.")))
    if offices.problems:
        number = len({problem.file for problem in offices.problems})
        said = _n("{number} file in the folder of scenarios cannot be read:",
                  "{number} files in the folder of scenarios cannot be read:", number)  # fmt: skip
        st.html(note("unusual", said, map(str, offices.problems)))
    if not offices.by_name:
        folder = settings.scenarios.name
        st.html(note("wrong", _("There is no scenario that can be read in {folder}.", folder=folder)))
        return
    with st.sidebar:
        chosen = choose(offices, settings.scenario)
    with st.spinner(_("Getting ready. The very first time this compiles the simulator, some 20 seconds …")):
        _ready()
    with naming([scenario_as_dict(each) for each in (chosen.scenario, chosen.other)]):
        _show_changed(settings, chosen)


def _show_changed(settings: Settings, chosen: Chosen) -> None:
    try:
        scenario = changed(chosen.scenario, chosen.changes)
    except ScenarioError as error:
        st.html(note("wrong", _("This cannot be simulated:"), map(wrong, error.problems)))
        return
    try:
        _show_office(settings, chosen, _entitled(scenario, chosen))
    except FAILURES as error:
        st.html(note("wrong", failure(error)))


def _show_office(settings: Settings, chosen: Chosen, scenario: Scenario) -> None:
    store = _store(settings.results / BATCHES)
    judged = reached(scenario, settings.seed, store)
    if remarks := unusual(scenario):
        st.html(note("unusual", _("Outside the plausible range:"), remarks))
    if judged.record is None:
        st.html(note("wrong", _("This cannot be simulated:"), [why_not(judged.done.outcome)]))
        return
    labels = {name: _(label) for name, (label, __) in SECTIONS.items()}
    section = st.segmented_control(
        _("Section"), list(labels), default="verdict", required=True, format_func=labels.__getitem__, key="section",
        label_visibility="collapsed",
    )  # fmt: skip
    __, show_section = SECTIONS[section or "verdict"]
    show_section(Shown(settings, chosen, scenario, judged, judged.record, store))


def _entitled(scenario: Scenario, chosen: Chosen) -> Scenario:
    """Return a changed scenario with titles that say what is different."""
    if scenario is chosen.scenario:
        return scenario
    titles = in_each(adjusted_title, chosen.scenario, chosen.changes)
    return scenario.model_copy(update={"title": scenario.title.model_copy(update=titles)})


@st.cache_resource(show_spinner=False, max_entries=1)
def _offices(folders: tuple[Path, ...], stamps: Stamps) -> Offices:
    """Return the scenarios, which are read again when one of the files has changed."""
    return offices_in(*folders)


@st.cache_resource(show_spinner=False)
def _store(folder: Path) -> FileStore:
    return FileStore(folder)


@st.cache_resource(show_spinner=False)
def _ready() -> bool:
    get_ready()
    return True


if __name__ == "__main__":
    show(settings_from(sys.argv[1:]))
