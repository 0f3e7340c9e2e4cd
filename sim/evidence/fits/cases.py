"""The ways of the cases through a log: what became of each, and the applicants' own times between its rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.evidence.fits.openings import OfficeOpenings, Openings
from sim.evidence.logs.log import GAVE_UP, KINDS, RETURNED, UNKNOWN, Flags, StepLog

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

LINKED = 1 / 2
"""Share of the cases seen at a step before the submission that are seen submitting, from which on the step is taken to
have the review's case numbers."""
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
    decided, came : (cases,) float64
        End of the last review or automatic approval; when the case came for the licence [min]. NaN = none, not told.
    """

    seen: Flags
    kind: NDArray[np.int8]
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
        return np.asarray(self.studio | (self.helped & ~self.returned))

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
    def any_row(which: Flags) -> Flags:
        flags = np.zeros(log.cases, np.bool_)
        flags[log.case[which]] = True
        return flags

    gave_up = log.outcome == GAVE_UP
    counter = log.at("filing") | log.at("studio") | log.at("key")
    decision = log.at("review") | log.at("automatic")
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
    came[log.case[rows]] = log.queued[rows]
    first = log.first_of_case()
    moment = np.fmin(log.queued, log.started) - np.where(decision & (not log.has("online")), form_minutes, 0.0)
    late = first & (decision | log.at("online")) & np.isfinite(moment)
    late &= ~openings.arrivals.open_at(moment) if openings else False
    key = any_row(log.at("key")) | (kind == KINDS.index("key"))
    return Cases(
        seen=any_row(np.ones(len(log), np.bool_)), kind=kind, submitted=any_row(decision | log.at("online")),
        called=any_row(calls), abandoned=abandoned, in_hall=any_row(log.at("filing") | log.at("studio")),
        to_studio=any_row(log.at("studio")), helped=any_row(counter & ~gave_up),
        studio=any_row(log.at("studio") & ~gave_up), left_hall=any_row(counter & gave_up),
        key=key, out_of_hours=any_row(late) & ~key,
        automatic=any_row(log.at("automatic")), issued=any_row(log.at("issue")),
        returned=any_row(log.outcome == RETURNED), decided=decided, came=came,
    )  # fmt: skip


def first_contacts(log: StepLog) -> tuple[float, float]:
    """Return the earliest and the latest first contact [min].

    Who comes to the hall first may have been told to by online Q&A, days before if these were holidays; so the other
    steps tell, if the log has them.
    """
    moment = np.fmin(log.queued, log.started)
    first = log.first_of_case() & np.isfinite(moment)
    at_once = first & (log.at("phone") | log.at("online"))
    first = at_once if at_once.any() else first
    return (float(moment[first].min()), float(moment[first].max())) if first.any() else (0.0, 0.0)


def first_calls(log: StepLog) -> Flags:
    """Return the calls that a case makes before anything else: those that advise on filing."""
    phone = log.at("phone")
    others = np.cumsum(~phone)
    before = np.zeros(log.cases, np.int64)
    first = log.first_of_case()
    before[log.case[first]] = (others - ~phone)[first]
    return np.asarray(phone & (others == before[log.case]))


@dataclass(frozen=True, eq=False)
class OwnTimes:
    """Own times of applicants that a log shows.

    Attributes
    ----------
    minutes : (n,) float64
        Above 0.
    limits : (n,) float64
        From their beginning to the last first contact, by the same clock. A log of all rows up to a moment does not
        show what ended later, one of all cases that began by then does; so neither is looked at beyond it.
    """

    minutes: F64
    limits: F64


def own_times(log: StepLog, openings: OfficeOpenings | None) -> dict[str, OwnTimes]:
    """Return the applicants' own times that a log shows between its rows, by the name of the parameter.

    Parameters
    ----------
    log : StepLog
    openings : OfficeOpenings or None
        What passes only while the hall is open is measured in its opening minutes; None = it is left out.

    Notes
    -----
    A correction lasts from the end of a review that sent the application back to the moment at which the case waits
    for the next one, on the wall clock; a redial from hanging up to the next call of the case. The way to the hall
    lasts from the end of a call to the ticket in the hall. The licence is fetched from the last review or automatic
    approval on, but by who was helped in the hall: he waits there for the review, and is given the licence on the spot
    unless it was sent back; with the Set-Sail Studio always.
    """
    cases, last = cases_of(log, None), first_contacts(log)[1]
    first, second = _neighbours(log, log.at("review"))
    back = log.outcome[first] == RETURNED
    studio = cases.studio[log.case[first]]
    found = {}
    for name, which in (("review.correction", ~studio), ("filing.studio_correction_minutes", studio)):
        found[name] = _passed(log.ended[first[back & which]], log.queued[second[back & which]], last)
    first, second = _neighbours(log, log.at("phone"))
    hung_up = log.outcome[first] == GAVE_UP
    found["phone.redial_after_minutes"] = _passed(log.ended[first[hung_up]], log.queued[second[hung_up]], last)
    if openings is None:
        return found
    clock = openings.hall
    hall = log.at("filing") | log.at("studio")
    first, second = _neighbours(log, hall | log.at("phone"))
    goes = log.at("phone")[first] & hall[second]
    found["filing.travel_minutes"] = _passed(log.ended[first[goes]], log.queued[second[goes]], last, clock)
    fetches = ~cases.on_the_spot
    found["issue.fetch_after_hours"] = _passed(cases.decided[fetches], cases.came[fetches], last, clock)
    return found


def _passed(begin: F64, end: F64, last: float, clock: Openings | None = None) -> OwnTimes:
    """Return the own times from `begin` to `end`, those above 0 that were over by `last`."""
    seen = (begin < end) & (end <= last)
    begin, end = begin[seen], end[seen]
    minutes = end - begin if clock is None else clock.between(begin, end)
    limits = last - begin if clock is None else clock.left(begin, last)
    kept = (minutes > 0) & np.isfinite(limits)
    return OwnTimes(minutes[kept], limits[kept])


def _neighbours(log: StepLog, which: Flags) -> tuple[I64, I64]:
    """Return the numbers of rows that follow each other in a case, of those chosen."""
    rows = np.flatnonzero(which)
    same = log.case[rows[:-1]] == log.case[rows[1:]]
    return rows[:-1][same], rows[1:][same]
