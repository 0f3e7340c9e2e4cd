"""Do the intervals that are fitted to a log cover the truth? ``python docs/interval_coverage.py``.

Simulates logs of offices with known, randomly drawn parameters, estimates the parameters from each log, and counts how
often the interval of 95 % covers the truth. Writes docs/coverage.md; takes about six minutes on one core.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from sim.draws.draw import draw
from sim.engines.play import play
from sim.files import replaced_file
from sim.memory import keep_freed_memory
from sim.office.blocks import Arrivals, Office
from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.intervals import wilson
from sim.studies.calibrate.log.simulated import log_of
from sim.studies.calibrate.log.steps import GAVE_UP, StepLog, sorted_log
from sim.studies.calibrate.patience.patience import patience_fits
from sim.studies.calibrate.presence.openings import office_openings
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.times.service_times import own_time_estimates, service_estimates, service_fits
from sim.studies.calibrate.ways.routing import routing_estimates

PAGE = Path(__file__).resolve().parent / "coverage.md"
SEED = 20240201
QUARTERS = (("2023-01-01", "2023-03-31"), ("2023-04-01", "2023-06-30"), ("2023-07-01", "2023-09-30"))
MINUTES_OPEN, DAYS_OPEN = 510, 250
KINDS = ("enterprise", "individual", "key", "other")
MOST_LIKELY = 0.9
"""A return more likely than this is drawn anew: near the model's limit of 0.95 the factors do not multiply."""

Estimator = Callable[[StepLog, Scenario], list[Estimate]]

PROFILE = "phone.profiles[0]."
NAMES = (
    "demand.registrations_per_year", "demand.enterprise_share", "demand.key_share",
    "demand.other_business_per_registration", "demand.inquiry_only_share", "demand.out_of_hours_share",
    "filing.assisted_share", "filing.studio_share", "phone.online_qa_share", "phone.calls_per_application",
    "phone.redial_share", "phone.redial_after_minutes", f"{PROFILE}talk_seconds", f"{PROFILE}talk_cv",
    f"{PROFILE}patience_seconds", f"{PROFILE}walk_in_share",
    "filing.hall_patience.mean_minutes", "filing.hall_patience.shape",
    *(f"filing.{time_}_minutes.{of}" for time_ in ("own", "assisted", "studio", "key", "travel", "studio_correction")
      for of in ("mean_minutes", "cv")),
    "review.minutes.mean_minutes", "review.minutes.cv", "review.auto_approved_share", "review.auto_minutes",
    "review.correction.median_hours", "review.correction.cv", "review.return_rate",
    *(f"review.return_factors.{of}" for of in (*KINDS, "unadvised", "assisted", "studio")),
    "issue.minutes.mean_minutes", "issue.minutes.cv", "issue.electronic_share", "issue.fetch_after_hours.mean_hours",
    "issue.fetch_after_hours.cv",
)  # fmt: skip
"""Parameters that are drawn at random, each uniformly in its plausible range."""
GIVEN = ("year", "calendar", "period", "hours")
"""Groups of the scenario that the estimators are told, as a parent scenario would; besides the year's profile and the
share of online Q&A."""


def estimators() -> list[Estimator]:
    """Return what estimates the parameters of services, own times, patience and routing."""
    return [
        lambda log, parent: service_estimates(log, service_fits(log)),
        lambda log, parent: own_time_estimates(log, office_openings(log, parent)),
        lambda log, parent: [
            each for fit in patience_fits(log, office_openings(log, parent)).values() for each in fit.estimates
        ],
        lambda log, parent: routing_estimates(log, parent),
    ]


def value_at(data: Any, path: str) -> Any:
    """Return what is at a dotted path of a scenario in full."""
    for step in path.replace("[0]", ".0").split("."):
        data = data[int(step) if step.isdigit() else step]
    return data


def put_at(data: Any, path: str, value: Any) -> None:
    """Set what is at a dotted path of a scenario in full."""
    *inner, last = path.replace("[0]", ".0").split(".")
    value_at(data, ".".join(inner))[last] = value


