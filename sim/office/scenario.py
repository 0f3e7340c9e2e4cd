"""Scenario files: read, joined with their parents, checked; all errors at once, each with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sim import program
from sim.office.checked import CheckedFile, members_of
from sim.office.parameters import Scenario
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.parameters.stages import MISSING_POOL, NO_SUCH_POOL, no_such_pool, unknown_stages
from sim.office.problems import Problem, ScenarioError, about, nearest, shown
from sim.office.samples import fill_samples
from sim.office.size import large, surely_small
from sim.office.workdays import holidays_unknown
from sim.office.yaml_tree import START, KeyPath, Node, dotted
from sim.text import N_, Message

BASELINE = "baseline-2023"
"""The scenario that is listed first: the others are compared with it."""
EXTENDS = "extends"
SUFFIX = ".yaml"
MOST_GENERATIONS = 10
OWN = ("name", "title", EXTENDS)
"""What a file says for itself and does not take from its parent."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Of a scenario that another file names."""
NO_SCENARIO = N_("a scenario must be a mapping (lines of 'key: value'), not {value}")
BESIDE_A_PLAN = ("on", "midday_crew")
ON_DUTY = ("people", "plan", "roster")
"""Ways to say who is on duty when: one takes the place of the others."""
OF_A_FAMILY = {
    "cv": "sample", "shape": "sample", "talk_cv": "talk_sample", "patience_shape": "patience_sample",
}  # fmt: skip
"""What says nothing beside a sample, and the sample."""
NO_EFFECT = N_("has no effect, since {pool} work by a roster; give one or the other")
ARTICLES = N_(
    "extends nothing, so all that it does not say is the article's office; for one of your own write 'extends: blank'"
)
BESIDE_PEOPLE = N_("has no effect beside people; give one or the other")
NOBODY = N_("must have at least 1 line; for nobody write people: 0")
EMPTY = N_("the file is empty; begin with 'name: {name}' and a title")


BLANK = "blank"
"""The neutral scenario that an office of one's own extends; it is nobody's, and not run with the others."""


def load_scenario_file(path: str | Path) -> Scenario:
    """Read a scenario file and its parents.

    Parameters
    ----------
    path : str or pathlib.Path
        A YAML file; the parent that it `extends` is in the same folder, or a shipped one.

    Returns
    -------
    Scenario
        With `warnings` for values outside their plausible range.

    Raises
    ------
    ScenarioError
        With all that is wrong, in this file and its parents.
    """
    path = Path(path)
    problems: list[Problem] = []
    file = CheckedFile(path, _family_tree(path, [], problems), problems)
    form = file.form(Scenario)
    if unknown := list(_unknown_pools(file.root)):
        known = MISSING_POOL, NO_SUCH_POOL
        problems[:] = [each for each in problems if each.what.template not in known] + unknown
    problems += _unknown_stages(file.root)
    # The neutral office is not what is wrong.
    problems[:] = [
        Problem(str(path), *START, each.what, each.path) if Path(each.file).stem == BLANK != path.stem else each
        for each in problems
    ]  # fmt: skip
    scenario = file.checked(form)
    found = [(file.root.find(at), what) for at, what in implausible(scenario)]
    # What the neutral office has is nobody's.
    scenario._warnings = tuple(
        node.problem(what) for (node, there), what in found if there and Path(node.file).stem != BLANK
    )
    if holidays_unknown(scenario.year):
        what = Message(
            "year: the public holidays of {year} are not known yet; Monday to Friday are taken as worked, but for "
            "calendar.remove_working_days, and weekends in calendar.add_working_days are", year=scenario.year,
        )  # fmt: skip
        scenario._warnings = (file.root.find(("year",))[0].problem(what), *scenario._warnings)
    if not {"staff", "demand"} & file.root.value.keys():
        what = Message(ARTICLES)
        scenario._warnings = (Problem(str(path), *START, what), *scenario._warnings)
    return scenario


def inherited(path: str | Path) -> list[Parameter]:
    """Return the parameters that a file in which nothing is wrong takes from `blank`, or the defaults, unsaid."""
    root = _family_tree(Path(path), [], [])
    found = []
    for parameter in all_parameters():
        at: KeyPath = tuple(step.removesuffix("[]") for step in parameter.path.split("[].")[0].split("."))
        node, there = root.find(at)
        while not there and len(at) > 1 and not isinstance(node.value, dict):
            # What a list or another value has in its place says all of it.
            node, there = root.find(at := at[:-1])
        said = there and Path(node.file).stem != BLANK
        if parameter.source and not said:
            found.append(parameter)
    return found


