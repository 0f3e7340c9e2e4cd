"""The cheapest roster in sentences: what a head of office can read aloud, titles of charts, names of plans."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from sim.present.basis import basis
from sim.present.names import named, verdict_word
from sim.present.numbers import BETWEEN, given_share, number, percent, plain, share, writer
from sim.present.targets import spoken_target, target_in_words
from sim.studies.base import Found
from sim.studies.staff.log_sentences import kept_given, sure_given
from sim.studies.staff.mending import remedied
from sim.studies.staff.records import (
    EVERYBODY,
    OWN,
    PLAN,
    TARGET,
    CertificateTest,
    CheapestRoster,
)
from sim.text import N_, _, _c, _n, language

CHEAPEST = {
    (False, True): N_("The cheapest roster that keeps {target} needs {people} people{part} and costs {cost} {period} "
                      "as planned, without overtime, {difference}."),
    (False, False): N_("The cheapest roster found that keeps {target} needs {people} people{part} and costs {cost} "
                       "{period} as planned, without overtime, {difference}."),
    (True, True): N_("If the fit is exact, the cheapest roster that keeps {target} needs {people} people{part} and "
                     "costs {cost} {period} as planned, without overtime, {difference}."),
    (True, False): N_("If the fit is exact, the cheapest roster found that keeps {target} needs {people} people{part} "
                      "and costs {cost} {period} as planned, without overtime, {difference}."),
}  # fmt: skip
"""What the roster is, by whether it is told as if a fit were exact, and whether there is proof that none is cheaper."""
TITLES = {
    (False, True): N_("Cheapest roster that holds: {people} people, {cost}, {difference}"),
    (False, False): N_("Cheapest roster found that holds: {people} people, {cost}, {difference}"),
    (True, True): N_("Cheapest roster that holds if the fit is exact: {people} people, {cost}, {difference}"),
    (True, False): N_("Cheapest roster found that holds if the fit is exact: {people} people, {cost}, {difference}"),
}
"""The same in a line."""
YEAR = 240
"""Working days from which on a period is called a year."""
PART_TIME = 30.0
"""Hours a week below which somebody is not there the whole day."""
HURRIED = N_(" The search was a quick one: without --quick it tries more, and tests for longer.")
NOT_CLEAR = ("TOO CLOSE", "UNDECIDED")
COUNTED = {
    "FAILS": (N_("{number} fails"), N_("{number} fail")),
    "TOO CLOSE": (N_("{number} is too close to call"), N_("{number} are too close to call")),
    "UNDECIDED": (N_("{number} is undecided"), N_("{number} are undecided")),
    "HOLDS": (
        N_("{number} keeps what it was tested for here, but was refused in an earlier round"),
        N_("{number} keep what they were tested for here, but were refused in an earlier round"),
    ),
}
"""So many neighbours came out so: one, and several."""


def spoken(record: CheapestRoster) -> list[str]:
    """Return a few sentences: the roster and its cost, the scenario's plan, the certificate, and the bound."""
    if record.plan is None:
        hopeless = any(test.verdict == "FAILS" for test in record.of(EVERYBODY))
        hurried = _(HURRIED) if record.quick and not hopeless else ""
        told = [_none(record) + hurried, *remedied(record), present(record)]
        return [*told, *([bound(record)] if record.rounds else []), *over_years(record)]
    few = sum(line.people for line in record.roster if line.hours_a_week < PART_TIME)
    hours = plain(PART_TIME)
    part = _(", {people} of them for less than {hours} hours a week,", people=few, hours=hours) if few else ""
    kept = kept_given(Found(record, ""))
    found = _(
        CHEAPEST[bool(kept.pieces), record.proven],
        target=spoken_target(record.target), people=number(record.plan.people), part=part, cost=money(record.cost),
        period=_period(record), difference=_difference(record),
    )  # fmt: skip
    given = [each.text for each in (kept, sure_given(Found(record, ""))) if each.pieces]
    return [found, *given, *remedied(record), present(record), certificate(record), bound(record), *over_years(record)]


