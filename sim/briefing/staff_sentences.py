"""The cheapest plan in sentences: title and notes of the charts, and what a head of office can read aloud."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from sim.briefing.basis import basis
from sim.briefing.numbers import number, percent, plain, share, writer
from sim.briefing.saved_staff import EVERYBODY, OWN, PLAN, TARGET, CertificateTest, SavedStaff
from sim.briefing.sentences import target_in_words
from sim.briefing.words import Language, named, word

BETWEEN = " · "
YEAR = 240
"""Working days from which on a period is called a year."""
PART_TIME = 30.0
"""Hours a week below which somebody is not there the whole day."""
NOT_CLEAR = ("TOO CLOSE", "UNDECIDED")


def spoken(saved: SavedStaff, language: Language) -> list[str]:
    """Return a few sentences: the roster and its cost, the scenario's plan, the certificate, and the bound."""
    if saved.plan is None:
        said = [_none(saved, language), present(saved, language)]
        return [*said, bound(saved, language)] if saved.rounds else said
    part_time = sum(line.people for line in saved.roster if line.hours_a_week < PART_TIME)
    first = word(
        "staffing found proven" if saved.manifest["proven"] else "staffing found", language,
        target=spoken_target(saved, language), people=number(saved.plan["people"]),
        part=word("staffing part-time", language, people=part_time, hours=plain(PART_TIME)) if part_time else "",
        cost=money(saved.cost, language), period=period(saved, language), difference=difference(saved, language),
    )  # fmt: skip
    return [first, present(saved, language), certificate(saved, language), bound(saved, language)]


def difference(saved: SavedStaff, language: Language) -> str:
    """Return what the plan costs more or less than the scenario's own, as part of a sentence."""
    more = saved.cost - saved.own_cost
    if abs(more) < 1:
        return word("staffing as much", language)
    return word("staffing more" if more > 0 else "staffing less", language, money=money(abs(more), language))


def present(saved: SavedStaff, language: Language) -> str:
    """Return whether the scenario's own plan keeps what is required, in a sentence; empty if it was not judged."""
    own = saved.of(OWN)
    if not own:
        return ""
    cost = money(saved.own_cost, language)
    if missed := [test for test in own if test.verdict == "FAILS"]:
        said = word("staffing own fails", language, cost=cost, what=_missed(saved, missed, language))
    elif unclear := [test for test in own if test.verdict in NOT_CLEAR]:
        what = _listed(_names(saved, unclear, language), language)
        said = word("staffing own unclear", language, cost=cost, what=what)
    else:
        said = word("staffing own holds", language, cost=cost)
        if saved.plan is not None and saved.own_cost < saved.cost - 1:
            said += word("staffing own cheaper", language)
    return said


def certificate(saved: SavedStaff, language: Language) -> str:
    """Return what came of the plan and its cheaper neighbours on fresh seeds, in a sentence."""
    (target,) = [test for test in saved.of(PLAN) if test.requirement == TARGET]
    neighbours = saved.neighbours
    said = word(
        "staffing tested", language, estimate=estimate(saved, target, language),
        floors=word("staffing floors hold", language) if saved.manifest["floors"] else "",
    )  # fmt: skip
    if not neighbours:
        return said + word("staffing no neighbours", language)
    found = counts(neighbours)
    if set(found) == {"FAILS"}:
        return said + word("staffing neighbours all fail", language, all=len(neighbours))
    each = [word(f"staffing neighbours {verdict}{' one' if n == 1 else ''}", language, number=n)
            for verdict, n in found.items()]  # fmt: skip
    listed = word("staffing counts and", language).join(each)
    return said + word("staffing neighbours", language, all=len(neighbours), found=listed)


def _rounds(saved: SavedStaff, language: Language) -> str:
    """Return how many rounds of tests there were."""
    return word("staffing rounds one" if saved.rounds == 1 else "staffing rounds", language, number=saved.rounds)


def counts(tests: Sequence[CertificateTest]) -> dict[str, int]:
    """Return how many tests came out how, in the order of the verdicts."""
    found = Counter(test.verdict for test in tests)
    return {verdict: found[verdict] for verdict in ("FAILS", *NOT_CLEAR, "HOLDS") if found[verdict]}


def bound(saved: SavedStaff, language: Language) -> str:
    """Return below what cost no plan can hold, in a sentence."""
    if not saved.manifest["proven"] and saved.bound <= 0:
        return word("staffing no bound", language, plans=number(saved.manifest["plans_simulated"]))
    provided = condition(saved, language)
    if saved.manifest["proven"]:
        return word("staffing proven", language, provided=provided)
    return word("staffing bound", language, bound=money(saved.bound, language, down=True), provided=provided)


