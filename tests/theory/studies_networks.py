"""Studies of more than one line: two priorities, two stages in a row, review with returns."""

from __future__ import annotations

import numpy as np
from scoring import Answer, mean, per_minute, share, spread
from studies import RECORDS, Played, Rules, Study, Visits, all_the_time, by_rules, one_visit, round_the_clock

from sim.office.blocks import Office, Population
from sim.office.distributions import Exponential
from sim.office.routes import END, Choice, Route, Visit

PASSES = 30
"""Passes written down for the review: a route leads forward only, and nobody needs so many."""


def priorities(minutes: float) -> Office:
    given = RECORDS["prio-np-01"]["parameters"]
    classes = tuple(
        Population(
            name,
            all_the_time(given[f"{name}_per_hour"] / 60, minutes),
            ((1.0, one_visit(Exponential(given[f"{name}_mean_min"]), priority=number)),),
        )
        for number, name in enumerate(("urgent", "ordinary"))
    )
    return round_the_clock(minutes, classes, {"desk": given["servers"]})


def _kleinrock(p: Played, exact: float) -> Answer:
    """Return the sum of load times mean wait over the classes."""
    given = RECORDS["prio-np-01"]["parameters"]
    loads = [given[f"{name}_per_hour"] / 60 * given[f"{name}_mean_min"] for name in ("urgent", "ordinary")]
    waits = [p.visits(p.counted(name)).wait for name in ("urgent", "ordinary")]
    sums = np.array([[waits[0].sum(), len(waits[0]), waits[1].sum(), len(waits[1])]])
    return Answer(exact, sums, lambda a, n, b, m: loads[0] * a / n + loads[1] * b / m)


PRIORITY_RULES: Rules = {
    r"mean_wait_all": lambda p, x: mean(p.visits(p.counted()).wait, x),
    r"mean_wait_(urgent|ordinary)": lambda p, x, name: mean(p.visits(p.counted(name)).wait, x),
    r"kleinrock_sum": lambda p, x: _kleinrock(p, x),
}


def tandem(minutes: float) -> Office:
    given = RECORDS["tandem-01"]["parameters"]
    first, second = (Exponential(mean) for mean in given["stage_mean_min"])
    route = Route((Visit("first", "1", first, then="second"), Visit("second", "2", second)))
    who = Population("all", all_the_time(given["arrivals_per_hour"] / 60, minutes), ((1.0, route),))
    return round_the_clock(minutes, (who,), dict(zip(("1", "2"), given["servers"], strict=True)))


def _totals(p: Played) -> np.ndarray:
    return _last_end(p)[p.counted()] - p.journeys.arrival[p.counted()]


TANDEM_RULES: Rules = {
    r"mean_total": lambda p, x: mean(_totals(p), x),
    r"mean_wait_stage([12])": lambda p, x, stage: mean(p.visits(p.counted(), int(stage) - 1).wait, x),
    r"sd_total": lambda p, x: spread(_totals(p), x),
    r"p_total_gt_([\d.]+)": lambda p, x, limit: share(_totals(p) > float(limit), x),
    r"total_q([\d.]+)": lambda p, x, level: share(_totals(p) > x, 1 - float(level)),
}


def review(minutes: float, per_hour: float, service_mean: float, p_return: float, servers: int) -> Office:
    """Return an office where a case goes back to the end of the same line with the given probability."""
    nodes: list[Visit | Choice] = []
    for i in range(1, PASSES):
        nodes.append(Visit(f"review {i}", "desk", Exponential(service_mean), then=f"return {i}"))
        nodes.append(Choice(f"return {i}", ((1 - p_return, END), (p_return, f"review {i + 1}"))))
    nodes.append(Visit(f"review {PASSES}", "desk", Exponential(service_mean)))
    who = Population("all", all_the_time(per_hour / 60, minutes), ((1.0, Route(tuple(nodes))),))
    return round_the_clock(minutes, (who,), {"desk": servers})


def _rework(minutes: float) -> Office:
    given = RECORDS["rework-01"]["parameters"]
    return review(minutes, given["arrivals_per_hour"], given["review_mean_min"], given["p_return"], given["servers"])


def _last_end(p: Played) -> np.ndarray:
    """Return when each case left the office, shape (cases,)."""
    return np.fmax.reduceat(p.log.ended_at, p.journeys.first_visit[:-1])


def _passes(p: Played) -> np.ndarray:
    visits = p.visits(p.counted())
    return np.bincount(visits.case, minlength=p.journeys.cases)[p.counted()]


def _everybody(p: Played) -> Visits:
    return p.visits(p.of_population())


REWORK_RULES: Rules = {
    r"utilisation": lambda p, x: per_minute(
        p.area(_everybody(p).left_queue, _everybody(p).ended), p.minutes * p.servers, x
    ),
    r"mean_wait_per_visit": lambda p, x: mean(p.visits(p.counted()).wait, x),
    r"mean_visits": lambda p, x: mean(_passes(p), x),
    r"mean_total_per_application": lambda p, x: mean(_totals(p), x),
    r"mean_in_system": lambda p, x: per_minute(p.area(p.journeys.arrival, _last_end(p)), p.minutes, x),
    r"p_exactly_1_review": lambda p, x: share(_passes(p) == 1, x),
    r"p_3_or_more_reviews": lambda p, x: share(_passes(p) >= 3, x),
}


STUDIES = [
    # What arrives later can go ahead: those at the end, whose followers are not drawn, do not count.
    Study(
        "prio-np-01",
        priorities,
        lambda record, p: by_rules(PRIORITY_RULES, record, p),
        42_000,
        400,
        warm_up=14_000,
        cool_down=4_000,
    ),
    Study(
        "tandem-01",
        tandem,
        lambda record, p: by_rules(TANDEM_RULES, record, p),
        12_000,
        400,
        warm_up=3_000,
    ),
    Study(
        "rework-01",
        _rework,
        lambda record, p: by_rules(REWORK_RULES, record, p),
        20_000,
        400,
        warm_up=8_000,
        cool_down=1_000,
    ),
]
