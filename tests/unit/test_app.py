"""The web app without a browser: what sliders change, what is saved where, and what the page says."""

import json
import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib as mpl
import pytest
from app_office import THREE_DAYS
from briefing_results import HOSTILE
from helpers import said_in
from small_runs import SMALL

from sim.app import looks, starting
from sim.app.changes import Changes, changed, overlay, plan_changed, stretched, with_changes, with_people
from sim.app.office import (
    FAILURES,
    briefing_on,
    compared,
    cost_change,
    failure,
    judged,
    replayed_day,
    same_office,
    why_not,
    with_reach,
)
from sim.app.scenarios import (
    EXTENDED,
    LINK,
    NO_NAME,
    NOT_OURS,
    OWN_PARENT,
    TAKEN,
    RefusedError,
    offices_in,
    safe_name,
    safe_title,
    save_scenario,
    scenario_text,
    stamps_in,
    unusual,
    wrong,
)
from sim.app.starting import Settings, as_argument, settings_from
from sim.brief import fitting
from sim.brief.pictures import draw
from sim.cli.main import main
from sim.measures.judge import Rule, Verdict
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.present import embedded_font
from sim.present.charts.style import style
from sim.present.table import Table
from sim.replicate.store import FileStore, MemoryStore
from sim.studies import run
from sim.studies.base import Chart, StudyError
from sim.studies.finished import SavedError
from sim.studies.run.charts import charts
from sim.studies.run.replicate import run_scenario

