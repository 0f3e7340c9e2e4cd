"""Run a scenario and write its results, charts included, as one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.briefing.charts import draw_charts
from sim.briefing.saved import Saved, read_saved
from sim.cli.errors import InputError
from sim.cli.options import Options
from sim.engines.play import Engine, NeverFinishesError
from sim.experiment.run import QUICK_REPLICATIONS, REPLICATIONS, SEED, NothingToJudgeError, run_scenario
from sim.experiment.store import MANIFEST, write_run, write_unfinished
from sim.office.parameters import Scenario
from sim.office.problems import shown

ENGINE_OF: dict[str, Engine] = {"compiled": "compiled", "process": "process"}


def seed_of(options: Options) -> int:
    """Return the seed asked for, or the project's own."""
    return SEED if options.seed is None else options.seed


def replications_of(options: Options) -> int:
    """Return the number of replications: the one asked for, else few if it shall be quick."""
    return options.replications or (QUICK_REPLICATIONS if options.quick else REPLICATIONS)


def check_out(out: Path) -> None:
    """Raise an `InputError` if nothing can be written to a folder, before the work rather than after it."""
    there = out
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise InputError(f"--out: {shown(str(there))} is a file; name a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"--out: nothing can be written to {shown(str(there))}; name another folder")


def check_replaceable(folder: Path) -> None:
    """Raise an `InputError` if `folder` holds anything but results, which a run would replace."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {shown(str(folder))} is a file, where the results are to go; move it away")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise InputError(
            f"--out: {shown(str(folder))} holds files that are not results of a run; name another folder with --out"
        )


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the disk or its owner refuses into an `InputError`."""
    try:
        yield
    except OSError as error:
        raise InputError(f"--out: cannot write {shown(str(where))}: {error.strerror or error}") from error


def run_and_store(scenario: Scenario, file: str, options: Options, advance: Callable[[], None]) -> Saved:
    """Run a scenario, write its folder, and return what was written.

    Raises
    ------
    InputError
        If there is nothing to judge in the scenario, or the results cannot be written.
    """
    folder = options.out / scenario.name
    check_replaceable(folder)
    seed, replications, engine = seed_of(options), replications_of(options), ENGINE_OF[options.engine]
    try:
        run = run_scenario(scenario, seed, replications, engine, advance)
    except NothingToJudgeError as error:
        raise InputError(f"{file}: {error}") from None
    except NeverFinishesError as error:
        with writing(folder):
            write_unfinished(scenario, seed, replications, engine, str(error), folder)
        return read_saved(folder)
    with writing(folder):
        write_run(run, folder, lambda new: draw_charts(read_saved(new), new, options.language))
    return read_saved(folder)