def condition(saved: SavedStaff, language: Language) -> str:
    """Return what the bound takes for granted: that what the certificate refused fails, too."""
    # A roster that was not shown to hold is not shown to fail.
    refused = saved.rounds > 1 or not saved.certified
    return word("staffing provided refused" if refused else "staffing provided", language)


def _none(saved: SavedStaff, language: Language) -> str:
    """Return why there is no plan, in a sentence."""
    target = spoken_target(saved, language)
    if saved.rounds:
        tests = saved.of(PLAN)
        missed = [test for test in tests if test.verdict != "HOLDS"]
        why = (
            word("staffing refused", language, what=_listed(_names(saved, missed, language), language))
            if missed
            else word("staffing neighbour may hold", language)
        )
        cost = money(tests[0].cost, language) if tests else ""
        rounds = _rounds(saved, language)
        said = word("staffing not certified", language, target=target, rounds=rounds, cost=cost, why=why)
        held = saved.held
        return said + word("staffing one held", language, cost=money(held, language)) if held is not None else said
    most = saved.of(EVERYBODY)
    missed = [test for test in most if test.verdict == "FAILS"]
    if missed:
        return word("staffing none", language, target=target, what=_missed(saved, missed, language))
    unclear = [test for test in most if test.verdict in NOT_CLEAR]
    if unclear:
        what = _listed(_names(saved, unclear, language), language)
        return word("staffing none unclear", language, target=target, what=what)
    return word("staffing none found", language, target=target, plans=number(saved.manifest["plans_simulated"]))


def _missed(saved: SavedStaff, tests: Sequence[CertificateTest], language: Language) -> str:
    """Return what a plan misses: the target with its estimate, and the stages where too many give up."""
    said = [estimate(saved, test, language) for test in tests if test.requirement == TARGET]
    floors = [test for test in tests if test.requirement != TARGET]
    if floors:
        names = [
            word("staffing gave up", language, stage=named("stage", test.requirement, language),
                 share=_gave_up(test, language))
            for test in floors
        ]  # fmt: skip
        most = {percent(saved.manifest["floors"][test.requirement]) for test in floors}
        allowed = word("staffing gave up most", language, share=most.pop()) if len(most) == 1 else ""
        said.append(word("staffing too many", language, stages=_listed(names, language), most=allowed))
    return word("staffing and", language).join(said)


def _gave_up(test: CertificateTest, language: Language) -> str:
    return word("cannot finish", language) if math.isnan(test.estimate) else share(1 - test.estimate, language)


def _names(saved: SavedStaff, tests: Sequence[CertificateTest], language: Language) -> list[str]:
    return [requirement(saved, test.requirement, language) for test in tests]


def requirement(saved: SavedStaff, name: str, language: Language) -> str:
    """Return the name of a requirement: that of the clock, or the service at a stage."""
    if name == TARGET:
        return named("clock", saved.target["clock"], language)
    return word("staffing service", language, stage=named("stage", name, language))


def estimate(saved: SavedStaff, test: CertificateTest, language: Language) -> str:
    """Return the estimate of the target with its interval, as part of a sentence."""
    if not math.isfinite(test.estimate):
        return word("staffing cannot finish", language)
    show = writer(test.about_mean, language)
    between = ""
    if test.low < test.high:
        between = word("staffing between", language, low=show(test.low), high=show(test.high))
    return word(
        f"staffing estimate {'mean' if test.about_mean else 'share'}", language, estimate=show(test.estimate),
        between=between, clock=named("clock", saved.target["clock"], language), minutes=plain(saved.target["minutes"]),
    )  # fmt: skip


def plan_name(saved: SavedStaff, test: CertificateTest, with_pool: bool, language: Language) -> str:
    """Return what a plan is: the roster itself, the scenario's plan, or in what a neighbour differs."""
    if (name := name_of_plan(saved, test.plan, saved.rounds, language)) is not None:
        return name
    values = {"pool": named("pool", test.pool, language), "shift": saved.shift(test.shift, language)}
    key = "staffing one shorter" if test.to_shift else "staffing one less"
    said = word(key, language, to=saved.shift(test.to_shift, language) if test.to_shift else "", **values)
    return word("staffing of pool", language, change=said, **values) if with_pool else said


