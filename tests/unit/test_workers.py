"""Workers: threads and processes give the same figures, and what dies or is interrupted is gone on with."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from pathlib import Path

import pytest
from small_runs import SMALL, files_in, record_of

from sim.measures.judge import Rule
from sim.office.scenario import scenario_from_dict
from sim.replicate.design_points import design_point_of, model_version
from sim.replicate.figures import unpacked
from sim.replicate.store import FileStore, MemoryStore
from sim.replicate.work import OtherModelError, StoppedEarlyError, Task, batch_facts, perform
from sim.replicate.workers import MOST_RETRIES, Workers, WorkersLostError, workers_for
from sim.results.codec import write_record
from sim.studies.run.replicate import run_points, run_scenarios

pytestmark = pytest.mark.usefixtures("all_cores")

ROOT = Path(__file__).parents[2]
DAY = SMALL | {"period": {"first": "2023-03-01", "last": "2023-03-01"}}
SCENARIOS = [
    scenario_from_dict({**DAY, "name": name, "staff": {"reviewers": {"plan": {"08:30-17:00": servers}}}})
    for name, servers in {"five": 5, "six": 6, "seven": 7}.items()
]
RULE = Rule(len(SCENARIOS), largest=8, smallest=4)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="processes are ended in the way of Unix")
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked at in the way of Linux")


def folders(where, engine, jobs, store=None, watch=lambda progress, verdicts: None, scheduler=None):
    """Run the scenarios and return all that they write, without the time that it took, and the runs."""
    with workers_for(engine, jobs, scheduler) as workers:
        runs = run_scenarios(
            SCENARIOS, run_points(SCENARIOS, 5, engine), RULE, workers, store or MemoryStore(),
            lambda progress, verdicts: watch(progress, workers),
        )  # fmt: skip
    for run in runs:
        (where / run.scenario.name).mkdir(parents=True)
        write_record(record_of(run), where / run.scenario.name)
    return files_in(where), runs


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return what a single thread writes, and the runs."""
    return folders(tmp_path_factory.mktemp("alone"), "compiled", 1)


# Waiting, failing, beginning again


class ByHand(Executor):
    """An executor whose tasks are finished by the test."""

    def __init__(self, broken_from=10**9):
        self.futures, self.ended, self.broken_from = [], False, broken_from

    def submit(self, function, task, *more):
        if len(self.futures) >= self.broken_from:
            raise BrokenExecutor("broken")
        self.futures.append(Future())
        return self.futures[-1]

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.ended = True


def by_hand(*executors, **how):
    left = list(executors)
    return Workers(lambda: (left.pop(0), 2), **how)


TASKS = [Task((), first, 10, "model") for first in range(0, 50, 10)]


def begin(workers, number):
    for task in TASKS[:number]:
        workers.submit(task)
    assert workers.in_hand == number


def test_what_is_finished_is_returned_whatever_went_wrong_with_the_rest():
    executor = ByHand()
    workers = by_hand(executor)
    begin(workers, 4)
    executor.futures[0].set_exception(ZeroDivisionError("oh"))
    executor.futures[1].set_result([b"one"])
    executor.futures[2].set_exception(BrokenExecutor())
    executor.futures[3].set_result([b"three"])
    assert sorted(workers.finished(), key=str) == [(TASKS[1], [b"one"]), (TASKS[3], [b"three"])]
    assert workers.in_hand == 2


def test_a_fault_in_a_task_is_raised_and_the_finished_can_still_be_had():
    executor = ByHand()
    workers = by_hand(executor)
    begin(workers, 3)
    executor.futures[0].set_exception(ZeroDivisionError("oh"))
    with pytest.raises(ZeroDivisionError, match="oh"):
        workers.finished()
    executor.futures[2].set_result([b"two"])
    assert workers.done_by_now() == [(TASKS[2], [b"two"])]
    assert workers.done_by_now() == []


@pytest.mark.parametrize("error", [BrokenExecutor(), CancelledError()], ids=["broken", "cancelled"])
def test_tasks_whose_worker_has_gone_are_begun_again(error):
    first, second = ByHand(), ByHand()
    workers = by_hand(first, second)
    begin(workers, 3)
    first.futures[1].set_result([b"one"])
    assert workers.finished() == [(TASKS[1], [b"one"])]
    if isinstance(error, CancelledError):
        first.futures[0].cancel()
        first.futures[0].set_running_or_notify_cancel()
    else:
        first.futures[0].set_exception(error)
    threading.Timer(0.05, lambda: second.futures[1].set_result([b"two"])).start()
    assert workers.finished() == [(TASKS[2], [b"two"])]
    assert first.ended
    assert not second.ended
    assert workers.in_hand == 1
    second.futures[0].set_result([b"zero"])
    assert workers.finished() == [(TASKS[0], [b"zero"])]


