"""What is to be said of an office with changes: what is wrong, and what is out of the ordinary."""

from __future__ import annotations

import re
from typing import Any

from sim.app import parts
from sim.briefing.mistakes import in_language
from sim.briefing.numbers import plain
from sim.briefing.saved import SavedError
from sim.briefing.words import Language, named, word
from sim.experiment.verdicts import NOTHING
from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.problems import Problem
from sim.office.scenario import dotted, implausible, scenario_as_dict
from sim.replicate.gather import UnitVanishedError
from sim.replicate.work import FaultError
from sim.replicate.workers import WorkersLostError

NOBODY = re.compile(r"staff\.(\w+)\.plan: nobody ever serves")
"""The one error that sliders can make on their own: it is said in words of its own."""
UNFINISHED = re.compile(r"([\d,]+) cases are not finished ([\d,]+) days after the last arrival \(([^)]*)\);")
AT = re.compile(r"([\d,]+) at ([\w-]+)")
FAILURES = (OSError, SavedError, UnitVanishedError, FaultError, WorkersLostError)
"""What may come of a disk that refuses, of files that somebody else removes or damages, or of a fault of ours."""


def wrong(problem: Problem, language: Language) -> str:
    """Return an error in a line, without file and line: sliders have none."""
    if found := NOBODY.match(problem.message):
        return word("app nobody", language, pool=parts.capital(named("pool", found[1], language)))
    return in_language(problem.message, language)


def why_not(why: str, language: Language) -> str:
    """Return why there are no figures of an office."""
    if why == NOTHING:
        return word("app no applicants", language)
    if (found := UNFINISHED.match(why)) is None:
        return why
    stages = [
        word("app overload at", language, stage=named("stage", stage, language), cases=cases)
        for cases, stage in AT.findall(found[3])
    ]
    where = word("list mark", language).join(stages) or word("app overload nowhere", language)
    return word("app overload", language, cases=found[1], days=found[2], where=where)


def failure(error: Exception, language: Language) -> str:
    """Return one of `FAILURES` in a line."""
    if isinstance(error, OSError):
        return word("app not written", language, why=error.strerror or type(error).__name__)
    return word("app failed", language, why=" ".join(str(error).split()))


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