def over_years(record: CheapestRoster) -> list[str]:
    """Return what growing demand makes of the cost, and whether one roster is enough for all years; [] for one year."""
    if not record.years:
        return []
    known = [each for each in record.years if each.cost is not None]
    comma, told = _c("comma", ", "), []
    if len(known) > 1:
        told.append(_(
            "{demand}, the cheapest roster found costs {first} {period} in {from_year} and {last} in {to_year}, at the "
            "prices of today.", demand=_(demand_of(record), growth=share(abs(record.growth))),
            first=money(known[0].cost or 0.0), last=money(known[-1].cost or 0.0), period=_period(record),
            from_year=known[0].year, to_year=known[-1].year,
        ))  # fmt: skip
    if without := [str(each.year) for each in record.years if each.cost is None]:
        told.append(_("No roster was certified for {years}.", years=comma.join(without)))
    if record.plan is None:
        return told
    busiest = max(record.years, key=lambda each: each.registrations).year
    unclear = [f"{each.year} {verdict_word(each.verdict)}" for each in record.years if each.verdict != "HOLDS"]
    if not unclear:
        told.append(_("The roster for {year} holds in all {number} years.", year=busiest, number=len(record.years)))
    else:
        fails = any(each.verdict == "FAILS" for each in record.years)
        said = (
            N_("The roster for {year} does not hold in all years: {verdicts}.")
            if fails
            else N_("The roster for {year} was not shown to hold in all years: {verdicts}.")
        )
        told.append(_(said, year=busiest, verdicts=comma.join(unclear)))
    return told


def demand_of(record: CheapestRoster) -> str:
    """Return how demand changes over the years, as a message with a gap for by how much."""
    if record.growth == 0:
        return N_("With demand as it is")
    return (
        N_("With demand growing by {growth} a year")
        if record.growth > 0
        else N_("With demand falling by {growth} a year")
    )


def _period(record: CheapestRoster) -> str:
    """Return what costs are over: a year, or so many working days."""
    return _("a year") if record.working_days >= YEAR else _("in {days} working days", days=record.working_days)


def _difference(record: CheapestRoster) -> str:
    """Return what the plan costs more or less than the scenario's own, as part of a sentence."""
    more = record.cost - record.own.cost
    if abs(more) < 1:
        return _("as much as the scenario's plan")
    said = N_("{money} more than the scenario's plan") if more > 0 else N_("{money} less than the scenario's plan")
    return _(said, money=money(abs(more)))


def present(record: CheapestRoster) -> str:
    """Return whether the scenario's own plan keeps what is required; empty if it was not judged."""
    own, cost = record.of(OWN), money(record.own.cost)
    if not own:
        return ""
    if missed := [test for test in own if test.verdict == "FAILS"]:
        return _("The scenario's plan, at {cost}, does not keep what is required: {what}.", cost=cost,
                 what=_missed(record, missed))  # fmt: skip
    if unclear := [test for test in own if test.verdict in NOT_CLEAR]:
        return _(
            "Of the scenario's plan, at {cost}, it cannot be told whether it keeps what is required: too close to "
            "call, or undecided, in {what}.", cost=cost, what=_required(record, unclear),
        )  # fmt: skip
    template = N_("The scenario's plan, at {cost}, keeps all that is required.")
    if record.given_log is not None:
        template = N_("If the fitted values are exact, the scenario's plan, at {cost}, keeps all that is required.")
    said = _(template, cost=cost)
    if record.own.cost < record.cost - 1:
        said += _(
            " It is the cheaper one: either it is not made of these shifts and bounds, or the search has missed it."
        )
    return said


def certificate(record: CheapestRoster) -> str:
    """Return what came of the plan and its cheaper neighbours on fresh seeds, in a sentence."""
    (target,) = [test for test in record.of(PLAN) if test.requirement == TARGET]
    neighbours = record.neighbours
    said = _(
        "Tested on years that the search had not seen, {estimate}{floors}; ", estimate=estimate(record, target),
        floors=_(" and the service floors hold") if record.floors else "",
    )  # fmt: skip
    if record.quick:
        return said + _("whether a roster beside it would do for less was not tested, which is done without --quick.")
    if not neighbours:
        return said + _("there is no roster with one person less within the bounds.")
    found = counts(neighbours)
    if set(found) == {"FAILS"}:
        return said + _n(
            "the one roster within the rules with one person less, or one on a shorter shift, fails at the target or "
            "the service at a desk.",
            "each of the {all} rosters within the rules with one person less, or one on a shorter shift, fails at the "
            "target or the service at a desk.", len(neighbours), all=len(neighbours),
        )  # fmt: skip
    each = [_(COUNTED[verdict][n != 1], number=n) for verdict, n in found.items()]
    return said + _n(
        "of the one roster within the rules with one person less, or one on a shorter shift, {found}.",
        "of the {all} rosters within the rules with one person less, or one on a shorter shift, {found}.",
        len(neighbours), all=len(neighbours), found=_c("staffing counts and", " and ").join(each),
    )  # fmt: skip


