"""How the two models are played here, and by SimPy, Ciw and salabim.

`..._given` plays given numbers, `..._own` draws its own as well; making numbers and model comes before what is timed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import simpy
from peers_models import BIN, F64, Case, Model, Numbers, Run, drawn_cases

from sim import draw, measure, play
from sim.office.blocks import Arrivals, Days, Duty, Office, Pool, Population, Stage
from sim.office.hours import ALWAYS, DAY
from sim.office.routes import END, Choice, Route, Visit
from sim.records import NOWHERE, VISIT, Journeys, rows_of


def office_of(model: Model) -> Office:
    """Return the model as an office from blocks."""
    nodes: list[Visit | Choice] = []
    for number, part in reversed(list(enumerate(model.parts))):
        then = nodes[0].name if nodes else END
        for place, desk in reversed(list(enumerate(part.desks))):
            nodes.insert(0, Visit(f"visit {number}.{place}", model.desks[desk].name, model.desks[desk].minutes, then))
            then = nodes[0].name
        if part.share < 1.0:
            skipped = nodes[len(part.desks)].name
            nodes.insert(0, Choice(f"choice {number}", ((part.share, then), (1.0 - part.share, skipped))))
    return Office(
        model.name,
        Days.every_day(math.ceil(model.bins * BIN / DAY)),
        tuple(Stage(desk.name) for desk in model.desks),
        tuple(Pool(desk.name, (Duty(desk.name),), (ALWAYS,) * desk.servers) for desk in model.desks),
        (Population("all", Arrivals.poisson(model.rate, BIN, model.bins), ((1.0, Route(tuple(nodes))),)),),
    )


def journeys_of(numbers: Numbers) -> Journeys:
    """Return the numbers as the compiled engine plays them."""
    visits = np.arange(len(numbers.desk))
    following = visits + 1
    following[numbers.first[1:] - 1] = NOWHERE
    nobody, none = np.zeros(len(numbers.arrival), np.int16), np.empty(0)
    visit = rows_of(
        VISIT, stage=numbers.desk, minutes=numbers.minutes, patience=np.full(len(visits), np.inf),
        priority=np.ones(len(visits)), if_served=following, if_gave_up=np.full(len(visits), NOWHERE),
        stays_until=visits,
    )  # fmt: skip
    away = np.empty((0, 0, 0)), np.empty((0, 0))
    return Journeys(numbers.arrival, nobody, nobody, numbers.first, visit, none, none, none, *away)


def times_in_system(journeys: Journeys, ended_at: F64) -> F64:
    """Return the end of the last visit made less the arrival [min], shape (customers,)."""
    return np.fmax.reduceat(ended_at, journeys.first_visit[:-1]) - journeys.arrival


def times_given(model: Model, numbers: Numbers) -> F64:
    """Return the times in the system when given numbers are played here [min], shape (customers,)."""
    journeys = journeys_of(numbers)
    return times_in_system(journeys, play(office_of(model), journeys).ended_at)


def ours_given(model: Model, numbers: Numbers) -> Run:
    """Play given numbers on the compiled engine."""
    office, journeys = office_of(model), journeys_of(numbers)

    def run() -> Callable[[], float]:
        log = play(office, journeys)
        return lambda: float(times_in_system(journeys, log.ended_at).mean())

    return run


def ours_own(model: Model, seed: int) -> Run:
    """Draw and play, and measure all the figures that a run has; the others only add up times in the system."""
    office = office_of(model)

    def run() -> Callable[[], float]:
        journeys = draw(office, seed)
        log = play(office, journeys)
        measure(office, journeys, log)
        return lambda: float(times_in_system(journeys, log.ended_at).mean())

    return run


def simpy_run(model: Model, cases: Iterable[Case]) -> Run:
    """Servers take customers from stores: faster than customers that request resources."""

    def run() -> Callable[[], float]:
        env = simpy.Environment()
        waiting = [simpy.Store(env) for _ in model.desks]
        times: list[float] = []

        def server(desk: int) -> Iterator[simpy.Event]:
            get, timeout = waiting[desk].get, env.timeout
            while True:
                arrival, visits = yield get()
                yield timeout(visits.pop()[1])
                if visits:
                    waiting[visits[-1][0]].put((arrival, visits))
                else:
                    times.append(env.now - arrival)

        def source() -> Iterator[simpy.Event]:
            for arrival, visits in cases:
                yield env.timeout(arrival - env.now)
                visits.reverse()
                waiting[visits[-1][0]].put((arrival, visits))

        for number, desk in enumerate(model.desks):
            for _ in range(desk.servers):
                env.process(server(number))
        env.process(source())
        env.run()
        return lambda: math.fsum(times) / len(times)

    return run


def simpy_given(model: Model, numbers: Numbers) -> Run:
    """Play given numbers."""
    return simpy_run(model, numbers.cases())


def simpy_own(model: Model, seed: int) -> Run:
    """Draw and play."""
    return simpy_run(model, drawn_cases(model, seed))


def salabim_given(model: Model, numbers: Numbers) -> Run:
    """Servers take customers from stores, with generators and without monitors: the fastest of what was tried."""
    import salabim

    salabim.yieldless(False)
    cases = numbers.cases()

    def run() -> Callable[[], float]:
        env = salabim.Environment(trace=False, yieldless=False)
        waiting = [salabim.Store(desk.name, monitor=False) for desk in model.desks]
        times: list[float] = []

        class Server(salabim.Component):
            def process(self) -> Iterator[None]:
                while True:
                    yield self.from_store(self.desk)
                    customer = self.from_store_item()
                    yield self.hold(customer.visits.pop()[1])
                    if customer.visits:
                        customer.enter(waiting[customer.visits[-1][0]])
                    else:
                        times.append(env.now() - customer.arrival)

        class Source(salabim.Component):
            def process(self) -> Iterator[None]:
                for arrival, visits in cases:
                    yield self.hold(till=arrival)
                    customer = salabim.Component()
                    visits.reverse()
                    customer.arrival, customer.visits = arrival, visits
                    customer.enter(waiting[visits[-1][0]])

        for number, desk in enumerate(model.desks):
            for _ in range(desk.servers):
                Server().desk = waiting[number]
        Source()
        env.run()
        return lambda: math.fsum(times) / len(times)

    return run


def ciw_given(model: Model, numbers: Numbers) -> Run:
    """A customer's stages are his route, and his service minutes go with him."""
    import ciw

    cases = numbers.cases()

    class Arriving(ciw.dists.Distribution):
        def __init__(self, times: list[float]) -> None:
            self.times, self.came = [*times, math.inf], -1

        def sample(self, t: float | None = None, ind: Any = None) -> float:
            self.came += 1
            return self.times[self.came] - t

    class Service(ciw.dists.Distribution):
        def sample(self, t: float | None = None, ind: Any = None) -> float:
            return next(ind.minutes)

    def way(ind: Any, _: Any) -> list[int]:
        _, visits = cases[ind.id_number - 1]
        ind.minutes = iter([minutes for _, minutes in visits])
        return [desk + 1 for desk, _ in visits[1:]]

    entry = numbers.desk[numbers.first[:-1]]
    comes = [numbers.arrival[entry == desk].tolist() for desk in range(len(model.desks))]
    network = ciw.create_network(
        arrival_distributions=[Arriving(times) if times else None for times in comes],
        service_distributions=[Service() for _ in model.desks],
        number_of_servers=[desk.servers for desk in model.desks],
        routing=ciw.routing.ProcessBased(way),
    )
    simulation = ciw.Simulation(network)

    def run() -> Callable[[], float]:
        simulation.simulate_until_max_customers(model.customers)

        def mean() -> float:
            done = [each.data_records for each in simulation.nodes[-1].all_individuals]
            return math.fsum(records[-1].exit_date - records[0].arrival_date for records in done) / len(done)

        return mean

    return run
