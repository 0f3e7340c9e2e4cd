"""The assumptions of a scenario: every parameter with a plausible range, one dimension each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.office.parameters import Scenario
from sim.office.parameters.fields import Range
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.problems import ScenarioError, nearest
from sim.office.scenario import scenario_as_dict, scenario_from_dict

F64 = NDArray[np.float64]

WITHOUT_MEANING = re.compile(
    r"target\.|demand\.growth|.*cost_per_hour|staff\..*\.(plan|on|midday_crew|roster|helps)\b|demand\.surges|outages\."
)
"""Costs are no time; the target is the question; growth acts as the number of registrations does; who is on duty when
is the plan that is judged; surges and outages are what a scenario is about."""
FLATTENED = ("demand.month_index", "demand.weekday_index", "demand.half_hour_index")
"""Profiles of time: how far each is levelled, from 0, as in the scenario, to 1, flat."""
PROFILES = "phone.profiles"
TALK = "phone.profiles[].talk_seconds"
TALK_SECONDS = (120.0, 300.0)
"""Range of the mean over all callers; that of a single profile is wider."""
SHARE_OF_CALLERS = "walk_in_share"
"""Of a profile: cannot be more than 1, whatever it is multiplied by."""
SOURCES = ("article", "assumption", "computed")
ELSEWHERE, GIVEN = "elsewhere", "given"
"""Where a range is from: one of `SOURCES`, other figures, or a file of ranges."""


class SensitivityError(ValueError):
    """What was asked for has no answer; each of `args` is a line that says why."""


class GivenRange(NamedTuple):
    """A range in place of the plausible one, and the name of the file that it is from."""

    low: float
    high: float
    file: str


@dataclass(frozen=True)
class Assumption:
    """A parameter that may be otherwise.

    Attributes
    ----------
    path : str
        Dotted path in the scenario; ``[]`` stands for all caller profiles, multiplied alike.
    value : float
        In the scenario. Of caller profiles the mean over all callers; of a profile of time 0. Infinite if the
        scenario has no number, which is as many as anybody wants.
    low, high : float
        What it may be; made wider by the scenario's own value if that is outside.
    plausible : (low, high) of float
        Before that.
    whole : bool
        Whether it is a whole number.
    unit, en, zh, source : str
        As in the table of parameters; the source of a given range is the name of its file.
    kind : str
        Where the range is from: "article", "assumption", "computed", "elsewhere" or "given".
    """

    path: str
    value: float
    low: float
    high: float
    plausible: Range
    whole: bool
    unit: str
    en: str
    zh: str
    source: str
    kind: str

    @property
    def extended(self) -> bool:
        """Whether the scenario's own value is outside the plausible range."""
        return (self.low, self.high) != self.plausible

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends of the range that are not the scenario's own value."""
        return tuple(end for end in (self.low, self.high) if end != self.value)

    def at(self, part: float) -> float:
        """Return the value that far up the range: 0 = low, 1 = high."""
        value = self.low + (self.high - self.low) * part
        return float(round(value)) if self.whole else value

    def put(self, full: dict[str, Any], value: float) -> None:
        """Set the parameter in a scenario as a dict; its own value leaves everything as it is, to the last bit."""
        if value == self.value:
            return
        *way, last = self.path.split(".")
        if self.path.startswith(PROFILES):
            for profile in full["phone"]["profiles"]:
                # Of profiles that are all 0 there is nothing to multiply.
                new = profile[last] * (value / self.value) if self.value else value
                profile[last] = min(new, 1.0) if last == SHARE_OF_CALLERS else new
            return
        inner = full
        for step in way:
            inner = inner[step]
        if self.path in FLATTENED:
            index = np.array(inner[last])
            inner[last] = ((1 - value) * index / index.mean() + value).tolist()
        else:
            inner[last] = round(value) if self.whole else value


def scenario_with(scenario: Scenario, values: Mapping[Assumption, float]) -> Scenario:
    """Return a scenario with other values of some assumptions.

    Raises
    ------
    ScenarioError
        If they are not possible together.
    """
    full = scenario_as_dict(scenario)
    for assumption, value in values.items():
        assumption.put(full, value)
    return scenario_from_dict(full, scenario.name)


