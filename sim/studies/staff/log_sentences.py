"""What a log leaves open of a roster, in sentences."""

from __future__ import annotations

import math

from sim.present.names import verdict_word
from sim.present.probabilities import as_probability, given_the_log, in_points, not_drawn
from sim.present.table import EMPTY, Sentence, as_estimate, as_number, as_yuan, said
from sim.studies.base import Found, KeyFigure
from sim.studies.staff.records import CheapestRoster
from sim.text import N_, _


def kept_given(found: Found[CheapestRoster]) -> Sentence:
    """Return with which probability the roster keeps the target, given the log; empty without."""
    record, facts = found.record, found.record.given_log
    if facts is None:
        return EMPTY
    between = EMPTY
    if facts.low < facts.high:
        low, high = (
            as_estimate(getattr(facts, name), record.target.about_mean, found.fact(f"given_log.{name}"))
            for name in ("low", "high")
        )
        between = said(", {low} to {high}", low=low, high=high)
    return said(
        "{log}, this roster keeps the target with a probability of {kept}{error}: {verdict}{between}.",
        log=given_the_log(facts, found.fact), kept=as_probability(facts.kept, found.fact("given_log.kept")),
        error=in_points(facts.kept, facts.kept_error, found.fact("given_log.kept_error")),
        verdict=verdict_word(facts.verdict), between=between,
    )  # fmt: skip


def sure_given(found: Found[CheapestRoster]) -> Sentence:
    """Return what a roster takes that is sure enough, given the log, or why none was looked for; empty if not asked."""
    record, sure = found.record, found.record.sure
    if sure is None:
        return EMPTY
    if math.isnan(sure.tightened):
        return said(_unsought(record))
    about_mean = record.target.about_mean
    tighter = as_estimate(sure.tightened, about_mean, found.fact("sure.tightened"))
    promise = said("{value} min", value=tighter) if about_mean else tighter
    if sure.people is None or sure.cost is None:
        return said("With a target of {tightened} instead, so as to be sure enough given the log, no roster was "
                    "certified.", tightened=promise)  # fmt: skip
    values = {
        "tightened": promise, "people": as_number(sure.people, found.fact("sure.people")),
        "cost": as_yuan(sure.cost, found.fact("sure.cost")),
        "kept": as_probability(sure.kept, found.fact("sure.kept")),
        "error": in_points(sure.kept, sure.kept_error, found.fact("sure.kept_error")),
        "verdict": verdict_word(sure.verdict),
    }  # fmt: skip
    return said(
        "With a target of {tightened} instead, the cheapest roster found needs {people} people and costs {cost} yuan; "
        "it keeps the target itself with a probability of {kept}{error}, given the log: {verdict}.", **values,
    )  # fmt: skip


def _unsought(record: CheapestRoster) -> str:
    """Return why no roster was looked for that is surer, as a message."""
    if record.given_log is None:
        return N_("No surer roster was looked for: what the log leaves open is not known here.")
    if record.given_log.verdict == "HOLDS":
        return N_("No surer roster was looked for: this one is sure enough, given the log.")
    return N_("No surer roster was looked for: no target is tight enough to make up for what the log leaves open.")


def is_surer(record: CheapestRoster) -> bool:
    """Say whether the roster of a tighter target keeps the target itself with a higher probability, given the log."""
    return record.sure is not None and record.given_log is not None and record.sure.kept > record.given_log.kept


def carried_given(found: Found[CheapestRoster]) -> list[Sentence]:
    """Return what the probability carries, and what takes the fit as exact; nothing without a log."""
    facts = found.record.given_log
    if facts is None:
        return []
    told = said(
        "{offices} offices that are possible given the log were played with this roster. The search, its certificate "
        "and the service floors take the fitted values as exact.",
        offices=as_number(facts.offices, found.fact("given_log.offices")),
    )  # fmt: skip
    return [told, *not_drawn(facts, found.fact)]


def figure_given(found: Found[CheapestRoster]) -> list[KeyFigure]:
    """Return the probability that the target is kept, given the log."""
    facts = found.record.given_log
    if facts is None:
        return []
    note = said("given a log of {days} working days", days=as_number(facts.days, found.fact("given_log.days")))
    chance = as_probability(facts.kept, found.fact("given_log.kept"))
    return [KeyFigure(_("chance that the target is kept"), chance, "", note)]
