"""No verb, the main job: every scenario as shipped, one table of verdicts, one overview chart."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sim import program
from sim.measures.judge import Verdict
from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError, problem_dicts
from sim.office.scenario import BASELINE, BLANK, load_scenario_file
from sim.present.terminal import Part, one_line, print_json, print_parts, say
from sim.replicate.workers import available_cores, processes
from sim.results.about import about_of
from sim.studies.base import InputError, Job, Options, Ready, StudyError, refused
from sim.studies.driver import (
    as_json,
    at_work,
    check_replaceable,
    counted,
    draw_into,
    rule_of,
    saved,
    stopped,
    telling,
    warn,
    writing,
)
from sim.studies.run import STUDY
from sim.studies.run.asked import jobs
from sim.studies.run.charts.overview import draw_overview
from sim.studies.run.overview import OverviewRow, by_result, overview_row, write_overview
from sim.studies.run.records import Run
from sim.studies.run.replicate import Replications, run_record, run_scenarios
from sim.studies.run.situations import overview_table
from sim.text import SOURCE, Language, Message, _, _c, language, speaking

SCENARIOS = "scenarios"
"""Folder, in that of the results, of what the main job finds."""


class _Failures:
    """What went wrong with single scenarios; the others go on."""

    def __init__(self, debug: bool) -> None:
        self.debug = debug
        self.found: list[tuple[Path, Problem | Message | str]] = []
        self.status = 0
        self.later: Exception | None = None

    def add(self, file: Path, error: Exception) -> None:
        """Note an error."""
        wrong_input = isinstance(error, ScenarioError | InputError)
        if isinstance(error, ScenarioError):
            self.found += [(file, problem) for problem in error.problems]
        elif isinstance(error, InputError):
            self.found += [(file, said) for said in error.args]
        else:
            if self.debug:
                traceback.print_exception(error)
            what = f"{type(error).__name__}: {error}"
            self.found.append((file, Message("internal error in {name}, please report it: {error}", name=file.stem,
                                             error=one_line(what))))  # fmt: skip
        self.status = max(self.status, 2 if wrong_input else 1, key=(0, 2, 1).index)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Keep what goes wrong in this context until `tell`."""
        try:
            yield
        except Exception as error:
            self.later = error

    def tell(self) -> None:
        """Raise what was kept."""
        if self.later is not None:
            raise self.later

    @contextmanager
    def noted(self, job: Job[Run]) -> Iterator[None]:
        """Note what goes wrong with a scenario in this context."""
        try:
            yield
        except StudyError as error:
            self.add(Path(job.subject), refused("{subject}: {why}", subject=job.subject, why=error))
        except Exception as error:
            self.add(Path(job.subject), error)

    def as_json(self) -> list[dict[str, Any]]:
        """Return them for programs, which read English."""
        with speaking(SOURCE):
            return [
                problem_dicts([said])[0] if isinstance(said, Problem) else {"file": str(file), "message": str(said)}
                for file, said in self.found
            ]


def run_all(options: Options) -> int:
    """Run the shipped scenarios, and print one table; return the exit status.

    A scenario file that is wrong, or whose results cannot be written, is reported, and does not keep the others
    from their results.
    """
    files = sorted(options.shipped.glob("*.yaml"), key=lambda file: (file.stem != BASELINE, file.stem))
    if not files:
        raise refused("there is no scenario in {folder}", folder=options.shipped)
    failures = _Failures(options.debug)
    scenarios: dict[str, Scenario] = {}
    own: list[str] = []
    for file in list(files):
        try:
            scenario = load_scenario_file(file)
            # The neutral office is nobody's, and an office of one's own is no case of the article's.
            if scenario.whose == "own":
                files.remove(file)
                if file.stem != BLANK:
                    own.append(file.stem)
            else:
                scenarios[str(file)] = scenario
        except Exception as error:
            failures.add(file, error)
    asked = jobs(scenarios, options)
    # Of a file that several extend only once.
    warn(list(dict.fromkeys(problem for job in asked for problem in job.warnings)))
    runs = _run(list(scenarios.values()), asked, options, failures) if scenarios else []
    rows = _rows(runs)
    written: list[Path] = []
    if rows:
        with writing(options.out):
            try:
                written = [*write_overview(rows, options.out), *draw_overview(rows, options.out)]
            except KeyboardInterrupt:
                raise stopped(options) from None
    for __, said in failures.found:
        say(one_line(str(said)))
    failures.tell()
    if options.json:
        warnings = {job.about.name: problem_dicts(job.warnings) for job in asked}
        print_json({
            "status": failures.status,
            "scenarios": [{**as_json(STUDY, run), "warnings": warnings[run.name]} for run in runs],
            "errors": failures.as_json(), "files": [str(file) for file in written],
        })  # fmt: skip
    elif rows:
        parts: list[Part] = []
        if missing := [file.stem for file in files if file.stem not in {run.name for run in runs}]:
            parts.append(_("Not written, see the errors: {names}", names=_c("comma", ", ").join(missing)))
        if own:
            parts.append(_("Offices of one's own are no cases of the article's; judge them by: {program} run "
                           "NAME ({names})", program=program.called, names=_c("comma", ", ").join(own)))  # fmt: skip
        parts.append(_("Written to {folder}: ", folder=options.out) + ", ".join(file.name for file in written))
        print_parts(parts)
    return failures.status


