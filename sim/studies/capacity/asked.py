"""What the verb `limit` is asked: plans from files and additions to them, growth, and what the answer is called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sim.office.blocks import MAX_SERVERS
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Titles
from sim.office.problems import nearest, shown
from sim.office.scenario import own_demand
from sim.present.names import named
from sim.present.numbers import NOTHING, signed_number
from sim.replicate.design_points import digest
from sim.replicate.gather import Progress
from sim.results.about import about_of
from sim.studies.base import LONGEST_NAME, InputError, Job, Options, Ready, StudyError, refused
from sim.studies.capacity.given_log import given_log
from sim.studies.capacity.limit import (
    PlanLimit,
    capacity_of,
    find_limits,
    limit_points,
    plan_limits,
    verdicts_possible,
    with_more,
)
from sim.studies.capacity.records import Capacity
from sim.studies.driver import engine_of, fitted_in_all, loaded, rule_of, seed_of, warnings_of
from sim.studies.growth import Growth, growth_rate
from sim.studies.inputs import check_names, name_of_several
from sim.studies.outcomes import Work
from sim.studies.possible_offices import calibration_beside, owned_of
from sim.text import Message, _, _c, in_each, language

MOST_PLANS = 40


def job(
    options: Options, files: Sequence[str], add: Sequence[str], growth: str | None, years: int | None,
    no_premises: bool = False,
) -> Job[Capacity]:  # fmt: skip
    """Return the search for what plans carry.

    Parameters
    ----------
    options : Options
    files : sequence of str
    add : sequence of str
        One more plan each, ``POOL=NUMBER,...``: the first scenario's with so many more on duty.
    growth : str or None
        Share a year, ``0.144`` or ``14.4%``; None: the article's.
    years : int or None
        After that of the first scenario, whose demand is told.
    no_premises : bool
        Whether values that were fitted to a log are taken as exact.
    """
    scenarios = loaded(files, options)
    rate = growth_rate(growth, scenarios[0].whose, years or 0)
    years = years or 1
    more = [_more(text, sorted(scenarios[0].pools)) for text in add]
    warnings = warnings_of(scenarios)
    scenarios += [_added(scenarios[0], wanted, text) for wanted, text in zip(more, add, strict=True)]
    if len(scenarios) > MOST_PLANS:
        raise refused("limit takes {most} plans at most, not {number}", most=MOST_PLANS, number=len(scenarios))
    check_names("limit", scenarios)
    seed, engine = seed_of(options), engine_of(options)
    try:
        points = limit_points(scenarios, seed, engine)
    except StudyError as error:
        raise refused("limit: {why}", why=error) from None
    plans = plan_limits(scenarios, engine, options.yes)
    rule = rule_of(options, verdicts_possible(plans), early=True)
    demand = Growth(own_demand(scenarios[0]), scenarios[0].year, rate)
    fitted = fitted_in_all([*files, *(files[0] for __ in add)], scenarios)
    calibration = None if no_premises else calibration_beside(files[0], fitted)
    owned = owned_of(fitted, calibration, options.quick)
    asked = [
        [scenario.name for scenario in scenarios],
        [[plan.levels[0], plan.levels[-1], len(plan.levels)] for plan in plans],
        rate,
        years,
        *([] if owned is None else [owned]),
    ]
    about = about_of("limit", name_of_several(scenarios, "-and-"), options.again, points, rule, asked, fitted)

    def work(ready: Ready) -> Capacity:
        def watch(progress: Progress, plans: Sequence[PlanLimit]) -> None:
            ready.tell_step(progress, _so_far(plans))

        find_limits(plans, seed, engine, rule, ready.workers, ready.store, watch)
        record = capacity_of(plans, demand, years, about, points)
        if calibration is None:
            return record
        work = Work(seed, "compiled", ready.workers, ready.store)
        return given_log(record, scenarios, calibration, demand, work, options.quick,
                         lambda progress: ready.tell_step(progress, _("looking what the log leaves open")))  # fmt: skip

    return Job(about, points, work, warnings, "limit")


def _more(text: str, pools: Sequence[str]) -> dict[str, int]:
    """Return how many more are wanted by pool, from ``reviewers=1,clerks=-1``."""
    found = dict[str, int]()
    for part in text.split(","):
        pool, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise refused("--add: must be POOL=NUMBER, such as {example}, not {value}", example="reviewers=1",
                          value=shown(part.strip()))  # fmt: skip
        if pool not in pools:
            raise refused("--add: there is no pool {pool}; {nearest}", pool=shown(pool), nearest=nearest(pool, pools))
        if pool in found:
            raise refused("--add: {pool} is there twice in {line}; give each pool once", pool=pool, line=shown(text))
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", number) or not 0 < abs(int(number)) <= MAX_SERVERS:
            raise refused("--add: {pool} must be a whole number from {low} to {high} other than 0, not {value}",
                          pool=pool, low=-MAX_SERVERS, high=MAX_SERVERS, value=shown(number))  # fmt: skip
        found[pool] = int(number)
    return found


def _added(first: Scenario, more: Mapping[str, int], text: str) -> Scenario:
    """Return the first scenario with more on duty, under a name and a title that say so."""
    name = "-".join([first.name, *(f"{abs(n)}-{'more' if n > 0 else 'fewer'}-{pool}" for pool, n in more.items())])
    if len(name) > LONGEST_NAME // 2:
        name = f"more-{digest([first.name, dict(more)])[:16]}"
    try:
        return with_more(first, more, name, in_each(_title, first, more))
    except StudyError as error:
        raise InputError(*(Message("--add {text}: {why}", text=text, why=why) for why in error.args)) from None


def _title(first: Scenario, more: Mapping[str, int]) -> str:
    def told(titles: Titles) -> str:
        return titles.en if language() == "en" else titles.zh

    pools = {pool: told(of.title) if of.title else named("pool", pool) for pool, of in first.pools.items()}
    said = [_("{pool} {number}", pool=pools[pool], number=signed_number(n)) for pool, n in more.items()]
    return _("{plan}: {more}", plan=told(first.title), more=_c("comma", ", ").join(said))


def _so_far(plans: Sequence[PlanLimit]) -> str:
    """Return between which demands those of the plans are known to lie by now."""
    ends = [
        NOTHING.join("" if end is None else f"{end:,}" for end in (plan.holds, plan.fails))
        for plan in plans
        if plan.search.wanted()
    ]
    return _("demand {between}", between=_c("comma", ", ").join(ends[:4]))
