"""What is told of a fit in sentences besides its figures: what kind of office the log shows, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.scenario import scenario_as_dict
from sim.studies.calibrate.demand.arrivals import notes_of as notes_of_arrivals
from sim.studies.calibrate.fit import HALF_HOURS, Fit, vague
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.log.steps import STEPS, UNKNOWN, StepLog
from sim.studies.calibrate.patience.endless import NOBODY, endless
from sim.studies.calibrate.records import PATIENCE, Estimate, NotTold
from sim.studies.calibrate.scenarios import OFFERED, at, has, not_possible, path_of
from sim.studies.calibrate.times.durations import NEAREST
from sim.studies.calibrate.times.service_times import AT_MOST, SERVICES
from sim.studies.calibrate.ways.outside import AT_ONCE, PATH, Submitted
from sim.text import N_

MONTHS = "demand.month_index"
TOO_LITTLE = N_("too little in the log tells of it")
NO_NUMBERS = N_("no case numbers that show who comes again")
ONLY_MOST = N_("starts are estimated: the log tells only how long it is at most")
ONLY_MOMENTS = N_("the log tells when cases are done, not when they come")
OTHER_MONTHS = N_("months that the log does not have are those of the parent")
NOBODY_THERE = N_("neither the log nor the parent has anybody at work for it; it stays off")
OTHERWISE_LATE = N_("files are late in the queue, but otherwise at the end of the log, or in steps of the office's own")
TELLS: Mapping[str, Sequence[str]] = {
    "phone": ("phone.profiles[0].patience_seconds", "phone.redial_share", "phone.calls_per_application"),
    "filing": ("filing.assisted_share", "filing.hall_patience.mean_minutes"),
    "review": ("review.return_rate", "review.correction.median_hours", "demand.out_of_hours_share"),
    "issue": ("issue.electronic_share", "issue.fetch_after_hours.mean_hours"),
}
"""Besides its service time, what each step tells if there is enough of it."""


def notes_of(fit: Fit, parent: Scenario) -> Iterator[Note]:
    """Yield the notes on a fit, in the order in which they are told."""
    yield from notes_of_arrivals(fit.arrivals)
    yield from _outside(fit, parent)
    for of in (_other_variation, _nobody_gave_up, _several_at_once, _outside_office):
        yield from of(fit)
    yield from (Note("another order", {"step": step}) for step in fit.other_orders)
    yield from _other_paces(fit)
    yield from (Note("newest first", {"step": step, "share": 100 * share}) for step, share in fit.newest)


def _outside(fit: Fit, parent: Scenario) -> Iterator[Note]:
    """Yield that many come, or are served, outside the parent's hours; and when hardly anybody comes."""
    hours, of = fit.hours, {"parent": parent.name}
    if hours.outside:
        yield Note("come outside", {"share": 100 * hours.outside, **of})
    now = hours.scenario.hours
    if (now.office, now.phone) != (parent.hours.office, parent.hours.phone):
        spans = {"office": now.office, "phone": now.phone, "clock": now.counted}
        yield Note("other hours", {name: [show_span(span) for span in each] for name, each in spans.items()} | of)
    shut = {name: tuple(map(show_span, spans)) for name, spans in hours.closed.items()}
    for closed in dict.fromkeys(shut[name] for name in ("office", "phone") if name in shut):
        steps = [step for name, step in (("office", "hall"), ("phone", "phone")) if shut.get(name) == closed]
        yield Note("closed", {"hours": list(closed), "steps": steps})
    if "review" in shut:
        yield Note("no review", {"hours": list(shut["review"])})
    if on := [OFFERED[path][0][0] for path in OFFERED if path in fit.used]:
        yield Note("switched on", {"steps": on} | of)
    if hours.empty:
        yield Note("hardly come", {"hours": [show_span(span) for span in hours.empty], **of})


def _other_variation(fit: Fit) -> Iterator[Note]:
    """Yield where the service times of a scenario cannot vary as those of the log do."""
    for service in fit.services:
        if service.estimates and service.estimates[1].method.endswith(NEAREST):
            values = {"seen": round(fit.durations[service.step].cv, 4), "held": service.estimates[1].value}
            yield Note("other variation", {"step": service.step} | values)


