"""The ways of the applicants through the registration office, from the first call to the licence.

A way is put together from three parts: asking by phone, filing, and from submission to licence. Node names
are what shows up in a log of one applicant, so they read as what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import NamedTuple

from sim.office.distributions import NEVER, Distribution, Exponential, Fixed, Lognormal, Weibull, as_seen, distributed
from sim.office.parameters import CallerProfile, Filing, Issue, MeanAndCv, Phone, PriorityRule, Review, Scenario, Step
from sim.office.parameters.fields import Class
from sim.office.routes import END, Choice, Lot, MachineTime, Node, OwnTime, Route, Visit

HOUR = 60.0
MOST_REDIALS = 2
MOST_RETURNS = 3
MOST_LIKELY_RETURN = 0.95
TYPICAL_RETURN, KEPT = 0.15, 16
"""The return rate of the routes that are kept, and of how many offices whose routes differ in more they are."""
Routes = tuple[tuple[float, Route], ...]
PRIORITY, KEY_PRIORITY = 1, 0
SUBMISSIONS = ("submits", "submits, assisted", "submits, unadvised")
SPOT = " on the spot"
"""Ends the names of what happens while the applicant is in the hall."""


def registration_routes(scenario: Scenario) -> Callable[[str, str], Routes]:
    """Return what returns the routes of a kind and a way, with their shares, one for each caller profile.

    Kinds are `enterprise`, `individual`, `key`, `other` (business) and `inquiry`; ways `online`, `night` (online, out
    of hours), `hall`, `studio`, `specialist`, and `only` (asks, never files).
    """
    # Offices that differ in nothing of this, or in the return rate alone, have the same routes but for some shares.
    review = scenario.review.model_copy(update={"return_rate": TYPICAL_RETURN})
    parts = _Parts(scenario.phone, scenario.filing, review, scenario.issue, scenario.steps, scenario.priorities)
    return partial(_with_return_rate, _kept_routes(parts), parts._replace(review=scenario.review))


class _Parts(NamedTuple):
    """What the routes of a scenario depend on."""

    phone: Phone
    filing: Filing
    review: Review
    issue: Issue
    steps: tuple[Step, ...]
    priorities: tuple[PriorityRule, ...]


@lru_cache(KEPT)
def _kept_routes(parts: _Parts) -> Callable[[str, str], Routes]:
    return cache(partial(_routes, parts))


def _with_return_rate(routes_of: Callable[[str, str], Routes], parts: _Parts, kind: str, way: str) -> Routes:
    choices = [] if way == "only" else [choice for _, choice in _submissions(_Applicant(parts, kind, way))]
    return tuple((share, route.with_shares(choices)) for share, route in routes_of(kind, way))


def _routes(parts: _Parts, kind: str, way: str) -> Routes:
    who = _Applicant(parts, kind, way)
    filed = [*_filing(who), *([] if way == "only" else _licence(who))]
    if way in ("night", "specialist"):
        return ((1.0, Route(tuple(filed), f"{kind}/{way}")),)
    return tuple(
        (profile.share, Route((*_phone(who, profile), *filed), f"{kind}/{way}/{profile.name}"))
        for profile in parts.phone.profiles
    )


@dataclass(frozen=True)
class _Applicant:
    """A kind of applicant and how he means to file, with what the office has decided for such."""

    scenario: _Parts
    kind: str
    way: str

    @property
    def channel(self) -> str:
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


def _phone(who: _Applicant, profile: CallerProfile) -> list[Node]:
    """Phone consulting: up to two questions, each first to online Q&A, then by call, hung up and redialled."""
    scenario, way = who.scenario, who.way
    asked = 0.0 if who.kind in scenario.phone.skipped_by else scenario.phone.calls_per_application
    # Who has no questions and needs help is in the hall already.
    at_once = "assistance" if way in ("hall", "studio") else "files"
    unadvised = END if way == "only" else "files unadvised" if profile.advice_matters else "files"
    helped = scenario.filing.offered and who.kind not in scenario.filing.skipped_by
    walks_in = profile.walk_in_share if helped else 0.0
    nodes: list[Node] = []
    if asked > 1:
        nodes.append(Choice("questions", ((2 - asked, "last question"), (asked - 1, "first question"))))
        nodes += _question(who, profile, "first question", "last question")
    # Who only inquires has a question.
    none = 0.0 if way == "only" else max(1 - asked, 0.0)
    nodes += _question(who, profile, "last question", "files", at_once, none)
    nodes.append(Choice("gives up calling", ((walks_in, "walks in"), (1 - walks_in, unadvised))))
    return nodes


def _question(
    who: _Applicant, profile: CallerProfile, name: str, answered: str, without: str = "", none: float = 0.0
) -> list[Node]:
    """One question; a share `none` has no question and goes on at `without`."""
    phone = who.scenario.phone
    call, priority = f"{name}: call", who.priority("phone", in_hall=False)
    online = phone.online_qa_share
    asks = call if phone.offered else "gives up calling"
    no_question = ((none, without),) if none > 0 else ()
    options = (*no_question, ((1 - none) * online, answered), ((1 - none) * (1 - online), asks))
    nodes: list[Node] = [Choice(name, options)]
    if not phone.offered:
        return nodes
    minutes, waits, shape = profile.talk_seconds / 60, profile.patience_seconds / 60, profile.patience_shape
    talk = as_seen(profile.talk_sample, minutes) or Lognormal(minutes, profile.talk_cv)
    # Of shape 1 it is exponential, to the last bit.
    family = Exponential(waits) if shape == 1 else Weibull(waits, shape)
    patience = (as_seen(profile.patience_sample, waits) or family) if profile.hangs_up else NEVER
    for redial in (f"{name}: redial {attempt}" for attempt in range(1, MOST_REDIALS + 1)):
        hung_up, later = f"{call}, hung up", f"{call}, later"
        nodes.append(Visit(call, "phone", talk, answered, patience, hung_up, priority))
        nodes.append(Choice(hung_up, ((phone.redial_share, later), (1 - phone.redial_share, "gives up calling"))))
        nodes.append(Visit(later, OwnTime(), Exponential(phone.redial_after_minutes), redial))
        call = redial
    nodes.append(Visit(call, "phone", talk, answered, patience, "gives up calling", priority))
    return nodes


def _filing(who: _Applicant) -> list[Node]:
    """Filing: alone, with an assistant, in the Set-Sail Studio, with a specialist."""
    filing, way = who.scenario.filing, who.way
    alone = distributed(filing.own_minutes)
    travel = distributed(filing.travel_minutes)
    waits = filing.hall_patience
    patience = as_seen(waits.sample, waits.mean_minutes) or Weibull(waits.mean_minutes, waits.shape)
    to_the_hall = OwnTime(in_hours_of="filing")
    walks_in = Visit("walks in", to_the_hall, travel, "assistance", stream="travel")

    def helped(stage: str, minutes: MeanAndCv, then: str, otherwise: str, stays_until: str | None = None) -> Visit:
        return Visit(
            "assistance", stage, distributed(minutes), then, patience, otherwise, who.priority(stage), stays_until
        )

    assistance = helped("filing", filing.assisted_minutes, "submits, assisted", "files unadvised")
    unadvised = Visit("files unadvised", OwnTime(), alone, "submits, unadvised", stream="form")
    files_alone = Visit("files", OwnTime(), alone, "submits", stream="form")
    if way == "night":
        return [files_alone]
    if way == "only":
        share = filing.assisted_share if filing.offered else 0.0
        comes = Choice("files", ((share, "walks in"), (1 - share, END)))
        return [comes, walks_in, helped("filing", filing.assisted_minutes, END, END)]
    if way == "specialist":
        return [helped("key", filing.key_minutes, "submits, assisted", "files unadvised"), unadvised]
    if way == "online":
        return [files_alone, walks_in, assistance, unadvised]
    after_advice = Visit("files", to_the_hall, travel, "assistance", stream="travel")
    if way == "studio":
        # The Set-Sail Studio stays at the applicant's side from filing to licence.
        assistance = helped("studio", filing.studio_minutes, "submits, assisted", "files unadvised", "handover")
    return [after_advice, walks_in, assistance, unadvised]


def _licence(who: _Applicant) -> list[Node]:
    """From submission to licence: review, returns for correction, the counter or an electronic licence.

    The reviews form a chain that is entered as many corrections before its end as the application will
    need; how many depends on class, advice and assistance, on one mark: a better prepared application of
    the same applicant never needs more.

    Who was helped in the hall waits there for the review and gets the licence on the spot, unless it is sent
    back: then it is corrected at home, and fetched like those of who applied online. With the Set-Sail Studio
    at hand it is corrected on the spot too. What is accepted with something missing goes to the counter with it.
    """
    review, way = who.scenario.review, who.way
    at_home: Distribution = Lognormal.from_median(review.correction.median_hours * HOUR, review.correction.cv)
    in_the_studio = distributed(who.scenario.filing.studio_correction_minutes)
    spots = ("",) if way == "night" else ("", SPOT)
    nodes: list[Node] = []
    for how, (spot, choice) in zip(SUBMISSIONS, _submissions(who), strict=True):
        corrects = in_the_studio if spot and way == "studio" else at_home
        first, own = who.steps("filing", how.removeprefix("submits") + spot, choice.name, corrects, bool(spot))
        if own:
            nodes += [Choice(how, ((1.0, first),)), *own]
        nodes.append(choice)
    for spot in spots:
        if not spot or way == "studio":
            nodes += _corrected(who, spot, in_the_studio if spot else at_home)
    ends: list[Node] = []
    for spot in spots:
        nodes += _approved(who, spot, in_the_studio if spot and way == "studio" else at_home, ends)
    # Whoever is at the counter is in the hall.
    after, own = who.steps("issue", "", END, at_home, in_hall=True)
    return [*nodes, *ends, *_handover(who, after), *own]


def _submissions(who: _Applicant) -> Iterator[tuple[str, Choice]]:
    """Yield for each way of submitting the spot, and where the application goes on after 0, 1, 2, ... returns."""
    checked = any(step.after == "filing" and who.meant_by(step) for step in who.scenario.steps)
    for how in SUBMISSIONS:
        name = f"{how}: goes on" if checked else how
        spot = SPOT if how == "submits, assisted" and who.way != "night" else ""
        yield spot, Choice(name, _returns(who, _return_rate(who, how), spot), stream="returns")


def _first_on_the_spot(who: _Applicant) -> bool:
    """Say whether the first review knows that an applicant waits in the hall whose application it sends back."""
    hall = any(rule.in_hall and rule.stage == "review" for rule in who.scenario.priorities)
    return hall and who.way not in ("night", "studio")


def _again(who: _Applicant) -> Distribution | None:
    """Return how long the review of what was corrected takes; None if it is a review like the first in every way."""
    review = who.scenario.review
    if review.again_minutes is not None:
        return distributed(review.again_minutes)
    goes_first = any(rule.corrected and rule.stage == "review" for rule in who.scenario.priorities)
    return who.minutes(review.minutes, review.minutes_of) if goes_first else None


def _corrected(who: _Applicant, spot: str, corrects: Distribution) -> list[Node]:
    """Return the reviews that send an application back, the corrections, and the reviews of what was corrected."""
    review = who.scenario.review
    first = who.minutes(review.minutes, review.minutes_of)
    again = _again(who)
    nodes: list[Node] = []
    for more in range(MOST_RETURNS, 0, -1):
        corrected = f"corrects, {more} more{spot}"
        for in_hall in (True, False) if _first_on_the_spot(who) and not spot else (bool(spot),):
            name = _review(more) + (SPOT if in_hall else "")
            priority = who.priority("review", in_hall)
            nodes.append(Visit(name, "review", first, corrected, priority=priority, stream=_review(more)))
        if again is not None and more < MOST_RETURNS:
            name, priority = _review(more, ", again") + spot, who.priority("review", bool(spot), True)
            nodes.append(Visit(name, "review", again, corrected, priority=priority, stream=_review(more)))
        seen_again = "" if again is None else ", again"
        nodes.append(Visit(corrected, OwnTime(), corrects, _review(more - 1, seen_again) + spot))
    return nodes


def _approved(who: _Applicant, spot: str, corrects: Distribution, ends: list[Node]) -> list[Node]:
    """Return the approval and what it leads to; choices of how the licence is got go to `ends`."""
    review, issue = who.scenario.review, who.scenario.issue
    priority = who.priority("review", bool(spot))
    minutes = who.minutes(review.minutes, review.minutes_of)
    electronic = 1.0 if who.kind in issue.skipped_by else issue.electronic_share
    # An electronic licence is there at the moment of approval.
    options = ((electronic, END), (1 - electronic, "handover" if spot else "fetches"))
    approved = Choice(f"approved{spot}", options, stream="licence")
    any_way, after_any = who.steps("approval", f", approved{spot}", approved.name, corrects, bool(spot))
    by_reviewer, after_review = who.steps("review", spot, any_way, corrects, bool(spot))
    nodes: list[Node] = [Visit(f"review{spot}", "review", minutes, by_reviewer, priority=priority, stream="review")]
    if (again := _again(who)) is not None and (not spot or who.way == "studio"):
        nodes.append(Visit(_review(0, ", again") + spot, "review", again, by_reviewer,
                           priority=who.priority("review", bool(spot), True), stream="review"))  # fmt: skip
    nodes += after_review
    if who.incomplete > 0:
        # What is missing is handed in at the counter, so nobody has the licence by wire.
        gets = "handover, incomplete" if spot else "fetches, incomplete"
        any_lacking, after_any_lacking = who.steps(
            "approval", f", approved, incomplete{spot}", gets, corrects, bool(spot)
        )
        lacking, after_lacking = who.steps("review", f", incomplete{spot}", any_lacking, corrects, bool(spot))
        nodes.append(Visit(f"review, incomplete{spot}", "review", minutes, lacking, priority=priority, stream="review"))
        nodes += [*after_lacking, *after_any_lacking]
    nodes += [Visit(f"automatic approval{spot}", MachineTime(), Fixed(review.auto_minutes), any_way), *after_any]
    ends.append(approved)
    return nodes


def _handover(who: _Applicant, after: str) -> list[Node]:
    """Return the way to the counter and the handing over."""
    issue, incomplete = who.scenario.issue, who.scenario.review.incomplete
    fetching = Lognormal(issue.fetch_after_hours.mean_hours * HOUR, issue.fetch_after_hours.cv)
    comes, priority = OwnTime(in_hours_of="issue"), who.priority("issue")
    nodes: list[Node] = [Visit("fetches", comes, fetching, "handover")]
    if who.incomplete > 0:
        # Before the other handover: whoever stays until that is over stays until this is.
        minutes = distributed(incomplete.handover_minutes)
        nodes += [
            Visit("fetches, incomplete", comes, fetching, "handover, incomplete", stream="fetches"),
            Visit("handover, incomplete", "issue", minutes, after, priority=priority, stream="handover"),
        ]
    minutes = who.minutes(issue.minutes, issue.minutes_of)
    return [*nodes, Visit("handover", "issue", minutes, after, priority=priority)]


def _review(more: int, again: str = "") -> str:
    return f"review{again}, {more} more" if more else f"review{again}"


def _return_rate(who: _Applicant, how: str) -> float:
    """Return the chance that a review sends the application back."""
    factors = who.scenario.review.return_factors
    rate: float = who.scenario.review.return_rate * getattr(factors, who.kind)
    if how == "submits, unadvised":
        rate *= factors.unadvised
    elif how == "submits, assisted":
        rate *= factors.studio if who.way == "studio" else factors.assisted
    return min(rate, MOST_LIKELY_RETURN)


def _returns(who: _Applicant, rate: float, spot: str) -> tuple[tuple[float, str], ...]:
    """Return the options of a submission: automatic approval, then 0, 1, 2, ... returns.

    Machines approve applications in which nothing is to be corrected: those that need a correction are with
    the reviewers, as many as without machines.
    """
    review = who.scenario.review
    if who.kind in review.skipped_by:
        return ((1.0, f"automatic approval{spot}"),)
    chances = [(1 - rate) * rate**returns for returns in range(MOST_RETURNS)] + [rate**MOST_RETURNS]
    auto = min(review.auto_approved_share, chances[0])
    good = ((auto, f"automatic approval{spot}"), (chances[0] - auto, f"review{spot}"))
    later = spot if who.way == "studio" or _first_on_the_spot(who) else ""
    lacking = who.incomplete
    corrected = tuple(
        (chance * (1 - lacking) if lacking else chance, _review(returns) + later)
        for returns, chance in enumerate(chances) if returns
    )  # fmt: skip
    if not lacking:
        return (*good, *corrected)
    return (*good, ((1 - chances[0]) * lacking, f"review, incomplete{spot}"), *corrected)
