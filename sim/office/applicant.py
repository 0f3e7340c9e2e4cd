"""Who applies: a kind of applicant and a way of filing, with what an office has decided for such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sim.office.distributions import Distribution, Lognormal, distributed
from sim.office.parameters import Filing, Issue, MeanAndCv, Phone, PriorityRule, Review, Step
from sim.office.parameters.fields import Class
from sim.office.parameters.review import Outside
from sim.office.routes import Choice, Lot, Node, OutsideTime, OwnTime, Visit

HOUR = 60.0
PRIORITY, KEY_PRIORITY = 1, 0


class Parts(NamedTuple):
    """What the routes of a scenario depend on."""

    phone: Phone
    filing: Filing
    review: Review
    issue: Issue
    steps: tuple[Step, ...]
    priorities: tuple[PriorityRule, ...]


@dataclass(frozen=True)
class Applicant:
    """A kind of applicant and how he means to file, with what the office has decided for such."""

    scenario: Parts
    kind: str
    way: str

    @property
    def channel(self) -> str:
        """How he means to file, as rules name it."""
        return "online" if self.way == "night" else self.way

    @property
    def incomplete(self) -> float:
        """The share that is accepted with something missing; who never comes to the counter cannot hand it in there."""
        return 0.0 if self.kind in self.scenario.issue.skipped_by else self.scenario.review.incomplete.share

    def meant_by(self, rule: Step | PriorityRule) -> bool:
        """Say whether a rule is about this kind and way."""
        return (not rule.classes or self.kind in rule.classes) and (not rule.channels or self.channel in rule.channels)

    def priority(self, stage: str, in_hall: bool = True, corrected: bool = False) -> int | Lot:
        """Return the priority at a stage, by the first rule that applies, and before it the first for a share."""
        by_lot: PriorityRule | None = None
        usual = KEY_PRIORITY if self.kind == "key" else PRIORITY
        for rule in self.scenario.priorities:
            fits = (in_hall or not rule.in_hall) and (corrected or not rule.corrected)
            if rule.stage != stage or not self.meant_by(rule) or not fits:
                continue
            if rule.share == 1:
                usual = rule.priority
                break
            by_lot = by_lot or rule
        return usual if by_lot is None else Lot(by_lot.share, by_lot.priority, usual)

    def minutes(self, usual: MeanAndCv, of: Mapping[Class, MeanAndCv]) -> Distribution:
        """Return the service time of this kind, the usual one if it has no other."""
        return next((distributed(time) for kind, time in of.items() if kind == self.kind), distributed(usual))

    def steps(
        self, point: str, suffix: str, then: str, corrects: Distribution, in_hall: bool = False
    ) -> tuple[str, list[Node]]:
        """Return the office's own steps at a point of the way, and the node that they begin with.

        Parameters
        ----------
        point : str
            One of `POINTS`, or a step.
        suffix : str
            Of the nodes' names, where the same steps are at several places of the way.
        then : str
            Where it goes on.
        corrects : Distribution
            Of the time that a correction takes.
        in_hall : bool
            Whether the applicant is in the hall there.
        """
        nodes: list[Node] = []
        for step in reversed([step for step in self.scenario.steps if step.after == point and self.meant_by(step)]):
            name, stream = step.name + suffix, step.name
            minutes = self.minutes(step.minutes, step.minutes_of)
            priority = self.priority(stream, in_hall)
            seen, inner = self.steps(stream, suffix, then, corrects, in_hall)
            own: list[Node] = []
            if step.share < 1:
                own.append(Choice(f"{name}?", ((step.share, name), (1 - step.share, then)), stream=f"{stream}?"))
            found = f"{name}, found" if step.returned else seen
            own.append(Visit(name, stream, minutes, found, priority=priority, stream=stream))
            if step.returned:
                back, again = f"corrects after {name}", f"{name}, again"
                own += [
                    Choice(found, ((1 - step.returned, seen), (step.returned, back)), stream=f"{stream}, found"),
                    Visit(back, OwnTime(), corrects, again, stream=f"corrects after {stream}"),
                    Visit(again, stream, minutes, seen, priority=self.priority(stream, in_hall, True),
                          stream=f"{stream}, again"),
                ]  # fmt: skip
            nodes = [*own, *inner, *nodes]
            then = own[0].name
        return then, nodes

    def outside(self, stage: str) -> Outside:
        """Return who of those on the way to a stage is with somebody outside the office first, and how long."""
        of_stage: Outside = getattr(self.scenario, stage).outside
        return of_stage

    def forks(self, stage: str, name: str, straight_on: str, first_outside: str) -> Choice:
        """Return whether the way to a stage leads outside the office; one mark decides, wherever it is asked."""
        share = self.outside(stage).share
        return Choice(name, ((1 - share, straight_on), (share, first_outside)), stream=f"outside before {stage}?")

    def is_outside(self, stage: str, name: str, then: str) -> Visit:
        """Return the time that the file is outside the office before a stage."""
        found = self.outside(stage)
        time, hours = Lognormal(found.mean_hours * HOUR, found.cv), stage if found.in_hours else None
        return Visit(name, OutsideTime(hours), time, then, stream=f"outside before {stage}")
