"""What of a scenario was fitted to a log is counted as that, and nothing else is."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from calibration_folders import estimates, write_calibration

from sim.briefing import sentences
from sim.briefing.basis import basis
from sim.briefing.brief.compose import compose
from sim.briefing.brief.inputs import read_given
from sim.briefing.brief.parameters import ParameterFact
from sim.briefing.brief.sheets import sheets_of
from sim.briefing.saved import read_saved
from sim.briefing.words import word
from sim.cli import main
from sim.cli.fitted import fitted_in_all, fitted_of
from sim.evidence.fits.fitted import path_of, put
from sim.experiment.fitted import CalibrationError, fitted_to_log
from sim.experiment.sources import sources
from sim.experiment.sweeps.file import load_sweep_file
from sim.office.parameters.listing import all_parameters
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

STEPS = ("review",)
PERIOD = {"first": "2023-03-01", "last": "2023-03-03"}
TITLE = {"en": "Own office", "zh": "本单位"}
FITTED = {
    "demand.registrations_per_year", "demand.enterprise_share", "demand.day_to_day_cv", "demand.month_index",
    "demand.weekday_index", "demand.half_hour_index", "review.minutes.mean_minutes", "review.minutes.cv",
    "review.return_rate", "review.return_factors.assisted", "review.correction.median_hours", "staff.reviewers.plan",
}  # fmt: skip
CHILD = {"name": "child", "title": {"en": "Child", "zh": "子场景"}, "extends": "own"}


def write(folder, data):
    file = folder / f"{data['name']}.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def write_fitted(folder, **changes):
    """Write the folder of a calibration whose log tells of demand and review, and return the scenario's file."""
    full = scenario_as_dict(scenario_from_dict({"name": folder.name, "title": TITLE, "period": PERIOD}))
    for each in estimates(STEPS):
        if each["used"]:
            put(full, path_of(each["name"]), each["value"])
    full["demand"]["registrations_per_year"] = 43_804
    full["staff"]["reviewers"]["plan"] = {"08:00-17:00": 10}
    write_calibration(folder, steps=STEPS, scenario=full, **changes)
    return write(folder, full)


@pytest.fixture
def file(tmp_path):
    return write_fitted(tmp_path / "own")


def fitted(file):
    found = fitted_to_log(file, [load_scenario_file(file)])
    return None if found is None else set(found.parameters)


def edited(file, change):
    data = json.loads(file.read_text(encoding="utf-8"))
    change(data)
    return write(file.parent, data)


def test_what_the_log_tells_is_fitted(file):
    found = fitted_to_log(file, [load_scenario_file(file)])
    assert found.log == "own"
    assert set(found.parameters) == FITTED


def test_every_parameter_has_one_source(file):
    scenario = load_scenario_file(file)
    full, found = scenario_as_dict(scenario), fitted_to_log(file, [scenario])
    without, counted = sources(full), sources(full, found)

    def numbers(of):
        return len(of["article"]) + of["assumption"] + of["elsewhere"] + len(of.get("fitted", {}).get("parameters", ()))

    assert numbers(without) == numbers(counted) == sum(bool(each.source) for each in all_parameters())
    assert "demand.registrations_per_year" in without["changed"]
    assert "demand.registrations_per_year" not in counted["article"] + counted["changed"]
    assert "fitted" not in without
    assert counted["fitted"]["log"] == "own"


def test_a_value_that_was_edited_is_no_longer_fitted(file):
    edited(file, lambda data: data["review"]["minutes"].update(mean_minutes=2.0))
    assert fitted(file) == FITTED - {"review.minutes.mean_minutes"}
    edited(file, lambda data: data["demand"]["month_index"].reverse())
    assert fitted(file) == FITTED - {"review.minutes.mean_minutes", "demand.month_index"}


@pytest.mark.parametrize(
    ("says", "lost"),
    [
        ({}, set()),
        ({"review": {"return_rate": 0.3}}, {"review.return_rate"}),
        ({"staff": {"reviewers": {"plan": {"08:00-17:00": 9}}}}, {"staff.reviewers.plan"}),
        ({"staff": {"reviewers": {"roster": [{"hours": ["08:00-17:00"], "people": 9}]}}}, {"staff.reviewers.plan"}),
        ({"staff": {"reviewers": {"on": {"mon": {"08:00-17:00": 12}}}}}, {"staff.reviewers.plan"}),
        ({"staff": {"clerks": {"plan": {"08:00-17:00": 12}}}}, set()),
    ],
)
def test_a_child_inherits_what_was_fitted_but_for_what_it_says_itself(file, says, lost):
    assert fitted(write(file.parent, CHILD | says)) == FITTED - lost


