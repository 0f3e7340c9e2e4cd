"""docs/public_log.py on a log made by hand in the same shape: no network, no data of anybody's."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import re
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from sim.office.scenario import load_scenario_file
from sim.studies.calibrate.log.steps import RETURNED, SERVED, STEPS
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import load_mapping

ROOT = Path(__file__).parents[2]
CALL, ASSESS, OFFER = "W_Completeren aanvraag", "W_Valideren aanvraag", "W_Nabellen offertes"


def event(step: str, change: str, moment: str, server: str = "") -> str:
    who = f'<string key="org:resource" value="{server}"/>' if server else ""
    return (
        f'<event>{who}<string key="lifecycle:transition" value="{change}"/><string key="concept:name" value="{step}"/>'
        f'<date key="time:timestamp" value="2011-10-{moment}:00.000+02:00"/></event>'
    )


def session(step: str, begin: str, end: str, server: str = "10") -> str:
    return event(step, "START", begin, server) + event(step, "COMPLETE", end, server)


def case(name: str, *events: str) -> str:
    when = '<date key="REG_DATE" value="2011-10-03T08:00:00+02:00"/>'
    return f'<trace>{when}<string key="concept:name" value="{name}"/>{"".join(events)}</trace>'


LOG = '<?xml version="1.0" encoding="UTF-8"?><log xmlns="http://www.xes-standard.org/">' + "".join((
    case(
        "1",
        event("A_SUBMITTED", "COMPLETE", "03T08:00", "112"),
        event(CALL, "SCHEDULE", "03T09:00"),
        session(CALL, "03T09:30", "03T09:35"), session(CALL, "03T11:00", "03T11:10", "11"),
        event(OFFER, "SCHEDULE", "03T11:10"), session(OFFER, "03T12:00", "03T12:04", "11"),
        event(ASSESS, "SCHEDULE", "04T10:00"),
        session(ASSESS, "04T11:00", "04T11:20", "12"), session(ASSESS, "04T15:00", "04T15:10", "12"),
        event(ASSESS, "SCHEDULE", "05T10:00"),
        session(ASSESS, "05T10:30", "05T10:40", "10"),
    ),
    case(
        "2",
        event(CALL, "SCHEDULE", "03T09:10"),
        session(CALL, "03T09:20", "03T09:22"), session(CALL, "03T16:00", "05T09:00"),
    ),
)) + "</log>"  # fmt: skip


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return docs/public_log.py, which is no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location("public_log", ROOT / "docs" / "public_log.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "public_log", module)
    spec.loader.exec_module(module)
    return module


def archive(folder: Path, name: str, raw: bytes) -> Path:
    file = folder / "package.tar.gz"
    with tarfile.open(file, "w:gz") as packed:
        member = tarfile.TarInfo(f"package-1/{name}")
        member.size = len(raw)
        packed.addfile(member, io.BytesIO(raw))
    return file


def log_file(folder: Path) -> Path:
    file = folder / "bpic2012.xes.gz"
    file.write_bytes(gzip.compress(LOG.encode()))
    return file


def test_the_log_is_read_out_of_the_archive(script: ModuleType, tmp_path: Path) -> None:
    raw = gzip.compress(LOG.encode())
    packed = archive(tmp_path, script.MEMBER, raw)
    assert script.log_in(packed, hashlib.sha256(raw).hexdigest()[:8]) == raw
    assert [file.name for file in tmp_path.iterdir()] == ["package.tar.gz"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("tests/input_data/bpic2012.xes.gz", "another log"), ("tests/other.xes.gz", "there is no tests/input_data")],
)
def test_another_archive_is_refused_in_a_line(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.log_in(archive(tmp_path, name, b"nothing"))
    message = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_what_is_no_archive_is_refused_in_a_line(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "package.tar.gz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        script.log_in(file)
    message = capsys.readouterr().err
    assert ended.value.code == 2
    assert "cannot be read as a .tar.gz" in message
    assert message.count("\n") == 1


def test_the_mapping_makes_two_queues_of_it(script: ModuleType, tmp_path: Path) -> None:
    log, report = read_log([log_file(tmp_path)], load_mapping(script.MAPPING))
    assert [STEPS[step] for step in log.step] == ["phone", "review", "review", "phone"]
    assert (log.started - log.queued).tolist() == [30, 60, 30, 10]
    assert (log.ended - log.started).tolist() == [15, 30, 10, 2]
    assert log.outcome.tolist() == [SERVED, RETURNED, SERVED, SERVED]
    assert [log.servers[each] for each in log.server] == ["10", "12", "10", "10"]
    assert (report.count("joined_session"), report.count("left_open"), report.count("unknown_step")) == (3, 1, 0)


def test_all_work_is_counted(script: ModuleType, tmp_path: Path) -> None:
    every = script.all_work(log_file(tmp_path))
    work = {each.name: each for each in script.work_in(every)}
    call, offer = work[CALL], work[OFFER]
    assert (call.items, call.sessions, call.median, call.left_open) == (2, 4, 5, 1)
    assert call.their_share == pytest.approx(2460 / 2477)
    assert (offer.items, offer.sessions, offer.median, offer.left_open) == (1, 1, 4, 0)
    # Servers 10 and 11 call: 7 + 10 min, besides 10 of assessing and 4 about offers; server 12 only assesses.
    assert script.other_work(every) == pytest.approx({"phone": 4 / 31, "review": 0})
    for language in ("en", "zh"):
        assert script.work_table(list(work.values()), language).count("\n") == 1 + len(script.WORK)


def test_waits_are_told_by_the_clock_and_in_opening_hours(script: ModuleType, tmp_path: Path) -> None:
    log, _ = read_log([log_file(tmp_path)], load_mapping(script.MAPPING))
    phone, review = script.waits_in(log)
    assert (phone.step, phone.mean, phone.open_mean, phone.overtaking) == ("phone", 20, 20, 1)
    assert (review.mean, review.overtaking) == (45, 0)
    assert script.licence_minutes(log) == (130, 1)


def test_the_parent_is_a_scenario(script: ModuleType) -> None:
    assert load_scenario_file(script.PARENT).filing.assisted_share == 0


def test_both_pages_have_the_same_parts(script: ModuleType) -> None:
    english, chinese = (
        re.findall(r"^#+ |<!-- [^>]*-->|^!\[|^- |^\|", page.read_text(encoding="utf-8"), re.MULTILINE)
        for page in script.PAGES.values()
    )
    assert english == chinese
