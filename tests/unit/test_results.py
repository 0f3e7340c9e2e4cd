"""What a run writes: all of it or nothing, and the same in both formats."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from sim.analysis.judge import Rule, Verdict
from sim.experiment.results import scenario_hash, write_run
from sim.experiment.run import NothingToJudgeError, run_scenario
from sim.experiment.sources import sources
from sim.experiment.verdicts import Outcome
from sim.files import replaced_file, replaced_folder
from sim.office.scenario import scenario_as_dict, scenario_from_dict

SMALL = {
    "name": "small",
    "title": {"en": "Three days", "zh": "三天"},
    "period": {"first": "2023-03-01", "last": "2023-03-03"},
    "demand": {"registrations_per_year": 3000},
}
NO_STUDIO = {**SMALL, "filing": {"studio_share": 0}, "staff": {"studio": {"plan": {}}}}
TABLES = ("kpis", "summary", "half_hours", "licence_times", "days")


@pytest.fixture(scope="module")
def run():
    return run_scenario(scenario_from_dict(NO_STUDIO), seed=5, rule=Rule(largest=20))


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "small"
    write_run(run, folder)
    return folder


def everything_in(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_run_writes_five_tables_twice_and_a_manifest(folder):
    expected = {f"{name}.{kind}" for name in TABLES for kind in ("parquet", "csv")} | {"manifest.json", "timing.json"}
    assert {file.name for file in folder.iterdir()} == expected


@pytest.mark.parametrize("name", TABLES)
def test_parquet_and_csv_hold_the_same(folder, name):
    parquet = pq.read_table(folder / f"{name}.parquet")
    # Nothing is left to guessing: an empty text is a text, and nan is a number.
    options = pacsv.ConvertOptions(column_types={field.name: field.type for field in parquet.schema}, null_values=[])
    csv = pacsv.read_csv(folder / f"{name}.csv", convert_options=options)
    assert parquet.num_rows > 0
    assert csv.column_names == parquet.column_names
    for column in parquet.column_names:
        ours, theirs = parquet.column(column).to_pylist(), csv.column(column).to_pylist()
        assert [repr(value) for value in ours] == [repr(value) for value in theirs]


def test_the_summary_is_the_mean_of_the_replications(folder, run):
    columns = pq.read_table(folder / "summary.parquet").to_pydict().values()
    rows = {tuple(row[:4]): row for row in zip(*columns, strict=True)}
    mean = np.mean(run.figures["licence mean"])
    subject = rows["licence", "", "", "mean"]
    assert subject[5] == pytest.approx(mean, rel=1e-12)
    assert subject[6] < mean < subject[7]
    assert subject[-1] == 20


def test_a_figure_that_does_not_exist_is_no_number_rather_than_infinite(folder):
    table = pq.read_table(folder / "summary.parquet").to_pylist()
    (row,) = [row for row in table if (row["group"], row["statistic"]) == ("studio", "utilisation")]
    assert all(math.isnan(row[name]) for name in ("mean", "low", "high", "smallest", "largest"))
    assert row["replications"] == 0


def test_the_manifest_says_what_the_run_rests_on(folder, run):
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert scenario_from_dict(manifest["scenario"]) == run.scenario
    assert manifest["scenario_sha256"] == scenario_hash(scenario_as_dict(run.scenario))
    assert (manifest["seed"], manifest["replications"], manifest["engine"]) == (5, 20, "compiled")
    assert manifest["verdict"]["verdict"] == run.judgement.verdict.value
    assert manifest["verdict"]["estimate"] == run.judgement.estimate
    assert manifest["working_days"] == 3
    assert [stage["name"] for stage in manifest["stages"] if stage["counted"]] == ["review", "issue"]
    assert {"python", "numpy", "numba", "simpy", "licence-office-sim"} <= manifest["versions"].keys()


def test_the_same_seed_writes_the_same_tables(folder, run, tmp_path):
    again = run_scenario(run.scenario, seed=5, rule=Rule(largest=20))
    write_run(again, tmp_path / "small")
    ours, theirs = everything_in(folder), everything_in(tmp_path / "small")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name] and name.name != "timing.json"] == []


def test_an_office_that_cannot_finish_leaves_its_reason(run, tmp_path):
    never = replace(run, outcome=Outcome(Verdict.FAILS, None, "too few reviewers", 0))
    write_run(never, tmp_path / "small")
    assert sorted(file.name for file in (tmp_path / "small").iterdir()) == ["manifest.json", "timing.json"]
    verdict = json.loads((tmp_path / "small" / "manifest.json").read_text(encoding="utf-8"))["verdict"]
    assert (verdict["verdict"], verdict["why"], verdict["estimate"]) == ("FAILS", "too few reviewers", None)


def test_nobody_to_judge_is_said_at_once():
    nobody = {**SMALL, "demand": {"registrations_per_year": 1, "month_index": [1, 1, 0, *[1] * 9]}}
    with pytest.raises(NothingToJudgeError, match=r"nobody submits an application"):
        run_scenario(scenario_from_dict(nobody), rule=Rule(largest=20))


def test_sources_name_what_differs_from_the_article():
    as_in_article = sources(scenario_as_dict(scenario_from_dict({"name": "x", "title": SMALL["title"]})))
    assert "demand.registrations_per_year" in as_in_article["article"]
    assert as_in_article["changed"] == []
    assert as_in_article["assumption"] > 50
    assert sources(scenario_as_dict(scenario_from_dict(SMALL)))["changed"] == ["demand.registrations_per_year"]


# All or nothing


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_folder_untouched(run, folder, tmp_path, failure):
    mine = tmp_path / "small"
    write_run(run, mine)
    before = everything_in(mine)

    def fail(new):
        assert len(list(new.iterdir())) == 12
        (new / "half.png").write_bytes(b"half")
        raise failure

    with pytest.raises(type(failure)):
        write_run(run, mine, fail)
    assert everything_in(mine) == before
    assert [file.name for file in tmp_path.iterdir()] == ["small"]


def test_a_failure_without_an_old_folder_leaves_nothing(run, tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_run(run, tmp_path / "small", lambda _: 1 / 0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "old").write_text("old")
    with replaced_folder(tmp_path / "mine") as new:
        (new / "fresh").write_text("fresh")
        assert (tmp_path / "mine" / "old").read_text() == "old"
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["fresh"]
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_the_old_folder_comes_back_if_the_new_one_cannot_take_its_place(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "old").write_text("old")
    with pytest.raises(FileNotFoundError), replaced_folder(tmp_path / "mine") as new:  # noqa: PT012
        new.rename(tmp_path / "stolen")
        (tmp_path / "stolen").rename(tmp_path / "elsewhere")
    assert (tmp_path / "mine" / "old").read_text() == "old"


def test_a_file_is_replaced_or_untouched(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), replaced_file(file) as new:  # noqa: PT012
        new.write_text("ha")
        _ = 1 / 0
    assert file.read_text() == "old"
    with replaced_file(file) as new:
        assert new.suffix == ".csv"
        new.write_text("new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupt_as_soon_as_something_is_made_leaves_nothing(tmp_path, monkeypatch):
    make = Path.mkdir

    def interrupted(self, *arguments, **named):
        make(self, *arguments, **named)
        if self.name.startswith("."):
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt), replaced_folder(tmp_path / "mine"):
        pass
    with pytest.raises(KeyboardInterrupt), replaced_file(tmp_path / "mine.txt") as new:  # noqa: PT012
        assert not new.exists()
        new.touch()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_put_aside_is_put_back_before_it_is_replaced(tmp_path):
    (tmp_path / ".mine-old-abc" / "mine").mkdir(parents=True)
    (tmp_path / ".mine-old-abc" / "mine" / "old").write_text("old")
    with replaced_folder(tmp_path / "mine") as new:
        assert (tmp_path / "mine" / "old").read_text() == "old"
        (new / "fresh").write_text("fresh")
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_two_at_once_take_their_places_in_turn(tmp_path):
    def write(number):
        with replaced_folder(tmp_path / "mine") as new:
            (new / "number").write_text(str(number))

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(write, number) for number in range(40)]:
            done.result()
    assert (tmp_path / "mine" / "number").read_text().isdigit()
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
