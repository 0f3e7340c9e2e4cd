"""Probabilities that were found from some two hundred drawn offices, and how well they are known."""

from __future__ import annotations

from collections.abc import Callable

from sim.present.assumptions import name_of
from sim.present.numbers import PERCENT
from sim.present.table import EMPTY, Sentence, Traced, as_number, as_share, as_text, said
from sim.results.fitted import DrawnOffices
from sim.text import N_, _, language

SURE = 0.98
"""A probability above this, or below the rest to 1, is told as more than 98 %, or less than 2 %: of 192
offices four are beyond."""
NORMAL = 1.96
PROFILES = {
    "demand.month_index": N_("arrivals by month"),
    "demand.weekday_index": N_("arrivals by weekday"),
    "demand.half_hour_index": N_("arrivals by half-hour"),
    "demand.hourly": N_("arrivals by half-hour"),
}
"""What is fitted by members: as an assumption it is something else."""


def given_the_log(facts: DrawnOffices, fact: Callable[[str], str] = lambda name: "") -> Sentence:
    """Return of which log an answer carries what it leaves open, as the begin of a sentence.

    Parameters
    ----------
    facts : DrawnOffices
    fact : callable
        Returns the source of a field of the record.
    """
    return said("Given the log {log} ({days} working days)", log=as_text(facts.log, fact("given_log.log")),
                days=as_number(facts.days, fact("given_log.days")))  # fmt: skip


def not_drawn(facts: DrawnOffices, fact: Callable[[str], str] = lambda name: "") -> list[Sentence]:
    """Return that what the log does not show, or was changed since, is taken as exact."""
    told = []
    if facts.unseen:
        told.append(said("The log does not show {number} assumptions: they are taken as exact here.",
                         number=as_number(facts.unseen, fact("given_log.unseen"))))  # fmt: skip
    return [*told, *partly_exact(facts)]


def partly_exact(facts: DrawnOffices) -> list[Sentence]:
    """Return what was set to something else since the fit, and of which samples more is open than is drawn."""
    told = []
    if facts.changed:
        names = _("; ").join(map(cause_name, facts.changed))
        told.append(said("Changed since the fit, so taken as exact: {names}.", names=names))
    if facts.sampled:
        # A sample is named as its mean is.
        means = (path.replace("_sample", "_seconds").replace(".sample", ".mean_minutes") for path in facts.sampled)
        names = _("; ").join(map(cause_name, means))
        told.append(said(
            "As in the log, in place of a distribution: {names}. Of these the mean is open, of services also the "
            "variation; all else is taken as exact.", names=names,
        ))  # fmt: skip
    return told


def cause_name(parameter: str) -> str:
    """Return what something that a log leaves open is called."""
    return _(PROFILES[parameter]) if parameter in PROFILES else name_of(parameter)


def as_percent_of(value: float, source: str = "") -> Traced:
    """Return a probability in whole per cent."""
    told = as_share(value, source)
    return Traced(f"{100 * value:.0f}{PERCENT[language()]}", told.value, told.source, told.unit)


def as_probability(value: float, source: str = "") -> Traced:
    """Return a probability in whole per cent, but for the ends: those are not known."""
    told = as_percent_of(value, source)
    if value > SURE:
        return Traced(_("more than 98 %"), told.value, told.source, told.unit)
    if value < 1 - SURE:
        return Traced(_("less than 2 %"), told.value, told.source, told.unit)
    return told


def in_points(value: float, error: float, source: str = "") -> Sentence:
    """Return how well a probability with a standard error is known; empty where that is far from mattering."""
    reach = 100 * NORMAL * error
    if reach < 0.5 or not 1 - SURE <= value <= SURE:
        return EMPTY
    return said(" (± {error} points)", error=Traced(f"{reach:.0f}", error, source))
