"""What a sweep found, in sentences and tables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sim.present.basis import grounds_of, simulated
from sim.present.names import verdict_word
from sim.present.numbers import BETWEEN, percent, span
from sim.present.table import (
    EMPTY,
    OPEN_ENDS,
    TONES,
    Piece,
    Sentence,
    Table,
    Traced,
    as_estimate,
    as_number,
    as_percent,
    as_verdict,
    ends,
    said,
)
from sim.present.targets import margin_in_words, target_in_words
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, Grounds, KeyFigure, NativeChart
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.text import N_, _, _c, language

HOLDS, FAILS, TOO_CLOSE, UNDECIDED = "HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED"
SIGN = {HOLDS: "✓", FAILS: "✗", TOO_CLOSE: "≈", UNDECIDED: "?"}
MOST_COLUMNS = 16
"""Levels of the factor across; with more the table is a list."""
THROUGHOUT, NOWHERE, UP_TO, FROM = "throughout", "nowhere", "up to", "from"
"""How far the target holds along a factor."""
ALONG_ALL = {
    UP_TO: N_("The target holds for {x} up to {value}"),
    FROM: N_("The target holds for {x} from {value} on"),
}
OF_THEM = {HOLDS: N_("of them hold"), FAILS: N_("of them fail"), UNDECIDED: N_("of them undecided"),
           TOO_CLOSE: N_("of them too close")}  # fmt: skip


def short(record: SweepVerdicts) -> str:
    """Return how many design points have which verdict: ``FAILS 4, HOLDS 4``."""
    return _c("comma", ", ").join(f"{verdict_word(verdict)} {count}" for verdict, count in record.counts.items())


def finding(record: SweepVerdicts) -> str:
    """Return in how many design points the target holds, fails, and is not decided."""
    found, points = record.counts, len(record.points)
    if found[HOLDS] == points:
        return _("The target holds in all {all} design points", all=points)
    if found[FAILS] == points:
        return _("The target fails in all {all} design points", all=points)
    told = _("The target holds in {holds} of {all} design points, fails in {fails}", holds=found[HOLDS],
             fails=found[FAILS], all=points)  # fmt: skip
    if close := found[TOO_CLOSE]:
        told += _(", is too close to call in {close}", close=close)
    if undecided := found[UNDECIDED]:
        told += _(", is undecided in {undecided}", undecided=undecided)
    return told


def subtitle(record: SweepVerdicts) -> str:
    """Return what is swept, the target, and how sure the verdicts are."""
    return BETWEEN.join([
        record.heading,
        target_in_words(record.target),
        _("chance of any wrong verdict ≤ {error} %", error=percent(record.about.rule.error)),
        _("{replications} replications a design point",
          replications=span(point.replications for point in record.points)),
    ])  # fmt: skip


def hurried(record: SweepVerdicts) -> str:
    """Return that clear verdicts were told early, in a quick sweep; empty otherwise."""
    return _("quick: clear verdicts told early") if record.quick else ""


def source(record: SweepVerdicts) -> str:
    """Return the line at the bottom of a chart."""
    return simulated(record.about, record.working_days)


def verdict_legend(record: SweepVerdicts, verdict: str) -> str:
    """Return a verdict's word, and of TOO CLOSE what it means."""
    told = verdict_word(verdict)
    if verdict != TOO_CLOSE:
        return told
    return _("{verdict} (within {margin} of the target)", verdict=told, margin=margin_in_words(record.target))


def levels(factors: Sequence[Factor], places: Sequence[int]) -> str:
    """Return the levels of some factors: ``crew: 2, lunch demand: 1.5``."""
    parts = [
        factor.title[language()] + _(": ") + factor.label(place) for factor, place in zip(factors, places, strict=True)
    ]
    return _c("comma", ", ").join(parts)


def held_back(record: SweepVerdicts, points: Iterable[JudgedPoint]) -> bool:
    """Say whether one has no verdict though its interval is clear of the target: too few values for their kind."""
    promised = record.target.promised
    return any(
        point.verdict == UNDECIDED and not point.low <= promised <= point.high and point.low <= point.high
        for point in points
    )


class Limit(NamedTuple):
    """How far the target holds along a factor.

    Attributes
    ----------
    kind : str
        `THROUGHOUT`, `NOWHERE`, `UP_TO`, `FROM`, or empty if it is not so simple.
    place : int
        The last, or the first, level at which it holds; -1 if there is none to name.
    holds : int
        Number of levels at which it holds.
    """

    kind: str
    place: int
    holds: int


