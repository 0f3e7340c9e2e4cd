"""The ways of the applicants through the registration office, from the first call to the licence.

A way is put together from three parts: asking by phone, filing, and from submission to licence. Node names
are what shows up in a log of one applicant, so they read as what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, partial

from sim.office.applicant import HOUR, Applicant, Parts
from sim.office.distributions import NEVER, Distribution, Exponential, Fixed, Lognormal, Weibull, as_seen, distributed
from sim.office.parameters import CallerProfile, MeanAndCv, Scenario
from sim.office.routes import END, Choice, MachineTime, Node, OwnTime, Route, Visit

MOST_REDIALS = 2
MOST_RETURNS = 3
MOST_LIKELY_RETURN = 0.95
TYPICAL_RETURN, KEPT = 0.15, 16
"""The return rate of the routes that are kept, and of how many offices whose routes differ in more they are."""
Routes = tuple[tuple[float, Route], ...]
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
    parts = Parts(scenario.phone, scenario.filing, review, scenario.issue, scenario.steps, scenario.priorities)
    return partial(_with_return_rate, _kept_routes(parts), parts._replace(review=scenario.review))


@lru_cache(KEPT)
def _kept_routes(parts: Parts) -> Callable[[str, str], Routes]:
    return cache(partial(_routes, parts))


def _with_return_rate(routes_of: Callable[[str, str], Routes], parts: Parts, kind: str, way: str) -> Routes:
    submissions = [] if way == "only" else _submissions(Applicant(parts, kind, way))
    choices = [choice for _, of_one in submissions for choice in of_one]
    return tuple((share, route.with_shares(choices)) for share, route in routes_of(kind, way))


def _routes(parts: Parts, kind: str, way: str) -> Routes:
    who = Applicant(parts, kind, way)
    filed = [*_filing(who), *([] if way == "only" else _licence(who))]
    if way in ("night", "specialist"):
        return ((1.0, Route(tuple(filed), f"{kind}/{way}")),)
    return tuple(
        (profile.share, Route((*_phone(who, profile), *filed), f"{kind}/{way}/{profile.name}"))
        for profile in parts.phone.profiles
    )


def _phone(who: Applicant, profile: CallerProfile) -> list[Node]:
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
    who: Applicant, profile: CallerProfile, name: str, answered: str, without: str = "", none: float = 0.0
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


def _filing(who: Applicant) -> list[Node]:
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
    if way != "studio":
        return [after_advice, walks_in, assistance, unadvised]
    # The Set-Sail Studio stays at the applicant's side from filing to licence, but not while others have the file.
    beside = helped("studio", filing.studio_minutes, "submits, assisted", "files unadvised", "handover")
    if not who.outside("review").share:
        return [after_advice, walks_in, beside, unadvised]
    until_then = replace(beside, name="assistance, then outside", stays_until=None, stream=beside.name)
    beside = replace(beside, name="assistance to the end", stream=beside.name)
    fork = who.forks("review", "assistance", beside.name, until_then.name)
    return [after_advice, walks_in, fork, beside, until_then, unadvised]


def _licence(who: Applicant) -> list[Node]:
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
    for how, (spot, choices) in zip(SUBMISSIONS, _submissions(who), strict=True):
        corrects = in_the_studio if spot and way == "studio" else at_home
        then, elsewhere = choices[0].name, list[Node]()
        if who.outside("review").share:
            # Whoever was in the hall does not wait there for it.
            away = who.is_outside("review", f"{how}: outside", choices[-1].name)
            then = f"{how}: goes on" if _checked(who) else how
            elsewhere = [who.forks("review", then, choices[0].name, away.name), away]
        first, own = who.steps("filing", how.removeprefix("submits") + spot, then, corrects, bool(spot))
        if own:
            nodes += [Choice(how, ((1.0, first),)), *own]
        nodes += [*elsewhere, *choices]
    for spot in spots:
        if not spot or way == "studio":
            nodes += _corrected(who, spot, in_the_studio if spot else at_home)
    ends: list[Node] = []
    for spot in spots:
        nodes += _approved(who, spot, in_the_studio if spot and way == "studio" else at_home, ends)
    # Whoever is at the counter is in the hall.
    after, own = who.steps("issue", "", END, at_home, in_hall=True)
    return [*nodes, *ends, *_handover(who, after), *own]


def _checked(who: Applicant) -> bool:
    """Say whether the office has a step of its own between submission and review."""
    return any(step.after == "filing" and who.meant_by(step) for step in who.scenario.steps)


def _submissions(who: Applicant) -> Iterator[tuple[str, list[Choice]]]:
    """Yield for each way of submitting the spot, and where the application goes on after 0, 1, 2, ... returns.

    Of who was in the hall also where it goes on once it has been outside the office, if any is.
    """
    outside, checked = who.outside("review").share > 0, _checked(who)
    for how in SUBMISSIONS:
        name = f"{how}: to the review" if outside else f"{how}: goes on" if checked else how
        spot = SPOT if how == "submits, assisted" and who.way != "night" else ""
        rate = _return_rate(who, how)
        choices = [Choice(name, _returns(who, rate, spot), stream="returns")]
        if outside and spot:
            choices.append(Choice(f"{how}: later to the review", _returns(who, rate, ""), stream="returns"))
        yield spot, choices


def _first_on_the_spot(who: Applicant) -> bool:
    """Say whether the first review knows that an applicant waits in the hall whose application it sends back."""
    hall = any(rule.in_hall and rule.stage == "review" for rule in who.scenario.priorities)
    return hall and who.way not in ("night", "studio")


def _again(who: Applicant) -> Distribution | None:
    """Return how long the review of what was corrected takes; None if it is a review like the first in every way."""
    review = who.scenario.review
    if review.again_minutes is not None:
        return distributed(review.again_minutes)
    goes_first = any(rule.corrected and rule.stage == "review" for rule in who.scenario.priorities)
    return who.minutes(review.minutes, review.minutes_of) if goes_first else None


def _corrected(who: Applicant, spot: str, corrects: Distribution) -> list[Node]:
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


def _approved(who: Applicant, spot: str, corrects: Distribution, ends: list[Node]) -> list[Node]:
    """Return the approval and what it leads to; choices of how the licence is got go to `ends`."""
    review, issue = who.scenario.review, who.scenario.issue
    priority = who.priority("review", bool(spot))
    minutes = who.minutes(review.minutes, review.minutes_of)
    electronic = 1.0 if who.kind in issue.skipped_by else issue.electronic_share
    # An electronic licence is there at the moment of approval.
    forks: list[Node] = []
    options = ((electronic, END), (1 - electronic, _counter(who, spot, "", forks)))
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
        gets = _counter(who, spot, ", incomplete", forks)
        any_lacking, after_any_lacking = who.steps(
            "approval", f", approved, incomplete{spot}", gets, corrects, bool(spot)
        )
        lacking, after_lacking = who.steps("review", f", incomplete{spot}", any_lacking, corrects, bool(spot))
        nodes.append(Visit(f"review, incomplete{spot}", "review", minutes, lacking, priority=priority, stream="review"))
        nodes += [*after_lacking, *after_any_lacking]
    nodes += [Visit(f"automatic approval{spot}", MachineTime(), Fixed(review.auto_minutes), any_way), *after_any]
    ends += [approved, *forks]
    return nodes


def _counter(who: Applicant, spot: str, suffix: str, forks: list[Node]) -> str:
    """Return where the way to the counter begins; if it may lead outside, that choice goes to `forks`."""
    at_once = f"{'handover' if spot else 'fetches'}{suffix}"
    if not who.outside("issue").share:
        return at_once
    forks.append(who.forks("issue", f"to the counter{suffix}{spot}", at_once, f"outside before the counter{suffix}"))
    return forks[-1].name


def _handover(who: Applicant, after: str) -> list[Node]:
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
    nodes.append(Visit("handover", "issue", minutes, after, priority=priority))
    if not who.outside("issue").share:
        return nodes
    # Behind them: whoever stays until the licence is handed over does not while somebody else has it.
    for handover in [node for node in nodes if isinstance(node, Visit) and node.at == "issue"]:
        suffix = handover.name.removeprefix("handover")
        nodes += [
            who.is_outside("issue", f"outside before the counter{suffix}", f"fetches later{suffix}"),
            Visit(f"fetches later{suffix}", comes, fetching, f"handover later{suffix}", stream="fetches"),
            replace(handover, name=f"handover later{suffix}", stream="handover"),
        ]
    return nodes


def _review(more: int, again: str = "") -> str:
    return f"review{again}, {more} more" if more else f"review{again}"


def _return_rate(who: Applicant, how: str) -> float:
    """Return the chance that a review sends the application back."""
    factors = who.scenario.review.return_factors
    rate: float = who.scenario.review.return_rate * getattr(factors, who.kind)
    if how == "submits, unadvised":
        rate *= factors.unadvised
    elif how == "submits, assisted":
        rate *= factors.studio if who.way == "studio" else factors.assisted
    return min(rate, MOST_LIKELY_RETURN)


def _returns(who: Applicant, rate: float, spot: str) -> tuple[tuple[float, str], ...]:
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
