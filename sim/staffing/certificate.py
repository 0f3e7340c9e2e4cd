"""The certificate: the plan holds, and none of its cheaper neighbours is shown to, on seeds that nobody has seen.

The search has chosen its plan because it looked well on the random numbers of the search, so these cannot be the
judges. The plan is held against each requirement, each neighbour against the one that it missed in the search, as one
family of verdicts at the error of the round. If the certificate is refused the search goes on, and the next round has
a seed and an error of its own; the errors of all rounds together are no more than the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sim.analysis.judge import Judgement, Rule, Verdict, judge_scores
from sim.replicate.cells import digest
from sim.replicate.gather import Scores
from sim.staffing.requirements import Requirement, figures_of


def round_error(error: float, number: int) -> float:
    """Return the error that a round, counted from 1, may spend: a half, a quarter, an eighth."""
    return error / float(2**number)


def round_seed(seed: int, number: int) -> int:
    """Return the seed of a round: none of the search's, and none of another round's."""
    return int(digest([seed, "certificate", number])[:12], 16)


@dataclass(frozen=True)
class Claim:
    """A plan held against a requirement: its place among the plans, and what it is held against."""

    plan: int
    requirement: Requirement


@dataclass(frozen=True)
class Judged:
    """A test and what came of it.

    Attributes
    ----------
    test : Claim
    verdict : Verdict
    judgement : Judgement or None
        None if the office cannot finish its cases.
    replications : int
    """

    claim: Claim
    verdict: Verdict
    judgement: Judgement | None
    replications: int


class Certificate:
    """Asks for replications until each test has its verdict.

    Parameters
    ----------
    tests : sequence of Claim
    rule : Rule
        With at least as many tests as these.
    requirements : sequence of Requirement
        All of them, for the figures that they need.
    """

    def __init__(self, tests: Sequence[Claim], rule: Rule, requirements: Sequence[Requirement]) -> None:
        self.tests, self.rule = tuple(tests), rule
        self.figures = figures_of(requirements)
        self.judgements: dict[int, Judgement] = {}
        self._of_plan: dict[int, list[int]] = {}
        for number, test in enumerate(self.tests):
            self._of_plan.setdefault(test.plan, []).append(number)

    @property
    def smallest(self) -> int:
        """Replications before which there is no verdict."""
        return min(self.rule.boundary.smallest, self.rule.largest)

    @property
    def largest(self) -> int:
        """Replications at which a verdict is given up."""
        return self.rule.largest

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Judge the plans of `changed`; return those all of whose verdicts are final."""
        for plan in changed:
            if len(scores[plan]) < self.smallest:
                continue
            for number in self._of_plan[plan]:
                known = self.judgements.get(number)
                if known is None or not known.final:
                    test = self.tests[number]
                    sums, counts = test.requirement.sums_and_counts(scores[plan])
                    if counts.any():
                        self.judgements[number] = judge_scores(test.requirement.target, sums, counts, self.rule)
        return [
            plan
            for plan, numbers in self._of_plan.items()
            if all(number in self.judgements and self.judgements[number].final for number in numbers)
        ]

    def judged(self, scores: Sequence[Scores]) -> list[Judged]:
        """Return what came of each test, now that everything is gathered."""
        found = []
        for number, test in enumerate(self.tests):
            judgement = self.judgements.get(number)
            if judgement is not None and judgement.final:
                found.append(Judged(test, judgement.verdict, judgement, judgement.replications))
            elif scores[test.plan].unfinished:
                found.append(Judged(test, Verdict.FAILS, None, len(scores[test.plan])))
            else:
                found.append(Judged(test, Verdict.UNDECIDED, judgement, len(scores[test.plan])))
        return found
