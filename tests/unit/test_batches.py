"""Batches of work on disk: what is read is what was written to the last bit, or nothing."""

import errno
import io
import json
import os
import pickle
import threading
import time
import zipfile
from dataclasses import fields
from hashlib import sha256

import numpy as np
import pytest

from sim.files import STALE
from sim.measures.kpis import Kpi
from sim.office.blocks import Unfinished
from sim.office.scenario import scenario_from_dict
from sim.replicate.design_points import design_point_of
from sim.replicate.figures import PROFILES, DamagedError, Figures, packed, unpacked
from sim.replicate.store import FileStore, MemoryStore
from sim.replicate.work import batch_facts

SMALL = {
    "name": "small",
    "title": {"en": "Three days", "zh": "三天"},
    "period": {"first": "2023-03-01", "last": "2023-03-03"},
}
CELL = design_point_of(scenario_from_dict(SMALL), seed=1)
OTHER = design_point_of(scenario_from_dict({**SMALL, "review": {"return_rate": 0.2}}), seed=1)
FACTS = {"key": "k", "first": 20, "count": 10}
FULL = OSError(errno.ENOSPC, "No space left on device")


def made_up(seed=0, replications=10, names=12, profiles=True, unfinished=None):
    """Return figures of any numbers, infinite ones and missing ones among them."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(replications, names))
    values[generator.random(values.shape) < 0.1] = np.nan
    values[generator.random(values.shape) < 0.1] = np.inf
    shapes = {"histogram": (61,), "day_mean": (3,), "day_cases": (3,), "arrivals": (48,), "queue": (6, 48)}
    kept = (
        {name: generator.normal(size=(replications, *shapes.get(name, (6, 48)))) for name in PROFILES}
        if profiles
        else {}
    )
    return Figures(
        tuple(Kpi("wait", "stage", f"环节 {number}", "mean", "min") for number in range(names)),
        values,
        generator.normal(size=replications),
        generator.integers(0, 500, replications).astype(np.float64),
        generator.normal(size=(replications, 13, 2)),
        **kept,
        unfinished=unfinished,
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there is no such thing")
def test_what_nobody_writes_to_is_no_batch_and_not_waited_for(tmp_path):
    store = FileStore(tmp_path)
    path = store.path(CELL, 20, 10)
    path.parent.mkdir()
    os.mkfifo(path)
    assert store.find(CELL, 20, 10) is None
    assert store.damaged == [path]


def test_a_batch_that_unpacks_to_more_than_batches_do_is_damaged(monkeypatch):
    data = packed(made_up(), FACTS)
    assert_same(unpacked(data, FACTS), made_up())
    monkeypatch.setattr("sim.replicate.figures.MOST_UNPACKED", 1000)
    with pytest.raises(DamagedError, match="unpacks to more than batches do"):
        unpacked(data, FACTS)


def assert_same(one, other):
    assert (one.names, one.unfinished) == (other.names, other.unfinished)
    for name in (field.name for field in fields(Figures)):
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, np.ndarray):
            assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes()), name
        else:
            assert a == b, name


def batch(seed=0, point=CELL, first=0, count=10, **how):
    return packed(made_up(seed, count, **how), batch_facts(point.key, first, count))


def files_in(folder):
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


# The bytes


@pytest.mark.parametrize(
    "figures",
    [
        made_up(),
        made_up(profiles=False),
        made_up(replications=0, names=0, profiles=False, unfinished=Unfinished(9, 400, {"review": 7, "窗口": 2})),
        made_up(replications=3, unfinished=Unfinished(1, 400)),
        made_up(replications=1, names=0),
    ],
    ids=["profiles", "no profiles", "unfinished at once", "unfinished later", "no figure"],
)
def test_figures_come_back_to_the_last_bit(figures):
    assert_same(unpacked(packed(figures, FACTS), FACTS), figures)


def test_not_even_the_kind_of_nan_is_lost():
    figures = made_up(names=4, profiles=False)
    patterns = [0x7FF8000000000000, 0xFFF8000000000001, 0x8000000000000000, 0x0000000000000001]
    figures.values[:] = np.array(patterns, np.uint64).view(np.float64)
    back = unpacked(packed(figures, FACTS), FACTS)
    assert back.values.view(np.uint64).tolist() == [patterns] * len(figures)


def test_the_same_figures_are_the_same_bytes():
    data = packed(made_up(), FACTS)
    assert packed(made_up(), FACTS) == data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {part.date_time for part in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "it knows when it was made"


def test_every_other_byte_is_noticed():
    figures = made_up(replications=3, names=4)
    data = packed(figures, FACTS)
    generator = np.random.default_rng(7)
    for place in range(len(data)):
        other = bytearray(data)
        other[place] ^= int(generator.integers(1, 256))
        with pytest.raises(DamagedError):
            unpacked(bytes(other), FACTS)


def test_every_shorter_and_every_longer_file_is_noticed():
    data = packed(made_up(replications=2, names=3, profiles=False), FACTS)
    for length in range(len(data)):
        with pytest.raises(DamagedError):
            unpacked(data[:length], FACTS)
    for more in (b"\0", b"PK", data):
        with pytest.raises(DamagedError):
            unpacked(data + more, FACTS)


def test_blocks_of_zeros_are_noticed():
    """As a file system leaves them that lost its power after the length and before the content."""
    data = packed(made_up(), FACTS)
    generator = np.random.default_rng(8)
    for first, last in np.sort(generator.integers(0, len(data) + 1, (300, 2))):
        zeros = data[:first] + bytes(int(last - first)) + data[last:]
        if zeros != data:
            with pytest.raises(DamagedError):
                unpacked(zeros, FACTS)


@pytest.mark.parametrize(
    "facts", [{**FACTS, "key": "l"}, {**FACTS, "first": 30}, {**FACTS, "count": 9}, {**FACTS, "more": 1}, {}]
)
def test_figures_of_something_else_are_refused(facts):
    with pytest.raises(DamagedError, match="something else"):
        unpacked(packed(made_up(), FACTS), facts)


class Mine:
    """Says so if somebody loads its pickle."""

    loaded = 0

    def __reduce__(self):
        return Mine.load, ()

    @staticmethod
    def load():
        Mine.loaded += 1
        return 1.0


def test_a_pickle_is_never_loaded():
    figures, said = made_up(profiles=False), {"facts": FACTS, "names": [], "unfinished": ""}
    text = np.frombuffer(json.dumps(said).encode(), np.uint8)
    objects = np.array([Mine(), Mine()], object)
    for evil in (
        {"said": text, "values": objects, "score_sum": figures.score_sum, "scores": figures.scores},
        {"said": objects, "values": figures.values, "score_sum": figures.score_sum, "scores": figures.scores},
        {"said": text, "values": figures.values, "score_sum": figures.score_sum, "scores": objects},
    ):
        file = io.BytesIO()
        np.savez(file, allow_pickle=True, **evil)
        content = file.getvalue()
        with pytest.raises(DamagedError):
            unpacked(content + sha256(content).digest(), FACTS)
    content = pickle.dumps(Mine())
    with pytest.raises(DamagedError):
        unpacked(content + sha256(content).digest(), FACTS)
    assert Mine.loaded == 0
    pickle.loads(content)
    assert Mine.loaded == 1, "the trap does not work"


def test_arrays_that_do_not_belong_together_are_refused():
    whole = made_up(profiles=False)
    cut = ({name: getattr(whole, name)[:2]} for name in ("values", "score_sum", "parts", "names"))
    for change in cut:
        parts = {name: getattr(whole, name) for name in ("names", "values", "score_sum", "scores", "parts")}
        with pytest.raises(DamagedError):
            unpacked(packed(Figures(**{**parts, **change}), FACTS), FACTS)


# The store


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "batches")


def test_a_unit_is_found_where_it_was_kept(store):
    assert store.find(CELL, 0, 10) is None
    store.keep(CELL, 0, 10, batch())
    assert_same(store.find(CELL, 0, 10), made_up())
    assert_same(FileStore(store.folder).find(CELL, 0, 10), made_up())
    for point, first, count in ((OTHER, 0, 10), (CELL, 10, 10), (CELL, 0, 9)):
        assert store.find(point, first, count) is None
    assert store.damaged == []
    assert len(files_in(store.folder)) == 1


def test_in_memory_it_is_the_same():
    store = MemoryStore()
    assert store.find(CELL, 0, 10) is None
    store.keep(CELL, 0, 10, batch())
    assert_same(store.find(CELL, 0, 10), made_up())
    assert store.find(OTHER, 0, 10) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: bytes(len(data)),
        lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
        lambda data: b"not a batch at all",
    ],
    ids=["empty", "a byte short", "half", "zeros", "a bit", "text"],
)
def test_a_damaged_file_is_noted_and_removed(store, damage):
    store.keep(CELL, 0, 10, batch())
    path = store.path(CELL, 0, 10)
    path.write_bytes(damage(path.read_bytes()))
    assert store.find(CELL, 0, 10) is None
    assert store.damaged == [path]
    assert files_in(store.folder) == []
    store.keep(CELL, 0, 10, batch())
    assert_same(store.find(CELL, 0, 10), made_up())


@pytest.mark.parametrize(("point", "first", "count"), [(OTHER, 0, 10), (CELL, 10, 10), (CELL, 0, 9)])
def test_a_file_under_another_name_is_no_unit(store, point, first, count):
    store.keep(CELL, 0, 10, batch())
    there = store.path(point, first, count)
    there.parent.mkdir(exist_ok=True)
    store.path(CELL, 0, 10).rename(there)
    assert store.find(point, first, count) is None
    assert store.damaged == [there]
    assert not there.exists()


@pytest.mark.parametrize("at", ["write_bytes", "fsync", "replace"])
@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["disk full", "interrupted"])
def test_what_cannot_be_kept_leaves_nothing(store, monkeypatch, at, error):
    store.keep(CELL, 10, 10, batch(first=10))
    before = files_in(store.folder)

    def fails(path, *others):
        if at == "write_bytes":
            with open(path, "wb") as half:
                half.write(batch()[:100])
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(*(("pathlib.Path.write_bytes", fails) if at == "write_bytes" else (os, at, fails)))
        with pytest.raises(type(error)):
            store.keep(CELL, 0, 10, batch())
    assert files_in(store.folder) == before
    assert store.find(CELL, 0, 10) is None
    assert store.damaged == []
    store.keep(CELL, 0, 10, batch())
    assert_same(store.find(CELL, 0, 10), made_up())


def test_a_unit_that_is_kept_again_stays_whole_if_that_fails(store, monkeypatch):
    store.keep(CELL, 0, 10, batch())

    def fails(*_):
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        with pytest.raises(OSError, match="No space left"):
            store.keep(CELL, 0, 10, batch())
    assert_same(store.find(CELL, 0, 10), made_up())


def test_a_unit_is_on_the_disk_before_it_has_its_name(store, monkeypatch):
    done = []
    true_fsync, true_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), true_fsync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda *names: (done.append("replace"), true_replace(*names))[1])
    store.keep(CELL, 0, 10, batch())
    # Content, name, and the folders that the name is in.
    assert done == ["fsync", "replace", "fsync", "fsync"]
    store.keep(CELL, 10, 10, batch(first=10))
    assert done[4:] == ["fsync", "replace", "fsync"]


def test_two_runs_may_make_the_same_units_at_once(tmp_path):
    stores = [FileStore(tmp_path) for _ in range(4)]
    data = {first: batch(first, first=first) for first in range(0, 50, 10)}
    expected = {first: made_up(first) for first in data}
    wrong = []
    start = threading.Barrier(len(stores))

    def work(store):
        start.wait()
        for first in list(data) * 6:
            store.keep(CELL, first, 10, data[first])
            for other in data:
                found = store.find(CELL, other, 10)
                if found is None:
                    if other <= first:
                        wrong.append(f"{other} is not there")
                    continue
                try:
                    assert_same(found, expected[other])
                except AssertionError as error:
                    wrong.append(str(error))

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [store.damaged for store in stores] == [[]] * len(stores)
    assert files_in(tmp_path) == sorted(f"{CELL.key[:2]}/{CELL.key}-{first:06d}-10.npz" for first in data)


def test_temporary_files_are_removed_when_they_are_nobodys(store):
    store.keep(CELL, 0, 10, batch())
    path = store.path(CELL, 0, 10)
    note = store.folder / "begun-1234.json"
    note.write_text("{}")
    young, old, *notes = (
        kept.with_name(f".{kept.stem}-{name}{kept.suffix}") for kept in (path, note) for name in ("young", "old")
    )
    now = time.time()
    for file in (young, old, *notes):
        file.write_bytes(b"half")
    for file in (path, note, old, notes[1]):
        os.utime(file, (now - STALE - 60.0, now - STALE - 60.0))
    os.utime(young, (now - 60.0, now - 60.0))
    again = FileStore(store.folder)
    left = (path, note, young, notes[0])
    assert files_in(store.folder) == sorted(file.relative_to(store.folder).as_posix() for file in left)
    assert_same(again.find(CELL, 0, 10), made_up())


def test_what_cannot_be_removed_is_left(store, monkeypatch):
    path = store.path(CELL, 0, 10).with_name(".old.npz")
    path.parent.mkdir()
    path.write_bytes(b"half")
    os.utime(path, (0, 0))

    def refuses(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.unlink", refuses)
    FileStore(store.folder)
    assert path.exists()
