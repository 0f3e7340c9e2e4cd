"""Sweep files: a base scenario, what is varied, and which combinations; all errors at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.experiment.sweeps.cells import Base, cell_scenarios, errors_in, validated
from sim.experiment.sweeps.factors import ADD_TO, Level, Variation, clashes, variation
from sim.experiment.sweeps.form import GRID, LIST, SPACE_FILLING, FactorForm, SweepForm, Value
from sim.experiment.sweeps.points import Combination, combinations_of, said
from sim.experiment.sweeps.settings import OWN, is_number, tree_of
from sim.office.messages import problems_of
from sim.office.parameters import Scenario
from sim.office.parameters.listing import keys_of
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.scenario import SUFFIX, dotted, load_scenario_file, merged, scenario_as_dict
from sim.office.yaml_tree import Node, read_tree

MOST_PROBLEMS = 20
"""Shown of one file; whoever has made so many mistakes has made one many times."""
LONGEST_NAME = 58
"""Characters of a sweep's name: those of its cells have the number besides, and 64 at most."""
KEYS_OF_DESIGNS = {"cells": LIST, "points": SPACE_FILLING, "method": SPACE_FILLING, "seed": SPACE_FILLING}

Words = dict[str, str]
"""The same in English ("en") and Chinese ("zh")."""


@dataclass(frozen=True)
class Factor:
    """One thing that is varied.

    Attributes
    ----------
    name : str
        Column of the results.
    title : dict
    unit : dict or None
    labels : tuple
        The values that cells have, in order: a number, a text, true or false; a dict of both languages for a
        choice whose label differs between them.
    """

    name: str
    title: Words
    unit: Words | None
    labels: tuple[Value | Words, ...]


@dataclass(frozen=True)
class SweepCell:
    """One combination.

    Attributes
    ----------
    number : int
        From 1.
    at : dict
        Value of each factor by its name; of a choice, its label in English.
    scenario : Scenario
        Named by sweep and number, with a title that names the values.
    """

    number: int
    at: dict[str, Value]
    scenario: Scenario


@dataclass(frozen=True)
class Sweep:
    """A sweep, checked.

    Attributes
    ----------
    name : str
    title : dict
    file : Path
    base : Scenario
        With what the file sets for all cells.
    base_file : Path
    factors : tuple of Factor
    design : str
        ``grid``, ``list`` or ``space-filling``.
    cells : tuple of SweepCell
        No two alike; of a grid, the last factor changes fastest.
    max_replications : int or None
    chart : dict
        Names of the factors at "x", "rows" and "lines"; the latter two are None if there is but one factor.
    warnings : tuple of Problem
    """

    name: str
    title: Words
    file: Path
    base: Scenario
    base_file: Path
    factors: tuple[Factor, ...]
    design: str
    cells: tuple[SweepCell, ...]
    max_replications: int | None
    chart: dict[str, str | None]
    warnings: tuple[Problem, ...]


def is_sweep_file(path: str | Path) -> bool:
    """Say whether a file, right or wrong, is meant as a sweep rather than as a scenario."""
    try:
        root, _ = read_tree(Path(path))
    except ScenarioError:
        return False
    return root is not None and isinstance(root.value, dict) and not root.value.keys().isdisjoint(("vary", "base"))


def load_sweep_file(path: str | Path) -> Sweep:
    """Read a sweep file and its base, and make the scenarios of all cells.

    Parameters
    ----------
    path : str or Path
        A YAML file. Its form is that of `SweepForm`.

    Raises
    ------
    ScenarioError
        With all that is wrong: first the file's form, then, if that is right, its cells.
    """
    path = Path(path)
    root, problems = _root(path)
    form = _form(root, problems)
    base, full = _base(root, path, problems)
    variations = list(_variations(root, full, problems))
    problems += _chart_problems(root)
    if problems or form is None or base is None:
        raise ScenarioError(_few(problems, path))
    combinations, errors, warnings = combinations_of(root, form, variations)
    if errors:
        raise ScenarioError(_few(errors, path))
    width = len(str(len(combinations)))

    def own(place: int, combination: Combination) -> dict[str, Any]:
        title = _cell_title(form, combination, variations)
        return {"name": f"{form.name}-{place + 1:0{width}d}", "title": title}

    scenarios, errors, more = cell_scenarios(combinations, variations, base, root.value["vary"], own)
    if errors:
        raise ScenarioError(_few(errors, path))
    names = [factor.name for factor in variations]
    cells = [
        SweepCell(place + 1, dict(zip(names, (level.value for level in combination), strict=True)), scenario)
        for place, (combination, scenario) in enumerate(zip(combinations, scenarios, strict=True))
    ]
    factors = tuple(
        _factor(variation, [combination[place] for combination in combinations])
        for place, variation in enumerate(variations)
    )
    return Sweep(
        name=form.name,
        title=_words(form),
        file=path,
        base=base.scenario,
        base_file=base.file,
        factors=factors,
        design=form.design,
        cells=tuple(cells),
        max_replications=form.max_replications,
        chart=_chart(form, names),
        warnings=_few([*warnings, *more], path),
    )


