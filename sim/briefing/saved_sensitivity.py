"""Read the folder of a sensitivity: assumptions, flips, screening, indices, plausible offices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.briefing.saved import Figure, SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "sensitivity"
TABLES = ("assumptions", "flips", "others", "screening", "indices", "offices", "separation")
LOG_MINUTES, MINUTES, OVER, KEEPS = "log minutes", "minutes", "over", "keeps"
VERDICTS = ("HOLDS", "TOO CLOSE", "UNDECIDED", "FAILS")
OPEN = ("TOO CLOSE", "UNDECIDED")
NEEDED = ("name", "target", "rule", "pieces", "settings", "left_out", "scenario_verdict", "screening", "indices",
          "plausible", "scenario", "seed", "working_days")  # fmt: skip
F64 = NDArray[np.float64]
Row = TypeVar("Row", "Assumption", "Screened", "Index", "Separation")


@dataclass(frozen=True)
class Assumption:
    """A parameter that may be otherwise.

    Attributes
    ----------
    parameter, unit, meaning_en, meaning_zh, source, kind : str
        `kind` is where the range is from: article, assumption, computed, elsewhere, or given by a file, whose name is
        the source.
    value, low, high, plausible_low, plausible_high : float
        `value` is infinite if the scenario has no number.
    extended : bool
        Whether the scenario's value is outside the plausible range.
    """

    parameter: str
    unit: str
    meaning_en: str
    meaning_zh: str
    source: str
    kind: str
    value: float
    low: float
    high: float
    plausible_low: float
    plausible_high: float
    extended: bool

    def part(self, value: float) -> float:
        """Return how far up the range a value is: 0 = low, 1 = high, and not beyond."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


class Judged(NamedTuple):
    """A verdict with its estimate (infinite if the office cannot finish), interval (NaN = none) and replications."""

    verdict: str
    estimate: float
    low: float
    high: float
    replications: int


class Flip(NamedTuple):
    """Where the verdict flips on the way to an end.

    Attributes
    ----------
    last, first : float
        Last value with the scenario's verdict, first with another.
    verdict : str
        The other one.
    between : str
        Verdicts found between the two, if any.
    monotone : bool
        No value was found to be the other way round.
    """

    last: float
    first: float
    verdict: str
    between: str
    monotone: bool


@dataclass(frozen=True)
class Swing:
    """What one assumption does to the verdict.

    Attributes
    ----------
    assumption : Assumption
    low, high : Judged
        At the ends of the range.
    middle : float
        Value that was judged between, if neither end flips; NaN otherwise.
    middle_verdict : str
    flips : tuple of Flip
        That towards the low end first.
    replications : int
    """

    assumption: Assumption
    low: Judged
    high: Judged
    middle: float
    middle_verdict: str
    flips: tuple[Flip, ...]
    replications: int

    @property
    def nearest(self) -> Flip | None:
        """The flip nearest to the scenario's own value."""
        return min(self.flips, key=self.distance, default=None)

    def distance(self, flip: Flip) -> float:
        """Return how far the first other value is from the scenario's, as a part of the range."""
        return abs(self.assumption.part(flip.first) - self.assumption.part(self.assumption.value))


@dataclass(frozen=True)
class Other:
    """What may be otherwise and is no number.

    Attributes
    ----------
    kind : str
        "staffing" or "reading".
    name, own, here : str
    judged : Judged
    """

    kind: str
    name: str
    own: str
    here: str
    judged: Judged


@dataclass(frozen=True)
class Screened:
    """The elementary effects of a parameter on an outcome; see the tables of the experiment."""

    parameter: str
    outcome: str
    mu: float
    mu_star: float
    mu_star_low: float
    mu_star_high: float
    sigma: float
    sigma_low: float
    sigma_high: float


@dataclass(frozen=True)
class Index:
    """The Sobol indices of a parameter for an outcome, with intervals; NaN if the outcome never varies."""

    parameter: str
    outcome: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True)
class Separation:
    """Mean of a parameter in the plausible offices that hold and in those that fail.

    Attributes
    ----------
    parameter : str
    holds, fails : float
    difference, error : float
        In standard deviations, with its standard error.
    """

    parameter: str
    holds: float
    fails: float
    difference: float
    error: float


