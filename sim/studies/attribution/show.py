"""What makes the licences late, as it is printed and briefed: tables, the answer and what to do."""

from __future__ import annotations

import math

from sim.present.names import FINDINGS, capital, named, together
from sim.present.numbers import (
    MINUS,
    NOTHING,
    PERCENT,
    minutes,
    number,
    percent,
    plain,
    share,
    signed_alike,
    signed_number,
    with_ends,
)
from sim.present.table import (
    EMPTY,
    MINUTES,
    SHARE,
    Piece,
    Sentence,
    Table,
    Traced,
    as_minutes,
    as_plain,
    as_share,
    as_verdict,
    joined,
    resting_on,
    said,
)
from sim.present.targets import by_target, margin_in_words
from sim.present.terminal import Part
from sim.results.about import Interval
from sim.studies.attribution.records import BETTER, IN_TIME, LATE, Attribution, LatePart, OneMore, Stage
from sim.studies.attribution.sentences import (
    MOST_NAMED,
    WHERE,
    each,
    figure,
    finding,
    levers,
    not_defined,
    notes,
    rests,
    size,
    subtitle,
    what_of,
    who_is_late,
)
from sim.studies.base import Advice, Answer, Found, KeyFigure
from sim.text import N_, _, language

GROUPS = {LATE: N_("late"), IN_TIME: N_("in time")}
PARTS = {"clock": N_("together"), "own time": N_("own time"), "outside": N_("outside the office"), "other": N_("other")}


def short(record: Attribution) -> str:
    """Return the stages to blame; without any, whether that is defined."""
    if record.to_blame:
        return "+".join(named("stage", stage) for stage in record.to_blame)
    return _("none") if record.defined else _("not defined")


def spoken(record: Attribution) -> list[str]:
    """Return sentences that can be read aloud: what the time is made of, what one more is worth, who is late."""
    first = what_of(record) if record.defined else not_defined(record)
    told = [together(first), together(levers(record)), who_is_late(record)]
    return [sentence for sentence in told if sentence]


def report(record: Attribution) -> list[Part]:
    """Return all that is printed: stages, one more of staff, late cases."""
    head = joined([as_verdict(record.verdict), _(": "), finding(record)])
    parts: list[Part] = [f"{record.name}: {subtitle(record)}", head, "", _stages(record)]
    if record.defined:
        parts += [_(
            "What each stage adds, over {replications} replications; together it is the whole, less what would remain "
            "with unlimited staff.", replications=record.stage_replications,
        ), ""]  # fmt: skip
    if record.one_more:
        parts.append(_one_more(record))
    if record.late_cases:
        parts += [_late_cases(record), ""]
    return [*parts, notes(record)]


def _stages(record: Attribution) -> Table:
    alone = by_target(
        record.target, N_("mean with unlimited\nstaff there alone [min]"),
        N_("in time with unlimited\nstaff there alone"),
    )  # fmt: skip
    adds = by_target(record.target, N_("adds [min]"), N_("takes [points]"))
    heads = (_("stage"), adds, _("of the sum"), _("waiting there\n[min a licence]"), alone)
    rows: list[tuple[Piece, ...]] = [(_("with unlimited staff"), whole(record, record.unlimited), "", "", "")]
    for stage in record.stages:
        rows.append((
            named("stage", stage.stage), difference(record, stage.interval), part_of_added(stage),
            minutes(stage.waiting),
            figure(record, stage.alone) if math.isfinite(stage.alone) else _("cannot finish"),
        ))  # fmt: skip
    rows.append((_("as planned"), whole(record, record.whole), "", "", ""))
    return Table(stages_title(record), heads, tuple(rows))


