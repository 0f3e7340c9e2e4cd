"""One pass over a log: clocks by case, sums by stage and server, queues by half-hour.

Compiled, since a year has half a million visits. Every figure that is shown anywhere starts here.
"""

from __future__ import annotations

import numpy as np

from sim.jit import kept_njit
from sim.records import GAVE_UP, MACHINE_TIME, NOT_MADE, NOWHERE, OF_OTHERS

TOUCH, LICENCE, DOOR_TO_DOOR, JOURNEY = range(4)
"""Rows of the clocks."""

# Columns of the sums by stage.
(
    VISITS, TAKEN, GAVE_UPS, TRIPS, WAITED, WAIT, SERVICE, WAIT_ON_TARGET, SERVICE_ON_TARGET, CASES, CASES_AGAIN,
) = range(11)  # fmt: skip
STAGE_SUMS = 11

# Columns of the sums by server.
BUSY_ON_DUTY, OVERTIME = range(2)

SLOT_MINUTES = 30.0


@kept_njit(nogil=True)
def fold(
    arrival, population, p_aim, p_cell, p_channel,
    first_visit, visit, log, stage_counted, stage_channel,
    counted_begin, counted_end, counted_before, counted_row,
    duty_first, duty_begin, duty_end, uncounted, warm, horizon, slots,
    clocks, cell, waits, wait_stage, stage_sums, server_sums, queue, day_sum, day_cases, histogram, step,
    target_clock, target_limit, day_score,
):  # fmt: skip
    """Fill the arrays of the last line, and return the number of positive waits; all times in minutes.

    It goes the way of each case, from visit to visit, which leads forward only (see `Journeys`).

    Parameters
    ----------
    p_aim, p_cell, p_channel : (populations,) int16
        Whether the target is about them (1) or not (0); the first cell of their class; the number of
        their channel.
    stage_counted : (stages,) bool
    stage_channel : (stages,) int16
        Number of the stage's channel, -1 if it has none.
    counted_begin, counted_end, counted_before : (rows,) float64
        The counted hours, and the counted minutes before each interval.
    counted_row : (days,) int64
        First interval that ends after each midnight.
    duty_first, duty_begin, duty_end
        Duty intervals by server.
    uncounted : int
        So many of the first cases do not count; what servers do for them, and their queues, do.
    warm, horizon : float
        Work and overtime count from here, and up to here.
    slots : int
        Half-hours in `queue`.
    clocks : (4, cases) float64
        inf = submitted, but left without a licence; NaN = never submitted.
    cell : (cases,) int16
        First cell of the class, plus the channel of the last stage that served the case and has one, or
        that of its population.
    waits, wait_stage : (visits,) float64, int16
        Counted minutes waited until taken, where there was a wait, and the stage.
    stage_sums : (stages + 2, 11) float64
        The last row but one is the machines' time, the last that of cases that do not count.
    server_sums : (servers, 2) float64
    queue : (stages, slots + 1) float64
        Minutes waited by half-hour, on the wall clock.
    day_sum, day_cases : (days,) float64, int64
        Licence time and number of the cases on target, by day of submission.
    target_clock, target_limit, day_score : int, float, (days,) float64
        Clock of the target; inf, or the minutes within which a case has to be; sum by day of the minutes
        (no limit) or of the cases within it.
    histogram : (steps + 1,) int64
        Cases on target by licence time, in steps of `step`; the last is all beyond.
    """
    stages = stage_counted.shape[0]
    machine = stages
    rows = counted_begin.shape[0]
    duty_row = duty_first[:-1].copy()
    # Whole half-hours waited, as a difference: +1 where they begin, -1 where they end.
    whole = np.zeros((stages, slots + 1))
    positive = 0
    last_case_at = np.full(stages + 1, -1)
    again_at = np.full(stages + 1, -1)
    for case in range(first_visit.shape[0] - 1):
        touch = 0.0
        licence = 0.0
        submitted = np.nan
        end = np.nan
        lost = False
        p = population[case]
        way = p_channel[p]
        mine = case >= uncounted
        aimed = mine and p_aim[p] == 1
        following = np.int64(first_visit[case])
        if following == first_visit[case + 1]:
            following = NOWHERE
        while following >= 0:
            v = following
            lost = log[v].outcome == GAVE_UP
            if lost:
                following = np.int64(visit[v].if_gave_up)
            else:
                following = np.int64(visit[v].if_served)
                if log[v].outcome == NOT_MADE:
                    break
            end = log[v].ended_at
            s = np.int64(visit[v].stage)
            if s < 0:
                if s == MACHINE_TIME:
                    if np.isnan(submitted):
                        submitted = log[v].queued_at
                    minutes = log[v].ended_at - log[v].started_at
                    touch += minutes
                    licence += minutes
                    row = machine if mine else machine + 1
                    stage_sums[row, VISITS] += 1
                    stage_sums[row, TAKEN] += 1
                    stage_sums[row, SERVICE] += minutes
                    if aimed:
                        stage_sums[machine, SERVICE_ON_TARGET] += minutes
                elif visit[v].priority == OF_OTHERS and np.isnan(submitted):
                    submitted = log[v].queued_at
                continue
            sums = s if mine else machine + 1
            queued = log[v].queued_at
            leaves_queue = end if lost else log[v].started_at
            wait = 0.0
            if leaves_queue > queued:
                # Counted minutes between two moments: those before the second less those before the first.
                row = counted_row[min(int(queued / 1440.0), counted_row.shape[0] - 1)]
                while row < rows and counted_end[row] <= queued:
                    row += 1
                if row < rows:
                    before = counted_before[row] + max(queued - counted_begin[row], 0.0)
                    if leaves_queue >= counted_end[row]:
                        row = max(row, counted_row[min(int(leaves_queue / 1440.0), counted_row.shape[0] - 1)])
                        while row < rows and counted_end[row] <= leaves_queue:
                            row += 1
                    if row < rows:
                        wait = counted_before[row] + max(leaves_queue - counted_begin[row], 0.0) - before
                    else:
                        wait = counted_before[rows - 1] + counted_end[rows - 1] - counted_begin[rows - 1] - before
                first = int(queued / SLOT_MINUTES)
                last = int(leaves_queue / SLOT_MINUTES)
                if first == last:
                    if first < slots:
                        queue[s, first] += leaves_queue - queued
                elif first < slots:
                    queue[s, first] += (first + 1) * SLOT_MINUTES - queued
                    whole[s, first + 1] += 1
                    if last < slots:
                        queue[s, last] += leaves_queue - last * SLOT_MINUTES
                        whole[s, last] -= 1
                if wait > 0:
                    stage_sums[sums, WAIT] += wait
                    stage_sums[sums, WAITED] += 1
                    if aimed:
                        stage_sums[s, WAIT_ON_TARGET] += wait
            stage_sums[sums, VISITS] += 1
            stage_sums[sums, TRIPS] += log[v].trips
            if last_case_at[s] != case:
                last_case_at[s] = case
                stage_sums[sums, CASES] += 1
            elif again_at[s] != case:
                again_at[s] = case
                stage_sums[sums, CASES_AGAIN] += 1
            counted = stage_counted[s]
            if counted:
                licence += wait
                if np.isnan(submitted):
                    submitted = queued
            if lost:
                stage_sums[sums, GAVE_UPS] += 1
                continue
            if wait > 0 and mine:
                waits[positive] = wait
                wait_stage[positive] = s
                positive += 1
            minutes = end - log[v].started_at
            stage_sums[sums, TAKEN] += 1
            stage_sums[sums, SERVICE] += minutes
            if aimed:
                stage_sums[s, SERVICE_ON_TARGET] += minutes
            if counted:
                touch += minutes
                licence += minutes
            if stage_channel[s] >= 0:
                way = stage_channel[s]
            # The server's time within and outside duty, from the start until he is free again.
            who = log[v].server
            start = min(max(log[v].started_at, warm), horizon)
            free = min(max(log[v].freed_at, warm), horizon)
            row = duty_row[who]
            if row < duty_first[who + 1] and duty_begin[row] <= start and free <= duty_end[row]:
                server_sums[who, BUSY_ON_DUTY] += free - start
                continue
            while row > duty_first[who] and duty_end[row - 1] > start:
                row -= 1
            while row < duty_first[who + 1] and duty_end[row] <= start:
                row += 1
            duty_row[who] = row
            on_duty = 0.0
            while row < duty_first[who + 1] and duty_begin[row] < free:
                on_duty += min(duty_end[row], free) - max(duty_begin[row], start)
                row += 1
            server_sums[who, BUSY_ON_DUTY] += on_duty
            server_sums[who, OVERTIME] += (free - start) - on_duty
        cell[case] = p_cell[p] + way
        if np.isnan(submitted) or not mine:
            clocks[:, case] = np.nan
        elif lost:
            clocks[:, case] = np.inf
        else:
            clocks[TOUCH, case] = touch
            clocks[LICENCE, case] = licence
            clocks[DOOR_TO_DOOR, case] = end - submitted
            clocks[JOURNEY, case] = end - arrival[case]
        if aimed and not np.isnan(submitted):
            minutes = clocks[LICENCE, case]
            last = histogram.shape[0] - 1
            histogram[int(minutes / step) if minutes < last * step else last] += 1
            day = int(submitted / 1440.0)
            if day < day_sum.shape[0]:
                day_sum[day] += minutes
                score = clocks[target_clock, case]
                day_score[day] += score if target_limit == np.inf else score <= target_limit
                day_cases[day] += 1
    for s in range(stages):
        standing = 0.0
        for slot in range(slots):
            standing += whole[s, slot]
            queue[s, slot] += standing * SLOT_MINUTES
    return positive
