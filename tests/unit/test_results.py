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
from small_runs import files_in, record_of

from sim import files
from sim.files import replaced_file, replaced_folder
from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Unfinished
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.program import CHECKOUT
from sim.replicate.design_points import design_point_of
from sim.replicate.store import BATCHES, SUFFIX
from sim.replicate.verdicts import Outcome
from sim.results.about import Kept, about_of, differences
from sim.results.begun import all_begun
from sim.results.codec import FORMAT, digest_of, facts_of
from sim.results.sources import sources_of
from sim.results.timing import took_charts, write_timing
from sim.studies import driver
from sim.studies.base import Job, Options
from sim.studies.driver import saved
from sim.studies.finished import SavedError, read_results
from sim.studies.run import STUDY
from sim.studies.run.records import Cause, TurningPoint
from sim.studies.run.replicate import NothingToJudgeError, run_scenario, scenario_hash
from sim.text import speaking

SMALL = {
    "name": "small",
    "title": {"en": "Three days", "zh": "三天"},
    "period": {"first": "2023-03-01", "last": "2023-03-03"},
    "demand": {"registrations_per_year": 3000},
}
NO_STUDIO = {**SMALL, "filing": {"studio_share": 0}, "staff": {"studio": {"plan": {}}}}
TABLES = ("nearest", "causes", "kpis", "summary", "half_hours", "licence_times", "days")
CHARTS = ("licence_time", "minutes", "day")


@pytest.fixture(scope="module")
def done():
    return run_scenario(scenario_from_dict(NO_STUDIO), seed=5, rule=Rule(largest=20))


@pytest.fixture(scope="module")
def run(done):
    texts = "review.return_rate", "share", "returns", "退回", "assumption", "assumption"
    turning = TurningPoint(*texts, 0.15, 0.05, 0.4, 0.05, 0.4, False, False, 0.2)
    return replace(record_of(done), nearest=(turning,), causes=(Cause("review.minutes.mean_minutes", 0.4, 412),))


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return written(run, tmp_path_factory.mktemp("results") / "small").folder


def written(run, folder, **options):
    """Write a run as the verb does."""
    job = Job(run.about, [], lambda ready: run)
    return saved(STUDY, run, job, folder, Options(home=folder.parent, out=folder.parent, **options), 1.0)


def test_charts_that_are_there_are_not_drawn_again(run, tmp_path, monkeypatch):
    drawn = []
    true_draw = driver.draw_into
    monkeypatch.setattr(driver, "draw_into", lambda *asked: (drawn.append(asked), true_draw(*asked)))
    folder = written(run, tmp_path / "small").folder
    before = files_in(folder)
    assert (written(run, folder).folder, len(drawn), files_in(folder)) == (folder, 1, before)
    # Whatever was done to them, what is drawn by others, in another language, of other figures, or asked for is drawn.
    (folder / "day.png").write_bytes(b"scribbled on")
    assert (len(drawn), files_in(written(run, folder).folder)) == (1, before)
    assert len(drawn) == 2
    (folder / "day.svg").unlink()
    assert files_in(written(run, folder).folder) == before
    assert len(drawn) == 3
    with speaking("zh"):
        written(run, folder)
    assert len(drawn) == 4
    written(run, folder)
    monkeypatch.setattr(driver, "sources", lambda parts: "of another version")
    written(run, folder)
    assert len(drawn) == 6
    written(replace(run, nearest=()), folder, replace=True)
    assert len(drawn) == 7
    written(replace(run, nearest=()), folder, replace=True)
    assert len(drawn) == 8


def test_a_folder_that_names_charts_outside_of_itself_has_none_copied(run, tmp_path):
    folder = written(run, tmp_path / "small").folder
    (tmp_path / "outside.png").write_bytes(b"picture")
    noted = json.loads((folder / "timing.json").read_text(encoding="utf-8"))
    noted["files"]["../outside.png"] = digest_of(tmp_path / "outside.png")
    (folder / "timing.json").write_text(json.dumps(noted), encoding="utf-8")
    new = tmp_path / "deep" / "new"
    new.mkdir(parents=True)
    assert not took_charts(folder, new, noted["drawn"])
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["new"]


