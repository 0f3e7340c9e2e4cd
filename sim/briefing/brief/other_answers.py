"""Question, answer and numbers to remember of a briefing about something else than a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sim.briefing import (
    comparison_sentences,
    explanation_sentences,
    limit_sentences,
    staff_sentences,
    sweep_sentences,
)
from sim.briefing.brief.answers import bracket_end
from sim.briefing.brief.contents import KeyFigure
from sim.briefing.brief.figures import (
    MINUTES,
    NUMBER,
    as_minutes,
    as_number,
    as_percent,
    as_share,
    as_verdict,
    as_yuan,
    verdict_of,
)
from sim.briefing.brief.inputs import Found
from sim.briefing.brief.traced import EMPTY, Piece, Sentence, Traced, Verdict, said
from sim.briefing.numbers import NOTHING
from sim.briefing.saved_comparison import SavedComparison
from sim.briefing.saved_evidence import SavedFit, SavedFlips
from sim.briefing.saved_explanation import LATE, SavedExplanation
from sim.briefing.saved_limit import SavedLimit
from sim.briefing.saved_staff import PLAN, TARGET, SavedStaff
from sim.briefing.saved_sweep import SavedSweep
from sim.briefing.sensitivity_sentences import name_of
from sim.briefing.words import Language, word

SENTENCES = 2
MINUTE = len("2026-11-25 09:30")


class Answer(NamedTuple):
    """What a briefing begins with."""

    title: str
    verdict: Verdict | None
    said: tuple[Sentence, ...]
    figures: tuple[KeyFigure, ...]


def answer_of(found: Found[Any], language: Language) -> Answer:
    """Return title, verdict, answer and key figures of results that are no run."""
    makers: dict[str, Callable[[Found[Any], Language], Answer]] = {
        "sweep": _sweep, "comparison": _comparison, "staff": _staff, "limit": _limit, "explanation": _explanation,
        "sensitivity": _flips, "calibration": _fit,
    }  # fmt: skip
    return makers[found.kind](found, language)


def sources_of(found: Found[Any], *tables: str) -> tuple[str, ...]:
    """Return the files of results that a sentence as a whole rests on."""
    return (f"{found.origin.path}/manifest.json", *(f"{found.origin.path}/{name}.parquet" for name in tables))


def spoken(found: Found[Any], sentences: list[str]) -> tuple[Sentence, ...]:
    """Return sentences of the results' own reports, with the files that they are made from."""
    tables = {
        "staff": ("staffing", "certificate"), "limit": ("brackets", "steps"),
        "explanation": ("stages", "one_more", "late_cases", "week"),
    }[found.kind]  # fmt: skip
    return tuple(Sentence((text,), sources_of(found, *tables)) for text in sentences if text)


def _sweep(found: Found[SavedSweep], language: Language) -> Answer:
    saved, origin = found.saved, found.origin
    counts = {
        name: Traced(str(value), value, origin.cell("verdicts", "count", **where), NUMBER)
        for name, value, where in (
            ("all", len(saved.cells), {}), ("holds", saved.count("HOLDS"), {"verdict": "HOLDS"}),
            ("fails", saved.count("FAILS"), {"verdict": "FAILS"}),
            ("undecided", saved.count("UNDECIDED"), {"verdict": "UNDECIDED"}),
            ("close", saved.count("TOO CLOSE"), {"verdict": "TOO CLOSE"}),
        )
    }  # fmt: skip
    lines = None if saved.scattered else saved.factor("lines")
    counted = sweep_sentences.counts(saved, language)
    limits = counted if saved.scattered else sweep_sentences.limits(saved, lines, language)
    stop = word("brief stop", language)
    if limits == counted:
        first = Sentence((limits + stop,), sources_of(found, "verdicts"))
    else:
        finding = Sentence((limits,), sources_of(found, "verdicts"))
        first = said("brief sweep answer", language, finding=finding, **counts)
    factors = word("list mark", language).join(factor.title[language] for factor in saved.factors)
    error = as_percent(float(saved.rule["error"]), origin.fact("rule.error"))
    second = said("brief sweep sure", language, error=error, factors=factors)
    kinds = word("brief unit kinds", language)
    shown = [("cells", "all"), ("cells hold", "holds"), ("cells fail", "fails")]
    shown += [(f"cells {name}", name) for name in ("undecided", "close") if counts[name].value][:1]
    figures = tuple(KeyFigure(word(f"brief figure {key}", language), counts[name], kinds, EMPTY) for key, name in shown)
    return Answer(saved.title(language), None, (first, second), figures)


def _comparison(found: Found[SavedComparison], language: Language) -> Answer:
    saved, origin = found.saved, found.origin
    stop = word("brief stop", language)
    first = Sentence((comparison_sentences.finding(saved, language) + stop,), sources_of(found, "plans", "pairs"))
    error = as_percent(float(saved.rule["error"]), origin.fact("rule.error"))
    second = said("brief comparison sure", language, error=error)
    figures = []
    for plan in saved.plans[:4]:
        source = origin.cell("plans", "estimate", plan=plan.plan)
        value = as_minutes(plan.estimate, source) if saved.about_mean else as_share(plan.estimate, source, language)
        verdict = as_verdict(plan.verdict, origin.cell("plans", "verdict", plan=plan.plan), language)
        unit = word("brief unit min", language) if saved.about_mean else ""
        figures.append(KeyFigure(plan.title(language), value, unit, Sentence((verdict,))))
    titles = word("list mark", language).join(plan.title(language) for plan in saved.plans[:3])
    return Answer(titles + ("…" if len(saved.plans) > 3 else ""), None, (first, second), tuple(figures))


