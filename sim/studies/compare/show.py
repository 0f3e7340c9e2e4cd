"""What a comparison of plans found, in sentences and tables."""

from __future__ import annotations

import math
from dataclasses import replace

from sim.present.basis import basis
from sim.present.names import named
from sim.present.numbers import (
    BETWEEN,
    MINUS,
    NOTHING,
    minutes,
    number,
    percent,
    plain,
    signed,
    signed_alike,
    signed_number,
    span,
)
from sim.present.probabilities import as_probability, given_the_log, in_points, not_drawn
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    Tone,
    Traced,
    as_estimate,
    as_number,
    as_percent,
    as_verdict,
    ends,
    said,
)
from sim.present.targets import by_target, estimate_axis, margin_in_words, target_in_words
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, KeyFigure
from sim.studies.compare.records import (
    ALL,
    BETTER,
    FIRST,
    NO_MATERIAL,
    NONE_FOUND,
    SAME,
    WORSE,
    Pair,
    PlanComparison,
)
from sim.text import N_, _, _c

FOUND = {
    BETTER: N_("better"),
    WORSE: N_("worse"),
    NO_MATERIAL: N_("no material difference"),
    SAME: N_("the same in every replication"),
    NONE_FOUND: N_("no difference found"),
}
"""What findings are called."""
TONES: dict[str, Tone] = {BETTER: "good", WORSE: "bad"}
IN_A_SENTENCE = {
    NO_MATERIAL: N_("{plan} and {first} differ by less than {margin}"),
    SAME: N_("{plan} and {first} are the same in every replication"),
    NONE_FOUND: N_("No difference found between {plan} and {first}"),
}
NOT_SHOWN = N_("It is not shown that {plan} and {first} differ")
"""Of an interval that is clear of none."""
MINUTES_APART = {
    BETTER: N_("{plan} takes {size} min less than {first}"),
    WORSE: N_("{plan} takes {size} min more than {first}"),
}
POINTS_APART = {
    BETTER: N_("{plan} has {size} points more in time than {first}"),
    WORSE: N_("{plan} has {size} points fewer in time than {first}"),
}
WITHOUT_END = {
    BETTER: N_("{plan} is better than {first}, where some never get a licence"),
    WORSE: N_("{plan} is worse than {first}: some never get a licence"),
}
PRICE = N_(
    "Yuan a minute saved: over the cases of a year, other business included; the interval is that of a ratio "
    "of means (Fieller), for this number of replications and one pair."
)
PRICE_EXACT = N_(
    "Yuan a minute saved: over the cases of a year, other business included; the interval is that of a ratio "
    "of means (Fieller), for this number of replications and one pair, and takes the fitted values as exact."
)
HUNDRED = 100
"""Yuan, from which on no parts of one are told."""
MOST_NAMED = 5
"""Plans whose differences are told one by one."""
MOST_FIGURES, MOST_TITLES = 4, 3


def short(record: PlanComparison) -> str:
    """Return how many plans are better than the first, worse, and so on."""
    return _c("comma", ", ").join(f"{_(FOUND[name])} {count}" for name, count in record.findings.items())


def finding(record: PlanComparison) -> str:
    """Return what was found, in a sentence: of two plans the difference, of more how many are better, or the best."""
    titles, screened = {plan.plan: plan.title for plan in record.plans}, record.screening
    if screened is not None:
        best, total = titles[screened.best], len(titles)
        if screened.final:
            return _("{best} is the best of {all} plans, or within {margin} of the best", best=best, all=total,
                     margin=margin_in_words(record.target))  # fmt: skip
        return _("{number} of {all} plans may be the best; {best} is ahead", number=len(screened.surviving), all=total,
                 best=best)  # fmt: skip
    pairs = record.against_first
    if len(pairs) == 1:
        return pair_finding(record, pairs[0])
    found = _c("comma", ", ").join(
        _("{number} {finding}", number=count, finding=_(FOUND[name])) for name, count in record.findings.items()
    )
    return _("Of {all} plans held against {first}: {found}", all=len(pairs), first=record.plans[0].title, found=found)


