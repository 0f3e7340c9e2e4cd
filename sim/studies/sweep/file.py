"""Sweep files: a base scenario, what is varied, and which combinations; all errors at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim import program
from sim.office.checked import NO_VALUE, CheckedFile, faults, in_order
from sim.office.parameters import Scenario
from sim.office.parameters.listing import keys_of
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.scenario import NAME, SUFFIX, load_scenario_file, merged, scenario_as_dict
from sim.office.yaml_tree import Node, dotted
from sim.studies.sweep.designs import combinations_of
from sim.studies.sweep.factors import Variation, clashes, said_for_all, variation
from sim.studies.sweep.form import GRID, LIST, OWN, SPACE_FILLING, Design, FactorForm, SweepForm
from sim.studies.sweep.records import Factor, Roles
from sim.studies.sweep.scenarios import Base, SweptPoint, points_of, validated
from sim.studies.sweep.settings import tree_of
from sim.text import N_, Message

MOST_PROBLEMS = 20
"""Shown of one file; whoever has made so many mistakes has made one many times."""
LONGEST_NAME = 58
"""Characters of a sweep's name: those of its design points have the number besides, and 64 at most."""
KEYS_OF_DESIGNS = {"design_points": LIST, "points": SPACE_FILLING, "method": SPACE_FILLING, "seed": SPACE_FILLING}
NO_SWEEP = N_("a sweep must be a mapping (lines of 'key: value'), not {value}")
EMPTY = N_("the file is empty; begin with 'name: {name}', a title and a base")
NAMELESS: dict[str, Any] = {"name": "base", "title": {"en": "base", "zh": "base"}}


@dataclass(frozen=True)
class Sweep:
    """A sweep, checked.

    Attributes
    ----------
    name : str
    title : dict
    file : Path
    base : Scenario
        With what the file sets for all design points.
    base_file : Path
    factors : tuple of Factor
    design : str
    points : tuple of SweptPoint
        No two alike; of a grid, the last factor changes fastest.
    max_replications : int or None
    chart : Roles
    warnings : tuple of Problem
    """

    name: str
    title: dict[str, str]
    file: Path
    base: Scenario
    base_file: Path
    factors: tuple[Factor, ...]
    design: Design
    points: tuple[SweptPoint, ...]
    max_replications: int | None
    chart: Roles
    warnings: tuple[Problem, ...]


def load_sweep_file(path: str | Path) -> Sweep:
    """Read a sweep file and its base, and make the scenarios of all design points.

    Parameters
    ----------
    path : str or Path
        A YAML file. Its form is that of `SweepForm`.

    Raises
    ------
    ScenarioError
        With all that is wrong: first the file's form, then, if that is right, its design points.
    """
    file = CheckedFile.read(path, NO_SWEEP, EMPTY)
    root, problems = file.root, file.problems
    if root.value.keys().isdisjoint(("base", "vary", "design")):
        problems.append(root.problem("this is no sweep file, which names a 'base' and what to 'vary'"))
        raise ScenarioError(problems)
    form = _form(file)
    base, full = _base(file)
    variations = list(_variations(file, full))
    problems += _chart_problems(root)
    if problems or form is None or base is None:
        raise ScenarioError(_few(problems, file.path))
    warnings: list[Problem] = []
    combinations = combinations_of(root, form, variations, problems, warnings)
    if not problems:
        points = points_of(combinations, variations, form, base, root.value["vary"], problems, warnings)
    if problems:
        raise ScenarioError(_few(problems, file.path))
    return Sweep(
        name=form.name,
        title=form.title.model_dump(),
        file=file.path,
        base=base.scenario,
        base_file=base.file,
        factors=tuple(_factor(variation, points, form.design) for variation in variations),
        design=form.design,
        points=tuple(points),
        max_replications=form.max_replications,
        chart=_roles(form, [variation.name for variation in variations]),
        warnings=_few(warnings, file.path),
    )


def _form(file: CheckedFile) -> SweepForm | None:
    """Return the file's form, None (and problems) if it has not the form of a sweep at all."""
    form, root = None, file.root
    try:
        form = SweepForm.model_validate(root.plain())
    except ValidationError as error:
        for fault in faults(error, SweepForm, root):
            if fault.at_key and len(fault.path) == 1 and fault.path[0] in keys_of(Scenario):
                what = Message("belongs below 'set', as what all design points have: set: {{{name}: ...}}",
                               name=fault.path[0])  # fmt: skip
                fault = fault._replace(what=what)
            file.problems.append(fault.problem())
    file.check_name()
    name, stem = root.value.get("name"), file.path.stem
    if name is not None and name.value == stem and len(stem) > LONGEST_NAME:
        file.problems.append(name.problem("must have at most {most} characters, not {number}", "name",
                                          most=LONGEST_NAME, number=len(stem)))  # fmt: skip
    file.problems += [*_nothing_said(root), *_keys_of_other_designs(root)]
    return form


def _design(root: Node) -> Any:
    return root.value["design"].value if "design" in root.value else GRID


def _keys_of_other_designs(root: Node) -> Iterator[Problem]:
    """Yield a problem for each key that the design needs and that is missing, or that means nothing to it."""
    design, keys = _design(root), root.value
    if design not in (GRID, LIST, SPACE_FILLING):
        return
    for key, wanted in KEYS_OF_DESIGNS.items():
        if key in keys and design != wanted:
            yield keys[key].problem("means nothing unless 'design' is {wanted!r}; leave it out", key, at_key=True,
                                    wanted=wanted)  # fmt: skip
    needed = {LIST: "design_points", SPACE_FILLING: "points"}.get(design)
    if needed is not None and needed not in keys:
        yield root.problem("is missing; a design {design!r} needs it", needed, design=design)
    if design == LIST and "design_points" in keys and keys["design_points"].value == []:
        yield keys["design_points"].problem("must have at least 1 design point", "design_points")


