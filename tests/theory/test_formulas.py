"""Offices with other parameters than the catalogue's, against the formulas of queueing theory, by both engines."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from formulas import (
    blocking_probability,
    erlang_a,
    mean_wait_mg1,
    mean_wait_mmc,
    mean_waits_with_priority,
    transient_queue,
    wait_tail_mmc,
    waiting_probability,
)
from scoring import Answer, mean, per_minute, share
from studies import Played, Study, all_the_time, check, one_visit, round_the_clock
from studies_days import OPENS, Daily, office_of_days
from studies_networks import review
from studies_steady import queue

from sim.office.blocks import Office, Population
from sim.office.distributions import Distribution, Exponential, Lognormal, Uniform, Weibull
from sim.office.hours import DAY, Hours, Intervals
from sim.office.routes import END, Choice, Route, Visit

SAMPLE = 200


class Law(NamedTuple):
    """A distribution of the service time with its coefficient of variation."""

    minutes: Distribution
    cv: float


LOGNORMAL = Law(Lognormal(4.0, 1.3), 1.3)
UNIFORM = Law(Uniform(2.0, 9.0), 7 / math.sqrt(12) / 5.5)
WEIBULL = Law(Weibull(6.0, 1.5), math.sqrt(math.gamma(1 + 4 / 3) / math.gamma(1 + 2 / 3) ** 2 - 1))


def _mmc(_: str, p: Played) -> dict[str, Answer]:
    q, everybody = p.visits(p.counted()), p.visits(p.of_population())
    rate, service, servers = 0.7, 6.0, 6
    return {
        "mean wait": mean(q.wait, mean_wait_mmc(rate, service, servers)),
        "p wait": share(q.wait > 0, waiting_probability(rate * service, servers)),
        "p wait > 3": share(q.wait > 3, wait_tail_mmc(3.0, rate, service, servers)),
        "utilisation": per_minute(p.area(everybody.left_queue, everybody.ended), p.minutes * servers, 0.7),
    }


def _split(minutes: float) -> Office:
    """Return the same queue with its customers split into two populations of the same kind."""
    halves = tuple(
        Population(name, all_the_time(0.35, minutes), ((1.0, one_visit(Exponential(6.0))),)) for name in ("a", "b")
    )
    return round_the_clock(minutes, halves, {"desk": 6})


def _impatient(_: str, p: Played) -> dict[str, Answer]:
    q, everybody = p.visits(p.counted()), p.visits(p.of_population())
    exact = erlang_a(0.8, 5.0, 7.0, 3)
    return {
        "abandonment": share(~q.is_served, exact.abandonment),
        "mean wait": mean(q.wait, exact.mean_wait),
        "p wait": share(q.wait > 0, exact.waiting_probability),
        "utilisation": per_minute(p.area(everybody.left_queue, everybody.ended), p.minutes * 3, exact.utilisation),
    }


def _blocked(_: str, p: Played) -> dict[str, Answer]:
    # Erlang B holds for any service time.
    return {"blocked": share(~p.visits(p.counted()).is_served, blocking_probability(0.5 * 4.0, 4))}


def _single(rate: float, law: Law) -> Study:
    def measure(_: str, p: Played) -> dict[str, Answer]:
        wait = p.visits(p.counted()).wait
        mean_minutes = law.minutes.mean()
        return {
            "mean wait": mean(wait, mean_wait_mg1(rate, mean_minutes, law.cv)),
            "p wait": share(wait > 0, rate * mean_minutes),
        }

    name = type(law.minutes).__name__
    return Study(f"M/{name}/1", lambda m: queue(rate, law.minutes, 1, m), measure, 8_000, SAMPLE, warm_up=2_500)


CLASSES = {"urgent": (0.03, LOGNORMAL), "ordinary": (0.05, UNIFORM), "patient": (0.04, WEIBULL)}


def _three_classes(minutes: float) -> Office:
    populations = tuple(
        Population(name, all_the_time(rate, minutes), ((1.0, one_visit(law.minutes, priority=number)),))
        for number, (name, (rate, law)) in enumerate(CLASSES.items())
    )
    return round_the_clock(minutes, populations, {"desk": 1})


def _priorities(_: str, p: Played) -> dict[str, Answer]:
    rates, laws = zip(*CLASSES.values(), strict=True)
    exact = mean_waits_with_priority(rates, [law.minutes.mean() for law in laws], [law.cv for law in laws])
    return {name: mean(p.visits(p.counted(name)).wait, wait) for name, wait in zip(CLASSES, exact, strict=True)}


def _same_service(minutes: float) -> Office:
    populations = tuple(
        Population(name, all_the_time(0.06, minutes), ((1.0, one_visit(WEIBULL.minutes, priority=number)),))
        for number, name in enumerate(("first", "second"))
    )
    return round_the_clock(minutes, populations, {"desk": 1})


def _order_of_service(_: str, p: Played) -> dict[str, Answer]:
    # With one law of service the order does not change the overall mean wait.
    return {"mean wait": mean(p.visits(p.counted()).wait, mean_wait_mg1(0.12, 6.0, WEIBULL.cv))}


TO_SECOND, BACK = 0.8, 0.3
"""Of those served at the first stage go on; of those served at the second go back to the first."""
ROUNDS = 15
"""Rounds written down; the chance of another is 5e-10."""


def _tandem_with_feedback(minutes: float) -> Office:
    nodes: list[Visit | Choice] = []
    for i in range(ROUNDS):
        nodes += [
            Visit(f"first {i}", "first", Exponential(5.0), then=f"on {i}"),
            Choice(f"on {i}", ((1 - TO_SECOND, END), (TO_SECOND, f"second {i}"))),
            Visit(f"second {i}", "second", Exponential(7.0), then=f"back {i}" if i < ROUNDS - 1 else END),
            Choice(f"back {i}", ((1 - BACK, END), (BACK, f"first {i + 1}"))),
        ]
    nodes.pop()
    who = Population("all", all_the_time(0.2, minutes), ((1.0, Route(tuple(nodes))),))
    return round_the_clock(minutes, (who,), {"first": 2, "second": 2})


def _feedback(_: str, p: Played) -> dict[str, Answer]:
    # Jackson: each stage is as an M/M/c queue with the arrivals from inside counted in.
    first = 0.2 / (1 - TO_SECOND * BACK)
    cases = p.counted()
    number = float(cases.sum())
    rates = (first, TO_SECOND * first)
    answers = {}
    for stage, (rate, service) in enumerate(zip(rates, (5.0, 7.0), strict=True)):
        q = p.visits(cases, stage)
        answers[f"mean wait at {stage}"] = mean(q.wait, mean_wait_mmc(rate, service, 2))
        answers[f"visits to {stage}"] = Answer(rate / 0.2, np.array([[float(len(q.wait)), number]]))
    return answers


def _review_again(_: str, p: Played) -> dict[str, Answer]:
    return {"mean wait": mean(p.visits(p.counted()).wait, mean_wait_mmc(0.15 / 0.6, 9.0, 3))}


RATES = np.array([10, 26, 34, 40, 36, 30, 22, 18, 24, 30, 34, 28, 20, 12]) / 60
STAFF = np.array([3, 5, 5, 6, 6, 6, 3, 3, 6, 6, 6, 6, 4, 4])
SERVICE = 9.0
LUNCH = (6, 8)
"""Half-hours of the lunch break, during which three of the six are away; two leave for good at the end of the 12th."""


def _staff(days: int) -> tuple[Hours, ...]:
    """Return duty hours in which those who leave are a random choice of those on duty, drawn for each day."""
    rng = np.random.default_rng(7)
    spans: list[list[tuple[float, float]]] = [[] for _ in range(6)]
    joined = (0, 0, 0, 1, 1, 3)
    leaves = OPENS + 30.0 * 12
    until = OPENS + 30.0 * len(RATES)
    for day in range(days):
        order = rng.permutation(6)
        away, gone = set(rng.permutation(6)[:3]), set(rng.permutation(6)[:2])
        for role, server in enumerate(order):
            last = leaves if role in gone else until
            parts = [(OPENS + 30.0 * joined[role], last)]
            if role in away:
                parts = [(parts[0][0], OPENS + 30.0 * LUNCH[0]), (OPENS + 30.0 * LUNCH[1], last)]
            spans[server] += [(day * DAY + since, day * DAY + to) for since, to in parts]
    return tuple(Intervals(tuple(span)) for span in spans)


def _a_day(_: str, p: Played) -> dict[str, Answer]:
    clearing = 16
    exact = transient_queue(
        np.append(RATES, np.zeros(clearing)), np.append(STAFF, np.full(clearing, STAFF[-1])), 30.0, SERVICE
    )
    d = Daily(p)
    q = d.visits
    answers = {
        "mean wait": d.per_arrival(q.wait, exact.mean_wait),
        "p wait": d.per_arrival(q.wait > 0, exact.delayed / exact.arrivals, is_share=True),
        "busy minutes": d.per_day(d.sums(q.ended - q.left_queue), exact.busy_minutes),
        "empty at closing": d.per_day(d.overtime == 0, float(exact.empty[len(RATES)]), is_share=True),
        "not clear after 30": d.per_day(d.overtime > 30, 1 - float(exact.empty[len(RATES) + 1]), is_share=True),
    }
    for half_hour in range(1, len(RATES) + 1):
        at = OPENS + 30.0 * half_hour
        answers[f"present at {half_hour}"] = d.per_day(
            d.present(q.queued, q.ended, at), float(exact.mean_in_system[half_hour])
        )
        answers[f"queue at {half_hour}"] = d.per_day(
            d.present(q.queued, q.left_queue, at), float(exact.mean_queue[half_hour])
        )
    return answers


STUDIES = [
    Study("M/M/6", lambda m: queue(0.7, Exponential(6.0), 6, m), _mmc, 4_000, SAMPLE, warm_up=1_000),
    Study("M/M/6 split in two", _split, _mmc, 4_000, SAMPLE, warm_up=1_000),
    Study("M/M/3+M", lambda m: queue(0.8, Exponential(5.0), 3, m, Exponential(7.0)), _impatient, 2_500, SAMPLE, 300),
    Study("M/G/4/4", lambda m: queue(0.5, LOGNORMAL.minutes, 4, m, places=0), _blocked, 3_000, SAMPLE, warm_up=300),
    _single(0.17, LOGNORMAL),
    _single(0.13, UNIFORM),
    _single(0.12, WEIBULL),
    Study("three priorities", _three_classes, _priorities, 12_000, SAMPLE, warm_up=2_500, cool_down=1_000),
    Study("priority with one law", _same_service, _order_of_service, 9_000, SAMPLE, warm_up=2_000, cool_down=1_000),
    Study("tandem with feedback", _tandem_with_feedback, _feedback, 8_000, SAMPLE, warm_up=2_000, cool_down=500),
    Study("review again", lambda m: review(m, 9.0, 9.0, 0.4, 3), _review_again, 6_000, SAMPLE, 1_500, 500),
    Study(
        "day with shifts",
        lambda m: office_of_days(math.ceil(m / DAY), RATES, SERVICE, _staff, []),
        _a_day,
        100 * DAY,
        30,
    ),
]


@pytest.mark.parametrize("study", STUDIES, ids=[study.name for study in STUDIES])
def test_theory_is_met_within_four_standard_errors(study: Study) -> None:
    check(study)
