"""What a record rests on: what made it, from what, by which rule; and whether a folder holds the same already."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.measures.judge import Rule, margin_of
from sim.office.blocks import Target
from sim.program import DISTRIBUTION
from sim.replicate.design_points import DesignPoint, digest, model_version
from sim.results.codec import AS_SAVED, FORMAT, MANIFEST, read_json, unsaved
from sim.results.fitted import Fitted
from sim.text import N_, Message

LIBRARIES = ("chinesecalendar", "numba", "numpy", "pyarrow", "pydantic", "ruamel.yaml", "scipy", "simpy")
AS_TARGET = N_("min, or a share")
"""Unit of a column that is minutes or a share, as the record's target has it."""
VerdictWord = Annotated[str, Field(pattern="^(HOLDS|FAILS|TOO CLOSE|UNDECIDED)$")]
"""A verdict as it is saved."""
BONFERRONI = (
    "Lai's confidence sequence with a skewness correction after Hall that only widens it, looked at after each "
    "replication; Bonferroni over the verdicts of the experiment and both sides; see docs/method.md"
)


@dataclass(frozen=True)
class RuleFacts:
    """How verdicts were reached.

    Attributes
    ----------
    tests : int
        Verdicts that share the error.
    error : float
        Probability of any wrong one.
    smallest, largest : int
        Replications before which there is none, and at which one is given up.
    method : str
    """

    tests: int
    error: float
    smallest: int
    largest: int
    method: str = BONFERRONI

    @property
    def confidence(self) -> float:
        """Probability that all verdicts, and all intervals that are shown with them, are right."""
        return 1 - self.error


@dataclass(frozen=True)
class TargetFacts:
    """What was promised, and up to which distance from it a verdict is too close to call.

    Attributes
    ----------
    clock, statistic : str
    minutes, level : float
        As in `sim.office.blocks.Target`.
    margin : float
        Minutes or a share.
    """

    clock: str
    statistic: Literal["mean", "share", "percentile"]
    minutes: float
    level: float
    margin: float

    @property
    def about_mean(self) -> bool:
        """Whether estimates are minutes; shares if not."""
        return self.statistic == "mean"

    @property
    def promised(self) -> float:
        """What an estimate is held against: minutes or a share."""
        return self.minutes if self.about_mean else self.level

    def badness(self, estimate: float) -> float:
        """Return what is the larger the worse: minutes, or the share that is late; inf of what cannot finish."""
        if not math.isfinite(estimate):
            return math.inf
        return estimate if self.about_mean else 1 - estimate


def target_facts(target: Target) -> TargetFacts:
    """Return what is promised, for a record."""
    return TargetFacts(target.clock, target.statistic, target.minutes, target.level, margin_of(target))


@dataclass(frozen=True)
class Interval:
    """A figure with its interval; NaN ends where there is none."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class About:
    """What a record rests on, as far as that is alike for all kinds.

    Attributes
    ----------
    kind, name : str
        Which study it answers, and what it is called among those.
    command : str
        What makes it again.
    identity : str
        Hash of all that the answer depends on, but for its budget.
    design_points : str
        Hash of what was replicated.
    seed : int
    engine, model : str
        The engine, and a hash of the sources that figures come from.
    rule : RuleFacts
    versions : dict of str
        Of this program, Python and the libraries.
    fitted : Fitted or None
        What of the scenarios was fitted to a log.
    format : int
    """

    kind: str
    name: str
    command: str
    identity: str
    design_points: str
    seed: int
    engine: str
    rule: RuleFacts
    model: str
    versions: dict[str, str]
    fitted: Fitted | None = None
    format: int = FORMAT

    @property
    def version(self) -> str:
        """Version of this program."""
        return self.versions.get(DISTRIBUTION, "")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a study has found; each study has a kind of its own.

    Attributes
    ----------
    about : About
    folder : Path or None
        Where it lies; None if it was not saved.
    finished : str
        When it was saved; empty if it was not.
    """

    __pydantic_config__: ClassVar[Any] = AS_SAVED

    about: About
    folder: Path | None = unsaved()
    finished: str = unsaved("")

    @property
    def name(self) -> str:
        """Name of the results."""
        return self.about.name

    @property
    def status(self) -> int:
        """Exit status of the verb that found it."""
        return 0


def about_of(
    kind: str, name: str, command: str, points: Iterable[DesignPoint], rule: Rule, asked: Any = None,
    fitted: Fitted | None = None,
) -> About:  # fmt: skip
    """Return what a record will rest on.

    Parameters
    ----------
    kind, name, command : str
    points : iterable of DesignPoint
    rule : Rule
    asked : object
        Whatever else the answer depends on, as JSON.
    fitted : Fitted, optional
    """
    points = list(points)
    # With a larger budget an experiment goes on; that is not another experiment.
    boundary = rule.boundary
    identity = [kind, [point.key for point in points], rule.tests, rule.error, boundary.smallest, rule.early, asked]
    versions = {DISTRIBUTION: version(DISTRIBUTION), "python": platform.python_version()}
    return About(
        kind=kind,
        name=name,
        command=command,
        identity=digest(identity),
        design_points=digest([point.key for point in points]),
        seed=points[0].seed,
        engine=points[0].engine,
        rule=RuleFacts(rule.tests, rule.error, boundary.smallest, rule.largest),
        model=model_version(),
        versions=versions | {name: version(name) for name in LIBRARIES},
        fitted=fitted,
    )


@dataclass(frozen=True)
class Kept:
    """What a folder's manifest says of the results in it, whatever their kind.

    `quick` is None of results that are the same with ``--quick`` but for the number of replications.
    """

    format: int
    about: dict[str, Any] = field(default_factory=dict)
    replications: int | None = None
    quick: bool | None = None


def kept_in(folder: Path) -> Kept | None:
    """Return what a folder's manifest says, None if there is none or it is damaged."""
    try:
        facts = read_json(folder / MANIFEST)
        about = facts.get("about", facts)
        rule = about.get("rule", {})
        if not all(isinstance(rule.get(part, 0), int) for part in ("tests", "largest")):
            return None
        replications = facts.get("replications")
        whole = replications is None or isinstance(replications, int)
        quick = facts.get("quick") if isinstance(facts.get("quick"), bool) else None
        return Kept(int(about["format"]), about, replications, quick) if whole else None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


def differences(finished: Kept, new: About) -> list[Message]:
    """Return in what finished results differ from new ones, in words; empty if they are the same.

    An experiment with a larger budget goes on where the finished one has ended; with a smaller one it could only
    say less.
    """
    before = finished.about
    rule = before.get("rule", {})
    budget = rule.get("largest", 0), new.rule.largest
    if before.get("identity") == new.identity:
        used = budget[0] if finished.replications is None else finished.replications
        if budget[1] >= min(budget[0], used):
            return []
        return [Message("the number of replications ({before}; now at most {now})", before=used, now=budget[1])]
    said = []
    for what, was, now in (
        (Message("kind"), before.get("kind"), new.kind),
        (Message("seed"), before.get("seed"), new.seed),
        (Message("engine"), before.get("engine"), new.engine),
        (Message("number of verdicts"), rule.get("tests"), new.rule.tests),
        (Message("error"), rule.get("error"), new.rule.error),
    ):
        if was != now:
            said.append(Message("{what} ({before}; now {now})", what=what, before=was, now=now))
    if before.get("model") != new.model:
        said.append(Message("version of the model"))
    if not said and before.get("design_points") == new.design_points:
        return [Message("what is asked of the same scenarios")]
    return said or [Message("its scenarios")]
