"""All that a replay's page says, in the language spoken here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from sim.present.names import named
from sim.program import DISTRIBUTION
from sim.text import _, _c


def labels(names: Mapping[str, Iterable[str]], offices: int, seed: int, fitted: bool) -> dict[str, str]:
    """Return all labels by the names that the page's scripts use, with gaps that they fill.

    Parameters
    ----------
    names : mapping of str to iterable of str
        Of the offices' stages, classes and pools.
    offices : int
    seed : int
    fitted : bool
        Whether something of an office was fitted to a log.
    """
    return _names(names) | {
        # What the page is
        "source": _source(offices, seed, fitted),
        "day heading": _("A day in the office"),
        "week heading": _("A week in the office"),
        "two heading": _("Two plans, the same applicants"),
        "date": _("{weekday} {day} {month} {year}"),
        "weekdays": _("Mon Tue Wed Thu Fri Sat Sun"),
        "months": _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        # Controls
        "play": _("Play"),
        "pause": _("Pause"),
        "again": _("Again"),
        "start": _("To the start of the day"),
        "speed": _("Speed"),
        "times": _("{speed}×"),
        "scrub": _("Time of day"),
        "day": _("Day"),
        "dark": _("Dark"),
        "light": _("Light"),
        "keys": _("Space: play or pause · ← →: 5 minutes (with Shift 30) · + −: speed · nights pass 8 times as fast"),
        "midday": _("midday duty post"),
        "closed": _("closed"),
        "broken": _("system down"),
        # Counters
        "licences": _("licences issued"),
        "waiting": _("waiting now"),
        "mean": _("mean licence time so far"),
        "minutes": _("{value} min"),
        "target": _("target {minutes} min"),
        "within": _c("replay within", "within {minutes} min"),
        "longer": _("over {minutes} min"),
        "below": _("✓ {value} below {minutes} min"),
        "share kept": _("✓ {value} points above {level}%"),
        "share missed": _("✗ {value} points below {level}%"),
        "above": _("✗ {value} above {minutes} min"),
        "gave up": _("gave up waiting"),
        "difference": _("Difference: B − A"),
        "week so far": _("week so far: {licences} licences, mean {mean} min"),
        "submitted": _(
            "{submitted} registrations were submitted on this day; their mean licence time, of those finished on later "
            "days too, is {mean} min."
        ),
        # The office
        "own": _("On their own"),
        "form": _("filling in the form"),
        "calls": _("will redial"),
        "way": _("on the way"),
        "correcting": _("correcting"),
        "fetching": _("will fetch it"),
        "machine": _("automatic approval"),
        "hall": _("Hall"),
        "out": _("Licence issued"),
        "done": _("other business done"),
        "left": _("left without filing"),
        "room": _("waiting {waiting}"),
        "staff": _("{busy} of {duty} busy"),
        "nobody": _("nobody on duty"),
        "overtime": _(" · {overtime} overtime"),
        "lost": _("gave up {number}"),
        "more": _("+{number} more"),
        "helps phone": _("calls"),
        "helps filing": _("filing"),
        "helps studio": _("studio"),
        "helps key": _("key desk"),
        "helps review": _("review"),
        "helps issue": _c("replay helps issue", "counter"),
        # Legend
        "legend": _("Legend"),
        "busy": _("busy"),
        "free": _("free"),
        "off": _("off duty"),
        "stays": _("stays with applicant"),
        "late": _("overtime"),
        "helping": _("helps elsewhere"),
        "gives up": _("gives up waiting"),
        "class inquiry": _("inquiries only"),
        # The sparkline
        "spark waiting": _c("replay spark waiting", "waiting"),
        "spark licence": _("licence time [min]"),
        "spark note": _("dots: single licences · line: mean so far"),
        "spark target": _(" · level dashes: the target's minutes"),
        # For whom does not see the picture
        "picture": _(
            "{office} at {time}: {waiting} waiting, {busy} of {duty} on duty busy, {licences} licences issued."
        ),
        "table": _("The moment in numbers"),
        "column stage": _("stage"),
        "column waiting": _("waiting"),
        "column busy": _("busy"),
        "column duty": _("on duty"),
        "column gave up": _("gave up so far"),
        "since": _("{who}: {what}, since {time}"),
        "earlier": _("before today"),
        "is waiting": _("waiting for {stage}"),
        "is served": _c("replay is served", "{stage}"),
    }


def _names(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what stages, classes and pools are called, and the stages once more as what a helper is doing."""
    helps = {f"helps {stage}": named("stage", stage) for stage in names["stage"]}
    return helps | {f"{what} {name}": named(what, name) for what, each in names.items() for name in each}


def _source(offices: int, seed: int, fitted: bool) -> str:
    """Return the line below a replay: what it was made from, and how much a single day says."""
    basis = (
        _("Some parameters are fitted to a log, the others are assumptions")
        if fitted
        else _("Staffing and step times are assumptions")
    )
    values = {"seed": seed, "version": version(DISTRIBUTION), "basis": basis}
    if offices == 1:
        return _(
            "Simulation: one replication, seed {seed}, version {version}. {basis}; the numbers of one day are chance "
            "too, the verdict needs many.", **values,
        )  # fmt: skip
    return _(
        "Simulation: one replication, the same seed {seed} for both plans, version {version}. {basis}; the numbers of "
        "one day are chance too, the verdict needs many.", **values,
    )  # fmt: skip
