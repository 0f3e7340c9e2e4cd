"""From what was fitted to the record: rows of tables, what each figure is held against, what counts as fitted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.office.demand import day_line
from sim.office.hours import SLOT
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_time
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.scenario import beside_the_point, scenario_as_dict
from sim.results.about import About
from sim.results.fitted import Fitted, parameter_of, values_at
from sim.studies.calibrate.demand.seasons import mean_one
from sim.studies.calibrate.fit import Fit
from sim.studies.calibrate.fit_notes import not_told, notes_of
from sim.studies.calibrate.held_out.backtest import REPLICATIONS
from sim.studies.calibrate.intervals import F64
from sim.studies.calibrate.log.report import Done, LogFinding, LogReport
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.patience.endless import NOBODY, endless
from sim.studies.calibrate.records import (
    DAYS,
    DEMAND,
    FAMILIES,
    HALF_HOUR,
    MONTH,
    WEEK,
    WEEKDAY,
    Calibration,
    Compared,
    Estimate,
    Expected,
    Foretold,
    HeldOut,
    LogFacts,
    NotTold,
    OnDuty,
    Place,
)
from sim.studies.calibrate.scenarios import OFFERED, PROFILES, at, has, path_of
from sim.studies.calibrate.shapes import Goodness, Quantile, Remaining, ServiceTime
from sim.studies.calibrate.times.durations import SAMPLE, far_from
from sim.studies.calibrate.times.service_times import SERVICES, place_of_sample
from sim.studies.calibrate.ways.outside import PATH
from sim.text import N_

STEP_OF = {
    "phone": "phone", "filing.assisted": "filing", "filing.hall": "filing", "filing.studio": "studio",
    "filing.key": "key", "filing.own": "online", "filing.travel": "filing", "review.auto": "automatic",
    "review": "review", "issue": "issue", **{f"staff.{pool}": step for step, pool in POOL_OF_STAGE.items()},
}  # fmt: skip
"""Beginning of a parameter's name: the step that it is about; all others are about demand."""
FORMULAS = ("=", "+", "-", "@")
"""A spreadsheet takes a text that begins so for a formula."""


def recorded(
    about: About, log: StepLog, report: LogReport, parent: Scenario, fit: Fit, held_out: HeldOut | None,
    compared: tuple[Compared, ...], rolling: tuple[Foretold, ...] = (),
) -> Calibration:  # fmt: skip
    """Return what a calibration has found.

    Parameters
    ----------
    about : About
    log : StepLog
    report : LogReport
        Of reading it.
    parent : Scenario
    fit : Fit
        To all of the log.
    held_out, compared, rolling
        The back-tests, if there are any.
    """
    known = {parameter.path: parameter for parameter in all_parameters()}
    estimates = tuple(_held_against(fit, parent, known))
    scenario, opened = scenario_as_dict(fit.scenario), fit.arrivals.opened
    duty, goodness = tuple(_duty(fit)), tuple(_goodness(fit))
    return Calibration(
        about=replace(about, fitted=Fitted(about.name, tuple(_fitted(fit, scenario, estimates, goodness, duty)))),
        title=scenario["title"],
        parent=parent.name,
        log=LogFacts(
            files=tuple(file.name for file in report.files), rows=report.rows_read, kept=report.rows_kept,
            cases=report.cases, first=opened.first, last=opened.all[-1], working_days=len(opened.dates),
            steps=log.steps, words=report.words, assumed=report.assumed, missing=report.missing,
            read=report.files, half_life=fit.half_life,
            counted=None if fit.half_life is None else int(opened.told.sum()),
        ),
        held_out=held_out,
        replications=REPLICATIONS if compared or rolling else 0,
        missing=(*not_told(log, parent, fit.estimates, fit.used), *_oversized(fit)),
        notes=tuple(notes_of(fit, parent)),
        ranges=dict(_ranges(estimates, scenario, known)),
        scenario=scenario,
        estimates=estimates,
        dependence=fit.dependence,
        services=tuple(_services(fit)),
        quantiles=tuple(_quantiles(fit)),
        survival=tuple(_survival(fit)),
        goodness=goodness,
        profile=tuple(_profile(fit, parent)),
        arrivals=tuple(_arrivals(fit)),
        duty=duty,
        back_test=compared,
        rolling=rolling,
        gains=fit.gains,
        findings=tuple(_findings(report, fit)),
        moved=(),
        causes=(),
    )  # fmt: skip