def scenario_from_dict(data: Mapping[str, Any], source: str = "scenario") -> Scenario:
    """Return the scenario that a mapping describes, such as one from `scenario_as_dict`, checked like a file.

    Raises
    ------
    ScenarioError
        With all that is wrong; there are no lines, so each names the parameter only.
    """
    nowhere = CheckedFile(Path(source), Node(source, (1, 1), {}))
    return nowhere.checked(nowhere.form(Scenario, dict(data)))


def scenario_as_dict(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario in full, defaults included, as what JSON can hold."""
    return scenario.model_dump(mode="json", by_alias=True)


def implausible(scenario: Scenario) -> list[tuple[KeyPath, Message]]:
    """Return the path and a message for values outside their plausible range, and hours that count for nothing."""
    known = {parameter.path: parameter for parameter in all_parameters()}
    found = []
    full = scenario_as_dict(scenario)
    for path, number, parameter in _numbers(full, (), None, known):
        low, high = parameter.plausible or (number, number)
        # Nobody chose how many call where there is no phone, or a midday crew that follows from the plan.
        if (path[0] == "phone" and not scenario.phone.offered) or (
            path[-1] == "midday_crew" and scenario.staff.midday.by_plan
        ):
            continue
        if not low <= number <= high and not beside_the_point(full, path, parameter):
            range_of = {"value": number, "low": low, "high": high}
            what = Message("{value:,.10g} is outside the plausible range {low:,.10g} to {high:,.10g} ({source})",
                           source=Message(parameter.source), **range_of)  # fmt: skip
            if not parameter.source:
                what = Message("{value:,.10g} is outside the plausible range {low:,.10g} to {high:,.10g}", **range_of)
            found.append((path, about(dotted(path), what)))
    hours = scenario.hours
    for place, (begin, end) in enumerate(hours.counted):
        if not any(begin < closes and end > opens for opens, closes in (*hours.office, *hours.review)):
            at: KeyPath = ("hours", "counted", place)
            what = Message("hall and review are closed then, so that no waiting counts towards the licence time")
            found.append((at, about(dotted(at), what)))
    if not surely_small(full) and (much := large(scenario)) is not None:
        found.append((("demand",), about("demand", much)))
    return found


def beside_the_point(full: Mapping[str, Any], path: KeyPath, parameter: Parameter) -> bool:
    """Say whether a plausible range says nothing of a scenario in full.

    What is usual in the article's office says nothing of another, and the variation of a sample is its own.
    """
    if full["whose"] == "own" and parameter.source.startswith("article"):
        return True
    if path[-1] not in OF_A_FAMILY:
        return False
    duration: Any = full
    for step in path[:-1]:
        duration = duration["profiles"][0] if step == "profiles[]" else duration[step]
    return isinstance(duration, dict) and duration.get(OF_A_FAMILY[str(path[-1])]) is not None


def _numbers(
    value: Any, path: KeyPath, parameter: Parameter | None, known: Mapping[str, Parameter]
) -> Iterator[tuple[KeyPath, float, Parameter]]:
    """Yield the numbers in a resolved scenario with the parameter that each belongs to."""
    parameter = known.get(re.sub(r"\[\d+\]", "[]", dotted(path)), parameter)
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*path, step), parameter, known)
    elif isinstance(value, int | float) and not isinstance(value, bool) and parameter is not None:
        yield path, value, parameter


def _family_tree(path: Path, children: list[Path], problems: list[Problem]) -> Node:
    """Return the tree of a file merged into that of its parent."""
    try:
        file = CheckedFile.read(path, NO_SCENARIO, EMPTY)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    file.check_name()
    problems += file.problems
    root = file.root
    fill_samples(root, path, problems)
    parent = root.value.pop(EXTENDS, None)
    above = None if parent is None else _parent_path(parent, path, [*children, path], problems)
    if above is None:
        problems += _without_effect(None, root)
        return root
    base = _family_tree(above, [*children, path], problems)
    # Who changes the staff says anew where it is from.
    for key in (*OWN, *(["staffing"] if "staff" in root.value else [])):
        base.value.pop(key, None)
    problems += _without_effect(base, root)
    return merged(base, root)


def _unknown_pools(root: Node) -> Iterator[Problem]:
    """Yield the pools that steps name and that are none, and those that no step names, whatever else is wrong."""
    steps, _ = root.find(("steps",))
    staff, there = root.find(("staff",))
    given = staff.value if there and isinstance(staff.value, dict) else {}
    pools, named_by_steps = {*POOL_OF_STAGE.values(), *given}, set[str]()
    for place, step in enumerate(steps.value if isinstance(steps.value, list) else ()):
        pool, named = step.find(("pool",))
        named_by_steps |= {pool.value} if named and isinstance(pool.value, str) else set()
        if named and isinstance(pool.value, str) and pool.value not in pools:
            yield pool.problem("there is no pool {pool}; describe it below staff, or name one: {names}",
                               f"steps[{place}].pool", pool=shown(pool.value),
                               names=", ".join(sorted(pools - {"midday"})))  # fmt: skip
    for name, node in given.items():
        if name not in {"midday", *POOL_OF_STAGE.values(), *named_by_steps}:
            yield node.problem(no_such_pool(name, named_by_steps), dotted(("staff", name)))


def _unknown_stages(root: Node) -> Iterator[Problem]:
    """Yield the stages that are named somewhere and are none, whatever else is wrong with the file."""

    def inside(node: Node, *way: str) -> Iterator[tuple[Node, KeyPath]]:
        """Yield the entries of a list at the end of a way, `*` in which stands for all members."""
        level: list[tuple[Node, KeyPath]] = [(node, ())]
        for step in way:
            level = [
                (inner, (*at, key)) for one, at in level if isinstance(one.value, dict)
                for key, inner in one.value.items() if step in ("*", key)
            ]  # fmt: skip
        for one, at in level:
            if isinstance(one.value, list):
                yield from ((entry, (*at, place)) for place, entry in enumerate(one.value))

    own = [entry.find(("name",))[0].value for entry, _ in inside(root, "steps")]
    named: dict[KeyPath, Node] = {}
    for way in (("outages", "given"), ("outages", "drawn"), ("priorities",), ("pace",), ("staff", "*", "helps")):
        for entry, at in inside(root, *way):
            stage, there = entry.find(("stage",))
            if there and isinstance(stage.value, str):
                named[*at, "stage"] = stage
    named |= {at: entry for entry, at in inside(root, "newest_first") if isinstance(entry.value, str)}
    wrong = unknown_stages(
        filter(lambda name: isinstance(name, str), own), ((at, of.value) for at, of in named.items())
    )
    for at, what in wrong:
        yield named[at].problem(what, dotted(at))


def _without_effect(base: Node | None, over: Node) -> Iterator[Problem]:
    """Yield what is wrong with numbers on duty where people or a roster, here or in the parent, say who is there."""
    staff = over.value.get("staff") if isinstance(over.value, dict) else None
    for pool, node in staff.value.items() if staff is not None and isinstance(staff.value, dict) else ():
        if not isinstance(node.value, dict):
            continue
        # A scenario in full says of each that it is empty.
        own = [key for key in ON_DUTY if key in node.value and node.value[key].value]
        if not own and "roster" in node.value and not {"plan", "people"} & node.value.keys():
            yield node.value["roster"].problem(NOBODY, dotted(("staff", pool, "roster")))
        people, there = base.find(("staff", pool, "people")) if base is not None else (over, False)
        inherited = there and people.value is not None
        said = [key for key in ON_DUTY if key in node.value and node.value[key].value is not None]
        by_people = "people" in said or (inherited and not said)
        roster, there = over.find(("staff", pool, "roster"))
        if not said and base is not None:
            roster, there = base.find(("staff", pool, "roster"))
        other = [key for key in own if key != ("people" if by_people else "roster")]
        # Of a file's own, what is at a default is no contradiction.
        beside = [key for key in BESIDE_A_PLAN if key in node.value]
        beside = [key for key in beside if not said or node.value[key].value not in ({}, 1)]
        for key in (*other, *beside) if by_people or (there and roster.value) else ():
            what = BESIDE_PEOPLE if by_people else NO_EFFECT
            yield node.value[key].problem(what, dotted(("staff", pool, key)), at_key=True, pool=pool)


def _parent_path(parent: Node, path: Path, family: list[Path], problems: list[Problem]) -> Path | None:
    """Return the parent's file, None (and a problem) if there is none."""
    wanted = parent.value
    if not isinstance(wanted, str) or not wanted:
        wrong = parent.problem("must be the name of a scenario in this folder or a shipped one, not {value}", EXTENDS,
                               value=shown(wanted))  # fmt: skip
    elif not NAME.fullmatch(wanted):
        wrong = parent.problem("{name} is no name of a scenario; the parent must be in the same folder or a shipped "
                               "one", EXTENDS, name=shown(wanted))  # fmt: skip
    elif (file := _parent_file(path, parent)) in family:
        circle = " -> ".join(member.stem for member in [*family[family.index(file) :], file])
        wrong = parent.problem("goes round in a circle ({names}); one of them must not extend another", EXTENDS,
                               names=circle)  # fmt: skip
    elif not file.is_file():
        folders = path.parent, program.shipped() / program.SCENARIOS
        known = sorted({of.stem for each in folders for of in each.glob(f"*{SUFFIX}") if of.is_file()} - {path.stem})
        wrong = parent.problem("there is no scenario {name} in this folder, nor a shipped one; {end}", EXTENDS,
                               name=shown(file.stem), end=nearest(file.stem, known))  # fmt: skip
    elif len(family) > MOST_GENERATIONS:
        wrong = parent.problem("more than {number} generations; extend a scenario nearer to the root", EXTENDS,
                               number=MOST_GENERATIONS)  # fmt: skip
    else:
        return file
    problems.append(wrong)
    return None


def parent_of(file: Path) -> Path | None:
    """Return the file of the scenario that one extends; None if it extends none, or cannot be read."""
    node = _extends(file)
    return None if node is None else _parent_file(file, node)


def link_above(file: Path) -> Problem | None:
    """Return what is wrong with a scenario if one of its parents is a link, None if none is."""
    family: set[Path] = set()
    while file not in family and (node := _extends(file)) is not None:
        family.add(file)
        file = _parent_file(file, node)
        if file.is_symlink():
            return node.problem("{name} is a link, which is not followed; copy the file into the folder", EXTENDS,
                                name=shown(file.stem))  # fmt: skip
    return None


def _parent_file(file: Path, extends: Node) -> Path:
    """Return the file that a scenario extends: beside it, or else as shipped; beside it if there is none."""
    beside = file.parent / f"{extends.value.removesuffix(SUFFIX)}{SUFFIX}"
    if os.path.lexists(beside):
        return beside
    shipped = program.shipped() / program.SCENARIOS / beside.name
    return shipped if shipped.is_file() else beside


def _extends(file: Path) -> Node | None:
    """Return what a file extends, None if that is no name."""
    node = members_of(file).get(EXTENDS)
    return node if node is not None and isinstance(node.value, str) and NAME.fullmatch(node.value) else None


def merged(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """Return `base` with what `over` says instead: mappings member by member, all else as a whole.

    A plan of servers on duty is one thing: a scenario that gives a plan gives all of it. It takes the place of people
    or a roster that the parent has, as these take its place.
    """
    plan = (len(path) == 3 and path[2] == "plan") or (len(path) == 4 and path[2] == "on")
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)) or (plan and path[0] == "staff"):
        return over
    members = dict(base.value)
    if (
        len(path) == 2
        and path[0] == "staff"
        and (said := [key for key in ON_DUTY if key in over.value and over.value[key].value is not None])
    ):
        for key in (*ON_DUTY, *(BESIDE_A_PLAN if "people" in said else ())):
            members.pop(key, None)
    # So does a family of times, or the shape of one, in place of a sample.
    if not {"family", "shape"}.isdisjoint(over.value) and "sample" not in over.value:
        members.pop("sample", None)
    for key, node in over.value.items():
        members[key] = merged(members[key], node, (*path, key)) if key in members else node
    return Node(over.file, over.place, members, over.key_place)


def own_demand(scenario: Scenario) -> int:
    """Return the registrations a year of a scenario, its growth included."""
    demand = scenario.demand
    return max(int(demand.registrations_per_year * (1 + demand.growth) + 0.5), 1)


def at_demand(scenario: Scenario, registrations: int) -> Scenario:
    """Return a scenario with so many registrations a year; as it is, if they are its own."""
    if registrations == own_demand(scenario):
        return scenario
    full = scenario_as_dict(scenario)
    full["demand"] |= {"registrations_per_year": registrations, "growth": 0.0}
    return scenario_from_dict(full, scenario.name)


def in_period(scenario: Scenario, first: date, days: int) -> Scenario:
    """Return a scenario of so many of its days alone, from one on, beginning with an empty office."""
    full = scenario_as_dict(scenario)
    full["period"] = {"first": first.isoformat(), "last": (first + timedelta(days - 1)).isoformat()}
    return scenario_from_dict(full, scenario.name)
