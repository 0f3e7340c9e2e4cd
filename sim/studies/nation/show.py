"""What was found about a nation, in sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.present.basis import simulated
from sim.present.names import verdict_word
from sim.present.numbers import BETWEEN, number, percent, share, span
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    as_estimate,
    as_number,
    as_percent,
    as_verdict,
    ends,
    said,
)
from sim.present.targets import estimate_axis, target_in_words
from sim.present.terminal import Part
from sim.studies.base import Advice, Answer, Found, KeyFigure
from sim.studies.nation.records import Nation, OfficeRow
from sim.text import N_, _, _c

SHOWN = ("HOLDS", "FAILS", "UNDECIDED")
MOST_ROWS = 15
"""Offices that are listed of those with the least headroom."""
HELD_BACK = N_(
    "{number} are undecided although their interval is clear of the target: too skewed, too much alike, or with too "
    "few outages seen, for so few replications; a larger --max-replications may decide them"
)
OF_THEM = {"HOLDS": N_("of them hold"), "FAILS": N_("of them fail"), "UNDECIDED": N_("of them undecided")}


def short(record: Nation) -> str:
    """Return how many offices have which verdict: ``HOLDS 2,100, FAILS 480``."""
    counts = [
        f"{verdict_word(verdict)} {number(record.counts[verdict])}" for verdict in SHOWN if record.counts[verdict]
    ]
    return _c("comma", ", ").join(counts)


def finding(record: Nation) -> str:
    """Return how many keep the target, how many miss it, and how many are open; of a quick look, what is estimated."""
    if not record.judged:
        return _(
            "Estimated only: of {all} offices, {number} are within the target; for verdicts more replications are "
            "needed",
            all=number(len(record.offices)), number=number(sum(office.headroom >= 0 for office in record.offices)),
        )  # fmt: skip
    counts = record.counts
    return _(
        "{all} offices: {holds} keep the target, {fails} miss it, {open} undecided", all=number(len(record.offices)),
        holds=number(counts["HOLDS"]), fails=number(counts["FAILS"]), open=number(counts["UNDECIDED"]),
    )  # fmt: skip


def estimates_in_words(record: Nation) -> str:
    """Return the estimate of the middle office, and how many estimates miss the target."""
    known = sorted(office.estimate for office in record.offices if math.isfinite(office.estimate))
    over = sum(not office.headroom >= 0 for office in record.offices)
    if not known:
        return finding(record)
    return _(
        "The middle office has {estimate}; {over} of {all} estimates miss the target",
        estimate=with_unit(record, known[len(known) // 2]), over=number(over), all=number(len(record.offices)),
    )  # fmt: skip


def with_unit(record: Nation, value: float) -> str:
    """Return an estimate with its unit."""
    text = as_estimate(value, record.target.about_mean).text
    return _("{value} min", value=text) if record.target.about_mean else text


def subtitle(record: Nation) -> str:
    """Return the target, how sure the verdicts are, and how much was simulated."""
    rate = percent(record.about.rule.error)
    sure = [_("of all verdicts, at most {rate} % wrong on average", rate=rate)] if record.judged else []
    return BETWEEN.join([
        target_in_words(record.target), *sure,
        _("{replications} replications each, of {days} working days",
          replications=span(row.replications for row in record.offices), days=number(record.working_days)),
    ])  # fmt: skip


def source(record: Nation) -> str:
    """Return the line at the bottom of a chart."""
    return simulated(record.about, record.working_days)


def report(record: Nation) -> list[Part]:
    """Return all that is printed: how many, how many registrations they have, and those with the least headroom."""
    parts: list[Part] = [f"{record.name}: " + finding(record), subtitle(record)]
    if record.held_back and record.judged:
        parts.append(_(HELD_BACK, number=number(record.held_back)))
    parts.append("")
    if record.judged:
        parts.append(_counts(record))
    least = [office for office in record.offices if office.verdict != "HOLDS"]
    if least:
        told = {"shown": number(min(len(least), MOST_ROWS)), "all": number(len(least))}
        title = _("Least headroom, of those that are not shown to hold: {shown} of {all}", **told)
        parts.append(_offices(record, least[:MOST_ROWS], title))
    return parts


def _counts(record: Nation) -> Table:
    rows: list[tuple[Piece, ...]] = []
    for verdict in SHOWN:
        registered = record.registered(verdict)
        part = share(registered / record.registrations) if record.registrations else ""
        rows.append((as_verdict(verdict), number(record.counts[verdict]), number(registered), part))
    rows.append((_c("all", "all"), number(len(record.offices)), number(record.registrations), ""))
    heads = (_("verdict"), _("licence offices"), _("registrations a year"), _("share of them"))
    return Table("", heads, tuple(rows), total=1)


def _offices(record: Nation, offices: Sequence[OfficeRow], title: str) -> Table:
    mean = record.target.about_mean
    heads = (
        _("licence office"), _("region"), _("registrations\na year"), _("most on\nduty"), estimate_axis(record.target),
        _("95 % interval"), _("verdict"),
    )  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    for office in offices:
        estimate = _("none") if math.isnan(office.estimate) else as_estimate(office.estimate, mean).text
        between = ends(as_estimate(office.low, mean), as_estimate(office.high, mean)).text
        rows.append((
            office.name, office.region, number(office.registrations), number(office.people), estimate, between,
            as_verdict(office.verdict),
        ))  # fmt: skip
    return Table(title, heads, tuple(rows))


def answer(found: Found[Nation]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, files = found.record, found.files("offices")
    every = as_number(len(record.offices), found.cell("offices", "count"))
    registrations = as_number(record.registrations, found.fact("registrations"))
    rate = as_percent(record.about.rule.error, found.fact("about.rule.error"))
    second = said("Together they register {registrations} entities a year.", registrations=registrations)
    if record.judged:
        second = said(
            "Of the verdicts given, at most {rate} % are wrong on average; together the offices register "
            "{registrations} entities a year.", rate=rate, registrations=registrations,
        )  # fmt: skip
    figures = [KeyFigure(_("licence offices"), every, "", EMPTY)]
    for verdict in SHOWN if record.judged else ():
        count = as_number(record.counts[verdict], found.cell("offices", "count", verdict=verdict))
        figures.append(KeyFigure(_(OF_THEM[verdict]), count, "", EMPTY))
    question = Sentence((_("Which offices keep the target?"),))
    return Answer(record.name, question, (Sentence((finding(record) + _("."),), files), second), tuple(figures))


def advice(found: Found[Nation]) -> list[Advice]:
    """Return where to look first: the offices that fail by most."""
    record = found.record
    failing = [office.name for office in record.offices if office.verdict == "FAILS"][:3]
    if not failing:
        return []
    told = _("Look first at the offices that miss the target by most: {names}.", names=_(", ").join(failing))
    return [Advice(_("Offices"), Sentence((told,), found.files("offices")))]
