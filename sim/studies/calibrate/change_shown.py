"""What has changed since an older log: in the report, in a line, and to be read aloud."""

from __future__ import annotations

from sim.present.names import capital, listed, together
from sim.present.numbers import NOTHING, in_cell, number, signed_alike, with_ends, writer
from sim.present.table import Piece, Table, Traced
from sim.present.targets import by_target, promised_text
from sim.present.terminal import Part
from sim.results.about import Interval
from sim.studies.calibrate.changes import FEW, CauseOfChange, Change, Moved, index_of
from sim.studies.calibrate.log.steps import FEW_DAYS
from sim.studies.calibrate.records import Calibration, Estimate
from sim.studies.calibrate.wording import estimate_in_words, figure_name
from sim.text import N_, _, _c

CAUSES = {
    "demand": N_("how many come, and when"),
    "mix": N_("who comes, and by which way"),
    "times": N_("how long services take"),
    "own": N_("applicants' own time"),
    "returns": N_("returns and calling again"),
    "patience": N_("patience"),
    "staff": N_("hours and staff"),
    "other": N_("other figures that moved"),
    "rest": N_("the rest"),
}
MOST_NAMED = 4
"""Figures that are named in a sentence."""


def change_finding(record: Calibration) -> str:
    """Return how many figures moved since an older log, as the end of a line; empty if there is none."""
    if record.change is None:
        return ""
    moved = sum(each.moved for each in record.moved)
    return _("; since {since}, {moved} of {all} figures moved", since=record.change.since, moved=moved,
             all=len(record.moved))  # fmt: skip


def change_report(record: Calibration) -> list[Part]:
    """Return which figures moved, and what each cause does to what is promised."""
    change = record.change
    if change is None:
        return []
    return ["", *_moved(record, change), "", *_causes(record, change)]


def _moved(record: Calibration, change: Change) -> list[Part]:
    moved = [each for each in record.moved if each.moved]
    told = _(
        "Held against {since} ({first} to {last}): {all} figures are told by both logs. The chance that any is said to "
        "have moved that has not is at most {error} %.", since=change.since, first=change.first, last=change.last,
        all=number(len(record.moved)), error=number(100 * change.error),
    )  # fmt: skip
    both = _in_both(record, change)
    if not moved:
        return [told, *both, _("None has moved by more than chance explains in so many.")]
    rows: list[tuple[Piece, ...]] = []
    for cause in dict.fromkeys(each.cause for each in record.moved):
        mine = [each for each in moved if each.cause == cause]
        rows += [
            (capital(figure_name(each.name)), *_before_and_now(each), _(CAUSES[cause]))
            for each in mine if not index_of(each.name)
        ]  # fmt: skip
        for name in dict.fromkeys(index_of(each.name) for each in mine if index_of(each.name)):
            of_all = [sum(index_of(each.name) == name for each in among) for among in (mine, record.moved)]
            cell = _("{number} of {all}", number=of_all[0], all=of_all[1])
            rows.append((capital(figure_name(name)), NOTHING, cell, _(CAUSES[cause])))
    heads = (_c("parameter column", "what"), _("before"), _("now"), _("cause"))
    return [Table(_("What has moved since {since}", since=change.since), heads, tuple(rows)), told, *both]


def _in_both(record: Calibration, change: Change) -> list[str]:
    """Return that the two logs have days in common, if their periods do."""
    first, last = max(record.log.first, change.first), min(record.log.last, change.last)
    if first > last:
        return []
    return [_("Both logs have {first} to {last}: what they share does not differ, so a change since is found later "
              "than between logs that follow each other.", first=first, last=last)]  # fmt: skip


def _before_and_now(each: Moved) -> tuple[str, str]:
    cells = []
    for value, low, high in ((each.before, each.before_low, each.before_high), (each.value, each.low, each.high)):
        told, interval = estimate_in_words(Estimate(each.name, value, low, high, 0, "", each.unit))
        cells.append(f"{told} ({interval})")
    return cells[0], cells[1]


