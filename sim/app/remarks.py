"""What is to be said of an office with changes: what is wrong, and what is out of the ordinary."""

from __future__ import annotations

import re
from typing import Any

from sim.app import parts
from sim.briefing.numbers import plain
from sim.briefing.words import Language, named, word
from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.problems import Problem
from sim.office.scenario import dotted, implausible, scenario_as_dict

NOBODY = re.compile(r"staff\.(\w+)\.plan: nobody ever serves")
"""The one error that sliders can make on their own; it is said in Chinese, too."""


def wrong(problem: Problem, language: Language) -> str:
    """Return an error in a line, without file and line: sliders have none."""
    if found := NOBODY.match(problem.message):
        return word("app nobody", language, pool=parts.capital(named("pool", found[1], language)))
    return problem.message


def unusual(scenario: Scenario, language: Language) -> list[str]:
    """Return a line for each value outside its plausible range."""
    known = {parameter.path: parameter for parameter in all_parameters()}
    full = scenario_as_dict(scenario)
    lines = []
    for path, text in implausible(scenario):
        parameter = known.get(dotted(path))
        if parameter is None or parameter.plausible is None:
            # Of a member of a list or a plan, whose range stands further up.
            lines.append(text)
            continue
        value: Any = full
        for step in path:
            value = value[step]
        low, high = (plain(end) for end in parameter.plausible)
        lines.append(word(
            "app unusual value", language, meaning=getattr(parameter, language), value=plain(value),
            low=low, high=high,
        ))  # fmt: skip
    return lines
