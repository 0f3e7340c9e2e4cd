"""One pass over a log: clocks by case, sums by stage and server, queues by half-hour.

Compiled, since a year has half a million visits. Every figure that is shown anywhere starts here.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.records import GAVE_UP, MACHINE_TIME, NOT_MADE

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

BUCKET_SHIFT = np.uint64(46)
LOWEST_BUCKET = (1023 - 20) << 6
BUCKETS = 64 * 64
"""Buckets by exponent and 6 bits of the mantissa, for numbers from 2**-20 to 2**44."""


@njit(cache=True, nogil=True)
def fold(
    arrival, population, population_aim, population_kind, population_channel,
    first_visit, stage, stage_counted, stage_channel,
    queued_at, started_at, ended_at, freed_at, server, outcome, trips,
    counted_begin, counted_end, counted_before, counted_row,
    duty_first, duty_begin, duty_end, horizon, slots,
    clocks, groups, waits, wait_stage, stage_sums, server_sums, queue, day_sum, day_cases, histogram, step,
):  # fmt: skip
    """Fill the arrays of the last line, and return the number of positive waits; all times in minutes.

    Parameters
    ----------
    population_aim, population_kind, population_channel : (populations,) int16
        0 if the target is about them, else -1; number of their class; number of their channel.
    stage_counted : (stages,) bool
    stage_channel : (stages,) int8
        Number of the stage's channel, -1 if it has none.
    counted_begin, counted_end, counted_before : (rows,) float64
        The counted hours, and the counted minutes before each interval.
    counted_row : (days,) int64
        First interval that ends after each midnight.
    duty_first, duty_begin, duty_end
        Duty intervals by server.
    horizon : float
        Work and overtime count up to here.
    slots : int
        Half-hours in `queue`.
    clocks : (4, cases) float64
        inf = submitted, but left without a licence; NaN = never submitted.
    groups : (3, cases) int16
        0 for the cases on target; class; channel of the last stage that served the case and has one, or
        that of its population. -1 = none; channels are those of the cases on target.
    waits, wait_stage : (visits,) float64, int16
        Counted minutes waited until taken, where there was a wait, and the stage.
    stage_sums : (stages + 1, 11) float64
        The last row is the machines' time.
    server_sums : (servers, 2) float64
    queue : (stages, slots + 1) float64
        Minutes waited by half-hour, on the wall clock.
    day_sum, day_cases : (days,) float64, int64
        Licence time and number of the cases on target, by day of submission.
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
        way = population_channel[p]
        aimed = population_aim[p] == 0
        for v in range(first_visit[case], first_visit[case + 1]):
            if outcome[v] == NOT_MADE:
                continue
            end = ended_at[v]
            lost = outcome[v] == GAVE_UP
            s = np.int64(stage[v])
            if s < 0:
                if s == MACHINE_TIME:
                    if np.isnan(submitted):
                        submitted = queued_at[v]
                    minutes = ended_at[v] - started_at[v]
                    touch += minutes
                    licence += minutes
                    stage_sums[machine, VISITS] += 1
                    stage_sums[machine, TAKEN] += 1
                    stage_sums[machine, SERVICE] += minutes
                    if aimed:
                        stage_sums[machine, SERVICE_ON_TARGET] += minutes
                continue
            queued = queued_at[v]
            leaves_queue = end if lost else started_at[v]
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
            stage_sums[s, VISITS] += 1
            stage_sums[s, TRIPS] += trips[v]
            stage_sums[s, WAIT] += wait
            stage_sums[s, WAITED] += wait > 0
            if last_case_at[s] != case:
                last_case_at[s] = case
                stage_sums[s, CASES] += 1
            elif again_at[s] != case:
                again_at[s] = case
                stage_sums[s, CASES_AGAIN] += 1
            counted = stage_counted[s]
            if counted:
                licence += wait
                if np.isnan(submitted):
                    submitted = queued
            if aimed:
                stage_sums[s, WAIT_ON_TARGET] += wait
            if lost:
                stage_sums[s, GAVE_UPS] += 1
                continue
            if wait > 0:
                waits[positive] = wait
                wait_stage[positive] = s
                positive += 1
            minutes = end - started_at[v]
            stage_sums[s, TAKEN] += 1
            stage_sums[s, SERVICE] += minutes
            if aimed:
                stage_sums[s, SERVICE_ON_TARGET] += minutes
            if counted:
                touch += minutes
                licence += minutes
            if stage_channel[s] >= 0:
                way = stage_channel[s]
            # The server's time within and outside duty, from the start until he is free again.
            who = server[v]
            start = min(started_at[v], horizon)
            free = min(freed_at[v], horizon)
            row = duty_row[who]
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
        groups[0, case] = population_aim[p]
        groups[1, case] = population_kind[p]
        groups[2, case] = way if aimed else -1
        if np.isnan(submitted):
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
                day_cases[day] += 1
    for s in range(stages):
        standing = 0.0
        for slot in range(slots):
            standing += whole[s, slot]
            queue[s, slot] += standing * SLOT_MINUTES
    return positive