def _nothing_said(root: Node) -> Iterator[Problem]:
    """Yield a problem for each key without a value, where that would pass for a key that is left out."""
    groups = [((), root), (("chart",), root.value.get("chart"))]
    groups += [(("vary", name), node) for name, node in _factor_nodes(root).items()]
    for at, group in groups:
        if group is not None and isinstance(group.value, dict):
            for key, node in group.value.items():
                if node.value is None:
                    yield node.problem(NO_VALUE, dotted((*at, key)), at_key=True)


def _factor_nodes(root: Node) -> dict[str, Node]:
    vary = root.value.get("vary")
    return vary.value if vary is not None and isinstance(vary.value, dict) else {}


def _base(file: CheckedFile) -> tuple[Base | None, dict[str, Any]]:
    """Return the base with what the file sets for all design points, and in full.

    If something is wrong with it, it is None, problems are noted, and in full it is what other mistakes can be
    seen by.
    """
    problems, settings = file.problems, file.root.value.get("set")
    path, scenario = _base_file(file), Scenario.model_validate(NAMELESS)
    if path is not None:
        try:
            scenario = load_scenario_file(path)
        except ScenarioError as error:
            problems += error.problems
            path = None
    tree = tree_of(scenario_as_dict(scenario), str(path or "defaults"))
    warnings = {problem.message: problem for problem in scenario.warnings}
    if settings is not None and isinstance(settings.value, dict):
        problems += said_for_all(settings, "set")
        tree = merged(tree, settings)
        try:
            scenario = validated(tree, {key: getattr(scenario, key) for key in OWN})
        except ValidationError as error:
            for fault in faults(error, Scenario, tree):
                place = fault.node if fault.node.file == file.root.file else settings
                problems.append(fault._replace(node=place).problem())
            return None, tree.plain()
    return Base(scenario, tree, path, warnings) if path else None, scenario_as_dict(scenario)


def _base_file(sweep: CheckedFile) -> Path | None:
    """Return the file of the base, None (and a problem) if there is none."""
    node, path = sweep.root.value.get("base"), sweep.path
    if node is None or not isinstance(node.value, str):
        return None
    stem = node.value.removesuffix(SUFFIX)
    above = path.parent / ".." if path.parent.name in ("", "..") else path.parent.parent
    folders = [path.parent, above, program.shipped() / program.SCENARIOS]
    if NAME.fullmatch(stem):
        for folder in folders:
            file = folder / f"{stem}{SUFFIX}"
            if file.is_file() and stem != path.stem:
                return file
    known = sorted({file.stem for folder in reversed(folders) for file in folder.glob(f"*{SUFFIX}")} - {path.stem})
    sweep.problems.append(node.problem("there is no scenario {name} in this folder or the one above, nor a shipped "
                                       "one; {end}", "base", name=shown(stem), end=nearest(stem, known)))  # fmt: skip
    return None


def _variations(file: CheckedFile, full: dict[str, Any]) -> Iterator[Variation]:
    """Yield the factors that are right, and note what is wrong with the others."""
    right = []
    for name, node in _factor_nodes(file.root).items():
        try:
            form = FactorForm.model_validate(node.plain())
        except ValidationError:
            continue  # its problems are among those of the whole form
        made = variation(name, node, form, _design(file.root), full, file.problems)
        if made is not None:
            right.append(made)
    file.problems += clashes(right)
    yield from right


def _chart_problems(root: Node) -> Iterator[Problem]:
    chart, names = root.value.get("chart"), list(_factor_nodes(root))
    if chart is not None and isinstance(chart.value, dict) and names:
        for key, node in chart.value.items():
            if isinstance(node.value, str) and node.value not in names:
                yield node.problem("there is no factor {name}; {nearest}", f"chart.{key}", name=shown(node.value),
                                   nearest=nearest(node.value, names))  # fmt: skip


def _roles(form: SweepForm, names: Sequence[str]) -> Roles:
    chart = form.chart
    x = chart.x or next((name for name in names if name not in (chart.rows, chart.lines)), names[0])
    other = next((name for name in names if name != x), None)
    rows, lines = (other if name in (x, None) else name for name in (chart.rows, chart.lines or chart.rows))
    return Roles(x, rows, lines)


def _factor(variation: Variation, points: Sequence[SweptPoint], design: Design) -> Factor:
    """Return a factor; its labels are those that it lists, or else those that design points have: numbers in order."""
    labels: list[Any] = [level.label for level in variation.levels]
    if not labels:
        labels = list(dict.fromkeys(point.at[variation.name] for point in points))
    title, unit = variation.form.title, variation.form.unit
    factor = Factor(variation.name, title.model_dump(), unit.model_dump() if unit else None, tuple(labels))
    if not factor.numeric:
        return factor
    # Of points in a space, those that there are.
    seen = {point.at[variation.name] for point in points} if design == SPACE_FILLING else labels
    return replace(factor, labels=tuple(sorted(seen)))


def _few(problems: Iterable[Problem], path: Path) -> tuple[Problem, ...]:
    """Return problems in the order of the lines, this file's first; of very many, the first and how many there are."""
    ordered = in_order(problems, path)
    if len(ordered) <= MOST_PROBLEMS:
        return tuple(ordered)
    last = ordered[MOST_PROBLEMS]
    left = Message("and {number} more from here on", number=len(ordered) - MOST_PROBLEMS)
    rest = Problem(last.file, last.line, last.column, left)
    return (*ordered[:MOST_PROBLEMS], rest)
