"""The formulas of queueing theory against exact answers that were found another way."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from formulas import (
    TransientQueue,
    blocking_probability,
    erlang_a,
    mean_wait_mg1,
    mean_wait_mmc,
    mean_waits_with_priority,
    offered_load,
    transient_queue,
    wait_tail_mmc,
    waiting_probability,
)

_CATALOGUE = Path(__file__).parent / "oracles.json"
RECORDS: dict[str, dict[str, Any]] = {r["id"]: r for r in json.loads(_CATALOGUE.read_text())["records"]}


def exact(record: str) -> dict[str, float]:
    return {name: answer["value"] for name, answer in RECORDS[record]["answers"].items()}


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("record", ["mmc-01", "mmc-02"])
def test_erlang_c(record: str) -> None:
    given, answer = RECORDS[record]["parameters"], exact(record)
    queue = given["arrivals_per_hour"] / 60, given["service_mean_min"], given["servers"]
    assert waiting_probability(queue[0] * queue[1], queue[2]) == close(answer["p_wait"])
    assert mean_wait_mmc(*queue) == close(answer["mean_wait"])
    for name, value in answer.items():
        if name.startswith("p_wait_gt_"):
            assert wait_tail_mmc(float(name.rsplit("_", 1)[1]), *queue) == close(value)
        if name.startswith("wait_q"):
            assert wait_tail_mmc(value, *queue) == close(1 - float(name.removeprefix("wait_q")))


def test_erlang_c_with_fifty_agents_and_with_one() -> None:
    answer = exact("mmc-gmr50")
    assert mean_wait_mmc(48.0, 1.0, 50) * 60 == close(answer["mean_wait_sec"])
    assert waiting_probability(48.0, 50) == close(answer["p_wait"])
    assert mean_wait_mmc(1.0, 0.9, 1) == close(exact("transient-law-01")["steady_state_mean_wait"])


def test_erlang_b() -> None:
    given = RECORDS["erlangb-01"]["parameters"]
    load = given["arrivals_per_hour"] / 60 * given["service_mean_min"]
    assert blocking_probability(load, given["servers"]) == close(exact("erlangb-01")["p_blocked"])


@pytest.mark.parametrize("record", ["erla-01", "erla-gmr50"])
def test_erlang_a(record: str) -> None:
    given, answer = RECORDS[record]["parameters"], exact(record)
    found = erlang_a(
        given["arrivals_per_hour"] / 60, given["service_mean_min"], given["patience_mean_min"], given["servers"]
    )
    assert found.waiting_probability == close(answer["p_wait"])
    assert found.abandonment == close(answer["p_abandon"])
    assert found.mean_wait == close(answer["mean_wait_all"])
    assert found.utilisation == close(answer["utilisation"])


def test_erlang_a_between_its_limits() -> None:
    # Nearly endless patience: Erlang C. Patience like the service, one line: an M/M/infinity queue.
    patient = erlang_a(0.25, 10.0, 1e9, 3)
    assert patient.mean_wait == pytest.approx(mean_wait_mmc(0.25, 10.0, 3), rel=1e-6)
    assert erlang_a(0.5, 10.0, 10.0, 4).waiting_probability == close(
        1 - sum(math.exp(-5.0) * 5.0**n / math.factorial(n) for n in range(4))
    )
    # Far too little staff: those who cannot be served leave, and only they.
    assert erlang_a(100.0, 1.0, 50.0, 10).abandonment == pytest.approx(0.9, rel=1e-9)


@pytest.mark.parametrize(("record", "mean", "cv"), [("mg1-ln-01", 10.0, 0.5), ("md1-01", 9.0, 0.0)])
def test_pollaczek_khinchine(record: str, mean: float, cv: float) -> None:
    per_minute = RECORDS[record]["parameters"]["arrivals_per_hour"] / 60
    assert mean_wait_mg1(per_minute, mean, cv) == close(exact(record)["mean_wait"])


def test_cobham() -> None:
    answer = exact("prio-np-01")
    urgent, ordinary = mean_waits_with_priority([2 / 60, 3 / 60], [8.0, 11.0], [1.0, 1.0])
    assert urgent == close(answer["mean_wait_urgent"])
    assert ordinary == close(answer["mean_wait_ordinary"])


def test_offered_load() -> None:
    # The sinusoid in bins of half a minute, each with its average: the error is of second order in the bin.
    given, answer = RECORDS["mtginf-01"]["parameters"], exact("mtginf-01")
    omega = 2 * math.pi / given["period_min"]
    middle = np.arange(0.0, given["period_min"], 0.5) + 0.25
    rates = (given["mean_rate_per_hour"] + given["amplitude_per_hour"] * np.sin(omega * middle)) / 60
    load = offered_load(rates, 0.5, given["stay_mean_min"])
    for minute in (60, 120, 180, 240, 360, 480):
        assert load[2 * minute] == pytest.approx(answer[f"mean_in_system_{minute}"], rel=1e-5)
    assert offered_load([0.5] * 100, 30.0, 12.0)[-1] == close(6.0)


def _day(record: str, clearing: int = 20) -> TransientQueue:
    """Return the day of a record by half-hours, and `clearing` more after closing."""
    given = RECORDS[record]["parameters"]
    rates = np.array(given["rates_per_hour"] + [0] * clearing) / 60
    staff = np.zeros(len(rates), int)
    for since, count in [*given["staff"], [len(given["rates_per_hour"]) * 30, given["after_close_staff"]]]:
        staff[since // 30 :] = count
    return transient_queue(rates, staff, 30.0, given["service_mean_min"])


@pytest.mark.parametrize("record", ["day-I-01", "day-up-01"])
def test_the_kolmogorov_equations_of_a_day(record: str) -> None:
    day, answer = _day(record), exact(record)
    assert day.mean_wait == close(answer["mean_wait"])
    assert day.busy_minutes == close(answer["staff_minutes_worked"])
    assert day.arrivals == close(answer["mean_arrivals"])
    closing = 17
    assert day.empty[closing] == close(answer["p_empty_at_close"])
    assert 1 - day.empty[closing + 1] == close(answer["p_clear_later_than_30"])
    assert 1 - day.empty[closing + 2] == close(answer["p_clear_later_than_60"])
    compared = 0
    for name, value in answer.items():
        for start, found in (("mean_in_system_", day.mean_in_system), ("mean_queue_", day.mean_queue)):
            if name.startswith(start):
                hours, minutes = name.removeprefix(start).split(":")
                at = (int(hours) * 60 + int(minutes) - 510) // 30
                assert found[at] == pytest.approx(value, rel=1e-9, abs=1e-12)
                compared += 1
    assert compared == 22


def test_a_day_with_staff_for_all_has_the_offered_load() -> None:
    rates = np.array([0.1, 0.4, 0.2, 0.0])
    day = transient_queue(rates, [60] * 4, 45.0, 20.0, capacity=80)
    assert day.mean_in_system == pytest.approx(offered_load(rates, 45.0, 20.0), rel=1e-9)
    assert day.delayed == pytest.approx(0.0, abs=1e-12)


def test_a_long_day_comes_to_erlang_c() -> None:
    day = transient_queue([0.25] * 200, [3] * 200, 60.0, 10.0, capacity=300)
    assert day.mean_queue[-1] == pytest.approx(0.25 * mean_wait_mmc(0.25, 10.0, 3), rel=1e-9)


def test_whoever_leaves_finishes_the_case_in_hand_and_is_back_with_it() -> None:
    alone = transient_queue([0.2, 0.0, 0.0], [1, 0, 0], 30.0, 12.0)
    in_hand = alone.mean_in_system - alone.mean_queue
    # Off duty he takes nobody: the queue stays, and only the case in hand is finished.
    assert alone.mean_queue[2] == close(alone.mean_queue[1])
    assert in_hand[2] == close(in_hand[1] * math.exp(-30 / 12))
    back = transient_queue([0.2, 0.0, 0.0], [1, 0, 1], 30.0, 12.0)
    assert back.mean_in_system[:3] == pytest.approx(alone.mean_in_system[:3], rel=1e-12)
    # Back on duty he is busy with the old case or takes the next one, never with two.
    assert (back.mean_in_system - back.mean_queue)[2] == close(1 - back.empty[2])


def test_ten_thousand_servers_do_not_overflow() -> None:
    assert 0 < waiting_probability(9_900.0, 10_000) < 1
    assert waiting_probability(10.0, 10_000) == 0
    assert erlang_a(9_900.0, 1.0, 1.0, 10_000).waiting_probability < waiting_probability(9_900.0, 10_000)
