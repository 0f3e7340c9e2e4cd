"""Scenarios from estimates: each value that was fitted in its place, or drawn from its interval."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.results.fitted import parameter_of
from sim.studies.calibrate.dependence import Dependent
from sim.studies.calibrate.intervals import F64, NORMAL
from sim.studies.calibrate.records import SHARE, Estimate, NotTold
from sim.text import N_

Path = tuple[str | int, ...]

CALLERS = {"name": "callers", "title": {"en": "All callers", "zh": "全部来电者"}, "share": 1.0, "advice_matters": True}
"""The one profile of callers that a log without their needs can tell."""
PROFILES = ("phone", "profiles")
VARIES = {"cv": "sample", "talk_cv": "talk_sample"}
"""Variations that act on a sample, where there is one."""
OFFERED = {
    "phone.offered": (("phone",), "phone.calls_per_application"),
    "filing.offered": (("filing", "studio"), "filing.assisted_share"),
}
"""What a parent may leave off: the steps whose rows show that it is there, and how many want it."""
TOO_HIGH = N_("{which} is {value}; a scenario can have {limit} at most, and takes both or neither of a distribution")
TOO_LOW = N_("{which} is {value}; a scenario can have {limit} at least, and takes both or neither of a distribution")
NOT_POSSIBLE = N_("{which} is {value}, which no scenario like the parent can have")
WHOLE = ("per_year", "until_waiting", "from_waiting")
"""Ends of the names of what is a whole number."""


def path_of(name: str) -> Path:
    """Return a dotted name as steps: ``demand.month_index[3]`` is ("demand", "month_index", 3)."""
    steps = (member or key for member, key in re.findall(r"\[([^\]]+)\]|([A-Za-z_][\w-]*)", name))
    return tuple(int(step) if step.isdigit() else step for step in steps)


def has(data: Any, path: Path) -> bool:
    """Say whether a scenario in full has a value at a path."""
    for step in path:
        if isinstance(step, int):
            if not (isinstance(data, list) and step < len(data)):
                return False
        elif not (isinstance(data, dict) and step in data):
            return False
        data = data[step]
    return True


def at(data: Any, path: Path) -> Any:
    """Return what is at a path of a scenario in full."""
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: Path, value: Any) -> None:
    """Set what is at a path of a scenario in full."""
    at(data, path[:-1])[path[-1]] = value


def fitted_scenario(
    parent: Scenario, estimates: Iterable[Estimate], changes: Mapping[str, Any], name: str, title: Mapping[str, str]
) -> Scenario:
    """Return a scenario with the estimated values, the rest as in its parent.

    Parameters
    ----------
    parent : Scenario
    estimates : iterable of Estimate
        Those whose name is no parameter of the scenario, or whose value no scenario can have, are passed over.
    changes : mapping of dotted name to value
        What is set besides: staffing, calendar, year, period.
    name : str
    title : mapping of language to text
    """
    data = scenario_as_dict(parent) | {"name": name, "title": dict(title)}
    _put_all(data, usable(parent, estimates))
    for path, value in changes.items():
        put(data, path_of(path), value)
    return scenario_from_dict(data, name)


def switched_on(parent: Scenario, steps: Iterable[str], duty: Mapping[str, Any]) -> tuple[Scenario, tuple[str, ...]]:
    """Return a parent that offers what a log has rows of, and the paths of what it did not offer by itself.

    Parameters
    ----------
    parent : Scenario
    steps : iterable of str
        Those that the log has rows of.
    duty : mapping of dotted name to value
        Who was seen at work at them: without these, nobody may be there for what the parent leaves off.

    Notes
    -----
    Where the parent says that nobody wants it, the default counts until it is fitted. What neither log nor parent has
    anybody for stays off.
    """
    whole, seen, on = scenario_as_dict(parent), set(steps), []
    for path, (shown, wanted) in OFFERED.items():
        if at(whole, path_of(path)) or seen.isdisjoint(shown):
            continue
        pools = tuple(f"staff.{POOL_OF_STAGE[step]}." for step in shown if step in seen)
        changes = {path: True} | {name: value for name, value in duty.items() if name.startswith(pools)}
        if not at(whole, path_of(wanted)):
            group, _, field = wanted.partition(".")
            changes[wanted] = type(getattr(parent, group)).model_fields[field].default
        with suppress(ScenarioError):
            parent = fitted_scenario(parent, (), changes, parent.name, parent.title.model_dump())
            on.append(path)
    return parent, tuple(on)


def usable(parent: Scenario, estimates: Iterable[Estimate]) -> list[Estimate]:
    """Return the estimates that a scenario can have, beside each other; of a distribution all or none."""
    whole = scenario_as_dict(parent)
    _put_all(whole, named := [each for each in estimates if not math.isnan(each.value)])
    found = [each for each in named if has(whole, path_of(each.name))]
    if _stands(parent, found):
        return found
    kept: list[Estimate] = []
    for estimate in found:
        if _stands(parent, [*kept, estimate]):
            kept.append(estimate)
    lost = {distribution_of(each.name) for each in found if each not in kept}
    # Without half of a distribution another value may be impossible that was possible beside it.
    return usable(parent, [each for each in kept if distribution_of(each.name) not in lost])


def not_possible(parent: Scenario, estimate: Estimate, estimates: Sequence[Estimate]) -> NotTold:
    """Return which value of a distribution no scenario can have, and which limit it breaks."""
    beside = [each for each in estimates if distribution_of(each.name) == distribution_of(estimate.name)]
    wrong = next((each for each in beside if not usable(parent, [each])), estimate)
    bounds = next((each.bounds for each in all_parameters() if each.path == parameter_of(wrong.name)), "")
    said = {"which": wrong.name, "value": wrong.value, "unit": wrong.unit}
    if found := re.fullmatch(r"between (\S+) and (\S+)", bounds):
        low, high = (float(end.replace(",", "")) for end in found.groups())
        if not low <= wrong.value <= high:
            why, limit = (TOO_HIGH, high) if wrong.value > high else (TOO_LOW, low)
            return NotTold(estimate.name, why, {**said, "limit": limit})
    return NotTold(estimate.name, NOT_POSSIBLE, said)


def distribution_of(name: str) -> str:
    """Return what mean, or median, and variation of the same times have in common; else the name."""
    return re.sub(r"(\.mean_minutes|\.mean_hours|\.median_hours|\.cv|\.shape|_seconds|_cv)$", "", name)


def _stands(parent: Scenario, estimates: Sequence[Estimate]) -> bool:
    """Say whether a scenario with these values can be loaded."""
    data = scenario_as_dict(parent)
    _put_all(data, estimates)
    try:
        scenario_from_dict(data)
    except ScenarioError:
        return False
    return True


def _put_all(data: dict[str, Any], estimates: Sequence[Estimate]) -> None:
    """Set what a scenario in full has a place for."""
    if any(path_of(estimate.name)[:2] == PROFILES for estimate in estimates):
        data["phone"]["profiles"] = [_one_profile(data["phone"]["profiles"])]
    for estimate in estimates:
        path = path_of(estimate.name)
        if has(data, path):
            whole = isinstance(at(data, path), int) and estimate.name.endswith(WHOLE)
            put(data, path, max(round(estimate.value), 1) if whole else _rounded(estimate.value))


def _one_profile(profiles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the profile of all callers: the mean of the profiles, until the log says otherwise."""
    keys = ("talk_seconds", "talk_cv", "patience_seconds", "patience_shape", "walk_in_share")
    mean = {key: _rounded(sum(each["share"] * each[key] for each in profiles)) for key in keys}
    # Of several kinds there is no sample that is that of all.
    samples = {key: profiles[0][key] if len(profiles) == 1 else None for key in ("talk_sample", "patience_sample")}
    return {**CALLERS, **mean, **samples, "hangs_up": any(each["hangs_up"] for each in profiles)}


