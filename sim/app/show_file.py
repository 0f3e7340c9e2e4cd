"""The section of the scenario file: what it says, and saving it."""

from __future__ import annotations

import streamlit as st

from sim.app import parts
from sim.app.changes import adjusted_name, overlay, with_changes
from sim.app.remarks import failure, wrong
from sim.app.saving import RefusedError, safe_name, safe_title, save_scenario, scenario_text
from sim.app.shown import Shown
from sim.app.sidebar import reset
from sim.briefing.words import word
from sim.office.problems import ScenarioError
from sim.office.scenario import SUFFIX

LONGEST_TYPED = 300
"""Characters that a field takes."""


def show_file(shown: Shown) -> None:
    """Show the section."""
    language, of = shown.language, shown.chosen.scenario
    typed = st.text_input(
        word("app name", language), adjusted_name(of.name), LONGEST_TYPED, key=f"name/{of.name}",
        help=word("app name help", language),
    )  # fmt: skip
    titles = {
        each: safe_title(st.text_input(
            word(f"app title {each}", language), word("app adjusted", each, title=getattr(of.title, each)),
            LONGEST_TYPED, key=f"title/{each}/{of.name}",
        ))
        for each in ("en", "zh")
    }  # fmt: skip
    name = safe_name(typed)
    if not name:
        st.html(parts.note("wrong", word("app no name", language)))
        return
    try:
        with_changes(of, shown.chosen.changes, name, titles)
    except ScenarioError as error:
        st.html(parts.note("wrong", word("app invalid", language), (wrong(each, language) for each in error.problems)))
        return
    text = scenario_text(name, of.name, titles, overlay(of, shown.chosen.changes))
    about = word("app file about", language, parent=getattr(of.title, language), name=name)
    st.html(parts.note("plain", about))
    st.code(text, language="yaml", wrap_lines=True)
    there = (shown.settings.scenarios / f"{name}{SUFFIX}").exists()
    replace = there and st.checkbox(word("app replace", language), key=f"replace/{name}")
    left, right = st.columns([1, 1])
    if left.button(word("app save", language), type="primary", width="stretch", key="save"):
        _save(shown, name, text, replace)
    right.download_button(
        word("app download", language), text.encode(), f"{name}{SUFFIX}", "application/yaml", on_click="ignore",
        width="stretch", key="scenario file",
    )  # fmt: skip
    if (saved := st.session_state.pop("saved", None)) is not None:
        st.html(parts.note("said", word("app saved", language, file=saved)))


def _save(shown: Shown, name: str, text: str, replace: bool) -> None:
    """Write the file, and say why if that is not done."""
    language, folder = shown.language, shown.settings.scenarios
    try:
        file = save_scenario(folder, name, shown.chosen.scenario.name, text, replace)
    except RefusedError as refused:
        st.html(parts.note("wrong", word(f"app {refused.reason}", language)))
    except ScenarioError as error:
        st.html(parts.note("wrong", word("app invalid", language), (wrong(each, language) for each in error.problems)))
    except OSError as error:
        st.html(parts.note("wrong", failure(error, language)))
    else:
        reset(name)
        # Once more from the top: the new scenario belongs into the list.
        st.session_state["saved"] = f"{folder.name}/{file.name}"
        st.rerun()
