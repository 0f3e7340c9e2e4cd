"""The section of the comparison: this office beside the one that it is held against."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import streamlit as st

from sim.app import parts
from sim.app.beside import Compared, Years, compared, same_office, years_of
from sim.app.pictures import comparison_picture
from sim.app.remarks import why_not
from sim.app.replays import same_days
from sim.app.shown import Shown, judged_other, key_of, still_wanted
from sim.app.verdict import Judged, Watch
from sim.briefing import comparison_sentences, sentences
from sim.briefing.numbers import NOTHING, number, plain, signed, signed_alike, signed_money, writer
from sim.briefing.saved_comparison import Pair
from sim.briefing.words import Language, named, word
from sim.experiment.comparison import PlansDifferError


def show_comparison(shown: Shown) -> None:
    """Show the section."""
    language, scenario, other = shown.language, shown.scenario, shown.chosen.other
    if same_office(scenario, other):
        st.html(parts.note("plain", word("app same", language)))
        return
    both = judged_other(shown), shown.judged
    found: Compared | None = None
    if scenario.target != other.target:
        st.html(parts.note("plain", word("app other target", language)))
    elif not same_days(scenario, other):
        st.html(parts.note("plain", word("app other days", language)))
    elif whys := _whys_not(both, language):
        st.html(parts.note("unusual", word("app cannot compare", language), whys))
    else:
        try:
            found = _compared(shown)
        except PlansDifferError as error:
            st.html(parts.note("unusual", word("app cannot compare", language), [str(error)]))
    if found is not None:
        st.html(parts.note("said", comparison_sentences.finding(found.saved, language)))
    st.html(_table(shown, both, found))
    if found is not None:
        st.html(parts.note("plain", word("app paired", language, years=number(found.office.number))))
        picture = comparison_picture(found.saved, language)
        st.image(picture, width="stretch", alt=word("app difference alt", language))


def _compared(shown: Shown) -> Compared:
    scenario, other, seed = shown.scenario, shown.chosen.other, shown.settings.seed
    key = key_of(scenario, seed), key_of(other, seed)
    if st.session_state.get("compared", (None,))[0] != key:
        with st.spinner(word("app comparing", shown.language)):
            found = compared(scenario, other, seed, shown.store, Watch(still_wanted()))
        st.session_state["compared"] = key, found
    kept: Compared = st.session_state["compared"][1]
    return kept


def _whys_not(both: tuple[Judged, Judged], language: Language) -> list[str]:
    """Return why there are no figures, for each of two offices that has none."""
    return [
        word("app why", language, title=_title(each, language), why=why_not(each.run.outcome.why, language))
        for each in both
        if each.run.outcome.why
    ]


def _title(judged: Judged, language: Language) -> str:
    title: str = getattr(judged.run.scenario.title, language)
    return title


def _table(shown: Shown, both: tuple[Judged, Judged], found: Compared | None) -> str:
    """Return the figures of both offices over the same years and what lies between them.

    Without a comparison each has those of its own verdict, and nothing is said to lie between them.
    """
    language, facts = shown.language, shown.saved.verdict
    about_mean = facts["statistic"] == sentences.MEAN
    years = [_own_years(each) for each in both] if found is None else [found.other, found.office]
    pair = None if found is None else found.saved.against_first[0]
    alike = shown.scenario.target == shown.chosen.other.target
    within = word("app estimate share", language, minutes=plain(facts["minutes"]))
    mean = word("app estimate minutes", language, clock=named("clock", facts["clock"], language))
    saved = [each.saved for each in both]
    verdicts = [NOTHING if each is None else word(each.verdict["verdict"], language) for each in saved]
    targets = [NOTHING if each is None else sentences.target(each, language) for each in saved]
    estimates = [
        NOTHING if of is None or each.saved is None
        else writer(each.saved.verdict["statistic"] == sentences.MEAN, language)(of.estimate)
        for each, of in zip(both, years, strict=True)
    ]  # fmt: skip

    def row(name: str, figure: str, show: Callable[[float], str], less: Callable[[float], str]) -> list[str]:
        values = [math.nan if of is None else getattr(of, figure) for of in years]
        difference = values[1] - values[0]
        told = NOTHING if pair is None or math.isnan(difference) else less(difference)
        return [name, *map(show, values), told, ""]

    rows = [
        *([] if alike else [[word("app target row", language), *targets, "", ""]]),
        [word("app verdict", language), *verdicts, "", ""],
        [word("app years", language), *(NOTHING if of is None else number(of.number) for of in years), "", ""],
        [(mean if about_mean else within) if alike else word("estimate column", language), *estimates,
         *_between(pair, about_mean)],
        *([row(within, "within", writer(False, language), partial(_points, language=language))]
          if about_mean and alike else []),
        row(word("app cost row", language), "cost", number, signed_money),
        row(word("app hours", language), "hours", number, signed_money),
    ]  # fmt: skip
    titles = [_title(each, language) for each in both]
    head = [word("app measure", language), *titles, word("app difference", language)]
    return parts.table([*head, word("app difference interval", language)], rows)


def _own_years(judged: Judged) -> Years | None:
    """Return what an office came to in the years of its verdict, None if it cannot finish its cases."""
    if judged.saved is None or not judged.saved.finished:
        return None
    return years_of(judged.run.figures, judged.saved.verdict["clock"], judged.saved.estimate().mean)


def _points(difference: float, language: Language) -> str:
    """Return the difference of two shares."""
    return word("points of", language, value=signed(difference, about_mean=False))


def _between(pair: Pair | None, about_mean: bool) -> tuple[str, str]:
    """Return the difference and its interval, written alike."""
    if pair is None:
        return NOTHING, NOTHING
    if not math.isfinite(pair.low + pair.high):
        return signed(pair.difference, about_mean), NOTHING
    difference, low, high = signed_alike((pair.difference, pair.low, pair.high), about_mean)
    return difference, f"{low} – {high}"
