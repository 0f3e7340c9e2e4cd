"""What makes files lie, where a log shows it: work besides this one on the shift, and who goes first.

Other work is not seen in a log: who takes nothing up may be idle, absent or at something else. But an office without
it, with all else as it was fitted, would let its files wait for so long; what the log has beyond that is put down to
it. Who goes first is seen by who is taken while others have waited for longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from sim.engines.play import NeverFinishesError
from sim.memory import give_back_freed_memory
from sim.office.hours import DAY
from sim.office.parameters import PriorityRule, Scenario
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.intervals import TAIL
from sim.studies.calibrate.log.simulated import played_log
from sim.studies.calibrate.log.steps import F64, StepLog
from sim.studies.calibrate.lying.rules import BY_LOT, CORRECTED, NEWEST_FIRST, OTHER_WORK, UNTIL, Gain, warmed_up
from sim.studies.calibrate.lying.taken import AHEAD, BACK, MEAN, NEW, NEWEST, P90, TakenWaits
from sim.studies.calibrate.records import OF_WEEKS, SHARE, Estimate

SEED = 0
REPLICATIONS, FEW = 39, 6
"""Of an office that is tested: the log is one more, and beyond all of them in 1 case of 40 if the office is right. Of
one that is only held against others."""
CLEARLY = 1.5
"""Factor by which waits have to be off before anything is looked for that could put them right."""
NOTABLY = 0.05
"""Share that has to be begun before most others, beyond those who are so anyway, to look for who goes first."""
MOSTLY = 0.75
"""Share of those begun while others wait that has to be the newest, for the newest to go first."""
FEWEST_DAYS = 12
"""Days of which something can be said."""
INNER, HALF = 0.75, 0.5
"""Share of the days by which something is chosen; on the others it has to take off so much of what is missed."""
WEEK = 7 * DAY
RESAMPLED = 199
"""Logs made of the weeks of one, for the intervals."""
CORRECTED_FIRST = PriorityRule(stage="review", corrected=True, priority=0)
SHARES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95)
FINER = 0.075
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Of the numbers that wait when somebody is taken: those at which everybody might leave other work."""
FIRST_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Of those who may go first by lot; if more do, fewer wait that they could go before."""
FIRST_PART, LAST_PART, ALL, SIMULATED = range(4)
"""Days of a log: those by which something is chosen, those that it has to foretell, both, and those simulated."""
NO_WORK = (0.0, None)
METHOD = f"simulated waits nearest to those of the log; {OF_WEEKS}"
BY_RANK = "as many begun before most that had waited longer"
Work = tuple[float, int | None]
"""Share of other work, and how many wait when it is left."""


@dataclass(frozen=True)
class WaitsFit:
    """What was found to make files lie.

    Attributes
    ----------
    scenario : Scenario
        With it.
    estimates : tuple of Estimate
    gains : tuple of Gain
        On the last quarter of the days.
    other_orders : tuple of str
        Steps at which more are begun before others than any share that goes first by lot would make.
    dependence : tuple of Dependent
        Of share and number of the same step.
    newest : tuple of (str, float)
        Steps at which the newest goes first, with the share of those begun while others waited that it was.
    """

    scenario: Scenario
    estimates: tuple[Estimate, ...] = ()
    gains: tuple[Gain, ...] = ()
    other_orders: tuple[str, ...] = ()
    dependence: tuple[Dependent, ...] = ()
    newest: tuple[tuple[str, float], ...] = ()


def fit_waits(log: StepLog, scenario: Scenario, steps: Sequence[str], days: Sequence[date]) -> WaitsFit:
    """Return what makes files lie at some steps.

    Parameters
    ----------
    log : StepLog
    scenario : Scenario
        With all else that was fitted.
    steps : sequence of str
        Those whose staff was seen at work.
    days : sequence of date
        Working days of the log.

    Notes
    -----
    Simulated minimum distance: of shares of other work and numbers at which it is left, those are taken under which
    mean and 90th percentile of the waits, on the log scale, are nearest to those of the log. Nothing is looked for
    unless the mean wait of the log is beyond all of 39 replications without it and half as long again as their median;
    nothing is taken unless, chosen by the first three quarters of the days, it takes off half or more, on the log
    scale, of what the waits of the last quarter are missed by.

    The newest goes first if of those begun while others waited three quarters or more were the newest, in both parts
    of the days and by the weeks of the log, and if an office that takes it, with the other work that this order needs,
    takes off half of what is missed of that share on the last quarter, and the waits do not fit clearly worse.

    What was corrected goes first if by the same tests new files wait longer, against those that come back, than in an
    office that takes them in the order in which they come. And some go first by lot, so many that as many are begun
    before most of those that have waited longer, if these are more than in any replication without it, and again if it
    takes off half of what is missed on the last quarter. If more are than half of all by lot would make, or may be by
    the weeks of the log, they go by another order, and nothing is taken.

    The days simulated are those of the log in the year of the scenario. The ranges are those of 199 logs of which each
    is made of weeks of the log, drawn with replacement: one office has busy and slack weeks, and few of them. They are
    no intervals of the office's own share and number, of which a part is in the plan, which has who was seen at work.
    """
    found = WaitsFit(scenario)
    mine = [day for day in days if day.year == scenario.year]
    if len(mine) < FEWEST_DAYS:
        return found
    tests = [test for step in steps if (test := _Test.of(log, step, days, mine)) is not None]
    if not tests:
        return found
    usual = _simulated(scenario, mine[0], mine[-1], FEW, [test.step for test in tests])
    for test in tests:
        if not test.worth_looking(usual[test.step]):
            continue
        found = _newest_first(_with_other_work(found, test), test)
        ordered = _some_first(_corrected_first(found, test), test)
        if ordered is not found:
            # With another order the same other work makes other waits.
            found = _with_other_work(ordered, test) if test.step in _with_work(ordered) else ordered
    return found


def _with_work(found: WaitsFit) -> set[str]:
    """Return the steps whose people were found to have other work."""
    return {gain.step for gain in found.gains if gain.what == OTHER_WORK}


def _simulated(scenario: Scenario, first: date, last: date, times: int, steps: Sequence[str]) -> dict[str, F64]:
    """Return the figures of an office's waits by step, (replications, 6); infinite ones if it never finishes."""
    office = registration_office(warmed_up(scenario, first, last))
    midnight, length = office.days.warm_up * DAY, ((last - first).days + 1) * DAY
    found = {step: np.full((times, 6), np.inf) for step in steps}
    for replication in range(times):
        # Each by itself, so that no two of a large log are held at once.
        give_back_freed_memory()
        try:
            log = played_log(office, SEED, replication=replication).until(midnight + length)
        except NeverFinishesError:
            # More of the same will not finish either.
            break
        for step in steps:
            waits = TakenWaits.of(log, step, midnight)
            found[step][replication] = waits.figures(waits.between(0, length))
        del log
    return found


