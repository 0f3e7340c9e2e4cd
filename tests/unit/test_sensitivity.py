"""Assumptions, their ends and flips, and the verb on a small office."""

import json
import math
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from small_runs import SMALL

from sim.engines.play import NeverFinishesError
from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Unfinished
from sim.office.parameters.listing import all_parameters
from sim.office.problems import ScenarioError
from sim.office.scenario import implausible, scenario_as_dict, scenario_from_dict
from sim.replicate import work as working
from sim.replicate.design_points import design_point_of
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.assumptions import FLATTENED, GivenRange, assumptions_of, scenario_at, scenario_with
from sim.studies.base import StudyError
from sim.studies.outcomes import MOST_MINUTES, Work, outcomes_of
from sim.studies.sensitivity import break_even as searching
from sim.studies.sensitivity.alternatives import alternatives_of
from sim.studies.sensitivity.break_even import levels_of, most_tests, moving_most, value_at
from sim.studies.sensitivity.break_even_search import MOST_TESTS, BreakEvenSearch, differs
from sim.studies.sensitivity.ranges import load_ranges
from sim.studies.sensitivity.sensitivity import (
    FEWEST,
    PIECES,
    QUICK,
    plausible_offices,
    sensitivity_asked,
    separations,
)

# Nobody asks or is assisted: only review and issue are left, and a day is played in milliseconds.
SCENARIO = """
name: {name}
title: {{en: One day, zh: 一天}}
period: {{first: 2023-03-01, last: 2023-03-01}}
demand: {{registrations_per_year: 28200, key_share: 0, inquiry_only_share: 0}}
phone: {{calls_per_application: 0, offered: false}}
filing: {{assisted_share: 0}}
staff: {{reviewers: {{plan: {{"08:30-17:00": 5}}}}}}
{more}
"""
LIGHT = {
    "name": "light", "title": {"en": "One day", "zh": "一天"},
    "period": {"first": "2023-03-01", "last": "2023-03-01"}, "target": {"minutes": 14},
    "demand": {"registrations_per_year": 28200, "key_share": 0, "inquiry_only_share": 0},
    "phone": {"calls_per_application": 0, "offered": False}, "filing": {"assisted_share": 0},
}  # fmt: skip
RETURN_RATE, REVIEW = "review.return_rate", "review.minutes.mean_minutes"
SOME = f"{RETURN_RATE},{REVIEW}"


@pytest.fixture
def scenario(tmp_path):
    def scenario(name="small", more="target: {minutes: 14}"):
        (tmp_path / f"{name}.yaml").write_text(SCENARIO.format(name=name, more=more), encoding="utf-8")
        return f"{name}.yaml"

    return scenario


@pytest.fixture
def work():
    with workers_for("compiled", 1) as workers:
        yield Work(7, "compiled", workers, MemoryStore())


def small(**more):
    return scenario_from_dict(SMALL | more)


def of(path, office=None):
    (found,), _ = assumptions_of(office or small(), names=[path])
    return found


def rows(tmp_path, table, name="small"):
    return pq.read_table(tmp_path / "results" / "sensitivity" / name / f"{table}.parquet").to_pylist()


def manifest(tmp_path, name="small"):
    return json.loads((tmp_path / "results" / "sensitivity" / name / "manifest.json").read_text(encoding="utf-8"))


def test_every_parameter_with_a_range_is_an_assumption_but_costs_targets_and_plans():
    found, left_out = assumptions_of(small())
    paths = {assumption.parameter for assumption in found}
    ranged = {parameter.path for parameter in all_parameters() if parameter.plausible}
    assert paths < ranged
    assert left_out == ()
    missing = {path.split(".")[-1] for path in ranged - paths}
    costs = {"cost_per_hour", "overtime_factor"}
    plans = {"plan", "on", "midday_crew", "people", "when_waiting"}
    assert missing == costs | plans | {"minutes", "level", "growth", "factor", "per_year", "mean_minutes"}
    assert {"review.minutes.mean_minutes", "phone.profiles[].talk_cv", "staff.clerks.absence"} <= paths
    assert {assumption.kind for assumption in found} == {"article", "assumption", "computed", "elsewhere"}


