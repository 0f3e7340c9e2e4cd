"""What a comparison found, in sentences: title, subtitle and notes of its chart."""

from __future__ import annotations

import math
from collections import Counter

from sim.briefing.basis import basis
from sim.briefing.numbers import minutes, percent, plain, signed, signed_alike, span
from sim.briefing.saved_comparison import FINDINGS, Pair, SavedComparison
from sim.briefing.sentences import target_in_words
from sim.briefing.words import Language, named, word

BETWEEN = " · "


def finding(saved: SavedComparison, language: Language) -> str:
    """Return what was found, in a sentence: of two plans the difference, of more how many are better, or the best."""
    titles = {plan.plan: plan.title(language) for plan in saved.plans}
    if saved.screening is not None:
        best, surviving = titles[saved.screening["best"]], saved.screening["surviving"]
        if saved.screening["final"]:
            return word("plans best", language, best=best, all=len(titles), margin=margin(saved, language))
        return word("plans ahead", language, number=len(surviving), all=len(titles), best=best)
    pairs = saved.against_first
    if len(pairs) == 1:
        return pair_finding(saved, pairs[0], language)
    found = Counter(pair.finding for pair in pairs)
    said = word("comma", language).join(
        word("number of finding", language, number=found[name], finding=word(name, language))
        for name in FINDINGS
        if found[name]
    )
    first = saved.plans[0].title(language)
    return word("plans found", language, all=len(pairs), first=first, found=said)


def pair_finding(saved: SavedComparison, pair: Pair, language: Language) -> str:
    """Return what was found of a plan against another, in a sentence."""
    titles = {plan.plan: plan.title(language) for plan in saved.plans}
    values = {"plan": titles[pair.plan], "first": titles[pair.other], "margin": margin(saved, language)}
    if pair.finding not in ("better", "worse"):
        return word(f"pair {pair.finding}", language, **values)
    if math.isinf(pair.difference):
        return word(f"pair {pair.finding} beyond", language, **values)
    kind = "mean" if saved.about_mean else "share"
    size = minutes(abs(pair.difference) * (1 if saved.about_mean else 100))
    return word(f"pair {pair.finding} {kind}", language, size=size, **values)


def margin(saved: SavedComparison, language: Language) -> str:
    """Return the difference below which none matters: 0.05 min, 0.5 points."""
    if saved.about_mean:
        return word("minutes of", language, value=plain(saved.margin))
    return word("points of", language, value=percent(saved.margin))


def interval(saved: SavedComparison, pair: Pair, language: Language) -> str:
    """Return a difference with its interval."""
    if not math.isfinite(pair.low) or not math.isfinite(pair.high):
        return signed(pair.difference, saved.about_mean)
    difference, low, high = signed_alike((pair.difference, pair.low, pair.high), saved.about_mean)
    return word("difference and ends", language, difference=difference, low=low, high=high)


def subtitle(saved: SavedComparison, language: Language) -> str:
    """Return the target, and how sure the findings are."""
    error = word("every two error", language, error=percent(saved.rule["error"]))
    return BETWEEN.join([target_in_words(saved.target, language), error])


def difference_name(saved: SavedComparison, language: Language) -> str:
    """Return what the differences are of."""
    clock = named("clock", saved.target["clock"], language)
    key = "difference mean" if saved.about_mean else "difference share"
    return word(key, language, clock=clock, minutes=plain(saved.target["minutes"]))


def notes(saved: SavedComparison, language: Language) -> str:
    """Return what the bars and the grey are."""
    level = percent(1 - saved.rule["error"])
    number = len(saved.against_first)
    bars = word("simultaneous" if number > 1 else "always valid", language, level=level, all=number)
    return BETWEEN.join([bars, word("material", language, margin=margin(saved, language))])


def source(saved: SavedComparison, language: Language) -> str:
    """Return the line at the bottom of the chart."""
    facts = saved.manifest
    return word(
        "comparison source", language, replications=span(plan.replications for plan in saved.plans),
        days=facts["working_days"], seed=facts["seed"], basis=basis(facts, language),
    )  # fmt: skip
