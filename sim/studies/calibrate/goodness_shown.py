"""How well the fitted distributions do, in sentences: what was tried, how far it is off, what the scenario has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from sim.present.names import capital
from sim.present.numbers import number, share
from sim.studies.calibrate.patience.goodness import REFUTED
from sim.studies.calibrate.records import Calibration
from sim.studies.calibrate.shapes import Goodness
from sim.studies.calibrate.times.durations import SAMPLE
from sim.studies.calibrate.wording import FAMILY_NAMES, step_name
from sim.text import N_, _

PATIENCE_AT = {"phone": N_("patience on the phone"), "hall": N_("patience in the hall")}


def goodness_in_words(record: Calibration) -> list[str]:
    """Return of each service time and patience which distribution it has, how far off that is, and what does not do."""
    told = []
    for (about, step), rows in groupby(record.goodness, key=lambda row: (row.about, row.step)):
        what = _(PATIENCE_AT[step]) if about == "patience" else _("service times, {step}", step=step_name(step))
        told.append(_("{what}: {found}.", what=capital(what), found=_("; ").join(_of_one(list(rows)))))
    return told


def _of_one(rows: Sequence[Goodness]) -> Iterator[str]:
    for row in rows:
        yield _of_patience(row) if row.about == "patience" else _of_service(row)
    last = rows[-1]
    if last.family != SAMPLE and not last.does:
        yield _("it stays, since the log does not tell enough for another")
    if not any(row.used for row in rows):
        yield _("the scenario has that of its parent")


def _of_service(row: Goodness) -> str:
    if row.family == SAMPLE:
        told = _(
            "so the times themselves are taken, {n} of them or the means of as many equal parts as a scenario can hold",
            n=number(row.n),
        )
        more = _("; {number} of more than a day are left out", number=number(row.too_long)) if row.too_long else ""
        return told + more
    words = {"family": _(FAMILY_NAMES[row.family]), "points": _points(row.distance)}
    if row.does:
        return _("{family} fits as far as {n} of them tell: the share of shorter ones is off by {points} at most",
                 n=number(row.n), **words)  # fmt: skip
    return _("{family} does not fit: the share of shorter ones is off by up to {points}", **words)


def _of_patience(row: Goodness) -> str:
    words = {"family": _(FAMILY_NAMES[row.family]), "minutes": f"{row.minutes:,.3g}", "seen": share(row.seen)}
    if row.family == SAMPLE:
        if not row.seen:
            return _("the share that still waits is taken as it is, until nobody does")
        return _(
            "so the share that still waits is taken as it is; beyond {minutes} min, which {seen} would wait, as "
            "exponential", **words,
        )  # fmt: skip
    if row.does and math.isnan(row.chance):
        return _("{family} cannot be tested by these waits, and is off by {points} at most beyond what chance explains",
                 points=_points(row.distance), **words)  # fmt: skip
    if row.does and row.chance <= REFUTED and row.distance > 0:
        return _("{family} fits well enough: off by {points} at most, which is more than chance explains, but little",
                 points=_points(row.distance), **words)  # fmt: skip
    if row.does:
        return _("{family} fits as far as {n} waits tell", n=number(row.n), **words)
    return _("{family} does not fit: after {minutes} min {seen} still wait, by it {fitted}", fitted=share(row.fitted),
             **words)  # fmt: skip


def _points(distance: float) -> str:
    return _("{points} percentage points", points=f"{100 * distance:.1f}")
