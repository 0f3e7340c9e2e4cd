"""From what is asked to an answer that lies in a folder: the way that all studies go.

Checks, workers, the store, progress, a folder that nothing is lost from, and in one line whatever ends it early.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from sim.engines.play import Engine
from sim.files import reason, replaced_folder
from sim.kept import EVERYTHING, sources
from sim.measures.judge import Rule, Verdict
from sim.memory import without_pandas
from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError, problem_dicts, shown
from sim.office.scenario import load_scenario_file, scenario_from_dict
from sim.office.size import large, surely_small
from sim.present.basis import taken_as_exact
from sim.present.names import verdict_word
from sim.present.progress import watching
from sim.present.terminal import Part, print_json, print_parts, say
from sim.replicate.ahead import compile_ahead
from sim.replicate.gather import BatchVanishedError, Progress
from sim.replicate.store import BATCHES, FileStore
from sim.replicate.verdicts import Verdicts
from sim.replicate.work import OtherModelError
from sim.replicate.workers import Workers, WorkersLostError, on_this_machine, workers_for
from sim.results import timing
from sim.results.about import Record, differences, kept_in
from sim.results.begun import Begun, begun
from sim.results.codec import (
    FORMAT,
    MANIFEST,
    columns_of,
    facts_of,
    rows_in_json,
    write_record,
)
from sim.results.fitted import CalibrationError, Fitted, fitted_to_log
from sim.studies.base import (
    IN_FULL,
    SEED,
    InputError,
    Job,
    LostError,
    Options,
    Ready,
    StoppedError,
    Study,
    StudyError,
    refused,
)
from sim.text import SOURCE, Message, _, _c, in_each, language, speaking

ENGINES: dict[str, Engine] = {"compiled": "compiled", "process": "process"}
"""Of what studies write."""
R = TypeVar("R", bound=Record)


def carry_out(study: Study[R], options: Options, **arguments: Any) -> int:
    """Do what a verb asks for: run the study, save what it finds, and print it; return the exit status."""
    job = study.job(options, **arguments)
    warn(job.warnings)
    record = answered(study, job, options)
    if options.json:
        with speaking(SOURCE):
            print_json({"status": record.status, **as_json(study, record), "warnings": problem_dicts(job.warnings)})
    else:
        print_parts(written(study, record))
    return record.status


def answered(study: Study[R], job: Job[R], options: Options) -> R:
    """Find the answer, print it, and save it with its charts; return it as it was saved.

    Raises
    ------
    InputError
        If there is no answer, or the folder holds what must not be replaced.
    LostError, StoppedError
        If it could not be brought to an end; what is finished is kept.
    """
    folder = options.out / study.folder / job.about.name
    with writing(folder):
        check_replaceable(folder, job, options)
    try:
        with at_work(job, options) as (workers, store, progress):
            record = replace(job.work(Ready(workers, store, progress.step)), folder=folder)
            seconds = progress.seconds
            progress.end(study.finding(record))
            try:
                # Not after the charts, which take as long as many an answer.
                if not options.json:
                    print_parts(answer(study, record))
            finally:
                # Whoever does not hear it shall find it in the folder all the same.
                record = saved(study, record, job, folder, options, seconds)
    except StudyError as error:
        raise InputError(*(Message("{subject}: {why}", subject=job.subject, why=why) for why in error.args)) from None
    return record


def saved(
    study: Study[R], record: R, job: Job[R], folder: Path, options: Options, seconds: float,
    draw: Callable[[R, Path], None] | None = None,
) -> R:  # fmt: skip
    """Write a record with its charts to a folder, which is replaced as a whole; return it as it lies there.

    The charts are drawn by `draw`, or here.
    """

    def check() -> None:
        # Others may have been quicker.
        check_replaceable(folder, job, options)
        timing.keep_scenarios(folder, new)

    with writing(folder), replaced_folder(folder, check) as new:
        write_record(record, new)
        for name, text in study.files(record).items():
            (new / name).write_text(text, encoding="utf-8", newline="\n")
        drawn = f"{language()} {sources(EVERYTHING)} {version('matplotlib')}"
        if options.replace or not timing.took_charts(folder, new, drawn):
            (draw or partial(draw_into, study))(record, new)
        timing.write_timing(new, seconds, drawn)
    return replace(record, folder=folder, finished=timing.finished_at(folder))


def draw_into(study: Study[R], record: R, folder: Path) -> None:
    """Draw the charts of a record into a folder."""
    from sim.present.charts.style import boxes_for_rare_signs, save, style  # not earlier: matplotlib takes a second

    with style(), boxes_for_rare_signs():
        for chart in study.charts(record):
            if chart.saved:
                save(chart.make(), folder, chart.name)


def answer(study: Study[R], record: R) -> list[Part]:
    """Return what is printed of what was found."""
    return [*study.report(record), *taken_as_exact(record)]


def written(study: Study[R], record: R) -> list[Part]:
    """Return what is printed below an answer once it is saved."""
    parts: list[Part] = []
    if record.folder is not None:
        parts += ["", _("Written to {folder}: ", folder=record.folder) + ", ".join(timing.ours_in(record.folder))]
    return [*parts, "", *spoken] if (spoken := study.spoken(record)) else parts


def as_json(study: Study[R], record: R) -> dict[str, Any]:
    """Return a record for programs: all that is saved of it, and its sentences in each language."""
    facts = {name: value for name, value in facts_of(record).items() if name not in IN_FULL}
    about = facts.pop("about")
    found: dict[str, Any] = {**{name: about[name] for name in ("kind", "name", "seed", "engine", "rule")}, **facts}
    for field, row in rows_in_json(type(record)).items():
        found[field] = columns_of(row, getattr(record, field)).to_pylist()
    if study.spoken(record):
        found["sentences"] = in_each(study.spoken, record)
    if record.folder is not None:
        found |= {"folder": str(record.folder), "files": timing.ours_in(record.folder)}
    return found


def check_replaceable(folder: Path, job: Job[Any], options: Options) -> None:
    """Raise an `InputError` if a folder holds what a new answer must not replace."""
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise refused("--out: {folder} is a file, where the results are to go; move it away", folder=shown(str(folder)))
    if not os.path.isdir(folder) or not any(folder.iterdir()):
        return
    kept = kept_in(folder)
    if foreign := timing.in_the_way(folder):
        raise refused(
            "--out: {folder} holds files that are not results of this program ({names}); move them away, or name "
            "another folder with --out", folder=shown(str(folder)), names=", ".join(foreign[:3]),
        )  # fmt: skip
    if options.replace:
        return
    if kept is None:
        raise refused("{folder} holds results whose {file} is damaged; add --replace to make them again",
                      folder=folder, file=MANIFEST)  # fmt: skip
    if kept.format != FORMAT:
        raise refused("{folder} holds results of another version of this program; add --replace to make them again",
                      folder=folder)  # fmt: skip
    different = differences(kept, job.about)
    if options.quick and kept.quick is False and kept.about.get("identity") == job.about.identity:
        # What is quick says less than what is there.
        different = [Message("what is left out with --quick")]
    if different:
        raise refused(
            "{folder} holds finished results that differ in {what}; add --replace to replace them, or name another "
            "folder with --out", folder=folder, what=_c("comma", ", ").join(map(str, different)),
        )  # fmt: skip


@contextmanager
def at_work(job: Job[Any], options: Options) -> Iterator[tuple[Workers, FileStore, Any]]:
    """Yield workers, store and progress for a job, and say in one line what ends it early."""
    without_pandas()
    check_out(options.out)
    check_size((json.loads(point.scenario) for point in job.points), options)
    if options.jobs and options.scheduler:
        raise refused("--jobs: the workers of the scheduler have cores of their own; leave one of the two out")
    with writing(options.out):
        store = FileStore(options.out / BATCHES)
    if job.alone:
        with workers_for("compiled", 1) as workers, watching(job.about.name) as progress:
            yield workers, store, progress
        return
    if options.scheduler and not on_this_machine(options.scheduler):
        say(_("the scheduler {address} is on another machine, and the link to it is trusted with code: who can reach "
              "it can run programs here; use a network that is yours alone (warning)",
              address=options.scheduler))  # fmt: skip
    ready, about = False, job.about
    try:
        if options.engine == "compiled" and not options.scheduler:
            compile_ahead(lambda: say(_("The first run of a version compiles the simulator, some 15 seconds …")))
        with (
            workers_for(ENGINES[options.engine], options.jobs, options.scheduler, job.many_offices) as workers,
            begun(Begun(about.kind, about.name, options.command, job.points), options.out),
            watching(about.name) as progress,
        ):
            ready = True
            yield workers, store, progress
    except (OtherModelError, ModuleNotFoundError) as error:
        if not options.scheduler:
            raise
        why = Message("a worker has not installed this program") if isinstance(error, ModuleNotFoundError) else error
        raise refused("--scheduler: {why}; {kept}", why=why, kept=_kept(options)) from error
    except BatchVanishedError as error:
        raise LostError(Message("{why}; {kept}", why=error, kept=_kept(options))) from error
    except WorkersLostError as error:
        if not ready:
            raise refused("--scheduler: {why}", why=error) from error
        raise LostError(Message("{why}; {kept}", why=error, kept=_kept(options))) from error
    except KeyboardInterrupt:
        raise stopped(options) from None
    except OSError as error:
        raise refused("--out: cannot write {file}: {why}; {kept}", file=shown(str(options.out / BATCHES)),
                      why=reason(error), kept=_kept(options)) from error  # fmt: skip
    if store.damaged:
        say(_("{number} damaged files in {folder} were noticed, and made anew", number=len(store.damaged),
              folder=store.folder))  # fmt: skip


def stopped(options: Options) -> StoppedError:
    """Return that work has been interrupted, and how it goes on."""
    return StoppedError(_kept(options))


def _kept(options: Options) -> Message:
    return Message("what is finished is kept in {folder}; to go on from there: {command}", folder=options.out / BATCHES,
                   command=options.command)  # fmt: skip


def check_size(scenarios: Iterable[Mapping[str, Any]], options: Options) -> None:
    """Raise an `InputError` if a scenario in full takes much memory, and nobody has said that this is meant."""
    engine = engine_of(options)
    for full in () if options.yes else scenarios:
        if not surely_small(full, engine) and (said := large(scenario_from_dict(dict(full)), engine)) is not None:
            raise InputError(said)


def check_out(out: Path) -> None:
    """Raise an `InputError` if nothing can be written to a folder, before the work rather than after it."""
    there = out
    while not os.path.exists(there) and there != there.parent:
        there = there.parent
    if not os.path.isdir(there):
        raise refused("--out: {folder} is a file; name a folder", folder=shown(str(there)))
    if not os.access(there, os.W_OK | os.X_OK):
        raise refused("--out: nothing can be written to {folder}; name another folder", folder=shown(str(there)))


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the disk or its owner refuses into an `InputError`."""
    try:
        yield
    except OSError as error:
        raise refused("--out: cannot write {file}: {why}", file=shown(str(where)), why=reason(error)) from error


