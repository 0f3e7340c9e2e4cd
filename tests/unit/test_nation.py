"""The verb `nation`: a file of offices, a verdict each, and of all verdicts few wrong."""

from __future__ import annotations

import csv
import json
from itertools import pairwise

import numpy as np
import pytest
from helpers import EVERY, lines_of, said_in

from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Target
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file
from sim.replicate.stopping import Scores
from sim.studies import study_of
from sim.studies.base import SEED
from sim.studies.finished import read_results
from sim.studies.nation.false_discoveries import FalseDiscoveries, found
from sim.studies.nation.offices import Listed, read_offices
from sim.studies.nation.plausible import OFFICES, REGISTRATIONS, lines, main
from sim.studies.run.replicate import run_scenario

PARENT = """
name: weeks
title: {en: Two weeks, zh: 两个星期}
period: {first: 2023-03-06, last: 2023-03-19}
"""
FILE = """name,region,parent,registrations,staff,review.return_rate
上城,east,weeks,4000,0.6,0.2
下城,east,weeks,9000,0.4,
余杭,west,weeks,40200,1,
"""
WORSE, BETTER = 5.3, 4.7


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "weeks.yaml").write_text(PARENT, encoding="utf-8")
    (tmp_path / "offices.csv").write_text(FILE, encoding="utf-8")
    return tmp_path


