"""What is said of the waits in a log, what an office is without what makes them, and how it is held out."""

from dataclasses import replace
from datetime import date, timedelta
from math import gamma

import numpy as np
import pytest
from calibrations import calibration
from helpers import said_in

from sim.office.hours import DAY
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.fit_notes import _nobody_gave_up
from sim.studies.calibrate.held_out.backtest import back_test
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.lying import other_work
from sim.studies.calibrate.lying.other_work import (
    WaitsFit,
    _distance,
    _near,
    _newest_first,
    _simulated,
    _some_first,
    _Test,
    _with,
    _with_other_work,
    fit_waits,
)
from sim.studies.calibrate.lying.rules import (
    BY_LOT,
    CORRECTED,
    NEWEST_FIRST,
    OTHER_WORK,
    UNTIL,
    Gain,
    lying,
    warmed_up,
    without,
)
from sim.studies.calibrate.lying.taken import P90, TakenWaits, before_all, before_most
from sim.studies.calibrate.patience.endless import endless, endless_estimates, least_patience
from sim.studies.calibrate.patience.patience import fit_of
from sim.studies.calibrate.patience.waits import Waits
from sim.studies.calibrate.records import OF_WEEKS, PATIENCE, SHARE, Estimate, Note
from sim.studies.calibrate.scenarios import JointFit
from sim.studies.calibrate.show import note_in_words, report
from sim.studies.calibrate.wording import figure_name

TITLE = {"en": "Files", "zh": "办件"}
RULES = [
    {"stage": "review", "corrected": True, "priority": 0}, {"stage": "review", "share": 0.2, "priority": 0},
    {"stage": "phone", "share": 0.3, "priority": 0},
]  # fmt: skip


def office(**more):
    return scenario_from_dict({
        "name": "files", "title": TITLE, "priorities": RULES, "demand": {"registrations_per_year": 9000},
        "review": {"minutes": {"mean_minutes": 35, "cv": 0.8}},
        "staff": {"reviewers": {
            "plan": {"08:30-17:00": 6}, "midday_crew": 6, "other_work": {"share": 0.8, "until_waiting": 20},
        }},
    } | more)  # fmt: skip


def test_who_is_begunbefore_most_that_waited_longer():
    # Six wait; the last to come is begun first, then the others as they came.
    queued, started = np.arange(6.0), np.array([11.0, 12, 13, 14, 15, 10])
    assert list(np.nan_to_num(before_most(queued, started), nan=-1)) == [0, 0, -1, -1, -1, 1]
    # Who is begun as he comes finds all others before him; of few nothing is said.
    queued, started = np.array([0.0, 1, 2, 3]), np.array([9.0, 9, 9, 3])
    assert list(np.nan_to_num(before_most(queued, started), nan=-1)) == [-1, -1, -1, 1]


def test_waits_of_too_few_say_nothing():
    few = TakenWaits(np.zeros(5), np.arange(5.0), np.zeros(5, bool), *np.full((2, 5), np.nan))
    assert np.isnan(few.figures(np.arange(5))).all()
    new = np.where(np.arange(99) < 40, np.nan, 1.0)
    many = TakenWaits(np.zeros(99), np.arange(99.0), np.arange(99) < 40, new, new / 2)
    assert list(many.figures(np.arange(99))) == pytest.approx([49, 88.2, 69, 19.5, 1, 0.5])


def in_full(figures):
    """Return figures with none of those that are not given at the end."""
    figures = np.asarray(figures, float)
    return np.pad(figures, [(0, 0)] * (figures.ndim - 1) + [(0, 6 - figures.shape[-1])], constant_values=np.nan)


class Made:
    """A test of waits whose simulated ones are given, in place of a simulation."""

    def __init__(self, seen, made, resampled=None):
        self.step, self.first, self.n, self.until = "review", None, 500, (20, 40)
        self.observed = np.tile(in_full(seen), (4, 1))
        self.resampled = self.observed.repeat(20, axis=0) if resampled is None else in_full(resampled)
        self.made = made

    def figures(self, scenario, times=39):
        return np.tile(in_full(self.made(scenario)), (times, 1))

    def with_work(self, scenario, work, times=6):
        return self.figures(_with(scenario, self.step, work), times)


def test_nothing_is_simulated_where_no_step_can_be_tested(monkeypatch):
    monkeypatch.setattr(other_work, "_simulated", None)
    scenario, days = office(), [date(2023, 3, day) for day in range(1, 29)]
    log = simulated_log(office(period={"first": "2023-03-01", "last": "2023-03-28"}), 1)
    assert fit_waits(log.rows(log.at("phone")), scenario, ("issue",), days).scenario is scenario


