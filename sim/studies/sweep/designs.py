"""Designs of experiments: which combinations of the factors' levels a sweep file asks for."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.office.problems import Problem, nearest, shown
from sim.office.yaml_tree import Node
from sim.studies.sweep.factors import CHOICES, Level, Variation, unlike
from sim.studies.sweep.form import GRID, LIST, MOST_POINTS, SweepForm, Value
from sim.text import N_, Message

F64 = NDArray[np.float64]
Combination = tuple[Level, ...]
"""A level of each factor, in the order of the factors."""
MOST_NAMED = 12
"""Values that a message names."""
DIGITS = 6
"""Significant digits of a value between two ends: enough to tell points apart, few enough to be read."""


def combinations_of(
    root: Node, form: SweepForm, variations: Sequence[Variation], problems: list[Problem], warnings: list[Problem]
) -> list[Combination]:
    """Return the combinations that are run, none of them twice; what is wrong, or worth a warning, is noted.

    Of a grid the last factor changes fastest.
    """
    if form.design == LIST:
        return _list(root.value["design_points"].value, variations, problems)
    if form.design != GRID:
        return _spread(root.value["points"], form, variations, warnings)
    sizes = [len(variation.levels) for variation in variations]
    if math.prod(sizes) > MOST_POINTS:
        problems.append(root.value["vary"].problem(
            "{product} = {number:,} design points; at most {most:,}, so leave out some values", "vary",
            product=" x ".join(map(str, sizes)), number=math.prod(sizes), most=MOST_POINTS,
        ))  # fmt: skip
        return []
    return list(product(*(variation.levels for variation in variations)))


def _list(points: Sequence[Node], variations: Sequence[Variation], problems: list[Problem]) -> list[Combination]:
    numbered: dict[int, Combination] = {}
    names = [variation.name for variation in variations]
    seen: dict[tuple[Value, ...], int] = {}
    for place, point in enumerate(points):
        at = f"design_points[{place}]"
        for name, node in point.value.items():
            if name not in names:
                problems.append(node.problem("there is no factor {name}; {nearest}", at, at_key=True, name=shown(name),
                                             nearest=nearest(name, names)))  # fmt: skip
        levels = []
        for variation in variations:
            node = point.value.get(variation.name, point)
            missing = Message("is missing; each design point names every factor")
            found = missing if node is point else _level(node, variation)
            if isinstance(found, Message):
                problems.append(node.problem(found, f"{at}.{variation.name}"))
            else:
                levels.append(found)
        if len(levels) == len(variations):
            numbered[place] = tuple(levels)
            first = seen.setdefault(tuple(level.value for level in levels), place)
            if first != place:
                problems.append(point.problem("is the same as {other}; remove one", at,
                                              other=f"design_points[{first}]"))  # fmt: skip
    for column, variation in enumerate(variations):
        if not variation.levels:
            own = [(f"design_points[{place}].{variation.name}", levels[column]) for place, levels in numbered.items()]
            problems += unlike(own, variation.operation)
    return list(numbered.values())


def _level(node: Node, variation: Variation) -> Level | Message:
    """Return the level that a design point names, or what is wrong with it."""
    if not variation.levels:
        return Level(node.value, node.value, node)
    known = {(type(level.value) is bool, level.value): level for level in variation.levels}
    level = known.get((type(node.value) is bool, node.value))
    if level is None:
        choices = variation.operation == CHOICES
        what = N_("there is no choice {value}; {nearest}") if choices else N_("there is no value {value}; {nearest}")
        labels = [level.said for level in variation.levels]
        text = node.value if isinstance(node.value, str) else ""
        close = difflib.get_close_matches(text, labels, n=1, cutoff=0.6)
        few = labels if len(labels) <= MOST_NAMED else [*labels[: MOST_NAMED - 2], "...", labels[-1]]
        return Message(what, value=shown(node.value), nearest=nearest(text, close or few))
    # A mistake in a choice is in the choice; one in a value may as well be here.
    return level if level.settings else Level(level.value, level.label, node)


def _spread(node: Node, form: SweepForm, variations: Sequence[Variation], warnings: list[Problem]) -> list[Combination]:
    assert form.points is not None
    made = unit_points(form.method, form.points, len(variations), form.seed)
    combinations: dict[tuple[Value, ...], Combination] = {}
    for point in made.tolist():
        levels = tuple(_at(share, variation) for share, variation in zip(point, variations, strict=True))
        combinations.setdefault(tuple(level.value for level in levels), levels)
    if (doubles := form.points - len(combinations)) > 0:
        warnings.append(node.problem("{doubles} of {points} fall on others and are left out; {number} remain", "points",
                                     doubles=doubles, points=form.points, number=len(combinations)))  # fmt: skip
    if form.method == "sobol" and form.points & (form.points - 1):
        warnings.append(node.problem(
            "{points} is no power of two, so they are spread unevenly; take {better}", "points", points=form.points,
            better=2 ** round(math.log2(form.points)),
        ))  # fmt: skip
    return list(combinations.values())


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


def unit_points(method: str, points: int, dimensions: int, seed: int) -> F64:
    """Return points spread over the unit cube, the same for the same arguments.

    Parameters
    ----------
    method : str
        ``sobol`` (scrambled), ``latin-hypercube`` or ``halton`` (scrambled).
    points, dimensions : int
    seed : int

    Returns
    -------
    (points, dimensions) float64
        In [0, 1).
    """
    from scipy.stats import qmc  # most sweeps are grids, and reading it takes the better part of a second

    sampler = {"sobol": qmc.Sobol, "latin-hypercube": qmc.LatinHypercube, "halton": qmc.Halton}[method]
    # A generator, since a plain number means different generators from one version of the library to the next.
    engine = sampler(dimensions, seed=np.random.default_rng(seed))
    # Sobol's sequence is made by powers of two; the first points of it are the same whatever the power.
    made = engine.random_base2(math.ceil(math.log2(points))) if method == "sobol" else engine.random(points)
    return np.asarray(np.minimum(made[:points], np.nextafter(1.0, 0.0)))


def between(low: float, high: float, share: float, whole: bool) -> float:
    """Return the value at a share, in [0, 1), of the way from `low` to `high`.

    If `whole`, a whole number (int): each from `low` to `high` has an equal part of the way.
    """
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return first + part(share, last - first + 1)
    return float(f"{low + share * (high - low):.{DIGITS}g}")


def part(share: float, parts: int) -> int:
    """Return in which of `parts` equal parts of the unit interval a share, in [0, 1), is."""
    return min(int(share * parts), parts - 1)
