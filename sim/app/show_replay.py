"""The section of the replay: a day of this office, alone or beside the one that it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from sim.app import parts
from sim.app.beside import same_office
from sim.app.remarks import why_not
from sim.app.replays import replayed_day, same_days
from sim.app.shown import Shown, key_of
from sim.briefing.words import Language, word
from sim.engines.play import NeverFinishesError
from sim.office.parameters import Scenario
from sim.replay.days import NoSuchDayError

HEIGHT = 1000
"""Pixels."""


def show_replay(shown: Shown) -> None:
    """Show the section."""
    language, scenario, other = shown.language, shown.scenario, shown.chosen.other
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    day: date | None = left.date_input(
        word("app day", language), None, scenario.first_day, scenario.last_day, format="YYYY-MM-DD",
        key=f"day/{scenario.first_day}/{scenario.last_day}",
    )  # fmt: skip
    both = [scenario]
    if not same_days(scenario, other):
        right.caption(word("app no side", language))
    elif not same_office(scenario, other) and right.toggle(word("app beside", language), key="beside"):
        both.append(other)
    st.caption(word("app middle day", language))
    try:
        with st.spinner(word("app playing", language)):
            page, on = _page(shown, both, day)
    except (NoSuchDayError, NeverFinishesError) as error:
        st.html(parts.note("unusual", word("app no day", language), [_why(error, day, language)]))
        return
    st.iframe(page, height=HEIGHT)
    st.download_button(
        word("app save replay", language), page, f"{scenario.name}-{on}.html", "text/html", on_click="ignore",
        key="replay page",
    )  # fmt: skip


def _why(error: NoSuchDayError | NeverFinishesError, day: date | None, language: Language) -> str:
    if isinstance(error, NoSuchDayError):
        return word("app no working day", language, day=day, nearest=error.nearest) if error.nearest else str(error)
    return why_not(str(error), language)


def _page(shown: Shown, offices: Sequence[Scenario], day: date | None) -> tuple[str, date]:
    """Return the page and its day; the last one that was made is kept."""
    seed, language = shown.settings.seed, shown.language
    key = [key_of(scenario, seed) for scenario in offices], day, language
    if st.session_state.get("replay", (None,))[0] != key:
        st.session_state["replay"] = key, replayed_day(offices, day, language, seed)
    found: tuple[str, date] = st.session_state["replay"][1]
    return found
