"""The office that is shown, and how its verdict is reached in view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from sim.analysis.judge import Judgement
from sim.app import parts
from sim.app.remarks import why_not
from sim.app.settings import Settings
from sim.app.sidebar import Chosen
from sim.app.verdict import FIRST_LOOK, Judged, Watch, cell_of_office, judged
from sim.briefing import sentences
from sim.briefing.numbers import number, percent, plain, share, writer
from sim.briefing.saved import Saved
from sim.briefing.words import Language, named, word
from sim.office.parameters import Scenario
from sim.replicate.cells import digest
from sim.replicate.store import FileStore

MOST_KEPT = 24
"""Offices of a session whose results are kept in memory; those of all are in the store."""


@dataclass(frozen=True)
class Shown:
    """An office with its verdict, and what else the sections need.

    Attributes
    ----------
    settings : Settings
    chosen : Chosen
        What is chosen at the side.
    scenario : Scenario
        With the changes.
    judged : Judged
    saved : Saved
        Its results.
    store : FileStore
    language : str
    """

    settings: Settings
    chosen: Chosen
    scenario: Scenario
    judged: Judged
    saved: Saved
    store: FileStore
    language: Language


def key_of(scenario: Scenario, seed: int) -> str:
    """Return what the results of a scenario are kept under: all they depend on, and its titles."""
    return digest([cell_of_office(scenario, seed).key, scenario.name, scenario.title.model_dump()])


def reached(scenario: Scenario, seed: int, store: FileStore, language: Language) -> Judged:
    """Return an office with its verdict, which is in view while it is being reached.

    Whatever is written to the page lets Streamlit end this when a slider has moved meanwhile; replications that
    are finished stay in the store.
    """
    place = st.empty()
    kept, key = _kept(), key_of(scenario, seed)
    if key not in kept:

        def told(done: int, judgement: Judgement | None) -> None:
            if judgement is None:
                looked = min(done, FIRST_LOOK)
                place.progress(looked / FIRST_LOOK, word("app first look", language, smallest=FIRST_LOOK, done=looked))
            else:
                place.html(_banner_so_far(judgement, done, getattr(scenario.title, language), language))

        told(0, None)
        _keep(kept, key, judged(scenario, seed, store, Watch(still_wanted(), told)))
    saved = kept[key].saved
    if saved is not None:
        place.html(_banner(saved, language))
    return kept[key]


def judged_other(shown: Shown) -> Judged:
    """Return the office that the one shown is held against, with its verdict."""
    other, seed = shown.chosen.other, shown.settings.seed
    kept, key = _kept(), key_of(other, seed)
    if key not in kept:
        with st.spinner(word("app comparing", shown.language)):
            _keep(kept, key, judged(other, seed, shown.store, Watch(still_wanted())))
    return kept[key]


def still_wanted() -> Callable[[], None]:
    """Return what ends the work when something was changed meanwhile: Streamlit looks at whatever is written."""
    place = st.empty()

    def ask() -> None:
        place.empty()

    return ask


def _kept() -> dict[str, Judged]:
    kept: dict[str, Judged] = st.session_state.setdefault("judged", {})
    return kept


def _keep(kept: dict[str, Judged], key: str, found: Judged) -> None:
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    kept[key] = found


def _banner(saved: Saved, language: Language) -> str:
    verdict = str(saved.verdict["verdict"])
    why = saved.verdict["why"]
    lines = [sentences.interval(saved, language) if why is None else why_not(why, language)]
    if sentences.held_back(saved):
        lines.append(word("too skewed", language))
    return parts.banner(
        verdict, saved.title(language), word(verdict, language), sentences.reason(saved, language), lines
    )


def _banner_so_far(judgement: Judgement, done: int, title: str, language: Language) -> str:
    """Return what can be said before the verdict is final, or before all that belongs to it is written."""
    target, verdict = judgement.target, judgement.verdict.value
    show = writer(target.statistic == sentences.MEAN, language)
    reason = word(
        f"{target.statistic} finding", language, clock=named("clock", target.clock, language),
        estimate=show(judgement.estimate), minutes=plain(target.minutes), level=share(target.level, language),
        percent=percent(target.level),
    )  # fmt: skip
    lines = [word("app 95", language, low=show(judgement.low), high=show(judgement.high))]
    if not judgement.final:
        lines.append(word("app so far", language, done=number(done)))
    return parts.banner(verdict, title, word(verdict, language), reason, lines)