@dataclass(frozen=True, eq=False)
class _Test:
    """The waits at a step of a log, to hold simulated ones against.

    Attributes
    ----------
    step : str
    first, last : date
        Days that are simulated.
    observed : (4, 6) float64
        Figures of the waits on each of four sets of days.
    resampled : (logs, 6) float64
        Those of logs made of weeks of the log.
    until : tuple of int
        How many wait when somebody is taken: some quantiles.
    n : int
    made : dict
        What was simulated already.
    """

    step: str
    first: date
    last: date
    observed: F64
    resampled: F64
    until: tuple[int, ...]
    n: int
    made: dict[tuple[Work, str, int], F64] = field(default_factory=dict)

    @classmethod
    def of(cls, log: StepLog, step: str, days: Sequence[date], mine: Sequence[date]) -> _Test | None:
        """Return that of a step; None if the log shows too few waits."""

        def begin(day: date, after: int = 0) -> float:
            return ((day - log.first_day) / timedelta(days=1) + after) * DAY

        inner = begin(days[int(len(days) * INNER)])
        ends = begin(days[0]), begin(days[-1], 1)
        waits = TakenWaits.of(log.until(ends[1]), step, 0.0)
        parts = (ends[0], inner), (inner, ends[1]), ends, (begin(mine[0]), begin(mine[-1], 1))
        observed = np.array([waits.figures(waits.between(*part)) for part in parts])
        if not np.isfinite(observed[:, [MEAN, P90]]).all():
            return None
        weeks = [week for start in np.arange(*ends, WEEK)
                 if len(week := np.flatnonzero(waits.between(start, min(start + WEEK, ends[1]))))]  # fmt: skip
        generator = np.random.default_rng(SEED)
        drawn = [generator.integers(0, len(weeks), len(weeks)) for _ in range(RESAMPLED)]
        resampled = np.array([waits.figures(np.concatenate([weeks[week] for week in each])) for each in drawn])
        # Weeks in which hardly anybody waited make a log of which nothing can be said.
        resampled = resampled[np.isfinite(resampled[:, [MEAN, P90]]).all(axis=1)]
        if not len(resampled):
            return None
        came, started = np.sort(waits.came), np.sort(waits.came + waits.wait)
        waiting = np.searchsorted(came, started, "right") - np.arange(len(started))
        until = np.unique(np.quantile(waiting, QUANTILES).astype(int))
        return cls(step, mine[0], mine[-1], observed, resampled,
                   tuple(int(each) for each in until if each > 1) or (2,), len(waits.wait))  # fmt: skip

    def worth_looking(self, usual: F64) -> bool:
        """Say whether files wait for much longer than in replications of an office, or in another order."""
        seen, middle = self.observed[SIMULATED], np.median(usual, axis=0)
        longer = seen[MEAN] > CLEARLY * middle[MEAN] or _ratio(seen) > CLEARLY * _ratio(middle)
        return bool(longer or seen[AHEAD] > middle[AHEAD] + NOTABLY or seen[NEWEST] > MOSTLY)

    def figures(self, scenario: Scenario, times: int = REPLICATIONS) -> F64:
        """Return the figures of an office, (replications, 6)."""
        return _simulated(scenario, self.first, self.last, times, [self.step])[self.step]

    def with_work(self, scenario: Scenario, work: Work, times: int = FEW) -> F64:
        """Return the figures of an office with some other work; what was asked before is not simulated again."""
        key = work, scenario.model_dump_json(), times
        if key not in self.made:
            self.made[key] = self.figures(_with(scenario, self.step, work), times)
        return self.made[key]