SCENARIOS = os.path.join(os.path.dirname(__file__), "..", "..", "scenarios")
"""Keeps the target, and does not with twice the demand or three reviewers fewer."""
NEVER = """name: never
title: {en: Never done, zh: 办不完}
period: {first: 2023-03-01, last: 2023-03-03}
demand: {registrations_per_year: 200000}
staff:
  reviewers: {plan: {}, on: {fri: {16:00-16:30: 1}}, midday_crew: 0}
"""
BAD_NAMES = [
    "../../x", "/etc/passwd", "..", ".", "a/b", "a\\b", "C:\\x", "nul", "COM1", "x\0y", "x" * 255, "../small", "~/x",
    "a\nb", "%2e%2e%2fx", "-", "--", "small.yaml", "x.yaml/..", "营业执照", "🙂", " ", "", "=cmd()", "<script>",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Return a folder of scenarios with one in it."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "small.yaml").write_text(THREE_DAYS, encoding="utf-8")
    return folder


@pytest.fixture
def small(folder):
    return load_scenario_file(folder / "small.yaml")


@pytest.fixture(scope="module")
def answer():
    """Return a small office with its verdict."""
    return judged(scenario_from_dict(SMALL), 1, MemoryStore())


def all_files(folder):
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*"))


# Plans


@pytest.mark.parametrize(("more", "shift", "expected"), [
    (0, None, {"08:00-08:30": 5, "08:30-13:30": 3, "13:30-17:00": 4}),
    (2, None, {"08:00-08:30": 7, "08:30-13:30": 5, "13:30-17:00": 6}),
    (-4, None, {"08:00-08:30": 1, "08:30-13:30": 0, "13:30-17:00": 0}),
    (0, (450, 1080), {"07:30-08:30": 5, "08:30-13:30": 3, "13:30-18:00": 4}),
    (0, (540, 960), {"09:00-13:30": 3, "13:30-16:00": 4}),
    (0, (600, 660), {"10:00-11:00": 3}),
    (0, (1080, 1200), {"18:00-20:00": 4}),
    (0, (360, 420), {"06:00-07:00": 5}),
])  # fmt: skip
def test_plan_changed(more, shift, expected):
    plan = {"08:00-08:30": 5, "08:30-13:30": 3, "13:30-17:00": 4}
    assert plan_changed(plan, more, shift) == expected
    assert plan_changed({}, more, shift) == {}


def test_with_people():
    roster = [{"hours": ["08:30-17:00"], "people": 2, "days": []}, {"hours": ["08:30-12:00"], "people": 1, "days": []}]
    assert [line["people"] for line in with_people(roster, 2)] == [4, 1]
    assert [line["people"] for line in with_people(roster, -2)] == [0, 1]
    assert [line["people"] for line in with_people(roster, -9)] == [0, 0]
    assert roster[0]["people"] == 2


def test_stretched():
    assert stretched(["08:30-12:00", "13:00-17:00"], (480, 1080)) == ["08:00-12:00", "13:00-18:00"]
    assert stretched(["08:00-17:00"], (540, 960)) == ["08:00-17:00"]


# Changes


def test_nothing_changed_is_nothing(small):
    assert overlay(small, Changes()) == {}
    assert changed(small, Changes()) is small
    # What the sliders show of the scenario itself is no change either.
    shown = Changes(automatic=0, returned=15, midday_post=True, midday_crews={"reviewers": 2}, people={"clerks": 0})
    assert overlay(small, shown) == {}


def test_only_what_differs_is_said(small):
    changes = Changes(demand=150, people={"reviewers": 1}, automatic=20, returned=15, shifts={"reviewers": (480, 1020)})
    assert overlay(small, changes) == {
        "demand": {"registrations_per_year": 22500},
        "review": {"auto_approved_share": 0.2},
        "staff": {"reviewers": {"plan": {"08:00-12:00": 6, "12:00-17:00": 5}}},
        "hours": {"review": ["08:00-17:00"]},
    }


def test_a_share_between_two_per_cent_stays_until_it_is_moved(small):
    odd = small.model_copy(update={"review": small.review.model_copy(update={"return_rate": 0.125})})
    assert overlay(odd, Changes(returned=12)) == {}
    assert overlay(odd, Changes(returned=13)) == {"review": {"return_rate": 0.13}}


def test_other_days_of_the_week_keep_their_hours_and_get_as_many_more(folder):
    (folder / "friday.yaml").write_text(
        "name: friday\nextends: small\ntitle: {en: F, zh: 五}\n"
        "staff: {clerks: {plan: {08:30-17:00: 2}, on: {fri: {08:30-12:00: 1}}}}\n", encoding="utf-8",
    )  # fmt: skip
    friday = load_scenario_file(folder / "friday.yaml")
    assert overlay(friday, Changes(people={"clerks": 1})) == {
        "staff": {"clerks": {"plan": {"08:30-17:00": 3}, "on": {"fri": {"08:30-12:00": 2}}}}
    }


def test_an_office_without_anybody_is_wrong_in_one_line(small):
    with pytest.raises(ScenarioError) as caught:
        changed(small, Changes(people={"reviewers": -5}, midday_crews={"reviewers": 0}))
    (problem,) = caught.value.problems
    assert wrong(problem).startswith("Reviewers: nobody is ever on duty")
    assert said_in("zh", wrong, problem).startswith("审核员：")


def test_an_office_that_would_take_all_memory_is_not_played(folder):
    large = scenario_from_dict({**SMALL, "period": {}, "demand": {"registrations_per_year": 1_000_000}})
    with pytest.raises(
        StudyError, match=r"cases a replication take some .* GB of memory on each core; the verb run has"
    ):
        judged(large, 1, MemoryStore())
    assert isinstance(StudyError(""), FAILURES)


def test_an_office_that_never_finishes_says_why(folder):
    (folder / "never.yaml").write_text(NEVER, encoding="utf-8")
    never = judged(load_scenario_file(folder / "never.yaml"), 1, MemoryStore())
    assert never.figures is None
    assert said_in("zh", why_not, never.done.outcome).startswith("最后一件申请到达")


def test_failures_are_one_line():
    for kind in FAILURES:
        assert "\n" not in said_in("zh", failure, kind("one\ntwo"))
    assert failure(OSError(28, "No space left on device")).endswith(": No space left on device")


def test_unusual_values_are_named(small):
    assert unusual(changed(small, Changes(demand=200))) == []
    assert [line.split(":")[0] for line in unusual(changed(small, Changes(returned=50)))] == [
        "new entities registered in the year, before growth",
        "first reviews that send the application back for correction",
    ]


def test_the_longest_name_has_room_for_the_change(small):
    long = small.model_copy(update={"name": "x" * 64})
    assert len(changed(long, Changes(demand=110)).name) == 64


# Files


@pytest.mark.parametrize("typed", BAD_NAMES)
def test_a_typed_name_leads_nowhere_else(folder, typed):
    before = all_files(folder.parent)
    name = safe_name(typed)
    assert len(name) <= 64
    text = scenario_text(name, "small", {"en": "T", "zh": "题"}, {})
    try:
        file = save_scenario(folder, name, "small", text, replace=True)
    except RefusedError:
        assert all_files(folder.parent) == before
        return
    assert file.resolve().parent == folder.resolve()
    assert sorted(set(all_files(folder.parent)) - set(before)) == [f"scenarios/{name}.yaml"]
    assert load_scenario_file(file).name == name


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "x\0", "X", "x.yaml", "..", ""])
def test_a_name_that_is_not_safe_is_refused_whoever_asks(folder, name):
    assert refusal(folder, name, replace=True) == NO_NAME