def everything_in(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_run_writes_its_tables_twice_its_charts_and_a_manifest(folder):
    expected = {f"{name}.{kind}" for name in TABLES for kind in ("parquet", "csv")} | {"manifest.json", "timing.json"}
    assert {file.name for file in folder.iterdir()} == expected | {f"{c}.{k}" for c in CHARTS for k in ("png", "svg")}


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


def test_what_was_written_is_read_as_it_was(folder, run):
    read = read_results(STUDY, folder)
    # In words, for which what is no number is the same as itself.
    assert repr(read) == repr(run)
    assert (read.folder, len(read.finished)) == (folder, len("2026-11-28 20:00:00"))


def test_the_summary_is_the_mean_of_the_replications(run, done):
    mean, low, high = run.figure("licence", "mean")
    assert mean == pytest.approx(np.mean(done.figures["licence mean"]), rel=1e-12)
    assert low < mean < high
    (row,) = [row for row in run.summary if (row.subject, row.by, row.statistic) == ("licence", "", "mean")]
    assert (row.unit, row.replications) == ("min", 20)
    (kpis,) = run.kpis
    assert kpis.num_rows == 20 * len(run.summary)


def test_a_figure_that_does_not_exist_is_no_number_rather_than_infinite(run):
    (row,) = [row for row in run.summary if (row.group, row.statistic) == ("studio", "utilisation")]
    assert all(math.isnan(getattr(row, name)) for name in ("mean", "low", "high", "smallest", "largest"))
    assert row.replications == 0
    assert math.isnan(run.figure("no such", "figure").mean)


def test_the_manifest_says_what_the_run_rests_on(folder, done):
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    about = manifest["about"]
    assert scenario_from_dict(manifest["scenario"]) == done.scenario
    assert manifest["scenario_sha256"] == scenario_hash(scenario_as_dict(done.scenario))
    assert (about["seed"], manifest["replications"], about["engine"]) == (5, 20, "compiled")
    assert manifest["verdict"] == done.judgement.verdict.value
    assert manifest["estimate"] == done.judgement.estimate
    assert manifest["working_days"] == 3
    assert [stage["name"] for stage in manifest["stages"] if stage["counted"]] == ["review", "issue"]
    assert {"python", "numpy", "numba", "simpy", "licence-office-sim"} <= about["versions"].keys()


def test_the_same_seed_writes_the_same_files(folder, run, done, tmp_path):
    again = run_scenario(done.scenario, seed=5, rule=Rule(largest=20))
    written(replace(record_of(again), nearest=run.nearest, causes=run.causes), tmp_path / "small")
    ours, theirs = everything_in(folder), everything_in(tmp_path / "small")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name] and name.name != "timing.json"] == []


def test_an_office_that_cannot_finish_leaves_its_reason(done, tmp_path):
    never = record_of(replace(done, outcome=Outcome(Verdict.FAILS, None, Unfinished(9, 30, {"review": 9}), 0)))
    read = read_results(STUDY, written(never, tmp_path / "small").folder)
    assert (read.verdict, read.unfinished, read.has_figures) == ("FAILS", Unfinished(9, 30, {"review": 9}), False)
    assert math.isnan(read.estimate)
    assert (read.summary, read.days) == ((), ())
    assert not list((tmp_path / "small").glob("*.png"))


def test_somebody_who_never_gets_a_licence_is_not_the_same_as_no_number(run, tmp_path):
    never = replace(run, estimate=math.inf, low=math.nan, high=math.nan)
    assert facts_of(never)["estimate"] == math.inf
    read = read_results(STUDY, written(never, tmp_path / "small").folder)
    assert json.loads((tmp_path / "small" / "manifest.json").read_text())["estimate"] == "Infinity"
    assert math.isinf(read.estimate)
    assert math.isnan(read.low)