def counts(tests: Sequence[CertificateTest]) -> dict[str, int]:
    """Return how many tests came out how, in the order of the verdicts."""
    found = Counter(test.verdict for test in tests)
    return {verdict: found[verdict] for verdict in COUNTED if found[verdict]}


def bound(record: CheapestRoster) -> str:
    """Return below what cost no plan can hold, in a sentence."""
    if record.proven or record.told_bound >= record.cost - 1:
        return _("On the years of the search no cheaper roster of these shifts clearly holds, {provided}.",
                 provided=condition(record))  # fmt: skip
    if record.told_bound <= 0:
        return _("Of cheaper rosters next to nothing is shown: the search ended after {plans} plans.",
                 plans=number(record.spent.plans))  # fmt: skip
    return _(
        "On the years of the search no roster of these shifts clearly holds below {bound}, {provided}.",
        bound=money(record.bound, down=True), provided=condition(record),
    )  # fmt: skip


def condition(record: CheapestRoster) -> str:
    """Return what the bound takes for granted: that what the certificate refused fails, too."""
    # A roster that was not shown to hold is not shown to fail.
    if record.rounds > 1 or record.plan is None:
        return _(
            "as long as more staff does no harm, each further person helps less than the one before, and what earlier "
            "rounds of the certificate refused does fail"
        )
    return _("as long as more staff does no harm and each further person helps less than the one before")


def _none(record: CheapestRoster) -> str:
    """Return why there is no plan, in a sentence."""
    target = spoken_target(record.target)
    if record.rounds:
        return _refused(record, target)
    most = record.of(EVERYBODY)
    if missed := [test for test in most if test.verdict == "FAILS"]:
        return _(
            "No plan within the bounds keeps {target}: even with everybody on duty that there may be, {what}.",
            target=target, what=_missed(record, missed),
        )  # fmt: skip
    if unclear := [test for test in most if test.verdict in NOT_CLEAR]:
        return _(
            "No plan within the bounds clearly keeps {target}: even with everybody on duty that there may be, it is "
            "too close to call, or undecided, in {what}.", target=target, what=_required(record, unclear),
        )  # fmt: skip
    return _(
        "The search found no plan that keeps {target} in {plans} plans, though with everybody on duty that there may "
        "be it is kept.", target=target, plans=number(record.spent.plans),
    )  # fmt: skip


def _refused(record: CheapestRoster, target: str) -> str:
    """Return why the last plan that was tested was not certified, in a sentence."""
    tests = record.of(PLAN)
    missed = [test for test in tests if test.verdict != "HOLDS"]
    why = (
        _("was not shown to keep {what}", what=_required(record, missed))
        if missed
        else _("holds, but so may a cheaper one beside it")
    )
    said = _(
        "Of the rosters that keep {target} in the search, none was certified on fresh years in {rounds}: the last one, "
        "at {cost}, {why}.", target=target, rounds=_rounds(record), cost=money(tests[0].cost), why=why,
    )  # fmt: skip
    if record.held is not None:
        said += _(
            " One at {cost} held in everything on fresh years, but not all cheaper ones beside it were shown to fail.",
            cost=money(record.held),
        )
    return said


def _rounds(record: CheapestRoster) -> str:
    return _n("{number} round", "{number} rounds", record.rounds)


def _missed(record: CheapestRoster, tests: Sequence[CertificateTest]) -> str:
    """Return what a plan misses: the target with its estimate, and the stages where too many give up."""
    said = [estimate(record, test) for test in tests if test.requirement == TARGET]
    if floors := [test for test in tests if test.requirement != TARGET]:
        stages = [
            _("{stage} ({share})", stage=named("stage", test.requirement),
              share=_("cannot finish") if math.isnan(test.estimate) else share(1 - test.estimate))
            for test in floors
        ]  # fmt: skip
        most = {percent(record.floors[test.requirement]) for test in floors}
        allowed = _(", where at most {share} % may", share=most.pop()) if len(most) == 1 else ""
        said.append(_("too many give up waiting at {stages}{most}", stages=_listed(stages), most=allowed))
    return _(", and ").join(said)