def random_office(rng: np.random.Generator, first: str, last: str) -> Scenario:
    """Return an office with parameters drawn from their plausible ranges, and staff that leaves some give up."""
    ranges = {p.path.replace("profiles[]", "profiles[0]"): p.plausible for p in all_parameters()}
    defaults = scenario_from_dict({"name": "drawn", "title": {"en": "drawn", "zh": "随机"}})
    data = scenario_as_dict(defaults)
    data["period"] = {"first": first, "last": last}
    data["phone"]["profiles"] = [data["phone"]["profiles"][0] | {"share": 1.0}]
    while True:
        for name in NAMES:
            low, high = ranges[name] or (math.nan, math.nan)
            put_at(data, name, float(rng.uniform(low, high)))
        data["demand"]["registrations_per_year"] = round(data["demand"]["registrations_per_year"])
        if max(_return_chances(data)) <= MOST_LIKELY:
            break
    _staffed(data, rng)
    return scenario_from_dict(data)


def _return_chances(data: Mapping[str, Any]) -> Iterator[float]:
    rate, factors = data["review"]["return_rate"], data["review"]["return_factors"]
    for kind in KINDS:
        for how in (1.0, factors["unadvised"], factors["assisted"], factors["studio"]):
            yield rate * factors[kind] * how


def _staffed(data: dict[str, Any], rng: np.random.Generator) -> None:
    """Give an office staff: by the square-root rule on the phone and in the hall, scarce; elsewhere plenty."""
    demand, filing, phone = data["demand"], data["filing"], data["phone"]
    registrations = demand["registrations_per_year"] / DAYS_OPEN
    applications = registrations * (1 + demand["other_business_per_registration"])
    inquiries = registrations * demand["inquiry_only_share"] / (1 - demand["inquiry_only_share"])
    asked = phone["calls_per_application"]
    calls = (applications * asked + inquiries * max(asked, 1)) * (1 - phone["online_qa_share"])
    helped = filing["assisted_share"] * (applications + inquiries)
    studio = filing["assisted_share"] * filing["studio_share"] * registrations
    load = {
        "consultants": calls * phone["profiles"][0]["talk_seconds"] / 60,
        "assistants": (helped - studio) * filing["assisted_minutes"]["mean_minutes"],
        "studio": studio * (filing["studio_minutes"]["mean_minutes"] + 20),
        "specialists": registrations * 0.03 * filing["key_minutes"]["mean_minutes"],
        "reviewers": applications * 1.5 * data["review"]["minutes"]["mean_minutes"],
        "clerks": applications * data["issue"]["minutes"]["mean_minutes"],
    }
    for pool, minutes in load.items():
        erlang = minutes / MINUTES_OPEN
        beta = float(rng.uniform(-0.3, 0.5)) if pool in ("consultants", "assistants", "studio") else 3.0
        servers = min(max(round(erlang + beta * math.sqrt(erlang)), 1), 64)
        data["staff"][pool] |= {"plan": {"08:30-17:00": servers}, "midday_crew": servers, "helps": []}


def with_poisson_counts(office: Office) -> Office:
    """Return the office with as many of each population as chance brings, in place of the expected number."""
    return replace(office, populations=tuple(
        replace(p, arrivals=replace(p.arrivals, exact=False)) if isinstance(p.arrivals, Arrivals) else p
        for p in office.populations
    ))  # fmt: skip


def logs_of(scenario: Scenario, logs: int, seed: int) -> Iterator[StepLog]:
    """Yield the logs of an office."""
    office = with_poisson_counts(registration_office(scenario))
    for replication in range(logs):
        journeys = draw(office, seed, replication)
        yield log_of(office, journeys, play(office, journeys))


def parent_of(scenario: Scenario) -> Scenario:
    """Return the scenario with defaults in place of all that is to be estimated."""
    data = scenario_as_dict(scenario)
    known = scenario_as_dict(scenario_from_dict({"name": "parent", "title": data["title"]}))
    for group in GIVEN:
        known[group] = data[group]
    for name in ("month_index", "weekday_index", "half_hour_index"):
        known["demand"][name] = data["demand"][name]
    known["phone"]["online_qa_share"] = data["phone"]["online_qa_share"]
    return scenario_from_dict(known)


