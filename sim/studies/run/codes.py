"""The codes in the figures of a run, in words."""

from __future__ import annotations

from collections.abc import Mapping

from sim.present.names import CLOCKS, named
from sim.present.probabilities import cause_name
from sim.studies.run.records import Cause, Run, SummaryRow
from sim.text import N_, _

GROUPS = {"class": N_("class"), "channel": N_("channel"), "stage": N_("stage"), "pool": N_("staff")}
SUBJECTS = CLOCKS | {
    "again": N_("sent back for correction"),
    "cases": N_("cases"),
    "days": N_("days"),
    "gave up": N_("gave up waiting"),
    "queue": N_("queue"),
    "sent home": N_("sent home"),
    "service": N_("service"),
    "staff": N_("staff"),
    "visits": N_("visits"),
    "wait": N_("wait"),
}
STATISTICS = {
    "any": N_("share who wait"),
    "cost": N_("cost"),
    "in": N_("in"),
    "keeping the target": N_("keeping the target"),
    "licensed": N_("licensed"),
    "lost after submission": N_("lost after submission"),
    "mean": N_("mean"),
    "never submitted": N_("never submitted"),
    "number": N_("number"),
    "of all submitted": N_("of all submitted"),
    "on target in": N_("counted by the target, in"),
    "on target licensed": N_("counted by the target, licensed"),
    "overtime": N_("overtime"),
    "peak half-hour": N_("peak half-hour"),
    "per licence": N_("a licence"),
    "per visit": N_("a visit"),
    "share": N_("share"),
    "staff hours": N_("staff-hours"),
    "submitted": N_("submitted"),
    "utilisation": N_("utilisation"),
    "within": N_("within the target's minutes"),
    "worst mean": N_("worst day's mean"),
}
UNITS = {
    "1": N_("a visit"),
    "cases": N_("cases"),
    "h": N_("h"),
    "min": N_("min"),
    "share": N_("share"),
    "visits": N_("visits"),
    "yuan": N_("yuan"),
}
CODES: Mapping[str, Mapping[str, str]] = {
    "subject": SUBJECTS, "by": GROUPS, "statistic": STATISTICS, "unit": UNITS,
}  # fmt: skip
"""By column of the figures: its codes in words."""


def in_words(record: Run, column: str, row: object) -> object:
    """Return the codes of the figures, and the names of what a log leaves open, in words."""
    if isinstance(row, Cause) and column == "parameter":
        return cause_name(row.parameter)
    if not isinstance(row, SummaryRow):
        return None
    value = getattr(row, column)
    if column == "group":
        return named(row.by, value) if row.by else value
    known = CODES.get(column, {})
    return _(known[value]) if value in known else None
