"""What may be otherwise in a scenario and is no number: how the review is staffed, and how what is promised is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict

STAFFING, READING = "staffing", "reading"
CLOCKS = ("licence", "touch", "door_to_door")
Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Alternative:
    """A scenario in which one thing is otherwise.

    Attributes
    ----------
    kind : str
        "staffing", or "reading" of what is promised.
    name : str
        What is otherwise, in a word or two.
    own, here : str
        How it is in the scenario and here: times, a number, a clock; empty where the name says it.
    scenario : Scenario
    """

    kind: str
    name: str
    own: str
    here: str
    scenario: Scenario


def alternatives_of(scenario: Scenario) -> tuple[Alternative, ...]:
    """Return what may be otherwise in a scenario: those that differ from it, and are possible."""
    full = scenario_as_dict(scenario)
    found = []
    for kind, name, own, here, change in [*_staffing(full), *_readings(full)]:
        other = scenario_as_dict(scenario)
        change(other)
        try:
            made = scenario_from_dict(other, scenario.name)
        except ScenarioError:
            continue
        if other != full:
            found.append(Alternative(kind, name, own, here, made))
    return tuple(found)


def _staffing(full: dict[str, Any]) -> Iterator[tuple[str, str, str, str, Change]]:
    review, office = (full["hours"][name][0].split("-")[0] for name in ("review", "office"))
    reviewers = full["staff"]["reviewers"]
    plans = (reviewers["plan"], *reviewers["on"].values())
    early = [span for line in reviewers["roster"] for span in line["hours"]] or [
        span for plan in plans for span in plan
    ]
    if review < office and any(span < office for span in early):

        def begin_with_the_hall(other: dict[str, Any]) -> None:
            other["hours"]["review"] = other["hours"]["office"]
            staff = other["staff"]["reviewers"]
            staff["plan"] = _from(staff["plan"], office)
            staff["on"] = {day: _from(plan, office) for day, plan in staff["on"].items()}
            for line in staff["roster"]:
                line["hours"] = list(_from(dict.fromkeys(line["hours"], 0), office))
            staff["roster"] = [line for line in staff["roster"] if line["hours"]]

        yield STAFFING, "reviewers begin with the hall", review, office, begin_with_the_hall
    helps = full["staff"]["clerks"]["helps"]
    waiting = [str(help_["when_waiting"]) for help_ in helps if help_["stage"] == "review"]
    if waiting:

        def without_help(other: dict[str, Any]) -> None:
            other["staff"]["clerks"]["helps"] = [help_ for help_ in helps if help_["stage"] != "review"]

        yield STAFFING, "clerks do not help", waiting[0], "", without_help
    if full["staff"]["midday"]["crew_on_duty"] and not full["staff"]["midday"]["by_plan"]:

        def without_post(other: dict[str, Any]) -> None:
            other["staff"]["midday"]["crew_on_duty"] = False

        yield STAFFING, "no midday post", "", "", without_post


def _from(plan: dict[str, int], opening: str) -> dict[str, int]:
    """Return a plan without what is before the opening."""
    spans = {(*span.split("-"),): servers for span, servers in plan.items()}
    return {f"{max(begin, opening)}-{end}": servers for (begin, end), servers in spans.items() if end > opening}


def _counted(full: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield other hours in which waiting may count, and what they are called."""
    counted, review = full["hours"]["counted"], full["hours"]["review"][0].split("-")[0]
    begin, end = counted[0].split("-")
    if review < begin:
        yield "from the opening", [f"{review}-{end}", *counted[1:]]
    midday = full["staff"]["midday"]["from"], full["staff"]["midday"]["to"]
    spans = [span.split("-") for span in counted]
    around = [(from_, min(to, midday[0])) for from_, to in spans] + [(max(from_, midday[1]), to) for from_, to in spans]
    # Else it does not count as it is, or at another time than the midday duty post has.
    if any(from_ < midday[0] and midday[1] < to for from_, to in spans):
        yield "without midday", [f"{from_}-{to}" for from_, to in sorted({*around}) if from_ < to]
    yield "round the clock", ["00:00-24:00"]


def _readings(full: dict[str, Any]) -> Iterator[tuple[str, str, str, str, Change]]:
    own, clock = ", ".join(full["hours"]["counted"]), full["target"]["clock"]
    # The hours that count are those of one clock only.
    for name, hours in _counted(full) if clock == "licence" else ():

        def count(other: dict[str, Any], hours: list[str] = hours) -> None:
            other["hours"]["counted"] = list(hours)

        yield READING, name, own, ", ".join(hours), count
    for other_clock in CLOCKS:

        def judge_by(other: dict[str, Any], other_clock: str = other_clock) -> None:
            other["target"]["clock"] = other_clock

        yield READING, f"clock {other_clock}", clock, other_clock, judge_by
