"""The command line: what it prints, what it writes, and how it fails."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from pathlib import Path

import pytest

from sim import program
from sim.cli import main
from sim.cli.options import locale_language
from sim.engines.play import NeverFinishesError
from sim.office.blocks import Unfinished
from sim.present.numbers import minutes
from sim.replicate import work
from sim.replicate.store import FileStore
from sim.studies import driver
from sim.studies.base import Options
from sim.studies.finished import read_results
from sim.studies.run import STUDY, asked

ROOT = Path(__file__).parents[2]
SMALL = """
name: small
title: {en: Three days, zh: 三天}
period: {first: 2023-03-01, last: 2023-03-03}
demand: {registrations_per_year: 28200}
"""
BUSY = """
name: busy
extends: small
title: {en: Three busy days, zh: 忙碌三天}
review: {return_rate: 0.4}
"""
BROKEN = """
name: broken
title: {en: Broken, zh: 有误}
demand: {key_shre: 0.1, growth: lots}
"""
IMPLAUSIBLE = """
name: implausible
extends: small
title: {en: Implausible, zh: 存疑}
review: {return_rate: 0.9}
"""
FEW = """
name: few
title: {en: few, zh: 几个}
base: small
vary: {growth: {title: {en: growth, zh: 增长}, parameter: demand.growth, values: [0, 0.1]}}
"""
FILES = (
    "causes.csv", "causes.parquet", "day.png", "day.svg", "days.csv", "days.parquet", "half_hours.csv",
    "half_hours.parquet", "kpis.csv", "kpis.parquet", "licence_time.png", "licence_time.svg", "licence_times.csv",
    "licence_times.parquet", "manifest.json", "minutes.png", "minutes.svg", "nearest.csv", "nearest.parquet",
    "summary.csv", "summary.parquet", "timing.json",
)  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a folder with scenarios, and work in it."""
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    for name, text in {"small": SMALL, "busy": BUSY}.items():
        (scenarios / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


@pytest.fixture
def call(home, capsys):
    """Return a function that runs a command line: exit status, standard output, standard error."""

    def call(*arguments):
        status = main(home, arguments)
        output = capsys.readouterr()
        return status, output.out, output.err

    return call


def add(home, name, text):
    (home / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return f"scenarios/{name}.yaml"


# run


def saved_in(folder):
    return read_results(STUDY, folder)


def test_run_says_the_verdict_and_writes_a_folder(call, home):
    status, out, err = call("run", "scenarios/small.yaml", "--max-replications", "20", "--seed", "7", "--no-premises")
    assert status == 0
    lines = out.splitlines()
    saved = saved_in(home / "results" / "runs" / "small")
    assert lines[0] == "small: Three days"
    assert lines[1].startswith(f"{saved.verdict}: the mean licence time is {saved.estimate:.2f} min")
    assert err.splitlines()[-1].startswith(f"small: {lines[1]} (")
    assert all(line.startswith("small: ") for line in err.splitlines())
    assert sorted(file.name for file in (home / "results" / "runs" / "small").iterdir()) == sorted(FILES)
    assert (saved.about.seed, saved.replications) == (7, 20)
    assert ", ".join(FILES) in out


def test_figures_in_the_report_are_those_of_the_files(call, home):
    _, out, _ = call("run", "scenarios/small.yaml", "--quick", "--no-premises")
    saved = saved_in(home / "results" / "runs" / "small")
    (row,) = [line for line in out.splitlines() if line.strip().startswith("licence time ")]
    mean = saved.figure("licence", "mean")
    quantiles = [minutes(saved.figure("licence", level).mean) for level in ("P50", "P90", "P95")]
    assert row.split()[2:7] == [minutes(mean.mean), f"{minutes(mean.low)}–{minutes(mean.high)}", *quantiles]
    counts = {name: saved.figure("cases", name).mean for name in ("in", "licensed", "never submitted")}
    assert f"Cases in {counts['in']:,.0f} = licensed {counts['licensed']:,.0f} + lost after submission 0" in out
    assert counts["in"] == pytest.approx(counts["licensed"] + counts["never submitted"], rel=1e-12)


def test_few_replications_are_undecided_and_say_why(call):
    status, out, _ = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert status == 0
    assert out.splitlines()[1].startswith("UNDECIDED: ")
    assert out.splitlines()[2] == "no interval from so few replications (1), so no verdict"


def test_run_answers_in_one_json_object(call):
    status, out, err = call("run", "scenarios/small.yaml", "--max-replications", "2", "--no-premises", "--json")
    answer = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert status == answer["status"] == 0
    assert answer["name"] == "small"
    assert answer["verdict"] in ("HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED")
    assert answer["files"] == sorted(FILES)
    assert any((f["subject"], f["statistic"], f["by"]) == ("licence", "mean", "") for f in answer["summary"])
    assert "days" not in answer
    assert err.startswith("small: ")


def test_options_may_stand_before_the_verb_and_the_later_one_wins(call):
    before = "--seed", "3", "--max-replications", "9", "--json"
    answer = json.loads(call(*before, "run", "scenarios/small.yaml", "--max-replications", "2")[1])
    assert (answer["seed"], answer["replications"]) == (3, 2)


def test_quick_takes_no_more_replications_than_the_first_look(call):
    answer = json.loads(call("run", "scenarios/small.yaml", "--quick", "--no-premises", "--json")[1])
    assert answer["replications"] == 20


def test_both_engines_give_the_same_figures(call):
    few = "run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises"
    compiled, process = (
        json.loads(call(*few, "--json", "--out", engine, "--engine", engine)[1]) for engine in ("compiled", "process")
    )
    assert process["engine"] == "process"
    assert process["summary"] == compiled["summary"]


def test_implausible_values_are_warned_of_on_standard_error(call, home):
    file = add(home, "implausible", IMPLAUSIBLE)
    status, out, err = call("run", file, "--max-replications", "1", "--no-premises")
    assert status == 0
    assert err.splitlines()[0].startswith(f"{file}:5:23: review.return_rate: 0.9 is outside the plausible range")
    assert err.splitlines()[0].endswith("(warning)")
    assert "outside" not in out


def test_a_finished_run_is_replaced_only_if_that_is_asked_for(call, home):
    few = ("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    call(*few, "--seed", "1")
    manifest = home / "results" / "runs" / "small" / "manifest.json"
    before = manifest.read_bytes()
    status, out, err = call(*few, "--seed", "2")
    assert (status, out) == (2, "")
    assert "results/runs/small holds finished results that differ in seed (1; now 2); add --replace" in err
    assert len(err.splitlines()) == 1
    assert manifest.read_bytes() == before
    assert call(*few, "--seed", "2", "--replace")[0] == 0
    assert saved_in(manifest.parent).about.seed == 2


def test_the_same_run_again_is_answered_from_the_store(call, home, monkeypatch):
    first = json.loads(call("run", "scenarios/small.yaml", "--quick", "--no-premises", "--json")[1])
    monkeypatch.setattr(work, "play", failing(AssertionError("it is all there")))
    again = json.loads(call("run", "scenarios/small.yaml", "--quick", "--no-premises", "--json", "--lang", "zh")[1])
    # Programs read English, whatever is spoken.
    assert again == first


def test_a_run_with_a_larger_budget_goes_on_and_with_a_smaller_one_loses_nothing(call, home):
    assert call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")[0] == 0
    answer = json.loads(call("run", "scenarios/small.yaml", "--max-replications", "20", "--no-premises", "--json")[1])
    assert answer["replications"] == 20
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "5", "--no-premises")
    assert status == 2
    assert "differ in the number of replications (20; now at most 5)" in err


def test_files_of_somebody_else_in_a_folder_of_results_are_never_removed(call, home):
    few = "run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises"
    call(*few)
    (home / "results" / "runs" / "small" / "notes.txt").write_text("mine")
    for more in ((), ("--replace",)):
        status, _, err = call(*few, *more)
        assert (status, "not results of this program (notes.txt)" in err) == (2, True)
    assert (home / "results" / "runs" / "small" / "notes.txt").read_text() == "mine"


def test_who_was_overtaken_by_another_run_does_not_replace_it(call, home, monkeypatch):
    true_write = driver.write_record

    def write_record(record, folder):
        monkeypatch.setattr(driver, "write_record", true_write)
        call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises", "--seed", "1")
        true_write(record, folder)

    monkeypatch.setattr(driver, "write_record", write_record)
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises", "--seed", "2")
    assert status == 2
    assert "differ in seed (1; now 2)" in err
    assert saved_in(home / "results" / "runs" / "small").about.seed == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": []}', '{"kind": "odd", "keys": [], "name": 1}'])
def test_a_damaged_note_does_not_keep_the_list_from_being_shown(call, home, text):
    call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    (home / "results" / "batches" / "begun-0.json").write_text(text)
    status, out, _ = call("results")
    assert (status, "results/runs/small" in out) == (0, True)


DAMAGED = (
    "{",
    "[]",
    '{"about": {"format": 6, "rule": {"largest": "x"}}}',
    '{"about": {"format": Infinity}}',
    "[" * 5000,
)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_manifest_is_listed_as_such_and_made_again(call, home, text):
    call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    (home / "results" / "runs" / "small" / "manifest.json").write_text(text)
    assert "damaged" in call("results")[1]
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert (status, "manifest.json is damaged; add --replace" in err) == (2, True)
    assert call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises", "--replace")[0] == 0
    assert "damaged" not in call("results")[1]


def test_results_of_another_version_are_listed_with_what_makes_them_again(call, home):
    folder = home / "results" / "runs" / "small"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"format": 2, "kind": "run", "name": "small", "rule": {"tests": 1}}')
    call("run", "scenarios/busy.yaml", "--max-replications", "1", "--no-premises")
    status, out, _ = call("results")
    assert status == 0
    assert "results/runs/busy" in out
    assert "results/runs/small: results of another version" in out
    assert "make it again with: python run_sim.py run" in out
    listed = json.loads(call("results", "--json")[1])["finished"]
    assert [(one["name"], one["kind"]) for one in listed] == [("busy", "run"), ("small", "other version")]
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert (status, "another version of this program; add --replace" in err) == (2, True)


def test_an_edited_scenario_does_not_replace_the_results_of_the_old_one(call, home):
    call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    add(home, "small", SMALL.replace("28200", "28300"))
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert (status, "differ in its scenarios" in err) == (2, True)


def test_a_sweep_takes_the_place_of_a_quick_one_and_not_the_other_way_round(call, home):
    (home / "scenarios" / "sweeps").mkdir()
    add(home, "sweeps/few", FEW)
    assert call("sweep", "scenarios/sweeps/few.yaml", "--quick")[0] == 0
    assert json.loads((home / "results/sweeps/few/manifest.json").read_text())["quick"] is True
    assert call("sweep", "scenarios/sweeps/few.yaml", "--max-replications", "30")[0] == 0
    assert json.loads((home / "results/sweeps/few/manifest.json").read_text())["quick"] is False
    status, _, err = call("sweep", "scenarios/sweeps/few.yaml", "--quick")
    assert (status, "what is left out with --quick; add --replace" in err) == (2, True)


# An installation: what is shipped is elsewhere, one's own is here


@pytest.fixture
def installed(home, tmp_path_factory, monkeypatch):
    """Return a function that calls an installed program in a folder that is not its own."""
    here = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(program, "called", "licence-office")
    monkeypatch.chdir(here)
    return here, lambda *arguments: main(home, arguments, own=here)


def test_shipped_files_are_named_by_a_word_and_parents_found_from_anywhere(installed, home, capsys, monkeypatch):
    here, call = installed
    monkeypatch.setattr(program, "shipped", lambda: home)
    (home / "scenarios" / "sweeps").mkdir()
    add(home, "sweeps/few", FEW)
    (here / "mine.yaml").write_text("name: mine\ntitle: {en: Mine, zh: 我}\nextends: small\n", encoding="utf-8")
    few = ("--max-replications", "1")
    assert call("run", "small", *few, "--no-premises") == call("run", "mine.yaml", *few, "--no-premises") == 0
    assert call("compare", "small", "busy", "--max-replications", "5") == call("sweep", "few", *few) == 0
    assert call("check", "small") == 0
    assert json.loads((here / "results/runs/small/manifest.json").read_text())["about"]["command"] == (
        "licence-office run small --max-replications 1 --no-premises"
    )
    capsys.readouterr()
    assert call("run", "smal") == 2
    assert capsys.readouterr().err.startswith("licence-office: error: ")
    # As where a file extends another, what is here goes before what is shipped; a folder is no file.
    assert call("check", "mine") == 0
    (here / "busy").mkdir()
    assert call("check", "busy") == 0
    (here / "small.yaml").write_text("name: other\n", encoding="utf-8")
    assert call("run", "small") == 2
    assert "small.yaml:1:7: name: must be 'small'" in capsys.readouterr().err
    assert call("run", "min.yaml") == 2
    assert "did you mean mine.yaml?" in capsys.readouterr().err


def test_the_version_is_told(call):
    assert call("--version") == (0, f"licence-office-sim {version('licence-office-sim')}\n", "")


def test_a_new_office_is_written_where_one_is(installed, capsys):
    here, call = installed
    assert call("new", "my-county", "--registrations", "1500") == 0
    assert "Next: licence-office run my-county.yaml" in capsys.readouterr().out
    assert "#     licence-office check my-county.yaml " in (here / "my-county.yaml").read_text(encoding="utf-8")
    assert call("check", "my-county") == 0
    assert call("new", "small") == 2
    assert "'small' is the name of a shipped scenario" in capsys.readouterr().err


# Wrong input: one clear line, exit status 2, nothing on standard output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["zzz"], "there is no verb 'zzz'; possible: run, sweep, compare, staff, limit, explain, "),
        (["run", "a.yaml", "b.yaml"], "run: b.yaml is too much"),
        (["run", "elsewhere/small"], "there is no file 'elsewhere/small'; did you mean "),
        (["--outt", "x"], "there is no option '--outt'; did you mean '--out'?"),
        (["run", "scenarios/small.yaml", "--seed"], "--seed: a value is missing"),
        (["run", "scenarios/small.yaml", "--seed", "-1"],
         "--seed: must be a whole number from 0 to 18446744073709551615, not '-1'"),
        (["run", "scenarios/small.yaml", "--seed", str(2**64)], f"not '{2**64}'"),
        (["run", "scenarios/small.yaml", "--seed", "1.5"], "not '1.5'"),
        (["run", "scenarios/small.yaml", "--seed", "x\ny"], r"not 'x\ny'"),
        (["run", "scenarios/small.yaml", "--engine", "compield"],
         "--engine: must be compiled or process, not 'compield'; did you mean 'compiled'?"),
        (["run", "scenarios/small.yaml", "--lang", "fr"], "--lang: must be en or zh, not 'fr'"),
        (["run", "scenarios/small.yaml", "--out", "scenarios/small.yaml"],
         "--out: 'scenarios/small.yaml' is a file; name a folder"),
        (["--out", "scenarios/small.yaml/below"], "--out: 'scenarios/small.yaml' is a file; name a folder"),
        (["run", "scenarios/small.yaml", "--out", ""], "--out: must be the name of a folder, not ''"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_line(call, home, arguments, expected):
    status, out, err = call(*arguments)
    assert status == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert expected in err
    assert not (home / "results").exists()


def test_seeds_go_up_to_the_last(call):
    last = str(2**64 - 1)
    answer = json.loads(
        call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises", "--seed", last, "--json")[1]
    )
    assert answer["seed"] == 2**64 - 1


def test_errors_are_json_too_if_that_was_asked_for(call, home):
    file = add(home, "broken", BROKEN)
    status, out, err = call("run", file, "--json")
    answer = json.loads(out)
    assert status == answer["status"] == 2
    assert [(e["file"], e["line"], e["column"]) for e in answer["errors"]] == [(file, 4, 10), (file, 4, 33)]
    assert len(err.splitlines()) == 2
    assert json.loads(call("--seed", "x", "--json")[1])["status"] == 2


def test_a_scenario_without_applicants_is_wrong_input(call, home):
    text = SMALL.replace("28200", "1, month_index: [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]")
    status, out, err = call("run", add(home, "small", text), "--max-replications", "1", "--no-premises")
    assert (status, out) == (2, "")
    assert "scenarios/small.yaml: nobody submits an application" in err.splitlines()[-1]


def test_a_folder_of_other_files_is_not_replaced(call, home):
    (home / "results" / "runs" / "small").mkdir(parents=True)
    (home / "results" / "runs" / "small" / "thesis.txt").write_text("mine")
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert status == 2
    assert "holds files that are not results of this program" in err
    assert (home / "results" / "runs" / "small" / "thesis.txt").read_text() == "mine"


def test_scenarios_beside_results_stay_when_these_are_replaced(call, home):
    ask = ("run", "scenarios/small.yaml", "--no-premises", "--max-replications")
    assert call(*ask, "1")[0] == 0
    folder = home / "results" / "runs" / "small"
    (folder / "plan.yaml").write_text("extends: small\n")
    status, out, err = call(*ask, "2", "--replace")
    assert status == 0, err
    assert (folder / "plan.yaml").read_text() == "extends: small\n"
    assert "plan.yaml" not in out
    assert saved_in(folder).replications == 2
    (folder / "thesis.txt").write_text("mine")
    assert call(*ask, "1", "--replace")[0] == 2


def test_in_a_narrow_window_nothing_is_cut_off(call, home, monkeypatch):
    for module in ("present.terminal", "studies.run.situations"):
        monkeypatch.setattr(f"sim.{module}.terminal_width", lambda: 80)
    out = call("--max-replications", "1")[1]
    table = out[: out.index("Intervals")].splitlines()
    assert "…" not in out
    assert max(map(len, table[1:])) <= 80
    assert {"busy", "small"} <= {line.split()[0] for line in table if line.strip()}
    assert "staff-" not in out


def test_an_interrupt_that_a_library_takes_for_an_error_is_one(call, home, monkeypatch):
    def serialised(*asked):
        raise ValueError("error calling a function") from KeyboardInterrupt()

    monkeypatch.setattr("sim.cli.whole.jobs", serialised)
    status, _, err = call()
    assert status == 130
    assert err.splitlines()[-1].endswith(": interrupted; there was no result yet; no file was changed")


def test_results_of_the_main_job_are_written_though_nobody_hears_the_answer(call, home, monkeypatch):
    def gone(parts):
        raise RuntimeError("nobody listens")

    monkeypatch.setattr("sim.cli.whole.print_parts", gone)
    status, _, err = call("--max-replications", "1")
    assert status == 1
    assert sorted(file.name for file in (home / "results" / "scenarios").iterdir()) == ["busy", "small"]
    assert (home / "results" / "overview.png").exists()
    assert "nobody listens" in err.splitlines()[-1]


@pytest.mark.parametrize("broken", [True, False])
def test_charts_of_the_main_job_are_drawn_in_processes_and_here_if_these_end(call, home, monkeypatch, broken):
    if broken:
        monkeypatch.setattr("sim.cli.whole.processes", Broken)
    status, _, err = call("--max-replications", "1", "--jobs", "2", "--replace")
    assert (status, "internal error" in err) == (0, False)
    charts = list((home / "results" / "scenarios").rglob("*.svg"))
    assert len(charts) == 2 * 3
    # What is drawn here is nothing but a file in most tests.
    assert broken or all(file.read_text().startswith("<?xml") for file in charts)


class Broken(ThreadPoolExecutor):
    """Processes of which one has been ended."""

    def submit(self, *task):
        raise BrokenProcessPool


def test_what_the_disk_refuses_is_said(call, home, monkeypatch):
    monkeypatch.setattr(driver, "write_record", failing(OSError(28, "No space left on device")))
    status, _, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert status == 2
    assert err.splitlines()[-1].endswith("--out: cannot write 'results/runs/small': No space left on device")


def test_a_disk_that_is_full_while_units_are_kept_is_said(call, monkeypatch):
    monkeypatch.setattr(FileStore, "keep", failing(OSError(28, "No space left on device")))
    status, out, err = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    assert (status, out) == (2, "")
    assert "cannot write 'results/batches': No space left on device; what is finished is kept" in err.splitlines()[-1]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_said(call, home):
    (home / "locked").mkdir(mode=0o500)
    status, _, err = call("run", "scenarios/small.yaml", "--out", "locked")
    assert (status, "nothing can be written to 'locked'" in err) == (2, True)


# Faults, interruptions, offices that never finish


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


def test_a_fault_of_ours_is_one_line_and_status_1(call, monkeypatch):
    monkeypatch.setattr(asked, "run_scenarios", failing(ZeroDivisionError("two\nlines")))
    status, out, err = call("run", "scenarios/small.yaml")
    assert (status, out) == (1, "")
    assert err == (
        "run_sim.py: internal error, please report it: ZeroDivisionError: two lines (with --debug: where it happened)\n"
    )
    assert json.loads(call("run", "scenarios/small.yaml", "--json")[1])["status"] == 1
    assert "Traceback" in call("run", "scenarios/small.yaml", "--debug")[2]
    # As of compiled code that a full disk has cut; it is no interrupt.
    monkeypatch.setattr(asked, "run_scenarios", failing(EOFError("marshal data too short")))
    status, _, err = call("run", "scenarios/small.yaml")
    assert (status, "internal error, please report it: EOFError: marshal data too short" in err) == (1, True)


def test_an_interrupted_run_leaves_the_old_results(call, home, monkeypatch):
    call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")
    before = (home / "results" / "runs" / "small" / "manifest.json").read_bytes()
    monkeypatch.setattr(driver, "write_record", failing(KeyboardInterrupt()))
    status, out, err = call("run", "scenarios/small.yaml", "--max-replications", "2", "--no-premises")
    # What was found had been said.
    assert (status, out[:18]) == (130, "small: Three days\n")
    assert err.endswith(
        "run_sim.py: interrupted; what is finished is kept in results/batches; to go on from there: "
        "python run_sim.py run scenarios/small.yaml --max-replications 2 --no-premises\n"
    )
    assert (home / "results" / "runs" / "small" / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("heard", [True, False])
def test_the_answer_is_there_before_the_charts_and_kept_if_nobody_hears_it(call, home, monkeypatch, capsys, heard):
    order = []
    said = driver.print_parts
    monkeypatch.setattr(driver, "draw_into", lambda *record: order.append("charts"))
    monkeypatch.setattr(driver, "print_parts", lambda parts: (order.append("said"), said(parts) if heard else 1 / 0))
    status = call("run", "scenarios/small.yaml", "--max-replications", "1", "--no-premises")[0]
    assert (order, status == 0) == (["said", "charts", "said"] if heard else ["said", "charts"], heard)
    assert (home / "results" / "runs" / "small" / "manifest.json").exists()


def test_an_office_that_cannot_finish_fails_in_one_line(call, home, monkeypatch):
    left = Unfinished(9, 430, {"review": 7})
    monkeypatch.setattr(work, "play", failing(NeverFinishesError(left)))
    status, out, err = call("run", "scenarios/small.yaml", "--no-premises")
    assert status == 0
    verdict, why = out.splitlines()[1:3]
    assert verdict == "FAILS: the office cannot finish its cases"
    assert why.startswith("9 cases are not finished 430 days after the last arrival (7 at ")
    assert "Traceback" not in err
    assert not list((home / "results" / "runs" / "small").glob("*.png"))
    answer = json.loads(call("run", "scenarios/small.yaml", "--no-premises", "--json")[1])
    assert (answer["verdict"], answer["unfinished"]["cases"], answer["summary"]) == ("FAILS", left.cases, [])


# The main job


def test_the_main_job_runs_every_scenario_as_shipped(call, home):
    add(home, "baseline-2023", SMALL.replace("small", "baseline-2023"))
    status, out, err = call("--max-replications", "2")
    assert status == 0
    assert [line.split(":")[0] for line in err.splitlines()] == ["scenarios", *(f"{n} of 3 written" for n in (1, 2, 3))]
    results = home / "results"
    names = ["batches", "overview.csv", "overview.parquet", "overview.png", "overview.svg", "scenarios"]
    assert sorted(file.name for file in results.iterdir()) == names
    assert sorted(file.name for file in (results / "scenarios").iterdir()) == ["baseline-2023", "busy", "small"]
    rows = [line for line in out.splitlines() if line.strip().startswith("Three")]
    assert len(rows) == 3
    busy = saved_in(results / "scenarios" / "busy")
    assert f"{busy.figure('licence', 'mean').mean:.2f}" in rows[-1], "after the baseline, the best come first"
    assert busy.verdict in rows[-1]


def test_a_broken_scenario_does_not_lose_the_others(call, home):
    file = add(home, "broken", BROKEN)
    status, out, err = call("--max-replications", "1")
    assert status == 2
    assert "Not written, see the errors: broken" in out
    assert "Three busy days" in out
    assert f"{home / file}:4:10: demand.key_shre" in err
    assert not (home / "results" / "scenarios" / "broken").exists()
    answer = json.loads(call("--max-replications", "1", "--json")[1])
    assert answer["status"] == 2
    assert [scenario["name"] for scenario in answer["scenarios"]] == ["busy", "small"]
    assert [error["line"] for error in answer["errors"]] == [4, 4]


def test_a_fault_names_the_scenario_and_the_replication(call, monkeypatch):
    true_play = work.play

    def play(office, *others):
        if office.name == "busy":
            raise ZeroDivisionError("oh")
        return true_play(office, *others)

    monkeypatch.setattr(work, "play", play)
    status, out, err = call("--max-replications", "1")
    assert (status, out) == (1, "")
    assert "please report it: FaultError: busy, replication 0: ZeroDivisionError: oh" in err


def test_a_fault_in_writing_one_scenario_does_not_lose_the_others(call, monkeypatch):
    true_write = driver.write_record

    def write_record(record, folder):
        if record.name == "busy":
            raise ZeroDivisionError("oh")
        true_write(record, folder)

    monkeypatch.setattr(driver, "write_record", write_record)
    status, out, err = call("--max-replications", "1")
    assert status == 1
    assert "internal error in busy, please report it: ZeroDivisionError: oh" in err
    assert "Three days" in out


def test_an_office_that_cannot_finish_is_a_row_of_the_table(call, home, monkeypatch):
    monkeypatch.setattr(work, "play", failing(NeverFinishesError(Unfinished(9, 430))))
    status, out, _ = call("--lang", "zh")
    assert status == 0
    (row,) = [line for line in out.splitlines() if "忙碌三天" in line]
    assert "不达标" in row
    assert "办不完" in row
    assert (home / "results" / "overview.png").stat().st_size > 10_000


def test_an_interrupted_main_job_says_how_to_go_on(call, home, monkeypatch):
    true_play = work.play

    def play(office, *others):
        if office.name == "small":
            raise KeyboardInterrupt
        return true_play(office, *others)

    monkeypatch.setattr(work, "play", play)
    status, _, err = call("--max-replications", "20")
    assert status == 130
    assert err.splitlines()[-1].endswith(
        "interrupted; what is finished is kept in results/batches; to go on from there: "
        "python run_sim.py --max-replications 20"
    )
    status, out, _ = call("results")
    assert status == 0
    assert "to go on: python run_sim.py --max-replications 20" in out


def test_a_folder_without_scenarios_is_said(call, home):
    for file in (home / "scenarios").iterdir():
        file.unlink()
    status, _, err = call()
    assert (status, "there is no scenario in" in err) == (2, True)


# check


def test_check_knows_files_of_every_kind(call, home):
    rules = ROOT / "scenarios" / "staffing" / "standard.yaml"
    sweep = ROOT / "scenarios" / "sweeps" / "demand-by-reviewers.yaml"
    assert call("check", str(rules), str(sweep))[:2] == (0, f"{rules}: ok\n{sweep}: ok\n")
    broken = home / "standard.yaml"
    broken.write_text(rules.read_text(encoding="utf-8").replace("longest_spell_hours: 5", "longest_spell_hours: 3"))
    status, out, err = call("check", str(broken))
    assert (status, out) == (2, "")
    assert "hours without a break; at most 3 are allowed" in err


@pytest.mark.parametrize("verb", ["run", "staff", "explain", "limit", "compare"])
def test_a_file_of_another_kind_is_called_what_it_is(call, verb):
    rules = ROOT / "scenarios" / "staffing" / "standard.yaml"
    sweep = ROOT / "scenarios" / "sweeps" / "demand-by-reviewers.yaml"
    for file, meant in ((rules, "is staffing rules: 'staff SCENARIO.yaml --rules'"), (sweep, "is a sweep: the verb")):
        status, _, err = call(verb, str(file), *([str(file)] if verb == "compare" else []))
        assert status == 2
        assert len(err.splitlines()) == 1
        assert meant in err


def test_a_scenario_is_no_file_of_staffing_rules(call, home):
    status, _, err = call("staff", "scenarios/small.yaml", "--rules", "scenarios/small.yaml")
    assert status == 2
    assert "'scenarios/small.yaml' is a scenario: run, staff, limit, explain and compare take it" in err
    stray = add(home, "stray", "name: stray\ntitle: {en: s, zh: 场}\nyear: 2023\nshifts: {}\n")
    status, _, err = call("run", stray)
    assert (status, "stray.yaml:4:1: shifts: there is no such parameter" in err) == (2, True)


# As a process


def run_sim(*arguments, **options):
    line = [sys.executable, ROOT / "run_sim.py", *arguments]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", timeout=120, **options)


def test_help_answers_at_once():
    began = os.times()
    answer = run_sim("--help")
    ended = os.times()
    assert answer.returncode == 0
    # Of the processor alone: other work on the machine is not ours.
    assert ended.children_user + ended.children_system - began.children_user - began.children_system < 0.4
    assert "Does a business licence in five minutes hold?" in answer.stdout
    for verb in ("run", "limit", "check", "schema"):
        assert f"\n  {verb} " in answer.stdout


def test_help_is_in_one_language_and_says_how_to_get_the_other(call):
    english, chinese = call("--help", "--lang", "en")[1], call("--help", "--lang", "zh")[1]
    assert "--lang zh" in english
    assert re.findall(r"[\u4e00-\u9fff]+", english) == re.findall(r"[\u4e00-\u9fff]+", "5分钟办照能否做到？（中文：")
    assert "用法：" in chinese
    lines = [line for line in chinese.splitlines() if re.match(r" +(-|[a-z]+ {2})", line)]
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r"[\u4e00-\u9fff]", line)] == []
    assert "SCENARIO.yaml" in call("limit", "--help", "--lang", "zh")[1]


def test_nothing_heavy_is_imported_for_the_help():
    heavy = {"numpy", "numba", "matplotlib", "pyarrow", "scipy", "pydantic", "ruamel", "simpy", "rich"}
    code = "import sys, sim.cli; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert heavy & set(answer.stdout.split()) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell with pipes is needed")
