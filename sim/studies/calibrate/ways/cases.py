"""The ways of the cases through a log: what became of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.studies.calibrate.intervals import wilson
from sim.studies.calibrate.log.steps import F64, GAVE_UP, I8, I64, KINDS, RETURNED, UNKNOWN, Flags, StepLog
from sim.studies.calibrate.presence.openings import OfficeOpenings
from sim.studies.calibrate.ways.outside import AT_ONCE, LEAST, taken_outside

LINKED = 1 / 2
"""Share of the cases seen at a step before the submission that are seen submitting, from which on the step is taken to
have the review's case numbers."""
NEW = ("enterprise", "individual", "key")
"""Classes that are registrations."""
HOWS = ("alone", "unadvised", "assisted", "studio")
"""How an application was prepared, as its return rate depends on it."""


@dataclass(frozen=True, eq=False)
class Cases:
    """What became of each case; all flags have shape (cases,).

    Attributes
    ----------
    seen : (cases,) bool
        It has a row.
    kind : (cases,) int8
        Place in `KINDS`, `UNKNOWN` = not told.
    submitted : (cases,) bool
        It came to a review or an automatic approval, or to an online form.
    called, abandoned : (cases,) bool
        Called before anything else; gave up calling for good.
    in_hall, to_studio : (cases,) bool
        Came to filing or the studio; to the studio.
    helped, studio, left_hall : (cases,) bool
        Served in the hall, specialists included; by the studio; gave up waiting there.
    key : (cases,) bool
        Came to a specialist, or is of the class.
    out_of_hours : (cases,) bool
        Began alone online outside the hours of the daily profile.
    automatic, issued, returned : (cases,) bool
        Approved by machines; came for the licence; sent back at least once.
    outside : (cases,) bool
        Was outside the office between submission and review.
    decided, came : (cases,) float64
        End of the last review or automatic approval; when the case came for the licence, or the first that the log
        tells of it there [min]. NaN = none, not told.
    """

    seen: Flags
    kind: I8
    submitted: Flags
    called: Flags
    abandoned: Flags
    in_hall: Flags
    to_studio: Flags
    helped: Flags
    studio: Flags
    left_hall: Flags
    key: Flags
    out_of_hours: Flags
    automatic: Flags
    issued: Flags
    returned: Flags
    outside: Flags
    decided: F64
    came: F64

    def of(self, *kinds: str) -> Flags:
        """Return which cases are of some kinds."""
        return np.isin(self.kind, [KINDS.index(kind) for kind in kinds])

    @property
    def kinds_known(self) -> bool:
        """Whether the log tells the kinds of its cases."""
        return bool((self.kind != UNKNOWN).any())

    @property
    def linked(self) -> bool:
        """Whether calls have the same case numbers as what follows them."""
        return bool((self.called & (self.submitted | self.in_hall)).any())

    @property
    def application(self) -> Flags:
        """Which cases are applications: by their kind, else by what became of them.

        A call or a ticket of the hall with a number of its own is no further application.
        """
        by_kind = ~self.of("inquiry") & self.seen
        if self.submitted.any():
            for before, after in ((self.in_hall, self.submitted), (self.called, self.submitted | self.in_hall)):
                of_these = by_kind & before & (self.kind != UNKNOWN)
                if of_these.any() and after[of_these].mean() < LINKED:
                    by_kind &= self.submitted | ~before
        return np.asarray(np.where(self.kind == UNKNOWN, self.submitted, by_kind) & self.seen)

    @property
    def on_the_spot(self) -> Flags:
        """Which cases are given the licence in the hall, where they waited for the review."""
        return np.asarray((self.studio | (self.helped & ~self.returned)) & ~self.outside)

    @property
    def how(self) -> I64:
        """Place in `HOWS`, shape (cases,)."""
        unadvised = self.abandoned | self.left_hall
        return np.select([self.studio, self.helped, unadvised], [3, 2, 1], 0).astype(np.int64)


