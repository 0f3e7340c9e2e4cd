"""A file of offices: a line each, and what each differs in from a scenario that is there."""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.office.blocks import MAX_SERVERS
from sim.office.checked import faults
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario, shift_counts
from sim.office.parameters.listing import all_parameters
from sim.office.problems import Problem, ScenarioError, about, like, nearest, shown
from sim.office.scenario import load_scenario_file, scenario_as_dict
from sim.office.yaml_tree import Node
from sim.text import Message

NAME, REGION, PARENT, REGISTRATIONS, STAFF = "name", "region", "parent", "registrations", "staff"
OWN = (NAME, REGION, PARENT, REGISTRATIONS, STAFF)
"""Columns that are no path of a parameter."""
DEMAND = "demand.registrations_per_year"
"""What the column of registrations is."""
USUAL = "baseline-2023"
"""Parent of an office that names none."""
PARENTS = re.compile(r"[\w.+-]{1,100}")
NAMES = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
MOST_ERRORS = 20
"""Lines of errors that are shown."""
NUMBERED = {
    parameter.path
    for parameter in all_parameters()
    if "." in parameter.path and "[" not in parameter.path and isinstance(parameter.default, int | float)
    and not isinstance(parameter.default, bool) and parameter.path != DEMAND
}  # fmt: skip
"""Paths of parameters that are numbers and can be a column."""


class Listed(NamedTuple):
    """An office of the file.

    Attributes
    ----------
    line : int
    name, region, parent : str
    registrations : float
        A year, growth included.
    people : int
        Most on duty at once, all pools together.
    working_days : int
        Of its period.
    """

    line: int
    name: str
    region: str
    parent: str
    registrations: float
    people: int
    working_days: int


@dataclass(frozen=True)
class _Parent:
    """A scenario that offices differ from: itself, and in full, each part as JSON."""

    scenario: Scenario
    full: dict[str, str]


