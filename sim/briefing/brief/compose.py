"""Put a briefing together from results."""

from __future__ import annotations

from typing import Any

from sim.briefing.basis import PACKAGE, version_in
from sim.briefing.brief import answers, other_answers
from sim.briefing.brief.advice import advice
from sim.briefing.brief.charts import drawn
from sim.briefing.brief.contents import Briefing, SmallPrint
from sim.briefing.brief.figures import as_number, as_percent, as_text
from sim.briefing.brief.inputs import Found, Given, LeftOut
from sim.briefing.brief.tables import inputs, rests_on, situations, staffing
from sim.briefing.brief.traced import EMPTY, Sentence, Verdict, joined, said
from sim.briefing.words import Language, word

SHORT_HASH = 12


def compose(given: Given, name: str, language: Language, all_charts: bool = False) -> Briefing:
    """Return a briefing of results.

    Parameters
    ----------
    given : Given
        What it is made from; it is about the first.
    name : str
    language : str
    all_charts : bool
        With the charts that are not among the three that answer the question.
    """
    lead = given.lead
    charts = drawn(given, language, all_charts)
    verdict: Verdict | None
    if lead.kind == "run":
        subject, verdict = lead.saved.title(language), other_answers.verdict_and_text(lead, language)
        question, about = answers.question(lead, language), answers.about(lead, language)
        said_first, figures = answers.answer(lead, given, language), answers.key_figures(lead, language)
    else:
        question = said(f"brief question {lead.kind}", language)
        subject, verdict, said_first, figures = other_answers.answer_of(lead, language)
        about = EMPTY
    return Briefing(
        name=name,
        language=language,
        subject=subject,
        question=question,
        about=about if about.pieces else Sentence((subject,)),
        verdict=verdict,
        answer=said_first,
        figures=figures,
        pictures=charts.main,
        situations=situations(given, language),
        staffing=tuple(staffing(found, charts.staffing.get(found.origin.path), language) for found in given.staff),
        rests_on=rests_on(given, language),
        advice=advice(given, language),
        small_print=_small_print(given, language),
        inputs=inputs(given, language),
        appendix=charts.further,
        finished=max(found.finished for found in given.all),
    )


def why_left_out(left_out: LeftOut, language: Language) -> Sentence:
    """Return why results were left out: what they are about is not what the others are about."""
    path, other = left_out.origin.path, left_out.other.path
    text = word(f"brief left out {left_out.differs}", language, path=path, other=other, name=left_out.scenario)
    return Sentence((text,), (f"{path}/manifest.json", f"{other}/manifest.json"))


def _small_print(given: Given, language: Language) -> tuple[SmallPrint, ...]:
    lead: Found[Any] = given.lead
    facts, origin = lead.saved.manifest, lead.origin
    lines: dict[str, Sentence] = {}
    if facts.get("replications") is not None:
        lines["replications"] = Sentence((as_number(facts["replications"], origin.fact("replications")),))
    lines["seed"] = Sentence((as_text(facts.get("seed", "–"), origin.fact("seed")),))
    rule = facts.get("rule", {})
    if "error" in rule and "tests" in rule:
        lines["error"] = said(
            "brief print error of", language, error=as_percent(float(rule["error"]), origin.fact("rule.error")),
            tests=as_number(rule["tests"], origin.fact("rule.tests")),
        )  # fmt: skip
    if "versions" in facts:
        lines["version"] = said(
            "brief print version of", language,
            version=as_text(version_in(facts) or "–", origin.fact(f"versions.{PACKAGE}")),
            model=as_text(str(facts.get("model", "–"))[:SHORT_HASH], origin.fact("model")),
            engine=as_text(facts.get("engine", "–"), origin.fact("engine")),
        )  # fmt: skip
    lines["finished"] = Sentence((other_answers.finished_of(lead),))
    if "scenario_sha256" in facts:
        lines["scenario"] = said(
            "brief print scenario of", language, name=as_text(facts["name"], origin.fact("name")),
            hash=as_text(facts["scenario_sha256"][:SHORT_HASH], origin.fact("scenario_sha256")),
        )  # fmt: skip
    lines["numbers"] = said("brief print numbers of", language)
    if given.left_out:
        why = [why_left_out(each, language) for each in given.left_out]
        lines["left out"] = joined(why, word("brief clause", language))
    return tuple(SmallPrint(word(f"brief print {key}", language), text) for key, text in lines.items())