def scenario_at(scenario: Scenario, assumptions: Sequence[Assumption], parts: F64) -> Scenario:
    """Return the scenario at a point of the unit cube, each coordinate how far up its assumption's range.

    Raises
    ------
    SensitivityError
        If the values are not possible together.
    """
    values = {assumption: assumption.at(float(part)) for assumption, part in zip(assumptions, parts, strict=True)}
    try:
        return scenario_with(scenario, values)
    except ScenarioError as error:
        text = error.problems[0].message
        raise SensitivityError(f"some of the ranges are not possible together in {scenario.name}: {text}") from error


def assumptions_of(
    scenario: Scenario, ranges: Mapping[str, GivenRange] | None = None, names: Collection[str] = ()
) -> tuple[tuple[Assumption, ...], tuple[str, ...]]:
    """Return what may be otherwise in a scenario, and what may not.

    Parameters
    ----------
    scenario : Scenario
    ranges : mapping of path to GivenRange, optional
        In place of the plausible ranges of these parameters.
    names : collection of str
        Paths; only these, all if there are none.

    Returns
    -------
    assumptions : tuple of Assumption
        In the order of the table of parameters.
    left_out : tuple of str
        Paths of those with an end of their range at which the scenario is not possible.

    Raises
    ------
    SensitivityError
        With a line for each name that is not that of an assumption, or whose range is not possible; or if nothing is
        left.
    """
    ranges = ranges or {}
    found = list(all_assumptions(scenario, ranges))
    known = sorted(assumption.path for assumption in found)
    wrong = [f"{name} is no assumption of {scenario.name}; {nearest(name, known)}"
             for name in dict.fromkeys([*ranges, *names]) if name not in known]  # fmt: skip
    if wrong:
        raise SensitivityError(*wrong)
    kept, left_out = [], []
    for assumption in found:
        if names and assumption.path not in names:
            continue
        try:
            for end in assumption.ends:
                scenario_with(scenario, {assumption: end})
            kept.append(assumption)
        except ScenarioError as error:
            if assumption.path in (*names, *ranges):
                text = error.problems[0].message
                wrong.append(f"{assumption.path}: its range is not possible in {scenario.name}: {text}")
            left_out.append(assumption.path)
    if wrong:
        raise SensitivityError(*wrong)
    if not kept:
        raise SensitivityError(f"{scenario.name} has no assumption that could be otherwise")
    return tuple(kept), tuple(left_out)


def all_assumptions(scenario: Scenario, ranges: Mapping[str, GivenRange]) -> Iterator[Assumption]:
    """Yield whatever a range can be given of, possible in the scenario or not; `ranges` replace plausible ones."""
    full = scenario_as_dict(scenario)
    for parameter in all_parameters():
        path = parameter.path
        if not parameter.plausible or WITHOUT_MEANING.match(path):
            continue
        plausible: Range = (float(parameter.plausible[0]), float(parameter.plausible[1]))
        if path in FLATTENED:
            index = _found(full, path)
            if len(set(index)) > 1:
                yield _assumption(parameter, 0.0, (0.0, 1.0), False, ranges)
        elif path.startswith(PROFILES):
            profiles, key = full["phone"]["profiles"], path.split(".")[-1]
            mean = sum(profile["share"] * profile[key] for profile in profiles)
            yield _assumption(parameter, mean, TALK_SECONDS if path == TALK else plausible, False, ranges)
        else:
            value = _found(full, path)
            whole = isinstance(value, int) or value is None
            yield _assumption(parameter, np.inf if value is None else float(value), plausible, whole, ranges)


def _found(full: dict[str, Any], path: str) -> Any:
    value: Any = full
    for step in path.split("."):
        value = value[step]
    return value


def _assumption(
    parameter: Parameter, value: float, plausible: Range, whole: bool, ranges: Mapping[str, GivenRange]
) -> Assumption:
    path, source = parameter.path, parameter.source
    kind = next((kind for kind in SOURCES if source.startswith(kind)), ELSEWHERE)
    low, high = plausible
    if path in ranges:
        (low, high, source), kind = ranges[path], GIVEN
    inside = [value] if np.isfinite(value) else []
    return Assumption(
        path, value, min([low, *inside]), max([high, *inside]), (low, high), whole, parameter.unit, parameter.en,
        parameter.zh, source, kind,
    )  # fmt: skip
