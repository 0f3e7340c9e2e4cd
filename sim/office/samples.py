"""Times that were seen, read from the CSV files that a scenario names, and put into it."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.office.parameters.fields import MINUTES_A_DAY, MOST_SAMPLED
from sim.office.problems import Problem, nearest, shown
from sim.office.yaml_tree import KeyPath, Node, dotted
from sim.text import N_, Message

SAMPLE = "sample"
GIVEN = {
    SAMPLE: ("mean_minutes", "cv"),
    "talk_sample": ("talk_seconds", "talk_cv"),
    "patience_sample": ("patience_seconds",),
}
"""The samples that there are by their key, and what each gives where a scenario does not: mean, and variation."""
IN_SECONDS = "_seconds"
KEYS = ("file", "column", "unit", "as_it_is", "minutes")
UNITS = {"min": 1.0, "s": 1 / 60, "h": 60.0}
DELIMITERS = ",;\t|"
MOST_BYTES = 64 * 1024 * 1024
WRONG_CELL = N_("{file}, line {line}: must be a time from 0 to {most:g} {unit}, not {value}")


def fill_samples(root: Node, path: Path, problems: list[Problem]) -> None:
    """Put the times of every sample that a scenario's file names into its tree, with their mean and variation.

    Parameters
    ----------
    root : Node
        Of the file; changed.
    path : Path
        Of the file; the names of others are taken from its folder.
    problems : list of Problem
        What is wrong is added to it.
    """
    for owner, at in list(_owners(root, ())):
        node = owner.value[at[-1]]
        if isinstance(node.value, str):
            node.value = {"file": Node(node.file, node.place, node.value)}
        if not isinstance(node.value, dict):
            continue
        found = _times(node, path, at)
        if isinstance(found, Problem):
            problems.append(found)
            del owner.value[at[-1]]
            # What a sample would have given is not missing as well.
            for key in _given(at):
                owner.value.setdefault(key, Node(node.file, node.place, 1.0))
        elif found:
            _put(owner, node, found, _given(at))


def _owners(node: Node, at: KeyPath) -> Iterator[tuple[Node, KeyPath]]:
    """Yield the mappings that have a sample."""
    if isinstance(node.value, dict):
        yield from ((node, (*at, key)) for key in GIVEN if key in node.value)
        for key, inner in node.value.items():
            yield from _owners(inner, (*at, key))
    elif isinstance(node.value, list):
        for place, inner in enumerate(node.value):
            yield from _owners(inner, (*at, place))


def _given(at: KeyPath) -> tuple[str, ...]:
    """Return what the sample at a path gives where the scenario does not; patience has no variation."""
    return GIVEN[at[-1]][: 1 if at[-2:-1] == ("hall_patience",) else 2]  # type: ignore[index]


def _times(node: Node, path: Path, at: KeyPath) -> list[float] | Problem:
    """Return the times of a sample in minutes, or what is wrong; none if they are those of the scenario itself."""
    given: dict[str, Node] = node.value
    if unknown := next((key for key in given if key not in KEYS), None):
        what = Message("there is no such parameter; {meant}", meant=nearest(str(unknown), KEYS))
        return given[unknown].problem(what, dotted((*at, unknown)), at_key=True)
    if "minutes" in given:
        if extra := next((key for key in ("column", "unit") if key in given), None):
            return given[extra].problem("belongs to a file; leave it out beside minutes", dotted((*at, extra)),
                                        at_key=True)  # fmt: skip
        values = given["minutes"].plain()
        numbers = values if isinstance(values, list) else []
        # What is wrong with them, the form of the scenario says.
        return [float(each) for each in numbers if isinstance(each, int | float) and not isinstance(each, bool)]
    file, column, unit = (given[key].value if key in given else None for key in ("file", "column", "unit"))
    if not isinstance(file, str) or not file:
        return node.problem("needs the name of a CSV file: sample: times.csv", dotted(at))
    if unit is not None and not (isinstance(unit, str) and unit in UNITS):
        return given["unit"].problem("must be one of {names}, not {value}", dotted((*at, "unit")),
                                     names=", ".join(UNITS), value=shown(unit))  # fmt: skip
    found = _column(path.parent / file, file, column, "min" if unit is None else unit)
    return given["file"].problem(found, dotted(at)) if isinstance(found, Message) else found


def _column(path: Path, name: str, column: object, unit: str) -> list[float] | Message:
    """Return a column of a CSV file in minutes, or what is wrong with it."""
    try:
        if not os.path.isfile(path):
            return Message("there is no file {file} beside the scenario", file=shown(name))
        if path.stat().st_size > MOST_BYTES:
            return Message("{file} is larger than {most} MB", file=shown(name), most=MOST_BYTES // 2**20)
        text = _decoded(path.read_bytes())
    except OSError as error:
        return Message("cannot read {file}: {why}", file=shown(name), why=error.strerror or error)
    except UnicodeDecodeError:
        return Message("cannot read {file}: {why}", file=shown(name), why=Message("it is neither UTF-8 nor GBK"))
    lines = text.splitlines()
    between = max(DELIMITERS, key=lambda sign: lines[0].count(sign)) if lines else ","
    try:
        rows = [
            (line, row) for line, row in enumerate(csv.reader(lines, delimiter=between), start=1)
            if any(cell.strip() for cell in row)
        ]  # fmt: skip
    except csv.Error as error:
        return Message("cannot read {file}: {why}", file=shown(name), why=error)
    if len(rows) < 3:
        return Message("{file} needs a heading and at least two times below it", file=shown(name))
    heads = [head.strip() for head in rows[0][1]]
    if all(re.fullmatch(r"[-+]?[0-9.]+", head) for head in heads):
        return Message("{file} needs a heading; its first line has numbers alone", file=shown(name))
    if column is None and len(heads) > 1:
        return Message("{file} has several columns; say which: column: {names}", file=shown(name),
                       names=", ".join(heads[:12]))  # fmt: skip
    if column is not None and column not in heads:
        return Message("{file} has no column {column}; {nearest}", file=shown(name), column=shown(column),
                       nearest=nearest(str(column), heads))  # fmt: skip
    place, most = 0 if column is None else heads.index(str(column)), MINUTES_A_DAY / UNITS[unit]
    found = []
    for line, row in rows[1:]:
        cell = row[place].strip() if place < len(row) else ""
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not 0 <= value <= most:
            return Message(WRONG_CELL, file=shown(name), line=line, most=most, unit=unit, value=shown(cell))
        found.append(value * UNITS[unit])
    return found if any(found) else Message("{file}: all times are 0", file=shown(name))


def _decoded(data: bytes) -> str:
    """Return a text in UTF-8, or as Chinese spreadsheets write it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _put(owner: Node, node: Node, found: list[float], given: tuple[str, ...]) -> None:
    """Put times into the tree: as quantiles if they are many, with their mean and variation where none are given."""
    times, place = np.sort(np.asarray(found)), node.place
    as_it_is = node.value.get("as_it_is")
    exact = as_it_is is not None and as_it_is.value is True
    if len(times) > MOST_SAMPLED:
        # In the middle of as many equal parts, so that the mean stays.
        parts, method = (np.arange(MOST_SAMPLED) + 0.5) / MOST_SAMPLED, "inverted_cdf" if exact else "linear"
        times = np.quantile(times, parts, method=method)  # type: ignore[call-overload]
    if "minutes" not in node.value:
        node.value["minutes"] = Node(node.file, place, [Node(node.file, place, float(time)) for time in times])
    for key in ("column", "unit"):
        node.value.pop(key, None)
    # Of times that are to be taken as they are, the mean is that of those that are taken; what no time can be, the
    # form refuses.
    found, taken = ([each for each in of if 0 <= each <= MINUTES_A_DAY] for of in (found, times.tolist()))
    of = taken if exact else found
    mean = math.fsum(of) / len(of) if of else 0.0
    if mean > 0:
        variation = min(max(float(np.std(found)) / mean, 0.01), 5.0)
        for key, value in zip(given, (mean, variation), strict=False):
            owner.value.setdefault(key, Node(node.file, place, value * 60 if key.endswith(IN_SECONDS) else value))
