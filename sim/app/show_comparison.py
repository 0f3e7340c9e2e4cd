"""The section of the comparison: this office beside the one that it is held against."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import streamlit as st

from sim.app import parts
from sim.app.beside import compared, same_office
from sim.app.pictures import comparison_picture
from sim.app.replays import same_days
from sim.app.shown import Shown, key_of, saved_other, still_wanted
from sim.app.verdict import Watch
from sim.briefing import comparison_sentences, sentences
from sim.briefing.numbers import NOTHING, minutes, number, plain, share, signed, signed_money
from sim.briefing.saved import Saved
from sim.briefing.saved_comparison import Pair, SavedComparison
from sim.briefing.words import Language, named, word
from sim.experiment.comparison import PlansDifferError


def show_comparison(shown: Shown) -> None:
    """Show the section."""
    language, scenario, other = shown.language, shown.scenario, shown.chosen.other
    if same_office(scenario, other):
        st.html(parts.note("plain", word("app same", language)))
        return
    found: SavedComparison | None = None
    if scenario.target != other.target:
        st.html(parts.note("plain", word("app other target", language)))
    elif not same_days(scenario, other):
        st.html(parts.note("plain", word("app other days", language)))
    else:
        try:
            found = _compared(shown)
        except PlansDifferError as error:
            st.html(parts.note("unusual", word("app cannot compare", language), [str(error)]))
    if found is not None:
        st.html(parts.note("said", comparison_sentences.finding(found, language)))
    st.html(_table(shown, saved_other(shown), found))
    if found is not None:
        st.html(parts.note("plain", word("app paired", language)))
        picture = comparison_picture(found, language)
        st.image(picture, width="stretch", alt=word("app difference alt", language))


def _compared(shown: Shown) -> SavedComparison:
    scenario, other, seed = shown.scenario, shown.chosen.other, shown.settings.seed
    key = key_of(scenario, seed), key_of(other, seed)
    if st.session_state.get("compared", (None,))[0] != key:
        with st.spinner(word("app comparing", shown.language)):
            found = compared(scenario, other, seed, shown.store, Watch(still_wanted()))
        st.session_state["compared"] = key, found
    kept: SavedComparison = st.session_state["compared"][1]
    return kept


def _table(shown: Shown, other: Saved | None, found: SavedComparison | None) -> str:
    """Return the figures of both offices and what lies between them."""
    saved, language = shown.saved, shown.language
    facts = saved.verdict
    about_mean = facts["statistic"] == sentences.MEAN
    pair = None if found is None else found.against_first[0]
    within = word("app estimate share", language, minutes=plain(facts["minutes"]))
    mean = word("app estimate minutes", language, clock=named("clock", facts["clock"], language))
    verdicts = [NOTHING if each is None else word(each.verdict["verdict"], language) for each in (other, saved)]
    estimates = [NOTHING if each is None else _estimate(each) for each in (other, saved)]
    targets = [NOTHING if each is None else sentences.target(each, language) for each in (other, saved)]
    alike = shown.scenario.target == shown.chosen.other.target

    def row(
        name: str, subject: str, statistic: str, show: Callable[[float], str], less: Callable[[float], str]
    ) -> list[str]:
        values = [math.nan if each is None else each.figure(subject, statistic).mean for each in (other, saved)]
        difference = values[1] - values[0]
        told = NOTHING if pair is None or math.isnan(difference) else less(difference)
        return [name, *map(show, values), told, ""]

    rows = [
        *([] if alike else [[word("app target row", language), *targets, "", ""]]),
        [word("app verdict", language), *verdicts, "", ""],
        [(mean if about_mean else within) if alike else word("estimate column", language), *estimates,
         *_between(pair, about_mean)],
        *([row(within, facts["clock"], "within", share, partial(_points, language=language))]
          if about_mean and alike else []),
        row(word("app cost row", language), "staff", "cost", number, signed_money),
        row(word("app hours", language), "staff", "staff hours", number, signed_money),
    ]  # fmt: skip
    titles = [getattr(each.title, language) for each in (shown.chosen.other, shown.scenario)]
    head = [word("app measure", language), *titles, word("app difference", language)]
    return parts.table([*head, word("app difference interval", language)], rows)


def _estimate(saved: Saved) -> str:
    if not saved.finished:
        return NOTHING
    return (minutes if saved.verdict["statistic"] == sentences.MEAN else share)(saved.estimate().mean)


def _points(difference: float, language: Language) -> str:
    """Return the difference of two shares."""
    return word("points of", language, value=signed(difference, about_mean=False))


def _between(pair: Pair | None, about_mean: bool) -> tuple[str, str]:
    """Return the difference and its interval."""
    if pair is None:
        return NOTHING, NOTHING
    ends = [signed(end, about_mean) for end in (pair.low, pair.high)]
    return signed(pair.difference, about_mean), NOTHING if math.isnan(pair.low + pair.high) else " – ".join(ends)