def _required(record: CheapestRoster, tests: Sequence[CertificateTest]) -> str:
    """Return what tests are about: the target's clock, or the service at stages."""
    return _listed([
        named("clock", record.target.clock) if test.requirement == TARGET
        else _("the service at {stage}", stage=named("stage", test.requirement))
        for test in tests
    ])  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: a, b and c."""
    *first, last = names
    return _(", ").join(first) + _(" and ") + last if first else last


def estimate(record: CheapestRoster, test: CertificateTest) -> str:
    """Return the estimate of the target with its interval, as part of a sentence."""
    if not math.isfinite(test.estimate):
        return _c("staffing cannot finish", "the office cannot finish its cases")
    said = (
        N_("the mean {clock} is {estimate} minutes{between}")
        if test.about_mean
        else N_("{estimate}{between} are within {minutes} minutes ({clock})")
    )
    return _(
        said, estimate=writer(test.about_mean)(test.estimate), between=between(test),
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
    )  # fmt: skip


def between(test: CertificateTest) -> str:
    """Return the interval of an estimate, to be written after it; empty if there is none."""
    show = writer(test.about_mean)
    return _(" ({low} to {high})", low=show(test.low), high=show(test.high)) if test.low < test.high else ""


def promise(test: CertificateTest) -> str:
    """Return what a test is held to: minutes, or a share."""
    return plain(test.promised) if test.about_mean else given_share(test.promised)


def name_of_plan(record: CheapestRoster, plan: int, tested: int) -> str | None:
    """Return the name of a plan by its number and the round that tested it; None of a neighbour."""
    if plan == PLAN and tested < record.rounds:
        return _("the roster of round {round}", round=tested)
    if plan == PLAN:
        return _("the last roster tested") if record.plan is None else _("the roster itself")
    return {OWN: _("scenario's plan"), EVERYBODY: _("everybody on duty")}.get(plan)


def plan_name(record: CheapestRoster, test: CertificateTest, with_pool: bool) -> str:
    """Return what a plan of the last round is: one with a name, or in what a neighbour differs."""
    if (name := name_of_plan(record, test.plan, record.rounds)) is not None:
        return name
    shift = record.shift(test.shift)
    said = _("−1 × {shift}", shift=shift)
    if test.to_shift:
        said = _("{shift} → {to}", shift=shift, to=record.shift(test.to_shift))
    return _("{pool}: {change}", change=said, pool=named("pool", test.pool)) if with_pool else said


def money(value: float, down: bool = False) -> str:
    """Return yuan as they are said: 1.71 million yuan, 171.3万元; `down`: never more than they are."""
    size = abs(value)
    if size < 10_000:
        said, unit, digits = N_("{money} yuan"), 1.0, 0
    elif language() == "zh":
        said, unit, digits = N_("{money}0,000 yuan"), 1e4, 1
    elif size >= 999_500:
        said, unit, digits = N_("{money} million yuan"), 1e6, 2
    else:
        said, unit, digits = N_("{money} thousand yuan"), 1e3, 0 if size >= 99_950 else 1
    shown = value / unit
    if down:
        # What is a whole number but for rounding stays what it is.
        shown = math.floor(shown * 10**digits + 1e-6) / 10**digits
    return _(said, money=number(shown, digits))


def finding(record: CheapestRoster) -> str:
    """Return what was found, in a line."""
    if record.plan is None:
        if record.rounds:
            return _("No plan was certified in {rounds}", rounds=_rounds(record))
        return _("No plan within the bounds is shown to keep the target")
    said = TITLES[record.given_log is not None, record.proven]
    return _(said, people=number(record.plan.people), cost=money(record.cost), difference=_difference(record))


def subtitle(record: CheapestRoster) -> str:
    """Return the target, the floors, and how sure the certificate is."""
    parts = [record.title, target_in_words(record.target)]
    comma = _(", ")
    for level in sorted(set(map(percent, record.floors.values())), key=float):
        names = [named("stage", stage) for stage, its in record.floors.items() if percent(its) == level]
        if len(names) == len(record.floors):
            parts.append(_n(
                "≤ {share} % give up waiting at {number} other stage",
                "≤ {share} % give up waiting at each of {number} other stages", len(names), share=level,
            ))  # fmt: skip
        else:
            parts.append(_("≤ {share} % give up: {stages}", share=level, stages=comma.join(names)))
    if record.kept:
        parts.append(_("without {pools}", pools=comma.join(named("pool", pool) for pool in record.kept)))
    # Each of several years has its share of the error.
    error = record.about.rule.error * max(len(record.years), 1)
    parts.append(_("chance of any wrong verdict ≤ {error} %", error=percent(error)))
    return BETWEEN.join(parts)


def source(record: CheapestRoster) -> str:
    """Return the line at the bottom of the charts."""
    return _(
        "Simulation: {replications} replications, {plans} plans, {days} working days each, seed {seed}. {basis}",
        replications=number(record.replications), plans=number(record.spent.plans), days=record.working_days,
        seed=record.about.seed, basis=basis(record.about),
    )  # fmt: skip