def test_other_work_that_is_not_needed_with_another_order_does_not_stay():
    found = WaitsFit(
        office(), (Estimate("staff.reviewers.other_work.share", 0.8, 0.7, 0.9, 9, "", SHARE),),
        (Gain("review", OTHER_WORK, 9.0, 2.0), Gain("review", UNTIL, 9.0, 2.0), Gain("review", CORRECTED, 9.0, 2.0)),
    )  # fmt: skip
    left = _with_other_work(found, Made((50, 90, 50, 50, 0.1), lambda scenario: (49, 90, 50, 50, 0.1)))
    assert left.scenario.pools["reviewers"].other_work.share == 0
    assert left.estimates == ()
    assert [gain.what for gain in left.gains] == [CORRECTED]


def begun_first(scenario):
    """Return figures of an office in which so many more are begun before most as go first by lot."""
    share = next((rule.share for rule in scenario.priorities if rule.stage == "review"), 0)
    return 50, 90, 50, 50, 0.05 + share / 2


@pytest.mark.parametrize(("ahead", "spread"), [(0.45, 0.01), (0.29, 0.03)])
def test_an_order_beyond_what_a_lot_can_make_is_another_order(ahead, spread):
    resampled = np.tile([50, 90, 50, 50, ahead], (100, 1)) + np.linspace(-spread, spread, 100)[:, None]
    found = _some_first(WaitsFit(office(priorities=[])), Made((50, 90, 50, 50, ahead), begun_first, resampled))
    assert found.scenario.priorities == ()
    assert found.estimates == found.gains == ()
    assert found.other_orders == ("review",)


def test_as_many_go_first_by_lot_as_are_begun_before_most_others():
    resampled = np.tile([50, 90, 50, 50, 0.15], (100, 1)) + np.linspace(-0.02, 0.02, 100)[:, None]
    found = _some_first(WaitsFit(office(priorities=[])), Made((50, 90, 50, 50, 0.15), begun_first, resampled))
    (share,) = found.estimates
    assert (share.value, share.low, share.high) == pytest.approx((0.2, 0.162, 0.238), abs=0.002)
    assert found.other_orders == ()


def newest_begun(scenario):
    return 50, 90, 50, 50, *((0.9, 0.98) if scenario.newest_first else (0.05, 0.01))


def test_the_newest_first_is_taken_if_most_that_are_begun_are_the_newest():
    found = _newest_first(WaitsFit(office(priorities=[])), Made((50, 90, 50, 50, 0.9, 0.93), newest_begun))
    assert found.scenario.newest_first == ("review",)
    (gain,) = found.gains
    assert (gain.what, gain.inner_without, gain.inner_with) == (NEWEST_FIRST, pytest.approx(0.92), pytest.approx(0.05))
    assert found.newest == (("review", pytest.approx(0.93)),)
    # Nobody else goes first by lot then.
    assert _some_first(found, Made((50, 90, 50, 50, 0.9, 0.93), newest_begun)) is found
    told = said_in("en", note_in_words, Note("newest first", {"step": "review", "share": 93.0}))
    assert "93 % had come last" in told


@pytest.mark.parametrize(("newest", "waits", "spread"), [(0.7, 50, 0), (0.8, 50, 0.3), (0.93, 900, 0)])
def test_the_newest_first_is_not_taken_where_weeks_or_waits_do_not_show_it(newest, waits, spread):
    seen = (waits, 90, waits, 50, 0.9, newest)
    resampled = np.tile(seen, (100, 1)) + np.linspace(-spread, 0, 100)[:, None] * (np.arange(6) == 5)
    test = Made(seen, lambda s: (50 if s.newest_first else waits, *newest_begun(s)[1:]), resampled)
    before = WaitsFit(office(priorities=[], staff={}))
    assert _newest_first(before, test) is before


def test_who_is_begun_as_the_newest():
    # Of those begun together the last to come counts as the first; who comes at that minute does not wait yet.
    queued, started = np.arange(6.0), np.array([9.0, 9, 9, 9, 9, 9])
    assert list(np.nan_to_num(before_all(queued, started), nan=-1)) == [-1, -1, -1, 1, 1, 1]
    queued, started = np.array([0.0, 1, 2, 3, 4, 5]), np.array([20.0, 21, 22, 23, 5, 6])
    assert list(np.nan_to_num(before_all(queued, started), nan=-1)) == [0, -1, -1, -1, 1, 1]


def kept_waiting(scenario):
    work = scenario.pools["reviewers"].other_work
    longer = 30 * (work.until_waiting or 500) * (1 + work.share) if work.share else 20
    return longer, 2 * longer, longer, longer, 0.05