def _oversized(fit: Fit) -> Iterator[NotTold]:
    """Yield the plans that no pool can have."""
    for step in fit.oversized:
        yield NotTold(
            f"staff.{POOL_OF_STAGE[step]}.plan",
            N_("more people, or cases in hand at once, than a pool can have: its whole plan is the parent's"),
        )


def _held_against(fit: Fit, parent: Scenario, known: Mapping[str, Parameter]) -> Iterator[Estimate]:
    """Yield the estimates with what the parent has, and what is plausible."""
    assumed = scenario_as_dict(parent)
    half_hours = dict(zip(fit.arrivals.half_hour_names, _half_hours_of(fit, parent), strict=True))
    for each in fit.estimates:
        own = known.get(parameter_of(each.name))
        low, high = map(float, own.plausible) if own and own.plausible else (math.nan, math.nan)
        step = next((step for start, step in STEP_OF.items() if each.name.startswith(start)), DEMAND)
        if each.name.startswith(("priorities", "pace")):
            rules, place = path_of(each.name)[:2]
            step = getattr(fit.scenario, str(rules))[int(place)].stage
        yield replace(
            each, value=_finite(each.value), low=_finite(each.low), high=_finite(each.high), naive=_finite(each.naive),
            step=step, assumed=math.nan if own is None else _assumed(assumed, each, half_hours), plausible_low=low,
            plausible_high=high, used=each.name in fit.used,
        )  # fmt: skip


def _half_hours_of(fit: Fit, parent: Scenario) -> F64:
    """Return what the parent has of the half-hours of a fit, scaled to mean 1."""
    line = day_line(parent)[fit.arrivals.contacts.slots]
    return mean_one(line) if line.any() else line


def _assumed(data: dict[str, Any], estimate: Estimate, half_hours: Mapping[str, float]) -> float:
    """Return what the parent has: of the callers' profiles their mean, of an index scaled to mean 1; NaN if nothing."""
    if estimate.name in half_hours:
        return float(half_hours[estimate.name])
    path = path_of(estimate.name)
    if not has(data, path):
        return math.nan
    if path[:2] == PROFILES:
        return float(sum(each["share"] * each[path[-1]] for each in at(data, PROFILES)))
    if estimate.index:
        return float(mean_one(at(data, path[:-1]))[int(path[-1])])
    number = at(data, path)
    return float(number) if isinstance(number, int | float) else math.nan


def _fitted(
    fit: Fit, scenario: dict[str, Any], estimates: tuple[Estimate, ...], goodness: tuple[Goodness, ...],
    duty: tuple[OnDuty, ...],
) -> Iterator[str]:  # fmt: skip
    """Yield the parameters that were fitted as a whole."""
    members = Counter(parameter_of(each.name) for each in estimates if each.used and each.known)
    for path, number in members.items():
        # A log of a few months tells the index of these only.
        if number == sum(len(value) if isinstance(value, list | dict) else 1 for value in values_at(scenario, path)):
            yield path
    for row in goodness:
        # A profile of callers is one thing: what it has without a word is from the log, too.
        if row.used and (row.family == SAMPLE or row.step == "phone"):
            yield parameter_of(place_of_sample(row.step, row.about))
            if row.step == "phone" and row.about == "patience" and row.family != "weibull":
                yield "phone.profiles[].patience_shape"
        elif row.used and row.family == "gamma":
            yield f"{SERVICES[row.step][0]}.family"
    for each in estimates:
        if each.used and each.method.startswith(NOBODY):
            yield parameter_of(each.name)
            if endless(each):
                yield "phone.profiles[].hangs_up"
    yield from (path for path in OFFERED if path in fit.used)
    if fit.outside is not None and f"{PATH}.share" in fit.used:
        yield f"{PATH}.in_hours"
    yield from (f"staff.{pool}.plan" for pool in sorted({row.pool for row in duty}))
    several = {POOL_OF_STAGE[step] for step, seen in fit.staffing.items() if seen.at_once.cases > 1}
    yield from (f"staff.{pool}.at_once" for pool in sorted(several))


