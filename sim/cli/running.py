"""What every experiment needs: a rule, workers, the store, and a folder that nothing is lost from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from sim.analysis.judge import Rule, Verdict
from sim.briefing.saved import Saved, SavedExperiment
from sim.briefing.words import Language, word
from sim.cli.errors import InputError, LostError, StoppedError
from sim.cli.options import Options
from sim.cli.output import say
from sim.cli.progress import Watching, watching
from sim.engines.play import Engine
from sim.experiment.begun import Begun, begun
from sim.experiment.manifest import FORMAT, MANIFEST, STAFFED, differences, read_manifest
from sim.experiment.run import SEED
from sim.experiment.verdicts import Verdicts
from sim.office.problems import shown
from sim.replicate.gather import Progress, UnitVanishedError
from sim.replicate.store import UNITS, FileStore
from sim.replicate.work import OtherModelError
from sim.replicate.workers import Workers, WorkersLostError, workers_for

WRITTEN = frozenset({
    "manifest", "timing", "kpis", "summary", "half_hours", "licence_times", "days", "licence_time", "day", "minutes",
    "verdicts", "figures", "heat_map", "lines", "plans", "pairs", "differences",
    "search", "needs", "roster", "certificate", "week", "staffing", "tried",
    "brackets", "steps", "frontier",
    "stages", "one_more", "late_cases", "week_minutes", "blame", "lateness",
    "assumptions", "flips", "judged", "others", "screening", "indices", "offices", "separation", "tornado", "plausible",
    "estimates", "services", "quantiles", "survival", "profile", "arrivals", "duty", "back_test", "findings",
    "arrival_profile", "service_times", "patience",
})  # fmt: skip
"""What folders of results hold, without suffixes."""
S = TypeVar("S", bound=Saved | SavedExperiment)

ENGINE_OF: dict[str, Engine] = {"compiled": "compiled", "process": "process"}


@dataclass(frozen=True)
class Ready:
    """All that an experiment needs to begin."""

    workers: Workers
    store: FileStore
    watching: Watching
    language: Language

    def watch(self, progress: Progress, question: Verdicts) -> None:
        """Show the progress of an experiment that asks for verdicts, and those so far."""
        self.watching.step(progress, verdicts_so_far(question.counts(), self.language))


def seed_of(options: Options) -> int:
    """Return the seed asked for, or the project's own."""
    return SEED if options.seed is None else options.seed


def rule_of(options: Options, tests: int, budget: int | None = None) -> Rule:
    """Return the rule for a family of verdicts.

    Parameters
    ----------
    options : Options
    tests : int
    budget : int, optional
        Largest number of replications where the options do not say it.
    """
    rule = Rule(tests)
    if options.budget or budget:
        rule = Rule(tests, largest=options.budget or budget or rule.largest)
    if options.quick:
        rule = Rule(tests, largest=min(rule.boundary.smallest, rule.largest))
    return rule


def verdicts_so_far(counts: Mapping[Verdict, int], language: Language) -> str:
    """Return verdicts with their numbers, as in ``HOLDS 3, FAILS 8``."""
    return counted({verdict.value: count for verdict, count in counts.items()}, language)


def counted(counts: Mapping[str, int], language: Language) -> str:
    """Return verdicts or findings with their numbers."""
    return word("comma", language).join(f"{word(found, language)} {count}" for found, count in counts.items())