def _other_paces(fit: Fit) -> Iterator[Note]:
    """Yield where services take another time while many wait, and whether people could be told apart."""
    for pace in fit.paces:
        number, factor = pace.estimates
        values = {"step": pace.step, "number": int(number.value), "factor": factor.value}
        values |= {"least": f"{number.low:.0f}", "most": f"{number.high:.0f}"}
        what = "other pace" if pace.by_name else "other pace, no names"
        yield Note(what, {**values, "low": factor.low, "high": factor.high})


def _several_at_once(fit: Fit) -> Iterator[Note]:
    """Yield where people have several cases in hand at the same time."""
    for step, seen in fit.staffing.items():
        if (found := seen.at_once).cases > 1:
            values = {"step": step, "share": 100 * found.beside, "services": found.services, "cases": found.cases}
            yield Note("several at once", values)


def _outside_office(fit: Fit) -> Iterator[Note]:
    """Yield how many files are outside the office before the review, and who comes to the counter only later."""
    if (found := fit.outside) is not None and f"{PATH}.share" in fit.used:
        what = "outside in hours" if found.in_hours else "outside by the clock"
        yield Note(what, {"files": found.files, "share": 100 * found.share, "minutes": AT_ONCE})
    if fit.at_counter_later is not None:
        cases, share = fit.at_counter_later
        yield Note("later at the counter", {"cases": cases, "share": 100 * share, "minutes": AT_ONCE})


def _nobody_gave_up(fit: Fit) -> Iterator[Note]:
    """Yield where nobody gave up, for how long they waited, and what the scenario has."""
    for each in fit.estimates:
        if each.name in fit.used and each.method.startswith(NOBODY):
            (group,) = (group for group, name in PATIENCE.items() if name == each.name)
            values = {"hours": float(fit.patience[group].waits.minutes.sum()) / 60, "least": each.in_minutes[0]}
            yield Note("nobody hangs up" if endless(each) else NOBODY, {"group": group} | values)


def not_told(log: StepLog, parent: Scenario, estimates: Sequence[Estimate], used: frozenset[str]) -> Iterator[NotTold]:
    """Yield what could not be estimated or used: steps and columns that a log lacks, what it shows too little of.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    estimates : sequence of Estimate
    used : frozenset of str
        Names of those that are in the scenario.
    """
    for step in STEPS:
        if not log.has(step) and step != "automatic":
            yield NotTold(step, N_("no rows of this step"))
    for column in ("queued", "started", "ended"):
        if len(log) and not np.isfinite(getattr(log, column)).any():
            yield NotTold(column, N_("no times in this column"))
    if (log.kind == UNKNOWN).all():
        yield NotTold("class", N_("no classes: enterprises, individuals and other business are not told apart"))
    if (log.server < 0).all():
        yield NotTold("server", N_("no servers: only how many were busy at once is known"))
    known = {each.name.partition("[")[0] if "return_rate" in each.name else each.name for each in estimates}
    for step in log.steps:
        times = [SERVICES[step][0] + SERVICES[step][1][0]] if step in SERVICES else []
        for name in (*times, *TELLS.get(step, ())):
            if name not in known:
                yield NotTold(name, TOO_LITTLE if log.numbered or name != "review.return_rate" else NO_NUMBERS)
    hours = ONLY_MOMENTS if log.moments_guessed else TOO_LITTLE
    for index, why in ((MONTHS, OTHER_MONTHS), *((index, hours) for index in HALF_HOURS)):
        if any(each.index == index and not each.known for each in estimates):
            yield NotTold(index, why)
    if f"{PATH}.share" not in used and Submitted.of(log, None).clear:
        yield NotTold(f"{PATH}.share", OTHERWISE_LATE)
    whole = scenario_as_dict(parent)
    for path, (steps, _) in OFFERED.items():
        if log.has(*steps) and path not in used and not at(whole, path_of(path)):
            yield NotTold(path, NOBODY_THERE)
    for each in estimates:
        if each.index or np.isnan(each.value) or each.name in used or not has(whole, path_of(each.name)):
            continue
        if each.method.endswith(AT_MOST) or vague(each):
            yield NotTold(each.name, ONLY_MOST if each.method.endswith(AT_MOST) else TOO_LITTLE)
        else:
            yield not_possible(parent, each, estimates)
