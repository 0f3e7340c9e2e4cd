"""What is said of offices that nobody has looked at: each sentence against the record, and against the scenario.

Twenty random offices: other years, other targets, nothing by telephone, uncertain demand, days to warm up, plans
that somebody has adjusted in the app. Of every tenth the deck and the workbook, too; with ``EVERY=1`` of all, and two
hundred offices.
"""

import html
import io
import json
import math
import re
from datetime import date
from functools import reduce
from operator import getitem
from random import Random

import openpyxl
import pytest
from briefing_results import look_up, same, traced_in, written, written_as_it_is
from helpers import EVERY
from pptx import Presentation
from small_runs import record_of

from sim.app import verdict as app
from sim.app.changes import MOST_TOLD, Changes, adjusted_name, adjusted_title, with_changes
from sim.brief.compose import compose
from sim.brief.deck import deck
from sim.brief.inputs import read_given
from sim.brief.page import page
from sim.brief.sheets import sheets_of
from sim.brief.workbook import workbook
from sim.measures.judge import Rule
from sim.office.parameters.listing import all_parameters
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.basis import from_article, sources_line
from sim.present.names import verdict_word
from sim.present.numbers import writer
from sim.present.table import Table
from sim.present.terminal import rendered
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.outcomes import Work
from sim.studies.run import show
from sim.studies.run.overview import overview_row
from sim.studies.run.premises import with_premises
from sim.studies.run.replicate import run_points, run_scenarios
from sim.studies.run.situations import overview_table
from sim.text import in_each, speaking

OFFICES, GROUP = 200 if EVERY else 20, 10
WITH_PREMISES = 16
"""Every so manieth office is told with its premises."""
WITH_FILES = 1 if EVERY else 10
"""Every so manieth briefing is made as a deck and a workbook, too."""
ADJUSTED = 5
"""Every so manieth office is one that was changed in the app."""
ROSTER = [
    {"hours": ["08:30-12:00", "13:30-17:00"], "people": 3},
    {"hours": ["08:30-13:30", "14:30-17:00"], "people": 2},
]
DAYS = {2022: "2022-06-0{}", 2023: "2023-03-0{}", 2024: "2024-07-0{}", 2025: "2025-09-0{}", 2026: "2026-08-0{}"}
ARTICLE = {
    "year": 2023, "target.statistic": "mean", "target.minutes": 5, "demand.registrations_per_year": 40_200,
    "demand.growth": 0, "phone.offered": True, "filing.offered": True, "staff.midday.crew_on_duty": True,
}  # fmt: skip
"""What the article says, as somebody reads it there."""


STEP = {
    "name": "second-review", "title": {"en": "second review", "zh": "二次复核"}, "after": "approval", "share": 0.3,
    "minutes": {"mean_minutes": 4, "cv": 0.5}, "pool": "chiefs",
}  # fmt: skip


def random_scenario(number):
    """Return a random scenario of a few days; the same number, the same scenario."""
    random = Random(f"sentences {number}")
    while True:
        year = random.choice([2023, 2023, *DAYS])
        first = random.randint(1, 5)
        period = {"first": DAYS[year].format(first), "last": DAYS[year].format(random.randint(first, 7))}
        if random.random() < 0.3:
            period["warm_up_days"] = random.randint(1, 4)
        statistic = random.choice(["mean", "mean", "share", "percentile"])
        clock = random.choice(["licence", "licence", "licence", "touch", "door_to_door", "journey"])
        target = {"statistic": statistic, "minutes": random.choice([3, 5, 5, 7.5, 10, 60]), "clock": clock}
        if statistic != "mean":
            target["level"] = random.choice([0.5, 0.8, 0.9, 0.95])
        reviewers = random.randint(1, 7)
        scenario = {
            "name": f"office-{number}", "title": {"en": f"Office {number}", "zh": f"单位{number}"}, "year": year,
            "period": period, "target": target,
            "demand": {"registrations_per_year": random.choice([900, 6_000, 12_000, 40_200, 60_000]),
                       "growth": random.choice([0, 0, 0.144, -0.2]), "uncertainty": random.choice([0, 0, 0.15]),
                       "other_business_per_registration": random.choice([0, 0.65, 1.0])},
            "phone": random.choice([{}, {"offered": False}, {"calls_per_application": 0, "offered": False}]),
            "filing": {"assisted_share": random.choice([0, 0.3])},
            "review": {"return_rate": random.choice([0, 0.15, 0.4]),
                       "auto_approved_share": random.choice([0, 0, 0.3, 1])},
            "staff": {"reviewers": {"plan": {"08:30-12:00": reviewers, "13:30-17:00": reviewers + random.randint(0, 2)},
                                    "absence": random.choice([0, 0, 0.1]), "leave": random.choice([0, 0.04])},
                      "assistants": random.choice([{}, {"roster": ROSTER}]),
                      "midday": {"crew_on_duty": random.random() < 0.7}},
            "outages": {"drawn": random.choice([[], [], [{"stage": "review", "per_year": 50, "mean_minutes": 60}]])},
        }  # fmt: skip
        if number % 6 == 5:
            # Another office than the article's, with a step of its own.
            scenario |= {"whose": "own", "steps": [STEP]}
            scenario["staff"]["chiefs"] = {"people": 1, "title": {"en": "section chiefs", "zh": "科长"}}
        try:
            return scenario_from_dict(scenario, scenario["name"])
        except ScenarioError:
            continue