def test_workers_that_break_while_tasks_are_begun_again_are_replaced_too():
    executors = [ByHand(2), ByHand(1), ByHand()]
    workers = by_hand(*executors)
    begin(workers, 3)
    assert len(executors[2].futures) == 3
    for future in executors[2].futures:
        future.set_result([])
    assert sorted(task.first for task, _ in workers.finished()) == [0, 10, 20]


def test_workers_that_break_again_and_again_are_given_up():
    workers = by_hand(*(ByHand(1) for _ in range(MOST_RETRIES + 1)))
    workers.submit(TASKS[0])
    with pytest.raises(WorkersLostError, match=f"have ended {MOST_RETRIES + 1} times"):
        workers.submit(TASKS[1])


def test_tasks_are_told_to_stop_only_if_there_are_some():
    for number, told in ((0, []), (2, ["stop"])):
        heard, executor = [], ByHand()
        workers = by_hand(executor, stopping=lambda _, heard=heard: heard.append("stop"))
        begin(workers, number)
        workers.close()
        assert heard == told
        assert executor.ended
        assert workers.in_hand == 0
        assert all(future.cancelled() for future in executor.futures)


def test_a_task_that_is_stopped_ends_before_its_next_play():
    asked = []
    task = Task((design_point_of(SCENARIOS[0], 1),), 0, 10, model_version())
    with pytest.raises(StoppedEarlyError):
        perform(task, lambda: asked.append(1) or len(asked) > 2)
    assert len(asked) == 3


def test_a_worker_with_another_model_refuses():
    with pytest.raises(OtherModelError, match="another version of this program"):
        perform(Task((design_point_of(SCENARIOS[0], 1),), 0, 1, "another"))


HOPELESS = {
    "demand": {"registrations_per_year": 300_000},
    "staff": {"reviewers": {"plan": {}, "on": {"mon": {"08:30-09:00": 1}}}},
}


@pytest.mark.parametrize("changes", [{}, HOPELESS], ids=["finishes", "never finishes"])
def test_a_unit_does_not_know_its_name(changes):
    """Whoever has the same figures under another name finds it, and must not be told of somebody else."""
    scenarios = [scenario_from_dict({**SMALL, **changes, "name": name}) for name in ("one", "other")]
    points = [design_point_of(scenario, 1) for scenario in scenarios]
    batches = [perform(Task((point,), 0, 1, model_version()))[0] for point in points]
    assert batches[0] == batches[1]
    figures = unpacked(batches[0], batch_facts(points[0].key, 0, 1))
    assert (len(figures), bool(figures.unfinished)) == ((0, True) if changes else (1, False))
    if changes:
        assert sum(figures.unfinished.at.values()) <= figures.unfinished.cases


def test_workers_that_may_come_and_go_are_counted_now_and_then(monkeypatch):
    monkeypatch.setattr("sim.replicate.workers.RECOUNT", 0.0)
    executor, counts = ByHand(), iter((5, 3))
    workers = by_hand(executor, recount=lambda: next(counts))
    begin(workers, 2)
    for future, slots in zip(executor.futures, (5, 3), strict=True):
        future.set_result([])
        assert len(workers.finished()) == 1
        assert workers.slots == slots


def test_who_counts_the_workers_may_give_them_up(monkeypatch):
    monkeypatch.setattr("sim.replicate.workers.RECOUNT", 0.1)
    began = time.monotonic()

    def recount():
        raise WorkersLostError("nobody is left")

    workers = by_hand(ByHand(), recount=recount)
    begin(workers, 1)
    with pytest.raises(WorkersLostError, match="nobody is left"):
        workers.finished()
    assert time.monotonic() - began >= 0.1


# The same on threads and on processes


@pytest.mark.parametrize("jobs", [2, 5])
def test_on_more_threads_the_files_are_the_same_to_the_last_byte(alone, tmp_path, jobs):
    files, runs = alone
    more, again = folders(tmp_path, "compiled", jobs)
    assert more == files
    assert [run.outcome for run in again] == [run.outcome for run in runs]
    assert len(files) == 3 * 15
    assert {len(run.figures) for run in runs} <= set(range(4, 9))


@POSIX
def test_processes_give_the_same_figures_and_survive_the_death_of_one(alone, tmp_path):
    files, _ = alone
    killed = []

    def kill(progress, workers):
        if not killed and progress.replications >= 4:
            killed.append(next(iter(workers._executor._processes)))
            os.kill(killed[0], signal.SIGKILL)

    store = FileStore(tmp_path / "batches")
    process, runs = folders(tmp_path / "killed", "process", 2, store, kill)
    assert killed
    # Engine and identity are in the manifest.
    assert {name: data for name, data in process.items() if not name.endswith("manifest.json")} == {
        name: data for name, data in files.items() if not name.endswith("manifest.json")
    }
    assert store.damaged == []
    assert not list(store.folder.rglob(".*"))
    restored = []
    again, _ = folders(tmp_path / "again", "process", 1, store, lambda told, _: restored.append(told.restored))
    assert again == process
    assert restored[-1] >= sum(len(run.figures) for run in runs)


