"""What makes the licences late, in sentences: titles, what can be read aloud, and the words for what is in tables."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.present.basis import basis
from sim.present.names import capital, in_a_row, left_over, named, together, verdict_word
from sim.present.numbers import (
    BETWEEN,
    MINUS,
    minutes,
    number,
    percent,
    plain,
    share,
    span,
    writer,
)
from sim.present.targets import by_target, came_closed, margin_in_words, target_in_words
from sim.studies.attribution.records import IN_TIME, LATE, SHOWN, Attribution, OneMore, Stage
from sim.text import N_, _, _c

SMALL = 0.1
"""Yuan: less is written with two digits that count."""
THIRD = 1 / 3
"""The part of the waiting that the stretch of the day named in a sentence has at least."""
UNEVEN, DAYS = 1.25, 5
"""A weekday, or a stretch of the day, is worth a word if it has so many times its part of five days, or of the day."""
ELSEWHERE = 0.2
"""Of all waiting: if a stage causes so much more than waits at it, this is said."""
MOST_NAMED = 2
"""Stages named in a sentence; the others are summed up."""

ONE_OF = {
    "consultants": N_("phone consultant"),
    "assistants": N_("hall assistant"),
    "studio": N_("person in the Set-Sail Studio"),
    "specialists": N_("key-enterprise specialist"),
    "reviewers": N_("reviewer"),
    "clerks": N_("counter clerk"),
}
WHERE = {"all day": N_("all day"), "shift": N_("on the largest shift"), "midday": N_("at midday")}
ON_DAYS = (N_("Mondays"), N_("Tuesdays"), N_("Wednesdays"), N_("Thursdays"), N_("Fridays"), N_("worked Saturdays"),
           N_("worked Sundays"))  # fmt: skip


def one_of(pool: str) -> str:
    """Return what one person of a pool is called."""
    return _(ONE_OF[pool]) if pool in ONE_OF else _("person among the {pool}", pool=named("pool", pool))


def finding(record: Attribution) -> str:
    """Return which stage is to blame, in a sentence; if the target holds, which takes most of the waiting."""
    if not record.defined:
        return _("No stage alone can be blamed: the plan has no finite figure")
    mean = figure(record, record.whole.estimate)
    added = sum(stage.contribution for stage in record.stages if stage.stage in record.to_blame)
    staffing, unopened = sum(max(stage.contribution, 0.0) for stage in record.stages), record.late.unopened
    if record.about_mean and record.late.closed_at and unopened > max(staffing, record.target.margin):
        return _(
            "Hours rather than staff: {closed} of the {mean} min are waiting for a stage to open",
            closed=minutes(unopened), mean=mean,
        )  # fmt: skip
    if not record.to_blame:
        return by_target(
            record.target, N_("No stage is found to add to the {mean} min by its staffing"),
            N_("No stage is found to take from the {mean} in time by its staffing"), mean=mean,
        )  # fmt: skip
    if record.verdict == "HOLDS" and len(record.to_blame) == 1:
        both = (N_("{stages} causes most of the waiting: {sum} of the {mean} min"),
                N_("{stages} takes most: {sum} points of those in time ({mean})"))  # fmt: skip
    elif record.verdict == "HOLDS":
        both = (N_("{stages} cause most of the waiting together: {sum} of the {mean} min"),
                N_("{stages} take most together: {sum} points of those in time ({mean})"))  # fmt: skip
    elif len(record.to_blame) == 1:
        both = (N_("{stages} is to blame: it adds {sum} of the {mean} min"),
                N_("{stages} is to blame: it takes {sum} points of those in time ({mean})"))  # fmt: skip
    else:
        both = (N_("{stages} are to blame together: they add {sum} of the {mean} min"),
                N_("{stages} are to blame together: they take {sum} points of those in time ({mean})"))  # fmt: skip
    stages = capital(in_a_row([named("stage", stage) for stage in record.to_blame]))
    return by_target(record.target, *both, stages=stages, sum=size(record, added), mean=mean)


def subtitle(record: Attribution) -> str:
    """Return the scenario, the target and the verdict."""
    verdict = _("the plan: {verdict}", verdict=verdict_word(record.verdict))
    return BETWEEN.join([record.title, target_in_words(record.target), verdict])


def figure(record: Attribution, value: float) -> str:
    """Return a value of the target's figure: minutes or a share."""
    return writer(record.about_mean)(value)


