"""What happened in an office on one day: which cases were there, where each was when, and who served whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.engines.rules import SEND_HOME
from sim.office.hours import DAY
from sim.office.tables import OUTAGE_BEGINS, OUTAGE_ENDS, Spans
from sim.records import GAVE_UP, MACHINE_TIME, NOT_MADE, OF_OTHERS, OWN_TIME, own_time_in_opening_hours
from sim.replay.played import Played

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]

TENTHS = 600
"""Tenths of a second in a minute: the moments of a day are whole tenths, so that a page can hold them."""
MIDNIGHT = int(DAY) * TENTHS
"""The end of the day."""

# A place is a stage (its queue), `SEAT` plus the number of a server, or one of these.
SEAT = 1000
FORM, CORRECTING, CALLS_LATER, ON_THE_WAY, FETCHING, MACHINE = range(-6, 0)
"""The applicant's own time, and that of machines."""
LICENSED, DONE, LEFT = range(-9, -6)
"""Gone: with a licence, with other business done, with nothing."""
STAYS = 100
"""Added to the stage of a server who stays with a case that is not served by him at the moment."""


@dataclass(frozen=True)
class Totals:
    """What the day came to.

    Attributes
    ----------
    licences : int
        Licences issued on the day.
    mean : float
        Their mean licence time [min], NaN if there are none.
    within : int
        Those of them within the target's minutes.
    gave_up : int
        Times that somebody gave up waiting.
    submitted, submitted_mean : int, float
        Registrations submitted on the day, and their mean licence time: the day's figures of `measure`. Some of
        them get their licence on a later day.
    """

    licences: int
    mean: float
    within: int
    gave_up: int
    submitted: int
    submitted_mean: float


@dataclass(frozen=True)
class OfficeDay:
    """One day of one office; moments are tenths of a second since its midnight, 0 to `MIDNIGHT`.

    Attributes
    ----------
    date : date
    case_class : (cases,) uint8
        Number of the class of each case that has anything to do with the office on the day.
    first_move : (cases + 1,) int32
        Case *i* makes moves ``first_move[i]`` to ``first_move[i + 1] - 1``; the first is its arrival, or where it is
        at midnight.
    move_at, move_to : (moves,) int32, int16
        When, and to which place.
    rank : (moves,) int32
        Of a move to a queue: who has a smaller one stands before. 0 for other moves.
    issued_at, issued_case, issued_minutes : (licences,) int32, int32, float64
        Licences in the order of issue, with the licence time.
    gave_up_at, gave_up_case, gave_up_stage : (times,) int32, int32, int16
    first_duty : (servers + 1,) int32
    duty_from, duty_to : (rows,) int32
        When each server is on duty.
    first_busy : (servers + 1,) int32
    busy_from, busy_to, busy_stage : (rows,) int32, int32, int16
        When each server has a case, and of which stage; plus `STAYS` while he stays with it only.
    open, broken : tuple of ((from, to), ...)
        Of each stage.
    totals : Totals
    """

    date: date
    case_class: NDArray[np.uint8]
    first_move: I32
    move_at: I32
    move_to: I16
    rank: I32
    issued_at: I32
    issued_case: I32
    issued_minutes: F64
    gave_up_at: I32
    gave_up_case: I32
    gave_up_stage: I16
    first_duty: I32
    duty_from: I32
    duty_to: I32
    first_busy: I32
    busy_from: I32
    busy_to: I32
    busy_stage: I16
    open: tuple[tuple[tuple[int, int], ...], ...]
    broken: tuple[tuple[tuple[int, int], ...], ...]
    totals: Totals


def what_happened(played: Played, day: int) -> OfficeDay:
    """Cut a day out of a period.

    Parameters
    ----------
    played : Played
    day : int
        Number of the day, 0 = the first of the period; those after it, on which the last cases are finished, too.
    """
    return _Cutting(played, day).office_day()


