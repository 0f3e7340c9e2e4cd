"""Ask of each design point, for a run or a sweep: does its target hold."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from sim.measures.judge import Judgement, Rule, Verdict
from sim.office.blocks import Unfinished
from sim.replicate.design_points import DesignPoint
from sim.replicate.stopping import Scores, Sequential
from sim.text import N_, Message, in_source


@dataclass(frozen=True)
class Outcome:
    """What became of a design point.

    Attributes
    ----------
    verdict : Verdict or None
        None if there was nothing to judge.
    judgement : Judgement or None
        None if there was nothing to judge, or the office cannot finish its cases.
    unfinished : Unfinished or None
        What it cannot finish.
    replications : int
        Those that the verdict rests on.
    """

    verdict: Verdict | None
    judgement: Judgement | None
    unfinished: Unfinished | None = None
    replications: int = 0

    @property
    def said(self) -> Message | None:
        """Why there is no judgement; None if there is one."""
        if self.unfinished is not None:
            return self.unfinished.said()
        return Message(NOTHING) if self.judgement is None else None

    @property
    def why(self) -> str:
        """The same for files: in English, empty if there is nothing to say."""
        return in_source(self.said or "")


NOTHING = N_("nobody submits an application that the target is about; there must be more demand, or a longer period")


class Verdicts(Sequential):
    """Replications of each design point until the verdict on it is given, or the budget is spent.

    Parameters
    ----------
    points : sequence of DesignPoint
    rule : Rule
        With as many tests as there are verdicts that shall be right together.
    small : bool
        Whether tasks are small.
    """

    def __init__(self, points: Sequence[DesignPoint], rule: Rule, small: bool = False) -> None:
        super().__init__(rule)
        self.small = small
        self.targets = [point.target for point in points]
        self.judgements: dict[int, Judgement | None] = {}

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Judge the design points of `changed`; return those whose verdict is final."""
        for number in changed:
            found = scores[number]
            if len(found) < self.smallest:
                continue
            if not found.counts.any():
                # After so many replications without a single case there will be none.
                self.judgements[number] = None
                continue
            self.judgements[number] = found.judged(self.targets[number], self.rule)
        return [number for number, judgement in self.judgements.items() if judgement is None or judgement.final]

    def left(self, number: int, replications: int) -> int:
        """Return about how many more replications it takes: the interval narrows with the square root of their number.

        It is narrow enough when it is clear of the target, or within the margin of it.
        """
        judgement = self.judgements.get(number)
        if judgement is None or replications < self.usual or not np.isfinite(judgement.high - judgement.low):
            return super().left(number, replications)
        apart = abs(judgement.estimate - judgement.promised)
        wanted = max(apart, judgement.margin - apart)
        half = 0.5 * (judgement.high - judgement.low)
        return max(math.ceil(replications * ((half / wanted) ** 2 - 1)), 1)

    def counts(self) -> dict[Verdict, int]:
        """Return how many verdicts of each kind have been given so far."""
        final = [judgement.verdict for judgement in self.judgements.values() if judgement and judgement.final]
        return {verdict: final.count(verdict) for verdict in Verdict if verdict in final}

    def outcome(self, number: int, scores: Scores) -> Outcome:
        """Return what became of a design point, now that everything is gathered."""
        judgement = self.judgements.get(number)
        if judgement is not None and judgement.final:
            return Outcome(judgement.verdict, judgement, None, judgement.replications)
        if scores.unfinished:
            return Outcome(Verdict.FAILS, None, scores.unfinished, len(scores))
        return Outcome(None, None)
