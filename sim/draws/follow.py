"""Follow each applicant along the route, all alternatives included, and write down the visits."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.draws.arrivals import Applicants
from sim.draws.lowering import CHOICE, RouteTables
from sim.draws.philox import philox, unit
from sim.draws.sampling import sample
from sim.office.routes import MAX_NODES
from sim.records import NOWHERE


def follow_routes(applicants: Applicants, routes: RouteTables, key: np.uint64, replication: np.uint64):  # type: ignore[no-untyped-def]
    """Return the columns `population` to `stays_until` of the journeys, in their order."""
    room = len(applicants.arrival) * routes.longest
    return (applicants.population,) + _follow(
        room, key, replication, applicants.population, applicants.number, applicants.part,
        routes.population_stream, routes.population_route, routes.population_share, routes.route_first,
        routes.node_stream, routes.node_stage, routes.node_priority, routes.node_then, routes.node_gave_up,
        routes.node_stays, routes.node_minutes, routes.node_patience, routes.option_share, routes.option_node,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _follow(
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
