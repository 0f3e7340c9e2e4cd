"""How the two models are played by cimba, whose models are classes that it compiles.

Everything of a customer is drawn when he comes, so that one class plays given numbers (traces) and its own
(distributions). Servers are processes that take customers from stores: a process for each customer takes far longer.
"""

from collections.abc import Callable
from typing import Any

import cimba as cb
import numpy as np
from peers_models import BY_PHONE, OFFICE, QUEUE, RETURNED, Model, Numbers, Run

from sim.office.distributions import Exponential


class Queue(cb.Model):
    gap: cb.Input[float]
    desk: cb.Input[float]
    customers: cb.Param[int]
    arrival: cb.Array[float]
    minutes: cb.Array[float]
    waiting: cb.Store[int]
    total: cb.Output[float] = 0.0

    @cb.process
    def source(self):
        for i in range(self.customers):
            cb.hold(self.gap.next())
            self.arrival[i] = cb.now()
            self.minutes[i] = self.desk.next()
            self.waiting.put(i)

    @cb.process(copies=QUEUE.desks[0].servers)
    def server(self):
        while True:
            i = self.waiting.get()
            cb.hold(self.minutes[i])
            self.total += cb.now() - self.arrival[i]


class Office(cb.Model):
    """A customer has a place for each of six visits and waits as the number of the place; -1 = is not returned."""

    gap: cb.Input[float]
    part_0: cb.Input[float]
    part_2: cb.Input[float]
    phone: cb.Input[float]
    filing: cb.Input[float]
    review: cb.Input[float]
    counter: cb.Input[float]
    customers: cb.Param[int]
    arrival: cb.Array[float]
    minutes: cb.Array[float]
    to_phone: cb.Store[int]
    to_filing: cb.Store[int]
    to_review: cb.Store[int]
    to_counter: cb.Store[int]
    total: cb.Output[float] = 0.0

    @cb.process
    def source(self):
        for i in range(self.customers):
            cb.hold(self.gap.next())
            self.arrival[i] = cb.now()
            place = 6 * i
            phones = self.part_0.next() < BY_PHONE
            if phones:
                self.minutes[place] = self.phone.next()
            self.minutes[place + 1] = self.filing.next()
            self.minutes[place + 2] = self.review.next()
            self.minutes[place + 3] = -1.0
            if self.part_2.next() < RETURNED:
                self.minutes[place + 3] = self.filing.next()
                self.minutes[place + 4] = self.review.next()
            self.minutes[place + 5] = self.counter.next()
            if phones:
                self.to_phone.put(place)
            else:
                self.to_filing.put(place + 1)

    @cb.process(copies=OFFICE.desks[0].servers)
    def phone_server(self):
        while True:
            place = self.to_phone.get()
            cb.hold(self.minutes[place])
            self.to_filing.put(place + 1)

    @cb.process(copies=OFFICE.desks[1].servers)
    def filing_server(self):
        while True:
            place = self.to_filing.get()
            cb.hold(self.minutes[place])
            self.to_review.put(place + 1)

    @cb.process(copies=OFFICE.desks[2].servers)
    def review_server(self):
        while True:
            place = self.to_review.get()
            cb.hold(self.minutes[place])
            if place % 6 == 4:
                self.to_counter.put(place + 1)
            elif self.minutes[place + 1] < 0:
                self.to_counter.put(place + 3)
            else:
                self.to_filing.put(place + 1)

    @cb.process(copies=OFFICE.desks[3].servers)
    def counter_server(self):
        while True:
            place = self.to_counter.get()
            cb.hold(self.minutes[place])
            self.total += cb.now() - self.arrival[place // 6]


def bound(model: Model, sources: dict[str, Any], seed: int) -> Run:
    """Return a run of the compiled model with its inputs bound: traces, or distributions."""
    kind = Queue if len(model.desks) == 1 else Office
    network = kind()
    for name, source in sources.items():
        if name in kind.__annotations__:
            setattr(network, name, source)
    network.customers = model.customers
    network.arrival = cb.Array(model.customers)
    network.minutes = cb.Array(model.customers * sum(len(part.desks) for part in model.parts))
    experiment = cb.Experiment(network, window=cb.Window.until_idle(), seed=seed)

    def run() -> Callable[[], float]:
        results = experiment.run(workers=1, on_failure="raise")
        return lambda: float(results[network].total[0, 0]) / model.customers

    return run


def given(model: Model, numbers: Numbers) -> Run:
    """Play given numbers."""
    trace = cb.inputs.trace
    sources = {desk.name: trace(numbers.minutes[numbers.desk == number]) for number, desk in enumerate(model.desks)}
    marks = {f"part_{number}": trace(mark) for number, mark in enumerate(numbers.mark.T)}
    return bound(model, {"gap": trace(np.diff(numbers.arrival, prepend=0.0)), **sources, **marks}, seed=0)


def own(model: Model, seed: int) -> Run:
    """Draw and play."""
    dist = cb.inputs.dist
    sources = {"gap": dist.exponential(mean=1.0 / model.rate)}
    for name, _, minutes in model.desks:
        if isinstance(minutes, Exponential):
            sources[name] = dist.exponential(mean=minutes.mean_minutes)
        else:
            sources[name] = dist.lognormal(mean=minutes.mu_log, sigma=minutes.sigma_log)
    marks = {f"part_{number}": dist.uniform() for number in range(len(model.parts))}
    return bound(model, {**sources, **marks}, seed)
