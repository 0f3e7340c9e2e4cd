"""The engines as a fixture, whatever is not about one of them is tested on each; and a call of the program."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkstemp

import pytest
from flat_pictures import drawing, flat
from helpers import EVERY

from sim import text
from sim.cli.main import main
from sim.engines.compiled import play_compiled
from sim.engines.process import play_process
from sim.office.tables import OfficeTables
from sim.records import Journeys, VisitLog

text.strict = True
"""A message that is in no catalogue fails the test that has it said in Chinese."""

# Whoever is looked at for garbage is nearly always still in use: every test has made its own, and modules hold most.
gc.set_threshold(20_000, 20, 100)

if (WORKER := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    # Each worker on a core of its own, and all that it starts: threads of two would wait for each other's interpreter.
    # While one waits for a browser, a scheduler or a killed process, another one on its core goes on.
    CORES = sorted(os.sched_getaffinity(0))
    OWN = {CORES[int(WORKER.removeprefix("gw")) % len(CORES)]}
    os.sched_setaffinity(0, OWN)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Take one worker more than there are cores, if nothing else is said."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return 1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


ROOT = Path(__file__).parents[1]
COMPILE = """
import os
try:
    from sim import draw, load_scenario, measure, play
    office = load_scenario("scenarios/review-outage.yaml")
    journeys = draw(office, seed=1)
    measure(office, journeys, play(office, journeys))
finally:
    os.remove(os.environ["COMPILING"])
"""
"""All that is compiled, for all workers; each by itself would do it at the same time."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known of tests that are thorough, and begin to compile while the workers gather their tests."""
    config.addinivalue_line("markers", "thorough: takes long, and others of its kind do not; runs with EVERY=1")
    if not WORKER and config.getoption("numprocesses", None):
        handle, os.environ["COMPILING"] = mkstemp()
        os.close(handle)
        compiler = subprocess.Popen([sys.executable, "-c", COMPILE], cwd=ROOT)

        def end() -> None:
            compiler.kill()
            compiler.wait()
            Path(os.environ["COMPILING"]).unlink(missing_ok=True)

        config.add_cleanup(end)


ORDER = ("golden", "differential", "property", "theory", "browser", "unit")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest; no browser waits for code that is not compiled yet."""
    # A test that is named runs.
    if not EVERY and not any("::" in argument for argument in config.args):
        thorough = [item for item in items if item.get_closest_marker("thorough") is not None]
        config.hook.pytest_deselected(items=thorough)
        items[:] = [item for item in items if item not in thorough]
    place = {folder: number for number, folder in enumerate(ORDER)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(ORDER)))


Engine = Callable[[Journeys, OfficeTables], VisitLog]

ENGINES: dict[str, Engine] = {"process": play_process, "compiled": play_compiled}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return the function (journeys, tables) -> VisitLog of each engine in turn."""
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def all_cores() -> Iterator[None]:
    """Let the processes of a module run wherever there is room."""
    if not WORKER or not hasattr(os, "sched_setaffinity"):
        yield
        return
    os.sched_setaffinity(0, CORES)
    yield
    os.sched_setaffinity(0, OWN)


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Wait until all is compiled."""
    ends = time.monotonic() + 120
    while WORKER and os.path.exists(os.environ.get("COMPILING", "")) and time.monotonic() < ends:
        time.sleep(0.1)


@pytest.fixture(scope="session", autouse=True)
def undrawn() -> Iterator[None]:
    """Have commands write empty files for charts, and briefings white pictures: drawing takes most of their time.

    Nor does anybody wait for a disk, whose power is not cut in the middle of a test.
    """
    with flat(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture
def drawn() -> Iterator[None]:
    """Have the charts drawn in a test; wider fixtures say `with drawing()`."""
    with drawing():
        yield


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Return a function that calls the program in a folder of its own: exit status, and both outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments):
        status = main(tmp_path, arguments)
        output = capsys.readouterr()
        return status, output.out, output.err

    return call
