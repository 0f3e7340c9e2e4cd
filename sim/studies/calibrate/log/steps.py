"""The log of an office, as columns: who was at which step, from when to when, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]
Flags = NDArray[np.bool_]

STEPS = ("phone", "online", "filing", "studio", "key", "review", "automatic", "issue")
"""What an office's systems write down: the call platform, the online form, the queue machine of the hall, the Set-Sail
Studio and the specialists, the review system, its automatic approvals, and the counter."""
STAFFED = ("phone", "filing", "studio", "key", "review", "issue")
"""Steps at which somebody serves."""
KINDS = ("enterprise", "individual", "key", "other", "inquiry")
"""Classes of cases; an inquiry never becomes an application."""
NOBODY, UNKNOWN = -1, -1
MOST_GUESSED = 0.05
FEW_DAYS = 10
"""Working days below which a log is too short to judge an office by."""

UNTOLD, SERVED, GAVE_UP, RETURNED = range(4)
"""How a step ended: not told, served, left while waiting, sent back for correction (a review only)."""
OUTCOMES = ("", "served", "gave_up", "returned")
"""The same as files name it."""


@dataclass(frozen=True, eq=False)
class StepLog:
    """A log with one row per step of a case, sorted by case and then by time.

    Attributes
    ----------
    first_day : date
        Whose midnight is minute 0.
    case : (rows,) int64
        Number of the case, 0, 1, ...; rows of a case are together.
    step : (rows,) int8
        Place in `words`.
    queued, started, ended : (rows,) float64
        Minutes since the first midnight; NaN = not told, or it did not happen. `queued` is the moment from which the
        case waits, `ended` that at which service ends or patience does. Who was called and had gone has the moment of
        the call for his start, and no end.
    outcome : (rows,) int8
        `UNTOLD`, `SERVED`, `GAVE_UP` or `RETURNED`.
    kind : (rows,) int8
        Place in `KINDS`; `UNKNOWN` = not told.
    server : (rows,) int32
        Number of the server among all, `NOBODY` = not told, or none.
    cases : int
    servers : tuple of str
        Names, as in the log.
    words : tuple of str
        Steps: those of every office; behind them, in a log that is to be written, those of the office's own.
    guessed : tuple of str
        Steps with starts of service that are estimated.
    numbered : bool
        Whether reviews have the numbers of their cases, so that it shows who comes again.
    outside_told : bool
        Whether files that are outside the office before the review are told apart.
    """

    first_day: date
    case: I64
    step: I8
    queued: F64
    started: F64
    ended: F64
    outcome: I8
    kind: I8
    server: I32
    cases: int
    servers: tuple[str, ...] = ()
    words: tuple[str, ...] = STEPS
    guessed: tuple[str, ...] = ()
    numbered: bool = True
    outside_told: bool = False

    def __len__(self) -> int:
        return len(self.case)

    def at(self, *steps: str) -> Flags:
        """Return which rows are those of some steps."""
        return np.isin(self.step, [STEPS.index(step) for step in steps])

    def has(self, *steps: str) -> bool:
        """Say whether the log has anything of any of some steps."""
        return bool(self.at(*steps).any())

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that the log has something of."""
        return tuple(step for step in STEPS if self.has(step))

    def rows(self, which: Flags | I64) -> StepLog:
        """Return some rows; the cases keep their numbers."""
        columns = ("case", "step", "queued", "started", "ended", "outcome", "kind", "server")
        return replace(self, **{name: getattr(self, name)[which] for name in columns})

    def cases_with(self, which: Flags) -> Flags:
        """Return which cases have any of some rows, shape (cases,)."""
        flags = np.zeros(self.cases, np.bool_)
        flags[self.case[which]] = True
        return flags

    @property
    def begin(self) -> F64:
        """When each row began: as it was queued, or else as service started; NaN = neither is told."""
        return np.fmin(self.queued, self.started)

    def until(self, moment: float) -> StepLog:
        """Return the log as somebody had it at a moment [min]: what begins or ends later is not told yet."""
        later, goes_on = self.started >= moment, self.ended >= moment
        return replace(
            self, started=np.where(later, np.nan, self.started), ended=np.where(later | goes_on, np.nan, self.ended),
            outcome=np.where(later | goes_on, UNTOLD, self.outcome).astype(np.int8),
        )  # fmt: skip

    @property
    def as_told(self) -> StepLog:
        """The log without waits and service times that rest on estimated starts; when a case began stays."""
        if not self.guessed:
            return self
        here, came = self.at(*self.guessed), np.isfinite(self.queued)
        started, ended = np.where(here & came, np.nan, self.started), np.where(here & ~came, np.nan, self.ended)
        return replace(self, started=started, ended=ended)

    @property
    def moments_guessed(self) -> bool:
        """Whether of more than one case in twenty it is only estimated when it came."""
        first = self.first_of_case()
        known = np.isfinite(self.queued) & ~(self.queued == self.ended)
        return bool(self.guessed and (~known)[first].mean() > MOST_GUESSED)

    def neighbours(self, which: Flags) -> tuple[I64, I64]:
        """Return the numbers of rows that follow each other in a case, of those chosen."""
        rows = np.flatnonzero(which)
        same = self.case[rows[:-1]] == self.case[rows[1:]]
        return rows[:-1][same], rows[1:][same]

    def first_of_case(self) -> Flags:
        """Return which rows are the first of their case."""
        first = np.ones(len(self), np.bool_)
        first[1:] = self.case[1:] != self.case[:-1]
        return first


def sorted_log(log: StepLog) -> StepLog:
    """Return a log sorted by case and then by time: the earliest moment that a row tells; itself, if it is."""
    moment, case = np.fmin(log.begin, log.ended), log.case
    if ((case[1:] > case[:-1]) | ((case[1:] == case[:-1]) & (moment[1:] >= moment[:-1]))).all():
        return log
    return log.rows(np.lexsort((moment, case)))
