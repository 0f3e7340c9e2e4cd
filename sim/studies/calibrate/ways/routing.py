"""Where applicants go, from a log: shares of classes and ways, redials, returns, electronic licences, giving up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from scipy.special import ndtr

from sim.office.hours import DAY
from sim.office.parameters import Scenario
from sim.studies.calibrate.dependence import Dependent
from sim.studies.calibrate.intervals import NORMAL, on_log, on_logit, wilson
from sim.studies.calibrate.log.steps import F64, GAVE_UP, RETURNED, STAFFED, UNKNOWN, UNTOLD, Flags, StepLog
from sim.studies.calibrate.presence.openings import OfficeOpenings, office_openings, out_of_hours_weight
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.times.durations import MEAN_AND_CV, lognormal_estimates
from sim.studies.calibrate.times.service_times import own_times
from sim.studies.calibrate.ways.cases import NEW, Cases, cases_of, contact_span, first_calls
from sim.studies.calibrate.ways.returns import return_dependence, return_rates

FEWEST = 5
"""Cases below which a share says too little to be put into a scenario."""


@dataclass(frozen=True, eq=False)
class _Look:
    """A log as all the shares below look at it."""

    log: StepLog
    cases: Cases
    parent: Scenario
    openings: OfficeOpenings
    weight: F64
    contacts: tuple[float, float]

    def share(self, name: str, hits: Flags, among: Flags, naive: float = math.nan) -> list[Estimate]:
        """Return a share of cases, weighed; none of nobody."""
        if among.sum() < FEWEST:
            return []
        weight = self.weight[among]
        enough = float(weight.sum() ** 2 / (weight**2).sum())
        share = float(weight[hits[among]].sum() / weight.sum())
        return [Estimate(name, *wilson(share * enough, enough), int(among.sum()), "share, Wilson", "share", naive)]

    def total(self, cases: Flags) -> tuple[float, float]:
        """Return how many some cases count for, and its variance over its square: that of a Poisson number."""
        weight = self.weight[cases]
        total = float(weight.sum())
        return total, float((weight**2).sum()) / total**2 if total else math.inf


def routing_estimates(log: StepLog, parent: Scenario, openings: OfficeOpenings | None = None) -> list[Estimate]:
    """Return the shares that say who comes, how they file, what they do after giving up, and what is sent back.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        Has what the log cannot tell: the share of questions that online Q&A answers, and the profile of the year.
    openings : OfficeOpenings or None
        None = the hours of `parent` on the working days of its calendar.

    Notes
    -----
    Who gives up goes another way than he meant to, the more the busier the office is. So the shares of ways are those
    among cases that did not give up calling: chance decides about that in the same way for all who come in hours.
    """
    if not len(log):
        return []
    look = _look(log, parent, openings)
    filing = _filing(look)
    calls = _calls(look)
    returns = return_rates(log, parent, look.cases, look.contacts)
    return [*_demand(look, filing, calls), *filing, *calls, *_giving_up(look), *_licence(look), *returns]


def routing_dependence(log: StepLog, parent: Scenario, openings: OfficeOpenings | None = None) -> list[Dependent]:
    """Return how the estimates of returns depend on each other; parameters as in `routing_estimates`."""
    if not len(log):
        return []
    look = _look(log, parent, openings)
    return return_dependence(log, parent, look.cases, look.contacts)


def _look(log: StepLog, parent: Scenario, openings: OfficeOpenings | None) -> _Look:
    openings = openings or office_openings(log, parent)
    cases = cases_of(log, openings, parent.filing.own_minutes.mean_minutes)
    begin, end = contact_span(log)
    dates = (log.first_day + timedelta(days=int(moment // DAY)) for moment in (begin, end))
    weight = np.where(cases.out_of_hours, out_of_hours_weight(parent, *dates), 1.0)
    return _Look(log, cases, parent, openings, weight, (begin, end))


def _demand(look: _Look, filing: Sequence[Estimate], calls: Sequence[Estimate]) -> list[Estimate]:
    """Return the shares of the classes."""
    cases, parent = look.cases, look.parent
    found: list[Estimate] = []
    if not cases.submitted.any():
        return found
    # A call with a number of its own is no registration besides.
    registered = cases.of(*NEW) & cases.application
    if cases.kinds_known:
        enterprise, other = registered & cases.of("enterprise", "key"), cases.of("other") & cases.application
        found += look.share("demand.enterprise_share", enterprise, registered)
        found += look.share("demand.key_share", cases.key & enterprise, enterprise)
        (ours, error), (others, more) = look.total(registered), look.total(other)
        if ours:
            ratio = on_log(others / ours, math.sqrt(error + more)) if others else (0.0, 0.0, 3.69 / ours)
            n = int((registered | other).sum())
            found.append(Estimate("demand.other_business_per_registration", *ratio, n, "ratio, delta method"))
    inquiry = cases.of("inquiry") | ((cases.kind == UNKNOWN) & cases.seen & ~cases.submitted)
    (asked, error), (ours, more) = look.total(inquiry), look.total(registered)
    method = f"share, those counted in whom online Q&A answers ({parent.phone.online_qa_share:g})"
    if not cases.kinds_known:
        ours, more = look.total(cases.submitted)
        ours /= 1 + parent.demand.other_business_per_registration
        method += ", classes not told"
    if asked and ours and cases.linked:
        told = {estimate.name: estimate for estimate in (*filing, *calls)}
        helped = told.get("filing.assisted_share")
        share = helped.value if helped else parent.filing.assisted_share
        questions = told.get("phone.calls_per_application")
        twice = min(max((questions.value if questions else parent.phone.calls_per_application) - 1, 0.0), 1.0)
        online = parent.phone.online_qa_share
        unseen = (1 - twice) * online + twice * online**2
        visible = 1 - (1 - share) * unseen
        slope = unseen * (helped.high - helped.low) / (2 * NORMAL) / visible if helped and helped.known else 0.0
        value = asked / (asked + visible * ours)
        interval = on_logit(value, value * (1 - value) * math.sqrt(error + more + slope**2))
        n, naive = int((inquiry | registered).sum()), asked / (asked + ours)
        found.append(Estimate("demand.inquiry_only_share", *interval, n, method, "share", naive))
    return found


def _filing(look: _Look) -> list[Estimate]:
    """Return who files with help, in the studio, and out of hours."""
    cases, found = look.cases, list[Estimate]()
    applied = cases.application & ~cases.key
    inside = applied & ~cases.out_of_hours
    steady = inside & ~cases.abandoned
    if not (applied & cases.in_hall).any() or not cases.submitted.any() or not steady.any():
        return found
    n = int(steady.sum())
    hall, *_ = wilson(float((steady & cases.in_hall).sum()), n)
    late, late_error = look.total(applied & cases.out_of_hours)
    early, early_error = look.total(inside)
    night = late / (late + early)
    variance = (night * (1 - night)) ** 2 * (late_error + early_error) if late else 0.0
    assisted = hall * (1 - night)
    error = math.sqrt((1 - night) ** 2 * hall * (1 - hall) / n + hall**2 * variance)
    naive = float((applied & cases.in_hall).sum() / applied.sum())
    method = "share of who did not give up calling" if cases.linked else "share, calls not linked"
    found.append(Estimate("filing.assisted_share", *on_logit(assisted, error), n, method, "share", naive))
    if cases.to_studio.any():
        registered = cases.of("enterprise", "individual") if cases.kinds_known else cases.application
        studio = look.share("filing.studio_share", cases.to_studio, steady & cases.in_hall & registered)
        if not cases.kinds_known:
            more = 1 + look.parent.demand.other_business_per_registration
            studio = [
                replace(e, value=e.value * more, low=e.low * more, high=e.high * more, method="share, classes not told")
                for e in studio
            ]
        found += studio
    alone = 1 - assisted
    if alone <= 0 or not (cases.linked or look.parent.phone.calls_per_application == 0):
        # Who calls in the afternoon and files in the evening would pass for somebody who began then.
        return found
    late_share, method = night / alone, "share" if look.log.has("online") else "share, at submission"
    error = math.sqrt((1 - hall) ** 2 * variance + (night * (1 - night)) ** 2 * hall * (1 - hall) / n) / alone**2
    interval = on_logit(late_share, error) if late else (0.0, *wilson(0.0, float((steady & ~cases.in_hall).sum()))[1:])
    naive = late / max(float((applied & ~cases.in_hall).sum()), 1.0)
    found.append(Estimate("demand.out_of_hours_share", *interval, int(applied.sum()), method, "share", naive))
    return found


def _calls(look: _Look) -> list[Estimate]:
    """Return the questions per application: who calls at all, and those whom online Q&A answers."""
    cases, online = look.cases, look.parent.phone.online_qa_share
    inside = cases.application & ~cases.key & ~cases.out_of_hours
    if not cases.linked or not cases.submitted.any() or not inside.any() or online >= 1:
        return []
    n = int(inside.sum())
    shares = wilson(float((inside & cases.called).sum()), n)
    method = f"share who call, online Q&A taken as {online:g}"
    ends = [share / (1 - online) for share in shares]
    if ends[0] > 1 and online > 0:
        method += ", up to two questions"
    # Of two questions either leads to a call, unless online Q&A answers both.
    ends = [end if end <= 1 else min(1 + (end - 1) / online, 2.0) if online > 0 else 1.0 for end in ends]
    naive = float(first_calls(look.log).sum() / n)
    return [Estimate("phone.calls_per_application", ends[0], ends[1], ends[2], n, method, "", naive)]


def _giving_up(look: _Look) -> list[Estimate]:
    """Return who calls again after hanging up, and who comes to the hall after giving up calling."""
    log, cases = look.log, look.cases
    calls = np.flatnonzero(first_calls(log))
    hung_up, case = log.outcome[calls] == GAVE_UP, log.case[calls]
    again = np.append(case[1:] == case[:-1], False)
    once = np.append(False, again[:-1] & hung_up[:-1])
    twice = once & np.append(False, once[:-1])
    tries = hung_up & ~twice
    found: list[Estimate] = []
    if tries.any() and again.any():
        n, naive = int(tries.sum()), float(again[hung_up].mean())
        interval = wilson(float((tries & again).sum()), n)
        found.append(Estimate("phone.redial_share", *interval, n, "share, Wilson", "share", naive))
    gave_up = cases.abandoned if cases.linked else np.zeros_like(cases.abandoned)
    return found + look.share("phone.profiles[0].walk_in_share", cases.in_hall, gave_up)


def _licence(look: _Look) -> list[Estimate]:
    """Return who gets the licence electronically: does not come for it, of those who would have by the log's end."""
    log, cases, last = look.log, look.cases, look.contacts[1]
    back = np.zeros(log.cases, np.bool_)
    decisions = np.flatnonzero(log.at("review", "automatic"))
    back[log.case[decisions]] = log.outcome[decisions] == RETURNED
    finished = np.isfinite(cases.decided) & ~back
    approved = finished & (cases.decided <= last)
    if not (cases.issued & finished).any() or not approved.any():
        return []
    own = own_times(log, look.openings)["issue.fetch_after_hours"]
    fetching = lognormal_estimates("fetch", own.minutes, MEAN_AND_CV, limits=own.limits)
    seen = np.ones(log.cases)
    if fetching:
        variance = math.log1p(fetching[1].value ** 2)
        left = look.openings.hall.left(cases.decided, last)
        with np.errstate(divide="ignore"):
            z = (np.log(np.fmax(left, 0.0)) - math.log(fetching[0].value) + variance / 2) / math.sqrt(variance)
        seen = np.where(cases.on_the_spot, 1.0, ndtr(z))
    enough, came = float(seen[approved].sum()), float((approved & (cases.came <= last)).sum())
    value, low, high = wilson(min(came, enough), enough)
    naive, method = float((~cases.issued)[finished].mean()), "share, Wilson, of who would have come by the end"
    name, n = "issue.electronic_share", int(approved.sum())
    return [Estimate(name, 1 - value, 1 - high, 1 - low, n, method, "share", naive)] if enough else []


def abandonment(log: StepLog) -> list[Estimate]:
    """Return the share that gave up waiting at each step at which somebody serves, of rows whose end is told."""
    found = []
    for step in STAFFED:
        outcome = log.outcome[log.at(step) & (log.outcome != UNTOLD)]
        if len(outcome):
            gave_up = wilson(float((outcome == GAVE_UP).sum()), len(outcome))
            found.append(Estimate(f"abandonment.{step}", *gave_up, len(outcome), "share, Wilson", "share"))
    return found


def dropped_out(log: StepLog) -> list[Estimate]:
    """Return the share of all cases in the log that never submitted.

    None if the log does not tell of submissions, or has a step before them that shares no case numbers with them.
    """
    submits = log.at("review", "automatic", "online")
    before = [log.case[log.at(step)] for step in ("phone", "filing", "studio") if log.has(step)]
    if not submits.any() or not all(np.isin(cases, log.case[submits]).any() for cases in before):
        return []
    seen, submitted = (int(np.count_nonzero(np.bincount(cases))) for cases in (log.case, log.case[submits]))
    return [Estimate("dropped_out", *wilson(seen - submitted, seen), seen, "share, Wilson", "share")]
