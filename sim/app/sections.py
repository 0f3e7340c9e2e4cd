"""What is taken away from an office that is shown: a day of it to be watched, its scenario file, and a briefing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from sim.app.changes import adjusted_name, adjusted_title, overlay, with_changes
from sim.app.looks import note
from sim.app.office import FAILURES, RUNS, Written, briefing_on, failure, replayed_day, same_days, same_office
from sim.app.scenarios import NO_NAME, RefusedError, safe_name, safe_title, save_scenario, scenario_text, wrong
from sim.app.sidebar import reset
from sim.app.verdict import Shown, key_of
from sim.engines.play import NeverFinishesError
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import SUFFIX
from sim.present.names import left_over
from sim.replay.played import NoSuchDayError
from sim.text import N_, _, in_each, language

HEIGHT = 1000
"""Of a replay [pixels]."""
LONGEST_TYPED = 300
"""Characters that a field takes."""
TITLES = {"en": N_("Title in English"), "zh": N_("Title in Chinese")}
KINDS = {
    "page": (N_("Page (HTML)"), "html", "text/html"),
    "deck": (
        N_("Deck (PPTX)"), "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "workbook": (
        N_("Workbook (XLSX)"), "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}  # fmt: skip
"""Parts of a briefing: how their buttons are labelled, the suffixes of their files, and their types."""


def show_replay(shown: Shown) -> None:
    """Show a day of this office, alone or beside the one that it is compared with."""
    scenario, other = shown.scenario, shown.chosen.other
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    day: date | None = left.date_input(
        _("Day"), None, scenario.first_day, scenario.last_day, format="YYYY-MM-DD",
        key=f"day/{scenario.first_day}/{scenario.last_day}",
    )  # fmt: skip
    both = [scenario]
    if not same_days(scenario, other):
        right.caption(_("The two are about different days, so only this office is shown."))
    elif not same_office(scenario, other) and right.toggle(
        _("Side by side with the scenario that it is compared with"), key="beside"
    ):
        both.append(other)
    st.caption(_(
        "Without a choice it is the working day in the middle: as many have a longer mean licence time as a shorter "
        "one. One day shows how queues arise, not whether the target holds."
    ))  # fmt: skip
    try:
        with st.spinner(_("Playing the day …")):
            page, on = _page(shown, both, day)
    except (NoSuchDayError, NeverFinishesError) as error:
        why = left_over(error.unfinished) if isinstance(error, NeverFinishesError) else error
        st.html(note("unusual", _("The day cannot be shown:"), [str(why)]))
        return
    st.iframe(page, height=HEIGHT)
    st.download_button(
        _("Download the page"), page, f"{scenario.name}-{on}.html", "text/html", on_click="ignore",
        key="replay page",
    )  # fmt: skip


def _page(shown: Shown, offices: Sequence[Scenario], day: date | None) -> tuple[str, date]:
    """Return the page and its day; the last one that was made is kept."""
    seed = shown.settings.seed
    key = [key_of(scenario, seed) for scenario in offices], day, language()
    if st.session_state.get("replay", (None,))[0] != key:
        st.session_state["replay"] = key, replayed_day(offices, day, seed)
    found: tuple[str, date] = st.session_state["replay"][1]
    return found


def show_file(shown: Shown) -> None:
    """Show what the scenario file says, and save it."""
    of = shown.chosen.scenario
    typed = st.text_input(
        _("Name of the file"), adjusted_name(of.name), LONGEST_TYPED, key=f"name/{of.name}",
        help=_("Small letters, digits and hyphens; anything else is left out."),
    )  # fmt: skip
    adjusted = in_each(adjusted_title, of, shown.chosen.changes)
    # What was typed for other changes is not the title of these.
    titles = {
        each: safe_title(st.text_input(_(label), adjusted[each], LONGEST_TYPED, key=f"title/{each}/{adjusted[each]}"))
        for each, label in TITLES.items()
    }
    name = safe_name(typed)
    if not name:
        st.html(note("wrong", str(NO_NAME)))
        return
    try:
        with_changes(of, shown.chosen.changes, name, titles)
    except ScenarioError as error:
        st.html(note("wrong", _("This cannot be simulated:"), map(wrong, error.problems)))
        return
    text = scenario_text(name, of.name, titles, overlay(of, shown.chosen.changes))
    st.html(note("plain", _(
        "Only what differs from “{parent}” is written. The file goes to {folder}/{name}.yaml.", parent=of.title,
        name=name, folder=shown.settings.scenarios.name,
    )))  # fmt: skip
    st.code(text, language="yaml", wrap_lines=True)
    there = (shown.settings.scenarios / f"{name}{SUFFIX}").exists()
    replace = there and st.checkbox(_("Replace the file that is there"), key=f"replace/{name}")
    left, right = st.columns([1, 1])
    if left.button(_("Save"), type="primary", width="stretch", key="save"):
        _save(shown, name, text, replace)
    right.download_button(
        _("Download"), text.encode(), f"{name}{SUFFIX}", "application/yaml", on_click="ignore",
        width="stretch", key="scenario file",
    )  # fmt: skip
    if (saved := st.session_state.pop("saved", None)) is not None:
        st.html(note("said", _("Saved: {file}. It is in the list of scenarios now.", file=saved)))


def _save(shown: Shown, name: str, text: str, replace: bool) -> None:
    """Write the file, and say why if that is not done."""
    folder = shown.settings.scenarios
    try:
        file = save_scenario(folder, name, shown.chosen.scenario.name, text, replace)
    except RefusedError as refused:
        st.html(note("wrong", str(refused)))
    except ScenarioError as error:
        st.html(note("wrong", _("This cannot be simulated:"), map(wrong, error.problems)))
    except OSError as error:
        st.html(note("wrong", failure(error)))
    else:
        reset(name)
        # Once more from the top: the new scenario belongs into the list.
        st.session_state["saved"] = f"{folder.name}/{file.name}"
        st.rerun()


def show_briefing(shown: Shown) -> None:
    """Show a briefing: made when it is asked for, and downloaded."""
    if not shown.record.has_figures:
        st.html(note("unusual", _("Of an office that cannot finish its cases there is no briefing.")))
        return
    results = shown.settings.results
    st.html(note("plain", _(
        "A page, a deck and a workbook on this office, for a meeting. Every number in them comes from the saved "
        "results in {folder}.", folder=f"{results.parent.name}/{results.name}/{RUNS}",
    )))  # fmt: skip
    key = key_of(shown.scenario, shown.settings.seed), language()
    if st.button(_("Make the briefing"), type="primary", key="brief"):
        try:
            with st.spinner(_("Writing page, deck and workbook …")):
                st.session_state["briefing"] = key, briefing_on(shown.judged, results)
        except FAILURES as error:
            st.html(note("wrong", failure(error)))
            return
    made, files = st.session_state.get("briefing", (None, None))
    if made == key and isinstance(files, Written):
        for column, (kind, (label, suffix, mime)) in zip(st.columns(len(KINDS)), KINDS.items(), strict=True):
            column.download_button(
                _(label), getattr(files, kind), f"{files.name}.{suffix}", mime, on_click="ignore", width="stretch",
                key=f"briefing {kind}",
            )  # fmt: skip
