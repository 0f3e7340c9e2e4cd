"""A day of an office as a page to be watched, alone or beside another office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sim.briefing.words import Language
from sim.office.parameters import Scenario
from sim.replay.days import middle_day, number_of
from sim.replay.page import Replayed, replay_page
from sim.replay.played import play_period
from sim.replay.what_happened import what_happened


def same_days(scenario: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios are about the same days, so that they can be shown side by side."""
    return (scenario.first_day, scenario.last_day) == (other.first_day, other.last_day)


def replayed_day(scenarios: Sequence[Scenario], day: date | None, language: Language, seed: int) -> tuple[str, date]:
    """Return the page of a day, and the day.

    Parameters
    ----------
    scenarios : sequence of Scenario
        One, or two of the same days.
    day : date or None
        None: the one in the middle.
    language : str
    seed : int

    Raises
    ------
    NoSuchDayError
        If it is no working day of all of them; the text says which is the nearest.
    NeverFinishesError
        If one of the offices cannot finish its cases.
    """
    played = [play_period(scenario, seed) for scenario in scenarios]
    shown = middle_day(played[0]) if day is None else day
    number = number_of(played, shown)
    offices = [Replayed(each, (what_happened(each, number),)) for each in played]
    return replay_page(offices, language, seed), shown
