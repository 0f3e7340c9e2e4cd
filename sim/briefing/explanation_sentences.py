"""What an explanation found, in sentences: titles and notes of its charts, and what can be read aloud."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.briefing.basis import basis
from sim.briefing.numbers import (
    MINUS,
    NOTHING,
    PERCENT,
    minutes,
    number,
    percent,
    plain,
    share,
    signed_alike,
    span,
    writer,
)
from sim.briefing.saved import Figure
from sim.briefing.saved_explanation import BETTER, IN_TIME, LATE, OneMore, SavedExplanation, Stage
from sim.briefing.sentences import target_in_words
from sim.briefing.words import Language, named, word

BETWEEN = " · "
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


def finding(saved: SavedExplanation, language: Language) -> str:
    """Return which stage is to blame, in a sentence; if the target holds, which takes most of the waiting."""
    if not saved.defined:
        return word("blame not defined", language)
    kind, blamed = _kind(saved), saved.to_blame
    mean = figure(saved, saved.whole.mean, language)
    if not blamed:
        return word(f"blame nobody {kind}", language, mean=mean)
    how = ("most" if saved.verdict == "HOLDS" else "blame") + (" one" if len(blamed) == 1 else " several")
    added = sum(stage.contribution for stage in saved.stages if stage.stage in blamed)
    stages = capital(joined([named("stage", stage, language) for stage in blamed], language), language)
    return word(f"{how} {kind}", language, stages=stages, sum=size(saved, added), mean=mean)


def subtitle(saved: SavedExplanation, language: Language) -> str:
    """Return the scenario, the target and the verdict."""
    verdict = word("verdict of plan", language, verdict=word(saved.verdict, language))
    return BETWEEN.join([saved.title(language), target_in_words(saved.target, language), verdict])


def joined(names: list[str], language: Language) -> str:
    """Return names in a row: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return word("list mark", language).join(names[:-1]) + word("and", language) + names[-1]


def capital(text: str, language: Language) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:] if language == "en" else text


def figure(saved: SavedExplanation, value: float, language: Language) -> str:
    """Return a value of the target's figure: minutes or a share."""
    return writer(saved.about_mean, language)(value)


def size(saved: SavedExplanation, value: float) -> str:
    """Return the size of a difference: minutes or percentage points."""
    return minutes(value * (1 if saved.about_mean else 100)).replace("-", "−")


def with_ends(saved: SavedExplanation, found: Figure, language: Language) -> str:
    """Return a difference with its interval, if it has one."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return signed_alike([found.mean], saved.about_mean)[0]
    estimate, low, high = signed_alike(found, saved.about_mean)
    return word("estimate and ends", language, estimate=estimate, low=low, high=high)


def each(value: float) -> str:
    """Return yuan for one of something: 5.55, 123, 0.00017."""
    return (f"{value:.2g}" if 0 < abs(value) < SMALL else minutes(value)).replace("-", MINUS)


def price(lever: OneMore, language: Language) -> str:
    """Return the cost of a minute saved with its interval, or that there is no saving."""
    if math.isnan(lever.cost_per_minute):
        # What saves beyond all measure has no price, though it saves.
        return NOTHING if lever.finding == BETTER else word("no saving", language)
    found = (lever.cost_per_minute, lever.cost_per_minute_low, lever.cost_per_minute_high)
    estimate, low, high = map(each, found)
    return word("estimate and ends", language, estimate=estimate, low=low, high=high)


def cost_column(saved: SavedExplanation) -> str:
    """Return the key of the heading of costs: a year's, or those of the days simulated."""
    return "cost column year" if saved.manifest["whole_year"] else "cost column"


def pool_and_where(lever: OneMore, language: Language) -> str:
    """Return of which pool there is one more, and when."""
    where = word(f"where {lever.where}", language)
    return word("pool and where", language, pool=named("pool", lever.pool, language), where=where)


def part_of_added(stage: Stage, language: Language) -> str:
    """Return a stage's part of all that the stages add."""
    if math.isnan(stage.share):
        return NOTHING
    said = f"{stage.share:.1%}".replace("%", PERCENT[language]).replace("-", MINUS)
    return said.removeprefix(MINUS) if not said.strip(f"{MINUS}0. %") else said


def margin(saved: SavedExplanation, language: Language) -> str:
    """Return the difference below which none matters: 0.05 min, 0.5 points."""
    if saved.about_mean:
        return word("minutes of", language, value=plain(saved.margin))
    return word("points of", language, value=percent(saved.margin))


def notes(saved: SavedExplanation, language: Language) -> str:
    """Return what the bars are."""
    level = percent(1 - saved.rule["error"])
    return word("explain notes", language, level=level, margin=margin(saved, language))