def truth(scenario: Scenario) -> dict[str, float]:
    """Return the true value of each estimate, by its name."""
    data = scenario_as_dict(scenario)
    known = {name: float(value_at(data, name)) for name in NAMES}
    del known["review.auto_minutes"]  # always the same: there is nothing to cover
    rate = known.pop("review.return_rate")
    for kind in KINDS:
        known[f"review.return_rate[{kind}]"] = rate * known.pop(f"review.return_factors.{kind}")
    return known


@dataclass
class Tally:
    """What became of the estimates of one parameter.

    Attributes
    ----------
    logs, known, covered : int
        Logs; those with an interval; those whose interval covers the truth.
    errors, naive : list of float
        Relative errors of the estimates, and of the naive ones.
    below, above : int
        Intervals that lie below, and above the truth.
    """

    logs: int = 0
    known: int = 0
    covered: int = 0
    below: int = 0
    above: int = 0
    errors: list[float] = field(default_factory=list)
    naive: list[float] = field(default_factory=list)

    def add(self, estimate: Estimate | None, value: float) -> None:
        """Count an estimate, None = there is none."""
        self.logs += 1
        if estimate is None or not estimate.known:
            return
        self.known += 1
        self.covered += estimate.covers(value)
        self.below += estimate.high < value
        self.above += estimate.low > value
        if value:
            self.errors.append(estimate.value / value - 1)
            if math.isfinite(estimate.naive):
                self.naive.append(estimate.naive / value - 1)


