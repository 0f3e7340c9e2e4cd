"""The verdict on an office, in view while it is being reached, and the section that compares it with another one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from sim.app import looks
from sim.app.looks import note
from sim.app.office import (
    FIRST_LOOK,
    Compared,
    Judged,
    Years,
    compared,
    cost_change,
    judged,
    point_of_office,
    same_days,
    same_office,
    why_not,
    with_reach,
    years_of,
)
from sim.app.sidebar import Chosen
from sim.app.starting import Settings
from sim.measures.judge import Judgement
from sim.memory import give_back_freed_memory
from sim.office.parameters import Scenario
from sim.present.basis import counted_sources
from sim.present.names import named
from sim.present.numbers import NOTHING, minutes, number, plain, share, signed, signed_alike, signed_number, writer
from sim.present.table import Piece, Table, as_verdict
from sim.present.targets import against_target, target_in_words
from sim.replicate.design_points import digest
from sim.replicate.store import FileStore
from sim.results.about import target_facts
from sim.studies import compare, run
from sim.studies.base import Found, StudyError
from sim.studies.compare.records import Pair
from sim.studies.run import show as told
from sim.studies.run.records import Figure, Run
from sim.studies.run.sentences import premises
from sim.text import N_, _

MOST_KEPT = 24
"""Offices of a session whose results are kept in memory; those of all are in the store."""
CHARTS = {
    "minutes": N_("Where the minutes of a licence go, by stage"),
    "licence_time": N_("Distribution of licence times"),
    "day": N_("The average working day by half-hour"),
}
"""In the order of the page, with the words for whoever cannot see them."""


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
    record : Run
        Its results.
    store : FileStore
    """

    settings: Settings
    chosen: Chosen
    scenario: Scenario
    judged: Judged
    record: Run
    store: FileStore


# Reaching it.


def key_of(scenario: Scenario, seed: int) -> str:
    """Return what the results of a scenario are kept under: all they depend on, and its titles."""
    return digest([point_of_office(scenario, seed).key, scenario.name, scenario.title.model_dump()])


def reached(scenario: Scenario, seed: int, store: FileStore) -> Judged:
    """Return an office with its verdict, which is in view while it is being reached.

    Whatever is written to the page lets Streamlit end this when a slider has moved meanwhile; replications that
    are finished stay in the store.
    """
    place = st.empty()

    def tell(done: int, judgement: Judgement | None) -> None:
        if judgement is None:
            looked = min(done, FIRST_LOOK)
            place.progress(looked / FIRST_LOOK, _(
                "Simulating years: {done} of the {smallest} that a first verdict needs", smallest=FIRST_LOOK,
                done=looked,
            ))  # fmt: skip
        else:
            place.html(_banner_so_far(judgement, done, str(scenario.title)))

    def work() -> Judged:
        tell(0, None)
        return judged(scenario, seed, store, still_wanted(), tell)

    found = _kept(scenario, seed, work)
    if found.record is not None:
        place.html(_banner(found.record))
    return found


def judged_other(shown: Shown) -> Judged:
    """Return the office that the one shown is compared with, with its verdict."""
    other, seed = shown.chosen.other, shown.settings.seed

    def work() -> Judged:
        with st.spinner(_("Comparing, year by year …")):
            return judged(other, seed, shown.store, still_wanted())

    return _kept(other, seed, work)


def still_wanted() -> Callable[[], None]:
    """Return what ends the work when something was changed meanwhile: Streamlit looks at whatever is written."""
    place = st.empty()

    def ask() -> None:
        place.empty()

    return ask


def _kept(scenario: Scenario, seed: int, work: Callable[[], Judged]) -> Judged:
    """Return an office with its verdict; of this session's offices the last ones are kept."""
    kept: dict[str, Judged] = st.session_state.setdefault("judged", {})
    key = key_of(scenario, seed)
    if key not in kept:
        found = work()
        give_back_freed_memory()
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[key] = found
    return kept[key]


def _banner(record: Run) -> str:
    lines = [told.interval(record)]
    if record.held_back:
        lines.append(told.why_held_back(record))
    return looks.banner(record.verdict, record.title, told.reason(record), lines)


def _banner_so_far(judgement: Judgement, done: int, title: str) -> str:
    """Return what can be said before the verdict is final, or before all that belongs to it is made."""
    target = target_facts(judgement.target)
    show = writer(target.about_mean)
    lines = [_interval(judgement.low, judgement.high, show)]
    if not judgement.final:
        lines.append(_("Not yet decided after {done} simulated years; going on", done=number(done)))
    return looks.banner(judgement.verdict.value, title, against_target(judgement.estimate, target), lines)


