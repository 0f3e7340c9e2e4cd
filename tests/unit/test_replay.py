"""A replayed day is what was played: everybody who was there, where they were, and what the day came to."""

import json
import math
import re
from datetime import date
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from helpers import said_in
from replayed import HOSTILE, SEED, WEEK, Elements, data_of, page_of, played, replayed

from sim.office.hours import DAY
from sim.present.targets import target_in_words
from sim.records import GAVE_UP, NOT_MADE
from sim.replay.page import LARGEST_PAGE, replay_page
from sim.replay.played import NoSuchDayError, middle_day, number_of, week_of
from sim.replay.what_happened import (
    CALLS_LATER,
    DONE,
    LEFT,
    LICENSED,
    MIDNIGHT,
    SEAT,
    STAYS,
    TENTHS,
    what_happened,
)
from sim.results.about import target_facts

DAYS = 5


@pytest.fixture(scope="module")
def week():
    return played()


@pytest.fixture(scope="module")
def days(week):
    return [what_happened(week, day) for day in range(DAYS)]


def place_at(day, case, moment):
    """Return where a case is, None if it is not there yet."""
    first, stop = day.first_move[case : case + 2]
    move = first + np.searchsorted(day.move_at[first:stop], moment, side="right") - 1
    return int(day.move_to[move]) if move >= first else None


def test_the_licences_of_all_days_are_those_of_measure(week):
    days = [what_happened(week, day) for day in range(week.log.days)]
    assert sum(day.totals.licences for day in days) == week.kpis["cases on target licensed"]
    minutes = np.concatenate([day.issued_minutes for day in days])
    assert minutes.mean() == pytest.approx(week.kpis["licence mean"], rel=1e-12)
    within = sum(day.totals.within for day in days)
    assert within / len(minutes) == pytest.approx(week.kpis["licence within"], rel=1e-12)
    assert sum(day.totals.gave_up for day in days) == (week.log.outcome == GAVE_UP).sum()


def test_the_registrations_submitted_on_a_day_are_those_of_measure(week, days):
    for number, day in enumerate(days):
        assert day.totals.submitted == week.kpis.day_cases[number]
        assert day.totals.submitted_mean == week.kpis.day_mean[number]


def test_the_totals_are_those_of_the_licences_one_by_one(days):
    for day in days:
        assert day.totals.licences == len(day.issued_at) > 0
        assert day.totals.mean == pytest.approx(day.issued_minutes.mean(), rel=1e-12)
        assert day.totals.within == (day.issued_minutes <= 5).sum()
        assert (np.diff(day.issued_at) >= 0).all()


def test_everybody_is_there_who_has_something_to_do_with_the_office_on_the_day(week, days):
    made = week.log.outcome != NOT_MADE
    of_visit = week.journeys.case_of_visit()
    for number, day in enumerate(days):
        begin, end = number * DAY, (number + 1) * DAY
        here = made & (week.log.queued_at < end) & (week.log.ended_at >= begin)
        assert len(day.case_class) == len(np.unique(of_visit[here]))


def test_each_case_moves_forward_in_time_and_ends_gone_or_still_there(days):
    for day in days:
        for case in range(len(day.case_class)):
            moves = slice(*day.first_move[case : case + 2])
            at = day.move_at[moves]
            assert len(at) > 0
            assert (np.diff(at) >= 0).all()
            assert at[0] >= 0
            assert at[-1] <= MIDNIGHT
            gone = np.isin(day.move_to[moves], (LICENSED, DONE, LEFT))
            assert not gone[:-1].any()


def test_a_day_begins_where_the_day_before_has_ended(days):
    def waiting(day, moment):
        places = [place_at(day, case, moment) for case in range(len(day.case_class))]
        return sum(place is not None and 0 <= place < SEAT for place in places)

    for before, after in pairwise(days):
        assert waiting(before, MIDNIGHT) == waiting(after, 0)
    assert waiting(days[1], 0) > 0