def name_of_plan(saved: SavedStaff, plan: int, tested: int, language: Language) -> str | None:
    """Return the name of a plan by its number and the round that tested it; None of a neighbour."""
    if plan == PLAN:
        if tested < saved.rounds:
            return word("staffing plan of round", language, round=tested)
        return word("staffing plan itself" if saved.certified else "staffing plan refused", language)
    keys = {OWN: "staffing marked own", EVERYBODY: "staffing everybody"}
    return word(keys[plan], language) if plan in keys else None


def spoken_target(saved: SavedStaff, language: Language) -> str:
    """Return the target as it is read aloud."""
    target = saved.target
    return word(
        f"limit target {target['statistic']}", language, clock=named("clock", target["clock"], language),
        minutes=plain(target["minutes"]), percent=percent(target["level"]),
    )  # fmt: skip


def period(saved: SavedStaff, language: Language) -> str:
    """Return what costs are over: a year, or so many working days."""
    if saved.working_days >= YEAR:
        return word("staffing a year", language)
    return word("staffing days", language, days=saved.working_days)


def money(value: float, language: Language, down: bool = False) -> str:
    """Return yuan as they are said: 1.71 million yuan, 171.3万元; `down`: never more than they are."""
    if abs(value) < 10_000:
        return word("staffing yuan", language, money=number(math.floor(value) if down else value))
    if language == "zh":
        unit, digits, key = 10_000.0, 1, "staffing wan"
    elif abs(value) >= 999_500:
        unit, digits, key = 1e6, 2, "staffing million"
    else:
        unit, digits, key = 1e3, 0 if abs(value) >= 99_950 else 1, "staffing thousand"
    shown = value / unit
    if down:
        # What is a whole number but for rounding stays what it is.
        shown = math.floor(shown * 10**digits + 1e-6) / 10**digits
    return word(key, language, money=number(shown, digits))


def finding(saved: SavedStaff, language: Language) -> str:
    """Return the title of the charts."""
    if saved.plan is None:
        return word("staffing title not certified" if saved.rounds else "staffing title none", language,
                    rounds=_rounds(saved, language))  # fmt: skip
    key = "staffing title proven" if saved.manifest["proven"] else "staffing title"
    return word(
        key, language, people=number(saved.plan["people"]), cost=money(saved.cost, language),
        difference=difference(saved, language),
    )  # fmt: skip


def tried_title(saved: SavedStaff, language: Language) -> str:
    """Return the title of the chart of the rosters tried: what they say of the cost."""
    own = saved.of(OWN)
    cheaper = bool(own) and own[0].cost < saved.cost and {test.verdict for test in own} == {"HOLDS"}
    if saved.plan is None or cheaper:
        return finding(saved, language)
    plans, cost = number(saved.manifest["plans_simulated"]), money(saved.cost, language)
    return word("staffing title tried", language, plans=plans, cost=cost)


def subtitle(saved: SavedStaff, language: Language) -> str:
    """Return the target, the floors, and how sure the certificate is."""
    parts = [saved.title(language), target_in_words(saved.target, language)]
    floors = saved.manifest["floors"]
    for level in sorted(set(map(percent, floors.values())), key=float):
        names = [named("stage", stage, language) for stage, its in floors.items() if percent(its) == level]
        if len(names) == len(floors):
            parts.append(word("staffing floors", language, share=level, number=len(names)))
        else:
            stages = word("staffing list comma", language).join(names)
            parts.append(word("staffing floors at", language, share=level, stages=stages))
    if kept := saved.manifest["kept"]:
        left = word("staffing list comma", language).join(named("pool", pool, language) for pool in kept)
        parts.append(word("staffing without", language, pools=left))
    parts.append(word("staffing error", language, error=percent(saved.manifest["error"])))
    return BETWEEN.join(parts)


def source(saved: SavedStaff, language: Language) -> str:
    """Return the line at the bottom of the charts."""
    return word(
        "staffing source", language, replications=number(saved.manifest["replications"]),
        plans=number(saved.manifest["plans_simulated"]), days=saved.working_days, seed=saved.manifest["seed"],
        basis=basis(saved.manifest, language),
    )  # fmt: skip


def _listed(names: Sequence[str], language: Language) -> str:
    """Return names as a list in a sentence: a, b and c."""
    comma = word("staffing list comma", language)
    if len(names) < 2:
        return comma.join(names)
    return comma.join(names[:-1]) + word("staffing list and", language) + names[-1]