def source(saved: SavedExplanation, language: Language, replications: Iterable[int]) -> str:
    """Return the line at the bottom of a chart."""
    facts = saved.manifest
    return word(
        "explain source", language, replications=span(replications), days=facts["working_days"], seed=facts["seed"],
        basis=basis(facts, language),
    )  # fmt: skip


def part_name(part: str, language: Language) -> str:
    """Return the name of a part of the clock, such as "wait review"."""
    kind, _, stage = part.partition(" ")
    if kind in ("wait", "service") and stage:
        return word(f"{kind} at", language, stage=named("stage", stage, language))
    return named("part", part, language)


def late_title(saved: SavedExplanation, language: Language) -> str:
    """Return how many are late, and how long they and the others wait."""
    if not saved.by_part(LATE):
        return word("late nobody", language)
    late = word("late title", language, **_late_values(saved, language))
    return capital(late + _in_time(saved, "title in time", language), language)


def late_subtitle(saved: SavedExplanation, language: Language) -> str:
    """Return what late means, and what the figures rest on."""
    clock = named("clock", saved.target["clock"], language)
    return word(
        "late subtitle", language, title=saved.title(language), clock=clock, minutes=plain(saved.target["minutes"]),
        replications=saved.manifest["late"]["replications"],
    )  # fmt: skip


def spoken(saved: SavedExplanation, language: Language) -> list[str]:
    """Return sentences that can be read aloud: what the time is made of, what one more is worth, who is late."""
    first = _parts(saved, language) if saved.defined else _not_defined(saved, language)
    space = " " if language == "en" else ""
    said = [space.join(first), space.join(_levers(saved, language))]
    return [sentence for sentence in [*said, _late(saved, language)] if sentence]


def _kind(saved: SavedExplanation) -> str:
    return "mean" if saved.about_mean else "share"


def _parts(saved: SavedExplanation, language: Language) -> list[str]:
    """Return what remains with unlimited staff, and what the stages add."""
    kind, rest = _kind(saved), saved.unlimited
    values = {"mean": figure(saved, saved.whole.mean, language), "rest": figure(saved, rest.mean, language)}
    rests = joined(_rests(saved, language), language)
    said = [word(f"say whole {kind}", language, rests=rests, minutes=plain(saved.target["minutes"]), **values)]
    named_stages = sorted(saved.stages, key=lambda stage: -stage.contribution)[:MOST_NAMED]
    named_stages = [stage for stage in named_stages if stage.contribution >= saved.margin]
    if named_stages:
        others = sum(stage.contribution for stage in saved.stages if stage not in named_stages)
        texts = [
            word(
                f"say stage {kind}", language, stage=named("stage", stage.stage, language),
                minutes=size(saved, stage.contribution),
            )
            for stage in named_stages
        ]  # fmt: skip
        if size(saved, others).strip(f"{MINUS}0."):
            texts.append(word(f"say others {kind}", language, minutes=size(saved, others)))
        said.append(word(f"say stages {kind}", language, stages=word("comma", language).join(texts)))
    said += _where(saved, language)
    beyond = rest.low > saved.promised if saved.about_mean else rest.high < saved.promised
    if beyond:
        said.append(word(f"beyond staff {kind}", language, rest=figure(saved, rest.mean, language)))
    return said


def _where(saved: SavedExplanation, language: Language) -> list[str]:
    """Return where the waiting is, if another stage causes much more than waits at it."""
    waiting = [stage for stage in saved.stages if not math.isnan(stage.waiting)]
    if not saved.about_mean or not waiting:
        return []
    most = max(waiting, key=lambda stage: stage.waiting)
    whole = sum(stage.waiting for stage in waiting)
    elsewhere = [stage.contribution - stage.waiting for stage in waiting if stage is not most]
    if max(elsewhere, default=0.0) <= max(saved.margin, ELSEWHERE * whole):
        return []
    name = named("stage", most.stage, language)
    return [word("say where", language, stage=name, minutes=minutes(most.waiting), sum=minutes(whole))]


def _rests(saved: SavedExplanation, language: Language) -> list[str]:
    """Return what the time with unlimited staff is made of."""
    scenario = saved.manifest["scenario"]
    found = ["work"]
    if scenario["review"]["auto_approved_share"] > 0:
        found.append("machines")
    if scenario["outages"]["given"] or scenario["outages"]["drawn"]:
        found.append("outages")
    if saved.target["clock"] in ("door_to_door", "journey"):
        found.append("own time")
    return [word(f"rest {what}", language) for what in found]


def _not_defined(saved: SavedExplanation, language: Language) -> list[str]:
    """Return what can be said if the plan has no finite figure: which stage alone would make it finite."""
    said = []
    if saved.manifest["unfinished"]:
        said.append(word("say unfinished", language, why=saved.manifest["unfinished"]))
    finite = [named("stage", stage.stage, language) for stage in saved.stages if math.isfinite(stage.alone)]
    either = word("or", language).join(finite)
    said.append(word("say finite", language, stages=either) if finite else word("say not finite", language))
    return said