def _causes(record: Calibration, change: Change) -> list[Part]:
    if change.why == FEW:
        return [_("With fewer than {days} working days in one of the logs, the difference is not divided.",
                  days=FEW_DAYS)]  # fmt: skip
    if change.why:
        return [_("No office lies between the two, so the difference has no parts.")]
    if not record.causes:
        return [_("The two fitted offices are the same, so nothing changes what is promised.")]
    if not change.defined:
        return [_("One of the two fitted offices cannot finish its cases, so the difference has no parts.")]
    heads = (_("cause"), by_target(change.target, N_("changes the mean [min]"), N_("changes the share [points]")),
             _("figures that have moved"))  # fmt: skip
    rows: list[tuple[Piece, ...]] = [(_("as {since} has it", since=change.since), _whole(change, change.before), "")]
    for each in record.causes:
        clear = is_clear(change, each)
        size = Traced(change_size(change, each.interval), tone="close" if clear else "")
        rows.append((_(CAUSES[each.cause]), size, of_figures(each)))
    rows.append((_("as this log has it"), _whole(change, change.now), ""))
    title = by_target(change.target, N_("What that does to the mean of the fitted offices"),
                      N_("What that does to the share in time of the fitted offices"))  # fmt: skip
    return [
        Table(title, heads, tuple(rows)),
        _(
            "Over {replications} replications; all together are the difference. The rest is what differs between the "
            "two fits without a figure that moved. The intervals are of the simulation: the values of both logs are "
            "taken as they are.",
            replications=change.replications,
        ),
    ]  # fmt: skip


def is_clear(change: Change, cause: CauseOfChange) -> bool:
    """Return whether a cause is found to matter: figures of it have moved, and they do so by the margin or more."""
    return cause.moved > 0 and (cause.low > 0 or cause.high < 0) and abs(cause.contribution) >= change.target.margin


def _whole(change: Change, of: Interval) -> str:
    cells = [in_cell(value, change.target.about_mean) for value in (of.estimate, of.low, of.high)]
    return with_ends(cells[0], cells[1], cells[2]) if of.low < of.high else cells[0]


def of_figures(cause: CauseOfChange) -> str:
    """Return how many of a cause's figures have moved; a dash of the rest."""
    return number(cause.moved) if cause.moved else NOTHING


def change_size(change: Change, of: Interval) -> str:
    """Return what a cause changes, with its interval if there is one."""
    if not of.low < of.high:
        return signed_alike([of.estimate], change.target.about_mean)[0]
    estimate, low, high = signed_alike([of.estimate, of.low, of.high], change.target.about_mean)
    return with_ends(estimate, low, high)


def change_spoken(record: Calibration) -> str:
    """Return what has moved and what that does, as it can be read aloud; empty if there is no older log."""
    change = record.change
    if change is None:
        return ""
    moved = [each for each in record.moved if each.moved]
    names = list(dict.fromkeys(figure_name(index_of(each.name) or each.name) for each in moved))
    if not names:
        told = _("Since {since}, none of {all} figures has moved by more than chance explains in so many.",
                 since=change.since, all=len(record.moved))  # fmt: skip
    elif len(names) <= MOST_NAMED:
        told = _("Since {since}, {moved} of {all} figures moved: {names}.", since=change.since, moved=len(moved),
                 all=len(record.moved), names=listed(names))  # fmt: skip
    else:
        told = _("Since {since}, {moved} of {all} figures moved, {names} among them.", since=change.since,
                 moved=len(moved), all=len(record.moved), names=listed(names[:MOST_NAMED]))  # fmt: skip
    clear = sorted((each for each in record.causes if is_clear(change, each)), key=lambda each: -abs(each.contribution))
    if not change.defined or not clear:
        return told
    named = [_(CAUSES[each.cause]) for each in clear]
    contributions = [each.contribution for each in clear]
    others = change.now.estimate - change.before.estimate - sum(contributions)
    if abs(others) >= change.target.margin:
        # Else the parts would not add up to what the title says.
        named, contributions = [*named, _("all else together")], [*contributions, others]
    sizes = signed_alike(contributions, change.target.about_mean)
    parts = listed(_("{cause} {size}", cause=cause, size=size) for cause, size in zip(named, sizes, strict=True))
    return together([told, _("{title}: {parts}.", title=change_title(change), parts=parts)])


def change_title(change: Change) -> str:
    """Return from where to where what is promised has gone."""
    write = writer(change.target.about_mean)
    return by_target(
        change.target,
        N_("The mean of the fitted offices goes from {before} to {now} min ({promised})"),
        N_("The share in time of the fitted offices goes from {before} to {now} ({promised})"),
        before=write(change.before.estimate), now=write(change.now.estimate), promised=promised_text(change.target),
    )  # fmt: skip
