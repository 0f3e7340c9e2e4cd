"""An office as the app asks about it: its verdict while it is being reached, beside another one, a day, a briefing.

What is found is what the commands find: the same design points, rules and records. Nobody here knows Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from sim.brief.compose import compose
from sim.brief.inputs import read_given
from sim.brief.sheets import sheets_of
from sim.brief.write import BRIEFINGS, DECK, PAGE, WORKBOOK, write_briefing
from sim.files import replaced_folder
from sim.measures.controls import controlled
from sim.measures.judge import Judgement, Rule
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.office.size import LARGE, bytes_of, cases_in, surely_small
from sim.present.names import left_over
from sim.replay.page import Replayed, replay_page
from sim.replay.played import middle_day, number_of, play_period
from sim.replay.what_happened import what_happened
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.figures import Figures
from sim.replicate.gather import BatchVanishedError
from sim.replicate.store import MemoryStore, Store
from sim.replicate.verdicts import Outcome
from sim.replicate.work import FaultError, Task
from sim.replicate.workers import Workers, WorkersLostError, available_cores
from sim.results.about import about_of
from sim.results.codec import write_record
from sim.results.timing import write_timing
from sim.studies.base import SEED, StudyError
from sim.studies.compare.comparison import PairwiseStopping, about_plans, comparison_of, plan_points, run_plans
from sim.studies.compare.records import PlanComparison
from sim.studies.finished import SavedError
from sim.studies.outcomes import Work
from sim.studies.run.premises import with_premises
from sim.studies.run.records import Run
from sim.studies.run.replicate import Replications, run_points, run_record, run_scenarios
from sim.text import Message, _, language

RULE = Rule(tests=1)
"""That of `run`, so that both say the same."""
FIRST_LOOK = RULE.boundary.smallest
"""Replications before which there is no verdict."""
POLL = 0.1
"""Seconds between questions whether the work is still wanted."""
THREE_DAYS = {
    "name": "ready", "title": {"en": "Ready", "zh": "就绪"}, "period": {"first": "2023-03-01", "last": "2023-03-03"},
}  # fmt: skip


RUNS = "runs"
"""Folders, in that of the app's results."""
FAILURES = (OSError, SavedError, BatchVanishedError, FaultError, WorkersLostError, StudyError)
"""What may come of a disk that refuses, of files that somebody else removes or damages, of a fault of ours, or of too
large an office."""


class _Interruptible(Workers):
    """Workers on all cores, which can be left in the middle of a task: it stops before its next replication."""

    def __init__(self, still_wanted: Callable[[], None]) -> None:
        cores = available_cores()
        super().__init__(lambda: (ThreadPoolExecutor(cores), cores), here=True)
        self._still_wanted = still_wanted

    def finished(self) -> list[tuple[Task, list[bytes]]]:
        while not wait(self._tasks, POLL, FIRST_COMPLETED).done:
            self._still_wanted()
        return super().finished()


@contextmanager
def _workers(still_wanted: Callable[[], None]) -> Iterator[Workers]:
    workers = _Interruptible(still_wanted)
    try:
        yield workers
    finally:
        workers.close()


@dataclass(frozen=True)
class Judged:
    """An office with its verdict.

    Attributes
    ----------
    done : Replications
    record : Run or None
        As a folder of results has it; None if there was nothing to judge.
    """

    done: Replications
    record: Run | None

    @property
    def figures(self) -> Figures | None:
        """The figures of its simulated years; None if it cannot finish its cases, or there was nothing to judge."""
        return self.done.figures if self.record and self.record.has_figures else None


def point_of_office(scenario: Scenario, seed: int) -> DesignPoint:
    """Return what the figures of an office are found by."""
    return run_points([scenario], seed, "compiled")[0]