def test_safe_names():
    assert safe_name("Growth 2024 (+14.4 %)") == "growth-2024-14-4"
    assert safe_name("Été.yaml") == "ete"
    assert safe_name("nul") == "nul-1"
    assert safe_name("营业执照") == ""


def refusal(folder, name, parent="small", replace=False):
    with pytest.raises(RefusedError) as caught:
        save_scenario(folder, name, parent, scenario_text(name, parent, {"en": "T", "zh": "题"}, {}), replace)
    return caught.value.args[0]


@pytest.mark.parametrize("name", [file for file in os.listdir(SCENARIOS) if file.endswith(".yaml")])
def test_what_came_with_the_program_is_never_replaced(folder, name):
    text = Path(SCENARIOS, name).read_text(encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    for replace_it in (False, True):
        assert refusal(folder, name.removesuffix(".yaml"), replace=replace_it) == NOT_OURS
    assert (folder / name).read_text(encoding="utf-8") == text


def test_nothing_is_replaced_unasked(folder):
    text = scenario_text("mine", "small", {"en": "T", "zh": "题"}, {})
    save_scenario(folder, "mine", "small", text, replace=False)
    assert refusal(folder, "mine") == TAKEN
    save_scenario(folder, "mine", "small", text, replace=True)
    assert refusal(folder, "small", replace=True) == OWN_PARENT
    assert refusal(folder, "small", parent="mine", replace=True) == NOT_OURS


def test_of_an_installation_shipped_offices_are_listed_beside_ones_own(folder, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    save_scenario(own, "mine", "blank", scenario_text("mine", "blank", {"en": "Mine", "zh": "我"}, {}), replace=False)
    assert list(offices_in(own, folder).by_name) == ["mine", "small"]
    before = stamps_in(own, folder)
    text = THREE_DAYS.replace("name: small", "name: small\nyear: 2023")
    (own / "small.yaml").write_text(text.replace("2023-03-01", "2023-03-02"), encoding="utf-8")
    assert str(offices_in(own, folder).by_name["small"].first_day) == "2023-03-02"
    assert stamps_in(own, folder) != before


def test_links_are_not_followed(folder, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text(THREE_DAYS.replace("name: small", "name: outside"), encoding="utf-8")
    (folder / "outside.yaml").symlink_to(outside)
    (folder / "gone.yaml").symlink_to(tmp_path / "gone.yaml")
    (folder / "inner.yaml").mkdir()
    assert list(offices_in(folder).by_name) == ["small"]
    for name in ("outside", "gone", "inner"):
        assert refusal(folder, name, replace=True) == LINK
    assert outside.read_text(encoding="utf-8").startswith("name: outside")
    (folder / "child.yaml").write_text("name: child\ntitle: {en: C, zh: 子}\nextends: outside\n", encoding="utf-8")
    (folder / "heir.yaml").write_text("name: heir\ntitle: {en: H, zh: 孙}\n'extends': child\n", encoding="utf-8")
    found = offices_in(folder)
    assert list(found.by_name) == ["small"]
    (problem,) = found.problems
    assert str(problem) == (
        f"{folder / 'child.yaml'}:3:10: extends: 'outside' is a link, which is not followed; copy the file into the "
        "folder"
    )
    assert not (tmp_path / "gone.yaml").exists()


@pytest.mark.parametrize(
    "extends",
    ["extends: mine", "'extends': mine", "extends: mine.yaml", "{name: heir, title: {en: H, zh: 孙}, extends: mine}"],
)
def test_what_others_extend_is_not_replaced_however_they_say_it(folder, extends):
    text = scenario_text("mine", "small", {"en": "T", "zh": "题"}, {})
    save_scenario(folder, "mine", "small", text, replace=False)
    whole = extends if extends.startswith("{") else f"name: heir\ntitle: {{en: H, zh: 孙}}\n{extends}\n"
    (folder / "heir.yaml").write_text(whole, encoding="utf-8")
    assert set(offices_in(folder).by_name) == {"small", "mine", "heir"}
    assert refusal(folder, "mine", replace=True) == EXTENDED


def test_of_two_who_save_a_new_name_one_is_the_first(folder, monkeypatch):
    def meanwhile(folder, name, text):
        (folder / f"{name}.yaml").write_text("theirs", encoding="utf-8")

    monkeypatch.setattr("sim.app.scenarios._read_beside", meanwhile)
    assert refusal(folder, "mine") == TAKEN
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == "theirs"


def test_a_disk_that_refuses_leaves_nothing_behind(folder, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    before = all_files(folder)
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        save_scenario(folder, "mine", "small", scenario_text("mine", "small", {"en": "T", "zh": "题"}, {}), False)
    assert all_files(folder) == before


def test_what_is_saved_is_what_was_shown(folder, small):
    changes = Changes(
        demand=120, people={"clerks": 2, "assistants": -1}, shifts={"reviewers": (480, 1080)}, automatic=10,
        returned=20, midday_post=False, midday_crews={"clerks": 3},
    )  # fmt: skip
    title = {"en": "Mine", "zh": "我的"}
    file = save_scenario(folder, "mine", "small", scenario_text("mine", "small", title, overlay(small, changes)), False)
    assert scenario_as_dict(load_scenario_file(file)) == scenario_as_dict(with_changes(small, changes, "mine", title))


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_titles_come_back_as_they_are(folder, small, kind):
    title = {"en": safe_title(HOSTILE[kind]), "zh": safe_title(HOSTILE[kind])}
    file = save_scenario(folder, "mine", "small", scenario_text("mine", "small", title, {}), False)
    assert load_scenario_file(file).title.en == title["en"]
    assert "\n" not in title["en"]


def test_a_scenario_that_could_not_be_read_is_not_written(folder):
    def save(generation):
        name, parent = f"g{generation}", f"g{generation - 1}" if generation else "small"
        save_scenario(folder, name, parent, scenario_text(name, parent, {"en": "T", "zh": "题"}, {}), False)

    for generation in range(10):
        save(generation)
    with pytest.raises(ScenarioError, match="generations"):
        save(10)
    assert offices_in(folder).problems == ()
    assert not (folder / "g10.yaml").exists()


def test_files_that_cannot_be_read_do_not_keep_the_others_away(folder):
    (folder / "broken.yaml").write_text("name: [", encoding="utf-8")
    (folder / "latin.yaml").write_bytes(b"name: \xff\xfe")
    found = offices_in(folder)
    assert list(found.by_name) == ["small"]
    assert len({problem.file for problem in found.problems}) == 2
    assert found.first("small") == found.first("nowhere") == "small"


# Answers


def test_the_verdict_is_that_of_run(answer):
    alone = run_scenario(scenario_from_dict(SMALL), seed=1, rule=Rule())
    assert answer.done.judgement == alone.judgement
    assert answer.record.estimate == alone.judgement.estimate
    assert answer.record.figure("staff", "cost").mean > 0


def test_how_far_the_verdict_reaches_belongs_to_it(answer, tmp_path):
    found = with_reach(answer, 1, FileStore(tmp_path))
    assert found.record.premises.own == 28_200
    assert replace(found.record, premises=None, nearest=()) == answer.record


def test_one_looks_on_and_may_end_it(tmp_path):
    scenario, store = scenario_from_dict(SMALL), FileStore(tmp_path)
    told = []
    judged(scenario, 1, store, told=lambda done, judgement: told.append((done, judgement and judgement.verdict)))
    assert told[0] == (10, None)
    assert told[-1][1] in Verdict

    def stop():
        raise KeyboardInterrupt

    long = scenario_from_dict({**SMALL, "period": {}})
    with pytest.raises(KeyboardInterrupt):
        judged(long, 1, store, stop)


def test_beside_another_office(answer):
    scenario = scenario_from_dict(SMALL)
    more = changed(scenario, Changes(people={"reviewers": 3}))
    assert not same_office(scenario, more)
    assert same_office(scenario, more.model_copy(update={"staff": scenario.staff}))
    store = MemoryStore()
    judged(scenario, 1, store)
    found = compared(more, scenario, 1, store)
    (pair,) = found.record.against_first
    assert (pair.plan, pair.other) == ("small-adjusted", "small")
    assert pair.difference < 0
    assert found.record.plans[0].estimate == pytest.approx(answer.record.estimate)
    assert found.office.number == found.other.number == pair.replications
    assert found.office.estimate - found.other.estimate == pytest.approx(pair.difference)
    longer = scenario_from_dict({**SMALL, "name": "longer", "period": {"first": "2023-03-01", "last": "2023-03-06"}})
    with pytest.raises(StudyError):
        compared(longer, scenario, 1, store)


def test_offices_are_compared_over_the_same_years():
    """The verdict on one of the two takes more years than that on the other."""
    baseline = scenario_as_dict(load_scenario_file(Path(SCENARIOS, "no-absence.yaml")))
    period = {"first": "2023-03-01", "last": "2023-03-10"}
    scenario = scenario_from_dict(baseline | {"name": "eight", "period": period})
    more, store = changed(scenario, Changes(demand=105)), MemoryStore()
    office, other = judged(more, 1, store), judged(scenario, 1, store)
    assert len(office.figures) != len(other.figures)
    found = compared(more, scenario, 1, store)
    years = found.office.number
    assert years == found.other.number
    for of, side in ((office, found.office), (other, found.other)):
        figures = of.figures.first(years)
        assert len(figures) == years
        assert side.cost == pytest.approx(figures["staff cost"].mean())
        assert side.hours == pytest.approx(figures["staff staff hours"].mean())
        assert side.within == pytest.approx(figures["licence within"].mean())
    (pair,) = found.record.against_first
    assert found.office.estimate - found.other.estimate == pytest.approx(pair.difference)
    common = min(len(office.figures), len(other.figures))
    costs = [of.figures.first(common)["staff cost"].mean() for of in (office, other)]
    assert cost_change(office.figures, other.figures) == pytest.approx(costs[0] - costs[1])


@pytest.mark.parametrize("where", ["app", "briefing"])
def test_one_thread_draws_at_a_time_and_leaves_the_settings_alone(answer, monkeypatch, where):
    before, drawing = dict(mpl.rcParams), threading.Event()
    make = {chart.name: chart.make for chart in charts(answer.record)}["minutes"]

    def made():
        drawing.set()
        return make()

    monkeypatch.setattr("sim.studies.run.charts.charts", lambda record: [Chart("minutes", made)])
    tasks = {
        "app": lambda: looks.picture(run.STUDY, answer.record, "minutes"),
        "briefing": lambda: draw("minutes", made, ()),
    }
    # Whatever is loaded the first time is loaded now, so that a second is long.
    tasks[where]()
    drawing.clear()
    with ThreadPoolExecutor(1) as threads:
        with style():
            drawn = threads.submit(tasks[where])
            assert not drawing.wait(1)
        drawn.result()
    assert drawing.is_set()
    assert dict(mpl.rcParams) == before


def test_a_day_to_watch():
    scenario = scenario_from_dict(SMALL)
    page, day = said_in("zh", replayed_day, [scenario, changed(scenario, Changes(demand=150))], None, 1)
    assert scenario.first_day <= day <= scenario.last_day
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")


def test_a_briefing_stays_in_its_folder(answer, tmp_path):
    written = said_in("zh", briefing_on, answer, tmp_path / "app")
    assert written.page.startswith(b"<!")
    assert written.deck[:2] == written.workbook[:2] == b"PK"
    assert {file.split("/")[0] for file in all_files(tmp_path)} == {"app"}
    assert sorted(file.name for file in (tmp_path / "app").iterdir()) == ["briefings", "runs"]


# The page


@pytest.mark.parametrize("kind", ["script", "quotes", "formula"])
def test_texts_are_escaped_in_every_part(kind):
    text = HOSTILE[kind]
    made = [
        looks.heading(text, text), looks.banner("FAILS", text, text, [text]),
        looks.tiles([looks.Tile(text, text, (text,))]), looks.note("wrong", text, [text]),
        looks.table(Table(text, (text, text), ((text, text),))),
        looks.scale(4.9, 4.8, 5.0, 5, "HOLDS", text, text, text),
    ]  # fmt: skip
    for part in made:
        assert "<script" not in part
        assert "<img" not in part
        assert "</style>" not in part


@pytest.mark.parametrize("kind", HOSTILE)
def test_any_title_can_be_drawn(answer, kind):
    title = {"en": HOSTILE[kind], "zh": HOSTILE[kind]}
    record = replace(answer.record, scenario=answer.record.scenario | {"title": title})
    assert said_in("zh", looks.picture, run.STUDY, record, "minutes").startswith(b"\x89PNG")


def test_an_infinite_mean_has_no_scale():
    assert looks.scale(float("inf"), float("nan"), float("nan"), 5, "FAILS", "", "", "") == ""
    assert "nan" not in looks.scale(4.9, float("nan"), float("nan"), 5, "UNDECIDED", "", "", "")


def test_styles_bring_the_characters_along_and_nothing_else():
    made = looks.styles(["赟喆堃", "</style><script>"])
    assert made.count("</style>") == 1
    assert "http" not in made
    assert made.count("@font-face") == 2


@pytest.mark.parametrize("remembered", [fitting._length, embedded_font._face])
def test_a_server_that_runs_for_long_does_not_remember_ever_more(remembered):
    assert remembered.cache_info().maxsize


# Starting


def test_settings_come_back(tmp_path):
    settings = Settings(tmp_path / "s", tmp_path / "结果", "zh", "", 7)
    assert settings_from([as_argument(settings)]) == settings


def test_only_this_machine_is_served():
    chosen = starting.options(8600)
    assert chosen["server_address"] == "127.0.0.1"
    assert chosen["browser_gatherUsageStats"] is False
    assert chosen["client_showErrorDetails"] == "none"
    assert chosen["server_fileWatcherType"] == "none"


def test_no_configuration_switches_off_the_protection(tmp_path, monkeypatch):
    from streamlit import config
    from streamlit.web import bootstrap

    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        "[server]\nenableCORS = false\nenableXsrfProtection = false\nenableAgentApi = true\naddress = '0.0.0.0'\n"
        "corsAllowedOrigins = ['https://example.com']\nallowedHosts = ['*.example.com']\n", encoding="utf-8",
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STREAMLIT_SERVER_ENABLE_CORS", "false")
    monkeypatch.setenv("STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION", "false")
    try:
        bootstrap.load_config_options(starting.options(8600))
        found = {name: config.get_option(f"server.{name}") for name in (
            "address", "enableCORS", "enableXsrfProtection", "enableAgentApi", "corsAllowedOrigins", "allowedHosts",
        )}  # fmt: skip
    finally:
        monkeypatch.undo()
        config.get_config_options(force_reparse=True, options_from_flags={})
    assert found == {"address": "127.0.0.1", "enableCORS": True, "enableXsrfProtection": True, "enableAgentApi": False,
                     "corsAllowedOrigins": [], "allowedHosts": ["127.0.0.1", "localhost"]}  # fmt: skip


@pytest.fixture
def start(folder, monkeypatch, capsys):
    """Return a function that calls the verb without serving: exit status, outputs, and what would be served."""
    served = []
    monkeypatch.setattr("sim.cli.serving.serve", lambda *given: served.append(given))
    monkeypatch.chdir(folder.parent)

    def start(*arguments):
        status = main(folder.parent, ["app", *arguments])
        output = capsys.readouterr()
        return status, output.out, output.err, served

    return start


def test_the_verb_says_where_the_app_is_and_ends_as_interrupted(start, folder):
    status, out, err, served = start("--lang", "en", "--port", "8612", "--scenario", "scenarios/small.yaml")
    assert status == 130
    assert out == "Open http://127.0.0.1:8612 in a browser; Ctrl-C ends the app\n"
    assert "interrupted" in err
    ((settings, port),) = served
    assert port == 8612
    assert settings == Settings(folder, folder.parent / "results" / "app", "en", "small", settings.seed)


def test_json_is_one_object_at_the_end(start):
    status, out, err, _ = start("--json", "--port", "8612", "--lang", "zh")
    assert (status, json.loads(out)["status"]) == (130, 130)
    assert "http://127.0.0.1:8612" in err


def test_a_port_that_cannot_be_used_is_one_line(start, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = start("--port", str(other.getsockname()[1]))
    monkeypatch.setattr("sim.cli.serving.refusal", lambda port: PermissionError(13, "Permission denied"))
    for (status, _, err, served), why in (
        (taken, "is taken"),
        (start("--port", "80"), "--port: 80 cannot be used (Permission denied); choose another, such as --port 8501"),
    ):
        assert (status, served, err.count("\n")) == (2, [], 1)
        assert why in err


@pytest.mark.parametrize(("arguments", "said"), [
    (("--scenario", "smal"), "did you mean 'small'?"),
    (("--scenario", "../../x"), "possible: small"),
    (("--scenario", "elsewhere/small.yaml"), "there is no 'elsewhere/small.yaml' in"),
    (("--port", "0"), "must be a whole number from 1 to 65535"),
    (("--port", "x"), "must be a whole number"),
    (("--prot", "1"), "did you mean '--port'?"),
])  # fmt: skip
def test_wrong_options_are_one_line(start, arguments, said):
    status, _, err, served = start(*arguments)
    assert (status, served) == (2, [])
    assert err.count("\n") == 1
    assert said in err


def test_without_streamlit_one_line_says_what_to_install(start, monkeypatch):
    monkeypatch.setattr("sim.cli.serving.installed", lambda: False)
    status, _, err, served = start()
    assert (status, served) == (2, [])
    assert err.count("\n") == 1
    assert "pip install streamlit" in err


# The page in Streamlit's own harness


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Return a folder of results: what was replicated for one test is there for the next."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def opened(folder, played, monkeypatch):
    """Return a function that runs the page."""
    testing = pytest.importorskip("streamlit.testing.v1")

    def opened(language="en", **changes):
        settings = Settings(folder, played, language, "", 1)
        monkeypatch.setattr(sys, "argv", ["page", as_argument(replace(settings, **changes))])
        return testing.AppTest.from_file(str(starting.PAGE), default_timeout=120).run()

    return opened


def html_of(page):
    return "\n".join(found.proto.body for found in page.get("html"))


def test_a_slider_changes_the_verdict_and_zero_reviewers_are_one_line(opened):
    page = opened()
    key = "small/0/reviewers"
    page.slider(key=key).set_value(-3).run()
    assert not page.exception
    assert "<b>FAILS</b>" in html_of(page)
    page.slider(key="small/0/reviewers/midday").set_value(0)
    page.slider(key=key).set_value(-5).run()
    assert not page.exception
    assert "nobody is ever on duty" in html_of(page)
    page.button(key="reset").click().run()
    assert "<b>HOLDS</b>" in html_of(page)


ABSENT = ("consultants", "assistants", "studio", "specialists")
OWN = """
name: own
title: {en: Own, zh: 本单位}
whose: own
year: 2025
period: {first: 2025-03-03, last: 2025-03-05}
target: {minutes: 100}
demand: {registrations_per_year: 9000, key_share: 0, inquiry_only_share: 0}
phone: {offered: false, calls_per_application: 0}
filing: {offered: false}
steps:
  - {name: seal, title: {en: seal, zh: 章}, after: issue, pool: bosses, minutes: {mean_minutes: 1, cv: 1}}
staff:
  bosses: {title: {en: bosses, zh: 鼱长}, people: 1}
"""


def test_an_office_of_ones_own_has_its_pools_and_the_signs_of_their_titles(opened, folder):
    nobody = "".join(f"  {pool}: {{people: 0, helps: []}}\n" for pool in ABSENT)
    (folder / "own.yaml").write_text(OWN + nobody, encoding="utf-8")
    page = opened("zh", scenario="own")
    assert not page.exception
    shown = {slider.key.split("/")[2] for slider in page.sidebar.slider}
    assert {"bosses", "reviewers", "clerks"} < shown
    assert not shown & {*ABSENT}
    assert html_of(page).count("@font-face") == 2


@pytest.mark.parametrize("section", ["verdict", "briefing"])
def test_what_goes_wrong_is_one_line(opened, monkeypatch, section):
    page = opened()
    page.button_group(key="section").set_value(section).run()

    def fails(*given):
        raise SavedError("runs/x: holds no complete results of a run")

    monkeypatch.setattr("sim.app.sections.briefing_on", fails)
    monkeypatch.setattr("sim.app.verdict.judged", fails)
    if section == "briefing":
        page.button(key="brief").click().run()
    else:
        page.slider(key="small/0/demand").set_value(120).run()
    assert not page.exception
    assert "This could not be worked out: runs/x" in html_of(page)


def test_beside_an_office_that_never_finishes_there_is_no_difference(opened, folder):
    (folder / "never.yaml").write_text(NEVER, encoding="utf-8")
    page = opened("zh", scenario="small")
    page.selectbox(key="other").set_value("never").run()
    page.button_group(key="section").set_value("compare").run()
    assert not page.exception
    said = html_of(page)
    assert "∞" not in said
    assert "<li>办不完：最后一件申请到达" in said


def test_every_section_runs_and_the_file_is_saved(opened, folder):
    page = opened()
    page.slider(key="small/0/demand").set_value(120).run()
    for section in ("compare", "replay", "briefing", "file"):
        page.button_group(key="section").set_value(section).run()
        assert not page.exception, section
    page.text_input(key="name/small").set_value("../../Mine").run()
    page.button(key="save").click().run()
    assert not page.exception
    assert load_scenario_file(folder / "mine.yaml").demand.registrations_per_year == 18000
    assert "Saved: scenarios/mine.yaml" in html_of(page)
    assert list(page.selectbox(key="scenario").options) == ["Three days: demand +20 %", "Three days"]


def test_scenarios_of_the_same_title_are_told_apart_in_chinese_too(opened, folder):
    text = (folder / "small.yaml").read_text(encoding="utf-8")
    (folder / "twin.yaml").write_text(text.replace("name: small", "name: twin"), encoding="utf-8")
    page = opened("zh")
    assert list(page.selectbox(key="scenario").options) == ["三天 (small)", "三天 (twin)"]
    assert "<b>达标</b>" in html_of(page)


def test_a_folder_without_a_readable_scenario_says_so(opened, folder):
    (folder / "small.yaml").write_text("name: small", encoding="utf-8")
    page = opened()
    assert not page.exception
    assert "There is no scenario that can be read" in html_of(page)


def test_on_a_day_on_which_nobody_works_the_nearest_one_is_named(opened, folder):
    text = (folder / "small.yaml").read_text(encoding="utf-8")
    (folder / "small.yaml").write_text(text.replace("2023-03-03", "2023-03-06"), encoding="utf-8")
    page = opened("zh")
    page.button_group(key="section").set_value("replay").run()
    page.date_input(key="day/2023-03-01/2023-03-06").set_value(date(2023, 3, 4)).run()
    assert not page.exception
    assert "2023-03-04不是small的工作日；最近的工作日为2023-03-03" in html_of(page)