def size(record: Attribution, value: float) -> str:
    """Return the size of a difference: minutes or percentage points."""
    return minutes(value * (1 if record.about_mean else 100)).replace("-", MINUS)


def each(value: float) -> str:
    """Return yuan for one of something: 5.55, 123, 0.00017."""
    return (f"{value:.2g}" if 0 < abs(value) < SMALL else minutes(value)).replace("-", MINUS)


def notes(record: Attribution) -> str:
    """Return what the bars are."""
    return _(
        "bars: {level} % intervals, valid at every look, for all of a panel at once; a saving below {margin} does not "
        "matter", level=percent(record.about.rule.confidence), margin=margin_in_words(record.target),
    )  # fmt: skip


def source(record: Attribution, replications: Iterable[int]) -> str:
    """Return the line at the bottom of a chart."""
    return _(
        "Simulation: {replications} replications with the same random numbers, {days} working days, seed {seed}. "
        "{basis}", replications=span(replications), days=record.working_days, seed=record.about.seed,
        basis=basis(record.about),
    )  # fmt: skip


def what_of(record: Attribution) -> list[str]:
    """Return what remains with unlimited staff, and what the stages add."""
    rest, target = record.unlimited, record.target
    remains = figure(record, rest.estimate)
    told = [by_target(
        record.target, N_("Of {mean} minutes, {rest} would be left with unlimited staff ({rests})."),
        N_("{mean} of the licences are within {minutes} minutes; with unlimited staff it would be {rest}."),
        mean=figure(record, record.whole.estimate), rest=remains, rests=rests(record),
        minutes=plain(target.minutes),
    )]  # fmt: skip
    ranked = sorted(record.stages, key=lambda stage: -stage.contribution)[:MOST_NAMED]
    if most := [stage for stage in ranked if stage.contribution >= target.margin]:
        told.append(by_target(
            record.target, N_("The rest is waiting that short staff causes: {stages}."),
            N_("Short staff causes the difference, in percentage points: {stages}."),
            stages=_c("comma", ", ").join(_what_each_adds(record, most)),
        ))  # fmt: skip
    told += _where(record)
    if rest.low > target.promised if record.about_mean else rest.high < target.promised:
        told.append(by_target(
            record.target, N_("Even unlimited staff would not keep the target: {rest} min would remain."),
            N_("Even unlimited staff would not keep the target: only {rest} would be in time."), rest=remains,
        ))  # fmt: skip
    return told


def _what_each_adds(record: Attribution, most: list[Stage]) -> list[str]:
    """Return what some stages add, and what all others do together."""
    each_of = [(named("stage", stage.stage), size(record, stage.contribution)) for stage in most]
    others = size(record, sum(stage.contribution for stage in record.stages if stage not in most))
    if others.strip(f"{MINUS}0."):
        each_of.append((_("all other stages together"), others))
    if record.about_mean:
        return [_c("say stage mean", "{stage} {minutes}", stage=stage, minutes=added) for stage, added in each_of]
    return [_c("say stage share", "{stage} {minutes}", stage=stage, minutes=added) for stage, added in each_of]


def rests(record: Attribution) -> str:
    """Return what the time with unlimited staff is made of."""
    scenario = record.scenario
    found = [_("the work itself")]
    if scenario["review"]["auto_approved_share"] > 0:
        found.append(_("the machines' time"))
    if scenario["outages"]["given"] or scenario["outages"]["drawn"]:
        found.append(_("waiting in outages"))
    if record.target.clock in ("door_to_door", "journey"):
        found.append(_("the applicant's own time and closed hours"))
        if any(scenario[step]["outside"]["share"] > 0 for step in ("review", "issue")):
            found.append(_("the time that files are outside the office"))
    elif record.late.unopened >= SHOWN:
        found.append(_("waiting for a stage to open"))
    return in_a_row(found)