def _interval(low: float, high: float, show: Callable[[float], str]) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    return _("95 % interval {low} – {high}", low=show(low), high=show(high))


# Its section: the figures that it is about, where the minutes go, and what it rests on.


def show_verdict(shown: Shown) -> None:
    """Show the section."""
    record = shown.record
    if record.has_figures:
        place = st.empty()
        place.html(looks.tiles(_tiles(shown, None)))
        st.html(_scale(record))
        counts = counted_sources(record.sources, record.about.fitted, str)[0].text
        st.html(note("plain", _("What it rests on: {counts}. Each is in docs/parameters.md.", counts=counts)))
        _show_reach(shown)
        for name, alt in CHARTS.items():
            st.image(looks.picture(run.STUDY, record, name), width="stretch", alt=_(alt))
        # Last, since the other office may have to be simulated first.
        place.html(looks.tiles(_tiles(shown, judged_other(shown))))


def _show_reach(shown: Shown) -> None:
    """Show what has to be known with the verdict; how far it reaches is looked at when that is wanted."""
    record = shown.record
    lines = [sentence.text for sentence in premises(Found(record, ""))]
    if lines:
        st.html(note("plain", _("To be known with it:"), lines))
    if record.premises is None and st.button(
        _("See how far the verdict reaches"), key="reach",
        help=_("With how much more demand, and with which other assumptions it would turn; that takes some ten times "
               "as long as the verdict."),
    ):  # fmt: skip
        with st.spinner(_("Looking how far that reaches …")):
            found = with_reach(shown.judged, shown.settings.seed, shown.store, still_wanted())
        st.session_state["judged"][key_of(shown.scenario, shown.settings.seed)] = found
        st.rerun()


def _tiles(shown: Shown, other: Judged | None) -> list[looks.Tile]:
    record, target = shown.record, shown.record.target
    mean, within = record.figure(target.clock, "mean"), record.figure(target.clock, "within")
    # The interval of the verdict's own figure is in the banner; it is true at every look, and a little wider.
    own = Figure(record.estimate, record.low, record.high)
    mean, within = (own, within) if target.about_mean else (mean, own)
    promised = _("target: {target}", target=target_in_words(target))
    waits = {stage: record.figure("wait", "per licence", "stage", stage).mean for stage in record.counted_stages}
    most = max(waits, key=lambda stage: 0.0 if math.isnan(waits[stage]) else waits[stage])
    return [
        looks.Tile(
            _("Mean {clock}", clock=named("clock", target.clock)), _("{value} min", value=minutes(mean.mean)),
            (_interval(mean.low, mean.high, minutes), promised if target.about_mean else ""),
        ),
        looks.Tile(
            _("Within {minutes} min", minutes=plain(target.minutes)), share(within.mean),
            (_interval(within.low, within.high, share), "" if target.about_mean else promised),
        ),
        looks.Tile(
            _cost_name(shown), _("{number} yuan", number=number(record.figure("staff", "cost").mean)),
            (_change(shown, other),),
        ),
        looks.Tile(
            _("Most waiting"), named("stage", most), (_("{minutes} min a licence", minutes=minutes(waits[most])),),
        ),
    ]  # fmt: skip


def _cost_name(shown: Shown) -> str:
    period = shown.scenario.period
    if period.first is None and period.last is None:
        return _("Staff cost a year, overtime included")
    return _("Staff cost, {days} days", days=number(shown.record.working_days))


def _change(shown: Shown, other: Judged | None) -> str:
    """Return the staff's cost against that of the other office over the years that both have, in a line."""
    mine, its = shown.judged.figures, other.figures if other else None
    if mine is None or its is None:
        return ""
    title = shown.chosen.other.title
    if not same_days(shown.scenario, shown.chosen.other):
        return _("other days than “{other}”", other=title)
    change = round(cost_change(mine, its))
    if not change:
        return _("as “{other}”", other=title)
    return _("{change} yuan against “{other}”", other=title, change=signed_number(change))


def _scale(record: Run) -> str:
    target = record.target
    below = _("target {minutes} min", minutes=plain(target.minutes)) if target.about_mean else share(target.level)
    return looks.scale(
        record.estimate, record.low, record.high, target.promised, record.verdict,
        writer(target.about_mean)(record.estimate), below, told.reason(record),
    )  # fmt: skip


# The comparison: this office beside the one that it is compared with.


