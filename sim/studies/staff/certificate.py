"""The certificate: the plan holds, and none of its cheaper neighbours is shown to, on seeds that nobody has seen.

The search has chosen its plan because it looked well on the random numbers of the search, so these cannot be the
judges. The plan is held against each requirement, each neighbour against the one that it missed in the search, as one
family of verdicts at the error of the round. If the certificate is refused the search goes on, and the next round has
a seed and an error of its own; the errors of all rounds together are no more than the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sim.measures.judge import Judgement, Rule, Verdict
from sim.measures.sequential import mean_intervals
from sim.office.parameters import Scenario
from sim.replicate.design_points import DesignPoint, design_point_of, digest
from sim.replicate.gather import gather, replications_of
from sim.replicate.stopping import Scores, Sequential
from sim.studies.staff.choices import Plan
from sim.studies.staff.records import Interval
from sim.studies.staff.search import Search
from sim.studies.staff.trials import Requirement, figures_of

COST = "staff cost"
"""Figure of a replication."""
MOST_OF_OWN = 200
"""Replications of the scenario's own plan, which is there to be compared with, not to be decided on."""
WORSE = (Verdict.FAILS, Verdict.TOO_CLOSE, Verdict.UNDECIDED, Verdict.HOLDS)
"""From shown to miss what is required to shown to keep it."""


def round_error(error: float, number: int) -> float:
    """Return the error that a round, counted from 1, may spend: a half, a quarter, an eighth."""
    return error / float(2**number)


def round_seed(seed: int, number: int, about: str) -> int:
    """Return the seed of a round: none of the search's, of another round's, or of a search about something else.

    What was chosen for having held on some years must not be judged on them again, in another year of demand or as the
    plan that a search begins with.
    """
    return int(digest([seed, "certificate", number, about])[:12], 16)


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
    claim : Claim
    verdict : Verdict
    judgement : Judgement or None
        None if the office cannot finish its cases.
    replications : int
    """

    claim: Claim
    verdict: Verdict
    judgement: Judgement | None
    replications: int


class Certificate(Sequential):
    """Replications of each plan until each test of it has its verdict.

    Parameters
    ----------
    tests : sequence of Claim
    rule : Rule
        With at least as many tests as these.
    requirements : sequence of Requirement
        All of them, for the figures that they need.
    """

    apart = True

    def __init__(self, tests: Sequence[Claim], rule: Rule, requirements: Sequence[Requirement]) -> None:
        super().__init__(rule, figures_of(requirements))
        self.tests = tuple(tests)
        # Of the plan itself the figures are wanted, too.
        self.rules = [replace(rule, early=False) if test.plan == 0 else rule for test in self.tests]
        self.judgements: dict[int, Judgement] = {}
        self._of_plan: dict[int, list[int]] = {}
        for number, test in enumerate(self.tests):
            self._of_plan.setdefault(test.plan, []).append(number)

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Judge the plans of `changed`; return those all of whose verdicts are final."""
        for plan in changed:
            if len(scores[plan]) < self.smallest:
                continue
            for number in self._of_plan[plan]:
                known = self.judgements.get(number)
                if known is None or not known.final:
                    test = self.tests[number]
                    judgement = test.requirement.judged(scores[plan], self.rules[number])
                    if judgement is not None:
                        self.judgements[number] = judgement
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


@dataclass(frozen=True)
class Round:
    """A round of the certificate.

    Attributes
    ----------
    plans : tuple of Plan
        The plan, and its cheaper neighbours.
    judged : tuple of Judged
        The plan's requirements first, then each neighbour against one.
    rule : Rule
    seed : int
    replications : int
        Of all plans together.
    error : float
        Of all its verdicts, the second ones of doubtful neighbours included.
    better : Plan or None
        The cheapest neighbour that holds in everything.
    """

    plans: tuple[Plan, ...]
    judged: tuple[Judged, ...]
    rule: Rule
    seed: int
    replications: int
    error: float
    better: Plan | None = None

    @property
    def of_plan(self) -> list[Judged]:
        """What came of the plan itself."""
        return [judged for judged in self.judged if judged.claim.plan == 0]

    @property
    def holds(self) -> bool:
        """Whether the plan holds in everything."""
        return not self.not_held

    @property
    def not_held(self) -> list[Requirement]:
        """The requirements that the plan was not shown to keep."""
        return [judged.claim.requirement for judged in self.of_plan if judged.verdict is not Verdict.HOLDS]