def _ranges(
    estimates: tuple[Estimate, ...], scenario: dict[str, Any], known: Mapping[str, Parameter]
) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the intervals of what was fitted, by the parameter's path; not of the variation of a sample."""
    for each in estimates:
        own = known.get(parameter_of(each.name))
        if own is None or own.plausible is None or each.index or not (each.used and each.known):
            continue
        if beside_the_point(scenario, path_of(each.name), own):
            continue
        if each.low < each.high:
            yield own.path, (float(f"{each.low:.6g}"), float(f"{each.high:.6g}"))


def _services(fit: Fit) -> Iterator[ServiceTime]:
    for step, found in fit.durations.items():
        families = {family.name: family for family in found.families}
        best = found.families[0].name if families else ""
        figures = {
            f"{figure}_{name}": getattr(families[name], figure) if name in families else math.nan
            for figure in ("aic", "distance")
            for name in FAMILIES
        }
        yield ServiceTime(step, found.n, found.mean, found.cv, best, found.empirical, **figures)


def _quantiles(fit: Fit) -> Iterator[Quantile]:
    for step, found in fit.durations.items():
        families = {family.name: family for family in found.families}
        unknown = np.full(len(found.observed), np.nan)
        lines = [families[name].quantiles(found.probabilities) if name in families else unknown for name in FAMILIES]
        for row in _rows(found.probabilities, found.observed, *lines):
            yield Quantile(step, *row)


def _survival(fit: Fit) -> Iterator[Remaining]:
    for group, found in fit.patience.items():
        for row in _rows(found.minutes, found.remaining, found.low, found.high, found.fitted(found.minutes)):
            yield Remaining(group, found.model, *row)


def _goodness(fit: Fit) -> Iterator[Goodness]:
    """Yield how well each distribution that was tried fits, in the order in which they were."""
    for service in fit.services:
        found = fit.durations.get(service.step)
        if found is None or not service.estimates or not service.family:
            continue
        used = service.estimates[0].name in fit.used
        off = {family.name: family.distance for family in found.families}
        for name in service.tried if found.families else ():
            far = max(off[name], service.none) if service.family == SAMPLE else off[name]
            does = name == service.family and off[name] <= far_from(found.n)
            yield Goodness(service.step, "service", name, found.n, far, does, used and name == service.family)
        if service.family == SAMPLE:
            n = len(service.minutes)
            yield Goodness(service.step, "service", SAMPLE, n, 0.0, True, used, too_long=service.too_long)
    for group, waits in fit.patience.items():
        used, n = bool(waits.estimates) and waits.estimates[0].name in fit.used, len(waits.waits.minutes)
        for each in waits.judged:
            mine = used and each.family == waits.model
            yield Goodness(group, "patience", each.family, n, each.distance, each.does, mine, each.chance, each.minutes,
                           each.seen, each.fitted)  # fmt: skip
        if (sample := waits.sample) is not None and waits.estimates:
            yield Goodness(group, "patience", SAMPLE, n, 0.0, True, used, math.nan, sample.until, sample.beyond)


