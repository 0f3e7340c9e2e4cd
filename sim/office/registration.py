"""The district's registration office: the first file to read.

Everything that the source article names is declared here, as data: six stages, six pools of staff, the kinds
of applicants, and (in `ways.py`, one function for each part) their way through the office. In brackets a
number for each thing that it names:

    phone consulting (1) with caller profiles (2), online Q&A before it (3)
      -> filing: alone online, round the clock (11); in the hall with an assistant, a "pink vest" (4);
         in the Set-Sail Studio, which stays until the licence is there (5); with a specialist for key
         enterprises, who helps in the hall when free (10)
      -> real-time online review, with returns for correction (6), part of it automatic
      -> instant intake at the counter: licence in hand (7), fetched by those who applied online (8),
         or an electronic licence
    midday duty post (9): `Staff.midday`; classes of applicants (12), their number (13) and the claim
    under test (14): `registration_office`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from math import inf

from sim.office import CALLED_IN
from sim.office.blocks import Arrivals, Closing, Duty, Office, Outages, Pool, Population, Stage, Target, visited_by
from sim.office.demand import Profile, profiles, scenario_days, surge_factor, whole_numbers, year_days
from sim.office.hours import DAY, Days, WeeklyHours
from sim.office.parameters import OtherWork, Scenario, duty_of
from sim.office.ways import registration_routes

CLOSINGS = {"serve": Closing.SERVE, "carry over": Closing.CARRY_OVER, "send home": Closing.SEND_HOME}
"""What a step of the office's own does at closing, as a scenario says it."""


def target_of(scenario: Scenario) -> Target:
    """Return what a scenario promises."""
    target = scenario.target
    return Target(
        target.minutes, target.statistic, target.level, target.clock, uncertain=scenario.demand.uncertainty > 0
    )


def registration_office(scenario: Scenario) -> Office:
    """Return the office that a scenario describes.

    Parameters
    ----------
    scenario : Scenario
        All parameters, validated.
    """
    days = scenario_days(scenario)
    stages, populations = _stages(scenario, days), _populations(scenario, days)
    return Office(
        name=scenario.name,
        days=days,
        stages=stages,
        pools=_pools(scenario, visited_by(stages, populations)),
        populations=populations,
        counted_hours=WeeklyHours(scenario.hours.counted),
        target=target_of(scenario),
        measures_cost=sum(scenario.costs.values()) * days.working_days / year_days(scenario).working_days,
    )


def _stages(scenario: Scenario, days: Days) -> tuple[Stage, ...]:
    hall, phone, review = (WeeklyHours(h) for h in (scenario.hours.office, scenario.hours.phone, scenario.hours.review))
    stages = (
        # Who calls while the lines are closed, or is still on hold at closing, calls again at the opening.
        Stage("phone", phone, Closing.SEND_HOME, scenario.phone.waiting_places, counted=False),
        # Who is in the hall at closing is still served.
        Stage("filing", hall, Closing.SERVE, counted=False, channel="hall"),
        Stage("studio", hall, Closing.SERVE, counted=False, channel="studio"),
        Stage("key", hall, Closing.SERVE, counted=False, channel="specialist"),
        # Online the queue simply stays until the next morning.
        Stage("review", review, Closing.CARRY_OVER),
        Stage("issue", hall, Closing.SERVE),
        # And what this office does besides.
        *(
            Stage(step.name, WeeklyHours(scenario.hours_of(step.name)), CLOSINGS[step.at_closing], counted=step.counted)
            for step in scenario.steps
        ),
    )
    paces = {each.stage: (each.from_waiting, each.factor) for each in scenario.pace}
    own = (
        replace(stage, newest_first=stage.name in scenario.newest_first, pace=paces.get(stage.name, stage.pace))
        for stage in stages
    )
    return tuple(_with_outages(stage, scenario, days) for stage in own)


def _with_outages(stage: Stage, scenario: Scenario, days: Days) -> Stage:
    assert days.first is not None
    midnight = datetime.combine(days.first, time())
    minute, over = timedelta(minutes=1), len(days.kinds) * DAY
    # What outlasts the calendar never ends: an entry in the year 9999 would make it as long.
    given = tuple(
        (max((outage.first - midnight) / minute, 0.0), end if end < over else inf)
        for outage in scenario.outages.given
        if outage.stage == stage.name and (end := (outage.last - midnight) / minute) > 0
    )
    drawn = next((o for o in scenario.outages.drawn if o.stage == stage.name), None)
    if not given and not drawn:
        return stage
    outages = Outages(given)
    if drawn:
        outages = Outages(given, drawn.per_year / year_days(scenario).working_days, drawn.mean_minutes)
    return replace(stage, outages=outages)