def adjusted(scenario, number):
    """Return a scenario as somebody has changed it in the app, under a title that says how."""
    random = Random(f"adjusted {number}")
    changes = Changes(
        demand=random.choice([80, 100, 120]), people={"reviewers": random.randint(-1, 3), "clerks": 1},
        midday_post=random.choice([None, True, False]), automatic=random.choice([None, 20]),
        lines={"assistants": [random.randint(1, 4), 2]} if scenario.staff.assistants.roster else {},
    )  # fmt: skip
    try:
        title = in_each(adjusted_title, scenario, changes)
        other = with_changes(scenario, changes, adjusted_name(scenario.name), title)
    except ScenarioError:
        return scenario
    for language in ("en", "zh"):
        with speaking(language):
            check_title(scenario, other, str(other.title))
    return other


def check_title(scenario, other, title):
    """Check that a title says what differs, and nothing else."""
    said = title.removeprefix(str(scenario.title))
    before, after = scenario.demand.registrations_per_year, other.demand.registrations_per_year
    change = f"{after / before * 100 - 100:+.0f}".replace("-", "−")
    assert (after != before) == (change in said), title
    reviewers = [max(pool.plan.values()) for pool in (scenario.staff.reviewers, other.staff.reviewers)]
    more = f"{reviewers[1] - reviewers[0]:+d}".replace("-", "−")
    named = re.search(r"(?:reviewers|审核员) ?([+−][0-9])", said)
    assert (named[1] if named else "+0") == more, title
    both = scenario_as_dict(scenario), scenario_as_dict(other)
    paths = ("demand", "registrations_per_year"), ("review", "auto_approved_share"), ("staff", "midday", "crew_on_duty")
    pools = (("staff", "reviewers", "plan"), ("staff", "clerks", "plan"), ("staff", "assistants", "roster"))
    differ = sum(reduce(getitem, path, both[0]) != reduce(getitem, path, both[1]) for path in (*paths, *pools))
    hidden = re.search(r" and ([0-9]) more$|另([0-9])项$", said)
    # Two spells of one shift are one change.
    changes = re.sub(r"(?<=[0-9]{2}:[0-9]{2}), (?=[0-9]{2}:)", " ", said)
    told = len(re.split("[,，、]| and ", changes)) if said else 0
    assert differ == (told if hidden is None else MOST_TOLD + int(next(filter(None, hidden.groups())))), title


@pytest.fixture(scope="module")
def work():
    with workers_for("compiled", 1) as workers:
        yield Work(5, "compiled", workers, MemoryStore())


def record(number, work):
    """Return what a run of a random office has found; None if nobody comes whom its target is about."""
    scenario, rule = random_scenario(number), Rule(largest=20)
    if number % ADJUSTED == 0:
        scenario = adjusted(scenario, number)
    points = run_points([scenario], work.seed, work.engine)
    (done,) = run_scenarios([scenario], points, rule, work.workers, work.store)
    if done.outcome.verdict is None:
        return None
    found = record_of(done)
    return with_premises(found, scenario, done.outcome, rule, work) if number % WITH_PREMISES == 0 else found


