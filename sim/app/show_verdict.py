"""The section of the verdict: the figures that it is about, where the minutes go, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st

from sim.app import parts
from sim.app.beside import cost_change
from sim.app.pictures import run_picture
from sim.app.replays import same_days
from sim.app.shown import Shown, judged_other
from sim.app.verdict import Judged
from sim.briefing import sentences
from sim.briefing.numbers import minutes, number, plain, share, signed_money, writer
from sim.briefing.saved import Saved
from sim.briefing.words import Language, named, word

CHARTS = {"minutes": "app minutes alt", "licence_time": "app times alt", "day": "app day alt"}
"""In the order of the page, with the words for whoever cannot see them."""


def show_verdict(shown: Shown) -> None:
    """Show the section."""
    saved, language = shown.saved, shown.language
    if saved.finished:
        place = st.empty()
        place.html(parts.tiles(_tiles(shown, None)))
        st.html(_scale(saved, language))
        st.html(parts.note("plain", _rests_on(saved, language)))
        for name, alt in CHARTS.items():
            st.image(run_picture(saved, name, language), width="stretch", alt=word(alt, language))
        # Last, since the other office may have to be simulated first.
        place.html(parts.tiles(_tiles(shown, judged_other(shown))))


def _tiles(shown: Shown, other: Judged | None) -> list[parts.Tile]:
    saved, language = shown.saved, shown.language
    facts = saved.verdict
    mean, within = saved.figure(facts["clock"], "mean"), saved.figure(facts["clock"], "within")
    target = word("app target", language, target=sentences.target(saved, language))
    about_mean = facts["statistic"] == sentences.MEAN
    # The interval of the verdict's own figure is in the banner; it is true at every look, and a little wider.
    shown_mean, shown_within = (saved.estimate(), within) if about_mean else (mean, saved.estimate())
    waits = {stage: saved.figure("wait", "per licence", "stage", stage).mean for stage in saved.counted_stages}
    most = max(waits, key=lambda stage: 0.0 if math.isnan(waits[stage]) else waits[stage])
    return [
        parts.Tile(
            word("app mean", language, clock=named("clock", facts["clock"], language)),
            word("minutes of", language, value=minutes(shown_mean.mean)),
            (_interval(shown_mean.low, shown_mean.high, minutes, language), target if about_mean else ""),
        ),
        parts.Tile(
            word("app share", language, minutes=plain(facts["minutes"])),
            share(shown_within.mean, language),
            (_interval(shown_within.low, shown_within.high, writer(False, language), language),
             "" if about_mean else target),
        ),
        parts.Tile(
            _cost_name(shown), word("app yuan", language, number=number(saved.figure("staff", "cost").mean)),
            (_change(shown, other),),
        ),
        parts.Tile(
            word("app most waiting", language), named("stage", most, language),
            (word("app waiting of", language, minutes=minutes(waits[most])),),
        ),
    ]  # fmt: skip


def _interval(low: float, high: float, show: Callable[[float], str], language: Language) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    return word("app 95", language, low=show(low), high=show(high))


def _cost_name(shown: Shown) -> str:
    period = shown.scenario.period
    if period.first is None and period.last is None:
        return word("app cost", shown.language)
    return word("app cost period", shown.language, days=number(shown.saved.manifest["working_days"]))


def _change(shown: Shown, other: Judged | None) -> str:
    """Return the staff's cost against that of the other office over the years that both have, in a line."""
    if other is None or other.saved is None or not other.saved.finished:
        return ""
    title = other.saved.title(shown.language)
    if not same_days(shown.scenario, shown.chosen.other):
        return word("app cost own", shown.language, other=title)
    change = round(cost_change(shown.judged.run.figures, other.run.figures))
    if not change:
        return word("app cost none", shown.language, other=title)
    return word("app cost change", shown.language, other=title, change=signed_money(change))


def _scale(saved: Saved, language: Language) -> str:
    found, facts = saved.estimate(), saved.verdict
    about_mean = facts["statistic"] == sentences.MEAN
    show = writer(about_mean, language)
    promised = facts["minutes"] if about_mean else facts["level"]
    below = word("target", language, minutes=plain(promised)) if about_mean else share(promised, language)
    described = sentences.reason(saved, language)
    return parts.scale(*found, promised, facts["verdict"], show(found.mean), below, described)


def _rests_on(saved: Saved, language: Language) -> str:
    found = saved.manifest["sources"]
    numbers = {name: found[name] for name in ("assumption", "elsewhere")}
    return word("app rests on", language, article=len(found["article"]), **numbers)