def test_its_own_value_leaves_a_scenario_as_it_is_to_the_last_bit():
    office = small()
    found, _ = assumptions_of(office)
    same = scenario_with(office, {assumption: assumption.value for assumption in found})
    assert design_point_of(same, 1).key == design_point_of(office, 1).key


@pytest.mark.parametrize("part", [0.0, 0.37, 1.0])
def test_values_are_set_where_they_belong_and_nowhere_else(part):
    office = small()
    before = scenario_as_dict(office)
    for assumption in assumptions_of(office)[0]:
        value = assumption.at(part)
        made = scenario_as_dict(scenario_with(office, {assumption: value}))
        section = assumption.parameter.split(".")[0]
        assert {key for key in before if before[key] != made[key]} <= {section}
        if assumption.parameter not in FLATTENED and not assumption.parameter.endswith("walk_in_share"):
            (again,), _ = assumptions_of(scenario_from_dict(made), names=[assumption.parameter])
            assert again.value == pytest.approx(value)
        assert assumption.parameter.startswith("phone.profiles") or implausible(scenario_from_dict(made)) == []


def test_profiles_of_time_are_levelled_and_those_of_callers_multiplied_alike():
    office = small()
    half = scenario_with(office, {of("demand.month_index"): 0.5}).demand.month_index
    index = np.array(office.demand.month_index)
    assert half == pytest.approx(0.5 + 0.5 * index / index.mean())
    assert set(scenario_with(office, {of("demand.month_index"): 1.0}).demand.month_index) == {1.0}
    flat = small(demand={"registrations_per_year": 28200, "month_index": [1] * 12})
    assert "demand.month_index" not in {assumption.parameter for assumption in assumptions_of(flat)[0]}
    talk = of("phone.profiles[].talk_seconds")
    profiles = scenario_with(office, {talk: talk.value * 1.5}).phone.profiles
    assert [new.talk_seconds for new in profiles] == pytest.approx([
        1.5 * old.talk_seconds for old in office.phone.profiles
    ])  # fmt: skip
    walk = of("phone.profiles[].walk_in_share")
    assert max(p.walk_in_share for p in scenario_with(office, {walk: 0.9}).phone.profiles) == 1.0


def test_a_value_outside_its_range_makes_the_range_wider_and_any_number_does_not():
    high = small(review={"return_rate": 0.5})
    wide = of(RETURN_RATE, high)
    assert (wide.low, wide.high, wide.plausible_high, wide.extended) == (0.05, 0.5, 0.4, True)
    places = of("phone.waiting_places")
    assert (places.value, places.low, places.high, places.extended) == (math.inf, 5.0, 100.0, False)
    assert places.ends == (5.0, 100.0)
    assert scenario_with(small(), {places: places.at(0.5)}).phone.waiting_places in (52, 53)
    assert of("staff.clerks.absence").ends == (0.15,)


def test_ranges_replace_the_plausible_ones():
    (found,), _ = assumptions_of(small(), {RETURN_RATE: GivenRange(0.12, 0.19, "our.yaml")}, [RETURN_RATE])
    assert (found.low, found.high, found.kind, found.source) == (0.12, 0.19, "given", "our.yaml")


def test_an_assumption_that_is_not_possible_is_left_out_and_said():
    lonely = small(demand={"registrations_per_year": 28200, "key_share": 0}, staff={"specialists": {"plan": {}}})
    found, left_out = assumptions_of(lonely)
    assert left_out == ("demand.key_share",)
    assert "demand.key_share" not in {assumption.parameter for assumption in found}
    with pytest.raises(StudyError, match="its range is not possible"):
        assumptions_of(lonely, names=["demand.key_share"])
    with pytest.raises(StudyError, match=r"did you mean 'review.return_rate'"):
        assumptions_of(lonely, names=["review.return_rates"])
    with pytest.raises(StudyError) as caught:
        assumptions_of(lonely, names=["review.retrun_rate", RETURN_RATE, "foo"])
    assert [str(line).split(";")[0] for line in caught.value.args] == [
        "review.retrun_rate is no assumption of small", "foo is no assumption of small",
    ]  # fmt: skip