def show_comparison(shown: Shown) -> None:
    """Show the section."""
    scenario, other = shown.scenario, shown.chosen.other
    if same_office(scenario, other):
        st.html(note("plain", _("Nothing is changed: both are the same office.")))
        return
    both = judged_other(shown), shown.judged
    found: Compared | None = None
    if scenario.target != other.target:
        st.html(note("plain", _("The two have different targets, so they cannot be compared year by year.")))
    elif not same_days(scenario, other):
        st.html(note("plain", _("The two are about different days, so they cannot be compared year by year.")))
    elif whys := [
        _("{title}: {why}", title=each.done.scenario.title, why=why)
        for each in both if (why := why_not(each.done.outcome))
    ]:  # fmt: skip
        st.html(note("unusual", _("The two cannot be compared year by year:"), whys))
    else:
        try:
            found = _compared(shown)
        except StudyError as error:
            st.html(note("unusual", _("The two cannot be compared year by year:"), [str(error)]))
    if found is not None:
        st.html(note("said", compare.STUDY.finding(found.record)))
    st.html(looks.table(_beside(shown, both, found)))
    if found is not None:
        st.html(note("plain", _(
            "Both have the same applicants with the same random numbers, year by year; that cancels out of the "
            "difference. All figures are means of the same {years} simulated years; a verdict may rest on more of "
            "them, so its own figures may be slightly different. The interval holds at every look.",
            years=number(found.office.number),
        )))  # fmt: skip
        alt = _("Difference between the two plans with its interval")
        st.image(looks.picture(compare.STUDY, found.record, "differences"), width="stretch", alt=alt)


def _compared(shown: Shown) -> Compared:
    scenario, other, seed = shown.scenario, shown.chosen.other, shown.settings.seed
    key = key_of(scenario, seed), key_of(other, seed)
    if st.session_state.get("compared", (None,))[0] != key:
        with st.spinner(_("Comparing, year by year …")):
            found = compared(scenario, other, seed, shown.store, still_wanted())
        st.session_state["compared"] = key, found
    kept: Compared = st.session_state["compared"][1]
    return kept


def _beside(shown: Shown, both: tuple[Judged, Judged], found: Compared | None) -> Table:
    """Return the figures of both offices over the same years and what lies between them.

    Without a comparison each has those of its own verdict, and nothing is said to lie between them.
    """
    years = [_own_years(each) for each in both] if found is None else [found.other, found.office]
    pair = None if found is None else found.record.against_first[0]
    targets = [target_facts(each.done.point.target) for each in both]
    about_mean, alike = targets[1].about_mean, targets[0] == targets[1]
    within = _("share within {minutes} min", minutes=plain(targets[1].minutes))
    mean = _("mean {clock} [min]", clock=named("clock", targets[1].clock))

    def row(name: str, figure: str, shows: Callable[[float], str], less: Callable[[float], str]) -> tuple[str, ...]:
        values = [math.nan if of is None else getattr(of, figure) for of in years]
        difference = values[1] - values[0]
        return name, *map(shows, values), NOTHING if pair is None or math.isnan(difference) else less(difference), ""

    estimates = [
        NOTHING if of is None else writer(target.about_mean)(of.estimate)
        for of, target in zip(years, targets, strict=True)
    ]
    verdicts = [as_verdict(each.record.verdict if each.record else "") for each in both]
    rows: list[tuple[Piece, ...]] = [
        (_("verdict"), *verdicts, "", ""),
        (_("simulated years"), *(NOTHING if of is None else number(of.number) for of in years), "", ""),
        ((mean if about_mean else within) if alike else _("estimate"), *estimates, *_between(pair, about_mean)),
        row(_("staff cost [yuan]"), "cost", number, signed_number),
        row(_("staff-hours"), "hours", number, signed_number),
    ]
    if not alike:
        rows.insert(0, (_("target"), *map(target_in_words, targets), "", ""))
    elif about_mean:
        rows.insert(3, row(within, "within", share, _points))
    titles = str(shown.chosen.other.title), str(shown.scenario.title)
    return Table("", (_("figure"), *titles, _("difference"), _("95 % interval")), tuple(rows))


def _own_years(office: Judged) -> Years | None:
    """Return what an office came to in the years of its verdict, None if it has no figures."""
    if office.figures is None or office.record is None:
        return None
    return years_of(office.figures, office.record.target.clock, office.record.estimate)


def _points(difference: float) -> str:
    """Return the difference of two shares."""
    return _("{value} points", value=signed(difference, about_mean=False))


def _between(pair: Pair | None, about_mean: bool) -> tuple[str, str]:
    """Return the difference and its interval, written alike."""
    if pair is None:
        return NOTHING, NOTHING
    if not math.isfinite(pair.low + pair.high):
        return signed(pair.difference, about_mean), NOTHING
    difference, low, high = signed_alike((pair.difference, pair.low, pair.high), about_mean)
    return difference, f"{low} – {high}"
