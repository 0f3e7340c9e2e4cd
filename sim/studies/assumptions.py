"""What may be otherwise in a scenario: each parameter with a plausible range."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Range
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.problems import ScenarioError, nearest
from sim.office.registration import registration_office
from sim.office.scenario import beside_the_point, scenario_as_dict, scenario_from_dict
from sim.results.assumptions import GIVEN, Assumption
from sim.studies.base import StudyError
from sim.text import Message

F64 = NDArray[np.float64]

WITHOUT_MEANING = re.compile(
    r"target\.|demand\.growth|.*cost_per_hour|.*overtime_factor|staff\..*\.(people|plan|on|midday_crew|roster|helps)\b|"
    r"demand\.surges|outages\."
)
"""Costs are no time; the target is the question; growth acts as the number of registrations does; who is on duty when
is the plan that is judged; surges and outages are what a scenario is about."""
FLATTENED = ("demand.month_index", "demand.weekday_index", "demand.half_hour_index")
"""Profiles of time: how far each is levelled, from 0, as in the scenario, to 1, flat."""
PROFILES = "phone.profiles"
TALK = "phone.profiles[].talk_seconds"
TALK_SECONDS = (120.0, 300.0)
"""Range of the mean over all callers; that of a single profile is wider."""
MOST_OF_STEP = 1440.0
"""Minutes that a service may take on average."""
SHARE_OF_CALLERS = "walk_in_share"
"""Of a profile: cannot be more than 1, whatever it is multiplied by."""
SOURCES, ELSEWHERE = ("article", "assumption", "computed"), "elsewhere"
"""Where a range is from, if not from a file: one of these, or other figures."""


class GivenRange(NamedTuple):
    """A range in place of the plausible one, and the name of the file that it is from."""

    low: float
    high: float
    file: str


def _put(full: dict[str, Any], of: Assumption, value: float) -> None:
    """Set a parameter in a scenario as a dict; its own value leaves everything as it is, to the last bit."""
    if value == of.value:
        return
    *way, last = of.parameter.split(".")
    if way[:1] == ["steps"]:
        # A scenario's steps are a list; a path names one of them.
        (inner,) = [step for step in full["steps"] if step["name"] == way[1]]
        for step in way[2:]:
            inner = inner[step]
        inner[last] = value
        return
    if of.parameter.startswith(PROFILES):
        for profile in full["phone"]["profiles"]:
            # Of profiles that are all 0 there is nothing to multiply.
            new = profile[last] * (value / of.value) if of.value else value
            profile[last] = min(new, 1.0) if last == SHARE_OF_CALLERS else new
        return
    inner = full
    for step in way:
        inner = inner[step]
    if of.parameter in FLATTENED:
        index = np.array(inner[last])
        inner[last] = ((1 - value) * index / index.mean() + value).tolist()
    else:
        inner[last] = round(value) if of.whole else value


def scenario_with(scenario: Scenario, values: Mapping[Assumption, float]) -> Scenario:
    """Return a scenario with other values of some assumptions.

    Raises
    ------
    ScenarioError
        If they are not possible together.
    """
    full = scenario_as_dict(scenario)
    for assumption, value in values.items():
        _put(full, assumption, value)
    return scenario_from_dict(full, scenario.name)


def scenario_at(scenario: Scenario, assumptions: Sequence[Assumption], parts: F64) -> Scenario:
    """Return the scenario at a point of the unit cube, each coordinate how far up its assumption's range.

    Raises
    ------
    StudyError
        If the values are not possible together.
    """
    values = {assumption: assumption.at(float(part)) for assumption, part in zip(assumptions, parts, strict=True)}
    try:
        return scenario_with(scenario, values)
    except ScenarioError as error:
        raise StudyError(
            Message("some of the ranges are not possible together in {scenario}: {why}", scenario=scenario.name,
                    why=error.problems[0].message)
        ) from error  # fmt: skip


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
        In the order of the table of parameters; unless they are named, without those that make no other office.
    left_out : tuple of str
        Paths of those with an end of their range at which the scenario is not possible.

    Raises
    ------
    StudyError
        With a line for each name that is not that of an assumption, or whose range is not possible; or if nothing is
        left.
    """
    ranges = ranges or {}
    found = list(all_assumptions(scenario, ranges))
    known = sorted(assumption.parameter for assumption in found)
    wrong = [
        Message("{name} is no assumption of {scenario}; {nearest}", name=name, scenario=scenario.name,
                nearest=nearest(name, known))
        for name in dict.fromkeys([*ranges, *names]) if name not in known
    ]  # fmt: skip
    if wrong:
        raise StudyError(*wrong)
    kept: dict[Assumption, list[Scenario]] = {}
    left_out = []
    for assumption in found:
        path = assumption.parameter
        if names and path not in names:
            continue
        try:
            kept[assumption] = [scenario_with(scenario, {assumption: end}) for end in assumption.ends]
        except ScenarioError as error:
            if path in (*names, *ranges):
                wrong.append(Message("{path}: its range is not possible in {scenario}: {why}", path=path,
                                     scenario=scenario.name, why=error.problems[0].message))  # fmt: skip
            left_out.append(path)
    if wrong:
        raise StudyError(*wrong)
    asked, office = {*names, *ranges}, registration_office(scenario)
    found = [
        of for of, ends in kept.items()
        if of.parameter in asked or not _all_alike(office, ends) or _makes_another_office(scenario, of, kept)
    ]  # fmt: skip
    if not found:
        raise StudyError(Message("{scenario} has no assumption that could be otherwise", scenario=scenario.name))
    return tuple(found), tuple(left_out)