def pair_finding(record: PlanComparison, pair: Pair) -> str:
    """Return what was found of a plan against another, in a sentence."""
    titles = {plan.plan: plan.title for plan in record.plans}
    about_mean, found, said_of_it = record.target.about_mean, IN_A_SENTENCE, record.what_matters(pair)
    if said_of_it in MINUTES_APART:
        found = WITHOUT_END if math.isinf(pair.difference) else MINUTES_APART if about_mean else POINTS_APART
    template = NOT_SHOWN if _is_open(pair) else found[said_of_it]
    return _(
        template, plan=titles[pair.plan], first=titles[pair.other], margin=margin_in_words(record.target),
        size=minutes(abs(pair.difference) * (1 if about_mean else 100)),
    )  # fmt: skip


def _is_open(pair: Pair) -> bool:
    """Say whether the interval of a difference is clear of none, and yet not enough to find one."""
    return pair.finding == NONE_FOUND and (pair.low > 0 or pair.high < 0)


def found_in_words(record: PlanComparison, pair: Pair) -> str:
    """Return what was found of a plan against another, in a word or two."""
    return _("not shown") if _is_open(pair) else _(FOUND[record.what_matters(pair)])


def interval(record: PlanComparison, pair: Pair) -> str:
    """Return a difference with its interval."""
    about_mean = record.target.about_mean
    if not math.isfinite(pair.low) or not math.isfinite(pair.high):
        return signed(pair.difference, about_mean)
    difference, low, high = signed_alike((pair.difference, pair.low, pair.high), about_mean)
    return _("{difference} ({low} to {high})", difference=difference, low=low, high=high)


def subtitle(record: PlanComparison) -> str:
    """Return the target, and how sure the findings are."""
    if record.given_log is not None:
        given = _("given the log {log}", log=record.given_log.log)
        return BETWEEN.join([target_in_words(record.target), given])
    error = _("chance of any wrong finding in a table ≤ {error} %", error=percent(record.about.rule.error))
    return BETWEEN.join([target_in_words(record.target), error])


def difference_name(record: PlanComparison) -> str:
    """Return what the differences are of."""
    return by_target(
        record.target, N_("mean {clock} against plan 1 [min]"),
        N_("share within {minutes} min against plan 1 [percentage points]"),
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
    )  # fmt: skip


def notes(record: PlanComparison) -> str:
    """Return what the bars and the grey are."""
    level, all_of_them = percent(record.about.rule.confidence), len(record.against_first)
    bars = (
        _("bars: {level} % intervals, each with what the log leaves open and the chance of the years", level=level)
        if record.given_log is not None
        else _("bars: {level} % intervals, valid at every look and for all {all} comparisons at once", level=level,
          all=all_of_them)
        if all_of_them > 1
        else _("bars: {level} % intervals, valid at every look", level=level)
    )  # fmt: skip
    grey = _("grey: differences below {margin} do not matter", margin=margin_in_words(record.target))
    return BETWEEN.join([bars, grey])


def better_given(found: Found[PlanComparison], pair: Pair) -> Sentence:
    """Return with which probability a plan is better given the log, and what was found without; empty without."""
    record, facts = found.record, found.record.given_log
    if facts is None or math.isnan(pair.better):
        return EMPTY
    titles = {plan.plan: plan.title for plan in record.plans}

    def cell(column: str) -> str:
        return found.cell("pairs", column, family=pair.family, plan=pair.plan, other=pair.other)

    exact = replace(pair, low=pair.exact_low, high=pair.exact_high)
    return said(
        "{log}, {plan} is better than {first} with a probability of {better}{error}; if the fitted values were exact: "
        "{finding}, {interval}.", log=given_the_log(facts, found.fact), plan=titles[pair.plan],
        first=titles[pair.other], better=as_probability(pair.better, cell("better")),
        error=in_points(pair.better, pair.better_error, cell("better_error")),
        finding=Traced(_(FOUND[pair.exact]), pair.exact, cell("exact")), interval=interval(record, exact),
    )  # fmt: skip


