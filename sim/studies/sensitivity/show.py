"""What a verdict hangs on, as it is printed and briefed: tables, the answer and what to do."""

from __future__ import annotations

import math
from typing import Any

from sim.present.assumptions import measure_first, name_of, range_of, value_of
from sim.present.names import listed, together, verdict_word
from sim.present.numbers import MINUS, NOTHING, number, plain, share, with_ends
from sim.present.sources import source_in_words, unit_in_words
from sim.present.table import (
    EMPTY,
    NUMBER,
    OPEN_ENDS,
    Piece,
    Sentence,
    Table,
    Traced,
    as_estimate,
    as_number,
    as_share,
    as_verdict,
    ends,
    joined,
    resting_on,
    said,
)
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, Grounds
from sim.studies.sensitivity.records import (
    KEEPS,
    LOG_MINUTES,
    OVER,
    VERDICTS,
    Judged,
    Plausible,
    Points,
    Sensitivity,
    Swing,
)
from sim.studies.sensitivity.sentences import (
    MOST_NAMED,
    UNDECIDED,
    assumptions_judged,
    break_even_of,
    estimate_of,
    finding,
    how_many_hold,
    in_a_hurry,
    no_flip,
    notes,
    other_of,
    subtitle,
    what_flips,
    what_matters,
)
from sim.text import N_, _, _c

MOST_SCREENED, MOST_SEPARATED = 12, 8
"""Rows of the tables of the screening and of the differences."""
KINDS = {
    "article": N_("article"),
    "assumption": N_("assumption"),
    "computed": N_("computed"),
    "elsewhere": N_("elsewhere"),
    "given": N_("given"),
}
"""Where ranges are from."""
MOST_INFLUENTIAL = 8
"""Rows of a briefing's table of assumptions."""


def short(record: Sensitivity) -> str:
    """Return how many assumptions flip the verdict, and how many offices hold: ``3/41 flip; 20/50 HOLDS``."""
    parts = []
    if record.swings:
        flipping = _("{flip}/{all} flip", flip=len(record.flipping), all=len(record.swings))
        parts.append(verdict_word("UNDECIDED") if record.undecided else flipping)
    if record.plausible is not None:
        parts.append(f"{record.plausible.counts['HOLDS']}/{record.plausible.offices} {verdict_word('HOLDS')}")
    return _("; ").join(parts) or record.screened[0].parameter


def spoken(record: Sensitivity) -> list[str]:
    """Return sentences that can be read aloud: where it flips, how many offices hold, what matters most."""
    parts = (what_flips(record), how_many_hold(record), what_matters(record))
    return [together(part) for part in parts if part]


def report(record: Sensitivity) -> list[Part]:
    """Return all that is printed: flips, what is no number, screening, indices, plausible offices."""
    parts: list[Part] = [f"{record.name}: {subtitle(record)}", finding(record), ""]
    if record.flipping:
        parts.append(_break_evens(record))
    if known := [name_of(of.parameter) for of in record.steady if not of.not_known]:
        told = N_("{number} do not flip at an end of their range; between, the effect is taken to go one way: {names}")
        if record.settings.searched:
            told = N_(
                "{number} do not flip in their range; both ends and a value between were judged, and between these the "
                "effect is taken to go one way: {names}"
            )
        parts += [_(told, number=len(known), names=listed(known)), ""]
    if record.others:
        mean = record.about_mean
        rows = [(*other_of(of), _judged(record, of.judged),
                 ends(as_estimate(of.interval_low, mean), as_estimate(of.interval_high, mean)).text,
                 number(of.replications)) for of in record.others]  # fmt: skip
        heads = (_("what is different"), _("in the scenario"), _c("here column", "here"), _("estimate, verdict"),
                 _("interval"), _("replications"))  # fmt: skip
        parts.append(Table(_("What is no number"), heads, tuple(rows)))
    if record.screening is not None:
        parts.append(_screening(record, record.screening))
    if record.indices is not None:
        parts.append(_indices(record, record.indices))
    if record.plausible is not None:
        parts.append(_offices(record.plausible))
    if record.separations:
        parts.append(_separation(record))
    if any(math.isinf(of.interval_high) or of.interval_low <= 0 < of.interval_high for of in record.others):
        parts.append(_(OPEN_ENDS))
    return [*parts, *notes(record)]