def _where(record: Attribution) -> list[str]:
    """Return where the waiting is, if another stage causes much more than waits at it."""
    waiting = [stage for stage in record.stages if not math.isnan(stage.waiting)]
    if not record.about_mean or not waiting:
        return []
    most = max(waiting, key=lambda stage: stage.waiting)
    together = sum(stage.waiting for stage in waiting)
    elsewhere = [stage.contribution - stage.waiting for stage in waiting if stage is not most]
    if max(elsewhere, default=0.0) <= max(record.target.margin, ELSEWHERE * together):
        return []
    return [_(
        "The waiting itself is mostly at {stage}, {minutes} of {sum} minutes, where other staff help as far as their "
        "own work lets them.", stage=named("stage", most.stage), minutes=minutes(most.waiting), sum=minutes(together),
    )]  # fmt: skip


def not_defined(record: Attribution) -> list[str]:
    """Return what can be said if the plan has no finite figure: which stage alone would make it finite."""
    told = []
    if record.unfinished is not None:
        told.append(_("The office cannot finish its cases: {why}.", why=left_over(record.unfinished)))
    finite = [named("stage", stage.stage) for stage in record.stages if math.isfinite(stage.alone)]
    if not finite:
        return [*told, _("Unlimited staff at no single stage would give a finite figure.")]
    stages = _(" or ").join(finite)
    return [*told, _("Unlimited staff at {stages} alone would give a finite figure.", stages=stages)]


def levers(record: Attribution) -> list[str]:
    """Return what the best one more saves at what cost, and the one that saves most."""
    useful = _useful(record)
    if not useful:
        return [_lets_finish(record)]
    best, most = useful[0], max(useful, key=lambda lever: record.saved(lever).estimate)
    if best.cost_difference <= 0:
        both = (
            N_("One more {pool} {where} saves {saved} minutes a licence and costs nothing more, since it saves "
               "overtime."),
            N_("One more {pool} {where} brings {saved} points more in time and costs nothing more, since it saves "
               "overtime."),
        )  # fmt: skip
    else:
        both = (
            N_("One more {pool} {where} saves {saved} minutes a licence for {cost} yuan {period}, {price} yuan for "
               "each minute saved over all licences."),
            N_("One more {pool} {where} brings {saved} points more in time for {cost} yuan {period}, {price} yuan for "
               "each licence more in time."),
        )  # fmt: skip
    told = [by_target(record.target, *both, **_values_of(record, best))]
    if most != best:
        told.append(by_target(
            record.target,
            N_("Most is saved by one more {pool} {where}: {saved} minutes a licence for {cost} yuan {period}."),
            N_("Most is gained by one more {pool} {where}: {saved} points for {cost} yuan {period}."),
            **_values_of(record, most),
        ))  # fmt: skip
    return told


def lever_title(record: Attribution) -> str:
    """Return what the best one more saves and at what cost, as short as a title."""
    useful = _useful(record)
    if not useful:
        return _lets_finish(record).removesuffix(_("."))
    if useful[0].cost_difference <= 0:
        both = (N_("One more {pool} {where} saves {saved} min a licence at no cost"),
                N_("One more {pool} {where} brings {saved} points more in time at no cost"))  # fmt: skip
    else:
        both = (
            N_("One more {pool} {where} saves {saved} min a licence, at {price} yuan a minute in all"),
            N_("One more {pool} {where} brings {saved} points more in time, at {price} yuan a licence"),
        )
    return by_target(record.target, *both, **_values_of(record, useful[0]))


def _useful(record: Attribution) -> list[OneMore]:
    """Return the one mores that are found to save what matters, at a cost that is known; free ones first, by saving."""
    found = [lever for lever in record.one_more if record.matters(lever) and not math.isnan(lever.cost_per_minute)]
    # Of what costs nothing, a price says nothing.
    free = [lever for lever in found if lever.cost_difference <= 0]
    paid = [lever for lever in found if lever.cost_difference > 0]
    return [*sorted(free, key=lambda lever: -record.saved(lever).estimate),
            *sorted(paid, key=lambda lever: lever.cost_per_minute)]  # fmt: skip


def _lets_finish(record: Attribution) -> str:
    """Return which one more lets the office finish its cases at the least cost, or that none saves what matters."""
    enough = [lever for lever in record.one_more if record.matters(lever) and math.isinf(lever.difference)]
    if enough:
        least = min(enough, key=lambda lever: lever.cost_difference)
        return _("One more {pool} {where} lets the office finish its cases, for {cost} yuan {period}.",
                 **_values_of(record, least))  # fmt: skip
    if record.defined:
        return _("One person more, in whatever pool, is not found to save anything that matters.")
    return _("No one person more lets the office finish its cases.")


