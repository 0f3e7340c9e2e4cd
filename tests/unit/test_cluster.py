"""A Dask cluster gives the same results; whoever of it is killed, what is finished stays."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from small_runs import SMALL, files_in

from sim.measures.judge import Rule
from sim.office.scenario import scenario_from_dict
from sim.replicate.store import FileStore
from sim.replicate.work import OtherModelError
from sim.replicate.workers import WorkersLostError, on_this_machine, workers_for
from sim.studies.run.replicate import run_points, run_scenarios

if find_spec("distributed") is None:
    pytest.skip("no Dask to make clusters with", allow_module_level=True)
import psutil  # comes with it

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="processes are ended in the way of Unix"),
    pytest.mark.usefixtures("all_cores"),
]

ROOT = Path(__file__).parents[2]
SCENARIOS = [
    scenario_from_dict({**SMALL, "name": f"s{number}", "review": {"return_rate": number / 100}}) for number in range(8)
]
RULE = Rule(len(SCENARIOS), largest=60, smallest=30)
LONG = """
name: long
title: {en: Some weeks, zh: 几个星期}
period: {first: 2023-03-01, last: 2023-03-31}
"""
SWEEP = """
name: few
title: {en: A few design points, zh: 几个组合}
base: long
vary:
  registrations:
    title: {en: registrations a year, zh: 年新设登记数}
    parameter: demand.registrations_per_year
    values: [36000, 38000, 40200]