def test_other_work_has_a_range_over_weeks_that_is_not_called_an_interval_and_errs_together():
    seen = 30 * 30 * 1.4
    resampled = np.array([[seen * factor, 2 * seen * factor, seen, seen, 0.05] for factor in np.linspace(0.7, 1.4, 60)])
    found = _with_other_work(
        WaitsFit(office(staff={}, priorities=[])), Made((seen, 2 * seen, seen, seen, 0.05), kept_waiting, resampled)
    )
    assert [each.method.endswith(OF_WEEKS) for each in found.estimates] == [True, True]
    (pair,) = found.dependence
    assert [pair.first, pair.second] == [each.name for each in found.estimates]
    told = said_in("en", report, calibration(estimates=tuple(replace(each, used=True) for each in found.estimates)))
    assert any(isinstance(part, str) and part.startswith("Range over weeks") for part in told)


def test_a_log_of_weeks_with_too_few_waits_is_not_taken_for_the_nearest_to_anything():
    nan = np.nan
    assert _distance(np.array([nan, nan]), np.array([1.0, 2.0])) == np.inf
    assert _distance(np.array([3.0, nan]), np.array([1.0, 2.0])) == pytest.approx(2)


def test_finer_steps_are_around_those_that_were_nearest():
    assert set(_near((0.4, 20), (10, 20, 30))) == {
        (share, until) for share in (0.325, 0.4, 0.475) for until in (15, 20, 25)
    }  # fmt: skip
    assert {until for _, until in _near((0.95, 10), (10, 20))} == {10, 15}
    assert max(share for share, _ in _near((0.95, 10), (10, 20))) == 0.95


@pytest.mark.parametrize("what", [OTHER_WORK, UNTIL, CORRECTED, BY_LOT, NEWEST_FIRST])
def test_an_office_without_one_thing_has_the_others(what: str):
    left = without(office(newest_first=["review", "phone"]), Gain("review", what, 1.0, 1.0))
    assert left.newest_first == (("phone",) if what == NEWEST_FIRST else ("review", "phone"))
    work = left.pools["reviewers"].other_work
    assert work.share == (0 if what == OTHER_WORK else 0.8)
    assert work.until_waiting == (None if what in (OTHER_WORK, UNTIL) else 20)
    kept = [rule for rule in office().priorities if not (
        rule.stage == "review" and (rule.corrected if what == CORRECTED else rule.share < 1 and what == BY_LOT)
    )]  # fmt: skip
    assert list(left.priorities) == kept


def test_days_before_are_simulated_only_where_files_lie_over_days():
    first, last = date(2023, 5, 8), date(2023, 5, 26)
    assert lying(office())
    assert warmed_up(office(), first, last).period.warm_up_days == 28
    assert warmed_up(office(), date(2023, 1, 4), last).period.warm_up_days == 3
    idle = without(office(), Gain("review", OTHER_WORK, 1.0, 1.0))
    assert not lying(idle)
    assert warmed_up(idle, first, last).period.warm_up_days == 0


def test_held_out_days_begin_with_what_lies_already():
    first, last = date(2023, 5, 8), date(2023, 5, 19)
    scenario = office()
    whole = simulated_log(warmed_up(scenario, first, last), 5)
    begin = (first - whole.first_day).days * 1440
    seen = whole.rows((whole.begin >= begin) & (whole.begin < begin + 12 * 1440))
    rows = {(row.step, row.measure): row for row in back_test(scenario, seen, first, last, 1, replications=39)}
    assert rows["review", "wait mean"].inside
    assert rows["review", "a day"].inside
    assert rows["review", "wait mean"].low > 300


def test_a_log_ends_for_the_office_and_for_its_simulation_at_the_same_moment():
    first, last = date(2023, 5, 8), date(2023, 5, 19)
    scenario = office()
    whole = simulated_log(warmed_up(scenario, first, last), 5)
    begin, end = ((day - whole.first_day).days * DAY for day in (first, date(2023, 5, 20)))
    seen = whole.rows((whole.begin >= begin) & (whole.begin < end))
    # An export of the last evening does not tell when what lies then is begun.
    lies, goes_on = seen.started >= end, seen.ended >= end
    assert (lies & seen.at("review")).sum() > 10
    export = replace(seen, started=np.where(lies, np.nan, seen.started), ended=np.where(goes_on, np.nan, seen.ended))
    both = [{(row.step, row.measure): row for row in back_test(scenario, log, first, last, 1, replications=39)}
            for log in (seen, export)]  # fmt: skip
    assert both[0] == both[1]
    assert both[0]["review", "wait mean"].n == (seen.at("review") & ~lies).sum()
    days = [first + timedelta(days=day) for day in range(12) if day % 7 < 5]
    tests = [_Test.of(log, "review", days, days) for log in (seen, export)]
    np.testing.assert_array_equal(tests[0].observed, tests[1].observed)
    # Nor does a simulated office: no wait goes beyond the last evening.
    simulated = _simulated(scenario, last, last, 6, ["review"])["review"][:, P90]
    assert np.isfinite(simulated).any()
    assert np.nanmax(simulated) < DAY