def test_a_grandchild_inherits_too(file):
    write(file.parent, CHILD)
    last = write(file.parent, CHILD | {"name": "grandchild", "extends": "child"})
    assert fitted(last) == FITTED


def test_values_that_happen_to_be_the_same_are_not_fitted(file, tmp_path):
    data = json.loads(file.read_text(encoding="utf-8"))
    assert fitted(write(file.parent, data | {"name": "stranger"})) is None
    assert fitted(write(tmp_path, data)) is None


def test_the_folder_of_a_run_tells_of_no_log(file):
    manifest = file.parent / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(facts | {"kind": "run"}), encoding="utf-8")
    assert fitted(file) is None


def test_an_index_of_which_the_log_tells_some_months_only_is_not_fitted(tmp_path):
    def some_months(tables):
        for row in tables["estimates"]:
            if row["name"] == "demand.month_index[7]":
                row |= {"low": None, "high": None, "n": 0}

    assert fitted(write_fitted(tmp_path / "own", changed=some_months)) == FITTED - {"demand.month_index"}


def without_column(folder, name):
    table = pq.read_table(folder / "estimates.parquet")
    pq.write_table(table.drop_columns([name]), folder / "estimates.parquet")


def with_facts(folder, **facts):
    manifest = folder / "manifest.json"
    found = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(found | facts), encoding="utf-8")