max_replications: 30
"""
LOCAL = "127.0.0.1"
LISTENS = ("--host", LOCAL, "--dashboard-address", f"{LOCAL}:0", "--no-dashboard")
OLDER = "import sim.replicate.work as work; work.model_version = lambda: 'older'"
NOT_INSTALLED = "import sys; sys.modules['sim'] = None"
WORKER = "from distributed.cli.dask_worker import main; main()"


class Cluster:
    """A scheduler and workers of this machine, each a process, none of which anybody else can reach."""

    def __init__(self, folder):
        self.folder, self.workers, self.processes = folder, [], []
        file = folder / "scheduler.json"
        line = ["-m", "distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(file), *LISTENS]
        self.scheduler = self._start("scheduler", *line)
        ends = time.monotonic() + 30
        while True:
            try:
                self.address = json.loads(file.read_text(encoding="utf-8"))["address"]
                break
            except (FileNotFoundError, ValueError):
                assert time.monotonic() < ends, (folder / "scheduler.log").read_text()
                time.sleep(0.05)

    def add_worker(self, before="pass"):
        """Start a worker that executes some code first."""
        name = f"worker-{len(self.processes)}"
        more = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder / name), "--name", name)
        code = f"import sys; sys.argv[0] = 'worker'; {before}; {WORKER}"
        self.workers.append(self._start(name, "-c", code, self.address, *more, *LISTENS))
        return self.workers[-1]

    def _start(self, name, *arguments):
        with (self.folder / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=self.folder, stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        self.processes.append(process)
        return process

    def wait_for_workers(self, number):
        from distributed import Client

        with Client(self.address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=30)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def lose_workers(self):
        """End the workers, and wait until the scheduler has noticed."""
        from distributed import Client

        for worker in self.workers:
            worker.kill()
            worker.wait()
        with Client(self.address, timeout=30, set_as_default=False) as client:
            while client.nthreads():
                time.sleep(0.05)
        self.workers.clear()


@pytest.fixture(scope="module")
def clusters():
    """Return the cluster that the tests share: to start a scheduler takes seconds."""
    made = []
    yield made
    for cluster in made:
        cluster.end()


@pytest.fixture
def cluster(clusters, tmp_path_factory):
    """Return a scheduler without workers."""
    if not clusters or clusters[-1].scheduler.poll() is not None:
        clusters.append(Cluster(tmp_path_factory.mktemp("cluster")))
    else:
        clusters[-1].lose_workers()
    return clusters[-1]


@pytest.fixture
def home(tmp_path):
    (tmp_path / "scenarios" / "sweeps").mkdir(parents=True)
    (tmp_path / "scenarios" / "long.yaml").write_text(LONG, encoding="utf-8")
    (tmp_path / "scenarios" / "sweeps" / "few.yaml").write_text(SWEEP, encoding="utf-8")
    return tmp_path


@pytest.fixture
def sweep(call):
    """Return a function that runs the sweep: exit status, output, lines on standard error that are not on progress."""

    def sweep(*arguments):
        status, out, err = call("sweep", "scenarios/sweeps/few.yaml", *arguments)
        return status, out, [line for line in err.splitlines() if not line.startswith("few: ")]

    return sweep


def units_of(home):
    return {file.name: file.stat().st_mtime_ns for file in (home / "results" / "batches").glob("*/[0-9a-f]*.npz")}


def listening(pid):
    return {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


@contextlib.contextmanager
def killed_in_the_middle(home, process):
    """Kill a process when some batches are there; return how many, when that was, and where we listened then."""
    told = []

    def kill():
        ends = time.monotonic() + 60
        while len(units_of(home)) < 2 and time.monotonic() < ends:
            time.sleep(0.01)
        process.kill()
        told.extend([len(units_of(home)), time.monotonic(), listening(os.getpid())])

    killer = threading.Thread(target=kill)
    killer.start()
    yield told
    killer.join()
    assert process.wait() == -signal.SIGKILL


def test_a_killed_worker_is_made_up_for_by_the_others(cluster, home, sweep):
    workers = [cluster.add_worker() for _ in range(2)]
    cluster.wait_for_workers(2)
    for process in (cluster.scheduler, *workers):
        assert {host for host, _ in listening(process.pid)} == {LOCAL}
    before = listening(os.getpid())
    with killed_in_the_middle(home, workers[0]) as told:
        status, out, err = sweep("--scheduler", cluster.address)
    there, _, listened = told
    assert listened == before
    assert there < len(units_of(home)), "it came too late"
    assert (status, err) == (0, [])
    assert not list((home / "results").rglob(".*"))
    (home / "results").rename(home / "together")
    assert sweep("--jobs", "1") == (0, out, [])
    assert files_in(home / "results" / "sweeps") == files_in(home / "together" / "sweeps")


def test_workers_that_join_take_their_share_and_if_all_go_it_ends(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.replicate.workers.RECOUNT", 0.05)
    monkeypatch.setattr("sim.replicate.cluster.ALONE", 0.5)
    cluster.add_worker()
    cluster.wait_for_workers(1)
    slots = []

    def watch(progress, workers):
        slots.append(workers.slots)
        if len(slots) == 2:
            cluster.add_worker()
            cluster.wait_for_workers(2)
        if slots[-1] == 2:
            for worker in cluster.workers:
                worker.kill()

    store, points = FileStore(tmp_path), run_points(SCENARIOS, 5, "compiled")
    with (
        pytest.raises(WorkersLostError, match="has had no workers for"),
        workers_for("compiled", scheduler=cluster.address) as workers,
    ):
        run_scenarios(SCENARIOS, points, RULE, workers, store, watch=lambda progress, _: watch(progress, workers))
    assert slots[0] == 1
    assert slots[-1] == 2
    assert len(list(tmp_path.glob("*/*.npz"))) >= len(slots)


def test_a_killed_scheduler_is_told_and_the_same_command_goes_on_without_it(cluster, home, sweep):
    cluster.add_worker()
    cluster.wait_for_workers(1)
    with killed_in_the_middle(home, cluster.scheduler) as told:
        status, out, err = sweep("--scheduler", cluster.address)
    assert time.monotonic() - told[1] < 15
    assert (status, out) == (1, "")
    assert err == [
        f"run_sim.py: the scheduler {cluster.address} does not answer; is it running, and are its workers?; what is "
        "finished is kept in results/batches; to go on from there: python run_sim.py sweep scenarios/sweeps/few.yaml "
        f"--scheduler {cluster.address}"
    ]
    there = units_of(home)
    assert len(there) >= 2
    assert not list((home / "results").rglob(".*"))
    status, out, err = sweep()
    assert (status, err) == (0, [])
    assert {name: made for name, made in units_of(home).items() if name in there} == there, "made once more"
    assert "30 replications a design point" in out


def test_nobody_there_is_said_in_one_line(cluster, home, sweep, monkeypatch):
    monkeypatch.setattr("sim.replicate.cluster.CONNECT", 1.0)
    with socket.socket() as free:
        free.bind((LOCAL, 0))
        nobody = f"tcp://{LOCAL}:{free.getsockname()[1]}"
        for address, what in ((nobody, "does not answer"), (cluster.address, "has no workers")):
            began = time.monotonic()
            status, out, err = sweep("--scheduler", address)
            assert time.monotonic() - began < 10
            assert (status, out) == (2, "")
            said = f"the scheduler {address} {what}; is it running, and are its workers?"
            assert err == [f"run_sim.py: error: --scheduler: {said}"]
    assert not list((home / "results" / "batches").rglob("*.json"))


def test_of_a_scheduler_elsewhere_it_is_said_that_it_is_trusted_with_code(home, sweep, monkeypatch):
    monkeypatch.setattr("sim.replicate.cluster.CONNECT", 0.2)
    # An address that is kept for documents: nobody's.
    _, _, err = sweep("--scheduler", "tcp://192.0.2.1:8786")
    assert len(err) == 2
    assert "the scheduler tcp://192.0.2.1:8786 is on another machine, and the link to it is trusted with code" in err[0]
    here = (f"tcp://{LOCAL}:1", "tcp://[::1]:1", "tcp://localhost:1", f"tcp://{socket.gethostname()}:1", "tcp://no.invalid:1")
    assert [address for address in here if not on_this_machine(address)] == []


@pytest.mark.parametrize(
    ("greeting", "said"), [(b"", "does not answer"), (b"SSH-2.0-OpenSSH\r\n", "no Dask scheduler")]
)
def test_a_port_of_something_else_is_said_soon(greeting, said, monkeypatch):
    monkeypatch.setattr("sim.replicate.cluster.CONNECT", 1.0)
    taken = []

    def answer_each():
        with contextlib.suppress(OSError):  # until it is closed
            while True:
                taken.append(listening.accept()[0])
                taken[-1].sendall(greeting)

    with socket.create_server((LOCAL, 0)) as listening:
        threading.Thread(target=answer_each, daemon=True).start()
        address = f"tcp://{LOCAL}:{listening.getsockname()[1]}"
        with pytest.raises(WorkersLostError, match=said), workers_for("compiled", scheduler=address):
            pytest.fail("it began")
        listening.shutdown(socket.SHUT_RDWR)
    for connection in taken:
        connection.close()


def test_workers_with_another_version_are_told_in_one_line(cluster, home, sweep):
    cluster.add_worker(OLDER)
    cluster.wait_for_workers(1)
    with (
        pytest.raises(OtherModelError, match="another version of this program"),
        workers_for("compiled", scheduler=cluster.address),
    ):
        pytest.fail("it began")
    kept = "what is finished is kept in results/batches; to go on from there: python run_sim.py sweep"
    status, out, (line,) = sweep("--scheduler", cluster.address)
    assert (status, out) == (2, "")
    said = "a worker has another version of this program; install the same one everywhere"
    assert line.startswith(f"run_sim.py: error: --scheduler: {said}; {kept}")
    cluster.lose_workers()
    cluster.add_worker(NOT_INSTALLED)
    status, out, (line,) = sweep("--scheduler", cluster.address)
    assert (status, out) == (2, "")
    assert line.startswith(f"run_sim.py: error: --scheduler: a worker has not installed this program; {kept}")