def where_it_holds(record: SweepVerdicts) -> str:
    """Return up to where, or from where on, the target holds along the factor across.

    With several lines, of the one that gets least far and of the one that gets farthest. If the verdicts are not
    so simple, or the design points are scattered, how many design points there are of each.
    """
    x, lines = record.x, record.lines
    simple = x.numeric and not record.scattered and not record.others(x, lines)
    found = limits_of_lines(record) if simple else {}
    kinds = {limit.kind for limit in found.values()}
    if not kinds & {UP_TO, FROM} or "" in kinds or {UP_TO, FROM} <= kinds:
        return finding(record)
    least, most = _extremes({place: limit.holds for place, limit in found.items()})
    title = x.title[language()]
    if lines is None or found[least] == found[most]:
        return _(ALONG_ALL[found[least].kind], x=title, value=x.label(found[least].place))
    first, last = (_limit_in_words(x, found[place]) for place in (least, most))
    return _(
        "{x} at which the target holds: {first} ({lines}: {least}), {last} ({most})", x=title[:1].upper() + title[1:],
        first=first, last=last, lines=lines.title[language()], least=lines.label(least), most=lines.label(most),
    )  # fmt: skip


def _limit_in_words(x: Factor, limit: Limit) -> str:
    if limit.kind == UP_TO:
        return _("up to {value}", value=x.label(limit.place))
    if limit.kind == FROM:
        return _("from {value} on", value=x.label(limit.place))
    return _c("limit throughout", "all") if limit.kind == THROUGHOUT else _c("limit nowhere", "none")


def _extremes(holds: Mapping[int, int]) -> tuple[int, int]:
    """Return a place with the fewest and one with the most, of several those that are farthest apart."""
    least, most = ([place for place in holds if holds[place] == edge(holds.values())] for edge in (min, max))
    return max(itertools.product(least, most), key=lambda pair: abs(pair[0] - pair[1]))


def limits_of_lines(record: SweepVerdicts) -> dict[int, Limit]:
    """Return how far the target holds on each line, by the place of its level; empty if lines have gaps."""
    lines, points = record.lines, dict[int, dict[int, bool]]()
    for point in record.points:
        line = 0 if lines is None else lines.place(point)
        points.setdefault(line, {})[record.x.place(point)] = point.verdict == HOLDS
    if any(len(line) < len(record.x.labels) for line in points.values()):
        return {}
    return {line: _limit([holds[place] for place in sorted(holds)]) for line, holds in sorted(points.items())}


def _limit(holds: Sequence[bool]) -> Limit:
    number = sum(holds)
    if number in (0, len(holds)):
        return Limit(THROUGHOUT if number else NOWHERE, -1, number)
    if all(holds[:number]):
        return Limit(UP_TO, number - 1, number)
    if all(holds[-number:]):
        return Limit(FROM, len(holds) - number, number)
    return Limit("", -1, number)


def report(record: SweepVerdicts) -> list[Part]:
    """Return all that is printed: a table of verdicts and estimates, with levels across and down if there is room."""
    x, rows = record.x, record.rows
    under = BETWEEN.join(filter(None, (subtitle(record), hurried(record))))
    parts: list[Part] = [f"{record.name}: {record.heading}", finding(record), under, ""]
    if rows is None or record.scattered or len(x.labels) > MOST_COLUMNS:
        without_end = record.quick and any(
            point.verdict == FAILS and point.low < point.high and (math.isinf(point.high) or point.low <= 0)
            for point in record.points
        )
        return [*parts, _list(record), *([_(OPEN_ENDS)] if without_end else [])]
    others = record.others(x, rows)
    parts += [_grid(record, rows, points, levels(others, places)) for places, points in record.panels(x, rows).items()]
    return [*parts, _c("comma", ", ").join(f"{sign} {verdict_word(verdict)}" for verdict, sign in SIGN.items())]


def _grid(record: SweepVerdicts, rows: Factor, points: Sequence[JudgedPoint], title: str) -> Table:
    """Return a table with a factor across and one down."""
    x = record.x
    at = {(rows.place(point), x.place(point)): point for point in points}
    lines: list[tuple[Piece, ...]] = []
    for row in reversed(range(len(rows.labels))):
        line = [at.get((row, column)) for column in range(len(x.labels))]
        lines.append((rows.label(row), *(_cell(record, point) if point else "" for point in line)))
    return Table(title, (f"{rows.heading} \\ {x.heading}", *x.levels), tuple(lines))


