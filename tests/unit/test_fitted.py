"""What of a scenario was fitted to a log is counted as that, and nothing else is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from calibrations import calibration
from helpers import said_in

from sim.cli import main
from sim.office.parameters.listing import all_parameters
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.present.basis import basis
from sim.results.codec import read_record, write_record
from sim.results.fitted import WRITTEN, CalibrationError, Fitted, fitted_to_log
from sim.results.sources import UNSET, sources_of
from sim.studies.calibrate.scenarios import path_of, put
from sim.studies.driver import fitted_in_all, fitted_of
from sim.studies.run.records import Run
from sim.studies.sweep.file import load_sweep_file

PERIOD = {"first": "2023-03-01", "last": "2023-03-03"}
TITLE = {"en": "Own office", "zh": "本单位"}
FITTED = {
    "demand.registrations_per_year", "demand.enterprise_share", "demand.month_index", "review.minutes.mean_minutes",
    "review.return_rate", "staff.reviewers.plan",
}  # fmt: skip
CHILD = {"name": "child", "title": {"en": "Child", "zh": "子场景"}, "extends": "own"}


def write(folder, data):
    file = folder / f"{data['name']}.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def write_fitted(folder):
    """Write the folder of a calibration whose log tells of demand and review, and return the scenario's file."""
    folder.mkdir()
    full = scenario_as_dict(scenario_from_dict({"name": folder.name, "title": TITLE, "period": PERIOD}))
    record = calibration(folder.name, steps=("review",), scenario=full)
    for each in record.used:
        put(full, path_of(each.name), each.value)
    full["demand"]["registrations_per_year"] = 43_804
    full["staff"]["reviewers"]["plan"] = {"08:00-17:00": 10}
    write_record(replace(record, about=replace(record.about, fitted=Fitted(folder.name, tuple(FITTED)))), folder)
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
    without, counted = sources_of(full), sources_of(full, found)

    def numbers(of):
        return len(of.article) + len(of.scenario) + of.assumption + of.elsewhere

    unset = [each for each in all_parameters() if each.source in UNSET and each.path not in without.scenario]
    every = sum(bool(each.source) for each in all_parameters())
    assert numbers(without) == numbers(counted) + len(FITTED) == every - len(unset)
    assert "demand.registrations_per_year" in without.scenario
    assert "demand.registrations_per_year" not in counted.article + counted.scenario


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
def test_a_child_inherits_what_it_does_not_say_itself(file, says, lost):
    assert fitted(write(file.parent, CHILD | says)) == FITTED - lost


@pytest.mark.parametrize(
    "beside", [{"roster": [{"hours": ["08:00-17:00"], "people": 9}]}, {"on": {"mon": {"08:00-17:00": 12}}}], ids=str
)
def test_a_plan_that_does_not_say_alone_who_is_there_is_not_fitted(file, beside):
    """A file with both is refused; what is made of it may have them."""
    full = scenario_as_dict(load_scenario_file(file))
    full["staff"]["reviewers"] |= beside
    assert set(fitted_to_log(file, [scenario_from_dict(full)]).parameters) == FITTED - {"staff.reviewers.plan"}


def test_a_grandchild_inherits_too(file):
    write(file.parent, CHILD)
    last = write(file.parent, CHILD | {"name": "grandchild", "extends": "child"})
    assert fitted(last) == FITTED


def test_values_that_happen_to_be_the_same_are_not_fitted(file, tmp_path):
    data = json.loads(file.read_text(encoding="utf-8"))
    assert fitted(write(file.parent, data | {"name": "stranger"})) is None
    assert fitted(write(tmp_path, data)) is None


@pytest.mark.parametrize("place", ["elsewhere", "own", "run"])
@pytest.mark.parametrize("child", [False, True])
def test_a_fitted_scenario_whose_calibration_is_not_beside_it_is_assumed_and_said_to_be(
    file, tmp_path, capsys, place, child
):
    file.write_text(f"# {WRITTEN} in a log\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    assert fitted(file) == FITTED
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    text = file.read_text(encoding="utf-8").replace('"name": "own"', '"name": "copied"')
    copied = asked = folder / "copied.yaml"
    copied.write_text(text, encoding="utf-8")
    if place == "run":
        (folder / "manifest.json").write_text('{"about": {"kind": "run"}}', encoding="utf-8")
    if child:
        asked = write(folder, CHILD | {"extends": "copied"})
    assert fitted_of(asked, [load_scenario_file(asked)]) is None
    assert capsys.readouterr().err == (
        f"{copied}: written by a calibration and not in its folder under its own name, so no verdict carries what "
        "the log leaves open; put it back, or extend it in a file beside it; what it has fitted counts as assumed "
        "(warning)\n"
    )


def with_facts(folder, of="", **facts):
    manifest = folder / "manifest.json"
    found = json.loads(manifest.read_text(encoding="utf-8"))
    (found[of] if of else found).update(facts)
    manifest.write_text(json.dumps(found), encoding="utf-8")


def test_the_folder_of_a_run_tells_of_no_log(file):
    with_facts(file.parent, "about", kind="run")
    assert fitted(file) is None


DAMAGES = {
    "no JSON": lambda folder: (folder / "manifest.json").write_text("{", encoding="utf-8"),
    "no facts": lambda folder: with_facts(folder, about=3),
    "no scenario": lambda folder: with_facts(folder, scenario=None),
    "nothing fitted": lambda folder: with_facts(folder, "about", fitted=None),
    "other scenario": lambda folder: with_facts(folder, scenario={"review": {"minutes": [1]}}),
    "other version": lambda folder: with_facts(folder, "about", format=1),
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
    found = fitted_of(sweep.base_file, [sweep.base, *(point.scenario for point in sweep.points)])
    assert set(found.parameters) == FITTED - {"review.return_rate"}


@pytest.mark.parametrize(
    ("found", "en", "zh"),
    [
        (None, "Most parameters are assumed, or set in the scenario", "参数大多为假设或由场景设定"),
        (Fitted("own", ("a", "b")), "Parameters fitted to the log own: 2; the others assumed or set",
         "据业务记录own拟合2项参数，其余为假设或设定"),
        (Fitted("a" * 64, ("a",)), f"Parameters fitted to the log {'a' * 23}…: 1; the others assumed or set",
         f"据业务记录{'a' * 23}…拟合1项参数，其余为假设或设定"),
        (Fitted("", ()), "Partly fitted to a log, the rest assumed or set", "部分参数据业务记录拟合，其余为假设或设定"),
    ],
)  # fmt: skip
def test_charts_say_what_they_rest_on(found, en, zh):
    about = replace(calibration().about, fitted=found)
    assert (basis(about), said_in("zh", basis, about)) == (f"{en}. Version 0.1.0", f"{zh}。版本0.1.0")


@pytest.mark.parametrize("damaged", [False, True])
def test_a_run_says_what_was_fitted(file, tmp_path, monkeypatch, capsys, damaged):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    if damaged:
        with_facts(file.parent, scenario=None)
    assert main(tmp_path, ("run", "own/own.yaml", "--max-replications", "12", "--quick", "--out", "results")) == 0
    said = capsys.readouterr()
    record = read_record(Run, tmp_path / "results" / "runs" / "own")
    if damaged:
        warning = f"{Path('own')}: holds a damaged calibration; what it has fitted counts as assumed (warning)"
        assert warning in said.err
        assert record.about.fitted is None
    else:
        assert set(record.about.fitted.parameters) == FITTED
        assert f"Fitted to the log own: {len(FITTED)} parameters, the staffing of reviewers among them." in said.out
    assert ("Fitted to the log" in said.out) != damaged
