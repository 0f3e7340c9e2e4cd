"""What killed and interrupted processes leave behind: nothing, from the next run on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim import files
from sim.files import HERE, replaced_file, replaced_folder
from sim.replicate.store import FileStore

ROOT = Path(__file__).parents[2]
INTERRUPTED = """
import os, runpy, run_sim, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = [{called!r}, "schema"]
{run}
"""


@pytest.fixture
def dead():
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.skipif(os.name != "posix", reason="elsewhere it is not known which processes are alive")
def test_what_dead_processes_left_is_removed_and_what_others_are_at_is_not(tmp_path, dead):
    alive = os.getpid()
    theirs = [f".mine-{HERE}-{alive}-00000000", f".mine-{'f' * 6}-{dead}-00000000", f".x-old-{HERE}-{dead}-00000000"]
    left = [f".mine-{HERE}-{dead}-00000000", f".mine-old-{HERE}-{dead}-00000000", f".other-{HERE}-{dead}-00000000"]
    for name in (*left, *theirs):
        (tmp_path / name).mkdir()
    # Set aside, and all that there is.
    (tmp_path / theirs[2] / "x").mkdir()
    others = [".hidden.csv", f".log-{HERE}-{alive}-00000000.csv", ".export-120000-1-20230103.csv"]
    for name in (f".log-{HERE}-{dead}-00000000.csv", *others):
        (tmp_path / name).touch()
    # However old it is.
    for name in (others[2], theirs[2]):
        os.utime(tmp_path / name, (0, 0))
    stays = {*theirs, *others}
    with replaced_folder(tmp_path / "mine") as new:
        (new / "fresh").write_text("fresh")
    assert {path.name for path in tmp_path.iterdir()} == {"mine", *stays}
    (tmp_path / left[2]).mkdir()
    with replaced_file(tmp_path / "table.csv") as new:
        new.write_text("fresh")
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "table.csv", *stays}


@pytest.mark.skipif(os.name != "posix", reason="elsewhere it is not known which processes are alive")
def test_half_written_batches_of_dead_processes_are_removed(tmp_path, dead):
    (tmp_path / "ab").mkdir()
    for folder, name in (("ab", "x.npz"), ("", "begun.json")):
        for process in (dead, os.getpid()):
            (tmp_path / folder / f".{name[0]}-{HERE}-{process}-00000000.{name.split('.')[1]}").touch()
    FileStore(tmp_path)
    left = [path.name for path in tmp_path.rglob(".*")]
    assert len(left) == 2
    assert all(f"-{os.getpid()}-" in name for name in left)


def test_names_of_what_is_not_finished_say_whose_they_are(tmp_path):
    made = files._name_beside(tmp_path, "mine", ".csv")
    found = files.UNFINISHED.fullmatch(made.name)
    assert (found["machine"], int(found["process"]), made.suffix) == (HERE, os.getpid(), ".csv")


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Unix")
@pytest.mark.parametrize(("called", "run"), [
    ("run_sim.py", 'runpy.run_path("run_sim.py", run_name="__main__")'), ("licence-office", "run_sim.start()"),
])  # fmt: skip
@pytest.mark.parametrize("module", ["sim", "sim.cli"])
def test_an_interrupt_before_anything_runs_has_the_status_of_one(called, run, module):
    script = INTERRUPTED.format(module=module, called=called, run=run)
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", f"{called}: interrupted\n")