def _ratio(figures: F64) -> F64:
    """Return how much longer new ones wait than those that come back."""
    return np.asarray((figures[..., NEW] + 1) / (figures[..., BACK] + 1))


def _distance(one: F64, other: F64) -> float:
    """Return the factor between figures, by the root of the mean square of its logarithm; infinite if none is known."""
    known = np.isfinite(one) & ~np.isnan(other)
    if not known.any():
        return np.inf
    return float(np.exp(np.sqrt(np.mean(np.log((one[known] + 1) / (other[known] + 1)) ** 2))))


def _with(scenario: Scenario, step: str, work: Work) -> Scenario:
    data = scenario_as_dict(scenario)
    data["staff"][POOL_OF_STAGE[step]]["other_work"] = {"share": work[0], "until_waiting": work[1]}
    return scenario_from_dict(data, scenario.name)


def _with_other_work(found: WaitsFit, test: _Test) -> WaitsFit:
    """Return what was found with the other work of those at a step, if the log shows any."""
    path = f"staff.{POOL_OF_STAGE[test.step]}.other_work"
    names = f"{path}.share", f"{path}.until_waiting"
    estimates = tuple(each for each in found.estimates if each.name not in names)
    others = tuple(pair for pair in found.dependence if pair.first not in names)
    gains = tuple(each for each in found.gains if each.what not in (OTHER_WORK, UNTIL) or each.step != test.step)
    idle = test.with_work(found.scenario, NO_WORK, REPLICATIONS)
    seen, waits = test.observed[SIMULATED, MEAN], idle[:, MEAN]
    # Other work that was found under another order does not stay if this one needs none.
    none = found
    if gains != found.gains:
        scenario = _with(found.scenario, test.step, NO_WORK)
        none = replace(found, scenario=scenario, estimates=estimates, gains=gains, dependence=others)
    if not (seen > waits.max() and seen > CLEARLY * np.median(waits)):
        return none
    trials: dict[Work, F64] = {}

    def tried(works: Iterable[Work]) -> None:
        trials.update({work: test.with_work(found.scenario, work).mean(axis=0) for work in works if work not in trials})

    def missed(figures: F64, part: int) -> float:
        return _distance(test.observed[part, :NEW], figures[:NEW])

    def nearest(observed: F64) -> Work:
        return min(trials, key=lambda work: _distance(observed[:NEW], trials[work][:NEW]))

    # Without a number at which it is left other work would let files pile up, as they do in no log that goes on.
    tried((share, until) for share in SHARES for until in test.until)
    for part in (FIRST_PART, ALL):
        tried(_near(nearest(test.observed[part]), test.until))
    chosen, best = nearest(test.observed[FIRST_PART]), nearest(test.observed[ALL])
    nothing, good = missed(idle.mean(axis=0), LAST_PART), missed(trials[chosen], LAST_PART)
    if np.log(good) > HALF * np.log(nothing):
        return none
    drawn = np.array([nearest(each) for each in test.resampled], np.float64)
    estimates += (
        _estimate(names[0], best[0], drawn[:, 0], test.n, METHOD, SHARE),
        _estimate(names[1], best[1] or 0, drawn[:, 1], test.n, METHOD),
    )
    # More other work with a smaller number makes much the same waits.
    pairs = dependents(names, np.cov(np.log(drawn[:, 0] / (1 - drawn[:, 0])), np.log(drawn[:, 1])))
    never = test.with_work(found.scenario, (chosen[0], None)).mean(axis=0)
    gains += (Gain(test.step, OTHER_WORK, nothing, good), Gain(test.step, UNTIL, missed(never, LAST_PART), good))
    return replace(
        found, scenario=_with(found.scenario, test.step, best), estimates=estimates, gains=gains,
        dependence=(*others, *pairs),
    )  # fmt: skip


