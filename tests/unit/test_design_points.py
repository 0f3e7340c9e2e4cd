"""Design points: what has the same figures has the same key, and what has the same journeys is alike."""

import json
import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.draws import lowering
from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures import kpis
from sim.measures.kpis import measure
from sim.office import demand, ways
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.records import Journeys
from sim.replicate.design_points import ARITHMETIC, MODEL, PLAN, design_point_of, digest, model_version
from sim.replicate.work import _office as office_of

ROOT = Path(__file__).parents[2]
SEED, REPLICATION = 11, 3
KEPT = (office_of, ways._kept_routes, lowering._lowered_ways, demand._profiles, kpis._open)
RICH = {
    "name": "rich",
    "title": {"en": "Three days with everything", "zh": "样样齐全的三天"},
    "period": {"first": "2023-03-01", "last": "2023-03-03"},
    "calendar": {"add_working_days": ["2023-03-04"], "remove_working_days": ["2023-03-02"]},
    "demand": {
        "registrations_per_year": 9000,
        "surges": [{"first": "2023-03-03", "last": "2023-03-04", "factor": 1.5}],
    },
    "phone": {"waiting_places": 9},
    "review": {"auto_approved_share": 0.1},
    "staff": {
        pool: {"on": {"fri": {"08:30-12:00": 3}}, "absence": 0.05, "leave": 0.04,
               "helps": [{"stage": stage, "when_waiting": 2}]}
        for pool, stage in {
            "consultants": "filing", "assistants": "issue", "studio": "filing", "specialists": "filing",
            "reviewers": "issue", "clerks": "review",
        }.items()
    },
    "outages": {
        "given": [{"stage": "review", "first": "2023-03-01 10:00", "last": "2023-03-01 11:00"}],
        "drawn": [{"stage": "issue", "per_year": 900, "mean_minutes": 30}],
    },
}  # fmt: skip
WORDS = {
    "clock": ("touch",),
    "statistic": ("share",),
    "stage": ("phone", "studio"),
    "en": ("Other words",),
    "zh": ("别的说法",),
    "name": ("other",),
    "staffing": ("chosen",),
    "first": ("2023-02-28", "2023-03-02", "2023-03-01 09:30"),
    "last": ("2023-03-04", "2023-03-06", "2023-03-01 11:30"),
    "from": ("11:30",),
    "to": ("14:00",),
    "roster": ([{"hours": ["08:30-12:00", "13:30-17:00"], "people": 2}],),
    "people": (5,),
    "title": ({"en": "Other words", "zh": "别的说法"},),
    "whose": ("own",),
    "family": ("gamma",),
    "sample": ({"minutes": [1, 2, 5]},),
    "patience_sample": ({"minutes": [1, 2, 5]},),
    "talk_sample": ({"minutes": [1, 2, 5]},),
    "until_waiting": (5,),
    "minutes_of": ({"individual": {"mean_minutes": 4, "cv": 1}},),
    "again_minutes": ({"mean_minutes": 1, "cv": 1},),
    "skipped_by": (["individual"],),
    "hourly": ({"09:00-12:00": 1},),
    "hourly_on": ({"mon": {"09:00-12:00": 1}, "fri": {"09:00-12:00": 1}},),
    "priorities": ([{"stage": "review", "priority": 3}],),
    "newest_first": (["review"],),
    "pace": ([{"stage": "review", "from_waiting": 3, "factor": 0.8}],),
    "steps": (
        [
            {
                "name": "seal",
                "title": {"en": "seal", "zh": "章"},
                "after": "issue",
                "pool": "clerks",
                "minutes": {"mean_minutes": 2, "cv": 1},
            }
        ],
    ),
    "costs": ({"robot": 5000},),
}
"""Other values of what is no number."""


def rich():
    return scenario_as_dict(scenario_from_dict(RICH))


def leaves(value, path=()):
    """Yield the path of every single value, and of every plan."""
    if isinstance(value, dict) and not (path and path[-1] == "plan") and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


def others(path, value):
    """Return other values for a setting, one of which may be allowed there."""
    if not isinstance(value, bool | int | float) and path[-1] in WORDS and path[-1] != "name":
        return list(WORDS[path[-1]])
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value * 0.9, value * 0.5, value - 1, value + 0.01]
    if isinstance(value, dict):
        return [{span: servers + 1 for span, servers in value.items()} or {"08:30-17:00": 1}]
    if isinstance(value, str) and "-" in value and ":" in value and len(value) == 11:
        return ["09:00-17:00", "09:00-12:00"]
    if path[-2:-1] and path[-2] in ("add_working_days", "remove_working_days"):
        return ["2023-03-11", "2023-03-07"]
    return list(WORDS[next(step for step in reversed(path) if isinstance(step, str))])