def cases_of(log: StepLog, openings: OfficeOpenings | None, form_minutes: float = 0.0) -> Cases:
    """Return what became of each case of a log; without hours nobody came out of them.

    Parameters
    ----------
    log : StepLog
    openings : OfficeOpenings or None
    form_minutes : float
        How long the online form takes. A log without it has only its end: so much earlier was its beginning.
    """
    gave_up = log.outcome == GAVE_UP
    counter, decision = log.at("filing", "studio", "key"), log.at("review", "automatic")
    any_row = log.cases_with
    kind = np.full(log.cases, UNKNOWN, np.int8)
    told = np.flatnonzero(log.kind != UNKNOWN)[::-1]
    kind[log.case[told]] = log.kind[told]
    calls = first_calls(log)
    abandoned = np.zeros(log.cases, np.bool_)
    abandoned[log.case[calls]] = gave_up[calls]  # the last call of a case counts
    decided = np.full(log.cases, np.nan)
    rows = np.flatnonzero(decision)
    decided[log.case[rows]] = log.ended[rows]
    came = np.full(log.cases, np.nan)
    rows = np.flatnonzero(log.at("issue"))[::-1]
    came[log.case[rows]] = np.fmin(log.begin, log.ended)[rows]
    first = log.first_of_case()
    moment = log.begin - np.where(decision & (not log.has("online")), form_minutes, 0.0)
    late = first & (decision | log.at("online")) & np.isfinite(moment)
    late &= ~openings.arrivals.open_at(moment) if openings else False
    key = any_row(log.at("key")) | (kind == KINDS.index("key"))
    return Cases(
        seen=any_row(np.ones(len(log), np.bool_)), kind=kind, submitted=any_row(decision | log.at("online")),
        called=any_row(calls), abandoned=abandoned, in_hall=any_row(log.at("filing", "studio")),
        to_studio=any_row(log.at("studio")), helped=any_row(counter & ~gave_up),
        studio=any_row(log.at("studio") & ~gave_up), left_hall=any_row(counter & gave_up),
        key=key, out_of_hours=any_row(late) & ~key,
        automatic=any_row(log.at("automatic")), issued=any_row(log.at("issue")),
        returned=any_row(log.outcome == RETURNED),
        outside=taken_outside(log, openings.review if openings else None), decided=decided, came=came,
    )  # fmt: skip


def contact_span(log: StepLog) -> tuple[float, float]:
    """Return the earliest and the latest first contact [min].

    Who comes to the hall first may have been told to by online Q&A, days before if these were holidays; so the other
    steps tell, if the log has them.
    """
    moment = log.begin
    first = log.first_of_case() & np.isfinite(moment)
    at_once = first & (log.at("phone", "online"))
    first = at_once if at_once.any() else first
    return (float(moment[first].min()), float(moment[first].max())) if first.any() else (0.0, 0.0)


def later_at_counter(log: StepLog, openings: OfficeOpenings) -> tuple[int, float] | None:
    """Return how many cases the model gives their licence on the spot, and the share of them that comes only later.

    None if hardly any does. In opening minutes of the hall, and of those of whom it is told when they came.
    """
    cases = cases_of(log, openings)
    queued = log.cases_with(log.at("issue") & np.isfinite(log.queued))
    spot = cases.on_the_spot & queued & np.isfinite(cases.decided)
    later = openings.hall.between(cases.decided[spot], cases.came[spot]) > AT_ONCE
    clear = len(later) and wilson(float(later.sum()), len(later))[1] > LEAST
    return (len(later), float(later.mean())) if clear else None


def first_calls(log: StepLog) -> Flags:
    """Return the calls that a case makes before anything else: those that advise on filing."""
    phone = log.at("phone")
    others = np.cumsum(~phone)
    before = np.zeros(log.cases, np.int64)
    first = log.first_of_case()
    before[log.case[first]] = (others - ~phone)[first]
    return np.asarray(phone & (others == before[log.case]))