def read_offices(file: Path, folder: Path) -> Iterator[tuple[Listed, Scenario]]:
    """Yield the offices of a CSV file, with their scenarios: thousands of these at once would take much memory.

    Parameters
    ----------
    file : Path
        With the columns `name` and `registrations`; besides them `region`, `parent`, `staff`, and paths of parameters
        that are numbers, such as `review.return_rate`. An empty cell leaves what the parent has.
    folder : Path
        Of the scenarios that `parent` names; one beside the file comes first.

    Raises
    ------
    ScenarioError
        At the end, with all that is wrong, by line.
    """
    problems: list[Problem] = []
    rows = list(_rows(file))
    places = {word.strip(): place for place, word in enumerate(rows[0][1])} if rows else {}
    _check_heads(file, rows, places, problems)
    if problems:
        raise ScenarioError(problems)
    parents: dict[str, _Parent | None] = {}
    taken: dict[str, int] = {}
    for line, cells in rows[1:]:
        before = len(problems)
        row = _Row(file, line, cells, places, problems)
        if len(cells) != len(places):
            row.wrong(0, Message("must have {number} cells, as the first line has, not {found}", number=len(places),
                                 found=len(cells)))  # fmt: skip
            continue
        scenario = _scenario_of(row, parents, folder)
        if scenario is None or len(problems) > before:
            continue
        office = _listed(row, scenario)
        if office.name in taken:
            row.wrong(places[NAME], Message(
                "the office {name} is in line {line} already; each needs a name of its own",
                name=shown(office.name), line=taken[office.name],
            ))  # fmt: skip
        taken.setdefault(office.name, line)
        yield office, scenario
    if not problems and not taken:
        problems.append(Problem(str(file), 1, 1, Message("there is no office below the names of the columns")))
    if len(problems) > MOST_ERRORS:
        more = Message("there are {number} more errors below", number=len(problems) - MOST_ERRORS)
        last = problems[MOST_ERRORS - 1]
        problems = [*problems[:MOST_ERRORS], Problem(last.file, last.line + 1, 1, more)]
    if problems:
        raise ScenarioError(problems)


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty, with their numbers."""

    def wrong(line: int, what: Message) -> ScenarioError:
        return ScenarioError([Problem(str(file), line, 1, what)])

    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            yield from ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
    except OSError as error:
        raise wrong(1, Message("cannot read the file: {why}", why=error.strerror or error)) from None
    except UnicodeDecodeError:
        raise wrong(1, Message("the file is not in UTF-8; save it as 'CSV UTF-8'")) from None
    except csv.Error:
        raise wrong(1, Message(
            "the file is no table of cells with commas between them; look for a quotation mark that is not closed"
        )) from None  # fmt: skip


def _check_heads(
    file: Path, rows: Sequence[tuple[int, list[str]]], places: Mapping[str, int], problems: list[Problem]
) -> None:
    """Note what is wrong with the names of the columns."""

    def wrong(place: int, what: Message) -> None:
        problems.append(Problem(str(file), rows[0][0] if rows else 1, place + 1, what))

    if not rows:
        wrong(0, Message("the file is empty; begin with the names of the columns: name,registrations"))
        return
    if len(places) == 1 and (other := re.search("[;\t|]", rows[0][1][0])):
        wrong(0, Message("cells are separated by {sign}; save the file with commas between them", sign=shown(other[0])))
        return
    if len(places) < len(rows[0][1]):
        wrong(0, Message("a column is there twice; give each a name of its own"))
    for name in (NAME, REGISTRATIONS):
        if name not in places:
            wrong(0, Message("the column {name} is missing; the columns are {columns}", name=shown(name),
                             columns=", ".join(places)))  # fmt: skip
    for name, place in places.items():
        if name not in OWN and name not in NUMBERED:
            known = [*OWN, *sorted(NUMBERED)]
            end = nearest(name, known if like(name, known) else OWN)
            what = Message("is no column of offices and no parameter that is a number; {nearest}", nearest=end)
            wrong(place, about(shown(name), what))


@dataclass(frozen=True)
class _Row:
    """A line of the file, and where errors of it go."""

    file: Path
    line: int
    cells: Sequence[str]
    places: Mapping[str, int]
    problems: list[Problem]

    def wrong(self, place: int, what: Message) -> None:
        self.problems.append(Problem(str(self.file), self.line, place + 1, what))

    def text(self, column: str) -> str:
        return self.cells[self.places[column]].strip() if column in self.places else ""

    def number(self, column: str) -> float | None:
        """Return the number in a cell; None if it is empty, or wrong, which is noted."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(text) if re.fullmatch(r"[-+0-9.eE]{1,40}", text) else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            what = Message("must be a number, not {value}", value=shown(text))
            self.wrong(self.places[column], about(column, what))
            return None
        return value


def _listed(row: _Row, scenario: Scenario) -> Listed:
    """Return the office of a line."""
    midday, demand = scenario.staff.midday, scenario.demand
    return Listed(
        row.line, row.text(NAME), row.text(REGION), row.text(PARENT) or USUAL,
        float(demand.registrations_per_year * (1 + demand.growth)),
        sum(int(shift_counts(pool, midday).max(initial=0)) for pool in scenario.pools.values()),
        scenario_days(scenario).working_days,
    )  # fmt: skip