@njit(cache=True, nogil=True)
def group_statistics(values, groups, firsts, zeros, levels, limit, sums, counts, within, quantiles):
    """Fill count, sum, count within `limit` and quantiles of `values`, for many groups at once.

    Parameters
    ----------
    values : (n,) float64
        Not negative; NaN = left out; inf is allowed and counts as beyond any limit.
    groups : (groupings, n) int16
        Group of each value in each grouping, -1 = none.
    firsts : (groupings,) int64
        First row of each grouping's groups in the results.
    zeros : (groups,) int64
        Zeros that belong to each group besides `values`.
    levels : (k,) float64
        Quantiles asked for, rising; the smallest value that at least this share does not exceed.
    limit : float
    sums, counts, within : (groups,) float64, int64, int64
    quantiles : (groups, k) float64
        NaN where a group is empty.

    Notes
    -----
    Not sorted: values are counted in buckets by the leading bits of their floating-point number, which are in
    the order of the values, and only what is in the buckets that hold a wanted rank is looked at again.
    """
    n = values.shape[0]
    groupings = groups.shape[0]
    total = counts.shape[0]
    ranks = levels.shape[0]
    bits = values.view(np.uint64)
    bucket = np.empty(n, np.int16)
    number = np.zeros((total, BUCKETS), np.int32)
    for i in range(n):
        value = values[i]
        if np.isnan(value):
            bucket[i] = -1
            continue
        b = min(max(np.int64(bits[i] >> BUCKET_SHIFT) - LOWEST_BUCKET, 0), BUCKETS - 1)
        bucket[i] = b
        inside = value <= limit
        for k in range(groupings):
            if groups[k, i] >= 0:
                g = firsts[k] + groups[k, i]
                number[g, b] += 1
                sums[g] += value
                within[g] += inside
    # In which bucket each wanted rank is, and how many of the group are in the buckets before.
    where = np.full((total, ranks), -1, np.int64)
    before = np.zeros((total, ranks), np.int64)
    wanted = np.zeros((total, ranks), np.int64)
    looked_at = np.zeros(BUCKETS, np.bool_)
    for g in range(total):
        counts[g] = zeros[g]
        within[g] += zeros[g]
        for b in range(BUCKETS):
            counts[g] += number[g, b]
        for r in range(ranks):
            wanted[g, r] = max(np.int64(np.ceil(levels[r] * counts[g] - 1e-9)), 1)
            quantiles[g, r] = np.nan if counts[g] == 0 else 0.0
        seen = zeros[g]
        r = 0
        while r < ranks and wanted[g, r] <= seen:
            r += 1
        for b in range(BUCKETS):
            while r < ranks and wanted[g, r] <= seen + number[g, b]:
                where[g, r] = b
                before[g, r] = seen
                looked_at[b] = True
                r += 1
            seen += number[g, b]
    held = np.empty(n)
    held_group = np.empty(n, np.int16)
    held_bucket = np.empty(n, np.int16)
    for k in range(groupings):
        m = 0
        for i in range(n):
            if bucket[i] >= 0 and looked_at[bucket[i]] and groups[k, i] >= 0:
                held[m] = values[i]
                held_group[m] = groups[k, i]
                held_bucket[m] = bucket[i]
                m += 1
        few = np.empty(m)
        for g in range(firsts[k], firsts[k + 1] if k + 1 < groupings else total):
            done = -1
            for r in range(ranks):
                if where[g, r] < 0:
                    continue
                if where[g, r] != done:
                    done = where[g, r]
                    size = 0
                    for j in range(m):
                        if held_bucket[j] == done and held_group[j] == g - firsts[k]:
                            few[size] = held[j]
                            size += 1
                    few[:size].sort()
                quantiles[g, r] = few[wanted[g, r] - before[g, r] - 1]
