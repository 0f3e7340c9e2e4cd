"""What no roster mends, and what may help: in words, and as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sim.present.names import named
from sim.present.numbers import given_share, share, writer
from sim.present.table import Table
from sim.studies.staff.records import AS_IT_IS, AUTOMATIC, REVIEW_OPEN, CheapestRoster, Remedy
from sim.text import N_, _

REMEDIES = {
    AS_IT_IS: N_("hours and approval as they are"),
    REVIEW_OPEN: N_("the review open {value}"),
    AUTOMATIC: N_("{value} approved automatically"),
}


def remedied(record: CheapestRoster) -> list[str]:
    """Return that cases come while a stage is closed, which staff is a dear way to mend, and what may help; or []."""
    if not record.remedies:
        return []
    plain_one, *others = record.remedies
    show = writer(record.target.about_mean)
    told = _(
        "Staff enough for the average flow of cases does not keep it ({figure}): of those that are late, {closed} came "
        "while a stage was closed and are seen together at its opening, which more staff mends at a high price.",
        figure=show(plain_one.figure), closed=share(plain_one.closed),
    )  # fmt: skip
    sign = -1 if record.target.about_mean else 1
    better = [each for each in others if sign * (each.figure - plain_one.figure) > 0]
    if not better:
        return [told]
    texts = {
        REVIEW_OPEN: N_("the review open {value}: {figure}"), AUTOMATIC: N_("{value} approved automatically: {figure}"),
    }  # fmt: skip
    may = [_(texts[each.what], value=_value(each), figure=show(each.figure)) for each in better]
    tried = _("With that staff, a few simulated years give: {remedies}.", remedies=_("; ").join(may))
    return [told, tried, *_to_try(better)]


def remedies_table(record: CheapestRoster) -> Table:
    """Return what may help where as many on duty as there is steady work for are not enough."""
    as_estimated = writer(record.target.about_mean)
    rows = tuple(
        (_(REMEDIES[each.what], value=_value(each)), as_estimated(each.figure), share(each.closed))
        for each in record.remedies
    )  # fmt: skip
    heads = (_("with staff enough for the average flow"), _head(record), _("of the late ones, came\n"
             "to a closed stage"))  # fmt: skip
    note = _("Estimates of few simulated years, not verdicts.")
    return Table(_("What more staff hardly mends, and what may help"), heads, rows, note, wide=frozenset({0}))


def _to_try(remedies: Sequence[Remedy]) -> list[str]:
    """Return the lines of a scenario that the remedies are."""
    lines = {
        REVIEW_OPEN: lambda value: f"hours: {{review: {json.dumps(value.split(', '))}}}",
        AUTOMATIC: lambda value: f"review: {{auto_approved_share: {value}}}",
    }
    told = " / ".join(lines[each.what](each.value) for each in remedies)
    return [_(
        "To see which roster that takes, add to the block of the same name in the scenario, and ask again: {lines}.",
        lines=told,
    )]


def _value(remedy: Remedy) -> str:
    """Return the hours of a remedy, or its share."""
    return given_share(float(remedy.value)) if remedy.what == AUTOMATIC else remedy.value.replace("-", "–")


def _head(record: CheapestRoster) -> str:
    """Return the head of a column of what the target is held against."""
    head = N_("mean {clock}\n[min]") if record.target.about_mean else N_("in time\n({clock})")
    return _(head, clock=named("clock", record.target.clock))