def test_alternatives_differ_from_the_scenario_and_are_possible():
    office = small(hours={"review": ["08:00-17:00"]}, staff={
        "reviewers": {"plan": {"08:00-08:30": 5, "08:30-17:00": 3}},
        "clerks": {"helps": [{"stage": "review", "when_waiting": 2}]},
    })  # fmt: skip
    found = {other.name: other for other in alternatives_of(office)}
    assert set(found) == {"reviewers begin with the hall", "clerks do not help", "no midday post", "from the opening",
                          "without midday", "round the clock", "clock touch", "clock door_to_door"}  # fmt: skip
    later = found["reviewers begin with the hall"].scenario
    assert scenario_as_dict(later)["staff"]["reviewers"]["plan"] == {"08:30-17:00": 3}
    assert found["clerks do not help"].scenario.staff.clerks.helps == ()
    plain = {other.name for other in alternatives_of(small(staff={"midday": {"crew_on_duty": False}}))}
    assert plain == set(found) - {
        "reviewers begin with the hall", "clerks do not help", "no midday post", "from the opening"
    }  # fmt: skip
    # Where waiting at midday does not count as it is, there is nothing to leave out.
    paused = small(hours={"counted": ["09:00-12:00", "13:00-17:30"]})
    assert "without midday" not in {other.name for other in alternatives_of(paused)}


def test_levels_lead_from_the_scenario_to_an_end_in_steps_of_two_per_cent():
    rate = of(RETURN_RATE)
    levels = levels_of(rate, rate.high)
    values = [value_at(rate, rate.high, level) for level in range(levels + 1)]
    assert values[0] == rate.value
    assert values[-1] == rate.high
    assert max(np.diff(values)) <= 0.02 * (rate.high - rate.low) * (1 + 1e-9)
    places = of("phone.waiting_places")
    assert levels_of(places, places.high) == 1
    down = [value_at(places, places.low, level) for level in range(levels_of(places, places.low) + 1)]
    assert (down[0], down[-1]) == (math.inf, 5.0)
    assert len(set(down)) == len(down)


@pytest.mark.parametrize(
    ("own", "other", "flipped"),
    [("HOLDS", "FAILS", True), ("HOLDS", "TOO CLOSE", True), ("TOO CLOSE", "HOLDS", True),
     ("HOLDS", "HOLDS", False), ("TOO CLOSE", "UNDECIDED", False), ("HOLDS", "UNDECIDED", False),
     ("UNDECIDED", "FAILS", False), ("FAILS", "HOLDS", True)],
)  # fmt: skip
def test_what_counts_as_a_flip(own, other, flipped):
    assert differs(Verdict(own), Verdict(other)) is flipped


def test_a_search_that_nothing_flips_in_or_is_told_twice_is_refused():
    with pytest.raises(ValueError, match="nothing flips"):
        BreakEvenSearch(5, Verdict.HOLDS, Verdict.HOLDS, (1, 2))
    search = BreakEvenSearch(5, Verdict.HOLDS, Verdict.FAILS, (1, 2))
    search.tell(1, Verdict.FAILS)
    with pytest.raises(ValueError, match="judged already"):
        search.tell(1, Verdict.FAILS)
    search.tell(3, Verdict.HOLDS)
    assert not search.monotone
    assert search.bracket == (0, 1)


def test_no_more_tests_than_the_error_is_shared_among():
    found, _ = assumptions_of(small())
    levels = {(of.parameter, end): levels_of(of, end) for of in found for end in of.ends}
    assert most_tests(found, 8, 100) == 1 + 8 + sum(levels.values()) + len(found)
    # A search may come to any level, whatever it has been told of the others.
    reached = set()
    for first in range(1, 12):
        for pattern in product([Verdict.HOLDS, Verdict.TOO_CLOSE, Verdict.FAILS], repeat=MOST_TESTS):
            search, told = BreakEvenSearch(12, Verdict.HOLDS, Verdict.FAILS, (first - 1, first)), iter(pattern)
            while wanted := search.wanted():
                for level in wanted:
                    search.tell(level, next(told))
            reached |= set(search.judged)
    assert reached == set(range(13))