_NAMELESS: dict[str, Any] = {"name": "base", "title": {"en": "base", "zh": "base"}}


def _root(path: Path) -> tuple[Node, list[Problem]]:
    """Return the mapping that the file is, and what is wrong besides."""
    root, problems = read_tree(path)
    if root is None or root.value is None:
        message = f"the file is empty; begin with 'name: {path.stem}', a title and a base"
        raise ScenarioError([*problems, Problem(str(path), 1, 1, message)])
    if not isinstance(root.value, dict):
        message = f"a sweep must be a mapping (lines of 'key: value'), not {shown(root.value)}"
        raise ScenarioError([*problems, root.problem(message)])
    if not root.value.keys() & {"base", "vary", "design"}:
        message = "this is no sweep file, which names a 'base' and what to 'vary'"
        raise ScenarioError([*problems, root.problem(message)])
    return root, problems


def _form(root: Node, problems: list[Problem]) -> SweepForm | None:
    """Return the file's form, None (and problems) if it has not the form of a sweep at all."""
    form = None
    try:
        form = SweepForm.model_validate(root.plain())
    except ValidationError as error:
        problems += _form_problems(error, root)
    name = root.value.get("name")
    if name is not None and isinstance(name.value, str):
        stem = Path(root.file).stem
        if name.value != stem:
            problems.append(name.problem(f"name: must be {stem!r}, as the file is called, not {shown(name.value)}"))
        elif len(stem) > LONGEST_NAME:
            problems.append(name.problem(f"name: must have at most {LONGEST_NAME} characters, not {len(stem)}"))
    problems += _nothing_said(root)
    problems += _keys_of_other_designs(root)
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
            message = f"{key}: means nothing unless 'design' is {wanted!r}; leave it out"
            yield keys[key].problem(message, at_key=True)
    needed = {LIST: "cells", SPACE_FILLING: "points"}.get(design)
    if needed is not None and needed not in keys:
        yield root.problem(f"{needed}: is missing; a design {design!r} needs it")
    if design == LIST and "cells" in keys and keys["cells"].value == []:
        yield keys["cells"].problem("cells: must have at least 1 cell")


def _form_problems(error: ValidationError, root: Node) -> Iterator[Problem]:
    for path, text, about_key in problems_of(error, SweepForm):
        node, _ = root.find(path)
        if about_key and len(path) == 1 and path[0] in keys_of(Scenario):
            text = f"belongs below 'set', as what all cells have: set: {{{path[0]}: ...}}"
        if node.value is None and not about_key:
            text, about_key = "has no value; write one, or remove the line", True
        yield node.problem(f"{dotted(path)}: {text}" if path else text, at_key=about_key)


def _nothing_said(root: Node) -> Iterator[Problem]:
    """Yield a problem for each key without a value, where that would pass for a key that is left out."""
    groups = [((), root), (("chart",), root.value.get("chart"))]
    groups += [(("vary", name), node) for name, node in _factor_nodes(root)]
    for at, group in groups:
        if group is not None and isinstance(group.value, dict):
            for key, node in group.value.items():
                if node.value is None:
                    message = f"{dotted((*at, key))}: has no value; write one, or remove the line"
                    yield node.problem(message, at_key=True)


def _factor_nodes(root: Node) -> list[tuple[str, Node]]:
    vary = root.value.get("vary")
    return list(vary.value.items()) if vary is not None and isinstance(vary.value, dict) else []


def _base(root: Node, path: Path, problems: list[Problem]) -> tuple[Base | None, dict[str, Any]]:
    """Return the base with what the file sets for all cells, and in full.

    If something is wrong with it, it is None, problems are noted, and in full it is what other mistakes can be
    seen by.
    """
    node = root.value.get("base")
    file = _base_file(node, path, problems) if node is not None else None
    scenario = Scenario.model_validate(_NAMELESS)
    if file is not None:
        try:
            scenario = load_scenario_file(file)
        except ScenarioError as error:
            problems += error.problems
            file = None
    full = scenario_as_dict(scenario)
    tree = tree_of(full, str(file or "defaults"))
    warnings = {problem.message: problem for problem in scenario.warnings}
    settings = root.value.get("set")
    if settings is None or not isinstance(settings.value, dict):
        return Base(scenario, tree, file, warnings) if file else None, full
    for key in (*OWN, "extends"):
        if key in settings.value:
            problems.append(settings.value[key].problem(f"set.{key}: each cell has its own; leave it out", at_key=True))
    tree = merged(tree, settings)
    own = {key: getattr(scenario, key) for key in OWN}
    try:
        changed = validated(tree, own=own)
    except ValidationError as error:
        for at, text, place, about_key in errors_in(error, tree, root.file):
            problems.append((place or settings).problem(f"{at}: {text}", at_key=about_key))
        return None, tree.plain()
    return Base(changed, tree, file, warnings) if file else None, scenario_as_dict(changed)


