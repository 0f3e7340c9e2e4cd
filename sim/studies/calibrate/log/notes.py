"""What there may be to say of the days and the arrivals of a log, and of what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.text import N_

NOTES = {
    "covers": N_("The log covers {first} to {last}: {days} working days, {contacts} first contacts."),
    "recency": N_(
        "The older a day, the less it counts, with a half-life of {weeks} weeks: {told} of {days} working days do. "
        "Opening hours and what makes files wait are those of all days."
    ),
    "no rolling": N_(
        "There is no rolling back-test: it needs four weeks to fit to, with 8 working days, and 8 working days after "
        "them."
    ),
    "untimed": N_("Left out: {cases} cases without a time at their first row."),
    "begun before": N_(
        "Not among those who come: {cases} cases that the log has only from a decision or the counter on. They began "
        "before it."
    ),
    "outside": N_("Left out: {cases} cases that began before or after these days."),
    "worked here only": N_("Worked, but not in the nation: {days}."),
    "not worked here": N_("Not worked, but in the nation: {days}."),
    "unknown years": N_(
        "The public holidays of {years} are not known: Monday to Friday, without days on which nobody worked."
    ),
    "no seasons": N_("Too few days or contacts for months and weekdays: their indices are the parent's."),
    "one month": N_("There is one month only: the month index is the parent's."),
    "months missing": N_("Not in the log: {months}; their indices are the parent's."),
    "weekdays missing": N_("No working {weekdays}; their indices are the parent's."),
    "make-up days": N_("A make-up day has {value} ({low} to {high}) of an average weekday; 1 is simulated."),
    "growth": N_("{year} against {before}, day by day: {value} % ({low} to {high} %)."),
    "hours": N_("First contacts come between {begin} and {end}."),
    "come outside": N_(
        "Of those who call or come to the hall, {share} % do so at hours at which nobody does in {parent}: the profile "
        "of the day reaches as far as they do."
    ),
    "other hours": N_(
        "The opening hours of {parent} are changed to those in which people come and are served: the hall {office}, "
        "the phone {phone}; the licence time still counts {clock}."
    ),
    "closed": N_(
        "Closed in {hours} by the log: {steps}. Hardly anybody who comes then is served then, though many are at other "
        "hours."
    ),
    "no review": N_(
        "Nobody on duty for the review in {hours} by the log: hardly any is begun then, though many are before and "
        "after."
    ),
    "hardly come": N_(
        "Hardly anybody calls or comes to the hall in {hours}, while {parent} is open; if the office is closed then, a "
        "--parent with its hours fits better."
    ),
    "other variation": N_(
        "Service times, {step}: their coefficient of variation in the log is {seen}, which no scenario can have; "
        "it has the nearest that one can, {held}."
    ),
    "nobody gave up": N_(
        "{group}: nobody gave up in {hours} hours of waiting, so with 95 % it is {least} minutes or more on average, "
        "which the scenario has. That takes the log for one of all who waited: of answered ones alone it would show "
        "the same."
    ),
    "nobody hangs up": N_(
        "{group}: nobody gave up in {hours} hours of waiting, so with 95 % it is {least} minutes or more on average, "
        "and in the scenario nobody hangs up. That takes the log for one of all who waited: of answered ones alone it "
        "would show the same."
    ),
    "another order": N_(
        "Order, {step}: of those that came later, more are begun before most that have waited longer than even half of "
        "all going first by lot would explain. They go by an order that is not looked for; the scenario keeps its own."
    ),
    "several at once": N_(
        "{step}: of {services} services by name {share} % go on side by side with another one of the same person, who "
        "has several cases in hand at once, or a name that is shared. In the scenario each has up to {cases}; the plan "
        "counts people, and services take as long as in the log."
    ),
    "outside in hours": N_(
        "Of {files} files of which the log tells when they were submitted {share} % joined the review's queue more "
        "than {minutes} minutes later, and hardly any while the review was closed. In the scenario they are outside "
        "the office until then, for a time that passes in the hours of the review. The log does not say where they "
        "were."
    ),
    "outside by the clock": N_(
        "Of {files} files of which the log tells when they were submitted {share} % joined the review's queue more "
        "than {minutes} minutes later, many of them while the review was closed. In the scenario they are outside the "
        "office until then, for a time on the wall clock. The log does not say where they were."
    ),
    "later at the counter": N_(
        "Of {cases} cases that were helped in the hall and not sent back {share} % came to the counter more than "
        "{minutes} opening minutes after the approval. Whether the licence was outside the office until then, or they "
        "fetched it later, cannot be told: neither is fitted. Of all others the time until the licence is fetched has "
        "both in it."
    ),
    "newest first": N_(
        "Order, {step}: of the new ones that were begun while three or more others of them waited, {share} % had come "
        "last of them; the scenario takes the newest first."
    ),
    "other pace": N_(
        "Pace, {step}: services that begin while {number} or more others wait ({least} to {most}) take {factor} times "
        "as long ({low} to {high}) as others of the same kind, hour of the day and person; the scenario has it so. "
        "Whether it is because many wait the log does not tell: on days, or in weeks, on which all goes slower more "
        "wait as well."
    ),
    "other pace, no names": N_(
        "Pace, {step}: services that begin while {number} or more others wait ({least} to {most}) take {factor} times "
        "as long ({low} to {high}) as others of the same kind and hour of the day; the scenario has it so. "
        "Whether it is because many wait the log does not tell: other people may be there then, as it has no names, "
        "and on days, or in weeks, on which all goes slower more wait as well."
    ),
    "switched on": N_("Not offered in {parent}, but in the log, so that the scenario has it: {steps}."),
    "submissions": N_("Online forms are not in the log: who files alone is first seen on submitting."),
    "odd day": N_("{day} had {seen} first contacts, expected {expected} (residual {residual})."),
    "odd days more": N_("{days} further days are far off as well."),
    "odd days matter": N_(
        "Level, indices and variation are those of the other days: they vary by {without}, with these by {counted}."
    ),
}
"""What there may be to say of the days and the arrivals of a log, in the order in which it is said."""


@dataclass(frozen=True)
class Note:
    """Something to say of the days and the arrivals.

    Attributes
    ----------
    what : str
        A key of `NOTES`.
    values : dict
        For its gaps: numbers, dates and times as text, or lists of these.
    """

    what: str
    values: dict[str, Any]