def source(record: PlanComparison) -> str:
    """Return the line at the bottom of the chart."""
    return _(
        "Simulation: {replications} replications a plan with the same random numbers, {days} "
        "working days, seed {seed}. {basis}", replications=span(plan.replications for plan in record.plans),
        days=record.working_days, seed=record.about.seed, basis=basis(record.about),
    )  # fmt: skip


def report(record: PlanComparison) -> list[Part]:
    """Return all that is printed: the plans, and the differences between them."""
    found, pairs = Found(record, ""), record.against_first
    given = [sentence for pair in pairs if (sentence := better_given(found, pair)).pieces] if len(pairs) == 1 else []
    parts: list[Part] = [record.name, finding(record), *given, subtitle(record), "", _plans(record)]
    parts.append(_pairs(record, FIRST, _("Against the first plan")))
    if len(record.plans) > 2:
        # With two plans both families are the same one comparison.
        parts.append(_pairs(record, ALL, _("Every two plans")))
    if record.given_log is not None:
        return [*parts, *carried(found)]
    parts.append(_("Intervals hold at every look and for all comparisons of a table at once."))
    if any(plan.verdict == "UNDECIDED" for plan in record.plans):
        parts.append(_("UNDECIDED: not replicated further, since the plans were told apart before; `run` decides it."))
    return parts


def carried(found: Found[PlanComparison]) -> list[Sentence]:
    """Return what intervals and probabilities carry, and what they do not; nothing without a log."""
    facts = found.record.given_log
    if facts is None:
        return []
    told = said(
        "{log}: verdicts, findings, intervals and probabilities, each by itself, carry the chance of the years and "
        "what the log leaves open. {offices} offices that are possible were played under all plans.",
        log=given_the_log(facts, found.fact), offices=as_number(facts.offices, found.fact("given_log.offices")),
    )  # fmt: skip
    return [told, *not_drawn(facts, found.fact)]


def _plans(record: PlanComparison) -> Table:
    heads = [_("plan"), estimate_axis(record.target), _("95 % interval"), _("verdict"), _("staff-hours"),
             _("cost [yuan]"), _("replications")]  # fmt: skip
    screened, given = record.screening is not None, record.given_log is not None
    if given:
        heads[4:4] = [_("target kept,\ngiven the log"), _("if the fit\nwere exact")]
    if screened:
        heads.append(_("screened out"))
    rows: list[tuple[Piece, ...]] = []
    for plan in record.plans:
        estimate, low, high = (as_estimate(x, record.target.about_mean) for x in (plan.estimate, plan.low, plan.high))
        row: list[Piece] = [
            f"{plan.plan}: {plan.title}", _("cannot finish") if math.isnan(plan.estimate) else estimate,
            ends(low, high).text, as_verdict(plan.verdict), number(plan.staff_hours), number(plan.cost),
            number(plan.replications),
        ]  # fmt: skip
        if given:
            known = not math.isnan(plan.kept)
            row[4:4] = [as_probability(plan.kept), as_verdict(plan.exact)] if known else [NOTHING, NOTHING]
        if screened:
            out = _("after {at} by {by}", at=number(plan.eliminated_at), by=plan.eliminated_by)
            row.append(out if plan.eliminated_at else "")
        rows.append(tuple(row))
    return Table(_("Plans, over {days} working days", days=record.working_days), tuple(heads), tuple(rows))


def _pairs(record: PlanComparison, family: str, title: str) -> Table:
    difference = by_target(record.target, N_("difference [min]\n(95 % interval)"),
                           N_("difference [percentage points]\n(95 % interval)"))  # fmt: skip
    heads = [_("plan – other"), difference, _("finding"), _("cost difference\n[yuan]"),
             _("of a case\n[yuan]"), _("yuan a minute saved\n(95 % interval)"), _("replications")]  # fmt: skip
    if record.given_log is not None:
        heads[3:3] = [_("better,\ngiven the log"), _("if the fit\nwere exact")]
    rows: list[tuple[Piece, ...]] = []
    for pair in record.pairs:
        if pair.family != family:
            continue
        row: list[Piece] = [
            f"{pair.plan} – {pair.other}", interval(record, pair), _finding(record, pair),
            signed_number(pair.cost_difference), _yuan(pair.cost_of_case), _price(pair), number(pair.replications),
        ]  # fmt: skip
        if record.given_log is not None:
            row[3:3] = [NOTHING, NOTHING] if math.isnan(pair.better) else [
                as_probability(pair.better), interval(record, replace(pair, low=pair.exact_low, high=pair.exact_high))
            ]  # fmt: skip
        rows.append(tuple(row))
    note = ""
    if any(not math.isnan(pair.price) for pair in record.pairs if pair.family == family):
        note = _(PRICE if record.given_log is None else PRICE_EXACT)
    return Table(title, tuple(heads), tuple(rows), note)