# As a command

LONG = """
name: long
title: {en: Some weeks, zh: 几个星期}
period: {first: 2023-03-01, last: LAST}
"""
LAST_DAY = {"compiled": "2023-03-31", "process": "2023-03-03"}  # long enough to be interrupted
SWEEP = """
name: few
title: {en: A few design points, zh: 几个组合}
base: long
vary:
  registrations:
    title: {en: registrations a year, zh: 年新设登记数}
    parameter: demand.registrations_per_year
    values: [38000, 40200]
  reviewers:
    title: {en: change in reviewers, zh: 审核员增减人数}
    add_to: staff.reviewers.plan
    values: [0, 1]
max_replications: 30
"""


@pytest.fixture
def home(tmp_path, engine):
    (tmp_path / "scenarios" / "sweeps").mkdir(parents=True)
    scenario = LONG.replace("LAST", LAST_DAY[engine])
    (tmp_path / "scenarios" / "long.yaml").write_text(scenario, encoding="utf-8")
    (tmp_path / "scenarios" / "sweeps" / "few.yaml").write_text(SWEEP, encoding="utf-8")
    return tmp_path


def started(home, *arguments):
    line = [sys.executable, ROOT / "run_sim.py", *arguments]
    return subprocess.Popen(
        line, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"}, start_new_session=True,
    )  # fmt: skip


def units_of(home):
    return {file.name: file.stat().st_mtime_ns for file in (home / "results" / "batches").glob("*/[0-9a-f]*.npz")}


def wait_for_units(home, running, number):
    ends = time.monotonic() + 60
    while len(units_of(home)) < number:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < ends, "nothing was finished"
        time.sleep(0.01)


def descendants(pid):
    """Return the processes that a process has started, and those that they have."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


SWEEPING = ("sweep", "scenarios/sweeps/few.yaml", "--jobs", "2")


def interrupted(home, call, arguments):
    """Interrupt a sweep in its middle, see that it ends as it should, and return the batches that are there."""
    running = started(home, *arguments)
    wait_for_units(home, running, 2)
    began = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=30)
    seconds = time.monotonic() - began
    assert (running.returncode, out) == (130, "")
    assert seconds < 2.0
    command = " ".join(["python", "run_sim.py", *arguments])
    assert err.splitlines()[-1] == (
        f"run_sim.py: interrupted; what is finished is kept in results/batches; to go on from there: {command}"
    )
    assert [line for line in err.splitlines()[:-1] if not line.startswith("few: ")] == []
    assert not list((home / "results").rglob(".*"))
    assert not (home / "results" / "sweeps" / "few").exists()
    assert command in call("results")[1]
    return units_of(home)


@POSIX
@pytest.mark.thorough
@pytest.mark.parametrize("engine", ["process"])
def test_ctrl_c_ends_worker_processes_at_once(home, call, engine):
    interrupted(home, call, (*SWEEPING, "--engine", engine))


@POSIX
@pytest.mark.parametrize("engine", ["compiled"])
def test_after_ctrl_c_the_same_command_goes_on_and_ends_with_the_same_files(home, call, engine):
    there = interrupted(home, call, SWEEPING)
    assert there
    status, out, err = call(*SWEEPING)
    assert status == 0, err
    assert {name: made for name, made in units_of(home).items() if name in there} == there, "made once more"
    (home / "results").rename(home / "gone_on")
    assert call(*SWEEPING)[:2] == (0, out)
    assert files_in(home / "results" / "sweeps") == files_in(home / "gone_on" / "sweeps")
    assert re.search(r"results/sweeps/few: .*verdicts\.parquet", out)


@LINUX
@pytest.mark.parametrize("engine", ["process"])
def test_worker_processes_end_with_a_parent_that_is_killed(home, engine):
    running = started(home, *SWEEPING, "--engine", engine)
    wait_for_units(home, running, 1)
    children = descendants(running.pid)
    assert len(children) >= 2
    running.kill()
    running.communicate()
    ends = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < ends, "some are still there"
        time.sleep(0.05)


WITHOUT_PANDAS = """
import sys
from sim.memory import without_pandas
without_pandas()
import pyarrow as pa
pa.table({"a": pa.array([1, 2])}).column(0).to_numpy()
assert "pandas" not in sys.modules
"""


def test_arrow_takes_no_pandas_along_that_nobody_uses():
    pytest.importorskip("pandas")
    subprocess.run([sys.executable, "-c", WITHOUT_PANDAS], check=True, timeout=60, cwd=ROOT)