def _base_file(node: Node, path: Path, problems: list[Problem]) -> Path | None:
    """Return the file of the base, None (and a problem) if there is none."""
    wanted = node.value
    if not isinstance(wanted, str):
        return None
    stem = wanted.removesuffix(SUFFIX)
    above = path.parent / ".." if path.parent.name in ("", "..") else path.parent.parent
    folders = [path.parent, above]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", stem):
        for folder in folders:
            file = folder / f"{stem}{SUFFIX}"
            if file.is_file() and stem != path.stem:
                return file
    known = sorted({file.stem for folder in reversed(folders) for file in folder.glob(f"*{SUFFIX}")} - {path.stem})
    end = nearest(stem, known) if known else "there is no scenario at all"
    problems.append(node.problem(f"base: there is no scenario {shown(stem)} in this folder or the one above; {end}"))
    return None


def _variations(root: Node, full: dict[str, Any], problems: list[Problem]) -> Iterator[Variation]:
    """Yield the factors whose form is right, and note what is wrong with them."""
    design = _design(root)
    right = []
    for name, node in _factor_nodes(root):
        try:
            form = FactorForm.model_validate(node.plain())
        except ValidationError:
            continue  # its problems are among those of the whole form
        made, found = variation(name, node, form, design, full)
        problems += found
        if made is not None and not found:
            right.append(made)
    problems += clashes(right)
    yield from right


def _chart_problems(root: Node) -> Iterator[Problem]:
    chart = root.value.get("chart")
    names = [name for name, _ in _factor_nodes(root)]
    if chart is not None and isinstance(chart.value, dict) and names:
        for key, node in chart.value.items():
            if isinstance(node.value, str) and node.value not in names:
                yield node.problem(f"chart.{key}: there is no factor {shown(node.value)}; {nearest(node.value, names)}")


def _chart(form: SweepForm, names: Sequence[str]) -> dict[str, str | None]:
    x = form.chart.x or next((name for name in names if name not in (form.chart.rows, form.chart.lines)), names[0])
    other = next((name for name in names if name != x), None)
    return {"x": x, "rows": form.chart.rows or other, "lines": form.chart.lines or form.chart.rows or other}


def _words(form: SweepForm | FactorForm) -> Words:
    return {"en": form.title.en, "zh": form.title.zh}


def _factor(variation: Variation, found: Sequence[Level]) -> Factor:
    """Return a factor; its labels are those that it lists, or else those that cells have."""
    form = variation.form
    labels = [level.label for level in variation.levels]
    if not labels:
        values = list(dict.fromkeys(level.value for level in found))
        labels = list(sorted(values) if form.from_ is not None else values)
    unit = {"en": form.unit.en, "zh": form.unit.zh} if form.unit else None
    return Factor(variation.name, _words(form), unit, tuple(labels))


def _cell_title(form: SweepForm, combination: Combination, variations: Sequence[Variation]) -> Words:
    parts: dict[str, list[str]] = {"en": [], "zh": []}
    for factor, level in zip(variations, combination, strict=True):
        for language, words in parts.items():
            title, unit = getattr(factor.form.title, language), factor.form.unit
            label = level.label[language] if isinstance(level.label, dict) else level.label
            sign = "+" if factor.operation == ADD_TO else ""
            label = int(label) if isinstance(label, float) and label.is_integer() else label
            text = f"{label:{sign},}" if is_number(label) else said(label)
            words.append(f"{title} {text}{f' {getattr(unit, language)}' if unit else ''}")
    return {"en": f"{form.title.en}: {', '.join(parts['en'])}", "zh": f"{form.title.zh}：{'，'.join(parts['zh'])}"}


def _few(problems: Iterable[Problem], path: Path) -> tuple[Problem, ...]:
    """Return problems in the order of the lines, this file's first; of very many, the first and how many there are."""
    ordered = sorted(dict.fromkeys(problems), key=lambda found: (found.file != str(path), found))
    if len(ordered) <= MOST_PROBLEMS:
        return tuple(ordered)
    last = ordered[MOST_PROBLEMS]
    rest = Problem(last.file, last.line, last.column, f"and {len(ordered) - MOST_PROBLEMS} more from here on")
    return (*ordered[:MOST_PROBLEMS], rest)