def _values_of(record: Attribution, lever: OneMore) -> dict[str, str]:
    cost = lever.cost_difference
    days = _c("cost of period", "in {days} working days", days=record.working_days)
    return {
        "pool": one_of(lever.pool),
        "where": _(WHERE[lever.where]),
        "saved": size(record, record.saved(lever).estimate),
        # To the thousand: what is read aloud need not be to the yuan.
        "cost": number(round(cost, -3) if cost >= 10_000 else cost).replace("-", MINUS),
        "price": each(lever.cost_per_minute),
        "period": _c("cost a year", "a year") if record.whole_year else days,
    }


def late_title(record: Attribution) -> str:
    """Return how many are late, and how long they and the others wait."""
    if not record.by_part(LATE):
        return _("Nobody is late")
    late = _("{share} of the licences are late: on average {rest} min of {what} and {wait} of waiting",
             **_late_values(record))  # fmt: skip
    return capital(late + _in_time(record, N_("; in time: {rest} and {wait}")))


def late_subtitle(record: Attribution) -> str:
    """Return what late means, and what the figures rest on."""
    return _(
        "{title}; late: {clock} over {minutes} min; mean of {replications} replications", title=record.title,
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
        replications=record.late.replications,
    )  # fmt: skip


def who_is_late(record: Attribution) -> str:
    """Return how many are late, how long they wait, and when."""
    late, limit = record.late, plain(record.target.minutes)
    if math.isnan(late.share):
        return ""
    if late.share == 0:
        return _("Nobody takes longer than {minutes} minutes.", minutes=limit)
    never = _("{number} of the late cases looked at never get the licence", number=late.never)
    if not record.by_part(LATE):
        return never + _(".")
    told = _(
        "{share} of the licences take longer than {minutes} minutes, with {wait} minutes of waiting and {rest} of "
        "{what} on average", minutes=limit, **_late_values(record),
    )  # fmt: skip
    told += _in_time(record, N_(", those in time with {wait} and {rest}"))
    if late.never:
        told += _("; ") + never
    closed = came_closed(late.closed, late.closed_at).text
    return together([told + _when(record.whole_week), closed])


def _late_values(record: Attribution) -> dict[str, str]:
    work = record.target.clock in ("licence", "touch")
    return {
        "share": share(record.late.share),
        "wait": minutes(record.waits(LATE)),
        "rest": minutes(record.rest(LATE)),
        "what": _("work") if work else _("everything else"),
    }


def _in_time(record: Attribution, how: str) -> str:
    """Return the same of those in time, if there are any."""
    if not record.by_part(IN_TIME):
        return ""
    return _(how, wait=minutes(record.waits(IN_TIME)), rest=minutes(record.rest(IN_TIME)))


def _when(week: NDArray[np.float64]) -> str:
    """Return when most of the waiting is, as the end of a sentence."""
    if not week.sum() > 0:
        return _(".")
    day = int(week.sum(axis=1).argmax())
    begin, end, part = busiest(week.sum(axis=0))
    day_part = float(week[day].sum() / week.sum())
    slots = np.count_nonzero(week.sum(axis=0))
    if day_part < UNEVEN / DAYS and part < UNEVEN * (end - begin) / slots:
        return _(". The late ones' waiting is spread evenly over the week.")
    return _(
        ". Of the late ones' waiting, {day_share} is on {day} and {share} between {begin} and {end} of any day.",
        day=_(ON_DAYS[day]), day_share=share(day_part), share=share(part), begin=clock_time(begin),
        end=clock_time(end),
    )  # fmt: skip


def busiest(line: NDArray[np.float64]) -> tuple[int, int, float]:
    """Return the shortest stretch with a third of all, and its part: first half-hour, the one after it, share.

    Parameters
    ----------
    line : (48,) float64
        Minutes by half-hour; some of them positive.
    """
    total = np.append(0.0, np.cumsum(line))
    for length in range(1, len(line) + 1):
        held = total[length:] - total[:-length]
        first = int(held.argmax())
        if held[first] >= THIRD * total[-1]:
            break
    return first, first + length, float(held[first] / total[-1])


def clock_time(half_hour: int) -> str:
    """Return when a half-hour begins, as HH:MM."""
    return f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"