def _break_evens(record: Sensitivity) -> Table:
    heads = (_("assumption"), _("range"), _c("scenario value column", "here"), _("at the low end"),
             _("at the high end"), _("flips between"), _("replications"))  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    for swing in record.flipping:
        of = record.by_parameter[swing.parameter]
        rows.append((
            name_of(of.parameter), range_of(of), value_of(of, of.value), _judged(record, swing.low),
            _judged(record, swing.high), _break_evens_of(record, swing), number(swing.replications),
        ))  # fmt: skip
    return Table(_("Assumptions that change the verdict by themselves"), heads, tuple(rows))


def _break_evens_of(record: Sensitivity, swing: Swing) -> str:
    return _("; ").join(break_even_of(record, swing, break_even) for break_even in swing.break_evens.values())


def _judged(record: Sensitivity, judged: Judged) -> Traced:
    """Return an estimate and the verdict, in its tone."""
    verdict = as_verdict(judged.verdict)
    return Traced(at_end(record, judged), judged.verdict, tone=verdict.tone)


def at_end(record: Sensitivity, judged: Judged) -> str:
    """Return estimate and verdict: 9.92 FAILS."""
    return f"{estimate_of(record, judged.estimate)} {as_verdict(judged.verdict).text}"


def _signed(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.2f}".replace("-", MINUS)


def _with_ends(value: float, low: float, high: float) -> str:
    return NOTHING if math.isnan(value) else with_ends(*map(_signed, (value, low, high)))


def _screening(record: Sensitivity, points: Points) -> Table:
    heads = (_("assumption"), _("mean effect on the\nlog of minutes, μ*"), _("spread of\nthe effect, σ"),
             _("mean effect on the\nshare over the target"))  # fmt: skip
    over = {row.parameter: row.mu_star for row in record.of_outcome(OVER)}
    rows = tuple(
        (name_of(row.parameter), _with_ends(row.mu_star, row.mu_star_low, row.mu_star_high), _signed(row.sigma),
         _signed(over[row.parameter]))
        for row in record.of_outcome(LOG_MINUTES)[:MOST_SCREENED]
    )  # fmt: skip
    title = _("Screening: what matters most with everything uncertain at once ({points} points)",
              points=number(points.points))  # fmt: skip
    return Table(title, heads, rows)


def _indices(record: Sensitivity, points: Points) -> Table:
    heads = (_("assumption"), _("log of minutes:\nalone"), _("with\nothers"), _("keeps the target:\nalone"),
             _("with\nothers"))  # fmt: skip
    found, keeps = record.indices_of(LOG_MINUTES), {row.parameter: row for row in record.indices_of(KEEPS)}
    rows = []
    for row in found:
        both = [
            _with_ends(*end) for of in (row, keeps[row.parameter])
            for end in ((of.first, of.first_low, of.first_high), (of.total, of.total_low, of.total_high))
        ]  # fmt: skip
        rows.append((name_of(row.parameter), *both))
    title = _("Sobol indices of the {most} that matter most, the others as in the scenario ({points} points)",
              most=len(found), points=number(points.points))  # fmt: skip
    return Table(title, heads, tuple(rows))


def _offices(found: Plausible) -> Table:
    holds = found.holds
    rows: list[tuple[Piece, ...]] = []
    for name in VERDICTS:
        part = share(found.counts[name] / found.offices)
        if name == "HOLDS":
            part = with_ends(*map(share, (holds.estimate, holds.low, holds.high)))
        rows.append((as_verdict(name), number(found.counts[name]), part))
    title = _("Plausible offices: {all} drawn from all ranges", all=found.offices)
    return Table(title, (_("verdict"), _("offices"), _("share")), tuple(rows))


def _separation(record: Sensitivity) -> Table:
    heads = (_("assumption"), _("mean where\nit holds"), _("mean where\nit fails"),
             _("difference in\nstandard deviations"))  # fmt: skip
    rows = []
    for row in record.separations[:MOST_SEPARATED]:
        of = record.by_parameter[row.parameter]
        difference = _("{value} ± {error}", value=_signed(row.difference), error=plain(round(row.error, 2)))
        rows.append((name_of(row.parameter), value_of(of, row.holds), value_of(of, row.fails), difference))
    return Table(_("Where those that hold and those that fail differ most"), heads, tuple(rows))


