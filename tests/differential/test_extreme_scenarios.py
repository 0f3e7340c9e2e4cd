"""Registration offices with extreme values: whatever a scenario may say, both engines play alike, and come to an end.

SCENARIOS=10000 pytest -s tests/differential/test_extreme_scenarios.py    so many, in place of a few
"""

import os
import random
import time

import pytest
from helpers import EVERY

from sim import draw, measure, play
from sim.engines.play import NeverFinishesError
from sim.office.parameters.listing import all_parameters
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.office.size import cases_of

SCENARIOS = int(os.environ.get("SCENARIOS", "600" if EVERY else "40"))
MOST_CASES = 600
"""That a scenario may have here: SimPy plays it in a second."""
SLOWEST = 20.0
"""[s]"""
NUMBERS = (0, 1e-9, 0.001, 0.01, 0.5, 0.95, 0.99, 1, 2, 10, 60, 480, 1440, 10_000, 1_000_000)
SPANS = ("00:00-00:30", "08:30-09:00", "12:00-13:00", "23:30-24:00", "00:00-24:00", "08:30-17:00")
KEPT = ("name", "title", "year", "period", "whose", "steps", "demand.registrations_per_year")


def extreme(number):
    """Return a random scenario of a few days with some of its values at an end of what is possible."""
    chance = random.Random(f"extreme {number}")
    parameters = [each for each in all_parameters() if not each.path.startswith(KEPT) and "[]" not in each.path]
    while True:
        first = chance.choice([6, 7, 8, 13, 14, 20, 27])
        data = scenario_as_dict(scenario_from_dict({
            "name": "extreme", "title": {"en": "x", "zh": "x"},
            "period": {"first": f"2023-03-{first:02d}", "last": f"2023-03-{first + chance.randint(0, 4):02d}",
                       "warm_up_days": chance.choice([0, 0, 3])},
            "demand": {"registrations_per_year": chance.choice([1, 300, 4_000, 20_000])},
        }))  # fmt: skip
        for parameter in chance.sample(parameters, chance.randint(1, 8)):
            *way, last = parameter.path.split(".")
            inner = data
            for step in way:
                inner = inner[step]
            inner[last] = another(inner[last], chance)
        try:
            scenario = scenario_from_dict(data, "extreme")
        except ScenarioError:
            continue
        if cases_of(scenario_as_dict(scenario)) <= MOST_CASES:
            return scenario


def another(value, chance):
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        number = chance.choice(NUMBERS)
        return int(number) if isinstance(value, int) else float(number)
    if isinstance(value, dict) and value and all("-" in str(key) for key in value):
        # Who is on duty when.
        return {chance.choice(SPANS): chance.choice([0, 1, 1, 2, 30, 200])}
    if isinstance(value, list) and value and all(isinstance(each, int | float) for each in value):
        return [chance.choice([0.0, 0.01, 1.0, 100.0]) for _ in value]
    if isinstance(value, list) and value and all("-" in str(each) for each in value):
        return [chance.choice(SPANS)]
    return value


@pytest.mark.parametrize("part", range(4))
def test_both_engines_play_them_alike_and_come_to_an_end(part):
    longest, ended = (0.0, 0), {"finished": 0, "never": 0}
    for number in range(part, SCENARIOS, 4):
        scenario = extreme(number)
        office = registration_office(scenario)
        began = time.perf_counter()
        journeys = draw(office, seed=number)
        logs = []
        for engine in ("compiled", "process"):
            try:
                logs.append(play(office, journeys, engine))
            except NeverFinishesError as error:
                logs.append(error.args)
        if isinstance(logs[0], tuple) or isinstance(logs[1], tuple):
            ended["never"] += 1
            assert repr(logs[0]) == repr(logs[1]), number
        else:
            assert logs[0].differing_values(logs[1]) == 0, number
            measure(office, journeys, logs[0])
            ended["finished"] += 1
        longest = max(longest, (time.perf_counter() - began, number))
    print(f"part {part}: {ended}, the longest took {longest[0]:.2f} s (number {longest[1]})")
    assert longest[0] < SLOWEST