@pytest.mark.parametrize("first", range(0, OFFICES, GROUP))
def test_what_is_said_of_random_offices_is_so(first, work, tmp_path, monkeypatch):
    # The characters of a page say nothing of its numbers.
    monkeypatch.setattr("sim.brief.page.font_face", lambda *page: "")
    told = 0
    for number in range(first, first + GROUP):
        run = record(number, work)
        if run is None:
            continue
        root = tmp_path / str(number)
        given = read_given([written(run, root / "runs" / run.name)], root)
        for language in ("en", "zh"):
            with speaking(language):
                check_terminal(run, language)
                check_app(run)
                if language == ("en", "zh")[number % 2]:
                    check_briefing(given, root, all_files=number % WITH_FILES == 0)
        told += 1
    assert told > GROUP // 2


def check_terminal(run, language):
    """Check what is printed: that it adds up, where parameters are from, shares, days and the verdict."""
    parts = show.report(run)
    text = rendered(parts)
    assert not re.search(r"\bnan\b|\bNone\b(?! of)|[{}]|\binf\b", text), text
    check_sources(run)
    check_verdict(run, language)
    row = overview_row(run)
    rendered([overview_table([row])])
    if not run.has_figures:
        return
    (cases,) = [part for part in parts if isinstance(part, str) and part.startswith(("Cases in", "总件数", "进入"))]
    total, *rest = (int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*", cases))
    assert abs(total - sum(rest)) <= 2, cases
    # The last row of the staff's table is the sum of the others.
    (staff,) = [part for part in parts if isinstance(part, Table) and part.total]
    for column in (1, 3, 4, 5):
        *each, every = (float(str(cells[column]).replace(",", "")) for cells in staff.rows)
        assert abs(sum(each) - every) <= len(each), staff
    beside = [sentence.text for sentence in show.premises(show.Found(run, ""))]
    if run.target.about_mean:
        over = 1 - run.figure(run.target.clock, "within").mean
        shown = float(re.findall(r"[0-9.]+", beside[0])[0])
        # More than 99.9 % are not all.
        assert abs(shown - 100 * over) < 0.11, beside
    whole = run.figure("door_to_door", "mean").mean
    by_the_clock = r"in hand it is ([0-9.,]+) (hours|minutes)|按实际经过的时间计，平均([0-9.,]+)(小时|分钟)"
    timed = re.search(by_the_clock, " ".join(beside))
    assert (timed is not None) == (run.target.clock == "licence" and math.isfinite(whole)), beside
    if timed:
        number, unit = timed[1] or timed[3], timed[2] or timed[4]
        assert abs(float(number.replace(",", "")) * (60 if unit in ("hours", "小时") else 1) / whole - 1) < 0.01, beside
    for turning in run.nearest:
        own, there = (show_value(run, turning, column) for column in ("value", "turns_at"))
        assert own != there
        assert any(there in sentence for sentence in beside)
    if run.premises is not None and run.premises.fails is not None:
        assert any(f"{run.premises.fails:,}" in sentence for sentence in beside)
        assert (run.premises.holds or 0) < run.premises.fails
    uncertain = [sentence for sentence in beside if str(run.kept) in re.findall(r"[0-9]+", sentence)]
    assert bool(run.scenario["demand"]["uncertainty"]) <= bool(uncertain)
    days = [day.date for day in run.days]
    begin, end = (date.fromisoformat(str(run.scenario["period"][name])) for name in ("first", "last"))
    # What is filed in the night after the period's last closing is submitted on a later day, which is none of it.
    assert all(begin <= day <= end for day in days), days
    assert sum(day.working for day in run.days) <= run.working_days


def show_value(run, turning, column):
    from sim.studies.run.sentences import _value

    return _value(show.Found(run, ""), turning, column).text


def check_sources(run):
    """Check which parameters are said to be from the article, and how many are set."""
    scenario = run.scenario

    def at(path):
        value = scenario
        for step in path.split("."):
            value = value[step]
        return value

    assert set(run.sources.article) <= set(ARTICLE)
    line = sources_line(run.sources, run.about.fitted)
    if scenario["whose"] == "own":
        # The article says nothing of it, whatever the two have in common.
        assert run.sources.article == ()
        assert "article" not in line.lower()
        assert "报道" not in line
    for path, value in ARTICLE.items() if scenario["whose"] == "article" else ():
        assert (at(path) == value) == (path in run.sources.article), path
        assert (from_article(path) in re.split(r"[:：,，、。.] ?", line)) == (at(path) == value), line
    usual = json.loads(json.dumps(_usual(run.name)))
    assert len(run.sources.scenario) == sum(
        bool(parameter.source) and _part(scenario, parameter.path) != _part(usual, parameter.path)
        for parameter in all_parameters()
    )
    assert str(len(run.sources.scenario)) in re.findall(r"[0-9]+", line)


def _usual(name):
    from sim.office.scenario import scenario_as_dict

    return scenario_as_dict(scenario_from_dict({"name": name, "title": {"en": "x", "zh": "x"}}))


def _part(scenario, path):
    value = scenario
    for step in path.split("."):
        value = value[step.removesuffix("[]")]
        if step.endswith("[]"):
            break
    return value


def check_verdict(run, language):
    """Check the answer against the estimate, and each share and minutes against what the target is about."""
    said = show.answer(show.Found(run, "runs/x")).said[0].text
    yes = {"HOLDS": ("Yes:", "能"), "FAILS": ("No:", "不能"), "TOO CLOSE": ("Too close", "过于接近", "差距太小", "难"),
           "UNDECIDED": ("Not decided", "尚", "未")}  # fmt: skip
    if language == "en":
        assert said.startswith(yes[run.verdict][0]), said
    if not run.has_figures:
        assert run.verdict == "FAILS"
        return
    promised = run.target.promised
    if run.verdict in ("HOLDS", "FAILS"):
        good = run.estimate <= promised if run.target.about_mean else run.estimate >= promised
        assert good == (run.verdict == "HOLDS"), said
    if run.target.about_mean and run.estimate < 100:
        assert f"{run.estimate:.2f}" in said or f"{run.estimate:.1f}" in said, said
    elif not run.target.about_mean:
        assert re.search(r"[0-9.]+ ?%", said), said
    lines = [part for part in show.report(run) if isinstance(part, str)]
    days = [part for part in lines if part.startswith("Days of a year")]
    if language == "en":
        assert ("mean" in days[0].split(";")[0]) == run.target.about_mean, days


def check_app(run):
    """Check the banner and the scale: verdict, estimate and interval are the record's."""
    if not run.has_figures:
        return
    show = writer(run.target.about_mean)
    banner, scale = html.unescape(app._banner(run)), html.unescape(app._scale(run))
    for value in (run.estimate, run.low, run.high):
        assert math.isinf(value) or show(value) in banner, banner
    assert verdict_word(run.verdict) in banner
    assert show(run.estimate) in scale


def check_briefing(given, root, all_files):
    """Check that every number is that of the file and field that it names, and written as its value is."""
    briefing = compose(given, "test")
    pieces = list(traced_in(briefing))
    assert pieces
    for piece in pieces:
        saved = look_up(root, piece.source)
        assert not isinstance(piece.value, int | float) or same(saved, piece.value), piece
        written_as_it_is(piece)
    advice = [each.said for each in briefing.advice]
    for sentence in (*briefing.answer, *advice, briefing.about, *briefing.rests_on.said):
        assert sentence.sources or not re.search(r"[0-9]", sentence.text), sentence.text
        for source in sentence.sources:
            look_up(root, source)
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page(briefing), flags=re.DOTALL)
    assert not re.search(r"\bnan\b|\bNone\b(?! of)|[{}]", text)
    if all_files:
        check_files(briefing, given, text)


def check_files(briefing, given, text):
    """Check that deck and the workbook's summary have no number that the page does not have."""
    known = numbers_in(html.unescape(text))
    slides = Presentation(io.BytesIO(deck(briefing))).slides
    for number, slide in enumerate(slides, 1):
        shown = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        shown += [
            cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells
        ]
        assert numbers_in(" ".join(shown)) <= known | {str(number), str(len(slides))}, shown
    book = openpyxl.load_workbook(io.BytesIO(workbook(briefing, sheets_of(given))))
    said = [cell.value for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert numbers_in(" ".join(said)) <= known, said


def numbers_in(text):
    """Return the numbers of a text, as they are written."""
    return set(re.findall(r"[0-9][0-9,.]*[0-9]|[0-9]", text))