@pytest.mark.parametrize("moment", ["08:35", "10:00", "12:30", "16:59", "17:20"])
def test_who_waits_at_a_moment_is_in_the_queue(week, days, moment):
    hour, minute = map(int, moment.split(":"))
    at = hour * 60 + minute + 0.03
    for number, day in enumerate(days):
        now = number * DAY + at
        log, stage = week.log, week.journeys.stage
        left_queue = np.where(log.outcome == GAVE_UP, log.ended_at, log.started_at)
        waits = (log.outcome != NOT_MADE) & (log.queued_at <= now) & (left_queue > now) & (stage >= 0)
        places = [place_at(day, case, round(at * TENTHS)) for case in range(len(day.case_class))]
        for s, name in enumerate(week.office.stages):
            expected = int((waits & (stage == s)).sum())
            if name.name == "phone" and moment == "17:20":
                # The lines are closed: who was on hold is at home.
                assert places.count(s) == 0
                assert places.count(CALLS_LATER) >= expected
            else:
                assert abs(places.count(s) - expected) <= 1


def test_who_is_on_hold_at_closing_is_at_home_until_the_lines_open():
    day = what_happened(played(staff={"consultants": {"plan": {"08:30-17:00": 1}}}), 0)
    before, after = (
        [place_at(day, case, minute * TENTHS) for case in range(len(day.case_class))] for minute in (1015, 1025)
    )
    assert before.count(0) > 0
    assert after.count(0) == 0
    assert after.count(CALLS_LATER) > before.count(CALLS_LATER)


def test_the_first_of_a_queue_is_taken_first_within_a_priority(week, days):
    for day in days:
        in_queue = np.flatnonzero(day.rank)
        assert len(in_queue) > 20
        assert len(np.unique(day.rank[in_queue])) == len(in_queue)
        assert ((day.move_to[in_queue] >= 0) & (day.move_to[in_queue] < SEAT)).all()


@pytest.mark.parametrize("newest_first", [[], ["review"]])
def test_the_newest_stands_first_where_it_is_taken_first(newest_first):
    week = played(newest_first=newest_first, demand={"key_share": 0})
    day, review = what_happened(week, 1), week.office.stage_number("review")
    at_review = np.flatnonzero((day.move_to == review) & (day.move_at > 0))
    # Of those who came at the same tenth of a second, one.
    _, one = np.unique(day.move_at[at_review], return_index=True)
    assert len(one) > 10
    later_stands_behind = np.diff(day.rank[at_review][one]) > 0
    assert (later_stands_behind != bool(newest_first)).all()


def test_a_server_has_one_case_at_a_time_and_it_is_at_his_seat(week, days):
    for day in days:
        busy = set()
        for server in range(week.tables.servers):
            rows = slice(*day.first_busy[server : server + 2])
            begin, end = day.busy_from[rows], day.busy_to[rows]
            assert (begin[1:] >= end[:-1]).all()
            busy |= {(server, at) for at in begin.tolist()}
        for case in range(len(day.case_class)):
            for move in range(*day.first_move[case : case + 2]):
                place, at = int(day.move_to[move]), int(day.move_at[move])
                if place >= SEAT and at > 0:
                    assert (place - SEAT, at) in busy


def test_the_studio_stays_with_its_applicant(week, days):
    studio = [stage.name for stage in week.office.stages].index("studio")
    assert any((day.busy_stage == studio + STAYS).any() for day in days)


def test_servers_are_on_duty_as_planned(week, days):
    pool = [pool.name for pool in week.office.pools].index("assistants")
    server = int(week.tables.pool_first_server[pool])
    rows = slice(*days[0].first_duty[server : server + 2])
    opens, closes = (8 * 60 + 30) * TENTHS, 17 * 60 * TENTHS
    assert days[0].duty_from[rows][0] == opens
    assert days[0].duty_to[rows][-1] == closes


def test_an_outage_is_shown_at_its_stage():
    one = played(outages={"given": [{"stage": "review", "first": "2023-03-06 10:00", "last": "2023-03-06 11:00"}]})
    day = what_happened(one, 0)
    review = [stage.name for stage in one.office.stages].index("review")
    assert day.broken[review] == ((600 * TENTHS, 660 * TENTHS),)
    assert not any(spans for stage, spans in enumerate(day.broken) if stage != review)