def _all_alike(office: Office, scenarios: Iterable[Scenario]) -> bool:
    return all(alike(office, registration_office(scenario)) for scenario in scenarios)


def _makes_another_office(scenario: Scenario, of: Assumption, among: Iterable[Assumption]) -> bool:
    """Return whether an end of its range does with all others at their low, or all at their high ends."""
    others = [other for other in among if other is not of]
    for values in ({other: other.low for other in others}, {other: other.high for other in others}):
        try:
            office = registration_office(scenario_with(scenario, values))
            ends = [scenario_with(scenario, {**values, of: end}) for end in of.ends]
        except ScenarioError:
            # What is not possible together says nothing.
            return True
        if not _all_alike(office, ends):
            return True
    return False


def alike(one: Any, other: Any) -> bool:
    """Return whether two blocks of offices are the same in all their parts."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    # What has arrays in it, however deep, is not compared as a whole; the rest is, which is quicker by far.
    if is_dataclass(one) and type(one).__eq__ is object.__eq__:
        return all(alike(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)


def all_assumptions(scenario: Scenario, ranges: Mapping[str, GivenRange]) -> Iterator[Assumption]:
    """Yield whatever a range can be given of, possible in the scenario or not; `ranges` replace plausible ones."""
    full = scenario_as_dict(scenario)
    for parameter in all_parameters():
        path = parameter.path
        if (
            not parameter.plausible
            or WITHOUT_MEANING.match(path)
            or beside_the_point(full, tuple(path.split(".")), parameter)
        ):
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
    yield from _of_steps(scenario, ranges)


def _of_steps(scenario: Scenario, ranges: Mapping[str, GivenRange]) -> Iterator[Assumption]:
    """Yield what may be otherwise at the office's own steps: half as much to twice as much as the scenario says."""
    for step in scenario.steps:
        known = [("minutes.mean_minutes", "min", step.minutes.mean_minutes, MOST_OF_STEP, "service time", "办理时长")]
        if step.share < 1:
            known.append(("share", "share", step.share, 1.0, "share that takes it", "需经此环节的占比"))
        for last, unit, value, most, en, zh in known:
            if value > 0:
                path = f"steps.{step.name}.{last}"
                low, high = value / 2, min(2 * value, most)
                kind, source = "assumption", "assumption"
                if path in ranges:
                    (low, high, source), kind = ranges[path], GIVEN
                ends = min(low, value), max(high, value)
                yield Assumption(path, unit, f"{step.title.en}: {en}", f"{step.title.zh}：{zh}", source, kind, value,
                                 *ends, low, high, ends != (low, high), False)  # fmt: skip


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
    ends = min([low, *inside]), max([high, *inside])
    return Assumption(
        path, parameter.unit, parameter.en, parameter.zh, source, kind, value, *ends, low, high, ends != (low, high),
        whole,
    )  # fmt: skip