DAMAGES = {
    "no estimates": lambda folder: (folder / "estimates.parquet").unlink(),
    "no table": lambda folder: (folder / "duty.parquet").write_bytes(b"PAR1 and no more"),
    "no column": lambda folder: without_column(folder, "used"),
    "no JSON": lambda folder: (folder / "manifest.json").write_text("{", encoding="utf-8"),
    "no scenario": lambda folder: with_facts(folder, scenario=None),
    "other scenario": lambda folder: with_facts(folder, scenario={"review": {"minutes": [1]}}),
    "other version": lambda folder: with_facts(folder, format=1),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_of_a_damaged_calibration_nothing_is_claimed(file, damage, capsys):
    damage(file.parent)
    scenario = load_scenario_file(file)
    with pytest.raises(CalibrationError, match="own: "):
        fitted_to_log(file, [scenario])
    assert fitted_of(file, [scenario]) is None
    said = capsys.readouterr().err
    assert said.endswith("what it has fitted counts as assumed (warning)\n")
    assert said.count("\n") == 1


def test_plans_have_in_common_what_is_fitted_in_all(file, tmp_path):
    child = write(file.parent, CHILD | {"review": {"return_rate": 0.3}})
    other = write(tmp_path, {"name": "other", "title": TITLE})
    second = write_fitted(tmp_path / "second")
    files = [file, child, other, second]
    loaded = [load_scenario_file(each) for each in files]

    def common(*places):
        return fitted_in_all([files[place] for place in places], [loaded[place] for place in places])

    assert set(common(0, 1).parameters) == set(common(1, 0).parameters) == FITTED - {"review.return_rate"}
    assert common(0, 2).parameters == common(2, 0).parameters == common(0, 3).parameters == ()
    assert common(2) is None


def test_what_a_sweep_varies_is_not_fitted(file):
    text = {
        "name": "rates", "title": {"en": "Rates", "zh": "退回率"}, "base": "own",
        "vary": {
            "rate": {"title": {"en": "rate", "zh": "率"}, "parameter": "review.return_rate", "values": [0.1, 0.2]},
        },
    }  # fmt: skip
    sweep = load_sweep_file(write(file.parent, text))
    assert sweep.base_file == file
    found = fitted_of(sweep.base_file, [sweep.base, *(cell.scenario for cell in sweep.cells)])
    assert set(found.parameters) == FITTED - {"review.return_rate"}


@pytest.mark.parametrize(
    ("facts", "en", "zh"),
    [
        ({}, "Staffing and step times are assumptions", "人员配置与各步用时为假设"),
        ({"versions": {"licence-office-sim": "1.2"}}, "Staffing and step times are assumptions. Version 1.2",
         "人员配置与各步用时为假设。版本1.2"),
        ({"fitted": {"log": "own", "parameters": ["a", "b"]}},
         "Parameters fitted to the log own: 2; the others are assumptions",
         "据业务记录own拟合2项参数，其余为假设"),
        ({"sources": {"fitted": {"log": "a" * 64, "parameters": ["a"]}}},
         f"Parameters fitted to the log {'a' * 23}…: 1; the others are assumptions",
         f"据业务记录{'a' * 23}…拟合1项参数，其余为假设"),
        ({"fitted": {"log": "", "parameters": []}}, "Partly fitted to a log, the rest are assumptions",
         "部分参数据业务记录拟合，其余为假设"),
    ],
)  # fmt: skip
def test_charts_say_what_they_rest_on(facts, en, zh):
    assert (basis(facts, "en"), basis(facts, "zh")) == (en, zh)


@pytest.fixture
def call(file, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments):
        assert main(tmp_path, arguments) == 0
        return capsys.readouterr()

    return call


def test_a_run_says_what_was_fitted(file, tmp_path, call):
    quick = ("--max-replications", "12", "--quick", "--out", "results")
    printed = call("run", "own/own.yaml", *quick).out
    assert "Fitted to the log own: 12 parameters, the staffing of reviewers among them. Article: calendar" in printed
    assert "all staffing and step times" not in printed
    assert "changed here" not in printed
    folder = tmp_path / "results" / "runs" / "own"
    saved = read_saved(folder)
    counted = saved.manifest["sources"]
    assert set(counted["fitted"]["parameters"]) == FITTED
    assert "Parameters fitted to the log own: 12; the others are assumptions" in sentences.source(saved, "en")
    printed = call("run", "own/own.yaml", *quick, "--lang", "zh", "--replace").out
    assert f"其余{counted['assumption']}项为假设" in printed
    assert json.loads(call("run", "own/own.yaml", *quick, "--json", "--replace").out)["sources"] == counted
    given = read_given([folder], tmp_path / "results")
    for language, words in {"en": "12 parameters were fitted to the log own", "zh": "据业务记录own拟合的12项"}.items():
        briefing = compose(given, "test", language)
        said = "".join(sentence.text for sentence in briefing.rests_on.said)
        assert words in said
        assert ("The staffing of reviewers" if language == "en" else "审核员的人员安排取自业务记录") in said
        assert [row[1].text for row in briefing.rests_on.counts.rows][-1] == "12"
        facts = [ParameterFact(p.path, p.unit, p.source, p.plausible, p.en, p.zh) for p in all_parameters()]
        name = word("brief sheet scenario", language)
        sheet = next(sheet for sheet in sheets_of(given, facts, language) if sheet.name == name)
        source = {row[0]: row[3] for row in sheet.rows}
        assert "own" in source["review.return_rate"]
        assert "own" in source["staff.reviewers.plan.08:00-17:00"]
        assert source["filing.assisted_share"] == ("assumption" if language == "en" else "假设")


def test_a_run_of_a_damaged_calibration_says_so_and_counts_as_before(file, call):
    (file.parent / "estimates.parquet").write_bytes(b"")
    output = call("run", "own/own.yaml", "--max-replications", "12", "--quick")
    assert f"{Path('own')}: holds a damaged calibration; what it has fitted counts as assumed (warning)" in output.err
    assert "all staffing and step times among them" in output.out


def test_a_comparison_of_plans_fitted_to_a_log_says_so(file, tmp_path, call):
    write(file.parent, CHILD | {"staff": {"reviewers": {"plan": {"08:00-17:00": 11}}}})
    call("compare", "own/own.yaml", "own/child.yaml", "--max-replications", "12", "--quick", "--out", "results")
    manifest = next((tmp_path / "results" / "comparisons").glob("*/manifest.json"))
    found = json.loads(manifest.read_text(encoding="utf-8"))["fitted"]
    assert set(found["parameters"]) == FITTED - {"staff.reviewers.plan"}
