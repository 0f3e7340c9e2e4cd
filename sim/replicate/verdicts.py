"""Ask of each design point, for a run or a sweep: does its target hold."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from sim.measures.judge import Judgement, Rule, Verdict, missed_by
from sim.measures.sequential import bounds, finite_values, prefix_moments
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
    """

    apart = True

    def __init__(self, points: Sequence[DesignPoint], rule: Rule) -> None:
        super().__init__(rule)
        self.targets = [point.target for point in points]
        self.judgements: dict[int, Judgement | None] = {}

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Judge the design points of `changed`; return those whose verdict is final."""
        for number in changed:
            found = scores[number]
            if self._nobody(found):
                self.judgements[number] = None
            elif len(found) >= self.smallest and found.counts.any():
                self.judgements[number] = found.judged(self.targets[number], self.rule)
        return [number for number, judgement in self.judgements.items() if judgement is None or judgement.final]

    def _nobody(self, found: Scores) -> bool:
        """Say whether nobody comes: not one case in as many replications as usual before a look."""
        most = min(self.rule.boundary.smallest, self.rule.largest)
        return len(found) >= most and not found.counts[:most].any()

    def left(self, number: int, replications: int) -> int:
        """Return about how many more replications it takes: the interval narrows with the square root of their number.

        It is narrow enough when it is clear of the target, or within the margin of it.
        """
        judgement = self.judgements.get(number)
        if judgement is None or not np.isfinite(judgement.high - judgement.low):
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


PRECISE, OF_DISTANCE = 0.2, 0.05
"""An office is known well once its interval is so much of the margin wide on either side, or of its distance from the
target."""
MOST_TO_KNOW = 200
"""Replications that this may take, unless its verdict takes more."""


class KnownWell(Verdicts):
    """Replications of one design point until it is known so well that others can be judged beside it.

    Parameters
    ----------
    point : DesignPoint
    rule : Rule
        Of its own verdict; the interval of what misses its target is at the same error.

    Attributes
    ----------
    interval : (float, float, float) or None
        The mean and its interval; None if there is none, as somebody never gets a licence.
    """

    batch = 1

    def __init__(self, point: DesignPoint, rule: Rule) -> None:
        super().__init__([point], rule)
        self.interval: tuple[float, float, float] | None = None

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the design point once it is known well."""
        super().look(scores, changed)
        judgement, found = self.judgements.get(0), scores[0]
        if 0 not in self.judgements or (judgement is not None and not judgement.final):
            return []
        if judgement is None or not np.isfinite(judgement.estimate):
            return [0]
        x = missed_by(self.targets[0], found.controlled(self.targets[0]), found.counts)
        finite = finite_values(x)
        first = max(judgement.replications, self.rule.boundary.smallest)
        # The first number at which it is, whatever else has been played by now.
        n = np.arange(first, finite + 1)
        mean, spread, skewness = (moment[n - 1] for moment in prefix_moments(x[:finite]))
        low, high = bounds(n, mean, spread, skewness, self.rule.boundary)
        near = judgement.margin * np.cumsum(found.counts)[n - 1] / n
        known = (high - low) / 2 <= np.maximum(PRECISE * near, OF_DISTANCE * np.abs(mean))
        known |= n >= min(max(MOST_TO_KNOW, first), self.rule.largest)
        if known.any():
            at = int(known.argmax())
            self.interval = float(mean[at]), float(low[at]), float(high[at])
        return [0] if known.any() or finite < len(x) else []


class VerdictsBeside(Verdicts):
    """Verdicts on design points, alone and by how they differ from one that is known well; the first one counts.

    Parameters
    ----------
    known : DesignPoint
    interval : (float, float, float) or None
        That of `KnownWell`; None: there is nothing to differ from.
    points : sequence of DesignPoint
    rule : Rule
        With a share of the error that `known` has not been given, for two tests of each.
    """

    def __init__(
        self,
        known: DesignPoint,
        interval: tuple[float, float, float] | None,
        points: Sequence[DesignPoint],
        rule: Rule,
    ) -> None:
        super().__init__([known, *points], rule)
        self.interval = interval
        self._looked: dict[int, int] = {}

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Judge the design points as far as both were played; return those whose verdict is final."""
        known, target = scores[0], self.targets[0]
        usable = finite_values(missed_by(target, known.controlled(target), known.counts)) if self.interval else 0
        # From where on there is nothing to differ from each is judged alone, however far the known one is played.
        ended = not self.interval or usable < len(known) or known.unfinished is not None
        final = self._final()
        for number in range(1, len(scores)):
            of = scores[number]
            n = len(of) if ended else min(len(of), usable)
            if number in final or n < self.smallest or n <= self._looked.get(number, 0):
                continue
            self._looked[number] = n
            if self._nobody(of.first(n)):
                self.judgements[number] = None
                continue
            if not of.counts[:n].any():
                continue
            found = [of.first(n).judged(self.targets[number], self.rule)]
            both = min(n, usable)
            if self.interval and both >= self.smallest and of.counts[:both].any():
                beside = known.first(both).beside(target, *self.interval)
                found.append(of.first(both).judged(self.targets[number], self.rule, beside))
            decided = [each for each in found if each.verdict is not Verdict.UNDECIDED]
            # Undecided after all, it is the narrower interval that tells more.
            self.judgements[number] = (
                min(reversed(decided), key=lambda each: each.replications)
                if decided
                else min(found, key=lambda each: (not each.final, np.nan_to_num(each.high - each.low, nan=np.inf)))
            )
        final = self._final()
        open_ = [
            number for number in range(1, len(scores))
            if number not in final
            and not (scores[number].unfinished and len(scores[number]) <= self._looked.get(number, self.smallest - 1))
        ]  # fmt: skip
        return final if open_ else {0, *final}

    def _final(self) -> set[int]:
        return {number for number, of in self.judgements.items() if of is None or of.final}