def _rounded(value: float) -> float:
    """Return a value with six digits: more than any log can tell, and short enough to be read."""
    return float(f"{value:.6g}")


@dataclass(frozen=True, eq=False)
class JointFit:
    """The offices that a fit leaves possible.

    Attributes
    ----------
    scenario : Scenario
        With the estimates in it.
    known : tuple of Estimate
        Those that are drawn.
    root : (known, known) float64
        Of their correlations.

    Notes
    -----
    A normal copula: each estimate is normal on the log scale where its interval is above 0 (shares on that of the log
    odds), each side by itself, so that the interval of 95 % is met, and they are correlated as the fits say.
    """

    scenario: Scenario
    known: tuple[Estimate, ...]
    root: F64

    @classmethod
    def of(cls, scenario: Scenario, estimates: Iterable[Estimate], dependence: Iterable[Dependent] = ()) -> JointFit:
        """Return that of some estimates.

        Parameters
        ----------
        scenario : Scenario
        estimates : iterable of Estimate
            Those without an interval, or that the scenario has no parameter for, stay as they are.
        dependence : iterable of Dependent
            Pairs of them that are not independent.
        """
        whole = scenario_as_dict(scenario)
        known = tuple(
            each for each in estimates if each.known and each.low < each.high and has(whole, path_of(each.name))
        )
        return cls(scenario, known, root_of(known, dependence))

    def normals(self, generator: np.random.Generator) -> F64:
        """Return how far each estimate is off in one office, in standard errors, shape (known,)."""
        return np.asarray(self.root @ generator.standard_normal(len(self.known)))

    def office(self, normals: F64) -> Scenario:
        """Return the office with estimates that are so far off."""
        drawn = [
            replace(each, value=_drawn(each, float(normal))) for each, normal in zip(self.known, normals, strict=True)
        ]
        try:
            return _with(self.scenario, drawn)
        except ScenarioError:
            # A value beyond what an office can have stays what was fitted; the others are drawn all the same.
            return _with(self.scenario, usable(self.scenario, drawn))