def _one_more(record: Attribution) -> Table:
    saves = by_target(record.target, N_("saves [min a licence]"), N_("gains [points]"))
    heads = (_("one more of"), saves, _("finding"), cost_head(record), price_head(record), _("replications"))
    rows = tuple(
        (
            pool_and_where(lever), difference(record, record.saved(lever)), _finding(record, lever),
            signed_number(lever.cost_difference), price(lever), number(lever.replications),
        )
        for lever in record.one_more
    )  # fmt: skip
    return Table(one_more_title(record), heads, rows)


def _finding(record: Attribution, lever: OneMore) -> Traced:
    """Return what was found of one more, and whether it is too little to matter."""
    text = _(FINDINGS[lever.finding])
    if lever.finding != BETTER:
        return Traced(text, lever.finding)
    if record.saved(lever).high < record.target.margin:
        text += _(", but by less than {margin}", margin=margin_in_words(record.target))
    return Traced(text, lever.finding, tone="good" if record.matters(lever) else "close")


def _late_cases(record: Attribution) -> Table:
    late, groups = record.late, [group for group in (LATE, IN_TIME) if record.by_part(group)]
    rows = [(part_name(part), *(_mean_minutes(record, group, part) for group in groups)) for part in record.parts]
    note = _("{group}: {share}", group=_("late"), share=share(late.share))
    if not math.isnan(late.low):
        note += _(" ({level} % interval {low} – {high})", level=percent(record.about.rule.confidence),
                  low=share(late.low), high=share(late.high))  # fmt: skip
    title = _("Late cases and those in time, mean minutes ({replications} replications)",
              replications=late.replications)  # fmt: skip
    return Table(title, (_("part"), *(_(GROUPS[group]) for group in groups)), tuple(rows), note)


def _mean_minutes(record: Attribution, group: str, part: str) -> str:
    row = record.by_part(group).get(part)
    if row is None:
        return NOTHING
    return minutes(row.minutes) if math.isnan(row.low) else with_ends(*map(minutes, (row.minutes, row.low, row.high)))


def difference(record: Attribution, found: Interval) -> str:
    """Return a difference with its interval, if it has one."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return signed_alike([found.estimate], record.about_mean)[0]
    return with_ends(*signed_alike([found.estimate, found.low, found.high], record.about_mean))


def whole(record: Attribution, found: Interval) -> str:
    """Return the figure of the plan, or that with unlimited staff, with its interval, if it has one."""
    estimate, low, high = (figure(record, value) for value in (found.estimate, found.low, found.high))
    return estimate if math.isnan(found.low) else with_ends(estimate, low, high)


def price(lever: OneMore) -> str:
    """Return the cost of a minute saved with its interval, or that there is no saving."""
    if math.isnan(lever.cost_per_minute):
        # What saves beyond all measure has no price, though it saves.
        return NOTHING if lever.finding == BETTER else _("no saving found")
    return with_ends(*map(each, (lever.cost_per_minute, lever.cost_per_minute_low, lever.cost_per_minute_high)))


def pool_and_where(lever: OneMore) -> str:
    """Return of which pool there is one more, and when."""
    return _("{pool}, {where}", pool=named("pool", lever.pool), where=_(WHERE[lever.where]))


def part_of_added(stage: Stage) -> str:
    """Return a stage's part of all that the stages add."""
    if math.isnan(stage.share):
        return NOTHING
    text = f"{stage.share:.1%}".replace("%", PERCENT[language()]).replace("-", MINUS)
    return text if text.strip(f"{MINUS}0. %") else text.removeprefix(MINUS)


def part_name(part: str) -> str:
    """Return the name of a part of the clock, such as "wait review"."""
    kind, __, stage = part.partition(" ")
    if kind == "wait":
        return _("waiting for {stage}", stage=named("stage", stage))
    if kind == "closed":
        return _("waiting for {stage} (came closed)", stage=named("stage", stage))
    if kind == "service":
        return _("service at {stage}", stage=named("stage", stage))
    return _(PARTS[part])