@dataclass
class Study:
    """Coverage by parameter, and the shares that gave up in the logs, phone and hall."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    gave_up: list[tuple[float, float]] = field(default_factory=list)


def study(
    scenarios: Sequence[Scenario],
    logs: int,
    fit: Sequence[Estimator],
    true_values: Callable[[Scenario], Mapping[str, float]],
    seed: int = SEED,
    seen: Callable[[StepLog], StepLog] = lambda log: log,
) -> Study:
    """Simulate logs of known offices, estimate, and count how often the intervals cover.

    Parameters
    ----------
    scenarios : sequence of Scenario
    logs : int
        Of each.
    fit : sequence of Estimator
        Each gets a log and a parent scenario that knows nothing of what is estimated.
    true_values : callable
        Scenario to the true value by name; estimates of other names are passed over.
    seed : int
    seen : callable
        What of a log the estimators get.
    """
    found = Study()
    for number, scenario in enumerate(scenarios):
        known, parent = true_values(scenario), parent_of(scenario)
        for log in logs_of(scenario, logs, seed + number):
            estimates = {estimate.name: estimate for one in fit for estimate in one(seen(log), parent)}
            for name, value in known.items():
                found.tallies.setdefault(name, Tally()).add(estimates.get(name), value)
            shares = [float((log.outcome[log.at(step)] == GAVE_UP).mean()) for step in ("phone", "filing")]
            found.gave_up.append((shares[0], shares[1]))
    return found


def with_own_calls(log: StepLog) -> StepLog:
    """Return the log of an office whose call platform has numbers of its own: each call is a case."""
    calls = log.at("phone")
    case = np.where(calls, log.cases + np.arange(len(log)), log.case)
    return sorted_log(replace(log, case=case, cases=log.cases + len(log)))


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.1f}"


def table(found: Study) -> list[str]:
    """Return a row for each parameter."""
    lines = [
        "| parameter | logs | no interval | cover, % | 95 % | below / above, % | error, % | naive error, % |",
        "|---|---:|---:|---:|---|---:|---:|---:|",
    ]
    for name, of in found.tallies.items():
        if not of.known:
            continue
        share, low, high = map(percent, wilson(of.covered, of.known))
        naive = f"{round(100 * float(np.median(of.naive)), 1) + 0.0:+.1f}" if of.naive else "–"
        error = percent(float(np.median(np.abs(of.errors)))) if of.errors else "–"
        lines.append(
            f"| `{name}` | {of.logs:,} | {of.logs - of.known:,} | {share} | {low} to {high} | "
            f"{percent(of.below / of.known)} / {percent(of.above / of.known)} | {error} | {naive} |"
        )
    return lines


def outside(found: Study, low: float = 0.9, high: float = 0.99) -> list[str]:
    """Return the parameters whose coverage is not within 90 to 99 %, the sampling error of the study aside."""
    return [
        f"`{name}` ({percent(of.covered / of.known)} %)"
        for name, of in found.tallies.items()
        if of.known and not low <= of.covered / of.known <= high
    ]


def summary(found: Study) -> str:
    """Return how many intervals cover, in a sentence or two."""
    known = sum(of.known for of in found.tallies.values())
    covered = sum(of.covered for of in found.tallies.values())
    share, low, high = map(percent, wilson(covered, known))
    beyond = outside(found)
    every = "Outside 90 to 99 %: " + ", ".join(beyond) if beyond else "Every parameter is covered in 90 to 99 %"
    return (f"**All together {share} % of {known:,} intervals of 95 % cover the truth** ({low} to {high} %, were they "
            f"independent). {every}.")  # fmt: skip


def page(found: Study, own_calls: Study, offices: int, logs: int) -> list[str]:
    """Return the page."""
    gave_up = np.quantile(np.array(found.gave_up), [0.0, 0.5, 1.0], axis=0)
    phone, hall = (" to ".join(percent(gave_up[end, at]) for end in (0, 2)) for at in (0, 1))
    return [
        "# Do the fitted intervals cover the truth?", "",
        "<!-- Written by `python docs/interval_coverage.py`; do not edit. -->", "",
        f"{offices} offices, {logs} logs of a quarter of 2023 of each. The parameters below are drawn uniformly from "
        "their plausible ranges, one profile of callers, the numbers of applicants Poisson; returns more likely than "
        f"{100 * MOST_LIKELY:g} % are drawn anew. Staff is such that {phone} % of the calls (half of the logs above "
        f"{percent(gave_up[1, 0])} %) and {hall} % of those who wait in the hall (above {percent(gave_up[1, 1])} %) "
        "give up. Each log is fitted with a parent scenario that has the defaults in place of all that is fitted, "
        "but for the year's profile and the share of online Q&A, which such a log does not tell.",
        "",
        summary(found),
        "",
        "Cover: share of the intervals that contain the truth, with its own interval (Wilson). Below / above: share of "
        "the intervals that lie below, and above the truth. Error: median of the absolute relative error. Naive error: "
        "median relative error of what leaving out the censored, the unseen or the congested would give. No interval: "
        "logs that show too little for one, such as a factor of the studio without a single return.",
        "",
        *table(found), "",
        "## The same logs, the calls with numbers of their own", "",
        "As where the call platform and the queue machine know nothing of each other. Who called before he filed is "
        "not seen, so nothing is estimated of redials, of calls for an application, of those who only ask, and of "
        "filing out of hours. Who gave up calling is among those who filed alone, and so are their returns: the share "
        "filed with help and the return rates are off by what that comes to, a few per cent, and their intervals do "
        "not know it.",
        "",
        summary(own_calls), "",
        *table(own_calls),
    ]  # fmt: skip


@click.command(help=__doc__)
@click.option("--offices", default=20, show_default=True)
@click.option("--logs", default=20, show_default=True, help="Logs of each office.")
def main(offices: int, logs: int) -> None:
    """Simulate, fit, count, and write the page."""
    keep_freed_memory()
    rng = np.random.default_rng(SEED)
    scenarios = [random_office(rng, *QUARTERS[number % len(QUARTERS)]) for number in range(offices)]
    studies = (study(scenarios, logs, estimators(), truth, seen=seen) for seen in (lambda log: log, with_own_calls))
    text = "\n".join(page(*studies, offices, logs))
    with replaced_file(PAGE) as new:
        new.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