def lever_title(saved: SavedExplanation, language: Language) -> str:
    """Return what the best one more saves and at what cost, as short as a title."""
    said = _levers(saved, language, "lever title")[0]
    return said.removesuffix(word("stop", language))


def _useful(saved: SavedExplanation) -> list[OneMore]:
    """Return the one mores that are found to save what matters, at a cost that is known; free ones first, by saving."""
    found = [
        lever for lever in saved.one_more
        if lever.finding == BETTER and saved.saved(lever).mean >= saved.margin and not math.isnan(lever.cost_per_minute)
    ]  # fmt: skip
    # Of what costs nothing, a price says nothing.
    free = [lever for lever in found if lever.cost_difference <= 0]
    paid = [lever for lever in found if lever.cost_difference > 0]
    return [*sorted(free, key=lambda lever: -saved.saved(lever).mean),
            *sorted(paid, key=lambda lever: lever.cost_per_minute)]  # fmt: skip


def _levers(saved: SavedExplanation, language: Language, how: str = "say lever") -> list[str]:
    """Return the one more that saves a minute at the least cost, and the one that saves most.

    If the plan does not finish its cases, the one that lets it finish at the least cost.
    """
    kind, useful = _kind(saved), _useful(saved)
    enough = [lever for lever in saved.one_more if lever.finding == BETTER and math.isinf(saved.saved(lever).mean)]
    if enough:
        least = min(enough, key=lambda lever: lever.cost_difference)
        return [word("say lever finishes", language, **_of(saved, least, language))]
    if not useful:
        return [word("say no lever" if saved.defined else "say levers not finite", language)]
    cheapest = useful[0]
    most = max(useful, key=lambda lever: saved.saved(lever).mean)
    free = " free" if cheapest.cost_difference <= 0 else ""
    said = [word(f"{how}{free} {kind}", language, **_of(saved, cheapest, language))]
    if most != cheapest:
        said.append(word(f"say most {kind}", language, **_of(saved, most, language)))
    return said


def _of(saved: SavedExplanation, lever: OneMore, language: Language) -> dict[str, str]:
    facts = saved.manifest
    key = "cost a year" if facts["whole_year"] else "cost of period"
    return {
        "pool": named("one of", lever.pool, language),
        "where": word(f"where {lever.where}", language),
        "saved": size(saved, saved.saved(lever).mean),
        # To the thousand: what is read aloud need not be to the yuan.
        "cost": number(round(lever.cost_difference, -3)) if lever.cost_difference >= 10_000
        else number(lever.cost_difference).replace("-", "−"),
        "price": each(lever.cost_per_minute),
        "period": word(key, language, days=facts["working_days"]),
    }  # fmt: skip


def _late(saved: SavedExplanation, language: Language) -> str:
    """Return how many are late, how long they wait, and when."""
    facts, limit = saved.manifest["late"], plain(saved.target["minutes"])
    if facts["share"] is None:
        return ""
    if facts["share"] == 0:
        return word("say nobody late", language, minutes=limit)
    if not saved.by_part(LATE):
        return word("say never", language, number=facts["never"]) + word("stop", language)
    said = word("say late", language, minutes=limit, **_late_values(saved, language))
    said += _in_time(saved, "say in time", language)
    if facts["never"]:
        said += word("semicolon", language) + word("say never", language, number=facts["never"])
    week = saved.whole_week
    if not week.sum() > 0:
        return said + word("stop", language)
    day = int(week.sum(axis=1).argmax())
    begin, end, part = busiest(week.sum(axis=0))
    day_part = float(week[day].sum() / week.sum())
    slots = np.count_nonzero(week.sum(axis=0))
    if day_part < UNEVEN / DAYS and part < UNEVEN * (end - begin) / slots:
        return said + word("say evenly", language)
    return said + word(
        "say week", language, day=word(f"day {day + 1}", language), day_share=share(day_part, language),
        share=share(part, language), begin=clock_time(begin), end=clock_time(end),
    )  # fmt: skip


def _late_values(saved: SavedExplanation, language: Language) -> dict[str, str]:
    facts = saved.manifest["late"]
    what = "else work" if saved.target["clock"] in ("licence", "touch") else "else all"
    return {"share": share(facts["share"], language), "wait": minutes(saved.waits(LATE)),
            "rest": minutes(saved.rest(LATE)), "what": word(what, language)}


def _in_time(saved: SavedExplanation, how: str, language: Language) -> str:
    """Return the same of those in time, if there are any."""
    if not saved.by_part(IN_TIME):
        return ""
    wait, rest = minutes(saved.waits(IN_TIME)), minutes(saved.rest(IN_TIME))
    return word(how, language, wait=wait, rest=rest)


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
