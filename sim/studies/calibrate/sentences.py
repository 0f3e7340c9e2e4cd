"""What a log tells and how the fitted office does, in sentences: to be listed, and to be read aloud."""

from __future__ import annotations

import math

from sim.present.numbers import number, plain, share, without_sign
from sim.studies.calibrate.change_shown import change_finding, change_spoken
from sim.studies.calibrate.log.steps import FEW_DAYS
from sim.studies.calibrate.records import Calibration, Compared
from sim.studies.calibrate.wording import (
    AT,
    compared_in_words,
    day_spoken,
    estimate_in_words,
    figure_name,
    files_of,
    given,
    with_unit,
    written,
)
from sim.text import N_, _, _n

MOST_MISSED = 2
"""Figures that the model misses are named up to this number; of more, only the farthest."""
MUCH = 0.05
"""Share of the rows left out from which on the headline says it."""
TAKES = {
    "review.minutes.mean_minutes": N_("the review"),
    "issue.minutes.mean_minutes": N_("handing over at the counter"),
    "filing.assisted_minutes.mean_minutes": N_("filing with a hall assistant"),
    "phone.profiles[0].talk_seconds": N_("a call"),
    "filing.studio_minutes.mean_minutes": N_("filing in the Set-Sail Studio"),
    "filing.key_minutes.mean_minutes": N_("filing with a specialist"),
}
"""The first of these that the log tells is read aloud."""
MEASURES = {
    "a day": N_("cases a day"),
    "gave up": N_("gave up"),
    "wait mean": N_("wait, mean [min]"),
    "wait P90": N_("wait, P90 [min]"),
    "service mean": N_("service, mean [min]"),
    "to the queue": N_("to the queue, mean [min]"),
}
SPOKEN = {
    "a day": N_("the cases a day {at}"),
    "gave up": N_("the share that gives up {at}"),
    "wait mean": N_("the mean wait {at}"),
    "wait P90": N_("the P90 of the wait {at}"),
    "service mean": N_("the mean service time {at}"),
    "to the queue": N_("the mean time from submission to the queue {at}"),
}
"""Figures of the back-test as they are read aloud, with where they are."""


def finding(record: Calibration) -> str:
    """Return in how many figures the log differs from the model, and how many the fitted model foretells."""
    log, told = record.log, _("The log tells none of the figures that were assumed")
    if record.change is not None:
        # What it is held against has chance of its own, and is no assumption.
        told = _("Fitted to {days} working days of a log", days=number(log.working_days))
    elif record.replacing:
        told = _(
            "Fitted to {days} working days of a log: {differ} of {all} figures clearly differ from what was assumed",
            days=number(log.working_days), differ=len(record.differing), all=len(record.replacing),
        )  # fmt: skip
    # What was joined with another row is in the log.
    kept = log.kept + sum(each.count for each in record.findings if each.done == "joined")
    if kept < (1 - MUCH) * log.rows:
        told += _("; {share} of the rows were left out", share=share(1 - kept / log.rows))
    if log.days_told < FEW_DAYS:
        told += _("; too few days to judge the office by")
    if record.compared:
        inside = len(record.compared) - len(record.missed)
        told += _("; of {all} figures in the back-test, {inside} agree", inside=inside, all=len(record.compared))
    return told + change_finding(record)


def spoken(record: Calibration) -> list[str]:
    """Return what can be read aloud: how long a step takes, what differs, how the model does on days not seen."""
    told = [_service(record), _differ(record), _tested(record)]
    if record.missing:
        told.append(_n(
            "{number} figure cannot be told from this log and stays as assumed.",
            "{number} figures cannot be told from this log and stay as assumed.", len(record.missing),
        ))  # fmt: skip
    return [sentence for sentence in (*told, change_spoken(record)) if sentence]