def test_an_office_that_cannot_finish_counts_with_the_cap(work, monkeypatch):
    true_play = working.play

    def play(office, journeys, engine):
        if office.target.minutes == 6:
            raise NeverFinishesError(Unfinished(9, 430))
        return true_play(office, journeys, engine)

    monkeypatch.setattr(working, "play", play)
    offices = [small(target={"minutes": minutes, "statistic": statistic}) for minutes, statistic in
               ((5, "mean"), (6, "mean"))]  # fmt: skip
    out = outcomes_of(offices, 2, work)
    assert out.capped == 1
    assert out.minutes[1] == MOST_MINUTES
    assert out.over[1] == 1.0
    assert 3 < out.minutes[0] < MOST_MINUTES
    assert out.log_minutes[1] == pytest.approx(math.log(MOST_MINUTES))
    assert out.keeps[1] == 0.0


def test_the_share_within_is_what_a_share_is_held_against(work):
    office = small(target={"minutes": 5, "statistic": "share", "level": 0.3})
    out = outcomes_of([office], 3, work)
    assert out.figure[0] == pytest.approx(1 - out.over[0])
    assert out.keeps[0] == (out.figure[0] >= 0.3)


def test_plausible_offices_fill_their_ranges_and_differ_where_it_matters(work):
    office = scenario_from_dict(LIGHT)
    found, _ = assumptions_of(office, names=[REVIEW, "phone.redial_share"])
    parts, outcomes = plausible_offices(office, found, 24, Rule(1, largest=20), work)
    assert parts.shape == (24, 2)
    assert (parts >= 0).all()
    assert (parts < 1).all()
    verdicts = [outcome.verdict for outcome in outcomes]
    assert len(verdicts) == 24
    assert min(verdicts.count(Verdict.HOLDS), verdicts.count(Verdict.FAILS)) >= FEWEST
    assert separations(parts[:9], outcomes[:9], found) == []
    first = separations(parts, outcomes, found)[0]
    assert first.parameter == REVIEW
    assert first.holds < first.fails
    assert first.difference < -2 * first.error


def test_the_unit_cube_reaches_from_end_to_end():
    found, _ = assumptions_of(small(), names=[RETURN_RATE, REVIEW])
    made = scenario_at(small(), found, np.array([1.0, 0.0]))
    assert (made.review.return_rate, made.review.minutes.mean_minutes) == (0.4, 2.0) or (
        made.review.minutes.mean_minutes, made.review.return_rate) == (6.0, 0.05)  # fmt: skip


def test_guesses_use_another_seed_than_the_verdicts(work, monkeypatch):
    seeds = []
    true = searching.outcomes_of
    monkeypatch.setattr(searching, "outcomes_of", lambda s, n, w, watch: seeds.append(w.seed) or true(s, n, w, watch))
    office = scenario_from_dict(LIGHT)
    found, _ = assumptions_of(office, names=[REVIEW])
    table = searching.break_evens(
        office, found, (), Rule(most_tests(found, 0, len(found)), largest=100, smallest=30), Rule(2, largest=100), work
    )
    (swing,) = table.swings
    ((end, break_even),) = swing.break_evens.items()
    assert set(seeds) == {8}
    assert (end, break_even.verdict) == ("high", swing.high_verdict)
    verdicts = {point.value: point.verdict for point in table.judged}
    assert (verdicts[break_even.last], verdicts[break_even.first]) == (table.own.verdict, break_even.verdict)
    assert office.review.minutes.mean_minutes <= break_even.last < break_even.first < 6
    assert table.own.tests <= most_tests(found, 0, len(found))


