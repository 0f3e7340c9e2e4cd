"""What a log leaves open of a verdict, in sentences."""

from __future__ import annotations

import math

from sim.present.assumptions import name_of
from sim.present.names import verdict_word
from sim.present.probabilities import (
    as_percent_of,
    as_probability,
    cause_name,
    given_the_log,
    in_points,
    partly_exact,
)
from sim.present.table import EMPTY, Sentence, Traced, as_estimate, as_number, joined, said
from sim.studies.base import Found
from sim.studies.run.records import Cause, GivenLog, Run
from sim.text import N_, _

MOST, LEAST_SHARE = 3, 0.05
"""Causes that are told, and the smallest share that one is told with."""


def kept_given(found: Found[Run]) -> Sentence:
    """Return with which probability the promise is kept given the log, and the verdict without it; empty without."""
    record, facts = found.record, found.record.given_log
    if facts is None:
        return EMPTY
    about_mean = record.target.about_mean
    between = EMPTY
    if facts.low < facts.high:
        low, high = (
            as_estimate(getattr(facts, name), about_mean, found.fact(f"given_log.{name}")) for name in ("low", "high")
        )
        between = said(" ({low} to {high})", low=low, high=high)
    exact = Traced(verdict_word(facts.exact), facts.exact, found.fact("given_log.exact"))
    template = N_(
        "{log}, the target is kept with a probability of {kept}{error}; if the fitted values were exact: "
        "{exact}{between}."
    )
    if facts.assumed:
        template = N_(
            "{log}, and with all that it does not show in its plausible range, the target is kept with a probability "
            "of {kept}{error}; if all values were exact: {exact}{between}."
        )
    return said(
        template, log=given_the_log(facts, found.fact), kept=probability(found),
        error=in_points(facts.kept, facts.kept_error, found.fact("given_log.kept_error")),
        exact=exact, between=between,
    )  # fmt: skip


def probability(found: Found[Run]) -> Traced:
    """Return the probability that the promise is kept, given the log."""
    assert found.record.given_log is not None
    return as_probability(found.record.given_log.kept, found.fact("given_log.kept"))


def in_the_log(found: Found[Run]) -> list[Sentence]:
    """Return what in the log most of the interval goes with, what the log does not show, and what was changed since."""
    facts = found.record.given_log
    told = [] if facts is None else [_most(found), _unseen(found, facts), *partly_exact(facts)]
    return [sentence for sentence in told if sentence.pieces]


def left_open(found: Found[Run], whole: bool = True) -> list[Sentence]:
    """Return how much of the interval is the log, what in it if it is to be whole, and offices that never do."""
    facts = found.record.given_log
    if facts is None:
        return []
    told = [_split(found, facts), *(in_the_log(found) if whole else ())]
    if facts.never:
        told.append(said(
            "Of {offices} offices that are possible given the log, {never} cannot finish their cases, or somebody "
            "never gets the licence.", offices=as_number(facts.offices, found.fact("given_log.offices")),
            never=as_number(facts.never, found.fact("given_log.never")),
        ))  # fmt: skip
    if found.record.premises is not None:
        told.append(Sentence((_("What follows takes the fitted values as exact."),)))
    return [sentence for sentence in told if sentence.pieces]


def _split(found: Found[Run], facts: GivenLog) -> Sentence:
    if math.isnan(facts.from_log):
        return EMPTY
    part = as_percent_of(facts.from_log, found.fact("given_log.from_log"))
    first = said(
        N_("{part} of the variance behind the interval is what the log and the ranges leave open, the rest the chance "
           "of the simulated years")
        if facts.assumed
        else N_("{part} of the variance behind the interval is the log's, the rest the chance of the simulated years"),
        part=part,
    )  # fmt: skip
    if math.isfinite(facts.days_to_halve):
        days = as_number(round(facts.days_to_halve, -1), found.fact("given_log.days_to_halve"))
        template = N_("{first}: with a log of about {days} working days it would be half as wide.")
        return said(template, first=first, days=days)
    if math.isinf(facts.days_to_halve):
        return said("{first}: no log would halve it, however long, as the chance of the years stays.", first=first)
    return joined([first, Sentence((_("."),))])


def _most(found: Found[Run]) -> Sentence:
    """Return what most of the interval goes with."""
    causes = [cause for cause in found.record.causes if cause.share >= LEAST_SHARE][:MOST]
    if not causes:
        return EMPTY
    names = joined([_cause(found, of) for of in causes], _("; "))
    return said("How wide the interval is goes most with: {names}.", names=names)


def _cause(found: Found[Run], of: Cause) -> Sentence:
    share = as_percent_of(of.share, found.cell("causes", "share", parameter=of.parameter))
    if not of.observations:
        return said("{name} ({share}, not in the log)", name=cause_name(of.parameter), share=share)
    seen = as_number(of.observations, found.cell("causes", "observations", parameter=of.parameter))
    return said("{name} ({share}, from {seen} observations)", name=cause_name(of.parameter), share=share, seen=seen)


def _unseen(found: Found[Run], facts: GivenLog) -> Sentence:
    if not facts.unseen:
        return EMPTY
    number = as_number(facts.unseen, found.fact("given_log.unseen"))
    if facts.assumed:
        return said(
            "{number} assumptions that the log does not show were drawn as well, evenly from their plausible ranges.",
            number=number,
        )
    others = [of.parameter for of in found.record.causes if math.isnan(of.share)]
    # Those that are nearest to turning the verdict are worth most.
    known = [of.parameter for of in found.record.nearest if of.parameter in others]
    names = [name_of(path) for path in dict.fromkeys([*known, *others])][:MOST]
    return said(
        "The log does not show {number} assumptions, such as {names}: they are taken as exact here, and with "
        "--assumptions count with their plausible ranges.", number=number, names=_("; ").join(names),
    )  # fmt: skip
