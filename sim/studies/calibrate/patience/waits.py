"""Waits that tell of patience: who was served had at least the patience that his wait took."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.studies.calibrate.log.steps import F64, GAVE_UP, Flags, StepLog
from sim.studies.calibrate.presence.openings import Openings
from sim.studies.calibrate.times.clocks import clock_of, sharpened

MOST_UNTOLD = 0.05
"""Share of those who gave up of whom it may be unknown when."""


@dataclass(frozen=True, eq=False)
class Waits:
    """Waits that tell of patience, and those that had to be left out.

    Attributes
    ----------
    minutes : (n,) float64
        Until somebody was served, gave up, or was sent home at closing.
    gave_up : (n,) bool
        Patience is known; of the others it is known to be longer, unless it was `over`.
    over : (n,) bool
        Whoever was called and had gone: patience was over by then, nobody knows since when.
    sent_home : int
        Of the others, those who still waited at closing: what they waited afterwards does not count.
    closed : int
        Left out: they came while closed, or in hours that are not known.
    turned_away : int
        Left out: they gave up the moment they came, as where no waiting place is left.
    untold, untold_gave_up : int
        Left out: beginning or end of the wait is missing, or the end is the earlier one; those of them who gave up.
    clock : float
        Minutes to which the log tells its times, cut off; 0 = more sharply than that.
    """

    minutes: F64
    gave_up: Flags
    over: Flags
    sent_home: int = 0
    closed: int = 0
    turned_away: int = 0
    untold: int = 0
    untold_gave_up: int = 0
    clock: float = 0.0

    @property
    def tells(self) -> bool:
        """Whether enough is known of when people gave up: to leave out many of them would make patience long."""
        known = int(self.gave_up.sum()) + int(self.over.sum())
        return self.untold_gave_up <= MOST_UNTOLD * (known + self.untold_gave_up)

    def sharpened(self) -> Waits:
        """Return waits as they may have been, of which the clock tells little; by how they ended."""
        minutes = self.minutes.copy()
        for which in (self.gave_up, self.over, ~(self.gave_up | self.over)):
            if which.any():
                minutes[which] = sharpened(minutes[which], self.clock)
        return replace(self, minutes=minutes)


def waits_at(log: StepLog, steps: tuple[str, ...], hours: Openings | None) -> Waits:
    """Return the waits at some steps.

    Parameters
    ----------
    log : StepLog
    steps : tuple of str
    hours : Openings or None
        When they are open; None = it is not known, and nothing is left out or cut off for it.

    Notes
    -----
    A wait that runs over a closing is cut off there, as one whose end was not seen: the closing is not chosen by who
    waits, so that takes no side, while to leave such waits out would lose the longest.
    """
    rows = log.at(*steps)
    queued, gave_up = log.queued[rows], log.outcome[rows] == GAVE_UP
    until = np.where(gave_up & np.isfinite(log.ended[rows]), log.ended[rows], log.started[rows])
    over = gave_up & ~np.isfinite(log.ended[rows])
    told = np.isfinite(queued) & np.isfinite(until) & (until >= queued)
    inside, home = told, np.zeros(len(queued), np.bool_)
    if hours is not None:
        closing = hours.closing_after(queued)
        inside = told & np.isfinite(closing)
        home = inside & (until > closing)
        until = np.where(home, closing, until)
    # Where the clock tells minutes only, who gave up in the minute in which he came was not turned away.
    clock = clock_of(queued, until)
    turned_away = inside & gave_up & (until <= queued) & (clock == 0)
    used = inside & ~turned_away
    return Waits(
        minutes=(until - queued)[used],
        gave_up=(gave_up & ~over & ~home)[used],
        over=(over & ~home)[used],
        sent_home=int(home.sum()),
        closed=int((told & ~inside).sum()),
        turned_away=int(turned_away.sum()),
        untold=int((~told).sum()),
        untold_gave_up=int((gave_up & ~told).sum()),
        clock=clock,
    )
