"""The rounds of the certificate: a plan and its cheaper neighbours before judges that the search has never met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.analysis.judge import Rule, Verdict
from sim.engines.play import Engine
from sim.replicate.cells import cell_of
from sim.replicate.gather import Progress, gather
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.staffing.certificate import Certificate, Claim, Judged, round_error, round_seed
from sim.staffing.choices import Plan
from sim.staffing.requirements import Requirement
from sim.staffing.search import Search


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
    seed : int
    engine : str
    rule : Rule
        Error and budget.
    workers : Workers
    store : Store
    watch : callable

    Attributes
    ----------
    rounds : list of Round
    families : int
        Families of verdicts so far, each with a seed and an error of its own.
    """

    def __init__(
        self,
        search: Search,
        seed: int,
        engine: Engine,
        rule: Rule,
        workers: Workers,
        store: Store,
        watch: Callable[[Progress], None],
    ) -> None:
        self.search, self.seed, self.engine, self.rule = search, seed, engine, rule
        self.workers, self.store, self.watch = workers, store, watch
        self.rounds: list[Round] = []
        self.families = 0

    def judge(self, plan: Plan) -> Round:
        """Judge a plan and its cheaper neighbours, and keep the round."""
        requirements = self.search.requirements
        plans = [plan, *self.search.choices.neighbours(plan)]
        missing = [each for each in plans[1:] if each not in self.search.tried]
        tried = self.search.trials.try_all(list(map(self.search.choices.rostered, missing)))
        self.search.tried.update(zip(missing, tried, strict=True))
        claims = [Claim(0, requirement) for requirement in requirements]
        for place, each in enumerate(plans[1:], 1):
            claims.append(Claim(place, requirements[self.search.tried[each].worst(requirements)]))
        # One more: the interval of what the plan costs with overtime.
        judged, rule, seed, replications = self._family(plans, claims, len(claims) + 1)
        found = Round(tuple(plans), tuple(judged), rule, seed, replications, rule.error)
        if found.holds:
            held = [j.claim.plan for j in judged if j.claim.plan and j.verdict is Verdict.HOLDS]
            if doubtful := [place for place in held if plans[place] not in self.search.refused]:
                found = self._challenged(found, doubtful)
        self.rounds.append(found)
        return found

    def _challenged(self, found: Round, doubtful: Sequence[int]) -> Round:
        """Judge neighbours against everything; return the round with what each of them is least shown to keep."""
        plans = [found.plans[place] for place in doubtful]
        requirements = self.search.requirements
        claims = [Claim(number, requirement) for number in range(len(plans)) for requirement in requirements]
        judged, rule, _, replications = self._family(plans, claims, len(claims))
        worst: dict[int, Judged] = {}
        for each in judged:
            place = doubtful[each.claim.plan]
            if place not in worst or WORSE.index(each.verdict) < WORSE.index(worst[place].verdict):
                claim = Claim(place, each.claim.requirement)
                worst[place] = Judged(claim, each.verdict, each.judgement, each.replications)
        holding = [found.plans[place] for place, each in worst.items() if each.verdict is Verdict.HOLDS]
        self.search.refused.update(found.plans[place] for place in doubtful if found.plans[place] not in holding)
        return Round(
            found.plans,
            tuple(worst.get(each.claim.plan, each) for each in found.judged),
            found.rule,
            found.seed,
            found.replications + replications,
            found.error + rule.error,
            min(holding, key=self.search.choices.cost, default=None),
        )

    def _family(
        self, plans: Sequence[Plan], claims: Sequence[Claim], tests: int
    ) -> tuple[list[Judged], Rule, int, int]:
        """Judge claims as one family of so many tests, on a seed of its own."""
        self.families += 1
        seed = round_seed(self.seed, self.families)
        rule = Rule(tests, round_error(self.rule.error, self.families), self.rule.largest)
        question = Certificate(claims, rule, self.search.requirements)
        cells = [cell_of(self.search.choices.rostered(plan), seed, self.engine) for plan in plans]
        scores = gather(cells, question, self.workers, self.store, self.watch)
        judged = question.judged(scores)
        # Those that the verdicts rest on; how many more were in hand at the end is a matter of chance.
        rest_on = (max(each.replications for each in judged if each.claim.plan == plan) for plan in range(len(plans)))
        return judged, rule, seed, sum(rest_on)


WORSE = (Verdict.FAILS, Verdict.TOO_CLOSE, Verdict.UNDECIDED, Verdict.HOLDS)
"""From shown to miss what is required to shown to keep it."""