@dataclass(frozen=True)
class SavedSensitivity(SavedExperiment):
    """The results of a sensitivity; what was not asked for is empty.

    Attributes
    ----------
    assumptions : dict of str to Assumption
        By parameter.
    swings : tuple of Swing
        In the order of the parameters.
    others : tuple of Other
    screened : tuple of Screened
        The most influential first, for each outcome.
    indices : tuple of Index
    offices : tuple of Judged
    separations : tuple of Separation
        The largest difference first.
    """

    assumptions: Mapping[str, Assumption]
    swings: tuple[Swing, ...]
    others: tuple[Other, ...]
    screened: tuple[Screened, ...]
    indices: tuple[Index, ...]
    offices: tuple[Judged, ...]
    separations: tuple[Separation, ...]

    def title(self, language: Language) -> str:
        """Return the scenario's title."""
        return str(self.manifest["scenario"]["title"][language])

    @property
    def scenario(self) -> Judged | None:
        """The scenario itself; None if the flips were not asked for."""
        facts = self.manifest["scenario_verdict"]
        if facts is None:
            return None
        estimate, low, high = (facts[name] for name in ("estimate", "interval_low", "interval_high"))
        low, high = (math.nan if end is None else float(end) for end in (low, high))
        return Judged(facts["verdict"], math.inf if estimate is None else estimate, low, high, facts["replications"])

    @property
    def promised(self) -> float:
        """What the figure is held against: minutes or a share."""
        return float(self.target["minutes"] if self.about_mean else self.target["level"])

    def swing_of(self, swing: Swing) -> float:
        """Return how wide the estimates of an assumption reach: of the ends and the scenario."""
        values = [swing.low.estimate, swing.high.estimate]
        if self.scenario is not None:
            values.append(self.scenario.estimate)
        return 0.0 if math.isinf(min(values)) else max(values) - min(values)

    @property
    def by_swing(self) -> list[Swing]:
        """The assumptions with the widest reach first."""
        return sorted(self.swings, key=self.swing_of, reverse=True)

    @property
    def flipping(self) -> list[Swing]:
        """The assumptions that flip the verdict by themselves, the nearest flip first."""
        found = [(swing, swing.nearest) for swing in self.swings]
        return [
            swing for swing, _ in sorted(
                ((swing, nearest) for swing, nearest in found if nearest is not None),
                key=lambda pair: pair[0].distance(pair[1]),
            )
        ]  # fmt: skip

    @property
    def steady(self) -> list[Swing]:
        """The assumptions that do not flip the verdict within their range; none if there is no verdict to flip."""
        return [] if self.undecided else [swing for swing in self.swings if not swing.flips]

    @property
    def undecided(self) -> bool:
        """Whether the scenario itself was judged and is undecided, so that nothing can flip."""
        return self.scenario is not None and self.scenario.verdict == "UNDECIDED"

    def not_known(self, swing: Swing) -> bool:
        """Say whether an end was not decided, so that nobody knows whether it flips."""
        return "UNDECIDED" in (swing.low.verdict, swing.high.verdict)

    def flips_inside(self, swing: Swing) -> bool:
        """Say whether a value between the ends has another verdict than the scenario, though neither end has."""
        own = "" if self.scenario is None else self.scenario.verdict
        return bool(swing.middle_verdict) and swing.middle_verdict not in (own, "UNDECIDED")

    def of_outcome(self, outcome: str) -> list[Screened]:
        """Return the screening of one outcome."""
        return [row for row in self.screened if row.outcome == outcome]

    def indices_of(self, outcome: str) -> list[Index]:
        """Return the indices for one outcome."""
        return [row for row in self.indices if row.outcome == outcome]

    @property
    def counts(self) -> dict[str, int]:
        """Plausible offices by verdict; empty if there are none."""
        plausible = self.manifest["plausible"]
        return {} if plausible is None else {name: int(plausible["counts"][name]) for name in VERDICTS}

    @property
    def holds(self) -> Figure:
        """The share of the plausible offices in which the target holds, with its interval."""
        share = self.manifest["plausible"]["holds"]
        return Figure(*(float(share[name]) for name in ("share", "low", "high")))

    @property
    def given(self) -> list[Assumption]:
        """Those whose range is from a file of ranges."""
        return [of for of in self.assumptions.values() if of.kind == "given"]


def read_sensitivity(folder: Path) -> SavedSensitivity:
    """Read the results of a sensitivity.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, tables = read_kind(folder, KIND, TABLES)
    assumptions, flips, others, screening, indices, offices, separation = tables
    try:
        for needed in NEEDED:
            manifest[needed]
        known = {row["parameter"]: row for row in assumptions}
        read = {name: _rows(Assumption, [row])[0] for name, row in known.items()}
        return SavedSensitivity(
            folder, manifest, read,
            tuple(_swing(row, read[row["parameter"]]) for row in flips),
            tuple(Other(row["kind"], row["name"], row["own"], row["here"], _judged(row)) for row in others),
            _rows(Screened, screening), _rows(Index, indices), tuple(map(_judged, offices)),
            _rows(Separation, separation),
        )  # fmt: skip
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the sensitivity again") from error


def _rows(kind: type[Row], rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(kind(**{field.name: row[field.name] for field in fields(kind)}) for row in rows)


def _judged(row: Mapping[str, Any], begin: str = "") -> Judged:
    names = ("verdict", "estimate", "interval_low", "interval_high", "replications")
    return Judged(*(row[begin + name] for name in names))


def _swing(row: Mapping[str, Any], of: Assumption) -> Swing:
    flips = []
    for end in ("low", "high"):
        names = ("last", "first", "verdict", "between", "monotone")
        flip = Flip(*(row[f"flip_{end}_{name}"] for name in names))
        if flip.verdict:
            flips.append(flip)
    middle = math.nan if row["middle"] is None else float(row["middle"])
    return Swing(of, _judged(row, "low_"), _judged(row, "high_"), middle, row["middle_verdict"] or "", tuple(flips),
                 row["replications"])  # fmt: skip
