"""Read the folder of `staff`: the roster that was found, what the search tried, and the certificate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sim.briefing.saved import Figure, SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "staff"
TARGET = "target"
PLAN, OWN, EVERYBODY = 0, -1, -2
"""Numbers of plans in the certificate; the neighbours are counted from 1."""
NEEDED = (
    "name", "title", "target", "rule", "seed", "plan", "own", "certified", "proven", "bound", "replications_by_part",
    "plans_simulated", "grid", "rounds", "floors", "error", "rules", "pools", "kept", "working_days", "replications",
)  # fmt: skip


@dataclass(frozen=True)
class RosterLine:
    """People of a pool who work the same shift.

    Attributes
    ----------
    pool, shift : str
    title_en, title_zh : str
        Of the shift.
    hours, days : str
        As in ``08:30-12:00, 13:30-17:00``, and ``mon, tue``; no days: every working day.
    people : int
    hours_a_week : float
        Of one person.
    cost : float
        Of all of them over the scenario's period [yuan].
    """

    pool: str
    shift: str
    title_en: str
    title_zh: str
    hours: str
    days: str
    people: int
    hours_a_week: float
    cost: float

    def title(self, language: Language) -> str:
        """Return the title of the shift."""
        return self.title_en if language == "en" else self.title_zh


@dataclass(frozen=True)
class Need:
    """A half-hour of a Monday at a pool.

    Attributes
    ----------
    pool : str
    begin : str
        As in ``08:30``.
    load : float
        Offered load [erlang], of an average working day.
    need : int
        Servers that square-root staffing asks for.
    roster : int or None
        On duty by the plan that was found; None if none was.
    own : int
        On duty by the scenario's own plan.
    """

    pool: str
    begin: str
    load: float
    need: int
    roster: int | None
    own: int


@dataclass(frozen=True)
class Tried:
    """A roster that the search simulated.

    Attributes
    ----------
    step : int
    kind : str
        ``start``, ``down``, ``cut`` or ``up``.
    cost : float
        Planned [yuan].
    score : float
        Minutes of the target's mean, or share within its minutes; inf if the office cannot finish.
    keeps, floors_kept : bool
        Whether it clearly keeps all requirements; whether no floor is missed.
    best : float or None
        Cost of the best plan by then; None if there was none.
    bound : float
        No plan can hold that costs less, as far as was known by then; 0 = unknown.
    plans, replications : int
        By then.
    efficient : bool
        No other that misses no floor is both cheaper and better.
    """

    step: int
    kind: str
    cost: float
    score: float
    keeps: bool
    floors_kept: bool
    best: float | None
    bound: float
    plans: int
    replications: int
    efficient: bool


@dataclass(frozen=True)
class CertificateTest:
    """A plan held against a requirement on fresh seeds.

    Attributes
    ----------
    round : int
    plan : int
        `PLAN`, `OWN`, `EVERYBODY`, or the number of a cheaper neighbour.
    pool, shift, to_shift : str
        Of a neighbour: where there is one less, and on what shorter shift one more instead, if any.
    requirement : str
        ``target``, or the stage of a floor.
    cost : float
        Planned [yuan].
    estimate, low, high : float
        Minutes or a share; NaN if the office cannot finish its cases.
    promised : float
    about_mean : bool
        Whether these are minutes, to be at most what is promised; else a share, to be at least that.
    verdict : str
    replications : int
    """

    round: int
    plan: int
    pool: str
    shift: str
    to_shift: str
    requirement: str
    cost: float
    estimate: float
    low: float
    high: float
    promised: float
    about_mean: bool
    verdict: str
    replications: int

    @property
    def off(self) -> float:
        """How far the estimate is from what was promised, whatever the side, as a part of it; inf if there is none."""
        if not math.isfinite(self.estimate):
            return math.inf
        return abs(self.estimate - self.promised) / self.promised


@dataclass(frozen=True)
class SavedStaff(SavedExperiment):
    """The results of `staff`.

    Attributes
    ----------
    roster : tuple of RosterLine
        Empty if no plan was found.
    needs : tuple of Need
    tried : tuple of Tried
    tests : tuple of CertificateTest
        Of all rounds.
    """

    roster: tuple[RosterLine, ...]
    needs: tuple[Need, ...]
    tried: tuple[Tried, ...]
    tests: tuple[CertificateTest, ...]

    def title(self, language: Language) -> str:
        """Return the title of the scenario."""
        return str(self.manifest["title"][language])

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """Cost, people and estimate of the plan that was found; None if none was."""
        found: Mapping[str, Any] | None = self.manifest["plan"]
        return found

    @property
    def certified(self) -> bool:
        """Whether the plan was certified."""
        return bool(self.manifest["certified"]) and self.plan is not None

    @property
    def cost(self) -> float:
        """Planned cost of the plan [yuan]; NaN if there is none."""
        return math.nan if self.plan is None else float(self.plan["cost"])

    def cost_with_overtime(self, own: bool = False) -> Figure:
        """Return the cost of all pools with overtime, and its interval [yuan]: of the plan, or the scenario's own."""
        whose = self.manifest["own"] if own else self.plan
        found = {} if whose is None else whose["cost_with_overtime"]
        mean, low, high = (_number(found.get(part)) for part in ("mean", "low", "high"))
        return Figure(mean, low, high)

    @property
    def own_cost(self) -> float:
        """Planned cost of the scenario's own plan, of the same pools [yuan]."""
        return float(self.manifest["own"]["cost"])

    @property
    def bound(self) -> float:
        """No plan can hold that costs less [yuan]; 0 if nothing is known."""
        return float(self.manifest["bound"])

    @property
    def working_days(self) -> int:
        """Working days that the costs are over."""
        return int(self.manifest["working_days"])

    @property
    def pools(self) -> list[str]:
        """Pools that a plan was chosen for."""
        return list(self.manifest["pools"])

    @property
    def rounds(self) -> int:
        """Rounds of the certificate; 0 if no plan got that far."""
        return int(self.manifest["rounds"])

    @property
    def confidence(self) -> float:
        """That of all intervals of the last round together, not rounded up."""
        whole = 1 - float(self.manifest["error_shown"])
        return math.floor(whole * 1e4 + 1e-9) / 1e4

    def of(self, plan: int) -> list[CertificateTest]:
        """Return the tests of a plan in the last round: `PLAN`, `OWN` or `EVERYBODY`."""
        return [test for test in self.last_round if test.plan == plan]

    @property
    def held(self) -> float | None:
        """Cost of the cheapest plan that held in everything in a round, whatever came of its neighbours."""
        costs = []
        for number in {test.round for test in self.tests}:
            tests = [test for test in self.tests if test.round == number and test.plan == PLAN]
            if tests and all(test.verdict == "HOLDS" for test in tests):
                costs.append(tests[0].cost)
        return min(costs, default=None)

    @property
    def last_round(self) -> list[CertificateTest]:
        """The tests of the last round."""
        last = max((test.round for test in self.tests), default=0)
        return [test for test in self.tests if test.round == last]

    @property
    def neighbours(self) -> list[CertificateTest]:
        """The tests of the cheaper neighbours in the last round, from the one that saves most."""
        return sorted((test for test in self.last_round if test.plan > 0), key=lambda test: (test.cost, test.plan))

    @property
    def requirements(self) -> list[str]:
        """Names of what a plan has to keep: the target first, then the stages with a floor."""
        return [TARGET, *self.manifest["floors"]]

    def shift(self, name: str, language: Language) -> str:
        """Return the title of a shift."""
        shifts = self.manifest["rules"].get("shifts", {})
        if name in shifts:
            return str(shifts[name][language])
        return next((line.title(language) for line in self.roster if line.shift == name), name.replace("-", " "))