def test_nobody_to_judge_is_said_at_once():
    nobody = {**SMALL, "demand": {"registrations_per_year": 1, "month_index": [1, 1, 0, *[1] * 9]}}
    with pytest.raises(NothingToJudgeError, match=r"nobody submits an application"):
        run_scenario(scenario_from_dict(nobody), rule=Rule(largest=20))


def test_sources_name_what_differs_from_the_article():
    as_in_article = sources_of(scenario_as_dict(scenario_from_dict({"name": "x", "title": SMALL["title"]})))
    assert "demand.registrations_per_year" in as_in_article.article
    assert as_in_article.scenario == ()
    assert as_in_article.assumption > 50
    own = sources_of(scenario_as_dict(scenario_from_dict(SMALL)))
    assert "demand.registrations_per_year" in own.scenario
    assert "demand.registrations_per_year" not in own.article
    assert "target.minutes" in own.article
    ten = sources_of(scenario_as_dict(scenario_from_dict({**SMALL, "target": {"minutes": 10}})))
    assert "target.minutes" in ten.scenario


@pytest.mark.parametrize(
    ("damage", "said"),
    [("nothing there", "missing or damaged"), ("no manifest", "missing or damaged"),
     ("another layout", "another version"), ("another kind", "another kind"), ("no seed", "seed"),
     ("a text for a number", "damaged"), ("table missing", "summary.parquet"), ("table broken", "damaged results"),
     ("column missing", "mean")],
)  # fmt: skip
def test_a_folder_without_results_is_refused_in_one_line(folder, damage, said, tmp_path):
    mine = tmp_path / "mine"
    if damage != "nothing there":
        mine.mkdir()
        for file in folder.iterdir():
            (mine / file.name).write_bytes(file.read_bytes())
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    edits = {
        "another layout": lambda: facts["about"].update(format=2),
        "another kind": lambda: facts["about"].update(kind="sweep"),
        "no seed": lambda: facts["about"].pop("seed"),
        "a text for a number": lambda: facts.update(replications="many"),
    }
    if damage in edits:
        edits[damage]()
        (mine / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    if damage == "no manifest":
        (mine / "manifest.json").unlink()
    if damage == "table missing":
        (mine / "summary.parquet").unlink()
    if damage == "table broken":
        (mine / "summary.parquet").write_bytes(b"PAR1")
    if damage == "column missing":
        table = pq.read_table(mine / "summary.parquet")
        pq.write_table(table.drop_columns(["mean"]), mine / "summary.parquet")
    if damage != "nothing there":
        write_timing(mine, 1.0)  # as if it had been written so
    with pytest.raises(SavedError, match=said) as caught:
        read_results(STUDY, mine)
    assert str(caught.value).startswith(str(mine))
    assert "\n" not in str(caught.value)
    assert "make it again with: python run_sim.py run" in str(caught.value)


# All or nothing


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_folder_untouched(run, tmp_path, failure, monkeypatch):
    mine = written(run, tmp_path / "small").folder
    before = everything_in(mine)

    def fail(study, record, new):
        assert len(list(new.iterdir())) == 2 * len(TABLES) + 1
        (new / "half.png").write_bytes(b"half")
        raise failure

    monkeypatch.setattr(driver, "draw_into", fail)
    with pytest.raises(driver.InputError if isinstance(failure, OSError) else type(failure)):
        written(run, mine, replace=True)
    assert everything_in(mine) == before
    assert [file.name for file in tmp_path.iterdir()] == ["small"]


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


def test_results_that_somebody_else_finished_meanwhile_are_not_replaced(run, tmp_path, monkeypatch):
    other = replace(run, about=replace(run.about, identity="another", seed=6))
    bring = files._on_disk

    def overtaken(file):
        monkeypatch.setattr(files, "_on_disk", bring)
        written(other, tmp_path / "small")
        bring(file)

    monkeypatch.setattr(files, "_on_disk", overtaken)
    with pytest.raises(driver.InputError, match=r"differ in seed \(6; now 5\)"):
        written(run, tmp_path / "small")
    assert read_results(STUDY, tmp_path / "small").about.seed == 6
    assert [file.name for file in tmp_path.iterdir()] == ["small"]


@pytest.mark.parametrize(
    ("largest", "used", "now", "refused"),
    [
        (2000, 20, 100, False),
        (2000, 20, 19, True),
        (2000, 2000, 100, True),
        (20, 20, 2000, False),
        (20, None, 19, True),
    ],
)
def test_with_a_smaller_budget_only_what_it_would_cut_off_is_refused(run, largest, used, now, refused):
    about = facts_of(run)["about"]
    kept = Kept(FORMAT, about | {"rule": about["rule"] | {"largest": largest}}, used)
    new = replace(run.about, rule=replace(run.about.rule, largest=now))
    assert bool(differences(kept, new)) is refused


def test_other_answers_have_other_identities_and_a_larger_budget_is_the_same(run):
    point = design_point_of(scenario_from_dict(run.scenario), 5, "compiled")

    own = {"kind": "run", "points": (point,), "rule": Rule(3, smallest=30), "asked": None}

    def identity(name="small", **changed):
        return about_of(name=name, command="", **(own | changed)).identity

    others = {"kind": ["sweep"], "points": [(replace(point, key="other"),), (point, point)], "asked": [["more"]],
              "rule": [Rule(2, smallest=30), Rule(3, 0.01, smallest=30), Rule(3, smallest=40),
                       Rule(3, smallest=30, early=True)]}  # fmt: skip
    found = [identity(), *(identity(**{what: value}) for what, values in others.items() for value in values)]
    assert len(set(found)) == len(found)
    assert identity() == identity(name="large", rule=Rule(3, largest=99, smallest=30))


def test_of_what_is_begun_all_batches_are_counted(tmp_path):
    folder = tmp_path / BATCHES / "0"
    folder.mkdir(parents=True)
    for batch in ("0a-0", "0a-10", "0b-0", "0d-0"):
        (folder / f"{batch}{SUFFIX}").touch()
    facts = {"kind": "run", "name": "small", "command": "curl x", "begun": "now", "keys": ["0a", "0b", "0c"]}
    (tmp_path / BATCHES / "begun-1.json").write_text(json.dumps(facts))
    (one,) = all_begun(tmp_path, {"run": "run"})
    assert (one["design_points"], one["batches"], one["command"]) == (3, 3, "")


@pytest.mark.parametrize(
    ("kind", "command", "told"),
    [
        ("run", "run a.yaml", "run a.yaml"), ("run", "run a.yaml --replace --jobs 2", "run a.yaml --jobs 2"),
        ("run", "log a.yaml --out run --out notes.csv", ""), ("run", "sweep a.yaml", ""), ("other", "run a.yaml", ""),
        ("scenarios", "--seed 5 --quick", "--seed 5 --quick"), ("scenarios", "--seed 5 log a.yaml", ""),
    ],
)  # fmt: skip
def test_what_is_begun_goes_on_with_the_verb_of_its_kind_or_with_nothing(tmp_path, kind, command, told):
    (tmp_path / BATCHES).mkdir()
    facts = {"kind": kind, "name": "x", "command": f"{CHECKOUT} {command}", "begun": "now", "keys": []}
    (tmp_path / BATCHES / "begun-1.json").write_text(json.dumps(facts))
    (one,) = all_begun(tmp_path, {"run": "run", "scenarios": ""})
    assert one["command"] == (told and f"{CHECKOUT} {told}")