def _cell(record: SweepVerdicts, point: JudgedPoint) -> Traced:
    return Traced(f"{_estimate(record, point)} {SIGN[point.verdict]}", point.estimate, tone=TONES[point.verdict])


def _list(record: SweepVerdicts) -> Table:
    """Return a table with a row a design point."""
    heads = [factor.heading for factor in record.factors]
    heads += [_("estimate"), _("95 % interval"), _("verdict"), _("replications")]
    lines: list[tuple[Piece, ...]] = []
    for point in record.points:
        low, high = (as_estimate(end, record.target.about_mean) for end in (point.low, point.high))
        lines.append((
            *(factor.label(factor.place(point)) for factor in record.factors), _estimate(record, point),
            ends(low, high).text if point.low < point.high else "", as_verdict(point.verdict),
            f"{point.replications:,}",
        ))  # fmt: skip
    return Table("", tuple(heads), tuple(lines))


def _estimate(record: SweepVerdicts, point: JudgedPoint) -> str:
    return _("cannot finish") if point.why else as_estimate(point.estimate, record.target.about_mean).text


def answer(found: Found[SweepVerdicts]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, files = found.record, found.files("verdicts")
    number = {
        verdict: as_number(record.counts[verdict], found.cell("verdicts", "count", verdict=verdict)) for verdict in SIGN
    }
    every = as_number(len(record.points), found.cell("verdicts", "count"))
    told, counted = where_it_holds(record), finding(record)
    first = Sentence((told + _("."),), files)
    if told != counted:
        first = said(
            "{finding}; {holds} of {all} combinations hold and {fails} fail.", finding=Sentence((told,), files),
            holds=number[HOLDS], fails=number[FAILS], all=every,
        )  # fmt: skip
    second = said(
        "The chance that any of these verdicts is wrong is at most {error} %; what is varied: {factors}.",
        error=as_percent(record.about.rule.error, found.fact("about.rule.error")),
        factors=_(", ").join(factor.title[language()] for factor in record.factors),
    )
    undecided = [verdict for verdict in (UNDECIDED, TOO_CLOSE) if record.counts[verdict]][:1]
    figures = [KeyFigure(_("judged"), every, _("combinations"), EMPTY)]
    figures += [
        KeyFigure(_(OF_THEM[verdict]), number[verdict], _("combinations"), EMPTY)
        for verdict in (HOLDS, FAILS, *undecided)
    ]
    return Answer(record.heading, Sentence((_("Where does the target hold?"),)), (first, second), tuple(figures))


def advice(found: Found[SweepVerdicts]) -> list[Advice]:
    """Return under which conditions the target holds, if the design points are no mere points in a space."""
    record = found.record
    if record.scattered:
        return []
    told = record.heading + _(": ") + where_it_holds(record) + _(".")
    return [Advice(_("Conditions"), Sentence((told,), found.files("verdicts")))]


def grounds(found: Found[SweepVerdicts], lead: Found[Any]) -> Grounds:
    """Return where the parameters come from of the scenario that is varied."""
    record = found.record
    if found.path != lead.path and hasattr(lead.record, "sources"):
        return Grounds()
    return Grounds(*grounds_of(record.sources, record.about.fitted, record.base, "base", found.fact))


def heading(record: SweepVerdicts, column: str) -> str | None:
    """Return the head of a factor's column."""
    return next((factor.heading for factor in record.factors if factor.name == column), None)


def in_words(record: SweepVerdicts, column: str, row: object) -> str | None:
    """Return the level of a factor in words, if its levels are no numbers."""
    factor = next((factor for factor in record.factors if factor.name == column), None)
    if factor is None or factor.numeric or not isinstance(row, JudgedPoint):
        return None
    return factor.label(factor.place(row))


def natives(record: SweepVerdicts) -> dict[str, NativeChart]:
    """Return the lines of a sweep over one or two factors, for a workbook to draw."""
    x, lines = record.x, record.lines
    if not x.numeric or record.scattered or record.others(x, lines):
        return {}
    return {"verdicts": NativeChart(
        "scatter", record.heading, x.heading, _("estimate"), x.name, "estimate", lines.name if lines else "",
        target=True,
    )}  # fmt: skip