def _scenario_of(row: _Row, parents: dict[str, _Parent | None], folder: Path) -> Scenario | None:
    """Return the scenario of a line; None if something is wrong with it, which is noted."""
    name, parent, before = row.text(NAME), row.text(PARENT) or USUAL, len(row.problems)
    if not NAMES.fullmatch(name):
        row.wrong(row.places[NAME], Message("name: must be 1 to 100 characters, not {value}", value=shown(name)))
    registrations, staff = row.number(REGISTRATIONS), row.number(STAFF)
    values = {path: row.number(path) for path in row.places if path not in OWN}
    if not row.text(REGISTRATIONS):
        missing = Message("must be given for each office")
        row.wrong(row.places[REGISTRATIONS], about(REGISTRATIONS, missing))
    if staff is not None and not 0 < staff <= MAX_SERVERS:
        what = Message(
            "must be above 0 and at most {most}, not {value}: it multiplies all on duty in the parent's plans",
            most=MAX_SERVERS, value=shown(staff),
        )  # fmt: skip
        row.wrong(row.places[STAFF], about(STAFF, what))
    if parent not in parents:
        parents[parent] = _parent(row, parent, folder)
    of = parents[parent]
    # A parent that cannot be read is told of once.
    if of is None or len(row.problems) > before:
        return None
    changed: dict[str, Any] = {}

    def group(key: str) -> dict[str, Any]:
        if key not in changed:
            changed[key] = json.loads(of.full[key])
        return changed[key]  # type: ignore[no-any-return]

    for path, value in {DEMAND: registrations, **values}.items():
        if value is not None:
            head, *between, last = path.split(".")
            at = group(head)
            for step in between:
                at = at[step]
            at[last] = int(value) if isinstance(at[last], int) and value.is_integer() else value
    if staff is not None:
        _multiply(group("staff"), staff)
    return _checked(row, of, name, changed)


def _parent(row: _Row, name: str, folder: Path) -> _Parent | None:
    """Return the scenario that a line names: beside the file, or as shipped."""
    for home in (row.file.parent, folder) if PARENTS.fullmatch(name) else ():
        path = home / f"{name}.yaml"
        if os.path.isfile(path):
            try:
                scenario = load_scenario_file(path)
            except ScenarioError as error:
                row.problems.extend(problem for problem in error.problems if problem not in row.problems)
                return None
            return _Parent(scenario, {key: json.dumps(part) for key, part in scenario_as_dict(scenario).items()})
    shipped = sorted(file.stem for file in folder.glob("*.yaml"))
    nowhere = Message(
        "there is no scenario {name} beside the file or in {folder}; {nearest}", name=shown(name), folder=folder,
        nearest=nearest(name, shipped),
    )  # fmt: skip
    row.wrong(row.places.get(PARENT, 0), about(PARENT, nowhere))
    return None


def _checked(row: _Row, parent: _Parent, name: str, changed: Mapping[str, Any]) -> Scenario | None:
    """Return the scenario of a line; what it shares with its parent is not checked again."""
    own = {"name": f"office-{row.line}", "title": {"en": name, "zh": name}}
    try:
        return parent.scenario.with_parts({**changed, **own})
    except ValidationError as error:
        columns: dict[str, Problem] = {}
        for fault in faults(error, Scenario, Node(str(row.file), (row.line, 1), {})):
            problem = fault.problem()
            column = REGISTRATIONS if problem.path == DEMAND else problem.path
            column = STAFF if column.startswith("staff.") and column not in row.places else column
            # Of many half-hours that are wrong the first says enough.
            path = column if column in OWN else problem.path
            columns.setdefault(column, replace(problem, line=row.line, column=row.places.get(column, 0) + 1, path=path))
        row.problems.extend(columns.values())
        return None


def _multiply(staff: dict[str, Any], factor: float) -> None:
    """Multiply all on duty; where the parent has somebody, one is left."""

    def fewer(number: int) -> int:
        return max(math.floor(number * factor + 0.5), 1) if number else 0

    for of in (pool for name, pool in staff.items() if name != "midday"):
        for plan in (of["plan"], *of["on"].values()):
            plan.update({span: fewer(number) for span, number in plan.items()})
        for line in of["roster"]:
            line["people"] = fewer(line["people"])
        most = max([0, *of["plan"].values(), *(n for plan in of["on"].values() for n in plan.values())])
        of["midday_crew"] = min(of["midday_crew"], most) if most else of["midday_crew"]