@contextmanager
def at_work(what: Begun, options: Options) -> Iterator[Ready]:
    """Yield workers, store and progress for an experiment, and say in one line what ends it early."""
    check_out(options.out)
    if options.jobs and options.scheduler:
        raise InputError("--jobs: the workers of the scheduler have cores of their own; leave one of the two out")
    with writing(options.out):
        store = FileStore(options.out / UNITS)
    ready = False
    try:
        with (
            workers_for(ENGINE_OF[options.engine], options.jobs, options.scheduler) as workers,
            begun(what, options.out),
            watching(what.name, options.language) as progress,
        ):
            ready = True
            yield Ready(workers, store, progress, options.language)
    except (OtherModelError, ModuleNotFoundError) as error:
        if not options.scheduler:
            raise
        text = "a worker has not installed this program" if isinstance(error, ModuleNotFoundError) else str(error)
        raise InputError(f"--scheduler: {text}; {_kept(options)}") from error
    except UnitVanishedError as error:
        raise LostError(f"{error}; {_kept(options)}") from error
    except WorkersLostError as error:
        if not ready:
            raise InputError(f"--scheduler: {error}") from error
        raise LostError(f"{error}; {_kept(options)}") from error
    except KeyboardInterrupt:
        raise StoppedError(_kept(options)) from None
    except OSError as error:
        what_failed = f"cannot write {shown(str(options.out / UNITS))}: {error.strerror or error}"
        raise InputError(f"--out: {what_failed}; {_kept(options)}") from error
    if store.damaged:
        say(f"{len(store.damaged)} damaged files in {store.folder} were noticed, and made anew")


def _kept(options: Options) -> str:
    return f"what is finished is kept in {options.out / UNITS}; to go on from there: {options.command}"


def check_out(out: Path) -> None:
    """Raise an `InputError` if nothing can be written to a folder, before the work rather than after it."""
    there = out
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise InputError(f"--out: {shown(str(there))} is a file; name a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"--out: nothing can be written to {shown(str(there))}; name another folder")


def check_replaceable(folder: Path, facts: Mapping[str, Any], options: Options) -> None:
    """Raise an `InputError` if a folder holds what a new experiment must not replace.

    Parameters
    ----------
    folder : Path
        Where the results are to go.
    facts : mapping
        The manifest of the new experiment as far as it is known beforehand.
    options : Options
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {shown(str(folder))} is a file, where the results are to go; move it away")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    foreign = sorted(file.name for file in folder.iterdir() if not _ours(file))
    if foreign:
        raise InputError(
            f"--out: {shown(str(folder))} holds files that are not results of this program ({', '.join(foreign[:3])}); "
            "move them away, or name another folder with --out"
        )
    finished = read_manifest(folder)
    if options.replace:
        return
    if finished is None:
        raise InputError(f"{folder} holds an experiment whose {MANIFEST} is damaged; add --replace to make it again")
    if finished["format"] != FORMAT:
        raise InputError(f"{folder} holds an experiment of another version of this program; add --replace to go on")
    if different := differences(finished, facts):
        raise InputError(
            f"{folder} holds a finished experiment that differs in {different}; add --replace to replace it, or name "
            "another folder with --out"
        )


def _ours(file: Path) -> bool:
    """Say whether this program may have written a file in a folder of results."""
    if file.suffix == ".yaml":
        return (file.stem.endswith(STAFFED) or file.stem in (file.parent.name, "ranges")) and file.is_file()
    return file.stem in WRITTEN and file.suffix in (".csv", ".json", ".parquet", ".png", ".svg") and file.is_file()


def placed(
    write: Callable[[Callable[[Path], None]], None],
    read: Callable[[Path], S],
    draw: Callable[[S, Path, Language], object],
    folder: Path,
    facts: Mapping[str, Any],
    options: Options,
) -> S:
    """Write the results of an experiment with their charts to a folder, and return what was written.

    Parameters
    ----------
    write : callable
        Writes the results, and calls what it is given with the new folder before that takes its place.
    read, draw : callable
        Read results from a folder; draw their charts into it.
    folder : Path
    facts : mapping
        As in `check_replaceable`, which is asked once more: others may have been quicker.
    options : Options

    Raises
    ------
    InputError
        If the results cannot be written, or those of somebody else have meanwhile taken their place.
    """
    found: list[S] = []

    def finish(new: Path) -> None:
        saved = read(new)
        draw(saved, new, options.language)
        check_replaceable(folder, facts, options)
        found.append(replace(saved, folder=folder))

    with writing(folder):
        write(finish)
    return found[0]


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the disk or its owner refuses into an `InputError`."""
    try:
        yield
    except OSError as error:
        raise InputError(f"--out: cannot write {shown(str(where))}: {error.strerror or error}") from error