def read_staff(folder: Path) -> SavedStaff:
    """Read the results of `staff`.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (roster, needs, tried, tests) = read_kind(folder, KIND, ["staffing", "needs", "search", "certificate"])
    try:
        read = SavedStaff(
            folder,
            manifest,
            tuple(RosterLine(**_named(row, RosterLine)) for row in roster),
            tuple(Need(**_named({**row, "begin": row["from"]}, Need)) for row in needs),
            tuple(Tried(**_named(row, Tried)) for row in tried),
            tuple(CertificateTest(**_named(row, CertificateTest)) for row in tests),
        )
        for needed in NEEDED:
            manifest[needed]
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run staff again") from error
    return read


def lines_of(saved: SavedStaff, pool: str) -> list[RosterLine]:
    """Return who works in a pool, the dearest shifts first."""
    found = [line for line in saved.roster if line.pool == pool]
    return sorted(found, key=lambda line: (-line.hours_a_week, line.hours, line.shift))


def people_in(lines: Sequence[RosterLine]) -> int:
    """Return how many people there are on some lines."""
    return sum(line.people for line in lines)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _named(row: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    found = {field.name: row[field.name] for field in fields(kind)}
    # What has no number is null in some writers' tables.
    numbers = {"estimate", "low", "high", "cost", "score"} & found.keys()
    return found | {name: _number(found[name]) for name in numbers}