def _near(work: Work, until: Sequence[int]) -> Iterator[Work]:
    """Yield shares and numbers around those that were the nearest."""
    share, number = work
    assert number is not None
    below, above = [each for each in until if each < number], [each for each in until if each > number]
    between = [(number + each + 1) // 2 for each in (*below[-1:], *above[:1])]
    for each in (number, *between):
        yield from ((round(near, 3), each) for near in (share - FINER, share, share + FINER) if 0 < near <= SHARES[-1])


def _estimate(name: str, value: float, drawn: F64, n: int, method: str, unit: str = "") -> Estimate:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(name, value, min(float(low), value), max(float(high), value), n, method, unit)


def _newest_first(found: WaitsFit, test: _Test) -> WaitsFit:
    """Return what was found with the newest going first at a step, if the log shows that it does."""
    stages, seen = found.scenario.newest_first, test.observed[:, NEWEST]
    resampled = test.resampled[np.isfinite(test.resampled[:, NEWEST]), NEWEST]
    # Not by the weeks either: of one log in which half of them are, as by lot, some make it look as if all were.
    if test.step in stages or not (seen >= MOSTLY).all() or (resampled < MOSTLY).mean() > TAIL:
        return found
    ordered = found.scenario.model_copy(update={"newest_first": (*stages, test.step)})
    newest = _with_other_work(replace(found, scenario=ordered), test)
    figures = [test.figures(each.scenario) for each in (found, newest)]
    # Where too few wait nobody is begun before them.
    without, with_it = (np.nan_to_num(each[:, NEWEST]).mean() for each in figures)
    missed = [float(abs(each - seen[LAST_PART])) for each in (without, with_it)]
    worse = [_distance(test.observed[LAST_PART, :NEW], each.mean(axis=0)[:NEW]) for each in figures]
    if missed[1] > HALF * missed[0] or worse[1] > CLEARLY * worse[0]:
        return found
    gains = *newest.gains, Gain(test.step, NEWEST_FIRST, *missed)
    return replace(newest, gains=gains, newest=(*found.newest, (test.step, float(seen[ALL]))))


def _corrected_first(found: WaitsFit, test: _Test) -> WaitsFit:
    """Return what was found with what was corrected going first at the review, if the log shows that it does."""
    rules, seen = found.scenario.priorities, _ratio(test.observed)
    if any(rule.stage == test.step for rule in rules) or not np.isfinite(seen).all():
        return found
    ordered = found.scenario.model_copy(update={"priorities": (*rules, CORRECTED_FIRST)})
    usual, first = (_ratio(test.figures(scenario)) for scenario in (found.scenario, ordered))
    if not (seen[SIMULATED] > np.nanmax(usual) and seen[SIMULATED] > CLEARLY * np.nanmedian(usual)):
        return found
    missed = [float(np.exp(abs(np.log(seen[LAST_PART] / np.nanmedian(each))))) for each in (usual, first)]
    if np.log(missed[1]) > HALF * np.log(missed[0]):
        return found
    return replace(found, scenario=ordered, gains=(*found.gains, Gain(test.step, CORRECTED, *missed)))


def _some_first(found: WaitsFit, test: _Test) -> WaitsFit:
    """Return what was found with some of the others going first by lot, if the log shows that they do."""
    rules = found.scenario.priorities
    own, seen = [rule for rule in rules if rule.stage == test.step], test.observed[:, AHEAD]
    if (
        test.step in found.scenario.newest_first
        or any(not rule.corrected for rule in own)
        or not np.isfinite(seen).all()
    ):
        return found

    def with_some(share: float) -> Scenario:
        rule = PriorityRule(stage=test.step, share=share, priority=own[0].priority if own else 0)
        return found.scenario.model_copy(update={"priorities": (*rules, rule)})

    usual = test.figures(found.scenario)[:, AHEAD]
    if not np.isfinite(usual).all() or seen[SIMULATED] <= usual.max():
        return found
    shares = np.array([0.0, *FIRST_SHARES])
    # The more go first by lot, the more are begun before most others.
    begun = np.maximum.accumulate(
        [usual.mean(), *(test.figures(with_some(share), FEW)[:, AHEAD].mean() for share in FIRST_SHARES)]
    )
    resampled = test.resampled[np.isfinite(test.resampled[:, AHEAD]), AHEAD]
    if max(seen[FIRST_PART], seen[ALL]) > begun[-1] or (resampled > begun[-1]).mean() > TAIL:
        return replace(found, other_orders=(*found.other_orders, test.step))
    chosen, best = (round(float(np.interp(seen[part], begun, shares)), 3) for part in (FIRST_PART, ALL))
    missed = [float(abs(np.interp(share, shares, begun) - seen[LAST_PART])) for share in (0.0, chosen)]
    if missed[1] > HALF * missed[0] or best == 0:
        return found
    drawn = np.interp(resampled, begun, shares)
    estimate = _estimate(f"priorities[{len(rules)}].share", best, drawn, test.n, BY_RANK, SHARE)
    gains = *found.gains, Gain(test.step, BY_LOT, *missed)
    return replace(found, scenario=with_some(best), estimates=(*found.estimates, estimate), gains=gains)