def test_the_middle_day_has_as_many_better_ones_as_worse_ones(week):
    mean = week.kpis.day_mean[:DAYS]
    number = number_of([week], middle_day(week))
    assert (mean < mean[number]).sum() == (mean > mean[number]).sum() == 2


def test_a_week_is_its_working_days(week):
    assert week_of([week], date(2023, 3, 8)) == [date(2023, 3, day) for day in range(6, 11)]
    holidays = played(period={"first": "2023-04-01", "last": "2023-04-14"})
    # 5 April was a holiday.
    assert week_of([holidays], date(2023, 4, 6)) == [date(2023, 4, day) for day in (3, 4, 6, 7)]
    # Sunday 23 April makes up for a bridge day.
    bridge = played(period={"first": "2023-04-17", "last": "2023-04-24"})
    assert week_of([bridge], date(2023, 4, 20)) == [date(2023, 4, day) for day in (17, 18, 19, 20, 21, 23)]
    with pytest.raises(NoSuchDayError, match="2023-04-05 is no working day of week; 2023-04-06 is the nearest"):
        number_of([holidays], date(2023, 4, 5))
    with pytest.raises(NoSuchDayError, match="must be a day from 2023-04-01 to 2023-04-14, the days simulated"):
        number_of([holidays], date(2023, 5, 5))


def test_a_page_holds_what_happened(week, days, tmp_path):
    page = said_in("zh", replay_page, [replayed(week, 2)], SEED)
    data = data_of(page)
    (office,) = data["offices"]
    assert [day["date"] for day in office["days"]] == ["2023-03-06", "2023-03-07"]
    for shown, day in zip(office["days"], days, strict=False):
        assert (shown["move_to"] == day.move_to).all()
        assert (shown["issued_minutes"] == day.issued_minutes).all()
        assert shown["totals"]["licences"] == day.totals.licences
    assert data["language"] == "zh"
    assert set(data["words"]["en"]) == set(data["words"]["zh"])


@pytest.mark.parametrize(("target", "kind"), [
    ({}, "mean"),
    ({"minutes": 30, "statistic": "share", "level": 0.9}, "share"),
    ({"minutes": 30, "statistic": "percentile", "level": 0.9}, "share"),
    ({"minutes": 600, "clock": "door_to_door"}, "other"),
    ({"minutes": 600, "clock": "journey", "statistic": "share"}, "other"),
])  # fmt: skip
def test_a_day_is_held_against_what_the_target_is_about(target, kind):
    one = played(target=target)
    (office,) = data_of(replay_page([replayed(one)], SEED))["offices"]
    assert office["target"]["kind"] == kind
    assert office["target"]["minutes"] == target.get("minutes", 5)
    assert office["target"]["level"] == 0.9
    assert office["target"]["words"]["zh"] == said_in("zh", target_in_words, target_facts(one.office.target))


def test_a_page_asks_for_nothing(week):
    page = replay_page([replayed(week)], SEED)
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in page
    names = Elements(page).names
    assert names.count("script") == 2
    assert not {"img", "iframe", "object", "form"} & set(names)


def test_titles_are_text_whatever_they_say():
    one = played(title={"en": HOSTILE, "zh": "“照”" + HOSTILE})
    page = replay_page([replayed(one)], SEED, rests_on='"><script>')
    elements = Elements(page)
    assert elements.names.count("script") == 2
    assert "img" not in elements.names
    assert HOSTILE in elements.texts["title"]
    assert data_of(page)["offices"][0]["title"] == {"en": HOSTILE, "zh": "“照”" + HOSTILE}


def test_a_busy_week_side_by_side_stays_small(tmp_path):
    busy = played(demand={"registrations_per_year": 100_000}, staff={"reviewers": {"plan": {"08:00-17:00": 12}}})
    office = replayed(busy, 5)
    assert min(len(day.case_class) for day in office.days) > 1000
    assert page_of([office, office], tmp_path).stat().st_size < LARGEST_PAGE