def root_of(known: Sequence[Estimate], dependence: Iterable[Dependent]) -> F64:
    """Return the root of the correlations of some estimates, shape (known, known)."""
    place = {each.name: number for number, each in enumerate(known)}
    correlation = np.eye(len(known))
    for pair in dependence:
        if pair.first in place and pair.second in place:
            one, other = place[pair.first], place[pair.second]
            correlation[one, other] = correlation[other, one] = pair.correlation
    if (correlation == np.eye(len(known))).all():
        return correlation
    # What was put together pair by pair may be no correlation of all; the nearest that is has the same vectors.
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))


def varied_scenarios(scenario: Scenario, estimates: Sequence[Estimate], seed: int) -> Callable[[int], Scenario]:
    """Return a function from the number of a replication to an office that the fit leaves possible.

    Parameters
    ----------
    scenario : Scenario
        With the estimates in it.
    estimates : sequence of Estimate
    seed : int

    Notes
    -----
    A month that the log does not have is taken for one of the twelve: with as much spread as there is among them. Each
    is drawn by itself: estimates of one log depend on each other a little, and that is not in it.
    """
    joint = JointFit.of(scenario, _with_months(scenario, estimates))
    return lambda replication: joint.office(joint.normals(np.random.default_rng([seed, replication])))


def _with(scenario: Scenario, estimates: Sequence[Estimate]) -> Scenario:
    data = scenario_as_dict(scenario)
    for estimate in estimates:
        value = estimate.value
        path = path_of(estimate.name)
        put(data, path, max(round(value), 1) if estimate.name.endswith(WHOLE) else value)
        beside = at(data, path[:-1]).get(VARIES.get(str(path[-1]), "")) if isinstance(path[-1], str) else None
        if beside is not None:
            beside["minutes"] = with_variation(beside["minutes"], value)
    return scenario_from_dict(data, scenario.name)


def with_variation(times: Sequence[float], cv: float) -> list[float]:
    """Return times with another coefficient of variation: raised to a power, so that they stay in their order.

    As near to it as powers from a quarter to four come; how long they are says the mean beside them.
    """
    relative = np.asarray(times, np.float64) / max(times)
    low, high = 0.25, 4.0
    for _ in range(40):
        power = math.sqrt(low * high)
        powered = relative**power
        low, high = (power, high) if powered.std() < cv * powered.mean() else (low, power)
    return [float(time) for time in powered * max(times)]


def _with_months(scenario: Scenario, estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return the estimates with an interval for each month that the log does not have."""
    months = np.array([index for index in scenario.demand.month_index if index > 0])
    factor = math.exp(NORMAL * float(np.log(months).std(ddof=1)))
    return [
        replace(each, low=each.value / factor, high=each.value * factor)
        if each.index == "demand.month_index" and not each.known else each
        for each in estimates
    ]  # fmt: skip


def _drawn(estimate: Estimate, normal: float) -> float:
    """Return a value whose 95 % are the interval, each side by itself."""
    end = estimate.high if normal > 0 else estimate.low
    value, reach = estimate.value, abs(normal) / NORMAL
    if estimate.unit == SHARE and 0 < value < 1:
        if 0 < end < 1:
            odds = math.log(value / (1 - value))
            return 1 / (1 + math.exp(-(odds + reach * (math.log(end / (1 - end)) - odds))))
        return min(max(value + reach * (end - value), 0.0), 1.0)
    if value > 0 and end > 0:
        return float(value * (end / value) ** reach)
    return max(value + reach * (end - value), 0.0)
