"""Studies that start empty: the first customers of a queue, unlimited staff under a sinusoidal demand, arrivals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scoring import Answer, dispersion, mean
from studies import RECORDS, Played, Rules, Study, by_rules, one_visit
from studies_steady import queue

from sim.office.blocks import Arrivals, Days, Duty, Office, Pool, Population, Stage
from sim.office.distributions import Exponential, Fixed
from sim.office.hours import ALWAYS, DAY

F64 = NDArray[np.float64]

BIN = 5.0
UNLIMITED = 64
"""Servers that are never all busy."""

SINUS = RECORDS["mtginf-01"]["parameters"]
OMEGA = 2 * math.pi / SINUS["period_min"]


def _sinus(minutes: float) -> F64:
    """Return arrivals per minute in bins of 5 minutes, each the average of the sinusoid over the bin."""
    edge = np.arange(0.0, minutes + BIN / 2, BIN)
    whole = (SINUS["mean_rate_per_hour"] * edge - SINUS["amplitude_per_hour"] * np.cos(OMEGA * edge) / OMEGA) / 60
    return np.diff(whole) / BIN


def _unlimited(rates: F64) -> Office:
    days = math.ceil(len(rates) * BIN / DAY)
    who = Population("all", Arrivals.poisson(rates, BIN), ((1.0, one_visit(Exponential(SINUS["stay_mean_min"]))),))
    return Office(
        "unlimited",
        Days.every_day(days),
        (Stage("desk"),),
        (Pool("desk", (Duty("desk"),), (ALWAYS,) * UNLIMITED),),
        (who,),
    )


def one_period_a_day(minutes: float) -> Office:
    """Return days of one period each; long after it, the next day finds the office empty."""
    day = np.zeros(int(DAY // BIN))
    day[: int(SINUS["period_min"] // BIN)] = _sinus(SINUS["period_min"])
    return _unlimited(np.tile(day, math.ceil(minutes / DAY)))


def _present(p: Played, clock: float) -> F64:
    """Return the number present at a minute of each day."""
    visits = p.visits(p.of_population())
    assert (visits.wait == 0).all()
    day = visits.queued // DAY
    at = day * DAY + clock
    here = (visits.queued <= at) & (at < visits.ended)
    return np.bincount(day.astype(np.int64), here, p.office.days.horizon)


def _moments(values: F64) -> F64:
    return np.column_stack([np.ones(len(values)), values, values**2])


SINUS_RULES: Rules = {
    r"mean_in_system_(\d+)": lambda p, x, t: Answer(x, _moments(_present(p, float(t)))[:, [1, 0]]),
    r"p_gt_(\d+)_at_(\d+)": lambda p, x, k, t: Answer(
        x, _moments(_present(p, float(t)) > int(k))[:, [1, 0]], is_share=True
    ),
    r"variance_to_mean_at_(\d+)": lambda p, x, t: Answer(x, _moments(_present(p, float(t))), dispersion),
}


def _waves(p: Played) -> F64:
    """Return minutes, area under the number present, and its products with cosine and sine."""
    visits = p.visits(p.of_population())
    since, until = (np.clip(t, p.begin, p.end) for t in (visits.queued, visits.ended))
    cosine = (np.sin(OMEGA * until) - np.sin(OMEGA * since)).sum() / OMEGA
    sine = (np.cos(OMEGA * since) - np.cos(OMEGA * until)).sum() / OMEGA
    return np.array([[p.minutes, (until - since).sum(), cosine, sine]])


def _lag(minutes: F64, area: F64, cosine: F64, sine: F64) -> F64:
    """Return how long after the arrivals, which peak at a quarter of the period, the number present peaks."""
    return np.arctan2(sine, cosine) / OMEGA - SINUS["period_min"] / 4


def _peak(minutes: F64, area: F64, cosine: F64, sine: F64) -> F64:
    return area / minutes + 2 * np.hypot(cosine, sine) / minutes


PERIODIC_RULES: Rules = {
    r"lag_of_peak_periodic": lambda p, x: Answer(x, _waves(p), _lag),
    r"periodic_max": lambda p, x: Answer(x, _waves(p), _peak),
}

FIRST = RECORDS["transient-law-01"]["parameters"]
FILLING = 180
"""Minutes of arrivals on each day: the first 100 customers come within them."""


def first_customers(minutes: float) -> Office:
    """Return days that begin with `FILLING` minutes of arrivals; the rest of the day clears the queue."""
    day = np.zeros(int(DAY // 30))
    day[: FILLING // 30] = FIRST["arrivals_per_min"]
    days = math.ceil(minutes / DAY)
    who = Population(
        "all", Arrivals.poisson(np.tile(day, days), 30.0), ((1.0, one_visit(Exponential(FIRST["service_mean_min"]))),)
    )
    pool = Pool("desk", (Duty("desk"),), (ALWAYS,) * FIRST["servers"])
    return Office("first", Days.every_day(days), (Stage("desk"),), (pool,), (who,))


def _first_waits(p: Played, customers: int) -> F64:
    """Return the waits of the first customers of each day, shape (days, customers)."""
    visits = p.visits(p.of_population())
    day = (visits.queued // DAY).astype(np.int64)
    assert (np.diff(day) >= 0).all()
    assert (visits.ended // DAY == day).all()
    rows = np.searchsorted(day, np.arange(p.office.days.horizon))
    count = np.bincount(day, minlength=p.office.days.horizon)
    assert count.min() >= customers
    return visits.wait[rows[:, None] + np.arange(customers)]


FIRST_RULES: Rules = {
    r"mean_wait_first_(\d+)": lambda p, x, n: Answer(x, _moments(_first_waits(p, int(n)).mean(axis=1))[:, [1, 0]]),
    r"mean_wait_(\d+)th": lambda p, x, n: Answer(x, _moments(_first_waits(p, int(n))[:, -1])[:, [1, 0]]),
}
LATER_RULES: Rules = {r"steady_state_mean_wait": lambda p, x: mean(p.visits(p.counted()).wait, x)}


def _later(minutes: float) -> Office:
    return queue(FIRST["arrivals_per_min"], Exponential(FIRST["service_mean_min"]), FIRST["servers"], minutes)


BANKS = RECORDS["nhpp-02"]["parameters"]


def hourly_table(minutes: float) -> Office:
    """Return days that begin with the table's nine hours; service takes no time."""
    day = np.zeros(24)
    day[: len(BANKS["mean_gap_min"])] = 1 / np.array(BANKS["mean_gap_min"])
    days = math.ceil(minutes / DAY)
    who = Population("all", Arrivals.poisson(np.tile(day, days), BANKS["bin_min"]), ((1.0, one_visit(Fixed(0.0))),))
    pool = Pool("desk", (Duty("desk"),), (ALWAYS,))
    return Office("hourly", Days.every_day(days), (Stage("desk"),), (pool,), (who,))


