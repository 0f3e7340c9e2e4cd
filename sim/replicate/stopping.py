"""When to stop replicating: what a stopping rule is, what it sees of a design point, and the simplest of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.measures.controls import Controls, controlled, joined_controls
from sim.measures.early import YEARS
from sim.measures.judge import Beside, Judgement, Rule, judge_scores, missed_by
from sim.office.blocks import Target, Unfinished

F64 = NDArray[np.float64]

OF_A_SEARCH = 5
"""Replications of a task of a search."""


@dataclass
class Scores:
    """What the verdicts on a design point rest on: its replications so far, in order and without a gap.

    Attributes
    ----------
    sums, counts : (n,) float64
        Of each replication: sum over the cases on target of what the target is about, and their number.
    unfinished : Unfinished or None
        What the office cannot finish in the next replication; None if nothing is known of that.
    figures : (n, asked) float64
        The further figures that the stopping rule asked for; NaN where a replication has no such figure.
    controls : Controls or None
        What its disruptions were; None if it knows none.
    parts : (n, parts, 2) float64
        Sum and number by part of each replication, see `kpis.parts_of`.
    """

    sums: F64 = field(default_factory=lambda: np.empty(0))
    counts: F64 = field(default_factory=lambda: np.empty(0))
    unfinished: Unfinished | None = None
    figures: F64 = field(default_factory=lambda: np.empty((0, 0)))
    controls: Controls | None = None
    parts: F64 = field(default_factory=lambda: np.empty((0, 1, 2)))

    def __len__(self) -> int:
        return len(self.counts)

    def more(self, other: Scores) -> Scores:
        """Return these and those of the replications after them."""
        return Scores(
            np.concatenate([self.sums, other.sums]),
            np.concatenate([self.counts, other.counts]),
            other.unfinished,
            np.concatenate([self.figures, other.figures]),
            joined_controls([part.controls for part in (self, other) if len(part)]),
            np.concatenate([part.parts for part in (self, other) if len(part)] or [self.parts]),
        )

    def first(self, replications: int) -> Scores:
        """Return the first of them alone, as if nothing were known of what comes after."""
        n = replications
        controls = self.controls and self.controls.first(n)
        return Scores(self.sums[:n], self.counts[:n], None, self.figures[:n], controls, self.parts[:n])

    def controlled(self, target: Target) -> F64:
        """Return the sums without what the replications' disruptions cost more, or less, than is expected."""
        return controlled(target, self.sums, self.controls)

    @property
    def seen(self) -> int:
        """Replications before which too few of the declared outages were seen for a verdict."""
        return 1 if self.controls is None else self.controls.seen

    def judged(self, target: Target, rule: Rule, beside: Beside | None = None) -> Judgement:
        """Return the verdict on them; of an office judged beside another, as far as that one was played."""
        rare, seen = self.controls is not None, max(self.seen, beside.seen if beside else 1)
        return judge_scores(target, self.controlled(target), self.counts, rule, seen, self.parts, rare, beside)

    def beside(self, target: Target, mean: float, low: float, high: float) -> Beside:
        """Return them as what others are judged beside; `mean`, `low` and `high` as there."""
        return Beside(
            missed_by(target, self.controlled(target), self.counts),
            missed_by(target, self.parts[..., 0], self.parts[..., 1]),
            mean, low, high, self.seen, self.controls is not None,
        )  # fmt: skip

    def values(self, target: Target, most: int) -> F64:
        """Return the mean, or share, of each replication [min, or share].

        An office that cannot finish its cases in a replication is infinitely bad in it, and in those after it, up to
        `most`, which nobody plays. NaN where no case is on target.
        """
        never = np.inf if target.statistic == "mean" else -np.inf
        with np.errstate(invalid="ignore"):
            values = self.controlled(target) / self.counts
        return np.append(values, np.full(most - len(self) if self.unfinished else 0, never))


class StoppingRule(ABC):
    """Says of which design points enough replications have been seen.

    Attributes
    ----------
    smallest, largest : int
        Replications of each design point without which nothing is said, and beyond which there are no more.
    figures : tuple of str
        Short names of the figures that it looks at, besides what the target is about.
    batch : int
        Replications of a task: fewer where so few are asked for that all workers could not share larger ones, or where
        a few may be enough.
    apart : bool
        Whether what is found of a design point hangs on no other: then few are at hand at a time.
    searching : bool
        Whether what is asked next hangs on the answer, and is about the same journeys: then draws are kept.
    """

    batch = 10
    apart = searching = False

    def __init__(self, smallest: int, largest: int, figures: tuple[str, ...] = ()) -> None:
        self.smallest, self.largest, self.figures = min(smallest, largest), largest, figures

    def left(self, number: int, replications: int) -> int:
        """Return about how many more replications a design point needs that has so many and not enough."""
        # Beyond the first look nobody knows; half as many again is a fair guess.
        return self.smallest - replications if replications < self.smallest else replications // 2

    @abstractmethod
    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the design points that need no more, now that those of `changed` have more replications.

        Those that were returned before may be left out.
        """


class Sequential(StoppingRule):
    """One that looks after each replication, at a boundary that holds whenever it is looked at."""

    def __init__(self, rule: Rule, figures: tuple[str, ...] = ()) -> None:
        super().__init__(rule.first, rule.largest, figures)
        if rule.early:
            self.batch = 1
        self.rule = rule

    def left(self, number: int, replications: int) -> int:
        """Return about how many more replications a design point needs that has so many and not enough."""
        # Of early looks the first says little of what is left: most are for the parts of years.
        return max(super().left(number, replications), YEARS - replications)


class EqualNumber(StoppingRule):
    """The same number of replications of each design point, whatever they show."""

    def __init__(self, replications: int, figures: tuple[str, ...] = (), searching: bool = False) -> None:
        super().__init__(replications, replications, figures)
        self.searching = searching
        if searching:
            self.batch = OF_A_SEARCH

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return those that have them."""
        return [number for number in changed if len(scores[number]) >= self.largest]
