"""What plans carry, in sentences: title and notes of the chart, and what a head of office can read aloud."""

from __future__ import annotations

import math
from datetime import date

from sim.briefing.basis import basis
from sim.briefing.numbers import number, percent, plain, span
from sim.briefing.saved_limit import PlanBracket, SavedLimit
from sim.briefing.sentences import target_in_words
from sim.briefing.words import Language, named, word

BETWEEN = " · "
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def spoken(saved: SavedLimit, language: Language) -> list[str]:
    """Return two or three sentences: what the first plan carries, when growth passes that, and what of next year."""
    first = saved.plans[0]
    said = [carried(saved, first, language), passed(saved, first, language)]
    said.append(next_year(saved, language))
    odd = [plan.title(language) for plan in saved.plans if not plan.monotone]
    said += [word("limit not monotone", language, plan=title) for title in odd]
    return [sentence for sentence in said if sentence]


def carried(saved: SavedLimit, plan: PlanBracket, language: Language) -> str:
    """Return what a plan carries, in a sentence."""
    return word(
        f"limit {_kind(plan)}", language, plan=plan.title(language), target=spoken_target(saved, language),
        **_ends(plan),
    )  # fmt: skip


def passed(saved: SavedLimit, plan: PlanBracket, language: Language) -> str:
    """Return when demand passes what a plan carries, in a sentence."""
    base = saved.marks[0]
    values = {"base": number(base.registrations), "year": base.year, "growth": percent(abs(saved.growth))}
    if plan.holds is None and plan.fails is None:
        return ""
    if saved.growth <= 0:
        carries, over = base.registrations <= (plan.holds or 0), base.registrations >= (plan.fails or math.inf)
        place = "never" if carries else "already" if over else "unclear"
        begin = word("limit shrinks" if saved.growth < 0 else "limit no growth", language, **values)
        return begin + word(f"limit {place}", language)
    said = when(plan, language)
    if not said:
        # Of a plan that no demand holds with, growth has nothing to say.
        return "" if plan.holds is None else word("limit no date", language, **values)
    over = plan.fails is not None and base.registrations >= plan.fails
    return word("limit was passed" if over else "limit passed", language, when=said, **values)


def when(plan: PlanBracket, language: Language) -> str:
    """Return in which months demand passes what a plan carries; empty if none is known."""
    # Without a demand that holds, the date of one that fails says nothing.
    begin, end = (None, None) if plan.holds is None else (plan.breaks_from, plan.breaks_to)
    values = {"begin": _month(begin, language), "end": _month(end, language)}
    if begin is None and end is None:
        return ""
    if begin is None or end is None:
        return word("limit before" if begin is None else "limit after", language, **values)
    return word("limit in" if values["begin"] == values["end"] else "limit between", language, **values)


def months(plan: PlanBracket) -> str:
    """Return the same as short as a table needs it: 2023-07 – 2023-09."""
    both = [] if plan.holds is None else [plan.breaks_from, plan.breaks_to]
    said = ["" if day is None else f"{day:%Y-%m}" for day in both]
    return "–" if not any(said) else said[0] if said[0] == said[1] else " – ".join(said)


def next_year(saved: SavedLimit, language: Language) -> str:
    """Return whether the demand of the next year is carried, and by the cheapest of which plans."""
    mark, first = saved.marks[-1], saved.plans[0]
    values = {"mark": number(mark.registrations), "year": mark.year}
    if len(saved.plans) == 1:
        carries = mark.registrations <= (first.holds or 0)
        broken = mark.registrations >= (first.fails or math.inf)
        place = "carried" if carries else "broken" if broken else "open"
        return word(f"limit next {place}", language, **values)
    able = carrying(saved)
    if not able:
        return word("limit next by none", language, all=len(saved.plans), **values)
    best = able[0]
    if best is first:
        return word("limit next by first", language, plan=best.title(language), **values)
    reached = when(best, language) if saved.growth > 0 else ""
    more = best.cost - first.cost
    return word(
        "limit next by", language, plan=best.title(language), first=first.title(language), holds=_ends(best)["holds"],
        when=word("limit reached", language, when=reached) if reached else "", cost=number(abs(more)),
        more=word("limit cost less" if more < 0 else "limit cost more", language), **values,
    )  # fmt: skip


def carrying(saved: SavedLimit) -> list[PlanBracket]:
    """Return the plans shown to carry the demand of the next year, the cheapest first."""
    mark = saved.marks[-1].registrations
    return sorted((plan for plan in saved.plans if mark <= (plan.holds or 0)), key=lambda plan: plan.cost)


def finding(saved: SavedLimit, language: Language) -> str:
    """Return the title of the chart: what the plan carries, or of several how many carry the next year's demand."""
    if len(saved.plans) == 1:
        (plan,) = saved.plans
        return word(f"limit title {_kind(plan)}", language, plan=plan.title(language), **_ends(plan))
    mark = saved.marks[-1]
    values = {"all": len(saved.plans), "mark": number(mark.registrations), "year": mark.year}
    if not (able := carrying(saved)):
        return word("limit title none", language, **values)
    return word("limit title some", language, number=len(able), plan=able[0].title(language), **values)


def subtitle(saved: SavedLimit, language: Language) -> str:
    """Return the target, and how sure the verdicts are."""
    error = word("limit error", language, error=percent(saved.rule["error"]))
    return BETWEEN.join([target_in_words(saved.target, language), error])


def spoken_target(saved: SavedLimit, language: Language) -> str:
    """Return the target as it is read aloud."""
    target = saved.target
    return word(
        f"limit target {target['statistic']}", language, clock=named("clock", target["clock"], language),
        minutes=plain(target["minutes"]), percent=percent(target["level"]),
    )  # fmt: skip


def working_days(saved: SavedLimit) -> str:
    """Return how many working days the costs are over, of all plans."""
    return span(saved.days)


def convention(saved: SavedLimit, language: Language) -> str:
    """Return what the dates mean; empty if there are none."""
    if not any(months(plan) != "–" for plan in saved.plans):
        return ""
    return word("limit convention", language, year=saved.marks[0].year)


def source(saved: SavedLimit, language: Language) -> str:
    """Return the line at the bottom of the chart."""
    replications = number(sum(plan.replications for plan in saved.plans))
    return word(
        "limit source", language, replications=replications, days=working_days(saved), seed=saved.manifest["seed"],
        basis=basis(saved.manifest, language),
    )  # fmt: skip


def _kind(plan: PlanBracket) -> str:
    if plan.holds is None:
        return "neither" if plan.fails is None else "only fails"
    return "only holds" if plan.fails is None else "carries"


def _ends(plan: PlanBracket) -> dict[str, str]:
    ends = {"holds": plan.holds, "fails": plan.fails, "lowest": plan.lowest, "highest": plan.highest}
    return {name: "" if value is None else number(value) for name, value in ends.items()}


def _month(day: date | None, language: Language) -> str:
    if day is None:
        return ""
    return f"{MONTHS[day.month - 1]} {day.year}" if language == "en" else f"{day.year}年{day.month}月"