class Judges:
    """Judges plans, each time on a seed of its own and at half the error of the time before.

    A neighbour is held against the requirement that it missed most in the search. One that holds there is judged once
    more, against everything: only then is it a cheaper plan that holds.

    Parameters
    ----------
    search : Search
        Whose seed, engine, workers and store are the judges' too.
    rule : Rule
        Error and budget.
    about : str
        What is searched for, so that no other search is certified on the same years.
    neighbours : bool
        Whether the cheaper neighbours of a plan are judged, too.

    Attributes
    ----------
    rounds : list of Round
    families : int
        Families of verdicts so far, each with a seed and an error of its own.
    """

    def __init__(self, search: Search, rule: Rule, about: str, neighbours: bool = True) -> None:
        self.search, self.trials, self.rule, self.about = search, search.trials, rule, about
        self.neighbours = neighbours
        self.rounds: list[Round] = []
        self.families = 0

    def judge(self, plan: Plan) -> Round:
        """Judge a plan and its cheaper neighbours, and keep the round."""
        requirements = self.search.requirements
        plans = [plan, *(self.search.choices.neighbours(plan) if self.neighbours else ())]
        missing = [each for each in plans[1:] if each not in self.search.tried]
        tried = self.trials.try_all(list(map(self.search.choices.rostered, missing)))
        self.search.tried.update(zip(missing, tried, strict=True))
        claims = [Claim(0, requirement) for requirement in requirements]
        for place, each in enumerate(plans[1:], 1):
            claims.append(Claim(place, requirements[self.search.tried[each].worst(requirements)]))
        # One more: the interval of what the plan costs with overtime.
        judged, rule, seed = self._family(plans, claims, len(claims) + 1)
        found = Round(tuple(plans), tuple(judged), rule, seed, _replications(judged, len(plans)), rule.error)
        if found.holds:
            held = [j.claim.plan for j in judged if j.claim.plan and j.verdict is Verdict.HOLDS]
            if doubtful := [place for place in held if plans[place] not in self.search.refused]:
                found = self._challenged(found, doubtful)
        self.rounds.append(found)
        return found

    def judge_own(self, own: Scenario, most: int = MOST_OF_OWN) -> tuple[list[Judged], Interval]:
        """Judge the scenario's own plan on the seed of the last round; return its cost with overtime, too.

        If no plan has got so far, the plan with everybody on duty that there may be is judged beside, as the second.
        """
        scenarios, seed = [own], self.rounds[-1].seed if self.rounds else round_seed(self.trials.seed, 1, self.about)
        if not self.rounds:
            scenarios.append(self.search.choices.staffed(self.search.choices.most))
        claims = [Claim(plan, each) for plan in range(len(scenarios)) for each in self.search.requirements]
        error, largest = round_error(self.rule.error, self.families + 1), min(self.rule.largest, most)
        # What a plan that misses is quoted with is a figure, so there are no early looks.
        rule = Rule(len(claims) + 1, error, largest)
        points = [design_point_of(scenario, seed, self.trials.engine) for scenario in scenarios]
        judged, scores = self._asked(points, claims, rule)
        # The mean of those replications that it can finish would say less than it costs.
        cost = Interval() if scores[0].unfinished else self._cost(points[0], judged, rule)
        return judged, cost

    def cost_with_overtime(self, plan: Plan) -> Interval:
        """Return what all pools cost with a plan, overtime included, in the last round, which was about it [yuan]."""
        last = self.rounds[-1]
        point = design_point_of(self.search.choices.rostered(plan), last.seed, self.trials.engine)
        return self._cost(point, last.of_plan, last.rule)

    def _challenged(self, found: Round, doubtful: Sequence[int]) -> Round:
        """Judge neighbours against everything; return the round with what each of them is least shown to keep."""
        plans = [found.plans[place] for place in doubtful]
        claims = [Claim(number, each) for number in range(len(plans)) for each in self.search.requirements]
        judged, rule, _ = self._family(plans, claims, len(claims))
        worst: dict[int, Judged] = {}
        for each in judged:
            place = doubtful[each.claim.plan]
            if place not in worst or WORSE.index(each.verdict) < WORSE.index(worst[place].verdict):
                worst[place] = replace(each, claim=Claim(place, each.claim.requirement))
        holding = [found.plans[place] for place, each in worst.items() if each.verdict is Verdict.HOLDS]
        self.search.refused.update(found.plans[place] for place in doubtful if found.plans[place] not in holding)
        return replace(
            found,
            judged=tuple(worst.get(each.claim.plan, each) for each in found.judged),
            replications=found.replications + _replications(judged, len(plans)),
            error=found.error + rule.error,
            better=min(holding, key=self.search.choices.cost, default=None),
        )

    def _family(self, plans: Sequence[Plan], claims: Sequence[Claim], tests: int) -> tuple[list[Judged], Rule, int]:
        """Judge claims as one family of so many tests; return the rule and the seed, which are its own, too."""
        self.families += 1
        seed = round_seed(self.trials.seed, self.families, self.about)
        rule = Rule(tests, round_error(self.rule.error, self.families), self.rule.largest, early=self.rule.early)
        points = [design_point_of(self.search.choices.rostered(plan), seed, self.trials.engine) for plan in plans]
        return self._asked(points, claims, rule)[0], rule, seed

    def _asked(
        self, points: Sequence[DesignPoint], claims: Sequence[Claim], rule: Rule
    ) -> tuple[list[Judged], list[Scores]]:
        certificate = Certificate(claims, rule, self.search.requirements)
        scores = gather(points, certificate, self.trials.workers, self.trials.store, self.trials.watch)
        return certificate.judged(scores), scores

    def _cost(self, point: DesignPoint, judged: Sequence[Judged], rule: Rule) -> Interval:
        """Return the mean cost of all pools, and its interval, over the replications that a plan was judged by."""
        replications = max(each.replications for each in judged if each.claim.plan == 0)
        figures = replications_of(point, self.trials.store, replications, Certificate([], rule, ()))
        if not len(figures):
            return Interval()
        mean, low, high = mean_intervals(figures[COST][:, None], rule.boundary)
        return Interval(float(mean[0]), float(low[0]), float(high[0]))


def _replications(judged: Sequence[Judged], plans: int) -> int:
    """Return how many replications verdicts rest on; how many more were in hand at the end is a matter of chance."""
    return sum(max(each.replications for each in judged if each.claim.plan == plan) for plan in range(plans))
