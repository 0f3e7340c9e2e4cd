"""A verdict in a sentence, and what stands beside it: who waits longer, how far it reaches, and what would turn it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from sim.present.assumptions import name_of, range_of, value_of
from sim.present.basis import CHOSEN
from sim.present.names import named
from sim.present.numbers import in_hours, plain, signed_percent
from sim.present.table import (
    EMPTY,
    NUMBER,
    Sentence,
    Table,
    Traced,
    as_estimate,
    as_minutes,
    as_number,
    as_percent,
    as_share,
    joined,
    said,
)
from sim.present.targets import came_closed, traced_target
from sim.studies.base import Found
from sim.studies.run.log_sentences import left_open
from sim.studies.run.records import Premises, Run, TurningPoint
from sim.text import N_, _, _c

MEAN_ANSWERS = {
    "HOLDS": N_(
        "Yes: with this demand and this staff the mean {clock} is {estimate} minutes{between}, within the target of at "
        "most {minutes}."
    ),
    "FAILS": N_(
        "No: with this demand and this staff the mean {clock} is {estimate} minutes{between}, over the target of at "
        "most {minutes}."
    ),
    "TOO CLOSE": N_(
        "Too close to call: with this demand and this staff the mean {clock} is {estimate} minutes{between}, less than "
        "{margin} from the target of {minutes}."
    ),
    "UNDECIDED": N_(
        "Not decided: with this demand and this staff the mean {clock} is {estimate} minutes{between}, and whether the "
        "target of at most {minutes} is kept is open."
    ),
}
SHARE_ANSWERS = {
    "HOLDS": N_(
        "Yes: with this demand and this staff {estimate}{between} are within {minutes} minutes ({clock}), above the "
        "target of at least {level}."
    ),
    "FAILS": N_(
        "No: with this demand and this staff {estimate}{between} are within {minutes} minutes ({clock}), below the "
        "target of at least {level}."
    ),
    "TOO CLOSE": N_(
        "Too close to call: with this demand and this staff {estimate}{between} are within {minutes} minutes "
        "({clock}), less than {margin} from the target of {level}."
    ),
    "UNDECIDED": N_(
        "Not decided: with this demand and this staff {estimate}{between} are within {minutes} minutes ({clock}), and "
        "whether the target of at least {level} is kept is open."
    ),
}
NEVER_ANSWERS = {
    "FAILS": N_("No: with this demand and this staff some applicants never get a licence."),
    "UNDECIDED": N_("Not decided: with this demand and this staff some applicants never get a licence."),
}
UNFINISHED = {
    "FAILS": N_("No: with this demand and this staff the office cannot finish its cases."),
    "UNDECIDED": N_("Not decided: with the fitted values the office cannot finish its cases, with others that the log "
                    "leaves possible it can."),
}  # fmt: skip
HOURS = "h"
"""Unit of minutes that are told in hours."""
CLOSE = 1e-6
"""Of a value: what is nearer to it is not told apart."""


def answered(found: Found[Run]) -> Sentence:
    """Return whether the target is kept, with the estimate and its interval."""
    record = found.record
    if not record.has_figures:
        return Sentence((_(UNFINISHED[record.verdict]),), (found.fact("unfinished"),))
    if math.isinf(record.estimate):
        return Sentence((_(NEVER_ANSWERS[record.verdict]),), (found.fact("estimate"),))
    mean, low, high = estimate(found)
    between = EMPTY
    if record.target.about_mean and (hours := in_hours(record.estimate)):
        between = said(" ({hours} h)", hours=Traced(hours, record.estimate, found.fact("estimate"), HOURS))
    if record.has_interval:
        level = as_percent(record.confidence, found.fact("confidence"))
        between = joined([between, said(" ({level} % interval {low} to {high})", level=level, low=low, high=high)])
    return said(
        (MEAN_ANSWERS if record.target.about_mean else SHARE_ANSWERS)[record.verdict],
        clock=named("clock", record.target.clock), estimate=mean, between=between,
        **traced_target(record.target, found.fact),
    )  # fmt: skip


def estimate(found: Found[Run]) -> tuple[Traced, Traced, Traced]:
    """Return what the verdict rests on, and the ends of its interval."""
    record = found.record
    mean, low, high = (
        as_estimate(getattr(record, name), record.target.about_mean, found.fact(name))
        for name in ("estimate", "low", "high")
    )
    return mean, low, high


def mean_of(
    found: Found[Run], write: Callable[[float, str], Traced], subject: str, statistic: str, by: str = "",
    group: str = "",
) -> Traced:  # fmt: skip
    """Return the mean of a figure, and its source."""
    where = {"subject": subject, "by": by, "group": group, "statistic": statistic}
    mean = found.record.figure(subject, statistic, by, group).mean
    return write(mean, found.cell("summary", "mean", **where))


def premises(found: Found[Run], reached: bool = True) -> list[Sentence]:
    """Return what stands beside the verdict: who waits longer, what a log leaves open, what would turn it.

    How far it reaches, and what is open in the log, only if it is wanted.
    """
    record = found.record
    told = [_over(found)] if record.has_figures and record.target.about_mean else []
    told.append(_by_the_clock(found))
    if record.scenario["demand"]["uncertainty"]:
        told.append(_years(found))
    if record.scenario["staffing"] == "chosen" and record.about.fitted is None:
        told.append(Sentence((_(CHOSEN),), (found.fact("scenario.staffing"),)))
    told += left_open(found, reached)
    looked = looked_at(found)
    if looked.record.premises is not None:
        closed = looked.record.premises
        told.append(came_closed(closed.closed, closed.closed_at, looked.fact("premises.closed")))
        told += [reach(found) if reached else EMPTY, _turning(looked, closed)]
    return [sentence for sentence in told if sentence.pieces]


def reach(found: Found[Run]) -> Sentence:
    """Return with which demand the target is kept, and with which it is missed; empty if that was not looked at."""
    found = looked_at(found)
    premises = found.record.premises
    if premises is None:
        return EMPTY

    def level(name: str, demand: int | None, known: str, unknown: str) -> Sentence:
        if demand is None:
            return Sentence((_(unknown),))
        change = signed_percent(demand / premises.own - 1) if demand != premises.own else _("as it is")
        return said(known, demand=as_number(demand, found.fact(f"premises.{name}")), change=change)

    holds = level("holds", premises.holds, N_("it holds with {demand} ({change})"), N_("none was shown to hold"))
    fails = level("fails", premises.fails, N_("it fails with {demand} ({change})"), N_("none was shown to fail"))
    error = as_percent(found.record.about.rule.error, found.fact("about.rule.error"))
    told = said("Registrations a year, looked at in coarse steps: {holds}, {fails}", holds=holds, fails=fails)
    if None not in (premises.holds, premises.fails):
        return joined([told, said(" (chance that one is wrong: at most {error} %).", error=error)])
    lowest = as_number(premises.lowest, found.fact("premises.lowest"))
    highest = as_number(premises.highest, found.fact("premises.highest"))
    return joined([
        told, said("; looked at were {lowest} to {highest}, in few simulated years.", lowest=lowest, highest=highest)
    ])  # fmt: skip


def looked_at(found: Found[Run]) -> Found[Run]:
    """Return the run in which it was looked how far the verdict reaches: this one, or the one beside it."""
    return found if found.record.premises is not None or found.beside is None else found.beside


def _years(found: Found[Run]) -> Sentence:
    """Return how many of the simulated years, whose demand differs, keep the target."""
    record = found.record
    return said(
        N_("The demand of a year varies by {cv} %; {kept} of {all} simulated years keep the target.")
        if record.unfinished is None
        else N_("The demand of a year varies by {cv} %; {kept} of {all} simulated years keep the target, and in the "
                "next one the office cannot finish its cases."),
        cv=as_percent(record.scenario["demand"]["uncertainty"], found.fact("scenario.demand.uncertainty")),
        kept=as_number(record.kept, found.fact("kept")),
        all=as_number(record.replications, found.fact("replications")),
    )  # fmt: skip


def _over(found: Found[Run]) -> Sentence:
    target = found.record.target
    over = mean_of(found, lambda within, source: as_share(1 - within, source), target.clock, "within")
    text = _(
        "{share} take longer than {minutes} minutes ({clock}).", share=over.text, minutes=plain(target.minutes),
        clock=named("clock", target.clock),
    )  # fmt: skip
    return Sentence((text,), (over.source,))


def _by_the_clock(found: Found[Run]) -> Sentence:
    """Return what applicants themselves would time; empty where the target is about that, or nobody gets a licence."""
    record = found.record
    whole = record.figure("door_to_door", "mean").mean
    if record.target.clock != "licence" or not record.has_figures or not math.isfinite(whole):
        return EMPTY
    hours = in_hours(whole)

    def written(value: float, source: str) -> Traced:
        return Traced(hours, value, source, HOURS) if hours else as_minutes(value, source)

    return said(
        N_("From first submission to licence in hand it is {time} hours by the clock, on average.") if hours
        else N_("From first submission to licence in hand it is {time} minutes by the clock, on average."),
        time=mean_of(found, written, "door_to_door", "mean"),
    )  # fmt: skip


def _turning(found: Found[Run], premises: Premises) -> Sentence:
    """Return how many assumptions turn the verdict, and the nearest."""
    if not premises.assumptions:
        return EMPTY
    every = as_number(premises.assumptions, found.fact("premises.assumptions"))
    if not premises.turning:
        return said(
            "None of {all} assumptions was found to turn the verdict by itself at an end of its plausible range.",
            all=every,
        )  # fmt: skip
    names = [
        said("{name} ({value} instead of {own})", name=name_of(of.parameter), value=_value(found, of, "turns_at"),
             own=_value(found, of, "value"))
        for of in found.record.nearest
    ]  # fmt: skip
    return said(
        "{turning} of {all} assumptions turned the verdict in a simulated year, each by itself in its plausible range; "
        "about where, of the nearest: {names}.",
        turning=as_number(premises.turning, found.fact("premises.turning")), all=every, names=joined(names, _("; ")),
    )  # fmt: skip


def _value(found: Found[Run], of: TurningPoint, column: str) -> Traced:
    value, shown = getattr(of, column), of
    # What differs reads differently.
    while value_of(shown, of.turns_at) == value_of(shown, of.value) and shown.high - shown.low > CLOSE * abs(of.value):
        shown = replace(shown, low=of.value, high=of.value + (shown.high - shown.low) / 10)
    return Traced(value_of(shown, value), value, found.cell("nearest", column, parameter=of.parameter), NUMBER)


def hanging(found: Found[Run]) -> Table | None:
    """Return which assumptions are nearest to turning the verdict."""
    found = looked_at(found)
    if not found.record.nearest:
        return None
    heads = (_("assumption"), _c("brief value column", "here"), _("range"), _("turns the verdict at"))
    rows = tuple(
        (name_of(of.parameter), _value(found, of, "value"), range_of(of), _value(found, of, "turns_at"))
        for of in found.record.nearest
    )
    note = _("The nearest, as few simulated years show them: an estimate, not a verdict.")
    return Table(_("Which assumptions the verdict hangs on"), heads, rows, note)