def changed(path):
    """Return the scenario with another value at a path."""
    before = rich()
    value = before
    for step in path:
        value = value[step]
    for other in others(path, value):
        data = deepcopy(before)
        place = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other
        if path[-1] == "share" and path[1] == "profiles":
            # Those of all profiles add up to 1.
            data["phone"]["profiles"][path[-2] - 1]["share"] += value - other
        try:
            scenario = scenario_from_dict(data)
        except (ScenarioError, ValidationError):
            continue
        if scenario_as_dict(scenario) != before:
            return scenario
    raise AssertionError(f"no other value for {path} is known to this test")


def assert_same_journeys(one, other):
    for field in fields(Journeys):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes()), field.name


ALL = [path for path in leaves(rich()) if path != ("year",)]
LABELS = [path for path in ALL if path[0] in ("name", "title", "staffing", "whose") or path[2:] == ("title",)]
NO_PEOPLE = ("target", "costs", "newest_first", "pace")
STAFFING = [path for path in ALL if path[0] in NO_PEOPLE or path[:2] == ("staff", "midday") or "plan" in path]
STAFFING += [path for path in ALL if path[0] == "staff" and path[2] in PLAN and path not in STAFFING]
STAFFING = [path for path in STAFFING if path not in LABELS]
APPLICANTS = [path for path in ALL if path not in LABELS + STAFFING]


BASE = design_point_of(scenario_from_dict(RICH), SEED)


@cache
def journeys_of_base():
    return draw(registration_office(scenario_from_dict(RICH)), SEED, REPLICATION)


def dotted(path):
    return ".".join(map(str, path))


def test_the_settings_of_this_test_are_all_there_are():
    """Nothing is left at a default that could not be changed: no list is empty, and each kind of setting is met."""
    assert {path[2] for path in STAFFING if path[0] == "staff" and path[1] != "midday"} == set(PLAN)
    assert {path[1] for path in STAFFING if path[0] == "target"} == {"clock", "statistic", "minutes", "level"}
    assert {path[2] for path in STAFFING if path[:2] == ("staff", "midday")} == {
        "crew_on_duty",
        "by_plan",
        "from",
        "to",
    }
    assert {path[2] for path in APPLICANTS if path[0] == "staff"} == {"absence", "leave", "other_work"}
    assert len({path[1] for path in STAFFING if path[0] == "staff"} - {"midday"}) == 6
    assert all(getattr(journeys_of_base(), field.name).size for field in fields(Journeys)), (
        "something random is not drawn"
    )


@pytest.mark.parametrize("path", LABELS, ids=dotted)
def test_what_a_scenario_is_called_and_where_its_staff_is_from_change_nothing(path):
    other = design_point_of(changed(path), SEED)
    assert BASE.scenario != other.scenario
    assert (BASE.key, BASE.alike) == (other.key, other.alike)


@pytest.mark.parametrize("path", STAFFING, ids=dotted)
def test_staffing_and_target_leave_the_journeys_as_they_are(path):
    scenario = changed(path)
    other = design_point_of(scenario, SEED)
    assert BASE.key != other.key
    assert BASE.alike == other.alike
    assert_same_journeys(journeys_of_base(), draw(registration_office(scenario), SEED, REPLICATION))


@pytest.mark.parametrize("path", APPLICANTS, ids=dotted)
def test_whatever_else_differs_has_journeys_of_its_own(path):
    other = design_point_of(changed(path), SEED)
    assert BASE.key != other.key
    assert BASE.alike != other.alike


def replication_of(office):
    """Return what is drawn for an office, and all its figures."""
    journeys = draw(office, SEED, REPLICATION)
    figures = measure(office, journeys, play(office, journeys), profiles=False)
    return journeys, [(*kpi, value.hex()) for kpi, value in figures.values.items()]


@pytest.mark.parametrize("path", APPLICANTS + STAFFING, ids=dotted)
def test_an_office_is_the_same_whatever_was_made_before(path):
    """What offices share is made once; the scenario is checked only where it differs from the one before."""
    point = design_point_of(changed(path), SEED)
    for kept in KEPT:
        kept.cache_clear()
    after = [replication_of(office_of(text)) for text in (BASE.scenario, point.scenario)][-1]
    for kept in KEPT:
        kept.cache_clear()
    alone = replication_of(registration_office(scenario_from_dict(json.loads(point.scenario))))
    assert_same_journeys(after[0], alone[0])
    assert after[1] == alone[1]


def test_half_hours_that_nobody_looks_at_change_no_figure():
    office = registration_office(scenario_from_dict(RICH))
    log = play(office, journeys_of_base())
    with_them, without = (measure(office, journeys_of_base(), log, profiles) for profiles in (True, False))
    assert replication_of(office)[1] == [(*kpi, value.hex()) for kpi, value in with_them.values.items()]
    assert without.queue is without.on_duty is without.arrivals is None
    assert with_them.queue is not None


