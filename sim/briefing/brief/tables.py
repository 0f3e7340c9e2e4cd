"""The tables of a briefing: situations, rosters, what the numbers rest on, the results it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.briefing import staff_sentences
from sim.briefing.basis import fitted_in, kind_of_basis, pools_in
from sim.briefing.brief.contents import RestsOn, Staffing, Table
from sim.briefing.brief.figures import (
    NUMBER,
    as_minutes,
    as_number,
    as_percent,
    as_share,
    as_text,
    as_verdict,
    as_yuan,
    ends,
    figure_of,
    verdict_of,
)
from sim.briefing.brief.inputs import Found, Given, scenario_in
from sim.briefing.brief.other_answers import finished_of, sources_of, spoken
from sim.briefing.brief.pictures import Picture
from sim.briefing.brief.traced import Piece, Sentence, Traced, joined, said
from sim.briefing.numbers import NOTHING, percent, without_sign
from sim.briefing.saved import Saved
from sim.briefing.saved_evidence import Flip, SavedFlips
from sim.briefing.saved_staff import SavedStaff, lines_of, people_in
from sim.briefing.sensitivity_sentences import name_of, value_of
from sim.briefing.words import Language, named, word

MOST_FLIPS = 8
Facts = Mapping[str, Any]


def cell(sentence: Sentence) -> Piece:
    """Return a sentence as one cell of a table, with its first source."""
    if len(sentence.pieces) == 1:
        return sentence.pieces[0]
    sources = sentence.sources
    return Traced(sentence.text, sentence.text, sources[0]) if sources else sentence.text


def situations(given: Given, language: Language) -> Table | None:
    """Return verdict and figures of all scenarios; None if there is only one."""
    runs = given.runs
    if len(runs) < 2:
        return None
    about_mean = all(run.saved.verdict["statistic"] == "mean" for run in runs)
    levels = {run.saved.verdict["confidence"] for run in runs}
    one_level = len(levels) == 1
    interval = word("brief interval column", language, level=percent(next(iter(levels))))
    heads = [
        word("brief situation column", language), word("brief verdict column", language),
        word("brief estimate column" if about_mean else "brief figure column", language),
        interval if one_level else word("brief intervals column", language), word("brief within column", language),
    ]  # fmt: skip
    if given.overview:
        heads += [word("brief demand column", language), word("brief case cost column", language)]
    rows = [_situation(run, given.overview, one_level, language) for run in runs]
    verdicts = [run.saved.verdict["verdict"] for run in runs]
    counts = {"all": len(runs), "holds": verdicts.count("HOLDS"), "fails": verdicts.count("FAILS")}
    title = word("brief situations title", language, **counts)
    note = word("brief situations note" if _one_family(runs) else "brief situations note apart", language)
    return Table(title, tuple(heads), tuple(rows), note, wide=frozenset({1}))


def _one_family(runs: Sequence[Found[Saved]]) -> bool:
    """Return whether runs were judged by one rule that bounds the error of all their verdicts at once."""
    rule = runs[0].saved.manifest["rule"]
    return rule["tests"] >= len(runs) and all(run.saved.manifest["rule"] == rule for run in runs)


def _situation(
    run: Found[Saved], overview: Mapping[str, Mapping[str, Any]], one_level: bool, language: Language
) -> tuple[Piece, ...]:
    saved, origin = run.saved, run.origin
    about_mean = saved.verdict["statistic"] == "mean"
    estimate, low, high = (
        as_minutes(value, origin.fact(f"verdict.{name}")) if about_mean
        else as_share(value, origin.fact(f"verdict.{name}"), language)
        for name, value in zip(("estimate", "low", "high"), saved.estimate(), strict=True)
    )  # fmt: skip
    within = as_share(*figure_of(run, saved.verdict["clock"], "within"), language)
    if not saved.finished:
        estimate = Traced(word("cannot finish", language), None, origin.fact("verdict.why"))
    interval = ends(low, high)
    if not one_level and interval.sources:
        level = as_percent(saved.verdict["confidence"], origin.fact("verdict.confidence"))
        interval = said("brief interval cell", language, interval=interval, level=level)
    row: list[Piece] = [saved.title(language), verdict_of(run, language), estimate, cell(interval), within]
    if overview:
        told = overview.get(saved.name, {})
        where = f"overview.parquet#{{}}[scenario={saved.name}]"
        for name, digits in (("registrations_per_day", 0), ("cost_per_case", 1)):
            row.append(as_number(told.get(name, math.nan), where.format(name), digits))
    return tuple(row)


def staffing(found: Found[SavedStaff], picture: Picture | None, language: Language) -> Staffing:
    """Return a staffing answer: its sentences, who works when, and what that costs."""
    saved = found.saved
    heading = word("brief staffing of", language, title=saved.title(language))
    sentences = spoken(found, staff_sentences.spoken(saved, language))
    return Staffing(heading, sentences, None if saved.plan is None else _roster(found, language), picture)


def _roster(found: Found[SavedStaff], language: Language) -> Table:
    saved, origin = found.saved, found.origin
    mark = word("brief shifts and", language)
    rows: list[tuple[Piece, ...]] = []
    for pool in saved.pools:
        lines = lines_of(saved, pool)
        if not lines:
            continue
        shifts = mark.join(
            word("brief shift", language, people=line.people, shift=line.title(language)) for line in lines
        )
        cost = sum(line.cost for line in lines)
        rows.append((
            named("pool", pool, language), Traced(shifts, shifts, origin.cell("staffing", "people", pool=pool)),
            as_number(people_in(lines), origin.cell("staffing", "people", pool=pool)),
            as_yuan(cost, origin.cell("staffing", "cost", pool=pool)),
        ))  # fmt: skip
    facts = saved.manifest
    for label, whose in (("brief total", "plan"), ("brief present", "own")):
        rows.append((
            word(label, language), "", as_number(facts[whose]["people"], origin.fact(f"{whose}.people")),
            as_yuan(float(facts[whose]["cost"]), origin.fact(f"{whose}.cost")),
        ))  # fmt: skip
    heads = (word("pool", language), *(word(f"brief {key} column", language) for key in ("shifts", "people", "cost")))
    note = word("brief roster note", language, days=saved.working_days)
    return Table(word("brief roster title", language), heads, tuple(rows), note, total=2, wide=frozenset({1}))


def rests_on(given: Given, language: Language) -> RestsOn:
    """Return what the numbers rest on: where the parameters come from, what was assumed, what turns the verdict."""
    lead = given.lead
    sources = next((found for found in given.all if "sources" in found.saved.manifest), None)
    fitted = given.fits[0] if given.fits else None
    sentences: list[Sentence] = []
    counts = None
    if sources is not None:
        facts, origin = sources.saved.manifest["sources"], sources.origin
        log = fitted_in(sources.saved.manifest)
        numbers = {
            "article": as_number(len(facts["article"]), origin.fact("sources.article")),
            "elsewhere": as_number(facts["elsewhere"], origin.fact("sources.elsewhere")),
            "assumption": as_number(facts["assumption"], origin.fact("sources.assumption")),
        }
        said_counts = [said("brief counted", language, **numbers)]
        if log is not None:
            numbers["fitted"] = as_number(len(log["parameters"]), origin.fact("sources.fitted.parameters"))
            name = as_text(log["log"], origin.fact("sources.fitted.log"))
            said_counts = [said("brief counted log", language, log=name, **numbers)]
        elif fitted is not None:
            # The run does not use them: they are none of its parameters.
            number = as_number(len(fitted.saved.used), fitted.origin.cell("estimates", "count", used=True))
            name = as_text(fitted.saved.manifest["name"], fitted.origin.fact("name"))
            said_counts.append(said("brief counted fitted", language, fitted=number, name=name))
        sentences.append(said("brief rests simulation", language, counts=joined(said_counts)))
        counts = _counts(numbers, facts, language)
    elif lead.kind != "calibration":
        # Of a calibration the answer says what was fitted and what remains assumed.
        sentences.append(_simulated(lead, language))
    scenario = scenario_in(lead.saved.manifest)
    if sources is not None:
        sentences.append(_staffing_of(sources, language))
    if scenario is not None and scenario[1]["target"]["clock"] == "licence":
        hours = "、".join(span.replace("-", "–") for span in scenario[1]["hours"]["counted"])
        source = lead.origin.fact(f"{scenario[0]}.hours.counted")
        sentences.append(said("brief reading", language, counted=as_text(hours, source)))
    if given.flips:
        sentences += _plausible(given.flips[0], language)
        if given.flips[0].saved.flips:
            return RestsOn(tuple(sentences), counts, flips_table(given.flips[0], language))
    sentences.append(Sentence((word("brief not looked at", language),)))
    return RestsOn(tuple(sentences), counts, None)


def _simulated(lead: Found[Any], language: Language) -> Sentence:
    """Return that it is a simulation, and whether its parameters are assumptions or fitted to a log."""
    kind, log = kind_of_basis(lead.saved.manifest), fitted_in(lead.saved.manifest)
    if kind != "fitted" or log is None:
        return said(f"brief simulated {kind}", language)
    field = "sources.fitted" if "sources" in lead.saved.manifest else "fitted"
    return said(
        "brief simulated fitted", language, log=as_text(log["log"], lead.origin.fact(f"{field}.log")),
        fitted=as_number(len(log["parameters"]), lead.origin.fact(f"{field}.parameters")),
    )  # fmt: skip


def _staffing_of(found: Found[Any], language: Language) -> Sentence:
    """Return what the staffing of a scenario rests on."""
    fitted = fitted_in(found.saved.manifest)
    if fitted is None or not (seen := pools_in(fitted)):
        return Sentence((word("brief staffing ours", language),))
    scenario = scenario_in(found.saved.manifest)
    if scenario is not None and scenario[1]["staff"].keys() == {"midday", *seen}:
        return Sentence((word("brief staffing all seen", language),))
    pools = word("list mark", language).join(named("pool", pool, language) for pool in seen)
    return Sentence((word("brief staffing seen", language, pools=pools),))


def _plausible(found: Found[SavedFlips], language: Language) -> list[Sentence]:
    """Return how many of the plausible offices keep the target, if that was looked at."""
    plausible, origin = found.saved.plausible, found.origin
    if plausible is None:
        return []
    parts = {
        name: as_share(float(plausible["holds"][name]), origin.fact(f"plausible.holds.{name}"), language)
        for name in ("share", "low", "high")
    }
    offices = as_number(plausible["offices"], origin.fact("plausible.offices"))
    return [said("brief plausible", language, offices=offices, **parts)]


def _counts(numbers: Mapping[str, Traced], facts: Facts, language: Language) -> Table:
    article = word("list mark", language).join(named("source", path, language) for path in facts["article"])
    told = "fitted" in facts
    rows: list[tuple[Piece, ...]] = []
    for source, number in numbers.items():
        key = f"brief from {source} {'rest' if told and source in ('assumption', 'fitted') else 'what'}"
        what = article if source == "article" else word(key, language)
        rows.append((word(f"brief from {source}", language), number, what))
    heads = tuple(word(f"brief {key} column", language) for key in ("source", "number", "what"))
    return Table(word("brief counts title", language), heads, tuple(rows), wide=frozenset({2}))


def flips_table(found: Found[SavedFlips], language: Language, most: int = MOST_FLIPS) -> Table:
    """Return where the verdict flips, of the assumptions that matter most."""
    origin, saved = found.origin, found.saved
    rows: list[tuple[Piece, ...]] = []
    for flip in saved.by_influence[:most]:

        def number(column: str, table: str = "flips", of: Flip = flip, first: bool = False) -> Traced:
            value, source = getattr(of, column), origin.cell(table, column, parameter=of.parameter)
            # Of two values the unit is said once.
            text = value_of(of, value, language, unit=not first)
            return Traced(without_sign(text) if first else text, value, source, NUMBER)

        def verdict(end: str, of: Flip = flip) -> Traced:
            source = origin.cell("flips", f"{end}_verdict", parameter=of.parameter)
            return as_verdict(getattr(of, f"{end}_verdict"), source, language)

        ranged = ends(number("low", "assumptions", first=True), number("high", "assumptions"))
        verdicts = joined([verdict("low"), " / ", verdict("high")])
        not_known = saved.undecided or flip.not_known
        flips: Piece = word("flip not known" if not_known else "brief does not flip", language)
        if flip.flips:
            brackets = [
                ends(number(f"flip_{end}_last", first=True), number(f"flip_{end}_first")) for end in flip.ends
            ]
            flips = cell(joined(brackets, word("brief clause", language)))
        value = number("value", "assumptions")
        rows.append((name_of(flip.parameter, language), value, cell(ranged), cell(verdicts), flips))
    heads = tuple(word(f"brief {key} column", language) for key in ("parameter", "value", "range", "ends", "flips"))
    note = ""
    if len(saved.flips) > most:
        note = word("brief more rows", language, number=len(saved.flips) - most)
    return Table(word("brief flips title", language), heads, tuple(rows), note, wide=frozenset({3}))


def inputs(given: Given, language: Language) -> Table:
    """Return the results that a briefing was made from."""
    rows = [_input(found, language) for found in given.all]
    heads = (
        word("brief name column", language), word("brief kind column", language), word("brief folder column", language),
        word("replications column", language), word("list seed", language), word("brief finished column", language),
    )  # fmt: skip
    return Table(word("brief inputs", language), heads, tuple(rows), wide=frozenset({1, 2}))


def _input(found: Found[Any], language: Language) -> tuple[Piece, ...]:
    facts, origin = found.saved.manifest, found.origin
    replications = facts.get("replications")
    return (
        as_text(found.saved.name, origin.fact("name")),
        word(f"list {found.kind}", language),
        origin.path,
        NOTHING if replications is None else as_number(replications, origin.fact("replications")),
        as_text(facts.get("seed", "–"), origin.fact("seed")),
        finished_of(found),
    )


def sources_of_all(found: Sequence[Found[Any]]) -> tuple[str, ...]:
    """Return the manifests of some results."""
    return tuple(source for each in found for source in sources_of(each))