def answer(found: Found[Sensitivity]) -> Answer:
    """Return question and answer of a briefing about this."""
    record, stop = found.record, _(".")
    question = Sentence((_("Which assumption does the verdict hang on?"),))
    if not record.swings:
        return Answer(record.title, question, resting_on(found.files("screening", "offices"), finding(record) + stop))
    if record.undecided:
        return Answer(record.title, question, resting_on(_files(found), _(UNDECIDED) + stop))
    first = _("Of {assumptions}, {flips} are found to change the verdict by themselves within their range.",
              assumptions=assumptions_judged(record), flips=len(record.flipping))  # fmt: skip
    told = [first]
    if record.flipping:
        names = _("; ").join(name_of(swing.parameter) for swing in record.by_influence[:MOST_NAMED])
        told.append(_("First of all: {names}.", names=names))
    return Answer(record.title, question, resting_on(_files(found), *told, *in_a_hurry(record)))


def advice(found: Found[Sensitivity]) -> list[Advice]:
    """Return nothing: what to look at first is among the grounds."""
    return []


def grounds(found: Found[Sensitivity], lead: Found[Any]) -> Grounds:
    """Return what the verdict hangs on, how many plausible offices keep the target, and what to measure first."""
    plausible, first = plausible_share(found), [of for of in found.record.by_influence if of.break_evens][:MOST_NAMED]
    check = measure_first([swing.parameter for swing in first], _files(found))
    table = influential(found) if found.record.swings else None
    return Grounds((plausible,) if plausible.pieces else (), None, check, hanging=table)


def in_words(record: Sensitivity, column: str, row: Any) -> object:
    """Return what a workbook shows in place of a code."""
    if column == "parameter":
        return _("{parameter} ({path})", parameter=name_of(row.parameter), path=row.parameter)
    if column == "kind":
        return _(KINDS[row.kind])
    words = {"unit": unit_in_words, "source": source_in_words}
    return words[column](getattr(row, column)) if column in words else None


def influential(found: Found[Sensitivity], most: int = MOST_INFLUENTIAL) -> Table:
    """Return where the verdict flips, of the assumptions that matter most."""
    record = found.record
    rows = tuple(_influence(found, swing) for swing in record.by_influence[:most])
    heads = (_("assumption"), _c("brief value column", "here"), _("range"), _("verdict at its ends"),
             _("verdict flips between"))  # fmt: skip
    note = _("{number} more in the workbook", number=len(record.swings) - most) if len(record.swings) > most else ""
    return Table(_("Which assumptions the verdict hangs on"), heads, rows, note, wide=frozenset({3}))


def _influence(found: Found[Sensitivity], swing: Swing) -> tuple[Piece, ...]:
    record, path = found.record, swing.parameter
    of = record.by_parameter[path]

    def traced(table: str, column: str, value: float, unit: bool = True) -> Traced:
        return Traced(value_of(of, value, unit), value, found.cell(table, column, parameter=path), NUMBER)

    # Of two values the unit is said once.
    ranged = ends(traced("assumptions", "low", of.low, unit=False), traced("assumptions", "high", of.high))
    low, high = (as_verdict(getattr(swing, name), found.cell("break_even", name, parameter=path))
                 for name in ("low_verdict", "high_verdict"))  # fmt: skip
    brackets = []
    for end, break_even in swing.break_evens.items():
        lower, upper = sorted(("last", "first"), key=lambda name: float(getattr(break_even, name)))
        brackets.append(ends(
            traced("break_even", f"break_even_{end}_{lower}", getattr(break_even, lower), unit=False),
            traced("break_even", f"break_even_{end}_{upper}", getattr(break_even, upper)),
        ))  # fmt: skip
    break_evens: Piece = joined(brackets, _("; ")).as_piece if brackets else no_flip(record, swing)
    value, both = traced("assumptions", "value", of.value), joined([low, " / ", high])
    return (name_of(path), value, ranged.as_piece, both.as_piece, break_evens)


def plausible_share(found: Found[Sensitivity]) -> Sentence:
    """Return how many of the plausible offices keep the target; empty if that was not looked at."""
    plausible = found.record.plausible
    if plausible is None:
        return EMPTY
    holds, low, high = (as_share(getattr(plausible.holds, name), found.fact(f"plausible.holds.{name}"))
                        for name in ("estimate", "low", "high"))  # fmt: skip
    return said(
        "Of {offices} offices with all assumptions drawn from their ranges, {share} are shown to keep the target (95 % "
        "interval {low} to {high}); that is a statement on the ranges, not a probability of the world.", share=holds,
        low=low, high=high, offices=as_number(plausible.offices, found.fact("plausible.offices")),
    )  # fmt: skip


def _files(found: Found[Sensitivity]) -> tuple[str, ...]:
    return found.files("break_even")
