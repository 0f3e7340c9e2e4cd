"""Studies of one stage in steady state: Erlang B, C and A, and queues with other service times."""

from __future__ import annotations

from typing import Any

from scoring import Answer, mean, per_minute, share, spread
from studies import (
    PROBE,
    RECORDS,
    Played,
    Rules,
    Study,
    Visits,
    all_the_time,
    by_rules,
    one_visit,
    probes,
    round_the_clock,
)

from sim.office.blocks import Office, Population
from sim.office.distributions import NEVER, Distribution, Exponential, Fixed, Lognormal

SIMPLE, COMPLEX = 0, 1
"""Profiles of the mix of services."""

Q = Visits
P = Played

RULES: Rules = {
    r"utilisation": lambda q, p, x: per_minute(p.area(*_in_service(p)), p.minutes * p.servers, x),
    r"mean_queue_length": lambda q, p, x: per_minute(p.area(*_in_queue(p)), p.minutes, x),
    r"mean_in_system": lambda q, p, x: per_minute(p.area(*_in_system(p)), p.minutes, x),
    r"throughput": lambda q, p, x: per_minute(q.is_served.sum() * 60.0, p.minutes, x),
    r"p_wait": lambda q, p, x: share(q.wait > 0, x),
    r"p_wait_gt_([\d.]+)": lambda q, p, x, limit: share(q.wait > float(limit), x),
    r"p_wait_gt_([\d.]+)_accepted": lambda q, p, x, limit: share(q.only(q.is_served).wait > float(limit), x),
    r"p_inqueue_gt_([\d.]+)_all": lambda q, p, x, limit: share(q.wait > float(limit), x),
    r"p_sojourn_gt_([\d.]+)": lambda q, p, x, limit: share(q.sojourn > float(limit), x),
    r"p_answered_within_([\d.]+)": lambda q, p, x, limit: share(q.is_served & (q.wait <= float(limit)), x),
    r"p_answered_within_([\d.]+)_of_answered": lambda q, p, x, t: share(q.only(q.is_served).wait <= float(t), x),
    # A quantile is right if the right share of the waits lies above it.
    r"wait_q([\d.]+)": lambda q, p, x, level: share(q.wait > x, 1 - float(level)),
    r"wait_q([\d.]+)_sec": lambda q, p, x, level: share(q.wait * 60 > x, 1 - float(level)),
    r"mean_wait(?:_all)?": lambda q, p, x: mean(q.wait, x),
    r"mean_wait_sec": lambda q, p, x: mean(q.wait * 60, x),
    r"mean_wait_(?:accepted|served)": lambda q, p, x: mean(q.only(q.is_served).wait, x),
    r"mean_wait_abandoned": lambda q, p, x: mean(q.only(~q.is_served).wait, x),
    r"mean_virtual_wait": lambda q, p, x: mean(p.visits(p.counted(PROBE)).wait, x),
    r"sd_wait": lambda q, p, x: spread(q.wait, x),
    r"p_(?:blocked|abandon)": lambda q, p, x: share(~q.is_served, x),
    r"mean_time_in_system": lambda q, p, x: mean(q.sojourn, x),
    r"mean_time_in_system_simple": lambda q, p, x: mean(_of_profile(q, p, SIMPLE).sojourn, x),
    r"mean_time_in_system_complex": lambda q, p, x: mean(_of_profile(q, p, COMPLEX).sojourn, x),
}


def _everybody(p: Played) -> Visits:
    return p.visits(p.of_population())


def _in_service(p: Played) -> tuple[Any, Any]:
    q = _everybody(p)
    return q.left_queue, q.ended


def _in_queue(p: Played) -> tuple[Any, Any]:
    q = _everybody(p)
    return q.queued, q.left_queue


def _in_system(p: Played) -> tuple[Any, Any]:
    q = _everybody(p)
    return q.queued, q.ended


def _of_profile(q: Visits, p: Played, profile: int) -> Visits:
    return q.only(p.journeys.profile[q.case] == profile)


def one_stage(record: str, p: Played) -> dict[str, Answer]:
    return by_rules(RULES, record, p.visits(p.counted()), p)


def queue(
    per_minute: float,
    service: Distribution,
    servers: int,
    minutes: float,
    patience: Distribution = NEVER,
    places: int | None = None,
    probes_per_minute: float = 0.0,
) -> Office:
    """Return an office with one stage that never closes."""
    who = Population("all", all_the_time(per_minute, minutes), ((1.0, one_visit(service, patience=patience)),))
    testers = (probes(probes_per_minute, minutes),) if probes_per_minute else ()
    return round_the_clock(minutes, (who, *testers), {"desk": servers}, places)


def _study(
    record: str,
    warm_up: float,
    minutes: float,
    replications: int,
    service: Distribution | None = None,
    probes_per_minute: float = 0.0,
) -> Study:
    given = RECORDS[record]["parameters"]
    rate = given["arrivals_per_min"] if "arrivals_per_min" in given else given["arrivals_per_hour"] / 60
    servers = given["servers"]
    service = service or Exponential(given["service_mean_min"])
    patience = Exponential(given["patience_mean_min"]) if "patience" in given else NEVER
    places = given["capacity_total"] - servers if "capacity_total" in given else None

    def build(minutes: float) -> Office:
        return queue(rate, service, servers, minutes, patience, places, probes_per_minute)

    return Study(record, build, one_stage, minutes, replications, warm_up)


def _mix(minutes: float) -> Office:
    given = RECORDS["mh2c-01"]["parameters"]
    simple, complex_ = Exponential(given["simple_mean_min"]), Exponential(given["complex_mean_min"])
    part = given["share_simple"]
    who = Population(
        "all",
        all_the_time(given["arrivals_per_hour"] / 60, minutes),
        ((part, one_visit(simple)), (1 - part, one_visit(complex_))),
    )
    return round_the_clock(minutes, (who,), {"desk": given["servers"]})


# Warm-ups are at least ten relaxation times.
STUDIES = [
    _study("mmc-01", 14_400, 43_200, 400),
    _study("mmc-02", 5_000, 12_000, 400),
    _study("mmck-01", 500, 3_500, 400),
    _study("erlangb-01", 200, 1_200, 400),
    _study("erla-01", 200, 1_200, 400, probes_per_minute=0.5),
    _study("erla-gmr50", 30, 90, 400, probes_per_minute=5.0),
    _study("mmc-gmr50", 500, 1_500, 60),
    _study("mg1-ln-01", 9_000, 20_000, 400, Lognormal(10.0, 0.5)),
    _study("md1-01", 4_000, 12_000, 400, Fixed(9.0)),
    Study("mh2c-01", _mix, one_stage, 14_000, 400, warm_up=6_000),
]