def test_the_scripts_say_nothing_that_has_no_words(week):
    words = data_of(replay_page([replayed(week)], SEED))["words"]
    scripts = "".join(file.read_text(encoding="utf-8") for file in files("sim.replay").joinpath("assets").iterdir())
    said = {*re.findall(r"words\.([a-z]+)", scripts), *re.findall(r"words\[.([a-z ]+)[\"`]", scripts)}
    assert len(said) > 40
    assert said <= words["en"].keys() == words["zh"].keys()
    assert all(text for each in words.values() for text in each.values())


# The command line.


@pytest.fixture
def given(tmp_path):
    def given(name="small", **changes):
        office = WEEK | {"name": name, "period": {"first": "2023-03-06", "last": "2023-03-07"}} | changes
        (tmp_path / f"{name}.yaml").write_text(json.dumps(office), encoding="utf-8")
        return f"{name}.yaml"

    return given


def test_the_verb_writes_one_page_and_says_where(call, given, tmp_path):
    status, out, err = call("replay", given(), "--day", "2023-03-06")
    assert status == 0, err
    file = tmp_path / "results" / "replays" / "small-2023-03-06.html"
    assert [file] == list(file.parent.iterdir())
    assert out.splitlines()[-1].endswith(f"{file.relative_to(tmp_path)}; open it in a browser")
    before = file.read_bytes()
    status, out, _ = call("replay", given(), "--day", "2023-03-06", "--json")
    answer = json.loads(out)
    (day,) = answer["offices"][0]["days"]
    assert file.read_bytes() == before
    assert day["licences"] > 50
    assert math.isclose(day["mean"], np.cumsum(data_of(before.decode())["offices"][0]["days"][0]["issued_minutes"])[-1]
                        / day["licences"], rel_tol=1e-12)  # fmt: skip


def test_a_page_of_other_input_is_replaced_only_if_asked(call, given, tmp_path):
    line = ("replay", given(), "--day", "2023-03-06")
    assert call(*line)[0] == 0
    status, _, err = call(*line, "--seed", "5")
    assert status == 2
    assert "is a replay of another seed or scenario; add --replace" in err
    assert call(*line, "--seed", "5", "--replace")[0] == 0
    file = tmp_path / "results" / "replays" / "small-2023-03-06.html"
    file.write_text("mine", encoding="utf-8")
    status, _, err = call(*line)
    assert (status, file.read_text(encoding="utf-8")) == (2, "mine")
    assert "is no replay of this program" in err


def test_two_scenarios_and_a_week_go_into_one_page(call, given, tmp_path):
    files = given(), given("other", staff={"reviewers": {"plan": {"08:00-17:00": 9}}})
    status, out, err = call("replay", *files, "--week", "--lang", "zh")
    assert status == 0, err
    (file,) = (tmp_path / "results" / "replays").iterdir()
    assert file.name == "small-vs-other-2023-03-06-week.html"
    assert len(data_of(file.read_text(encoding="utf-8"))["offices"]) == 2
    assert len(out.splitlines()) == 5
    assert out.splitlines()[-1].startswith("已写入")
    # It is of the second as well as of the first.
    status, _, err = call("replay", files[0], given("other"), "--week")
    assert (status, "is a replay of another seed or scenario" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--day", "2023-02-30"), "--day: must be a date like 2023-03-06, not '2023-02-30'"),
        (("--day", "2023-05-06"), "--day: must be a day from 2023-03-06 to 2023-03-07, the days simulated, not"),
        (("other.yaml",), "other is about 2023-03-06 to 2023-03-08; side by side go scenarios of the same period"),
        (("other.yaml", "small.yaml"), "replay needs one scenario file, or two to be shown side by side, not 3"),
        (("small.yaml",), "replay: two of the plans are called 'small'"),
    ],
)
def test_wrong_input_is_one_line_with_what_would_be_right(call, given, arguments, expected):
    given("other", period={"first": "2023-03-06", "last": "2023-03-08"})
    status, out, err = call("replay", given(), *arguments)
    assert (status, out) == (2, "")
    assert expected in [line for line in err.splitlines() if "(warning)" not in line][-1]