def test_what_moves_the_figure_most_is_chosen_by_another_seed(work, monkeypatch):
    seeds, true = [], searching.outcomes_of
    monkeypatch.setattr(searching, "outcomes_of", lambda s, n, w, watch: seeds.append(w.seed) or true(s, n, w, watch))
    office = scenario_from_dict(LIGHT)
    found, _ = assumptions_of(office, names=["phone.redial_share", REVIEW, RETURN_RATE, "issue.minutes.cv"])
    assert moving_most(office, found, 4, work) is found
    chosen = [of.parameter for of in moving_most(office, found, 2, work)]
    # In the order that they had.
    assert chosen == [of.parameter for of in found if of.parameter in (REVIEW, RETURN_RATE)]
    assert seeds == [work.seed + 1]
    # Whichever they are, each level that may be judged has its share of the error.
    assert most_tests(found, 3, 2) >= max(most_tests(two, 3, 2) for two in combinations(found, 2))


@pytest.mark.parametrize(
    ("target", "own", "worse"),
    [({"minutes": 14}, 12.0, 1.1), ({"minutes": 14}, 15.0, 1.1), ({"statistic": "share", "level": 0.5}, 0.6, 0.9),
     ({"statistic": "share", "level": 0.5}, 0.4, 0.9)],
)  # fmt: skip
def test_what_is_judged_is_what_comes_nearest_to_the_other_verdict(work, monkeypatch, target, own, worse):
    office = scenario_from_dict(LIGHT | {"target": target})
    found, _ = assumptions_of(office, names=["phone.redial_share", REVIEW, RETURN_RATE])
    # One makes it worse at an end, one makes it better by as much, and one does nothing.
    factors = [factor for of, factor in zip(found, (worse, 1 / worse, 1.0), strict=True) for _ in of.ends]
    figures = SimpleNamespace(figure=own * np.array([1.0, *factors]))
    monkeypatch.setattr(searching, "outcomes_of", lambda *asked: figures)
    keeps = own < 14 if "minutes" in target else own > 0.5
    assert moving_most(office, found, 1, work) == [found[0 if keeps else 1]]


@pytest.mark.parametrize("minutes", [6, 14, 600])
def test_a_quick_look_judges_few_assumptions_and_says_so(call, scenario, tmp_path, minutes):
    file = scenario(more=f"target: {{minutes: {minutes}}}")
    status, out, err = call("sensitivity", file, "--quick", "--only", "break-even")
    assert status == 0, err
    judged, every = rows(tmp_path, "break_even"), rows(tmp_path, "assumptions")
    assert len(judged) == QUICK.judged < len(every)
    assert REVIEW in {row["parameter"] for row in judged}
    told = " ".join(out.split())
    assert f"of the {QUICK.judged} (of {len(every)}) assumptions that were judged" in told.lower()
    assert f"{len(every)} assumptions" not in told
    assert "Whether others change it is not known" in told


def test_of_a_scenario_that_is_undecided_nothing_flips(call, scenario, tmp_path):
    # Thirty replications of a mean so near to the target give no verdict.
    file = scenario("near", "target: {minutes: 10}")
    status, out, err = call("sensitivity", file, "--quick", "--only", "break-even", "--parameters", SOME)
    assert status == 0, err
    facts = manifest(tmp_path, "near")
    assert facts["scenario_verdict"]["verdict"] == "UNDECIDED"
    assert {row["high_verdict"] for row in rows(tmp_path, "break_even", "near")} == {"FAILS"}
    assert {(row["break_even_low_verdict"], row["break_even_high_verdict"], row["middle_verdict"])
            for row in rows(tmp_path, "break_even", "near")} == {("", "", "")}  # fmt: skip
    assert "The scenario itself is undecided, so no verdict can flip: it needs more replications\n" in out
    assert "Run it without --quick, or with a larger --max-replications." in " ".join(out.split())
    assert "do not flip" not in out
    assert "plausible office" not in out