def in_words(record: Attribution, column: str, row: Stage | OneMore | LatePart) -> str | None:
    """Return what a workbook shows in place of a code."""
    value = getattr(row, column)
    if column == "part":
        return part_name(value)
    names = {"where": WHERE, "group": GROUPS, "finding": FINDINGS}
    return _(names[column][value]) if column in names else None


def stages_title(record: Attribution) -> str:
    """Return the heading of what the stages add."""
    return by_target(
        record.target, N_("What each stage adds to the mean {clock} [min]"),
        N_("What each stage takes of the share within {minutes} min [percentage points]"),
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
    )  # fmt: skip


def one_more_title(record: Attribution) -> str:
    """Return the heading of what one more saves."""
    return by_target(
        record.target, N_("One more of each pool: minutes saved a licence"),
        N_("One more of each pool: percentage points more in time"),
    )  # fmt: skip


def price_head(record: Attribution) -> str:
    """Return the head of the costs of what is saved."""
    return by_target(record.target, N_("yuan a minute\nof licences saved"), N_("yuan a licence more in time"))


def cost_head(record: Attribution) -> str:
    """Return the head of costs: a year's, or those of the days simulated."""
    return _("yuan a year") if record.whole_year else _("cost [yuan]")


def answer(found: Found[Attribution]) -> Answer:
    """Return question, answer and numbers to remember of a briefing about this."""
    record, figures = found.record, []
    if record.defined and record.about_mean:
        target = as_plain(record.target.promised, found.fact("target.minutes"), MINUTES)
        figures = [
            KeyFigure(_("mean {clock}", clock=named("clock", record.target.clock)),
                      as_minutes(record.whole.estimate, found.fact("whole.estimate")), _("min"),
                      said("target: at most {minutes} min", minutes=target)),
            KeyFigure(_("with unlimited staff"),
                      as_minutes(record.unlimited.estimate, found.fact("unlimited.estimate")), _("min"),
                      Sentence((capital(rests(record)),))),
        ]  # fmt: skip
    if record.by_part(LATE):
        late = as_share(record.late.share, found.fact("late.share"))
        figures.append(KeyFigure(_("of licences are late"), late, "", EMPTY))
    stop = _(".")
    sentences = resting_on(_files(found), finding(record).removesuffix(stop) + stop, *spoken(record)[:1])
    question = Sentence((_("Which stage makes licences late?"),))
    verdict = as_verdict(record.verdict, found.fact("verdict"))
    return Answer(record.title, question, sentences, tuple(figures), verdict)


def advice(found: Found[Attribution]) -> list[Advice]:
    """Return what one more of staff is worth in this scenario."""
    text = resting_on(_files(found), together(levers(found.record)))
    return [Advice(_("One more"), said("{whole}: {part}", whole=found.record.title, part=part)) for part in text]


def because(found: Found[Attribution]) -> Sentence:
    """Return which stages cause the waiting of a run's plan, as a clause; nothing if none is found to."""
    record = found.record
    if not record.defined or not record.to_blame:
        return EMPTY
    by_name = {stage.stage: stage.contribution for stage in record.stages}
    blamed = []
    for stage in record.to_blame[:MOST_NAMED]:
        source = found.cell("stages", "contribution", stage=stage)
        added = Traced(size(record, by_name[stage]), by_name[stage], source, MINUTES if record.about_mean else SHARE)
        template = N_("{stage} ({minutes} min)") if record.about_mean else N_("{stage} ({minutes} points)")
        blamed.append(said(template, stage=named("stage", stage), minutes=added))
    stages = joined(blamed, _(" and "))
    if not record.about_mean:
        return said("most of what is lost is lost to short staff at {stages}", stages=stages)
    work = as_minutes(record.unlimited.estimate, found.fact("unlimited.estimate"))
    return said(
        "with unlimited staff it would be {work} min; the rest comes of limited staff, most of it at {stages}",
        work=work, stages=stages,
    )  # fmt: skip


def _files(found: Found[Attribution]) -> tuple[str, ...]:
    return found.files("stages", "one_more", "late_cases", "week")