def seed_of(options: Options) -> int:
    """Return the seed asked for, or the project's own."""
    return SEED if options.seed is None else options.seed


def engine_of(options: Options) -> Engine:
    """Return the engine asked for."""
    return ENGINES[options.engine]


def rule_of(options: Options, tests: int, budget: int | None = None, early: bool = False) -> Rule:
    """Return the rule for a family of verdicts.

    Parameters
    ----------
    options : Options
    tests : int
    budget : int, optional
        Largest number of replications where the options do not say it.
    early : bool
        Whether what is clear is told before the usual first look.
    """
    rule = Rule(tests, largest=options.budget or budget or Rule.largest, early=early)
    return replace(rule, largest=min(rule.boundary.smallest, rule.largest)) if options.quick else rule


def telling(ready: Ready) -> Callable[[Progress, Verdicts], None]:
    """Return what shows the progress of a study that asks for verdicts, and those so far."""
    return lambda progress, verdicts: ready.tell(progress, counted(verdicts.counts()))


def counted(counts: Mapping[Verdict, int]) -> str:
    """Return verdicts with their numbers, as in ``HOLDS 3, FAILS 8``."""
    return _c("comma", ", ").join(f"{verdict_word(verdict.value)} {count}" for verdict, count in counts.items())


def loaded(files: Sequence[str], options: Options) -> list[Scenario]:
    """Return the scenarios of all files, or raise all that is wrong with any of them."""
    from sim.studies.inputs import check_file

    scenarios, problems = [], []
    for file in files:
        check_file(file, options.shipped)
        try:
            scenarios.append(load_scenario_file(file))
        except ScenarioError as error:
            problems += list(error.problems)
    if problems:
        raise ScenarioError(problems)
    return scenarios