class _Cutting:
    """Cuts one day out."""

    def __init__(self, played: Played, day: int) -> None:
        self.played = played
        self.day = day
        self.begin, self.end = day * DAY, (day + 1) * DAY
        self.visit, self.log = played.journeys.visit, played.log.visit
        there = played.visited & (played.journeys.arrival < self.end) & (played.left_at >= self.begin)
        self.cases = np.flatnonzero(there)
        self.opening = _by_subject(played.tables.opening)

    def office_day(self) -> OfficeDay:
        played, population = self.played, self.played.journeys.population[self.cases]
        kinds = classes(played)
        of_population = np.array([kinds.index(p.kind) for p in played.office.populations], np.uint8)
        moves = self._moves()
        issued_at, issued_case, issued_minutes, totals = self._issued()
        gave_up = self._gave_up()
        duty = self._within_day(played.tables.duty)
        busy = self._busy()
        return OfficeDay(
            date=played.office.days.date_of(self.day),
            case_class=of_population[population],
            first_move=moves[0], move_at=moves[1], move_to=moves[2], rank=moves[3],
            issued_at=issued_at, issued_case=issued_case, issued_minutes=issued_minutes,
            gave_up_at=gave_up[0], gave_up_case=gave_up[1], gave_up_stage=gave_up[2],
            first_duty=duty[0], duty_from=duty[1], duty_to=duty[2],
            first_busy=busy[0], busy_from=busy[1], busy_to=busy[2], busy_stage=busy[3],
            open=tuple(self._spans_of_day(begin, end) for begin, end in self.opening),
            broken=tuple(self._spans_of_day(begin, end) for begin, end in self._outages()),
            totals=totals,
        )  # fmt: skip

    def _tenths(self, moment: F64) -> I32:
        return np.clip(np.rint((moment - self.begin) * TENTHS), 0, MIDNIGHT).astype(np.int32)

    # Cases.

    def _moves(self) -> tuple[I32, I32, I16, I32]:
        """Return the moves: first of each case, when, where to, rank in the queue."""
        first, at, to, priority, queued, of = [0], [], [], [], [], []
        for case in self.cases.tolist():
            kept: list[tuple[float, int, int, float]] = []
            for move in self._life(case):
                if move[0] >= self.end:
                    break
                if move[0] <= self.begin:
                    kept = [move]
                else:
                    kept.append(move)
            at += [move[0] for move in kept]
            to += [move[1] for move in kept]
            priority += [move[2] for move in kept]
            queued += [move[3] for move in kept]
            of += [case] * len(kept)
            first.append(len(at))
        place = np.array(to, np.int16)
        rank = np.zeros(len(to), np.int32)
        queueing = np.flatnonzero((place >= 0) & (place < SEAT))
        way = np.where(self.played.tables.newest_first[place[queueing]], -1, 1)
        order = np.lexsort([
            way * np.array(of)[queueing], way * np.array(queued)[queueing], np.array(priority)[queueing]
        ])  # fmt: skip
        rank[queueing[order]] = np.arange(1, len(order) + 1)
        return np.array(first, np.int32), self._tenths(np.array(at)), place, rank

    def _life(self, case: int) -> Iterator[tuple[float, int, int, float]]:
        """Yield all moves of a case: when, where to, and of a queue the priority and since when it counts."""
        first, stop = self.played.journeys.first_visit[case : case + 2].tolist()
        made = [v for v in range(first, stop) if self.log[v]["outcome"] != NOT_MADE]
        submitted, companion, until, gave_up = False, -1, -np.inf, False
        stages = self.played.office.stages
        for place, v in enumerate(made):
            stage, log = int(self.visit[v]["stage"]), self.log[v]
            begin, end = float(log["queued_at"]), float(log["ended_at"])
            gave_up = log["outcome"] == GAVE_UP
            if stage >= 0:
                submitted |= stages[stage].counted
                begun = end if gave_up else float(log["started_at"])
                if begun > begin:
                    for moment, where in self._waiting(stage, begin, begun):
                        yield moment, where, int(self.visit[v]["priority"]), begin
                if not gave_up:
                    yield begun, SEAT + int(log["server"]), 0, 0.0
                    if log["freed_at"] > end:
                        companion, until = int(log["server"]), float(log["freed_at"])
                continue
            if self.visit[v]["priority"] == OF_OTHERS:
                submitted = True
                yield begin, ON_THE_WAY, 0, 0.0
                continue
            submitted |= stage == MACHINE_TIME
            if stage == OWN_TIME and begin < until:
                yield begin, SEAT + companion, 0, 0.0
                continue
            calls = place + 1 < len(made) and self.visit[made[place + 1]]["stage"] == 0 and place > 0
            yield begin, self._own(stage, submitted, calls and not submitted), 0, 0.0
        yield float(self.log[made[-1]]["ended_at"]), LEFT if gave_up or not submitted else self._gone(case), 0, 0.0

    def _waiting(self, stage: int, begin: float, end: float) -> Iterator[tuple[float, int]]:
        """Yield where a case waits for a stage: in its queue, or at home if it was sent there at closing."""
        if self.played.tables.closing[stage] != SEND_HOME:
            yield begin, stage
            return
        opens, closes = self.opening[stage]
        row = int(np.searchsorted(closes, begin, side="right"))
        now = begin
        while now < end and row < len(opens):
            if now < opens[row]:
                yield now, CALLS_LATER
                now = float(opens[row])
            if now < end:
                yield now, stage
                now = float(closes[row])
            row += 1
        if now < end:
            yield now, CALLS_LATER

    def _own(self, stage: int, submitted: bool, calls: bool) -> int:
        if stage == MACHINE_TIME:
            return MACHINE
        if stage == OWN_TIME:
            return CORRECTING if submitted else CALLS_LATER if calls else FORM
        for_stage = own_time_in_opening_hours(stage)  # the code is its own inverse
        return FETCHING if self.played.office.stages[for_stage].counted else ON_THE_WAY

    def _gone(self, case: int) -> int:
        return LICENSED if self.played.on_target[case] else DONE

    def _issued(self) -> tuple[I32, I32, F64, Totals]:
        played = self.played
        here = self.cases[played.licensed[self.cases]]
        here = here[(played.left_at[here] >= self.begin) & (played.left_at[here] < self.end)]
        here = here[np.argsort(played.left_at[here], kind="stable")]
        minutes = played.licence[here]
        kpis, in_horizon = played.kpis, self.day < played.office.days.horizon
        totals = Totals(
            licences=len(here),
            # Summed in the order of issue, as whoever watches the licences come does it.
            mean=float(np.cumsum(minutes)[-1] / len(here)) if len(here) else float("nan"),
            within=int((minutes <= played.office.target.minutes).sum()),
            gave_up=int(self._gives_up().sum()),
            submitted=int(kpis.day_cases[self.day]) if in_horizon else 0,
            submitted_mean=float(kpis.day_mean[self.day]) if in_horizon else float("nan"),
        )
        return self._tenths(played.left_at[here]), self._numbers(here), minutes, totals

    def _gives_up(self) -> NDArray[np.bool_]:
        ended = self.log["ended_at"]
        return np.asarray((self.log["outcome"] == GAVE_UP) & (ended >= self.begin) & (ended < self.end))

    def _gave_up(self) -> tuple[I32, I32, I16]:
        visits = np.flatnonzero(self._gives_up())
        visits = visits[np.argsort(self.log["ended_at"][visits], kind="stable")]
        case = np.searchsorted(self.played.journeys.first_visit, visits, side="right") - 1
        at = self._tenths(self.log["ended_at"][visits])
        return at, self._numbers(case), self.visit["stage"][visits].astype(np.int16)

    def _numbers(self, cases: NDArray[np.int64]) -> I32:
        """Return the numbers of cases among those of the day."""
        return np.searchsorted(self.cases, cases).astype(np.int32)

    # Servers and stages.

    def _busy(self) -> tuple[I32, I32, I32, I16]:
        log = self.log
        visits = np.flatnonzero(
            (log["server"] >= 0) & (log["started_at"] < self.end) & (log["freed_at"] > self.begin)
            & (self.visit["stage"] >= 0)
        )  # fmt: skip
        stays = visits[log["freed_at"][visits] > log["ended_at"][visits]]
        server = np.concatenate([log["server"][visits], log["server"][stays]])
        begin = self._tenths(np.concatenate([log["started_at"][visits], log["ended_at"][stays]]))
        end = self._tenths(np.concatenate([log["ended_at"][visits], log["freed_at"][stays]]))
        stage = np.concatenate([self.visit["stage"][visits], self.visit["stage"][stays] + STAYS]).astype(np.int16)
        keep = end > begin
        server, begin, end, stage = server[keep], begin[keep], end[keep], stage[keep]
        order = np.lexsort([begin, server])
        first = np.searchsorted(server[order], np.arange(self.played.tables.servers + 1))
        return first.astype(np.int32), begin[order], end[order], stage[order]

    def _within_day(self, spans: Spans) -> tuple[I32, I32, I32]:
        rows = [self._spans_of_day(begin, end) for begin, end in _by_subject(spans)]
        first = np.cumsum([0] + [len(row) for row in rows]).astype(np.int32)
        both = np.array([span for row in rows for span in row], np.int32).reshape(-1, 2)
        return first, both[:, 0].copy(), both[:, 1].copy()

    def _spans_of_day(self, begin: F64, end: F64) -> tuple[tuple[int, int], ...]:
        here = (begin < self.end) & (end > self.begin)
        return tuple(zip(self._tenths(begin[here]).tolist(), self._tenths(end[here]).tolist(), strict=True))

    def _outages(self) -> Iterator[tuple[F64, F64]]:
        tables = self.played.tables
        for stage in range(tables.stages):
            mine = tables.entry_subject == stage
            begin = tables.entry_time[mine & (tables.entry_kind == OUTAGE_BEGINS)]
            end = tables.entry_time[mine & (tables.entry_kind == OUTAGE_ENDS)]
            # One that never ends has no entry for its end.
            yield begin, np.append(end, np.full(len(begin) - len(end), np.inf))


def _by_subject(spans: Spans) -> list[tuple[F64, F64]]:
    return [
        (spans.begin[first:stop], spans.end[first:stop])
        for first, stop in zip(spans.first[:-1], spans.first[1:], strict=True)
    ]


def classes(played: Played) -> list[str]:
    """Return the classes of applicants, in the office's order."""
    return list(dict.fromkeys(population.kind for population in played.office.populations))
