"""The question that a briefing puts, its answer in two sentences, and the numbers to remember: of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.briefing import limit_sentences
from sim.briefing.brief.contents import KeyFigure
from sim.briefing.brief.figures import (
    as_minutes,
    as_number,
    as_percent,
    as_share,
    estimate_of,
    figure_of,
    target_values,
)
from sim.briefing.brief.inputs import Found, Given
from sim.briefing.brief.traced import EMPTY, Piece, Sentence, Traced, joined, said
from sim.briefing.explanation_sentences import size
from sim.briefing.saved import Saved
from sim.briefing.saved_explanation import SavedExplanation
from sim.briefing.saved_limit import PlanBracket, SavedLimit
from sim.briefing.words import WORDS, Language, named, word

HEADS = {"HOLDS": "brief yes", "FAILS": "brief no", "TOO CLOSE": "brief close", "UNDECIDED": "brief undecided"}
MOST_BLAMED = 2
"""Stages named in the answer."""


def question(run: Found[Saved], language: Language) -> Sentence:
    """Return the question of a run: whether its target is kept."""
    verdict = run.saved.verdict
    values = target_values(verdict, lambda name: run.origin.fact(f"verdict.{name}"), language)
    key = f"brief question {verdict['statistic']}"
    if (verdict["statistic"], verdict["clock"]) == ("mean", "licence"):
        key += " licence"
    return said(key, language, clock=named("clock", verdict["clock"], language), **values)


def about(run: Found[Saved], language: Language) -> Sentence:
    """Return scenario, period and demand."""
    days = as_number(run.saved.manifest["working_days"], run.origin.fact("working_days"))
    title = run.saved.title(language)
    if not run.saved.finished:
        return said("brief about run unfinished", language, title=title, days=days)
    cases = as_number(*figure_of(run, "cases", "submitted"))
    return said("brief about run", language, title=title, days=days, cases=cases)


def answer(run: Found[Saved], given: Given, language: Language) -> tuple[Sentence, ...]:
    """Return the verdict with its interval, and why: where the minutes go, and which demand is too much."""
    return tuple(sentence for sentence in (_verdict(run, language), _why(run, given, language)) if sentence.pieces)


def _verdict(run: Found[Saved], language: Language) -> Sentence:
    verdict, saved = run.saved.verdict, run.saved
    head = word(HEADS[verdict["verdict"]], language)
    if not saved.finished:
        return Sentence((head, word("brief found unfinished", language)), (run.origin.fact("verdict.why"),))
    if math.isinf(saved.estimate().mean):
        return Sentence((head, word("brief found never", language)), (run.origin.fact("verdict.estimate"),))
    values = target_values(verdict, lambda name: run.origin.fact(f"verdict.{name}"), language)
    kind = "mean" if verdict["statistic"] == "mean" else "share"
    estimate, interval = estimate_of(run, language)
    relation = said(f"brief relation {kind} {verdict['verdict']}", language, **values)
    found = said(
        f"brief found {kind}", language, clock=named("clock", verdict["clock"], language), estimate=estimate,
        between=interval or EMPTY, relation=relation, **values,
    )  # fmt: skip
    return joined([head, found])


def _why(run: Found[Saved], given: Given, language: Language) -> Sentence:
    name = run.saved.name
    clauses = [_minutes(run, given, language)]
    limit = next((found for found in given.limits if found.saved.plans[0].plan == name), None)
    clauses.append(_others(run, given, language) if limit is None else breaks(limit, language))
    clauses = [clause for clause in clauses if clause.pieces]
    if not clauses:
        return EMPTY
    whole = joined([joined(clauses, word("brief clause", language)), word("brief stop", language)])
    first = whole.pieces[0]
    if isinstance(first, str) and language == "en":
        return Sentence((first[:1].upper() + first[1:], *whole.pieces[1:]), whole.rests_on)
    return whole


def _minutes(run: Found[Saved], given: Given, language: Language) -> Sentence:
    """Return where the minutes go: which stage the waiting is at, or if it was looked into, which causes it.

    Only the waiting that counts towards the licence time is looked at, whatever the target's clock.
    """
    saved, verdict = run.saved, run.saved.verdict
    if not saved.finished or math.isinf(saved.estimate().mean):
        return EMPTY
    for found in given.explanations:
        if found.saved.manifest["scenario"].get("name") == saved.name and found.saved.target == _target(verdict):
            return blame(found, language)
    waits = {stage: figure_of(run, "wait", "per licence", "stage", stage) for stage in saved.counted_stages}
    waits = {stage: wait for stage, wait in waits.items() if wait[0] > 0}
    if not waits:
        return EMPTY
    most = max(waits, key=lambda stage: waits[stage][0])
    values: dict[str, Piece] = {"stage": named("stage", most, language), "wait": as_minutes(*waits[most])}
    if (verdict["statistic"], verdict["clock"]) == ("mean", "licence"):
        return said("brief why work", language, work=as_minutes(*figure_of(run, "touch", "mean")), **values)
    return said("brief why wait", language, **values)


def _target(verdict: Mapping[str, Any]) -> dict[str, Any]:
    return {name: verdict[name] for name in ("clock", "statistic", "minutes", "level", "margin")}


def blame(found: Found[SavedExplanation], language: Language) -> Sentence:
    """Return which stages cause the waiting, as a clause; nothing if none is found to."""
    saved, origin = found.saved, found.origin
    if not saved.defined or not saved.to_blame:
        return EMPTY
    by_name = {stage.stage: stage for stage in saved.stages}
    key = "brief why stage" if saved.about_mean else "brief why stage share"
    named_stages = []
    for stage in saved.to_blame[:MOST_BLAMED]:
        added = as_minutes(by_name[stage].contribution, origin.cell("stages", "contribution", stage=stage))
        shown = added if saved.about_mean else as_points(saved, added.source, by_name[stage].contribution)
        named_stages.append(said(key, language, stage=named("stage", stage, language), minutes=shown))
    stages = joined(named_stages, word("and", language))
    if not saved.about_mean:
        return said("brief why blame share", language, stages=stages)
    work = as_minutes(saved.unlimited.mean, origin.fact("unlimited.estimate"))
    return said("brief why blame", language, work=work, stages=stages)


def as_points(saved: SavedExplanation, source: str, value: float) -> Traced:
    """Return a share as percentage points."""
    return Traced(size(saved, value), value, source, "share")


def breaks(found: Found[SavedLimit], language: Language) -> Sentence:
    """Return up to where a plan carries demand, and when growth passes that, as a clause."""
    plan, origin = found.saved.plans[0], found.origin
    holds, fails = (bracket_end(found, plan, end) for end in ("holds", "fails"))
    if plan.holds is None and plan.fails is None:
        return EMPTY
    key = "brief breaks" if plan.holds and plan.fails else "brief breaks fails" if plan.fails else "brief breaks holds"
    clause = said(key, language, holds=holds, fails=fails)
    passed = limit_sentences.when(plan, language) if found.saved.growth > 0 else ""
    if not passed:
        return clause
    growth = as_percent(found.saved.growth, origin.fact("growth"))
    rests_on = tuple(origin.cell("brackets", name, plan=plan.plan) for name in ("breaks_from", "breaks_to"))
    return joined([clause, said("brief when", language, growth=growth, when=Sentence((passed,), rests_on))])


def bracket_end(found: Found[SavedLimit], plan: PlanBracket, end: str) -> Traced:
    """Return the largest demand that a plan holds with, or the smallest that it fails with."""
    value: int | None = getattr(plan, end)
    return as_number(value, found.origin.cell("brackets", end, plan=plan.plan))


def _others(run: Found[Saved], given: Given, language: Language) -> Sentence:
    """Return how many of the other scenarios keep the target."""
    others = [other for other in given.runs if other is not run]
    if not others:
        return EMPTY
    verdicts = [other.saved.verdict["verdict"] for other in others]
    counts = {"all": len(others), "holds": verdicts.count("HOLDS"), "fails": verdicts.count("FAILS")}
    text = word("brief others", language, **counts)
    if len(others) == 1:
        key = f"brief other {verdicts[0]}"
        text = word(key if key in WORDS else "brief other open", language)
    return Sentence((text,), tuple(other.origin.fact("verdict.verdict") for other in others))


def key_figures(run: Found[Saved], language: Language) -> tuple[KeyFigure, ...]:
    """Return the estimate, the share in time, what nine of ten take at most, and the days that keep the target."""
    saved, verdict, origin = run.saved, run.saved.verdict, run.origin
    if not saved.finished:
        return ()
    clock = verdict["clock"]
    values = target_values(verdict, lambda name: origin.fact(f"verdict.{name}"), language)
    estimate, _ = estimate_of(run, language)
    minute = word("brief unit min", language)
    clock_name = named("clock", clock, language)
    found = []
    if verdict["statistic"] == "mean":
        label = word("brief figure mean", language, clock=clock_name)
        found.append(KeyFigure(label, estimate, minute, said("brief figure target", language, **values)))
    share_label = said("brief figure share", language, **values).text
    within = as_share(*figure_of(run, clock, "within"), language)
    if verdict["statistic"] == "mean":
        found.append(KeyFigure(share_label, within, "", said("brief figure share note", language, clock=clock_name)))
    else:
        note = said("brief figure target share", language, **values)
        found.append(KeyFigure(share_label, estimate, "", note))
    ninth = as_minutes(*figure_of(run, clock, "P90"))
    found.append(KeyFigure(word("brief figure P90", language), ninth, minute,
                           said("brief figure P90 note", language, clock=clock_name)))  # fmt: skip
    kept, kept_source = figure_of(run, "days", "keeping the target")
    if not math.isnan(kept) and clock == "licence":
        worst = as_minutes(*figure_of(run, "days", "worst mean"))
        label = word("brief figure days", language)
        note = said("brief figure days note", language, worst=worst)
        found.append(KeyFigure(label, as_share(kept, kept_source, language), "", note))
    return tuple(found)
