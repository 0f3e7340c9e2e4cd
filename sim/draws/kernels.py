"""The compiled loops of drawing: plain numbers and arrays in, plain arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.bits import trailing_zeros
from sim.draws.philox import philox, unit
from sim.draws.sampling import lognormals, normal_quantile, rare_time, sample
from sim.jit import kept_njit
from sim.office.distributions import FIXED, GAMMA, LOGNORMAL
from sim.office.routes import MAX_NODES
from sim.records import NOWHERE

NODE = np.dtype((np.record, [
    ("stream", np.uint64),
    ("minutes", np.float64, 3),
    ("patience", np.float64, 3),
    ("then", np.int32),
    ("gave_up", np.int32),
    ("stays", np.int32),
    ("minutes_kind", np.int16),
    ("patience_kind", np.int16),
    ("stage", np.int16),
    ("priority", np.int16),
    ("by_lot", np.int16),
    ("lots", np.uint16),
]))  # fmt: skip
"""A node of a route: the stream of its marks, the parameters of its distributions and their kinds, its next nodes
(`NOWHERE` at the end), where it is; so many of `ALL_LOTS` have another priority, that by lot. Of a choice `stage` is
`CHOICE`, `then` its first option and `gave_up` the option after its last."""

CHOICE = -(2**15)
"""In place of the stage of a node: it is a choice, not a visit."""
WORD, WORD_BITS = 64, 6
"""Bits of a word, and the power of two that this is."""
TOGETHER = 512
"""Lognormal times are made so many at a time, or a few more."""
ALL_LOTS = 2**16 - 1
"""Lots that there are; who draws one of the first of them has another priority."""


@kept_njit()
def unit_at(key, number, who, replication):
    """Return the number of a stream at an address."""
    return unit(philox(key, number, who, replication, np.uint64(0))[0])


@kept_njit(nogil=True)
def day_factors(first, days, sigma, key, number, replication):
    """Return a lognormal factor with mean 1 for each day."""
    factors = np.empty(days)
    for day in range(days):
        z = normal_quantile(unit(philox(key, number, first + np.uint64(day), replication, np.uint64(0))[0]))
        factors[day] = np.exp(sigma * z - 0.5 * sigma * sigma)
    return factors


@kept_njit(nogil=True)
def guide_of(cumulated):
    """Return where to begin looking for a weight: the bin that holds each of as many equal steps as there are bins."""
    bins = cumulated.shape[0] - 1
    total = cumulated[bins]
    guide = np.empty(bins + 1, np.int64)
    b = 0
    for step in range(bins + 1):
        while b < bins - 1 and cumulated[b + 1] <= total * (step / bins):
            b += 1
        guide[step] = b
    return guide


@kept_njit(nogil=True)
def times_of(count, cumulated, guide, bin_minutes, keep, key, number, replication, part):
    """Return the times of the first `count` applicants, those kept away left out, and their numbers."""
    bins = cumulated.shape[0] - 1
    total = cumulated[bins]
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


@kept_njit(nogil=True)
def order_of(arrival, horizon):
    """Return the stable order by arrival, and the arrivals in it: into as many buckets as cases, then insertion."""
    cases = arrival.shape[0]
    bucket = np.empty(cases, np.int32)
    first = np.zeros(cases + 1, np.int32)
    times = np.empty(cases)
    scale = cases / horizon
    for i in range(cases):
        bucket[i] = max(min(int(arrival[i] * scale), cases - 1), 0)
        first[bucket[i] + 1] += 1
    for b in range(cases):
        first[b + 1] += first[b]
    filled = first.copy()
    order = np.empty(cases, np.int32)
    for i in range(cases):
        b = bucket[i]
        place = filled[b]
        filled[b] += 1
        time = arrival[i]
        while place > first[b] and times[place - 1] > time:
            times[place], order[place] = times[place - 1], order[place - 1]
            place -= 1
        times[place], order[place] = time, i
    return order, times


@njit(inline="always")
def chosen(mark, first, last, share):
    """Return the first of the options `first` to `last` whose cumulated share is above the mark, else the last."""
    while first < last and mark >= share[first]:
        first += 1
    return first


@njit(inline="always")
def minutes_of(node, word):
    """Return the minutes of a visit, from a word of its address."""
    return sample(node.minutes_kind, node.minutes[0], node.minutes[1], node.minutes[2], unit(word))


@njit(inline="always")
def patience_of(node, word):
    """Return the patience at a visit, from a word of its address; mostly boundless, so not worth a call."""
    if node.patience_kind == FIXED:
        return node.patience[0]
    return sample(node.patience_kind, node.patience[0], node.patience[1], node.patience[2], unit(word))


@njit(inline="always")
def marked(reached, word, later, node):
    """Return the bits of a word with that of a node; if this is in a further word, it is set in `later`."""
    bit = np.uint64(1) << np.uint64(node & (WORD - 1))
    if node >> WORD_BITS == word:
        return reached | bit
    later[node >> WORD_BITS] |= bit
    return reached


@njit(inline="always")
def visit_at(became, target):
    """Return the visit that a node, or what was chosen there, became; `NOWHERE` at the end of the route."""
    while target >= 0 and became[target] < 0:
        target = -3 - became[target]
    return became[target] if target >= 0 else NOWHERE


@kept_njit(nogil=True)
def follow(
    key, replication, population, number, part,
    population_stream, population_route, population_share, route_first,
    node, option_share, option_node, sampled,
    begin, profile, first_visit, visit,
):  # fmt: skip
    """Fill the arrays of the last line with all that can happen to each applicant, from the case `begin` on.

    Returns the number of cases done: all, or as many as `visit` has room for. The routes' nodes are
    taken in forward order; a bit says whether anything leads to a node, of `reached` in the word that is being done.
    """
    cases = population.shape[0]
    room = visit.shape[0] - MAX_NODES
    # Of each node of a route: the visit it became, or of a choice the node that was chosen, as -3 minus its number
    # (a visit is 0 or more, the end of a route -1).
    became = np.empty(MAX_NODES, np.int64)
    # Of each visit of a case: the node it came from.
    node_of = np.empty(MAX_NODES + 1, np.int64)
    # And the nodes that it leads to, and up to which the server stays.
    then_of = np.empty(MAX_NODES, np.int64)
    gave_up_of = np.empty(MAX_NODES, np.int64)
    stays_of = np.empty(MAX_NODES, np.int64)
    later = np.zeros(MAX_NODES // WORD, np.uint64)
    # The visits whose lognormal times are still to be made, with their marks and parameters.
    unmade = 0
    unmade_visit = np.empty(TOGETHER + MAX_NODES, np.int64)
    mark_of = np.empty(TOGETHER + MAX_NODES)
    mu_of = np.empty(TOGETHER + MAX_NODES)
    sigma_of = np.empty(TOGETHER + MAX_NODES)
    minutes_made = np.empty(TOGETHER + MAX_NODES)
    beyond = np.empty(TOGETHER + MAX_NODES + 1, np.int64)
    one = np.uint64(1)
    visits = first_visit[begin]
    for case in range(begin, cases):
        p, who, of = population[case], np.uint64(number[case]), np.uint64(part[case])
        route, last_route = population_route[p], population_route[p + 1] - 1
        if last_route > route:
            mark = unit(philox(key, population_stream[p], who, replication, of)[0])
            route = chosen(mark, route, last_route, population_share)
        profile[case] = route - population_route[p]
        first = visits
        base = route_first[route]
        # The bits of further words wait until all of the word are done: a way leads forward only.
        reached, word_of_bits, last_word = one, 0, (route_first[route + 1] - base - 1) // WORD
        while reached != 0:
            n = word_of_bits * WORD + np.int64(trailing_zeros(reached))
            reached &= reached - one
            at = node[base + n]
            word, other, lot, _ = philox(key, at.stream, who, replication, of)
            if at.stage == CHOICE:
                target = option_node[chosen(unit(word), at.then, at.gave_up - 1, option_share)]
                became[n] = -3 - target
            else:
                target = at.then
                became[n] = visits
                node_of[visits - first] = n
                then_of[visits - first] = at.then
                gave_up_of[visits - first] = at.gave_up
                stays_of[visits - first] = at.stays
                visit[visits].stage = at.stage
                visit[visits].priority = at.priority
                if at.lots > 0 and unit(lot) * ALL_LOTS < at.lots:
                    visit[visits].priority = at.by_lot
                if at.minutes_kind == LOGNORMAL:
                    unmade_visit[unmade], mark_of[unmade] = visits, unit(word)
                    mu_of[unmade], sigma_of[unmade] = at.minutes[0], at.minutes[1]
                    unmade += 1
                else:
                    visit[visits].minutes = minutes_of(at, word)
                visit[visits].patience = patience_of(at, other)
                if sampled is not None:
                    # Compiled only for an office that has such times (`sampled` is `None` for others).
                    if at.minutes_kind >= GAMMA:
                        visit[visits].minutes = rare_time(
                            at.minutes_kind, at.minutes[0], at.minutes[1], sampled, unit(word)
                        )
                    if at.patience_kind >= GAMMA:
                        visit[visits].patience = rare_time(
                            at.patience_kind, at.patience[0], at.patience[1], sampled, unit(other)
                        )
                if at.gave_up >= 0:
                    reached = marked(reached, word_of_bits, later, at.gave_up)
                visits += 1
            if target >= 0:
                reached = marked(reached, word_of_bits, later, target)
            while reached == 0 and word_of_bits < last_word:
                word_of_bits += 1
                reached, later[word_of_bits] = later[word_of_bits], np.uint64(0)
        node_of[visits - first] = MAX_NODES
        for v in range(first, visits):
            visit[v].if_served = visit_at(became, then_of[v - first])
            visit[v].if_gave_up = visit_at(became, gave_up_of[v - first])
            # The server stays until the last visit that is not beyond the node named.
            last_visit = v
            while node_of[last_visit + 1 - first] <= stays_of[v - first]:
                last_visit += 1
            visit[v].stays_until = last_visit
        first_visit[case + 1] = visits
        full = visits > room
        if unmade >= TOGETHER or case == cases - 1 or full:
            lognormals(unmade, mark_of, mu_of, sigma_of, minutes_made, beyond)
            for i in range(unmade):
                visit[unmade_visit[i]].minutes = minutes_made[i]
            unmade = 0
        if full:
            return case + 1
    return cases


@kept_njit()
def day_marks(streams, rows, first, days, key, replication):
    """Return marks of each stream: so many a day."""
    marks = np.empty((streams.shape[0], rows, days), np.float32)
    for number in range(streams.shape[0]):
        for row in range(rows):
            for day in range(days):
                words = philox(key, streams[number], np.uint64(row), replication, first + np.uint64(day))
                marks[number, row, day] = unit(words[0])
    return marks


@kept_njit()
def marks_of(number, key, replication, count):
    """Return the first `count` addresses of a stream, four numbers each."""
    marks = np.empty((count, 4))
    for i in range(count):
        a, b, c, d = philox(key, number, np.uint64(i), replication, np.uint64(0))
        marks[i, 0], marks[i, 1], marks[i, 2], marks[i, 3] = unit(a), unit(b), unit(c), unit(d)
    return marks