def _rows(runs: Iterable[Run]) -> list[OverviewRow]:
    return [overview_row(run) for run in sorted(runs, key=by_result)]


def _tell(runs: Iterable[Run]) -> None:
    """Print the table: the answer, before the charts are drawn, which takes as long."""
    print_parts(
        [
            overview_table(_rows(runs)),
            _("Intervals: 95 %, valid after every replication and for all scenarios judged here at once."),
        ]
    )


def _run(scenarios: Sequence[Scenario], asked: Sequence[Job[Run]], options: Options, failures: _Failures) -> list[Run]:
    """Run and save the scenarios as one family: all verdicts of the table shall be right together."""
    rule, points = rule_of(options, len(scenarios)), [point for job in asked for point in job.points]
    folders = [options.out / SCENARIOS / job.about.name for job in asked]
    for job, folder in zip(asked, folders, strict=True):
        with writing(folder):
            check_replaceable(folder, job, options)
    family: Job[Any] = Job(
        about_of("scenarios", SCENARIOS, options.again, points, rule), points,
        lambda ready: run_scenarios(scenarios, points, rule, ready.workers, ready.store, telling(ready)),
    )  # fmt: skip
    with at_work(family, options) as (workers, store, progress):
        replicated: list[Replications] = family.work(Ready(workers, store, progress.step))
        seconds = progress.seconds
        verdicts = [done.outcome.verdict for done in replicated]
        progress.end(counted({verdict: verdicts.count(verdict) for verdict in Verdict if verdict in verdicts}))
        judged: list[tuple[Run, Job[Run], Path]] = []
        for job, done, folder in zip(asked, replicated, folders, strict=True):
            with failures.noted(job):
                judged.append((run_record(done, job.about), job, folder))
        if judged and not options.json:
            # Whoever does not hear the answer shall find it in the folder all the same.
            with failures.unheard():
                _tell(run for run, _job, _folder in judged)
        return _save(judged, options, seconds, failures)


def _save(
    judged: Sequence[tuple[Run, Job[Run], Path]], options: Options, seconds: float, failures: _Failures
) -> list[Run]:
    """Save what was found, and return it as it lies there.

    As matplotlib does not let go of the interpreter, charts are drawn in processes of their own, where there are cores.
    """
    cores, done = min(options.jobs or available_cores(), max(len(judged), 1)), count(1)

    def draw(run: Run, folder: Path) -> None:
        if cores > 1:
            # One that the system has ended, as where memory is short, takes the others with it.
            with suppress(BrokenExecutor):
                return others.submit(_draw, language(), run, folder).result()
        draw_into(STUDY, run, folder)

    def save(run: Run, job: Job[Run], folder: Path) -> Run | None:
        with failures.noted(job):
            found = saved(STUDY, run, job, folder, options, seconds, draw)
            say(_("{done} of {all} written: {name}", done=next(done), all=len(judged), name=run.name))
            return found
        return None

    with processes(cores) as others, ThreadPoolExecutor(cores) as threads:
        begun = [threads.submit(partial(copy_context().run, save, *each)) for each in judged]
        try:
            return [found for each in begun if (found := each.result()) is not None]
        finally:
            # Whoever has been interrupted waits for no more than what is in hand.
            threads.shutdown(cancel_futures=True)


def _draw(tongue: Language, run: Run, folder: Path) -> None:
    with speaking(tongue):
        draw_into(STUDY, run, folder)