def _service(record: Calibration) -> str:
    found = next((each for name in TAKES if (each := record.estimate(name)) and each.low <= each.high), None)
    if found is None:
        return ""
    value, low, high = written("min", *found.in_minutes[:3])
    assumed = ""
    if not math.isnan(found.assumed):
        minutes = found.assumed * found.in_minutes[0] / found.value
        assumed = _("; the model assumed {assumed}", assumed=f"{minutes:,.3g}")
    values = {"n": number(found.n), "what": _(TAKES[found.name]), "value": value, "low": low, "high": high}
    for each in record.estimates:
        if each.used and each.step == found.step and each.name.endswith("].from_waiting"):
            return _(
                "From {n} records, {what} takes {value} minutes on average ({low} to {high}) while fewer than "
                "{waiting} others wait{assumed}.", **values, waiting=f"{each.value:.0f}", assumed=assumed,
            )  # fmt: skip
    return _(
        "From {n} records, {what} takes {value} minutes on average ({low} to {high}){assumed}.",
        **values, assumed=assumed,
    )  # fmt: skip


def _differ(record: Calibration) -> str:
    known, differ = record.replacing, record.differing
    if not known or record.change is not None:
        return ""
    if not differ:
        return _(
            "None of {all} fitted figures differs from what was assumed by more than chance explains in so many",
            all=len(known),
        ) + _(".")  # fmt: skip
    told = _(
        "Of {all} fitted figures, {differ} differ from what was assumed by more than chance explains in so many",
        all=len(known), differ=len(differ),
    )  # fmt: skip
    single = [each for each in differ if not each.index and not math.isnan(each.factor)]
    if farthest := max(single, key=lambda each: each.factor, default=None):
        told += _(
            "; farthest off: {what}, {value} instead of {assumed}", what=figure_name(farthest.name),
            value=estimate_in_words(farthest)[0],
            assumed=with_unit(farthest.unit, given(farthest.unit, farthest.assumed)),
        )  # fmt: skip
    return told + _(".")


def _tested(record: Calibration) -> str:
    held_out, missed, all_ = record.held_out, record.missed, len(record.compared)
    if held_out is None or not all_:
        return ""
    days = {"first": day_spoken(held_out.first), "last": day_spoken(held_out.last)}
    if not missed:
        return _("On the held-out days from {first} to {last}, the model foretells all {all} figures.", all=all_,
                 **days)  # fmt: skip
    if len(missed) <= MOST_MISSED:
        misses = _("; ").join(map(_miss, missed))
    else:
        misses = _("{number}, most of all {missed}", number=len(missed), missed=_miss(missed[0]))
    return _(
        "On the held-out days from {first} to {last}, the model foretells {inside} of {all} figures; it misses "
        "{missed}.", inside=all_ - len(missed), all=all_, missed=misses, **days,
    )  # fmt: skip


def _miss(row: Compared) -> str:
    observed, __, low, high = compared_in_words(row)
    if not (row.about_share or row.measure == "a day"):
        observed, high = (with_unit("min", text) for text in (observed, high))
    what = measure_of(row)
    if math.isinf(row.low):
        return _("{what}: {observed} observed, while the model cannot finish its cases", what=what, observed=observed)
    return _("{what}: {observed} observed, {low} to {high} simulated", what=what, observed=observed,
             low=without_sign(low), high=high)  # fmt: skip


def measure_of(row: Compared) -> str:
    """Return what a figure of the back-test is, as it is read aloud."""
    return _(SPOKEN[row.measure], at=_(AT[row.step]))


def mark_of(row: Compared) -> str:
    """Return on which side of the simulated interval the log lies, in two words; empty if inside."""
    if math.isinf(row.low) or not row.comparable:
        never = _("model cannot finish") if math.isinf(row.low) else _("none in the model")
        return _("not told") if math.isnan(row.observed) else never
    if row.inside:
        return ""
    return _("log is above") if row.above else _("log is below")


def by_chance(intervals: int) -> str:
    """Return how many of some intervals of 95 % leave out what is true, on average."""
    return plain(round(0.05 * intervals, 1 if intervals < 100 else 0))


def source(record: Calibration) -> str:
    """Return the line at the bottom of the charts: which log, which days, how many rows, seed and version."""
    log = record.log
    return _(
        "Log: {files}, {first} to {last}, {days} working days, {kept} of {rows} rows. Seed {seed}, version {version}",
        files=files_of(log.files), first=log.first, last=log.last, days=number(log.working_days), kept=number(log.kept),
        rows=number(log.rows), seed=record.about.seed, version=record.about.version,
    )  # fmt: skip