def same_office(scenario: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios are the same in everything but their names."""
    return design_point_of(scenario, SEED).key == design_point_of(other, SEED).key


def same_days(scenario: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios are about the same days, so that they can be shown side by side."""
    one, two = ((each.played_from, each.first_day, each.last_day) for each in (scenario, other))
    return one == two


def judged(
    scenario: Scenario, seed: int, store: Store, still_wanted: Callable[[], None] = lambda: None,
    told: Callable[[int, Judgement | None], None] = lambda done, judgement: None,
) -> Judged:  # fmt: skip
    """Replicate an office until its verdict is final; what the store holds is not done again.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    store : Store
    still_wanted : callable
        Asked ten times a second; what it raises ends the work, and what is finished stays in the store.
    told : callable
        Told how many replications there are, and what can be said so far (None: nothing yet).

    Raises
    ------
    StudyError
        If there are so many cases that somebody has to say that they are meant.
    """
    if not surely_small(scenario_as_dict(scenario)) and (needed := bytes_of(scenario)) > LARGE:
        raise StudyError(Message(
            "about {cases:,.0f} cases a replication take some {gigabytes:.1f} GB of memory on each core; the verb run "
            "has --yes for that", cases=cases_in(scenario), gigabytes=needed / 1e9,
        ))  # fmt: skip
    points = [point_of_office(scenario, seed)]
    with _workers(still_wanted) as workers:
        (done,) = run_scenarios(
            [scenario], points, RULE, workers, store,
            lambda progress, verdicts: told(progress.replications, verdicts.judgements.get(0)),
        )  # fmt: skip
    if done.outcome.verdict is None:
        return Judged(done, None)
    return Judged(done, run_record(done, about_of("run", scenario.name, "", points, RULE)))


def with_reach(
    office: Judged, seed: int, store: Store, still_wanted: Callable[[], None] = lambda: None
) -> Judged:  # fmt: skip
    """Return an office whose record says how far its verdict reaches, too.

    Parameters
    ----------
    office : Judged
        With a record.
    seed : int
    store : Store
    still_wanted : callable
        See `judged`.
    """
    assert office.record is not None
    with _workers(still_wanted) as workers:
        work = Work(seed, "compiled", workers, store)
        record = with_premises(office.record, office.done.scenario, office.done.outcome, RULE, work)
    return replace(office, record=record)


def get_ready() -> None:
    """Compile, or load what is compiled already, so that the first verdict need not wait for it."""
    judged(scenario_from_dict(THREE_DAYS), SEED, MemoryStore())


@dataclass(frozen=True)
class Years:
    """What an office came to in some of its simulated years.

    Attributes
    ----------
    number : int
    estimate : float
        What the target is about: minutes or a share.
    within : float
        Share within the target's minutes.
    cost, hours : float
        Yuan of staff, and staff-hours.
    """

    number: int
    estimate: float
    within: float
    cost: float
    hours: float


def years_of(figures: Figures, clock: str, estimate: float) -> Years:
    """Return what an office came to in the years that there are figures of, one at least.

    Parameters
    ----------
    figures : Figures
    clock : str
        Of the target.
    estimate : float
        See `Years`.
    """
    means = figures.columns([f"{clock} within", "staff cost", "staff staff hours"]).mean(axis=0)
    return Years(len(figures), estimate, *map(float, means))


def cost_change(office: Figures, other: Figures) -> float:
    """Return the yuan of staff of an office less those of another, over the first years, which both have."""
    years = min(len(office), len(other))
    return float(office["staff cost"][:years].mean() - other["staff cost"][:years].mean())


@dataclass(frozen=True)
class Compared:
    """Two offices over the same years.

    Attributes
    ----------
    record : PlanComparison
    other, office : Years
        Of the replications that the finding rests on, so that they differ by the difference that was found.
    """

    record: PlanComparison
    other: Years
    office: Years


def compared(
    scenario: Scenario, other: Scenario, seed: int, store: Store, still_wanted: Callable[[], None] = lambda: None
) -> Compared:
    """Replicate an office and another one until they are told apart.

    Parameters
    ----------
    scenario : Scenario
    other : Scenario
        What it is compared with; not the same office. Both can finish their cases.
    seed : int
    store : Store
        The replications of the verdicts on either are found here.
    still_wanted : callable
        See `judged`.

    Raises
    ------
    StudyError
        If they have other targets or other working days.
    """
    plans = [other, scenario]
    target = plan_points(plans, seed, "compiled")[0].target
    comparing = PairwiseStopping(target, [plan.name for plan in plans], RULE.largest, RULE.error, screening=False)
    # The design points are those of the verdicts, whose replications are there already.
    points = tuple(run_points(plans, seed, "compiled"))
    with _workers(still_wanted) as workers:
        run = run_plans(plans, points, comparing, workers, store)
    record = comparison_of(run, about_plans(plans, points, comparing, "compared"))
    common = [figures.first(record.against_first[0].replications) for figures in run.figures]
    # The difference is that of the years' means, so these are the means of the years, too.
    means = [
        float(np.mean(controlled(point.target, figures.score_sum, figures.controls) / figures.scores))
        for point, figures in zip(points, common, strict=True)
    ]
    of_other, of_office = (
        years_of(figures, target.clock, mean) for figures, mean in zip(common, means, strict=True)
    )  # fmt: skip
    return Compared(record, of_other, of_office)


def replayed_day(scenarios: Sequence[Scenario], day: date | None, seed: int) -> tuple[str, date]:
    """Return the page of a day to be watched, and the day.

    Parameters
    ----------
    scenarios : sequence of Scenario
        One, or two of the same days.
    day : date or None
        None: the one in the middle.
    seed : int

    Raises
    ------
    NoSuchDayError
        If it is no working day of all of them; the text says which is the nearest.
    NeverFinishesError
        If one of the offices cannot finish its cases.
    """
    played = [play_period(scenario, seed) for scenario in scenarios]
    shown = middle_day(played[0]) if day is None else day
    number = number_of(played, shown)
    return replay_page([Replayed(each, (what_happened(each, number),)) for each in played], seed), shown


@dataclass(frozen=True)
class Written:
    """The files of a briefing.

    Attributes
    ----------
    name : str
        Of what it is about; the files are to be called after it.
    page, deck, workbook : bytes
    """

    name: str
    page: bytes
    deck: bytes
    workbook: bytes


def briefing_on(office: Judged, results: Path) -> Written:
    """Write the results of an office that has figures, and the briefing on them.

    Parameters
    ----------
    office : Judged
    results : Path
        Folder of the app's results.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    # Offices that differ may have the same name: the sliders have been moved.
    name = f"{office.done.scenario.name}-{office.done.point.key[:8]}"
    with replaced_folder(results / RUNS / name) as new:
        write_record(office.record, new)
        write_timing(new, office.done.seconds)
    given = read_given([results / RUNS / name], results)
    folder = results / BRIEFINGS / f"{name}-{language()}"
    with given.named():
        write_briefing(compose(given, folder.name), sheets_of(given), folder)
    return Written(folder.name, *((folder / file).read_bytes() for file in (PAGE, DECK, WORKBOOK)))


# What is to be said if there is no answer.


def why_not(outcome: Outcome) -> str:
    """Return why there are no figures of an office; empty if there are."""
    return str(outcome.said or "") if outcome.unfinished is None else str(left_over(outcome.unfinished))


def failure(error: Exception) -> str:
    """Return one of `FAILURES` in a line."""
    if isinstance(error, OSError):
        return _("A file cannot be read or written: {why}", why=error.strerror or type(error).__name__)
    return _("This could not be worked out: {why}", why=" ".join(str(error).split()))