def _yuan(value: float) -> str:
    """Return yuan with a sign, small as they may be."""
    if math.isnan(value) or abs(value) >= HUNDRED:
        return NOTHING if math.isnan(value) else signed_number(value)
    return f"{value:+,.2f}".replace("-", MINUS) if abs(value) >= 0.005 else "0.00"


def _price(pair: Pair) -> str:
    """Return what a minute that the plan saves costs, or one that it takes longer spares."""
    if math.isnan(pair.price):
        return NOTHING
    low, high = (NOTHING if math.isnan(end) else f"{end:,.2f}" for end in (pair.price_low, pair.price_high))
    return _("{price} ({low} – {high})", price=f"{pair.price:,.2f}", low=low, high=high)


def _finding(record: PlanComparison, pair: Pair) -> Traced:
    """Return a finding, and whether the difference is one that does not matter."""
    told = _(FOUND[pair.finding])
    if record.what_matters(pair) != pair.finding:
        told = _("{finding}, but by less than {margin}", finding=told, margin=margin_in_words(record.target))
    elif _is_open(pair) and record.given_log is not None:
        told = _("not shown: {offices} offices do not tell it well enough", offices=number(record.given_log.offices))
    elif _is_open(pair):
        told = _("not shown: too skewed for so few replications")
    return Traced(told, pair.finding, tone=TONES.get(pair.finding, "close"))


def answer(found: Found[PlanComparison]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, stop = found.record, _(".")
    error = as_percent(record.about.rule.error, found.fact("about.rule.error"))
    given = next((better_given(found, pair) for pair in record.against_first), EMPTY)
    alike = said("All plans had the same applicants with the same random numbers; the chance of any wrong finding is "
                 "at most {error} %.", error=error)  # fmt: skip
    told = (Sentence((finding(record) + stop,), _files(found)), given if given.pieces else alike)
    figures = []
    for plan in record.plans[:MOST_FIGURES]:
        value = as_estimate(plan.estimate, record.target.about_mean, found.cell("plans", "estimate", plan=plan.plan))
        verdict = as_verdict(plan.verdict, found.cell("plans", "verdict", plan=plan.plan))
        unit = _("min") if record.target.about_mean else ""
        note = Sentence((verdict,))
        if not math.isnan(plan.kept):
            kept = as_probability(plan.kept, found.cell("plans", "kept", plan=plan.plan))
            note = said("{verdict}: kept with a probability of {kept}", verdict=verdict, kept=kept)
        figures.append(KeyFigure(plan.title, value, unit, note))
    titles = _(", ").join(plan.title for plan in record.plans[:MOST_TITLES])
    more = "…" if len(record.plans) > MOST_TITLES else ""
    return Answer(titles + more, Sentence((_("Which plan is better?"),)), told, tuple(figures))


def advice(found: Found[PlanComparison]) -> list[Advice]:
    """Return what the plans differ in from the first."""
    record, pairs = found.record, found.record.against_first
    texts = [finding(record)]
    if record.screening is None and len(pairs) <= MOST_NAMED:
        texts = [pair_finding(record, pair) for pair in pairs]
    return [Advice(_("Plans"), Sentence((_("; ").join(texts) + _("."),), _files(found)))]


def in_words(record: PlanComparison, column: str, row: object) -> str | None:
    """Return what a workbook shows of a finding."""
    if not isinstance(row, Pair) or column not in ("finding", "exact"):
        return None
    return _(FOUND[of]) if (of := getattr(row, column)) else None


def _files(found: Found[PlanComparison]) -> tuple[str, ...]:
    return found.files("plans", "pairs")