def _pools(scenario: Scenario, visited: Collection[str]) -> tuple[Pool, ...]:
    pools = []
    for name, own in scenario.stages_of_pool.items():
        staff = scenario.pools[name]
        helps = tuple(Duty(help_.stage, help_.when_waiting) for help_ in staff.helps if help_.stage not in own)
        # Whom nobody comes to, and who helps nowhere, is not on the staff of this office.
        idle = not helps and not {*own} & {*visited}
        duty = () if idle else duty_of(staff, scenario.staff.midday)
        pool = Pool(name, (*map(Duty, own), *helps), duty, cost_per_hour=staff.cost_per_hour, at_once=staff.at_once)
        if pool.servers:
            pool = replace(pool, absence=staff.absence, leave=staff.leave, overtime_factor=staff.overtime_factor)
        pools += _with_other_work(pool, staff.other_work, own)
    return tuple(pools)


def _with_other_work(pool: Pool, other: OtherWork, own: Sequence[str]) -> list[Pool]:
    """Return a pool as far as it is there for this work, and behind it those who come from other work when many wait.

    Whose turn it is to do other work is drawn as leave is, together with it: of n servers as few at once as there can
    be. Those who may be called in are as many as are missing in the mean, on days that are drawn for themselves.
    """
    if not other.share or not pool.servers:
        return [pool]
    here = replace(pool, leave=1 - (1 - pool.leave) * (1 - other.share))
    if other.until_waiting is None:
        return [here]
    # Their hours are paid for already, with those of the pool.
    return [here, replace(
        pool, name=pool.name + CALLED_IN, serves=tuple(Duty(stage, other.until_waiting) for stage in own),
        leave=1 - (1 - pool.leave) * other.share, cost_per_hour=0.0,
    )]  # fmt: skip


def _populations(scenario: Scenario, days: Days) -> tuple[Population, ...]:
    """Return the classes of applicants, each divided by how they mean to file."""
    demand, filing = scenario.demand, scenario.filing
    registrations = demand.registrations_per_year * (1 + demand.growth)
    enterprises = registrations * demand.enterprise_share
    in_hours, out_of_hours = profiles(scenario, days)

    def ways_of(kind: str) -> dict[str, float]:
        """Return the shares of a class by how they file."""
        assisted = 0.0 if kind in filing.skipped_by or not filing.offered else filing.assisted_share
        hall, studio = assisted * (1 - filing.studio_share), assisted * filing.studio_share
        night = (1 - assisted) * demand.out_of_hours_share
        ways = {"online": 1 - assisted - night, "night": night, "hall": hall, "studio": studio}
        # Changes and cancellations do not need the whole procedure: who would go to the studio goes to the hall.
        return ways if kind != "other" else {**ways, "hall": hall + studio, "studio": 0.0}

    # Expected number in the year, of each class and way.
    expected = {
        f"{kind}/{way}": number * share
        for kind, number in (
            ("enterprise", enterprises * (1 - demand.key_share)),
            ("individual", registrations - enterprises),
        )
        for way, share in ways_of(kind).items()
    }
    # A key enterprise without a specialist files as the others do who are not assisted.
    for way in ("online", "night") if "key" in filing.skipped_by else ("specialist",):
        expected[f"key/{way}"] = enterprises * demand.key_share * ways_of("key").get(way, 1.0)
    other = registrations * demand.other_business_per_registration
    others = {f"other/{way}": share for way, share in ways_of("other").items() if share}
    dropped_out = registrations * demand.inquiry_only_share / (1 - demand.inquiry_only_share)
    numbers = {
        **_in_horizon(expected, in_hours, out_of_hours),
        **_in_horizon({name: other * share for name, share in others.items()}, in_hours, out_of_hours),
        **_in_horizon({"inquiry/only": dropped_out}, in_hours, out_of_hours),
    }
    factor, routes_of = surge_factor(scenario, days), registration_routes(scenario)
    return tuple(
        Population(
            name=name,
            arrivals=Arrivals(
                total=number,
                shape=(out_of_hours if name.endswith("/night") else in_hours).shape,
                exact=True,
                day_to_day_cv=demand.day_to_day_cv,
                factor=factor,
                total_cv=demand.uncertainty,
            ),
            routes=routes_of(*name.split("/")),
            kind=name.split("/")[0],
            channel="online",
            on_target=not name.startswith(("other", "inquiry")),
        )
        for name, number in numbers.items()
        if number > 0
    )


def _in_horizon(expected: dict[str, float], in_hours: Profile, out_of_hours: Profile) -> dict[str, int]:
    return whole_numbers(
        {
            name: number * (out_of_hours if name.endswith("/night") else in_hours).share
            for name, number in expected.items()
        }
    )