def test_another_year_has_journeys_of_its_own():
    years = [scenario_from_dict({"name": "a", "title": RICH["title"], "year": year}) for year in (2022, 2023)]
    points = [design_point_of(scenario, SEED) for scenario in years]
    assert points[0].key != points[1].key
    assert points[0].alike != points[1].alike


def test_seed_engine_and_profiles_have_figures_of_their_own():
    scenario = scenario_from_dict(RICH)
    points = [
        design_point_of(scenario, SEED), design_point_of(scenario, SEED + 1),
        design_point_of(scenario, SEED, "process"),
        design_point_of(scenario, SEED, profiles=True),
    ]  # fmt: skip
    assert len({point.key for point in points}) == len(points)
    assert points[1].alike != points[0].alike, "another seed has other journeys"
    assert points[2].alike == points[3].alike == points[0].alike


def test_a_cell_has_its_scenario_in_full():
    point = design_point_of(scenario_from_dict(RICH), SEED)
    again = design_point_of(scenario_from_dict(json.loads(point.scenario)), SEED)
    assert again == point
    assert (point.target.minutes, point.target.statistic, point.target.clock) == (5.0, "mean", "licence")


def test_a_hash_does_not_depend_on_the_order_of_keys_and_knows_kinds():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert len({digest(facts) for facts in ([1, 2], [2, 1], ["1", 2], [1.0, 2], [True, 2], [None, 2])}) == 6
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"a": np.nan})


# The version of the model

EACH_CHANGE = """
import sys
from pathlib import Path
from sim.replicate import design_points
home = Path(design_points.__file__).parents[1]
versions = [design_points.model_version()]
for name in sys.argv[1:]:
    file = home / name
    before = file.read_bytes() if file.exists() else None
    file.write_bytes((before or b"") + b"\\n# another line\\n")
    design_points.model_version.cache_clear()
    versions.append(design_points.model_version())
    file.unlink() if before is None else file.write_bytes(before)
design_points.model_version.cache_clear()
print(*versions, design_points.model_version())
"""
IMPORTED = """
import sys
from sim.office.scenario import scenario_from_dict
from sim.replicate.design_points import design_point_of, model_version
from sim.replicate.work import Task, perform
period = {"first": "2023-03-01", "last": "2023-03-01"}
small = {"name": "small", "title": {"en": "A day", "zh": "一天"}, "period": period}
for engine in ("compiled", "process"):
    perform(Task((design_point_of(scenario_from_dict(small), 1, engine),), 0, 1, model_version()))
for name, module in sorted(sys.modules.items()):
    if name.partition(".")[0] == "sim":
        print(module.__file__)
"""


def python(code, *arguments, folder=ROOT):
    line = [sys.executable, "-c", code, *arguments]
    answer = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "sim", folder / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_version_changes_with_each_source_of_the_model_and_no_other(copy):
    within = [
        source.relative_to(copy / "sim").as_posix()
        for name in MODEL
        for source in (sorted((copy / "sim" / name).rglob("*.py")) or [copy / "sim" / name])
    ]
    outside = ["cli/main.py", "brief/deck.py", "measures/judge.py", "studies/base.py", "replicate/gather.py"]
    for name in (*within, *outside):
        assert (copy / "sim" / name).is_file(), name
    first, *changed_versions, last = python(EACH_CHANGE, *within, "engines/new.py", *outside, folder=copy)
    inside = changed_versions[: len(within) + 1]
    assert first == last
    assert len({first, *inside}) == len(within) + 2
    assert set(changed_versions[len(inside) :]) == {first}


def test_all_that_a_replication_needs_is_in_the_version():
    covered = [ROOT / "sim" / name for name in MODEL]
    # Names and hashes design points; what the figures are is not up to it.
    # ... nor where the memory is that they are made in, and the compiled code.
    # ... nor how it is said that something is wrong, or where files that scenarios extend are found.
    others_allowed = {
        "sim/replicate/design_points.py", "sim/memory.py", "sim/jit.py", "sim/kept.py", "sim/text.py",
        "sim/program.py",
    }  # fmt: skip
    missing = []
    for file in map(Path, python(IMPORTED)):
        inside = any(file == path or path in file.parents for path in covered)
        if not inside and file.name != "__init__.py":
            missing.append(file.relative_to(ROOT).as_posix())
    assert set(missing) <= others_allowed


def test_the_version_is_that_of_the_libraries_too(monkeypatch):
    versions = {model_version.__wrapped__()}
    for name in ARITHMETIC:
        monkeypatch.setattr(
            "sim.replicate.design_points.version", lambda asked, name=name: "0.0" if asked == name else f"{asked} 1"
        )
        versions.add(model_version.__wrapped__())
    assert len(versions) == len(ARITHMETIC) + 1
