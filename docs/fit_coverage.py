"""Is a verdict that carries the fit right? ``python docs/fit_coverage.py``.

Makes quarter-year logs of offices whose truth is known, fits each as `calibrate` does, runs the fitted scenario as
`run` does, and holds interval, probability and verdict against the truth. Writes docs/fit-coverage.md with its picture,
and says how far it is; what is done is kept in results/fit-coverage, so that it goes on where it was stopped. About 15
seconds a log on one core. After a change of the model or of the fit, remove that folder.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import click
import numpy as np
from interval_coverage import MINUTES_OPEN, QUARTERS, with_poisson_counts
from marked import replace_between_marks
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import play
from sim.files import replaced_file
from sim.measures.judge import Rule
from sim.memory import keep_freed_memory
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.present.charts.style import style
from sim.replicate.design_points import design_point_of
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.results.about import about_of
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.held_out.backtest import in_days, known_by
from sim.studies.calibrate.intervals import NORMAL, wilson
from sim.studies.calibrate.log.simulated import log_of, write_log
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.recording import recorded
from sim.studies.calibrate.records import Calibration
from sim.studies.outcomes import Work, outcomes_of
from sim.studies.run.given_log import given_log
from sim.studies.run.records import Run
from sim.studies.run.replicate import run_points, run_record, run_scenarios

F64 = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
PAGE, IMAGES = ROOT / "docs" / "fit-coverage.md", ROOT / "docs" / "images"
VALIDATION = ROOT / "docs" / "validation.md"
KEPT = ROOT / "results" / "fit-coverage"
SEED = 20240201
OFFICES = 20
TRUTH_YEARS = 120
RULE = Rule(largest=40)
WITHIN = 0.06
"""How far the promise is from the truth, at most, evenly to both sides: on the log scale."""
BINS = 10
ENOUGH = 200
"""Logs from which on coverage is told well."""
VARIED = {
    "demand.registrations_per_year": (5000, 9000),
    "demand.other_business_per_registration": (0.65, 1.5),
    "demand.enterprise_share": (0.3, 0.6),
    "demand.inquiry_only_share": (0.1, 0.4),
    "demand.day_to_day_cv": (0.05, 0.2),
    "filing.assisted_share": (0.2, 0.4),
    "filing.assisted_minutes.mean_minutes": (12, 25),
    "phone.profiles[0].talk_seconds": (120, 300),
    "review.minutes.mean_minutes": (3.0, 6.0),
    "review.minutes.cv": (0.6, 1.2),
    "review.return_rate": (0.1, 0.25),
    "review.return_factors.assisted": (0.3, 0.8),
    "issue.minutes.mean_minutes": (0.7, 1.5),
}
"""What differs between the offices; the parent of the fits has the defaults of these."""
BUSY = (0.45, 0.75)
"""Share of the reviewers' hours that their number is chosen for, where more than two are needed."""


@dataclass(frozen=True)
class Trial:
    """What was said of an office from one of its logs, and what is true.

    Attributes
    ----------
    office, log : int
    truth, promised : float
        Mean licence time of the office in the long run, and what is promised [min].
    estimate, exact_low, exact_high, exact : float, float, float, str
        What a run says that takes the fit as exact.
    low, high, verdict, kept, kept_error, from_log : float, float, str, float, float, float
        What it says given the log.
    days_to_halve : float
    days : int
        Of the log.
    """

    office: int
    log: int
    truth: float
    promised: float
    estimate: float
    exact_low: float
    exact_high: float
    exact: str
    low: float
    high: float
    verdict: str
    kept: float
    kept_error: float
    from_log: float
    days_to_halve: float
    days: int

    @property
    def keeps(self) -> bool:
        """Whether the office keeps what is promised."""
        return self.truth <= self.promised

    def wrong(self, verdict: str) -> bool:
        """Say whether a verdict is wrong."""
        return verdict == ("FAILS" if self.keeps else "HOLDS")


