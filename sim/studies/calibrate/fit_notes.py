"""What is told of a fit in sentences besides its figures: what kind of office the log shows."""

from __future__ import annotations

from collections.abc import Iterator

from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.studies.calibrate.demand.arrivals import notes_of as notes_of_arrivals
from sim.studies.calibrate.fit import Fit
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.patience.endless import NOBODY, endless
from sim.studies.calibrate.records import PATIENCE
from sim.studies.calibrate.scenarios import OFFERED
from sim.studies.calibrate.times.durations import NEAREST
from sim.studies.calibrate.ways.outside import AT_ONCE, PATH


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