def test_the_verb_writes_all_that_it_says(call, scenario, tmp_path):
    pieces = [word for piece in PIECES for word in ("--only", piece)]
    status, out, err = call("sensitivity", scenario(), "--quick", "--parameters", SOME, *pieces)
    assert status == 0, err
    facts = manifest(tmp_path)
    assert (facts["about"]["kind"], tuple(facts["pieces"])) == ("sensitivity", PIECES)
    assert [row["parameter"] for row in rows(tmp_path, "assumptions")] == [REVIEW, RETURN_RATE]
    table = {row["parameter"]: row for row in rows(tmp_path, "break_even")}
    review = table[REVIEW]
    assert (facts["scenario_verdict"]["verdict"], review["low_verdict"], review["high_verdict"]) == (
        "HOLDS", "HOLDS", "FAILS",
    )  # fmt: skip
    # With --quick nothing is judged between the scenario's own value and the end.
    assert (review["break_even_high_last"], review["break_even_high_first"]) == (3, 6)
    assert review["break_even_high_verdict"] == "FAILS"
    assert math.isnan(review["break_even_low_last"])
    judged = [row for row in rows(tmp_path, "judged") if row["parameter"] == REVIEW]
    assert [row["value"] for row in judged] == sorted(row["value"] for row in judged)
    at = {row["value"]: row["verdict"] for row in judged}
    assert (at[2.0], at[6.0], at[review["break_even_high_first"]]) == ("HOLDS", "FAILS", "FAILS")
    assert facts["scenario_verdict"]["tests"] <= facts["about"]["rule"]["tests"]
    screening = [row for row in rows(tmp_path, "screening") if row["outcome"] == "log minutes"]
    assert screening[0]["parameter"] == REVIEW
    assert all(row["mu_star_low"] <= row["mu_star"] <= row["mu_star_high"] for row in screening)
    indices = {row["parameter"]: row for row in rows(tmp_path, "indices") if row["outcome"] == "log minutes"}
    assert indices[REVIEW]["total"] > indices[RETURN_RATE]["total"]
    offices = rows(tmp_path, "offices")
    assert len(offices) == QUICK.offices
    assert all(2 <= row[REVIEW] <= 6 for row in offices)
    counts = facts["plausible"]["counts"]
    assert sum(counts.values()) == QUICK.offices
    assert facts["plausible"]["holds"]["low"] < counts["HOLDS"] / QUICK.offices < facts["plausible"]["holds"]["high"]
    few = min(counts["HOLDS"], counts["FAILS"]) < FEWEST
    assert [row["parameter"] for row in rows(tmp_path, "separation")][:1] == ([] if few else [REVIEW])
    assert "review time" in out
    files = {file.name for file in (tmp_path / "results" / "sensitivity" / "small").iterdir()}
    assert {"tornado.png", "break-even.svg", "plausible.png", "offices.csv", "manifest.json", "timing.json"} <= files


def test_pieces_alone_and_the_answer_in_json_and_in_chinese(call, scenario, tmp_path):
    file = scenario()
    one = ("--quick", "--parameters", RETURN_RATE)
    status, out, err = call("sensitivity", file, "--only", "break-even", *one, "--json")
    assert status == 0, err
    answer = json.loads(out)
    assert (answer["name"], answer["pieces"], "offices" in answer) == ("small", ["break-even"], False)
    assert len(answer["sentences"]["en"]) == len(answer["sentences"]["zh"]) == 1
    assert [row["parameter"] for row in answer["swings"]] == [RETURN_RATE]
    assert "退回补正率" in answer["sentences"]["zh"][0]
    status, out, err = call("sensitivity", file, "--only", "plausible", *one)
    assert (status, "add --replace" in err) == (2, True)
    assert (tmp_path / "results" / "sensitivity" / "small" / "tornado.png").exists()
    assert not (tmp_path / "results" / "sensitivity" / "small" / "plausible.png").exists()


