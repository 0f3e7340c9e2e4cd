"""The controls at the side: language, scenario, and what is changed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sim.app.changes import WHOLE_YEAR, Changes, shift_in_words, span_of, whole_span, with_lines
from sim.app.looks import capital
from sim.app.scenarios import Offices
from sim.app.starting import Settings
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Span, show_span, show_time
from sim.office.registration import registration_office
from sim.office.scenario import BASELINE, scenario_as_dict
from sim.present.names import named, naming
from sim.present.numbers import PERCENT, number
from sim.text import Language, _, language

LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}
MORE = 10
"""So many more on duty at most; twice the plan if that is more."""
HALF_HOUR = 30
REVIEW_HOURS: Span = (360.0, 1320.0)
"""Within which reviewers may work: the review needs nobody in the hall."""


@dataclass(frozen=True)
class Chosen:
    """What is chosen at the side.

    Attributes
    ----------
    scenario : Scenario
        As it is in its file.
    other : Scenario
        What it is compared with.
    changes : Changes
    """

    scenario: Scenario
    other: Scenario
    changes: Changes


def choose_language(settings: Settings) -> Language:
    """Return the language; that of the command line until another is chosen."""
    chosen: Language | None = st.segmented_control(
        "Language / 语言", list(LANGUAGES), default=settings.language, format_func=LANGUAGES.__getitem__,
        key="language", label_visibility="collapsed", required=True,
    )  # fmt: skip
    return chosen or settings.language


def choose(offices: Offices, wanted: str) -> Chosen:
    """Return the scenario, the one it is compared with, and what the sliders change."""
    labels = {name: offices.label(name) for name in offices.by_name}
    names = list(labels)
    name = st.selectbox(
        _("Scenario"), names, index=names.index(offices.first(wanted)), format_func=labels.__getitem__, key="scenario"
    )
    scenario = offices.by_name[name]
    other = st.selectbox(
        _("Compared with"),
        names,
        index=names.index(offices.first(BASELINE)),
        format_func=labels.__getitem__,
        key="other",
    )
    with naming([scenario_as_dict(scenario)]):
        changes = _changes(scenario, f"{name}/{_resets().get(name, 0)}")
    if st.button(_("Back to the scenario as it is in its file"), width="stretch", key="reset"):
        reset(name)
        st.rerun()
    return Chosen(scenario, offices.by_name[other], changes)


def reset(name: str) -> None:
    """Put the sliders of a scenario back to its own values, from the next run of the page on."""
    _resets()[name] = _resets().get(name, 0) + 1


def _resets() -> dict[str, int]:
    """Return how often each scenario was reset: part of the keys, since new widgets begin at its own values."""
    resets: dict[str, int] = st.session_state.setdefault("resets", {})
    return resets


def _changes(scenario: Scenario, key: str) -> Changes:
    full = scenario_as_dict(scenario)
    registrations = full["demand"]["registrations_per_year"] * (1 + full["demand"]["growth"])
    demand = st.slider(
        _("Registrations [% of the scenario's]"), 50, 200, WHOLE_YEAR, 5, key=f"{key}/demand", format=_per_cent()
    )
    st.caption(_("{number} a year", number=number(registrations * demand / WHOLE_YEAR)))
    automatic = _share("auto_approved_share", _("Automatic approval [%]"), full, 100, key)
    returned = _share("return_rate", _("Sent back for correction [%]"), full, 95, key)
    heading = _("Staff: more or fewer on duty (midday below)")
    st.markdown(f"**{heading}**")
    # A pool that nobody is in has no hours either, in which more could be on duty; to some nobody comes.
    visited = {*registration_office(scenario).visited}
    pools = [
        name for name, stages in scenario.stages_of_pool.items()
        if (numbers := _numbers(full["staff"][name])) and (any(numbers) or visited & {*stages})
    ]  # fmt: skip
    captions: dict[str, Any] = {}
    people = {name: _people(name, full["staff"][name], key, captions) for name in pools}
    with st.expander(_("Shifts and midday duty")):
        midday = full["staff"]["midday"]
        hours = show_span((scenario.staff.midday.from_, scenario.staff.midday.to))
        post = st.toggle(_("Midday duty post ({hours})", hours=hours), midday["crew_on_duty"], key=f"{key}/post")
        shifts: dict[str, Span] = {}
        lines: dict[str, list[int]] = {}
        crews: dict[str, int] = {}
        for name in pools:
            pool = full["staff"][name]
            if pool["roster"]:
                most = scenario.pools[name].most_people
                lines[name] = [_line(name, number, line, most, key) for number, line in enumerate(pool["roster"])]
                captions[name].caption(_roster(with_lines(pool["roster"], lines[name], people[name])))
                continue
            if (shift := _shift(name, pool, scenario.stages_of_pool[name], scenario, key)) is not None:
                shifts[name] = shift
            if post:
                label = _("{pool}: on duty at midday", pool=_pool(name))
                most = max(MORE, 2 * pool["midday_crew"])
                crews[name] = st.slider(label, 0, most, pool["midday_crew"], key=f"{key}/{name}/midday")
    return Changes(demand, people, shifts, lines, crews, post, automatic, returned)


def _pool(name: str) -> str:
    return capital(named("pool", name))


def _per_cent() -> str:
    """Return the format of a slider of shares; a sign of per cent is written twice in it."""
    return f"%d{PERCENT[language()]}%"


def _share(name: str, label: str, full: dict[str, Any], most: int, key: str) -> int:
    given = round(full["review"][name] * 100)
    value: int = st.slider(label, 0, most, given, key=f"{key}/{name}", format=_per_cent())
    return value


def _people(name: str, pool: dict[str, Any], key: str, captions: dict[str, Any]) -> int:
    """Return how many more are to be on duty, and show the plan that comes of it; of a roster, leave a place for it."""
    numbers = _numbers(pool)
    most = sum(numbers) if pool["roster"] else max(numbers)
    more: int = st.slider(_pool(name), -min(most, 50), max(MORE, most), 0, key=f"{key}/{name}", format="%+d")
    if pool["roster"]:
        captions[name] = st.empty()
    else:
        plan = " · ".join(
            _("{hours}: {number}", hours=hours.replace("-", "–"), number=max(count + more, 0))
            for hours, count in pool["plan"].items()
        )
        st.caption(_("on duty: {plan}", plan=plan or _("nobody")))
    return more


def _line(name: str, number: int, line: dict[str, Any], possible: int, key: str) -> int:
    """Return how many people are to work the hours of a line of a roster, of those who are possible."""
    label = _("{pool}: {hours}", pool=_pool(name), hours=shift_in_words(line))
    most = min(max(MORE, 2 * line["people"]), possible)
    people: int = st.slider(label, 0, most, line["people"], key=f"{key}/{name}/line{number}")
    return people


def _roster(lines: list[dict[str, Any]]) -> str:
    """Return who works when."""
    said = [_("{hours}: {number}", hours=shift_in_words(line), number=line["people"]) for line in lines]
    return _("on the roster: {plan}", plan=" · ".join(said))


def _numbers(pool: dict[str, Any]) -> list[int]:
    """Return how many are in each line of a roster, or on duty in each hour of the plans."""
    if pool["roster"]:
        return [line["people"] for line in pool["roster"]]
    return [number for plan in (pool["plan"], *pool["on"].values()) for number in plan.values()]


def _shift(name: str, pool: dict[str, Any], stages: Sequence[str], scenario: Scenario, key: str) -> Span | None:
    """Return when a plan is to begin and end, within the hours of its stages; None if that is left as it is."""
    planned = whole_span(list(pool["plan"]))
    if planned is None:
        return None
    spans = [show_span(span) for stage in stages for span in scenario.hours_of(stage)]
    opened = whole_span(spans) or planned
    if name == "reviewers":
        opened = min(opened[0], REVIEW_HOURS[0]), max(opened[1], REVIEW_HOURS[1])
    first, last = min(opened[0], planned[0]), max(opened[1], planned[1])
    moments = [show_time(at) for at in range(int(first // HALF_HOUR) * HALF_HOUR, int(last) + 1, HALF_HOUR)]
    begin, end = st.select_slider(
        _("{pool}: from – to", pool=_pool(name)), moments,
        value=(show_time(planned[0]), show_time(planned[1])), key=f"{key}/{name}/shift",
    )  # fmt: skip
    if begin == end:
        st.caption(_("A shift of no length changes nothing: the hours stay as in the scenario."))
        return None
    chosen = span_of(f"{begin}-{end}")
    # A plan that is not touched stays as it is on all days of the week.
    return None if chosen == planned else chosen
