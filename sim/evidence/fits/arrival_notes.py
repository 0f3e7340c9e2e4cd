"""What there is to say of the days and the arrivals of a log: facts, which the briefing puts into words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.office.parameters.fields import show_time

if TYPE_CHECKING:
    from sim.evidence.fits.arrivals import ArrivalFit

MOST_LISTED = 5
"""Days named one by one."""

DAYS = ("mon", "tue", "wed", "thu", "fri")


class Note(NamedTuple):
    """A fact.

    Attributes
    ----------
    what : str
        Which one; the briefing has a sentence for each.
    values : dict
        What the sentence says: numbers, dates and times as text, or lists of these.
    """

    what: str
    values: dict[str, float | str | list[int] | list[str]]


def notes_of(fit: ArrivalFit) -> Iterator[Note]:
    """Yield what there is to say, in the order in which it is said."""
    opened, seasons, hours = fit.opened, fit.seasons, fit.half_hours
    covered = {"days": len(opened.dates), "contacts": len(fit.contacts)}
    yield Note("covers", {"first": str(opened.first), "last": str(opened.last), **covered})
    for what, cases in (
        ("untimed", fit.contacts.untimed), ("begun before", fit.contacts.begun_before), ("outside", opened.outside),
    ):  # fmt: skip
        if cases:
            yield Note(what, {"cases": int(cases)})
    for what, days in (("worked here only", opened.add), ("not worked here", opened.remove)):
        if days:
            yield Note(what, {"days": list(map(str, days[:MOST_LISTED])), "more": len(days[MOST_LISTED:])})
    if opened.unknown_years:
        yield Note("unknown years", {"years": list(map(str, opened.unknown_years))})
    if not seasons.estimated:
        yield Note("no seasons", {})
    elif seasons.months_seen.sum() == 1:
        yield Note("one month", {})
    elif not seasons.months_seen.all():
        yield Note("months missing", {"months": (np.flatnonzero(~seasons.months_seen) + 1).tolist()})
    if not seasons.weekdays_seen.all():
        yield Note("weekdays missing", {"weekdays": [DAYS[day] for day in np.flatnonzero(~seasons.weekdays_seen)]})
    for what, found in (("make-up days", seasons.make_up), ("growth", seasons.growth)):
        if not math.isnan(found[0]):
            value, low, high = map(float, found)
            yield Note(what, {"value": value, "low": low, "high": high, "year": str(seasons.year),
                              "before": str(seasons.year - 1)})  # fmt: skip
    yield Note("hours", {"begin": show_time(hours.opens), "end": show_time(hours.closes)})
    if fit.submissions:
        yield Note("submissions", {})
    for odd in seasons.odd_days[:MOST_LISTED]:
        yield Note("odd day", {"day": str(odd.day), "seen": int(odd.seen), "expected": round(float(odd.expected)),
                               "residual": float(odd.residual)})  # fmt: skip
    if more := len(seasons.odd_days[MOST_LISTED:]):
        yield Note("odd days more", {"days": more})
    if seasons.odd_days:
        without, counted = float(seasons.cv_without_odd_days), float(seasons.day_cv[0])
        yield Note("odd days matter", {"without": without, "counted": counted})