def errors_in(folder, text):
    """Return the lines of errors of a file, from its name on."""
    (folder / "wrong.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        list(read_offices(folder / "wrong.csv", folder))
    return [line.split("wrong.csv:")[-1] for line in lines_of(raised.value)]


def nation_of(means, spread, years, seed, common=0.5):
    """Return the scores of offices whose mean minutes are known, with some of each year's luck common to all."""
    generator = np.random.default_rng(seed)
    shared = generator.standard_normal(years)
    own = generator.standard_normal((len(means), years))
    minutes = np.asarray(means)[:, None] + spread * (common * shared + np.sqrt(1 - common**2) * own)
    return [Scores(1000 * row, np.full(years, 1000.0)) for row in minutes]


def judged(scores, rate=0.05, smallest=30, largest=80, order=None):
    """Return what was found when ten replications after ten arrive, office by office in some order."""
    rule = FalseDiscoveries([Target()] * len(scores), rate, smallest, largest)
    order = list(range(len(scores))) if order is None else order
    have = [Scores() for _ in scores]
    closed: set[int] = set()
    for n in range(10, largest + 1, 10):
        for number in order:
            if number not in closed:
                have[number] = scores[number].first(n)
                closed = set(rule.look(have, [number]))
    return rule.findings(have)


# The file


def test_an_office_differs_from_its_parent_by_what_its_line_says(folder):
    offices, scenarios = zip(*read_offices(folder / "offices.csv", folder), strict=True)
    parent = load_scenario_file(folder / "weeks.yaml")
    assert offices[0] == Listed(2, "上城", "east", "weeks", 4000.0, offices[0].people, 10)
    assert [scenario.demand.registrations_per_year for scenario in scenarios] == [4000, 9000, 40_200]
    assert [scenario.review.return_rate for scenario in scenarios] == [0.2, parent.review.return_rate,
                                                                       parent.review.return_rate]  # fmt: skip
    plans = [scenario.staff.assistants.plan for scenario in scenarios]
    assert [sum(plan.values()) for plan in plans] == [4, 2, 6]
    # One is left where the parent has somebody.
    assert sum(scenarios[1].staff.specialists.plan.values()) == 1
    assert scenarios[2].staff == parent.staff


def test_a_file_of_two_columns_is_enough(folder):
    (folder / "few.csv").write_text("﻿name,registrations\na,40200\n\n", encoding="utf-8")
    (folder / "baseline-2023.yaml").write_text(PARENT.replace("weeks", "baseline-2023"), encoding="utf-8")
    ((office, _),) = read_offices(folder / "few.csv", folder)
    assert (office.parent, office.region) == ("baseline-2023", "")


def test_all_that_is_wrong_is_said_by_line(folder):
    text = "name,registrations,parent,staff,review.return_rate\n"
    text += (
        "a,,weeks,,\nb,many,weeks,,\na,40,weks,,\nc,40,weeks,0,\nd,40,weeks,,1.5\ne,40\nf,40,weeks,,\nf,50,weeks,,\n"
    )
    found = errors_in(folder, text)
    starts = [
        "2:2: registrations",
        "3:2: registrations",
        "4:3: parent",
        "5:4: staff",
        "6:5: review.return_rate",
        "7:1:",
        "9:1:",
    ]
    assert [line[: len(start)] for line, start in zip(found, starts, strict=True)] == starts
    assert "'weeks'" in found[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("name,registrations\n", "there is no office"),
        ("name,staff\na,1\n", "'registrations'"),
        ("name,registrations,reveiw.return_rate\na,1,1\n", "'review.return_rate'"),
        ("name,registrations,name\na,1,b\n", "twice"),
        ('name,registrations\n"a,1\n', "no table"),
        ("name;registrations\na;1\n", "';'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_line(folder, text, said):
    (line,) = errors_in(folder, text)
    assert said in line


def test_of_very_many_errors_the_first_are_shown_and_the_others_counted(folder):
    found = errors_in(folder, "name,registrations,parent\n" + "a,x,weeks\n" * 300)
    assert len(found) == 21
    assert "280" in found[-1]


# The verdicts


def test_benjamini_and_yekutieli_reject_up_to_the_last_that_is_small_enough():
    p = np.array([0.9, 0.0001, 0.04, 0.0002, 0.01])
    # Allowed of five at 10 %: 0.1 * k / (5 * (1 + 1/2 + 1/3 + 1/4 + 1/5)), that is 0.00876 k.
    assert found(p, 0.1).tolist() == [False, True, False, True, True]
    assert not found(np.ones(7), 0.05).any()
    # Allowed are 0.033 and 0.067: the larger is small enough, and takes the smaller along.
    assert found(np.array([0.06, 0.04]), 0.1).all()


@pytest.mark.parametrize("common", [0.0, 0.9], ids=["each its own luck", "nearly the same luck"])
def test_of_planted_offices_few_verdicts_are_wrong_and_most_are_found(common):
    means = np.repeat([WORSE, 5.0, BETTER], [30, 40, 130])
    wrong, right = [], []
    for seed in range(30 if EVERY else 10):
        verdicts = np.array([found.verdict.value for found in judged(nation_of(means, 0.2, 80, seed, common))])
        given = verdicts != "UNDECIDED"
        # On the line, either verdict is wrong, as it would be a hair to the other side.
        true = np.where(means > 5, "FAILS", np.where(means < 5, "HOLDS", "UNDECIDED"))
        wrong.append((given & (verdicts != true)).sum() / max(given.sum(), 1))
        right.append((verdicts == true)[means != 5].mean())
    assert np.mean(wrong) <= 0.05 + 4 * np.std(wrong) / np.sqrt(len(wrong))
    assert np.mean(wrong) < 0.05
    assert np.mean(right) > 0.95


def test_what_is_found_does_not_depend_on_the_order_in_which_replications_arrive():
    scores = nation_of(np.linspace(4.7, 5.3, 25), 0.3, 80, 1, common=0.8)
    first = judged(scores)
    assert {found.verdict for found in first} == {Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED}
    generator = np.random.default_rng(1)
    for _ in range(5):
        assert judged(scores, order=generator.permutation(25).tolist()) == first


def test_more_replications_take_no_verdict_back():
    scores = nation_of([WORSE, 5.02, BETTER], 0.3, 200, 1)
    verdicts = [[found.verdict for found in judged(scores, largest=largest)] for largest in (40, 80, 200)]
    for before, after in pairwise(verdicts):
        assert all(b is a for b, a in zip(before, after, strict=True) if b is not Verdict.UNDECIDED)


def test_an_office_in_which_somebody_never_gets_a_licence_fails():
    never, fine = nation_of([BETTER, BETTER], 0.1, 40, 1)
    never.sums[25] = np.inf
    assert [found.verdict for found in judged([never, fine], largest=40)] == [Verdict.FAILS, Verdict.HOLDS]


def test_with_few_replications_there_is_no_verdict():
    for years in (1, 2, 29):
        rule = FalseDiscoveries([Target()], 0.05, years, years)
        assert rule.look(nation_of([9.0], 0.01, years, 1), [0]) == []
        assert rule.decided == 0


# The verb


def test_each_office_has_the_estimate_of_its_own_run_and_all_is_shown(call, folder, drawn):
    status, output, _ = call("nation", "offices.csv", "--max-replications", "30", "--json")
    assert status == 0
    told = json.loads(output)
    study = study_of("nation")
    record = read_results(study, folder / told["folder"])
    assert [office.headroom for office in record.offices] == sorted(office.headroom for office in record.offices)
    assert sum(record.counts.values()) == 3
    assert told["rule"]["tests"] == 3
    assert "false discovery rate" in told["rule"]["method"]
    one = next(office for office in record.offices if office.name == "下城")
    offices = read_offices(folder / "offices.csv", folder)
    (scenario,) = (scenario for office, scenario in offices if office.name == one.name)
    same = Rule(largest=one.replications, smallest=one.replications)
    assert run_scenario(scenario, SEED, same).judgement.estimate == one.estimate
    for language in ("en", "zh"):
        parts = said_in(language, study.report, record)
        assert parts
        assert said_in(language, study.finding, record)
        assert {file.name for file in (folder / told["folder"]).glob("*.png")} == {
            "estimates.png",
            "offices_by_region.png",
        }
    status, _, error = call("brief", "results/nations/offices", "--lang", "zh")
    assert status == 0, error


def test_of_a_quick_look_only_estimates_are_said(call, folder):
    status, output, _ = call("nation", "offices.csv", "--quick")
    assert status == 0
    assert "Estimated only: of 3 offices" in output
    assert "wrong" not in output


def test_wrong_input_is_one_line_and_status_2(call, folder):
    (folder / "wrong.csv").write_text("name\n", encoding="utf-8")
    for arguments in (["nowhere.csv"], ["wrong.csv"]):
        status, output, error = call("nation", *arguments)
        assert (status, output, len(error.splitlines())) == (2, "", 1)


def test_offices_with_different_targets_are_refused(call, folder):
    text = "name,registrations,parent,target.minutes\na,4000,weeks,5\nb,4000,weeks,6\n"
    (folder / "two.csv").write_text(text, encoding="utf-8")
    status, _, error = call("nation", "two.csv")
    assert status == 2
    assert "target" in error


# The made-up nation


def test_the_made_up_nation_has_as_many_registrations_as_were_counted(tmp_path):
    rows = list(csv.DictReader(lines()))
    sizes = np.array([float(row["registrations"]) for row in rows])
    assert len(rows) == len({row["name"] for row in rows}) == OFFICES
    assert sizes.sum() == pytest.approx(REGISTRATIONS, rel=0.01)
    assert 0.7 < np.log(sizes).std() < 1.1


def test_the_made_up_nation_is_written_and_can_be_read(tmp_path, capsys):
    assert main([str(tmp_path / "few.csv"), "12"]) == 0
    (tmp_path / "baseline-2023.yaml").write_text(PARENT.replace("weeks", "baseline-2023"), encoding="utf-8")
    assert len(list(read_offices(tmp_path / "few.csv", tmp_path))) == 12
    assert main([]) == 2