def test_a_number_of_files_is_whole_in_every_office_that_a_fit_leaves_possible():
    estimates = [
        Estimate("staff.reviewers.other_work.until_waiting", 20.0, 14.0, 27.0, 99, "m"),
        Estimate("staff.reviewers.other_work.share", 0.8, 0.7, 0.9, 99, "m", SHARE),
        Estimate("priorities[1].share", 0.2, 0.15, 0.25, 99, "m", SHARE),
    ]
    joint = JointFit.of(office(), estimates)
    drawn = joint.office(np.array([1.3, -0.7, 0.4]))
    assert drawn.pools["reviewers"].other_work.until_waiting == 24
    assert drawn.pools["reviewers"].other_work.share == pytest.approx(0.77, abs=0.01)
    assert 0.2 < drawn.priorities[1].share < 0.22


def test_nobody_hangs_up_in_an_office_whose_log_shows_patience_without_end():
    profile = {
        "name": "callers", "title": TITLE, "share": 1, "talk_seconds": 300, "talk_cv": 1, "patience_seconds": 400,
        "walk_in_share": 0,
    }  # fmt: skip
    phones = [{"profiles": [{**profile, "hangs_up": hangs_up}]} for hangs_up in (True, False)]
    period, few = {"first": "2023-03-01", "last": "2023-05-31"}, {"consultants": {"plan": {"08:30-17:00": 1}}}
    offices = [office(phone=phone, priorities=[], staff=few, period=period) for phone in phones]
    found = [
        fit_log(simulated_log(each, 1), other, "f", TITLE).scenario.phone.profiles[0]
        for each, other in zip(offices, offices[::-1], strict=True)
    ]
    assert [each.hangs_up for each in found] == [True, False]


def test_patience_of_which_nobody_saw_the_end_is_at_least_so_long_and_said_to_be_so():
    waits = [Waits(np.full(3000, minutes), np.zeros(3000, bool), np.zeros(3000, bool)) for minutes in (1.0, 10.0)]
    # Of exponential patience a third of all that was waited; of another shape under that mean three would have left.
    assert least_patience(waits[0], 1.0) == pytest.approx(1000)
    assert 3000 * (gamma(1 + 1 / 1.5) * 10 / least_patience(waits[1], 1.5)) ** 1.5 == pytest.approx(3)
    assert least_patience(replace(waits[0], turned_away=1), 1.0) == 0
    patience = {group: fit_of(group, each) for group, each in zip(("phone", "hall"), waits, strict=True)}
    phone, hall = endless_estimates(patience, office())
    assert (phone.value, hall.value) == (
        36_000,
        pytest.approx(least_patience(waits[1], office().filing.hall_patience.shape)),
    )
    assert endless(phone)
    assert phone.method == "nobody gave up in 50 h of waiting: at least so long"
    # Fifteen hours of waiting say too little, the more so as the log may be one of answered calls alone.
    few = {"phone": fit_of("phone", Waits(np.ones(900), np.zeros(900, bool), np.zeros(900, bool)))}
    assert not list(endless_estimates(few, office()))


def test_a_hall_and_calls_that_nobody_left_tell_it_in_report_and_scenario():
    profile = {
        "name": "callers", "title": TITLE, "share": 1, "talk_seconds": 300, "talk_cv": 1, "patience_seconds": 400,
        "walk_in_share": 0, "hangs_up": False,
    }  # fmt: skip
    lasting = {"assisted_share": 0.6, "hall_patience": {"mean_minutes": 1440, "shape": 10}}
    staff = {"consultants": {"plan": {"08:30-17:00": 1}}, "assistants": {"plan": {"08:30-17:00": 4}}}
    period = {"first": "2023-03-01", "last": "2023-05-31"}
    log = simulated_log(
        office(phone={"profiles": [profile]}, filing=lasting, priorities=[], staff=staff, period=period), 1
    )
    fit = fit_log(log, office(priorities=[]), "f", TITLE)
    assert not fit.scenario.phone.profiles[0].hangs_up
    assert fit.scenario.filing.hall_patience.mean_minutes > 45
    assert set(PATIENCE.values()) <= fit.used
    notes = list(_nobody_gave_up(fit))
    assert [note.what for note in notes] == ["nobody hangs up", "nobody gave up"]
    assert "Patience in the hall: nobody gave up in" in note_in_words(notes[1])


def test_what_makes_files_wait_has_words():
    for name in ("staff.reviewers.other_work.share", "staff.reviewers.other_work.until_waiting", "priorities[3].share"):
        for language in ("en", "zh"):
            assert name not in said_in(language, figure_name, name)
