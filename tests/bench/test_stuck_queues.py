"""What a long queue costs: an event at an office that stands still takes no longer than one at an office that works."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest

from sim.draws.draw import draw
from sim.engines.compiled import play_compiled
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.office.tables import tables_of
from sim.records import Journeys

MOST = 3
"""Times the time of an event of the baseline. Before, it was up to a thousand: somebody went through the queue."""
SPARE_DAYS = 30

TITLES = {"name": "stuck", "title": {"en": "Stuck", "zh": "停滞"}}
MINUTE = ["08:30-08:31"]
CALLED = {"growth": 9.0}
STUCK: dict[str, dict[str, Any]] = {
    "review open for an hour a day": {"hours": {"review": ["08:00-09:00"]}},
    "review broken all the time": {
        "outages": {"given": [{"stage": "review", "first": "2023-01-03 00:00", "last": "2024-12-31 00:00"}]}
    },
    "everything open for a minute a day": {
        "period": {"first": "2023-01-01", "last": "2023-03-31"},
        "hours": dict.fromkeys(("office", "phone", "review", "counted"), MINUTE),
    },
    "ten times the demand": {"demand": CALLED, "period": {"first": "2023-01-01", "last": "2023-04-30"}},
    "ten times, the hall closed, review breaking down, many before others": {
        "demand": {**CALLED, "key_share": 0.3}, "period": {"first": "2023-01-01", "last": "2023-03-31"},
        "hours": {"office": MINUTE}, "outages": {"drawn": [{"stage": "review", "per_year": 500, "mean_minutes": 60}]},
        "priorities": [{"stage": "review", "channels": ["online"], "priority": 5}],
    },
    "the newest first, review open for an hour a day": {
        "hours": {"review": ["08:00-09:00"]}, "newest_first": ["review"],
    },
    "the newest first everywhere, open for a minute a day": {
        "period": {"first": "2023-01-01", "last": "2023-03-31"},
        "hours": dict.fromkeys(("office", "phone", "review", "counted"), MINUTE),
        "newest_first": ["phone", "filing", "review", "issue"],
    },
}  # fmt: skip


MIXTURES = range(int(os.environ.get("MIXTURES", "8")))
"""Of the random mixtures; `MIXTURES=200 pytest -s tests/bench/test_stuck_queues.py` tries more."""


def mixture(seed: int) -> dict[str, Any]:
    """Return an office of some weeks in which stages are closed, broken and overloaded at random."""
    chance = random.Random(seed)
    hours = (MINUTE, ["08:00-09:00"], ["08:30-12:00", "13:30-17:00"], ["08:00-18:00"])
    stages = ("phone", "filing", "review", "issue")

    def some(of: Any) -> list[Any]:
        return chance.sample(of, chance.randint(0, len(of)))

    while True:
        differs = {
            "period": {"first": "2023-01-03", "last": "2023-02-28"},
            "demand": {"growth": chance.choice((0.0, 1.0, 4.0, 9.0)), "key_share": chance.choice((0.01, 0.3))},
            "hours": {of: chance.choice(hours) for of in some(("office", "phone", "review"))},
            "outages": {
                "given": [{"stage": of, "first": f"2023-01-{chance.randint(3, 28):02d} 09:00",
                           "last": f"2023-02-{chance.randint(1, 28):02d} 12:00"} for of in some(stages)],
                "drawn": [{"stage": of, "per_year": chance.choice((50, 500)),
                           "mean_minutes": chance.choice((5, 60, 600))} for of in some(stages)],
            },
            "phone": {"redial_share": chance.choice((0.0, 1.0)), "redial_after_minutes": chance.choice((1, 60)),
                      "calls_per_application": chance.choice((0.5, 2.0))},
            "review": {"return_rate": chance.choice((0.1, 0.9))},
            "priorities": [{"stage": of, "channels": [chance.choice(("online", "hall"))],
                            "priority": chance.randint(0, 5)} for of in some(stages[1:])],
            "newest_first": some(stages),
        }  # fmt: skip
        try:
            scenario_from_dict({**TITLES, **differs})
        except ScenarioError:
            continue  # nobody would ever be served
        return differs


def played(**differs: Any) -> tuple[Journeys, Any]:
    office = registration_office(scenario_from_dict({**TITLES, **differs}))
    journeys = draw(office, seed=1)
    return journeys, tables_of(office, journeys, office.days.horizon + SPARE_DAYS)


def seconds_an_event(journeys: Journeys, tables: Any) -> float:
    """Return the seconds of playing by joins of a queue and times away, comings back from home included."""
    began = time.perf_counter()
    log = play_compiled(journeys, tables)
    seconds = time.perf_counter() - began
    made = log.queued_at == log.queued_at
    return seconds / (int(made.sum()) + int(log.trips[made].sum()))


@pytest.fixture(scope="module")
def baseline():
    return played()


@pytest.mark.parametrize("differs", [*STUCK.values(), *map(mixture, MIXTURES)], ids=[*STUCK, *MIXTURES])
def test_an_event_at_a_long_queue_takes_no_longer_than_any(baseline, differs):
    stuck = played(**differs)
    # Side by side, so that a busy machine is busy for both.
    both = [(seconds_an_event(*baseline), seconds_an_event(*stuck)) for _ in range(3)]
    usual, long = (min(times) for times in zip(*both, strict=True))
    print(f"{1e9 * usual:.0f} ns an event, {1e9 * long:.0f} at long queues")
    assert long <= MOST * usual
