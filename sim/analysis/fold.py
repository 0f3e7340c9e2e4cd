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


@njit(cache=True, nogil=True)
def fold(
    arrival, on_target, first_visit, stage, stage_counted, stage_channel,
    queued_at, started_at, ended_at, freed_at, server, outcome, trips,
    counted_begin, counted_end, counted_before, counted_row,
    duty_first, duty_begin, duty_end, horizon, slots,
    clocks, submitted_at, channel, waits, stage_sums, server_sums, queue,
):  # fmt: skip
    """Fill the arrays of the last line; all times in minutes.

    Parameters
    ----------
    on_target : (cases,) bool
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
    submitted_at : (cases,) float64
        NaN = never.
    channel : (cases,) int8
        Channel of the last stage that served the case and has one, -1 if none.
    waits : (visits,) float64
        Counted minutes waited until taken; NaN if never taken or not a stage.
    stage_sums : (stages + 1, 11) float64
        The last row is the machines' time.
    server_sums : (servers, 2) float64
    queue : (stages, slots + 1) float64
        Minutes waited by half-hour, on the wall clock.
    """
    stages = stage_counted.shape[0]
    machine = stages
    rows = counted_begin.shape[0]
    duty_row = duty_first[:-1].copy()
    # Whole half-hours waited, as a difference: +1 where they begin, -1 where they end.
    whole = np.zeros((stages, slots + 1))
    last_case_at = np.full(stages + 1, -1)
    again_at = np.full(stages + 1, -1)
    for case in range(first_visit.shape[0] - 1):
        touch = 0.0
        licence = 0.0
        submitted = np.nan
        end = np.nan
        lost = False
        way = np.int8(-1)
        aimed = on_target[case]
        for v in range(first_visit[case], first_visit[case + 1]):
            waits[v] = np.nan
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
            waits[v] = wait
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
        channel[case] = way
        submitted_at[case] = submitted
        if np.isnan(submitted):
            clocks[:, case] = np.nan
        elif lost:
            clocks[:, case] = np.inf
        else:
            clocks[TOUCH, case] = touch
            clocks[LICENCE, case] = licence
            clocks[DOOR_TO_DOOR, case] = end - submitted
            clocks[JOURNEY, case] = end - arrival[case]
    for s in range(stages):
        standing = 0.0
        for slot in range(slots):
            standing += whole[s, slot]
            queue[s, slot] += standing * SLOT_MINUTES


@njit(cache=True, nogil=True)
def group_statistics(values, groups, groupings, levels, limit, sums, counts, within, quantiles):
    """Fill count, sum, count within `limit` and quantiles of `values`, for many groups at once.

    Parameters
    ----------
    values : (n,) float64
        NaN = left out; inf is allowed and counts as beyond any limit.
    groups : (groupings, n) int16
        Group of each value in each grouping, -1 = none.
    groupings : (groupings,) int64
        First row of each grouping's groups in the results.
    levels : (k,) float64
        Quantiles asked for; the smallest value that at least this share does not exceed.
    limit : float
    sums, counts, within : (groups,) float64, int64, int64
    quantiles : (groups, k) float64
        NaN where a group is empty.

    Notes
    -----
    Not sorted: values are dealt into buckets by the leading bits of their floating-point number, which
    are in the order of the values, and only the buckets that hold a wanted rank are looked into.
    """
    n = values.shape[0]
    kinds = groups.shape[0]
    total = counts.shape[0]
    bits = values.view(np.uint64)
    # Exponent and 6 bits of mantissa of numbers from 2**-20 up; negative numbers do not occur.
    shift = np.uint64(46)
    lowest = np.int64((1023 - 20) << 6)
    buckets = 64 * 64 + 1
    bucket = np.empty(n, np.int32)
    first = np.zeros(buckets + 1, np.int64)
    for i in range(n):
        value = values[i]
        if np.isnan(value):
            bucket[i] = -1
            continue
        b = np.int64(bits[i] >> shift) - lowest
        b = min(max(b, 0), buckets - 1)
        bucket[i] = b
        first[b + 1] += 1
        for k in range(kinds):
            if groups[k, i] >= 0:
                g = groupings[k] + groups[k, i]
                counts[g] += 1
                sums[g] += value
                within[g] += value <= limit
    for b in range(buckets):
        first[b + 1] += first[b]
    place = first[:-1].copy()
    order = np.empty(first[buckets], np.int32)
    for i in range(n):
        if bucket[i] >= 0:
            order[place[bucket[i]]] = i
            place[bucket[i]] += 1
    wanted = np.empty((total, levels.shape[0]), np.int64)
    next_level = np.zeros(total, np.int64)
    seen = np.zeros(total, np.int64)
    for g in range(total):
        for level in range(levels.shape[0]):
            quantiles[g, level] = np.nan
            wanted[g, level] = max(np.int64(np.ceil(levels[level] * counts[g] - 1e-9)), 1)
    inside = np.zeros(total, np.int64)
    held = np.empty(n)
    for b in range(buckets):
        if first[b] == first[b + 1]:
            continue
        for j in range(first[b], first[b + 1]):
            i = order[j]
            for k in range(kinds):
                if groups[k, i] >= 0:
                    inside[groupings[k] + groups[k, i]] += 1
        for k in range(kinds):
            until = groupings[k + 1] if k + 1 < kinds else total
            for g in range(groupings[k], until):
                if inside[g] == 0:
                    continue
                if next_level[g] < levels.shape[0] and wanted[g, next_level[g]] <= seen[g] + inside[g]:
                    m = 0
                    for j in range(first[b], first[b + 1]):
                        i = order[j]
                        if groups[k, i] == g - groupings[k]:
                            held[m] = values[i]
                            m += 1
                    ranked = np.sort(held[:m])
                    while next_level[g] < levels.shape[0] and wanted[g, next_level[g]] <= seen[g] + inside[g]:
                        quantiles[g, next_level[g]] = ranked[wanted[g, next_level[g]] - seen[g] - 1]
                        next_level[g] += 1
                seen[g] += inside[g]
                inside[g] = 0
