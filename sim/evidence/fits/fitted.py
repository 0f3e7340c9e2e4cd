"""A scenario from estimates: each value that was fitted in its place, and its source beside it in the file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sim.evidence.fits.estimates import Estimate
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict

Path = tuple[str | int, ...]

CALLERS = {"name": "callers", "title": {"en": "All callers", "zh": "全部来电者"}, "share": 1.0, "advice_matters": True}
"""The one profile of callers that a log without their needs can tell."""
PROFILES = ("phone", "profiles")


def path_of(name: str) -> Path:
    """Return a dotted name as steps: ``demand.month_index[3]`` is ("demand", "month_index", 3)."""
    steps: list[str | int] = []
    for key, number in re.findall(r"([A-Za-z_][\w-]*)|\[(\d+)\]", name):
        steps.append(key or int(number))
    return tuple(steps)


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


def put(data: Any, path: Path, value: Any) -> None:
    """Set what is at a path of a scenario in full."""
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


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
    estimates = usable(parent, estimates)
    _put_all(data, estimates)
    for path, value in changes.items():
        put(data, path_of(path), value)
    return scenario_from_dict(data, name)


def usable(parent: Scenario, estimates: Iterable[Estimate]) -> list[Estimate]:
    """Return the estimates that a scenario can have, beside each other."""
    whole = scenario_as_dict(parent)
    _put_all(whole, named := [each for each in estimates if each.value == each.value])
    found = [each for each in named if has(whole, path_of(each.name))]
    if _stands(parent, found):
        return found
    kept: list[Estimate] = []
    for estimate in found:
        if _stands(parent, [*kept, estimate]):
            kept.append(estimate)
    return kept


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
        if has(data, path_of(estimate.name)):
            whole = isinstance(_at(data, path_of(estimate.name)), int) and estimate.name.endswith("per_year")
            put(data, path_of(estimate.name), max(round(estimate.value), 1) if whole else _rounded(estimate.value))


def _one_profile(profiles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the profile of all callers: the mean of the profiles, until the log says otherwise."""
    keys = ("talk_seconds", "talk_cv", "patience_seconds", "walk_in_share")
    mean = {key: _rounded(sum(each["share"] * each[key] for each in profiles)) for key in keys}
    return {**CALLERS, **mean}


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _rounded(value: float) -> float:
    """Return a value with six digits: more than any log can tell, and short enough to be read."""
    return float(f"{value:.6g}")


def source_of(estimate: Estimate) -> str:
    """Return what a fitted value rests on, in one line."""
    return (
        f"fitted: {estimate.method}, n = {estimate.n:,}, 95 % {_short(estimate.low)} to {_short(estimate.high)}"
        if estimate.known
        else f"fitted: {estimate.method}, n = {estimate.n:,}"
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def as_yaml(scenario: Scenario, sources: Mapping[str, str], head: Sequence[str]) -> str:
    """Return a scenario in full as a file that can be run, with the source of each fitted value at its line.

    Parameters
    ----------
    scenario : Scenario
    sources : mapping of dotted name to text
        Those of the members of a list stand at the list, once.
    head : sequence of str
        Lines that the file begins with.
    """
    # Through JSON, so that nothing is anything but a plain value.
    tree = _commented(json.loads(json.dumps(scenario_as_dict(scenario))), (), _by_place(sources))
    text = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 4096
    yaml.dump(tree, text)
    return "".join(f"# {line}\n" for line in head) + text.getvalue()


def _by_place(sources: Mapping[str, str]) -> dict[Path, str]:
    """Return the sources by where they stand: at the value, or at the list that it is in."""
    found: dict[Path, str] = {}
    for name, text in sources.items():
        path = path_of(name)
        if isinstance(path[-1], int):
            found[path[:-1]] = text.split(", 95 %")[0] + ", intervals in estimates.csv"
        else:
            found[path] = text
    return found


def _commented(value: Any, path: Path, sources: Mapping[Path, str]) -> Any:
    if isinstance(value, dict):
        made = CommentedMap()
        for key, inner in value.items():
            made[key] = _commented(inner, (*path, key), sources)
            if (*path, key) in sources:
                made.yaml_add_eol_comment(sources[*path, key], key)
        return made
    if isinstance(value, list):
        row = CommentedSeq([_commented(inner, (*path, number), sources) for number, inner in enumerate(value)])
        if not any(isinstance(inner, dict) for inner in value):
            row.fa.set_flow_style()
        return row
    return value