def office_of(number: int) -> tuple[Scenario, Scenario]:
    """Return an office, and the parent that its logs are fitted with: it knows all but `VARIED`."""
    generator = np.random.default_rng([SEED, number])
    data = scenario_as_dict(load_scenario_file(ROOT / "scenarios" / "no-absence.yaml"))
    data["name"], data["title"] = f"office-{number}", {"en": f"Office {number}", "zh": f"办事机构{number}"}
    data["phone"]["profiles"] = [data["phone"]["profiles"][0] | {"share": 1.0}]
    parent = json.loads(json.dumps(data, default=str))
    for path, (low, high) in VARIED.items():
        _put(data, path, float(generator.uniform(low, high)))
    demand, phone = data["demand"], data["phone"]
    demand["registrations_per_year"] = round(demand["registrations_per_year"])
    a_day = demand["registrations_per_year"] / 249
    cases = a_day * (1 + demand["other_business_per_registration"])
    contacts = cases + a_day * demand["inquiry_only_share"] / (1 - demand["inquiry_only_share"])
    hours = {
        "consultants": contacts * phone["calls_per_application"] * phone["profiles"][0]["talk_seconds"] / 60,
        "assistants": contacts * data["filing"]["assisted_share"] * data["filing"]["assisted_minutes"]["mean_minutes"],
        "studio": 30.0, "specialists": 60.0,
        "reviewers": cases * (1 + data["review"]["return_rate"]) * data["review"]["minutes"]["mean_minutes"],
        "clerks": cases * data["issue"]["minutes"]["mean_minutes"],
    }  # fmt: skip
    for pool, minutes in hours.items():
        load = minutes / MINUTES_OPEN
        servers = max(round(load + 1.2 * math.sqrt(load)), 2)
        if pool == "reviewers":
            servers = max(round(load / generator.uniform(*BUSY)), 2)
        plan = {"plan": {"08:30-17:00": servers}, "midday_crew": servers, "helps": [], "roster": [], "on": {}}
        for each in (data, parent):
            each["staff"][pool] |= plan | {"leave": 0.0}
    return scenario_from_dict(data), scenario_from_dict(parent)


def _put(data: dict[str, object], path: str, value: float) -> None:
    inner: object = data
    *way, last = path.replace("[0]", ".0").split(".")
    for step in way:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]  # type: ignore[index]
    inner[last] = value  # type: ignore[index]


def truth_of(office: Scenario, work: Work) -> float:
    """Return the mean licence time of an office over many years [min], those that nothing else is made with."""
    return float(outcomes_of([office], TRUTH_YEARS, replace(work, seed=SEED + 999_983)).figure[0])


def calibration_of(office: Scenario, parent: Scenario, number: int, seed: int) -> tuple[Calibration, Scenario]:
    """Return what one of the logs of an office tells, read from a file as any log is, and the fitted scenario."""
    # Of a whole year, so that the factors of the quarter's days are in its number; of that what is known at its end.
    made = with_poisson_counts(registration_office(office))
    journeys = draw(made, seed, number)
    first, last = ((date.fromisoformat(day) - date(office.year, 1, 1)).days for day in QUARTERS[number % len(QUARTERS)])
    log = in_days(known_by(log_of(made, journeys, play(made, journeys)), last), first, last)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log.csv"
        write_log(log, file)
        rows, report = read_log([file])
    fit = fit_log(rows, parent, office.name, office.title.model_dump())
    about = about_of("calibration", office.name, "", [design_point_of(parent, SEED)], Rule())
    return recorded(about, rows, report, parent, fit, None, ()), fit.scenario


def run_of(scenario: Scenario, calibration: Calibration, work: Work) -> tuple[Run, Run]:
    """Return the run of a fitted scenario that takes the fit as exact, and that which carries it."""
    points = run_points([scenario], work.seed, work.engine)
    about = about_of("run", scenario.name, "", points, RULE, fitted=calibration.about.fitted)
    (done,) = run_scenarios([scenario], points, RULE, work.workers, work.store)
    record = run_record(done, about)
    return record, given_log(record, scenario, calibration, work)


def trial_of(number: int, work: Work) -> Trial:
    """Return what one log makes of its office."""
    place, log = number % OFFICES, number // OFFICES
    office, parent = office_of(place)
    truth = _truth(place, office, work)
    offset = float(np.random.default_rng([SEED, place, log, 5]).uniform(-WITHIN, WITHIN))
    promised = round(truth * math.exp(offset), 3)
    # With the same random numbers all offices would be lucky at once.
    calibration, fitted = calibration_of(office, parent, log, SEED + 7_001 * (place + 1))
    data = scenario_as_dict(fitted)
    data["target"]["minutes"] = promised
    exact, run = run_of(scenario_from_dict(data, fitted.name), calibration, work)
    facts = run.given_log
    assert facts is not None
    return Trial(
        place, log, truth, promised, exact.estimate, exact.low, exact.high, exact.verdict, run.low, run.high,
        run.verdict, facts.kept, facts.kept_error, facts.from_log, facts.days_to_halve, facts.days,
    )  # fmt: skip


