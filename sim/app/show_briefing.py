"""The section of the briefing: made when it is asked for, and downloaded."""

from __future__ import annotations

import streamlit as st

from sim.app import parts
from sim.app.briefings import RUNS, Written, briefing_on
from sim.app.remarks import FAILURES, failure
from sim.app.shown import Shown, key_of
from sim.briefing.words import word

KINDS = {
    "page": ("html", "text/html"),
    "deck": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "workbook": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def show_briefing(shown: Shown) -> None:
    """Show the section."""
    language = shown.language
    if not shown.saved.finished:
        st.html(parts.note("unusual", word("app briefing none", language)))
        return
    folder = f"{shown.settings.results.parent.name}/{shown.settings.results.name}/{RUNS}"
    st.html(parts.note("plain", word("app briefing about", language, folder=folder)))
    key = key_of(shown.scenario, shown.settings.seed), language
    if st.button(word("app make briefing", language), type="primary", key="brief"):
        try:
            with st.spinner(word("app briefing made", language)):
                written = briefing_on(shown.judged.run, shown.settings.results, language)
        except FAILURES as error:
            st.html(parts.note("wrong", failure(error, language)))
            return
        st.session_state["briefing"] = key, written
    made, files = st.session_state.get("briefing", (None, None))
    if made == key and isinstance(files, Written):
        for column, (kind, (suffix, mime)) in zip(st.columns(len(KINDS)), KINDS.items(), strict=True):
            column.download_button(
                word(f"app briefing {kind}", language), getattr(files, kind), f"{files.name}.{suffix}", mime,
                on_click="ignore", width="stretch", key=f"briefing {kind}",
            )  # fmt: skip