def _staff(found: Found[SavedStaff], language: Language) -> Answer:
    saved, origin = found.saved, found.origin
    sentences = staff_sentences.spoken(saved, language)
    chosen = [sentences[0], *(sentences[2:3] if saved.plan is not None else sentences[1:2])]
    figures: list[KeyFigure] = []
    if saved.plan is not None:
        own = saved.manifest["own"]
        people = as_number(saved.plan["people"], origin.fact("plan.people"))
        cost = as_yuan(saved.cost, origin.fact("plan.cost"))
        days = as_number(saved.working_days, origin.fact("working_days"))
        test = next(test for test in saved.of(PLAN) if test.requirement == TARGET)
        source = origin.fact("plan.estimate")
        estimate = as_minutes(test.estimate, source) if test.about_mean else as_share(test.estimate, source, language)
        figures = [
            KeyFigure(word("brief figure people", language), people, word("brief unit people", language),
                      said("brief figure people note", language,
                           people=as_number(own["people"], origin.fact("own.people")))),
            KeyFigure(said("brief figure cost", language, days=days).text, cost, word("brief unit yuan", language),
                      said("brief figure cost note", language, cost=as_yuan(own["cost"], origin.fact("own.cost")))),
            KeyFigure(_of_clock(saved, "brief figure roster", language), estimate,
                      word("brief unit min", language) if test.about_mean else "", EMPTY),
        ]  # fmt: skip
    return Answer(saved.title(language), None, spoken(found, chosen), tuple(figures))


def _of_clock(saved: SavedStaff, key: str, language: Language) -> str:
    kind = "mean" if saved.about_mean else "share"
    return word(f"{key} {kind}", language, clock=word(f"clock {saved.target['clock']}", language))


def _limit(found: Found[SavedLimit], language: Language) -> Answer:
    saved, origin, plan = found.saved, found.origin, found.saved.plans[0]
    households = word("brief unit households", language)
    own = as_number(plan.own, origin.cell("brackets", "own", plan=plan.plan))
    when = limit_sentences.when(plan, language) if saved.growth > 0 else ""
    passed = word("brief figure when", language, when=when) if when else ""
    rests_on = tuple(origin.cell("brackets", name, plan=plan.plan) for name in ("breaks_from", "breaks_to"))
    figures = (
        KeyFigure(word("brief figure holds", language), bracket_end(found, plan, "holds"), households,
                  said("brief figure own", language, own=own)),
        KeyFigure(word("brief figure fails", language), bracket_end(found, plan, "fails"), households,
                  Sentence((passed,), rests_on) if passed else EMPTY),
    )  # fmt: skip
    sentences = limit_sentences.spoken(saved, language)[:SENTENCES]
    return Answer(plan.title(language), None, spoken(found, sentences), figures)


def _explanation(found: Found[SavedExplanation], language: Language) -> Answer:
    saved, origin = found.saved, found.origin
    stop = word("brief stop", language)
    finding = explanation_sentences.finding(saved, language)
    first = finding if finding.endswith(stop) else finding + stop
    sentences = [first, *explanation_sentences.spoken(saved, language)[:1]]
    figures = []
    if saved.defined and saved.about_mean:
        minute = word("brief unit min", language)
        whole = as_minutes(saved.whole.mean, origin.fact("whole.estimate"))
        label = word("brief figure mean", language, clock=word(f"clock {saved.target['clock']}", language))
        target = Traced(f"{saved.promised:g}", saved.promised, origin.fact("target.minutes"), MINUTES)
        figures.append(KeyFigure(label, whole, minute, said("brief figure target", language, minutes=target)))
        work = as_minutes(saved.unlimited.mean, origin.fact("unlimited.estimate"))
        figures.append(KeyFigure(word("brief figure work", language), work, minute,
                                 Sentence((word("brief figure work note", language),))))  # fmt: skip
    late = saved.manifest["late"]["share"]
    if late is not None and saved.by_part(LATE):
        share = as_share(float(late), origin.fact("late.share"), language)
        figures.append(KeyFigure(word("brief figure late", language), share, "", EMPTY))
    verdict = as_verdict(saved.verdict, origin.fact("verdict"), language)
    return Answer(saved.title(language), verdict, spoken(found, sentences), tuple(figures))


def _flips(found: Found[SavedFlips], language: Language) -> Answer:
    saved = found.saved
    stop = sources_of(found, "flips")
    if saved.undecided:
        why = word("flips title undecided", language) + word("brief stop", language)
        return Answer(str(saved.name), None, (Sentence((why,), stop),), ())
    counts = {"all": len(saved.flips), "flips": sum(flip.flips for flip in saved.flips)}
    first = Sentence((word("brief flips answer", language, **counts),), stop)
    names = word("brief clause", language).join(name_of(flip.parameter, language) for flip in saved.by_influence[:3])
    second = Sentence((word("brief flips first", language, names=names),), stop)
    return Answer(str(saved.name), None, (first, second), ())


def _fit(found: Found[SavedFit], language: Language) -> Answer:
    number = as_number(len(found.saved.used), found.origin.cell("estimates", "count", used=True))
    first = said("brief fit answer", language, number=number)
    return Answer(found.saved.name, None, (first, Sentence((word("brief fit rest", language),))), ())


def verdict_and_text(found: Found[Any], language: Language) -> Verdict | None:
    """Return the verdict that results have, if they have one."""
    if found.kind == "run":
        return verdict_of(found, language)
    if found.kind == "explanation":
        return as_verdict(found.saved.verdict, found.origin.fact("verdict"), language)
    return None


def finished_of(found: Found[Any]) -> Piece:
    """Return when results were finished; nothing if that was not noted."""
    if not found.finished:
        return NOTHING
    source = found.origin.fact("finished", "timing.json")
    return Traced(found.finished[:MINUTE], found.finished, source)