def warnings_of(scenarios: Sequence[Scenario]) -> tuple[Problem, ...]:
    """Return the warnings about scenarios."""
    return tuple(problem for scenario in scenarios for problem in scenario.warnings)


def fitted_of(file: str | Path, scenarios: Sequence[Scenario]) -> Fitted | None:
    """Return what was fitted to a log and is the same in all scenarios; of a damaged calibration nothing, with a word.

    Parameters
    ----------
    file : str or Path
    scenarios : sequence of Scenario
        That of the file, or what was made of it.
    """
    try:
        return fitted_to_log(file, scenarios)
    except CalibrationError as error:
        say(_("{why}; what it has fitted counts as assumed (warning)", why=error))
        return None


def fitted_in_all(files: Sequence[str], scenarios: Sequence[Scenario]) -> Fitted | None:
    """Return what was fitted to the same log in all of some scenarios, each of its file; None if nothing is in any."""
    each = [fitted_of(file, [scenario]) for file, scenario in zip(files, scenarios, strict=True)]
    found = [fitted for fitted in each if fitted is not None]
    if not found:
        return None
    if len(found) < len(each) or len({fitted.log for fitted in found}) > 1:
        return Fitted("", ())
    common = set.intersection(*(set(fitted.parameters) for fitted in found))
    return Fitted(found[0].log, tuple(path for path in found[0].parameters if path in common))


def warn(problems: Sequence[Problem]) -> None:
    """Say warnings on standard error."""
    for problem in problems:
        say(f"{problem}" + _(" (warning)"))