def _counts(p: Played, since: float, until: float) -> F64:
    day, minute = np.divmod(p.journeys.arrival, DAY)
    return np.bincount(day.astype(np.int64), (minute >= since) & (minute < until), p.office.days.horizon)


def _first_arrival(p: Played) -> F64:
    first = np.full(p.office.days.horizon, BANKS["bin_min"] * float(len(BANKS["mean_gap_min"])))
    day, minute = np.divmod(p.journeys.arrival, DAY)
    np.minimum.at(first, day.astype(np.int64), minute)
    return first


ARRIVAL_RULES: Rules = {
    r"mean_count_(\d+)_(\d+)": lambda p, x, a, b: Answer(x, _moments(_counts(p, float(a), float(b)))[:, [1, 0]]),
    r"mean_count_total": lambda p, x: Answer(x, _moments(_counts(p, 0, DAY))[:, [1, 0]]),
    r"mean_min_first_arrival_or_540": lambda p, x: Answer(x, _moments(_first_arrival(p))[:, [1, 0]]),
    r"p_total_gt_(\d+)": lambda p, x, k: Answer(x, _moments(_counts(p, 0, DAY) > int(k))[:, [1, 0]], is_share=True),
}


def _banks(record: str, p: Played) -> dict[str, Answer]:
    """Return the record's answers, and for each hour that the counts are Poisson: variance over mean is 1."""
    answers = by_rules(ARRIVAL_RULES, record, p)
    for hour in range(len(BANKS["mean_gap_min"])):
        counts = _counts(p, hour * BANKS["bin_min"], (hour + 1) * BANKS["bin_min"])
        answers[f"dispersion_hour_{hour}"] = Answer(1.0, _moments(counts), dispersion)
    return answers


STUDIES = [
    Study(
        "mtginf-01",
        one_period_a_day,
        lambda record, p: by_rules(SINUS_RULES, record, p),
        200 * DAY,
        25,
    ),
    Study(
        "mtginf-01",
        lambda minutes: _unlimited(_sinus(minutes)),
        lambda record, p: by_rules(PERIODIC_RULES, record, p),
        6 * SINUS["period_min"],
        400,
        warm_up=SINUS["period_min"],
        part="periodic",
    ),
    Study(
        "transient-law-01",
        first_customers,
        lambda record, p: by_rules(FIRST_RULES, record, p),
        200 * DAY,
        25,
    ),
    Study(
        "transient-law-01",
        _later,
        lambda record, p: by_rules(LATER_RULES, record, p),
        6_000,
        300,
        warm_up=4_000,
        part="later",
    ),
    Study("nhpp-02", hourly_table, _banks, 400 * DAY, 10),
]
