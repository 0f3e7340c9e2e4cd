"""Comparing plans from the command line, and the question behind it."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.engines.play import NeverFinishesError
from sim.office.blocks import Target, Unfinished
from sim.replicate import work
from sim.replicate.stopping import Scores
from sim.studies.compare.comparison import PairwiseStopping

PLAN = """
name: {name}
title: {{en: Plan {name}, zh: 方案{name}}}
period: {{first: 2023-03-01, last: 2023-03-03}}
demand: {{registrations_per_year: 28200}}
staff: {{reviewers: {{plan: {{"08:30-17:00": {reviewers}}}}}}}
{more}
"""


@pytest.fixture
def plan(tmp_path):
    def plan(name, reviewers, more=""):
        (tmp_path / f"{name}.yaml").write_text(PLAN.format(name=name, reviewers=reviewers, more=more), encoding="utf-8")
        return f"{name}.yaml"

    return plan


def pairs_of(tmp_path, name):
    return pq.read_table(tmp_path / "results" / "comparisons" / name / "pairs.parquet").to_pylist()


def test_fewer_reviewers_are_worse_and_cheaper(call, plan, tmp_path):
    status, out, _ = call("compare", plan("a", 4), plan("b", 2), plan("c", 6), "--name", "three")
    assert status == 0
    pairs = {(row["family"], row["plan"], row["other"]): row for row in pairs_of(tmp_path, "three")}
    first, every_two = {("first", "b", "a"), ("first", "c", "a")}, {("all", *two) for two in ("ab", "ac", "bc")}
    assert set(pairs) == first | every_two
    b = pairs["first", "b", "a"]
    assert (b["finding"], b["low"] > 0, b["cost_difference"] < 0) == ("worse", True, True)
    # Two comparisons look first after 20 replications, three after 30.
    assert (b["replications"], pairs["all", "a", "b"]["replications"]) == (20, 30)
    assert b["difference"] == pytest.approx(-pairs["all", "a", "b"]["difference"], rel=0.2)
    assert b["variance_reduction"] > 1
    assert "Against the first plan" in out
    assert "Every two plans" in out
    files = {file.name for file in (tmp_path / "results" / "comparisons" / "three").iterdir()}
    assert {"differences.png", "plans.csv", "pairs.csv", "manifest.json", "timing.json"} <= files


def test_two_plans_that_do_not_differ_are_the_same_without_an_interval(call, plan, tmp_path):
    # Nobody serves more than there is to do: the cost per hour changes nothing for the applicants.
    other = plan("b", 4)
    text = (tmp_path / other).read_text(encoding="utf-8").replace(": 4}}", ": 4}, cost_per_hour: 70}")
    (tmp_path / other).write_text(text, encoding="utf-8")
    status, out, _ = call("compare", plan("a", 4), other)
    assert status == 0
    assert "the same in every replication" in out
    (first, _) = pairs_of(tmp_path, "a-vs-b")
    assert (first["difference"], first["p_value"]) == (0.0, 1.0)
    assert math.isnan(first["low"])


def test_what_a_plan_costs_more_the_other_costs_less(call, plan, tmp_path):
    """Of plans with other demand, too, whose cases are not the same."""
    fewer = plan("b", 4)
    text = (tmp_path / fewer).read_text(encoding="utf-8").replace("28200", "20000")
    (tmp_path / fewer).write_text(text, encoding="utf-8")
    assert call("compare", plan("a", 4), fewer)[0] == 0
    first, every_two = pairs_of(tmp_path, "a-vs-b")
    assert (first["plan"], every_two["plan"], first["replications"]) == ("b", "a", every_two["replications"])
    for figure in ("cost_difference", "cost_of_case", "difference"):
        assert first[figure] == pytest.approx(-every_two[figure], rel=1e-9)
    # The same staff for fewer cases.
    assert first["cost_of_case"] > 0 > first["cost_difference"]


def test_the_best_of_several_is_found_and_of_two_alike_within_the_budget(call, plan, tmp_path):
    status, out, _ = call("compare", plan("a", 2), plan("b", 6), plan("c", 3), "--best", "--name", "best")
    assert status == 0
    manifest = json.loads((tmp_path / "results" / "comparisons" / "best" / "manifest.json").read_text())
    assert manifest["screening"] == {"best": "b", "surviving": ["b"], "final": True}
    status, out, err = call("compare", plan("d", 9), plan("e", 10), "--best", "--quick")
    assert status == 0, err
    assert "d-vs-e" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a.yaml",), "compare needs 2 to 100 scenario files"),
        (("a.yaml", "a.yaml"), "two of the plans are called 'a'"),
        (("a.yaml", "twin.yaml"), "twin and a are the same in everything but their names"),
        (("a.yaml", "other.yaml"), "other has another target than a"),
        (("a.yaml", "longer.yaml"), "longer has 6 working days, a has 3; plans are compared over the same period"),
        (("a.yaml", "b.yaml", "--best", "--max-replications", "5"), "--best: needs 20 replications at least"),
        (("a.yaml", "b.yaml", "--name", "../x"), "--name: must be letters"),
        (("a.yaml", "b.yaml", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"), "--jobs: the workers of"),
    ],
)
def test_wrong_input_is_one_line(call, plan, arguments, expected):
    for name, reviewers, more in (("a", 4, ""), ("b", 3, ""), ("twin", 4, ""), ("other", 4, "target: {minutes: 6}")):
        plan(name, reviewers, more)
    longer = PLAN.replace("03-03}}", "03-08}}").format(name="longer", reviewers=4, more="")
    Path("longer.yaml").write_text(longer, encoding="utf-8")
    status, out, err = call("compare", *arguments)
    assert (status, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_best_of_the_same_plans_is_another_comparison(call, plan):
    files = plan("a", 4), plan("b", 2)
    call("compare", *files)
    status, _, err = call("compare", *files, "--best")
    assert status == 2
    assert "differ in what is asked of the same scenarios" in err


@pytest.mark.parametrize("statistic", ["mean", "share"])
def test_a_plan_that_cannot_finish_is_worse(call, plan, tmp_path, monkeypatch, statistic):
    true_play = work.play

    def play(office, *others):
        if office.name == "b":
            raise NeverFinishesError(Unfinished(9, 430))
        return true_play(office, *others)

    monkeypatch.setattr(work, "play", play)
    target = f"target: {{statistic: {statistic}, level: 0.5}}"
    status, *_ = call("compare", plan("a", 4, target), plan("b", 2, target))
    assert status == 0
    (first, _) = pairs_of(tmp_path, "a-vs-b")
    assert first["finding"] == "worse"
    assert math.isinf(first["difference"])


def test_what_a_plan_has_shown_does_not_depend_on_what_is_known_after_it():
    """A plan that cannot finish its 35th year: the answer is the same whether that is known already or not."""
    rng = np.random.default_rng(4)
    years = [rng.normal(mean, 0.3, 60) for mean in (5.0, 5.3, 4.0)]

    def scores(of, n, unfinished=None):
        return Scores(of[:n] * 100, np.full(n, 100.0), unfinished)

    known = [scores(years[0], 60), scores(years[1], 60), scores(years[2], 35, Unfinished(9, 430))]
    before = [scores(years[0], 60), scores(years[1], 60), scores(years[2], 35)]
    found = []
    for state in (before, known):
        plans = PairwiseStopping(Target(), ["a", "b", "c"], 60, 0.05, screening=False)
        plans.look(state, range(3))
        early = [pair for pair in plans.all_pairs if pair.final and pair.replications <= 35]
        found.append([(pair.plan, pair.other, pair.finding, pair.replications) for pair in early])
    assert found[0]
    assert found[0] == found[1]


def test_plans_with_journeys_of_their_own_take_their_turns(call, plan, tmp_path):
    """None is replicated far beyond what the comparison rests on while another waits."""
    shares = {"a": 0, "b": 0.1, "c": 0.2, "d": 0.3}
    files = [plan(name, 4, f"review: {{auto_approved_share: {share}}}") for name, share in shares.items()]
    assert call("compare", *files, "--jobs", "1")[0] == 0
    keys = [file.name.split("-")[0] for file in (tmp_path / "results" / "batches").glob("*/*.npz")]
    assert max(map(keys.count, set(keys))) <= min(map(keys.count, set(keys))) + 3