def _truth(place: int, office: Scenario, work: Work) -> float:
    file = KEPT / f"truth-{place}.json"
    if not file.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with replaced_file(file) as new:
            new.write_text(json.dumps(truth_of(office, work)))
    return float(json.loads(file.read_text()))


def trials_of(logs: int) -> list[Trial]:
    """Return what so many logs say, those that were done before from the disk."""
    found = []
    with workers_for("compiled", 1) as workers:
        for number in range(logs):
            file = KEPT / f"trial-{number}.json"
            if not file.exists():
                # Each log meets random numbers of its own.
                trial = trial_of(number, Work(SEED + 100_003 * (number + 1), "compiled", workers, MemoryStore()))
                with replaced_file(file) as new:
                    new.write_text(json.dumps(asdict(trial)))
            found.append(Trial(**json.loads(file.read_text())))
            if (number + 1) % 10 == 0:
                click.echo("; ".join(sentences(found)))
    return found


def done(logs: int) -> list[Trial]:
    """Return what has been said of those of so many logs that are done."""
    files = (KEPT / f"trial-{number}.json" for number in range(logs))
    return [Trial(**json.loads(file.read_text())) for file in files if file.exists()]


def covers(low: float, high: float, truth: float) -> bool:
    """Say whether an interval, whose high end may be none, holds the truth."""
    return low <= truth and (math.isnan(high) or truth <= high)


def brier(trials: Sequence[Trial]) -> tuple[float, float]:
    """Return the Brier score of the probabilities, and that of the base rate."""
    kept, keeps = np.array([of.kept for of in trials]), np.array([of.keeps for of in trials], np.float64)
    return float(((kept - keeps) ** 2).mean()), float(keeps.mean() * (1 - keeps.mean()))


def _share(hits: int, of: int) -> str:
    value, low, high = wilson(hits, of)
    return f"{100 * value:.1f} % ({hits} of {of}; {100 * low:.1f} to {100 * high:.1f} %)"


def sentences(trials: Sequence[Trial]) -> list[str]:
    """Return what was found, in sentences."""
    n = len(trials)
    exact = sum(covers(of.exact_low, of.exact_high, of.truth) for of in trials)
    given = sum(covers(of.low, of.high, of.truth) for of in trials)
    below, above = sum(of.high < of.truth for of in trials), sum(of.low > of.truth for of in trials)
    score, base = brier(trials)
    off = np.array([of.estimate / of.truth - 1 for of in trials])
    ends = np.log([(of.low, of.high) for of in trials if of.high > of.low]).T
    truth = np.log([of.truth for of in trials if of.high > of.low])
    apart = (ends.mean(axis=0) - truth) / ((ends[1] - ends[0]) / (2 * NORMAL))
    return [
        f"{n} logs: the interval given the log holds the truth in {_share(given, n)}",
        f"It lies below it in {below}, above it in {above}",
        f"The interval that takes the fit as exact does in {_share(exact, n)}",
        f"Wrong HOLDS or FAILS given the log: {_share(sum(of.wrong(of.verdict) for of in trials), n)}",
        f"Taking the fit as exact: {_share(sum(of.wrong(of.exact) for of in trials), n)}",
        f"Brier score {score:.3f} against {base:.3f} of the base rate",
        f"The fitted mean is off by {100 * off.mean():+.2f} % on average (standard error "
        f"{100 * off.std(ddof=1) / math.sqrt(n):.2f}), standard deviation {100 * off.std(ddof=1):.2f} %",
        f"In standard errors, a quarter of the interval's width, its middle is off by {apart.mean():+.2f} on average "
        f"(standard error {apart.std(ddof=1) / math.sqrt(len(apart)):.2f}), standard deviation {apart.std(ddof=1):.2f}",
    ]


def table(trials: Sequence[Trial]) -> list[str]:
    """Return the calibration of the probability in ten bins."""
    lines = ["| said | logs | said on average | keep the promise | 95 % |", "|---|---:|---:|---:|---|"]
    for place, inside in enumerate(_bins(trials)):
        name = f"{100 * place // BINS} to {100 * (place + 1) // BINS} %"
        if inside:
            value, low, high = (100 * end for end in wilson(sum(of.keeps for of in inside), len(inside)))
            mean = 100 * float(np.mean([of.kept for of in inside]))
            lines.append(f"| {name} | {len(inside)} | {mean:.1f} % | {value:.1f} % | {low:.0f} to {high:.0f} % |")
        else:
            lines.append(f"| {name} | 0 | – | – | – |")
    return lines