@pytest.mark.parametrize("command", ["schema", "check scenarios/baseline-2023.yaml"])
def test_a_reader_who_leaves_early_gets_no_traceback(command):
    script = f"{sys.executable} run_sim.py {command} | true"
    answer = subprocess.run(script, shell=True, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert "Traceback" not in answer.stderr
    assert "Exception" not in answer.stderr
    assert "BrokenPipe" not in answer.stderr


def test_a_terminal_without_chinese_is_no_reason_to_end():
    answer = run_sim("--help", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"LC_ALL": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_TW"}, "zh"), ({"LANG": "en_GB.UTF-8"}, "en"),
     ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"), ({"LANG": "Chinese_China.936"}, "zh")],
)  # fmt: skip
def test_the_language_is_that_of_the_locale(monkeypatch, variables, expected):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert locale_language() == expected


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ("python run_sim.py run a.yaml", "python run_sim.py run a.yaml"),
        ("python run_sim.py --jobs 2 run 'a b.yaml' --json --seed 7", "python run_sim.py run 'a b.yaml' --seed 7"),
        (
            "python run_sim.py sweep a.yaml --scheduler=tcp://h:1 --replace --lang zh",
            "python run_sim.py sweep a.yaml --lang zh",
        ),
    ],
)
def test_results_name_the_command_that_makes_them_anywhere(given, again):
    assert Options(Path(), given).again == again