def _profile(fit: Fit, parent: Scenario) -> Iterator[Place]:
    arrivals, demand = fit.arrivals, parent.demand
    seasons, half_hours = arrivals.seasons, arrivals.half_hours
    cases = {each.name: each.n for each in fit.estimates}
    times = [show_time(slot * SLOT) for slot in arrivals.contacts.slots]
    for kind, index, assumed, labels, smooth in (
        (MONTH, seasons.month, mean_one(demand.month_index), [str(number) for number in range(1, 13)], None),
        (WEEKDAY, seasons.weekday, mean_one(demand.weekday_index), DAYS, None),
        (HALF_HOUR, half_hours.raw, _half_hours_of(fit, parent), times, half_hours.smooth.value),
    ):
        smoothed = np.full(len(labels), np.nan) if smooth is None else smooth
        rows = _rows(index.value, index.low, index.high, smoothed, assumed)
        for place, (label, row) in enumerate(zip(labels, rows, strict=True)):
            value, low, high, smoothed_value, own = row
            name = arrivals.half_hour_names[place] if kind == HALF_HOUR else f"demand.{kind}_index[{place}]"
            yield Place(kind, place, label, value, low, high, smoothed_value, own, cases.get(name, 0))


def _arrivals(fit: Fit) -> Iterator[Expected]:
    value, low, high = fit.arrivals.expected()
    times = [show_time(slot * SLOT) for slot in fit.arrivals.contacts.slots]
    for month, weekday, place in np.ndindex(*value.shape):
        row = (float(of[month, weekday, place]) for of in (value, low, high))
        yield Expected(month + 1, DAYS[weekday], times[place], *row)


def _duty(fit: Fit) -> Iterator[OnDuty]:
    days = _weekdays(fit)
    for step, seen in fit.staffing.items():
        for day, weekday in days:
            for slot in np.flatnonzero((seen.counts > 0) | (seen.by_weekday[day] > 0)):
                yield OnDuty(
                    POOL_OF_STAGE[step], step, weekday, show_time(slot * SLOT), int(seen.by_weekday[day, slot]),
                    int(seen.counts[slot]), seen.method, seen.days,
                )  # fmt: skip


def _weekdays(fit: Fit) -> list[tuple[int, str]]:
    """Return Monday to Friday if the office ever works then, and the days of the weekend on which it mostly does."""
    opened = fit.arrivals.opened
    worked, all_ = (Counter(day.weekday() for day in days) for days in (opened.dates, opened.all))
    office = any(worked[day] for day in range(len(DAYS)))
    shown = [day for day in range(len(WEEK)) if (office if day < len(DAYS) else 0 < all_[day] <= 2 * worked[day])]
    return [(day, WEEK[day]) for day in shown or sorted(worked)]


def _findings(report: LogReport, fit: Fit) -> Iterator[LogFinding]:
    for each in report.findings:
        # A word of the log stays a text in a spreadsheet that opens the CSV.
        about = f"'{each.about}" if each.about.startswith(FORMULAS) else each.about
        examples = "; ".join(f"{example.file}:{example.row}: {example.value}" for example in each.examples)
        yield LogFinding(each.kind, about, each.count, each.done, examples)
    seasons = fit.arrivals.seasons
    for odd in seasons.odd_days:
        done: Done = "no_level" if seasons.left_out else "kept"
        yield LogFinding("odd_day", str(odd.day), odd.seen, done, f"{odd.expected:.0f} expected")
    for group, found in fit.patience.items():
        for why in ("untold", "closed", "turned_away", "sent_home"):
            if number := getattr(found.waits, why):
                yield LogFinding(f"wait_{why}", group, number, "kept" if why == "sent_home" else "no_patience", "")


def _finite(value: float) -> float:
    """Return a number; NaN if it has overflown."""
    return float(value) if math.isfinite(value) else math.nan


def _rows(*columns: F64) -> Iterator[Sequence[float]]:
    """Yield columns row by row."""
    return ([_finite(value) for value in row] for row in zip(*columns, strict=True))
