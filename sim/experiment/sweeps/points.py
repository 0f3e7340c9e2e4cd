"""The combinations of levels that a sweep file asks for, by its design."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence

from sim.experiment.sweeps.designs import between, grid, part, unit_points
from sim.experiment.sweeps.factors import CHOICES, Level, Variation, unlike
from sim.experiment.sweeps.form import GRID, LIST, MOST_CELLS, SweepForm, Value
from sim.office.problems import Problem, nearest, shown
from sim.office.yaml_tree import Node

Combination = tuple[Level, ...]
"""A level of each factor, in the order of the factors."""
Found = tuple[list[Combination], list[Problem], list[Problem]]
"""Combinations, errors, warnings."""
MOST_NAMED = 12
"""Values that a message names."""


def combinations_of(root: Node, form: SweepForm, variations: Sequence[Variation]) -> Found:
    """Return the combinations that are run, none of them twice, with what is wrong and what is worth a warning."""
    if form.design == GRID:
        return _grid(root, variations)
    if form.design == LIST:
        return _list(root.value["cells"].value, variations)
    return _spread(root, form, variations)


def _grid(root: Node, variations: Sequence[Variation]) -> Found:
    sizes = [len(variation.levels) for variation in variations]
    if math.prod(sizes) > MOST_CELLS:
        product = " x ".join(map(str, sizes))
        message = f"vary: {product} = {math.prod(sizes):,} cells; at most {MOST_CELLS:,}, so leave out some values"
        return [], [root.value["vary"].problem(message)], []
    levels = [variation.levels for variation in variations]
    return [tuple(own[place] for own, place in zip(levels, at, strict=True)) for at in grid(sizes)], [], []


def _list(cells: Sequence[Node], variations: Sequence[Variation]) -> Found:
    numbered: list[tuple[int, Combination]] = []
    problems: list[Problem] = []
    names = [variation.name for variation in variations]
    seen: dict[tuple[Value, ...], int] = {}
    for place, cell in enumerate(cells):
        at = f"cells[{place}]"
        for name, node in cell.value.items():
            if name not in names:
                message = f"{at}: there is no factor {shown(name)}; {nearest(name, names)}"
                problems.append(node.problem(message, at_key=True))
        levels = []
        for variation in variations:
            if variation.name not in cell.value:
                problems.append(cell.problem(f"{at}.{variation.name}: is missing; each cell names every factor"))
                continue
            found = _level(cell.value[variation.name], variation)
            if isinstance(found, str):
                node = cell.value[variation.name]
                problems.append(node.problem(f"{at}.{variation.name}: {found}"))
            else:
                levels.append(found)
        if len(levels) == len(variations):
            numbered.append((place, tuple(levels)))
            first = seen.setdefault(tuple(level.value for level in levels), place)
            if first != place:
                problems.append(cell.problem(f"{at}: is the same as cells[{first}]; remove one"))
    for place, variation in enumerate(variations):
        if not variation.levels:
            own = [(f"cells[{at}].{variation.name}", combination[place]) for at, combination in numbered]
            problems += unlike(own, variation.operation)
    return [combination for _, combination in numbered], problems, []


def _level(node: Node, variation: Variation) -> Level | str:
    """Return the level that a cell names, or what is wrong with it."""
    if not variation.levels:
        return Level(node.value, node.value, node)
    known = {(type(level.value) is bool, level.value): level for level in variation.levels}
    level = known.get((type(node.value) is bool, node.value))
    if level is None:
        what = "choice" if variation.operation == CHOICES else "value"
        labels = [said(level.value) for level in variation.levels]
        text = node.value if isinstance(node.value, str) else ""
        close = difflib.get_close_matches(text, labels, n=1, cutoff=0.6)
        few = labels if len(labels) <= MOST_NAMED else [*labels[: MOST_NAMED - 2], "...", labels[-1]]
        return f"there is no {what} {shown(node.value)}; {nearest(text, close or few)}"
    # A mistake in a choice is in the choice; one in a value may as well be here.
    return level if level.settings else Level(level.value, level.label, node)


def _spread(root: Node, form: SweepForm, variations: Sequence[Variation]) -> Found:
    assert form.points is not None
    made = unit_points(form.method, form.points, len(variations), form.seed)
    combinations: dict[tuple[Value, ...], Combination] = {}
    for point in made.tolist():
        levels = tuple(_at(share, variation) for share, variation in zip(point, variations, strict=True))
        combinations.setdefault(tuple(level.value for level in levels), levels)
    warnings = []
    node = root.value["points"]
    if (doubles := form.points - len(combinations)) > 0:
        message = f"points: {doubles} of {form.points} fall on others and are left out; {len(combinations)} remain"
        warnings.append(node.problem(message))
    if form.method == "sobol" and form.points & (form.points - 1):
        better = 2 ** round(math.log2(form.points))
        message = f"points: {form.points} is no power of two, so they are spread unevenly; take {better}"
        warnings.append(node.problem(message))
    return list(combinations.values()), [], warnings


def _at(share: float, variation: Variation) -> Level:
    """Return the level of a factor that is at this share of its unit interval."""
    if variation.levels:
        return variation.levels[part(share, len(variation.levels))]
    form = variation.form
    assert form.from_ is not None
    assert form.to is not None
    value = between(form.from_, form.to, share, form.whole)
    low = variation.node.value["from"]
    return Level(value, value, Node(low.file, low.place, value))


def said(value: Value) -> str:
    """Return a value as messages name it."""
    return value if isinstance(value, str) else shown(value)
