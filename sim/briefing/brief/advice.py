"""What to do, as far as the results say it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.briefing import comparison_sentences, explanation_sentences, limit_sentences, staff_sentences, sweep_sentences
from sim.briefing.basis import fitted_in
from sim.briefing.brief.contents import Advice
from sim.briefing.brief.figures import as_minutes
from sim.briefing.brief.inputs import Found, Given
from sim.briefing.brief.other_answers import sources_of, spoken
from sim.briefing.brief.traced import Sentence, joined, said
from sim.briefing.saved import Saved
from sim.briefing.sensitivity_sentences import name_of
from sim.briefing.words import Language, word

MOST_NAMED = 5
"""Situations named one by one."""
MOST_CHECKED = 3


def advice(given: Given, language: Language) -> tuple[Advice, ...]:
    """Return what to do: the roster, the growth, one more of staff, what to prepare for, what to check first."""
    found: list[Advice] = []
    space = " " if language == "en" else ""

    def add(about: str, *sentences: Sentence) -> None:
        if text := [sentence for sentence in sentences if sentence.pieces]:
            one = Advice(word(f"brief about {about}", language), joined(text, space))
            # Two results about the same, as before and after one more plan, may come to the same.
            if all((one.about, one.said.text) != (other.about, other.said.text) for other in found):
                found.append(one)

    for staff in given.staff:
        title = f"{staff.saved.title(language)}{word('colon', language)}"
        first = spoken(staff, staff_sentences.spoken(staff.saved, language))[0]
        add("staff", Sentence((title, *first.pieces), first.rests_on))
    for limit in given.limits:
        dates = limit_sentences.convention(limit.saved, language)
        add("growth", *spoken(limit, [*limit_sentences.spoken(limit.saved, language), dates]))
    for explanation in given.explanations:
        # The second of its sentences is about one more of staff: in that scenario, which may be another.
        about = spoken(explanation, explanation_sentences.spoken(explanation.saved, language)[1:2])
        title = f"{explanation.saved.title(language)}{word('colon', language)}"
        add("one more", *(Sentence((title, *sentence.pieces), sentence.rests_on) for sentence in about))
    stop = word("brief stop", language)
    for comparison in given.comparisons:
        pairs = comparison.saved.against_first
        texts = [comparison_sentences.pair_finding(comparison.saved, pair, language) for pair in pairs]
        if comparison.saved.screening is not None or len(pairs) > MOST_NAMED:
            texts = [comparison_sentences.finding(comparison.saved, language)]
        text = word("brief clause", language).join(texts) + stop
        add("plan", Sentence((text,), sources_of(comparison, "plans", "pairs")))
    for sweep in given.sweeps:
        lines = None if sweep.saved.scattered else sweep.saved.factor("lines")
        text = sweep_sentences.limits(sweep.saved, lines, language) + stop
        if not sweep.saved.scattered:
            title = f"{sweep.saved.title(language)}{word('colon', language)}"
            add("map", Sentence((title + text,), sources_of(sweep, "verdicts")))
    if len(given.runs) > 1 and (watch := _watch(given.runs[1:], language)):
        add("watch", watch)
    add("check", _check(given, language))
    return tuple(found)


def _watch(runs: Sequence[Found[Saved]], language: Language) -> Sentence | None:
    """Return which other situations break the target, the worst first; None if none does."""
    failing = [run for run in runs if run.saved.verdict["verdict"] == "FAILS"]
    if not failing:
        return None
    ranked = sorted(failing, key=lambda run: -_estimate(run.saved))
    names = []
    for run in ranked[:MOST_NAMED]:
        about_mean = run.saved.verdict["statistic"] == "mean" and math.isfinite(_estimate(run.saved))
        value = as_minutes(_estimate(run.saved), run.origin.fact("verdict.estimate"))
        key = "brief watch one" if about_mean else "brief watch other"
        names.append(said(key, language, title=run.saved.title(language), minutes=value))
    if len(ranked) > MOST_NAMED:
        names.append(Sentence((word("brief watch more", language, number=len(ranked) - MOST_NAMED),)))
    return said("brief watch", language, names=joined(names, word("brief clause", language)))


def _estimate(saved: Saved) -> float:
    estimate = saved.estimate().mean if saved.finished else math.inf
    return math.inf if math.isnan(estimate) else estimate


def _check(given: Given, language: Language) -> Sentence:
    if given.flips:
        found = given.flips[0]
        first = [flip for flip in found.saved.by_influence if flip.flips][:MOST_CHECKED]
        if first:
            names = word("brief clause", language).join(name_of(flip.parameter, language) for flip in first)
            return Sentence((word("brief check flips", language, names=names),), sources_of(found, "flips"))
    key = "brief check assumed" if fitted_in(given.lead.saved.manifest) is None else "brief check rest"
    return Sentence((word(key, language),))
