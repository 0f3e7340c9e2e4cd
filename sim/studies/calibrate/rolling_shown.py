"""How the model does through a log's last year, each period foretold by fits to the days before it, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.present.names import capital
from sim.present.numbers import NOTHING, number
from sim.present.table import Piece, Table, Traced
from sim.present.terminal import Part
from sim.studies.calibrate.held_out.rolling_errors import FEWEST_PERIODS, OLDER, Course, against, courses, of_age
from sim.studies.calibrate.records import Calibration, Foretold
from sim.studies.calibrate.sentences import MEASURES, by_chance, mark_of
from sim.studies.calibrate.wording import day_spoken, step_name
from sim.text import _

WEEKS = 4 * OLDER


def own(record: Calibration) -> list[Foretold]:
    """Return the periods as foretold by fits like that of the record."""
    return record.foretold(record.log.half_life)


def young(record: Calibration) -> list[Foretold]:
    """Return the figures that the youngest fits foretell, of which both sides are known and that could be missed."""
    return [row for row in of_age(own(record), 0) if row.comparable and row.telling]


def periods(rows: Sequence[Foretold]) -> int:
    """Return how many periods some figures are of."""
    return len({row.first for row in rows})


def rolling_report(record: Calibration) -> list[Part]:
    """Return the table of the figures through the periods; nothing if none was asked for or there are no periods."""
    rows = young(record)
    if not rows:
        return []
    found = courses(own(record))
    table: list[tuple[Piece, ...]] = []
    ends = set()
    for step in dict.fromkeys(course.step for course in found):
        table.append((step_name(step), *[""] * 5))
        table += [_row(course) for course in found if course.step == step]
        ends.add(len(table) - 1)
    heads = (_("measure"), _("inside, of\nperiods"), _("log / model,\nmedian"), _("off, in half-\nintervals"),
             _("by fits {weeks}\nweeks older", weeks=WEEKS), _("first outside"))  # fmt: skip
    title = _("Rolling back-test: {periods} periods of up to four weeks, each foretold by a fit to the days before it",
              periods=periods(rows))  # fmt: skip
    return [
        "", Table(title, heads, tuple(table), wide=frozenset({5}), parts=frozenset(ends)),
        _(
            "{first} to {last}. By chance alone about {chance} of {all} would lie outside. Off: the distance of log "
            "and model, in halves of the 95 % interval; the older fits are held against the young ones in the same "
            "periods.",
            first=min(row.first for row in rows), last=max(row.last for row in rows), chance=by_chance(len(rows)),
            all=number(len(rows)),
        ),
        age_in_words(record),
        *half_lives_in_words(record),
    ]  # fmt: skip


def _row(course: Course) -> tuple[Piece, ...]:
    all_, out = len(course.rows), course.out
    inside = f"{course.inside}/{all_}" if all_ else NOTHING
    first = "" if out is None else _("{first} to {last}: {mark}", first=out.first, last=out.last, mark=mark_of(out))
    return (
        f"  {_(MEASURES[course.measure])}", Traced(inside, tone="bad" if course.too_few else ""),
        _or_dash(course.ratio, 2), _or_dash(course.off, 2), _or_dash(course.off_older, 2), first,
    )  # fmt: skip


def _or_dash(value: float, digits: int) -> str:
    return number(value, digits) if math.isfinite(value) else NOTHING


def age_in_words(record: Calibration) -> str:
    """Return whether what is foretold gets worse with the age of the fit."""
    found = against(of_age(own(record), 0), of_age(own(record), OLDER))
    if math.isnan(found.p):
        return _("Whether errors grow with the age of a fit cannot be told from {periods} periods; it takes {fewest}.",
                 periods=found.periods, fewest=FEWEST_PERIODS)  # fmt: skip
    values = {"one": number(found.one, 2), "other": number(found.other, 2), "weeks": WEEKS, "periods": found.periods}
    if not found.clear:
        return _("With fits that are {weeks} weeks older, errors are {other} instead of {one}, no more than chance "
                 "explains in {periods} periods.", **values)  # fmt: skip
    if found.other > found.one:
        return _("Errors grow with the age of a fit: with those that are {weeks} weeks older they are {other} instead "
                 "of {one}, in {periods} periods.", **values)  # fmt: skip
    return _("Errors shrink with the age of a fit: with those that are {weeks} weeks older they are {other} instead "
             "of {one}, in {periods} periods.", **values)  # fmt: skip


def half_lives_in_words(record: Calibration) -> list[str]:
    """Return how fits with other half-lives foretell the same periods: better or worse only beyond chance."""
    mine = record.log.half_life
    if mine is None:
        return []
    weeks_of = dict.fromkeys(row.half_life for row in record.rolling if row.half_life != mine)
    others = [*(weeks for weeks in weeks_of if not math.isnan(weeks)), None]
    told = []
    for weeks in others:
        found = against(of_age(own(record), 0), of_age(record.foretold(weeks), 0))
        values = {"this": _half_life(mine), "that": _half_life(weeks), "one": number(found.one, 2),
                  "other": number(found.other, 2), "periods": found.periods}  # fmt: skip
        if math.isnan(found.p):
            told.append(_("{this} or {that}: {periods} periods are too few to tell which foretells better.", **values))
        elif not found.clear_among(len(others)):
            told.append(_("{this} against {that}: errors of {one} and {other}, no more apart than chance explains in "
                          "{periods} periods.", **values))  # fmt: skip
        elif found.one < found.other:
            told.append(_("{this} foretells better than {that}: errors of {one} and {other}, in {periods} periods.",
                          **values))  # fmt: skip
        else:
            told.append(_("{this} foretells worse than {that}: errors of {one} and {other}, in {periods} periods.",
                          **values))  # fmt: skip
    return [capital(each) for each in told]


def _half_life(weeks: float | None) -> str:
    return _("all days alike") if weeks is None else _("a half-life of {weeks} weeks", weeks=f"{weeks:g}")


def rolling_spoken(record: Calibration) -> str:
    """Return how many figures are foretold through the periods; empty if there are none."""
    rows = young(record)
    if not rows:
        return ""
    return _(
        "From {first} to {last}, foretold up to four weeks at a time by fits to the days before, {inside} of {all} "
        "figures lie inside the model's intervals; with a model that is right it would be about {about}.",
        first=day_spoken(min(row.first for row in rows)), last=day_spoken(max(row.last for row in rows)),
        inside=number(sum(row.inside for row in rows)), all=number(len(rows)), about=number(round(0.95 * len(rows))),
    )  # fmt: skip


def rolling_title(record: Calibration) -> str:
    """Return how many figures the model foretells through the periods."""
    rows = young(record)
    return _("Rolling back-test: {inside} of {all} figures in {periods} periods are foretold",
             inside=number(sum(row.inside for row in rows)), all=number(len(rows)), periods=periods(rows))  # fmt: skip