def test_given_ranges_have_a_folder_of_their_own(drawn, call, scenario, tmp_path):
    (tmp_path / "fitted.yaml").write_text(f"{RETURN_RATE}: [0.14, 0.16]\n", encoding="utf-8")
    arguments = ("--quick", "--only", "plausible", "--parameters", SOME, "--ranges", "fitted.yaml")
    status, out, err = call("sensitivity", scenario(), *arguments)
    assert status == 0, err
    found = {row["parameter"]: row for row in rows(tmp_path, "assumptions", "small-fitted")}
    given = found[RETURN_RATE]
    assert (given["low"], given["kind"], given["source"], found[REVIEW]["kind"]) == (
        0.14, "given", "fitted.yaml", "assumption",
    )  # fmt: skip
    assert all(0.14 <= row[RETURN_RATE] <= 0.16 for row in rows(tmp_path, "offices", "small-fitted"))
    assert "Ranges from fitted.yaml: return rate" in out
    assert "The ranges of 1 of the 2 assumptions are from fitted.yaml." in " ".join(out.split())
    assert "log" not in out
    assert "Ranges from fitted.yaml, others from docs/parameters.md" in (
        tmp_path / "results" / "sensitivity" / "small-fitted" / "plausible.svg"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1:1: a file of ranges must have lines such as"),
        ("- 1\n", ":1:1: a file of ranges must have lines such as"),
        ("review.return_rat: [0, 1]\n", ":1:1: 'review.return_rat' is no assumption of the scenario; did you mean"),
        (f"{RETURN_RATE}: 0.1\n", f":1:21: {RETURN_RATE}: must be two numbers [low, high], the lower first, not 0.1"),
        (f"{RETURN_RATE}: [0.3, 0.1]\n", "not [0.3, 0.1]"),
        (f"{RETURN_RATE}: [0.3, high]\n", "not [0.3, 'high']"),
        (f"{RETURN_RATE}: [.nan, 1]\n", "not [nan, 1]"),
        (f"{RETURN_RATE}: [1, 2, 3, 4, 5]\n", "not [1, 2, 3, 4, ...]"),
        ("demand.enterprise_share: [0.4, 1.7]\n", ":1:32: demand.enterprise_share: must be between 0 and 1, not 1.7"),
    ],
)
def test_a_wrong_file_of_ranges_is_named_with_its_place(tmp_path, text, said):
    file = tmp_path / "ranges.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load_ranges(file, small())
    assert len(error.value.problems) == 1
    assert said in str(error.value.problems[0])


def test_all_that_is_wrong_with_a_file_of_ranges_is_said_at_once(tmp_path):
    file = tmp_path / "ranges.yaml"
    file.write_text(f"demand.key_share: [0.01, 0.05]\n{RETURN_RATE}: [-1, 1.5]\nfoo: [1, 2]\n{REVIEW}: 3\n",
                    encoding="utf-8")  # fmt: skip
    lonely = small(demand={"registrations_per_year": 28200, "key_share": 0}, staff={"specialists": {"plan": {}}})
    with pytest.raises(ScenarioError) as error:
        load_ranges(file, lonely)
    assert [problem.line for problem in error.value.problems] == [1, 1, 2, 2, 3, 4]
    first = str(error.value.problems[0].message)
    assert first.startswith("demand.key_share: 0.01 is not possible in small: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("small.yaml", "--parameters", " , "), "--parameters: must be paths"),
        (("small.yaml", "--ranges", "none.yaml"), "--ranges: there is no file"),
        (("small.yaml", "--ranges", "wide.yaml"), "wide.yaml:1:27: review.return_rate: must be between"),
        (("nobody.yaml", "--parameters", RETURN_RATE, "--quick"), "nobody.yaml: nobody: nobody submits"),
    ],
)
def test_wrong_input_is_one_line(call, scenario, arguments, said, tmp_path):
    scenario()
    nobody = scenario("nobody")
    text = (tmp_path / nobody).read_text(encoding="utf-8").replace("28200", "1")
    (tmp_path / nobody).write_text(text, encoding="utf-8")
    (tmp_path / "wide.yaml").write_text(f"{RETURN_RATE}: [0.1, 1.5]\n", encoding="utf-8")
    status, out, err = call("sensitivity", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert len([line for line in err.splitlines() if "(warning)" not in line]) == 1


def test_what_is_asked_has_the_screening_that_the_indices_need():
    asked = sensitivity_asked(small(), 1, "compiled", Rule, ["indices"])
    assert asked.pieces == ("screening", "indices")
    assert asked.rule.tests == 1