def _bins(trials: Sequence[Trial]) -> list[list[Trial]]:
    bins: list[list[Trial]] = [[] for _ in range(BINS)]
    for of in trials:
        bins[min(int(of.kept * BINS), BINS - 1)].append(of)
    return bins


def draw_picture(trials: Sequence[Trial]) -> None:
    """Draw what was said against what is true, into docs/images."""
    import matplotlib.pyplot as plt

    with style():
        figure, axes = plt.subplots(figsize=(5.5, 5.0), layout="constrained")
        axes.plot([0, 100], [0, 100], color="0.6", linewidth=1)
        for inside in filter(None, _bins(trials)):
            value, low, high = (100 * end for end in wilson(sum(of.keeps for of in inside), len(inside)))
            said = 100 * float(np.mean([of.kept for of in inside]))
            axes.plot([said, said], [low, high], color="0.25", linewidth=1.2)
            axes.plot(said, value, "o", color="0.1", markersize=5)
            axes.annotate(str(len(inside)), (said, value), textcoords="offset points", xytext=(6, -3), fontsize=8)
        axes.set(xlim=(-3, 103), ylim=(-3, 103), xlabel="probability that was stated [%]",
                 ylabel="offices that keep the promise [%]",
                 title="How often the promise is kept, by the stated probability")  # fmt: skip
        figure.savefig(IMAGES / "fit-coverage.png")


def page(trials: Sequence[Trial]) -> list[str]:
    """Return the page."""
    given, sides, exact, wrong, wrong_exact, score, off, apart = sentences(trials)
    verdicts = {name: sum(of.verdict == name for of in trials) for name in ("HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED")}
    exacts = {name: sum(of.exact == name for of in trials) for name in verdicts}
    widths = np.array([(of.high - of.low) / (of.exact_high - of.exact_low) for of in trials if of.high > of.low])
    parts = np.array([of.from_log for of in trials])
    return [
        "# Is a verdict that carries the fit right?", "",
        "<!-- Written by `python docs/fit_coverage.py`; do not edit. -->", "",
        f"{min(OFFICES, len(trials))} offices of 5,000 to 9,000 registrations a year, with two reviewers or more, "
        f"which differ in {len(VARIED)} parameters, each drawn evenly from a range. Of each, years with Poisson "
        "numbers of applicants are played, and the log of "
        "a quarter, as it is known at its end, is written to a file, read and fitted as `calibrate` does; the parent "
        "knows the office's staff, hours and the months that the log does not have, and has the defaults of what "
        "differs. The fitted scenario is run as `run` "
        f"does, in at most {RULE.largest} years, with a promise that is drawn evenly within {100 * WITHIN:.0f} % of "
        f"the truth on either side. The truth is the office's mean licence time in {TRUTH_YEARS} other years.", "",
        *([] if len(trials) >= ENOUGH else [
            f"**{len(trials)} logs are too few** to tell 93 % from 97 %; the same command goes on to {ENOUGH}.", "",
        ]),
        f"- **{given}.** {sides}.",
        f"- {exact}.",
        f"- **{wrong}.** {wrong_exact}.",
        f"- **{score}** (less is better).",
        f"- {off}. {apart}.",
        f"- The interval is {np.median(widths):.1f} times as wide as that of the years' chance alone (median); "
        f"{100 * np.nanmedian(parts):.0f} % of its variance are the log's.", "",
        "| | " + " | ".join(verdicts) + " |", "|---|" + "---:|" * len(verdicts),
        "| given the log | " + " | ".join(map(str, verdicts.values())) + " |",
        "| taking the fit as exact | " + " | ".join(map(str, exacts.values())) + " |", "",
        "## The stated probability", "",
        "![How often the promise is kept, by the stated probability](images/fit-coverage.png)", "",
        "Numbers beside the points are logs; lines are intervals of 95 % (Wilson).", "",
        *table(trials),
    ]  # fmt: skip


@click.command(help=__doc__)
@click.option("--logs", default=ENOUGH, show_default=True)
@click.option("--so-far", is_flag=True, help="Write the page of those that are done, and do no more.")
def main(logs: int, so_far: bool) -> None:
    """Make logs, fit, run, count, and write the page."""
    keep_freed_memory()
    trials = done(logs) if so_far else trials_of(logs)
    draw_picture(trials)
    with replaced_file(PAGE) as new:
        new.write_text("\n".join(page(trials)) + "\n", encoding="utf-8", newline="\n")
    replace_between_marks(VALIDATION, "fit-coverage", ". ".join(sentences(trials)) + ".")


if __name__ == "__main__":
    main()
