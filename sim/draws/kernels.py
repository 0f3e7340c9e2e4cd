"""The compiled loops of drawing: plain numbers and arrays in, plain arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.draws.philox import philox, unit
from sim.draws.sampling import normal_quantile, sample
from sim.office.routes import MAX_NODES
from sim.records import NOWHERE

CHOICE = -(2**15)
"""In `node_stage`: the node is a choice, not a visit."""


@njit(cache=True)
def unit_at(key, number, who, replication):
    return unit(philox(key, number, who, replication, np.uint64(0))[0])


@njit(cache=True, nogil=True)
def day_factors(days, sigma, key, number, replication):
    factors = np.empty(days)
    for day in range(days):
        z = normal_quantile(unit(philox(key, number, np.uint64(day), replication, np.uint64(0))[0]))
        factors[day] = np.exp(sigma * z - 0.5 * sigma * sigma)
    return factors


@njit(cache=True, nogil=True)
def times_of(count, cumulated, bin_minutes, keep, key, number, replication, part):
    """Return the times of the first `count` applicants, those kept away left out, and their numbers."""
    bins = cumulated.shape[0] - 1
    total = cumulated[bins]
    # Where to begin looking for a weight: the bin that holds each of `bins` equal steps.
    guide = np.empty(bins + 1, np.int64)
    b = 0
    for step in range(bins + 1):
        while b < bins - 1 and cumulated[b + 1] <= total * (step / bins):
            b += 1
        guide[step] = b
    times = np.empty(count)
    numbers = np.empty(count, np.int64)
    kept = 0
    for i in range(count):
        words = philox(key, number, np.uint64(i), replication, part)
        u = unit(words[0])
        goal = u * total
        b = guide[int(u * bins)]
        while b < bins - 1 and cumulated[b + 1] <= goal:
            b += 1
        if keep.shape[0] > 0 and unit(words[1]) >= keep[b]:
            continue
        times[kept] = (b + (goal - cumulated[b]) / (cumulated[b + 1] - cumulated[b])) * bin_minutes
        numbers[kept] = i
        kept += 1
    return times[:kept].copy(), numbers[:kept].copy()


@njit(cache=True, nogil=True)
def order_of(arrival, horizon):
    """Return the stable order by arrival: into as many buckets as cases, then insertion within a bucket."""
    cases = arrival.shape[0]
    bucket = np.empty(cases, np.int64)
    first = np.zeros(cases + 1, np.int64)
    for i in range(cases):
        bucket[i] = max(min(int(arrival[i] / horizon * cases), cases - 1), 0)
        first[bucket[i] + 1] += 1
    for b in range(cases):
        first[b + 1] += first[b]
    filled = first.copy()
    order = np.empty(cases, np.int64)
    for i in range(cases):
        b = bucket[i]
        place = filled[b]
        filled[b] += 1
        while place > first[b] and arrival[order[place - 1]] > arrival[i]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = i
    return order


@njit(cache=True, nogil=True)
def follow(
    room, key, replication, population, number, part,
    population_stream, population_route, population_share, route_first,
    node_stream, node_stage, node_priority, node_then, node_gave_up,
    node_stays, node_minutes, node_patience, option_share, option_node,
):  # fmt: skip
    cases = population.shape[0]
    profile = np.empty(cases, np.int16)
    first_visit = np.empty(cases + 1, np.int32)
    stage = np.empty(room, np.int16)
    minutes = np.empty(room)
    patience = np.empty(room)
    priority = np.empty(room, np.int16)
    if_served = np.empty(room, np.int32)
    if_gave_up = np.empty(room, np.int32)
    stays_until = np.empty(room, np.int32)
    # Of each node of a route: the visit it became, or of a choice the node that was chosen.
    became = np.empty(MAX_NODES, np.int64)
    node_of = np.empty(MAX_NODES, np.int64)
    one, zero = np.uint64(1), np.uint64(0)
    visits = 0
    for case in range(cases):
        p, who, of = population[case], np.uint64(number[case]), np.uint64(part[case])
        first_route, last_route = population_route[p], population_route[p + 1] - 1
        route = first_route
        if last_route > first_route:
            mark = unit(philox(key, population_stream[p], who, replication, of)[0])
            while route < last_route and mark >= population_share[route]:
                route += 1
        profile[case] = route - first_route
        first_visit[case] = visits
        base = route_first[route]
        length = route_first[route + 1] - base
        reached = one
        for n in range(length):
            if (reached >> np.uint64(n)) & one == zero:
                continue
            node = base + n
            words = philox(key, node_stream[node], who, replication, of)
            if node_stage[node] == CHOICE:
                option, last = node_then[node], node_gave_up[node] - 1
                mark = unit(words[0])
                while option < last and mark >= option_share[option]:
                    option += 1
                target = option_node[option]
                became[n] = target
            else:
                became[n] = visits
                node_of[visits - first_visit[case]] = n
                stage[visits] = node_stage[node]
                priority[visits] = node_priority[node]
                minutes[visits] = sample(
                    node_minutes[node, 0], node_minutes[node, 1], node_minutes[node, 2], node_minutes[node, 3],
                    unit(words[0]),
                )  # fmt: skip
                patience[visits] = sample(
                    node_patience[node, 0], node_patience[node, 1], node_patience[node, 2], node_patience[node, 3],
                    unit(words[1]),
                )  # fmt: skip
                # For now the nodes, as not all visits are known yet.
                target = node_then[node]
                if_served[visits] = target
                if_gave_up[visits] = node_gave_up[node]
                stays_until[visits] = node_stays[node]
                if node_gave_up[node] >= 0:
                    reached |= one << np.uint64(node_gave_up[node])
                visits += 1
            if target >= 0:
                reached |= one << np.uint64(target)
        for v in range(first_visit[case], visits):
            target = if_served[v]
            while target >= 0 and node_stage[base + target] == CHOICE:
                target = became[target]
            if_served[v] = became[target] if target >= 0 else NOWHERE
            target = if_gave_up[v]
            while target >= 0 and node_stage[base + target] == CHOICE:
                target = became[target]
            if_gave_up[v] = became[target] if target >= 0 else NOWHERE
            # The server stays until the last visit that is not beyond the node named.
            last_visit = v
            while last_visit + 1 < visits and node_of[last_visit + 1 - first_visit[case]] <= stays_until[v]:
                last_visit += 1
            stays_until[v] = last_visit
    first_visit[cases] = visits
    return (
        profile, first_visit, stage[:visits], minutes[:visits], patience[:visits], priority[:visits],
        if_served[:visits], if_gave_up[:visits], stays_until[:visits],
    )  # fmt: skip


@njit(cache=True)
def absence_marks(streams, servers, days, key, replication):
    marks = np.empty((streams.shape[0], servers, days), np.float32)
    for pool in range(streams.shape[0]):
        for server in range(servers):
            for day in range(days):
                words = philox(key, streams[pool], np.uint64(server), replication, np.uint64(day))
                marks[pool, server, day] = unit(words[0])
    return marks


@njit(cache=True)
def marks_of(number, key, replication, count):
    marks = np.empty((count, 4))
    for i in range(count):
        a, b, c, d = philox(key, number, np.uint64(i), replication, np.uint64(0))
        marks[i, 0], marks[i, 1], marks[i, 2], marks[i, 3] = unit(a), unit(b), unit(c), unit(d)
    return marks
