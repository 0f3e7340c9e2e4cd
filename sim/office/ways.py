"""The ways of the applicants through the registration office, from the first call to the licence.

A way is put together from three parts: asking by phone, filing, and from submission to licence. Node names
are what shows up in a log of one applicant, so they read as what happens.
"""

from __future__ import annotations

from functools import lru_cache

from sim.office.distributions import Exponential, Fixed, Lognormal, Weibull
from sim.office.parameters import CallerProfile, MeanAndCv, Scenario
from sim.office.routes import END, Choice, MachineTime, Node, OwnTime, Route, Visit

HOUR = 60.0
MOST_REDIALS = 2
MOST_RETURNS = 3
MOST_LIKELY_RETURN = 0.95
PRIORITY, KEY_PRIORITY = 1, 0
SPOT = " on the spot"
"""Ends the names of what happens while the applicant is in the hall."""


def registration_routes(scenario: Scenario, kind: str, way: str) -> tuple[tuple[float, Route], ...]:
    """Return the routes of a kind of applicant with their shares, one for each caller profile.

    Parameters
    ----------
    scenario : Scenario
    kind : str
        `enterprise`, `individual`, `key`, `other` (business) or `inquiry`.
    way : str
        `online`, `night` (online, out of hours), `hall`, `studio`, `specialist`, or `only` (asks, never files).
    """
    if way in ("night", "specialist"):
        return ((1.0, Route((*_filing(scenario, way), *_licence(scenario, kind, way)), f"{kind}/{way}")),)
    licence = [] if way == "only" else _licence(scenario, kind, way)
    return tuple(
        (
            profile.share,
            Route((*_phone(scenario, profile, way), *_filing(scenario, way), *licence), f"{kind}/{way}/{profile.name}"),
        )
        for profile in scenario.phone.profiles
    )


def _phone(scenario: Scenario, profile: CallerProfile, way: str) -> list[Node]:
    """Phone consulting: up to two questions, each first to online Q&A, then by call, hung up and redialled."""
    asked = scenario.phone.calls_per_application
    # Who has no questions and needs help is in the hall already.
    at_once = "assistance" if way in ("hall", "studio") else "files"
    unadvised = END if way == "only" else "files unadvised" if profile.advice_matters else "files"
    walks_in = profile.walk_in_share
    nodes: list[Node] = []
    if asked > 1:
        nodes.append(Choice("questions", ((2 - asked, "last question"), (asked - 1, "first question"))))
        nodes += _question(scenario, profile, "first question", "last question")
    # Who only inquires has a question.
    none = 0.0 if way == "only" else max(1 - asked, 0.0)
    nodes += _question(scenario, profile, "last question", "files", at_once, none)
    nodes.append(Choice("gives up calling", ((walks_in, "walks in"), (1 - walks_in, unadvised))))
    return nodes


def _question(
    scenario: Scenario, profile: CallerProfile, name: str, answered: str, without: str = "", none: float = 0.0
) -> list[Node]:
    """One question; a share `none` has no question and goes on at `without`."""
    phone = scenario.phone
    call = f"{name}: call"
    online = phone.online_qa_share
    asks = call if phone.offered else "gives up calling"
    no_question = ((none, without),) if none > 0 else ()
    options = (*no_question, ((1 - none) * online, answered), ((1 - none) * (1 - online), asks))
    nodes: list[Node] = [Choice(name, options)]
    if not phone.offered:
        return nodes
    talk = Lognormal(profile.talk_seconds / 60, profile.talk_cv)
    patience = Exponential(profile.patience_seconds / 60)
    for redial in (f"{name}: redial {attempt}" for attempt in range(1, MOST_REDIALS + 1)):
        hung_up, later = f"{call}, hung up", f"{call}, later"
        nodes.append(Visit(call, "phone", talk, answered, patience, gave_up=hung_up))
        nodes.append(Choice(hung_up, ((phone.redial_share, later), (1 - phone.redial_share, "gives up calling"))))
        nodes.append(Visit(later, OwnTime(), Exponential(phone.redial_after_minutes), redial))
        call = redial
    nodes.append(Visit(call, "phone", talk, answered, patience, gave_up="gives up calling"))
    return nodes


def _filing(scenario: Scenario, way: str) -> list[Node]:
    """Filing: alone, with an assistant, in the Set-Sail Studio, with a specialist."""
    filing = scenario.filing
    alone = _lognormal(filing.own_minutes)
    travel = _lognormal(filing.travel_minutes)
    patience = Weibull(filing.hall_patience.mean_minutes, filing.hall_patience.shape)
    to_the_hall = OwnTime(in_hours_of="filing")
    walks_in = Visit("walks in", to_the_hall, travel, "assistance", stream="travel")
    assistance = Visit(
        "assistance", "filing", _lognormal(filing.assisted_minutes), "submits, assisted", patience, "files unadvised"
    )
    unadvised = Visit("files unadvised", OwnTime(), alone, "submits, unadvised", stream="form")
    files_alone = Visit("files", OwnTime(), alone, "submits", stream="form")
    if way == "night":
        return [files_alone]
    if way == "only":
        comes = Choice("files", ((filing.assisted_share, "walks in"), (1 - filing.assisted_share, END)))
        looks_around = Visit("assistance", "filing", _lognormal(filing.assisted_minutes), END, patience, END)
        return [comes, walks_in, looks_around]
    if way == "specialist":
        minutes = _lognormal(filing.key_minutes)
        with_specialist = Visit(
            "assistance", "key", minutes, "submits, assisted", patience, "files unadvised", KEY_PRIORITY
        )
        return [with_specialist, unadvised]
    if way == "online":
        return [files_alone, walks_in, assistance, unadvised]
    after_advice = Visit("files", to_the_hall, travel, "assistance", stream="travel")
    if way == "studio":
        # The Set-Sail Studio stays at the applicant's side from filing to licence.
        assistance = Visit(
            "assistance", "studio", _lognormal(filing.studio_minutes), "submits, assisted", patience,
            "files unadvised", stays_until="handover",
        )  # fmt: skip
    return [after_advice, walks_in, assistance, unadvised]


def _licence(scenario: Scenario, kind: str, way: str) -> list[Node]:
    """From submission to licence: review, returns for correction, the counter or an electronic licence.

    The reviews form a chain that is entered as many corrections before its end as the application will
    need; how many depends on class, advice and assistance, on one mark: a better prepared application of
    the same applicant never needs more.

    Who was helped in the hall waits there for the review and gets the licence on the spot, unless it is sent
    back: then it is corrected at home, and fetched like those of who applied online. With the Set-Sail Studio
    at hand it is corrected on the spot too.
    """
    review, issue = scenario.review, scenario.issue
    priority = KEY_PRIORITY if kind == "key" else PRIORITY
    minutes = _lognormal(review.minutes)
    electronic = issue.electronic_share
    at_home = Lognormal.from_median(review.correction.median_hours * HOUR, review.correction.cv)
    in_the_studio = _lognormal(scenario.filing.studio_correction_minutes)
    nodes: list[Node] = []
    for how in ("submits", "submits, assisted", "submits, unadvised"):
        # Where the application goes on after 0, 1, 2, ... returns.
        spot = SPOT if how == "submits, assisted" and way != "night" else ""
        later = spot if way == "studio" else ""
        nodes.append(
            Choice(how, _returns(scenario, _return_rate(scenario, kind, way, how), spot, later), stream="returns")
        )
    spots = ("",) if way == "night" else ("", SPOT)
    for spot in spots:
        if spot and way != "studio":
            continue
        correction = in_the_studio if spot else at_home
        for more in range(MOST_RETURNS, 0, -1):
            name, corrects = _review(more), f"corrects, {more} more{spot}"
            nodes.append(Visit(name + spot, "review", minutes, corrects, priority=priority, stream=name))
            nodes.append(Visit(corrects, OwnTime(), correction, _review(more - 1) + spot))
    for spot in spots:
        # An electronic licence is there at the moment of approval.
        options = ((electronic, END), (1 - electronic, "handover" if spot else "fetches"))
        approved = Choice(f"approved{spot}", options, stream="licence")
        nodes += [
            Visit(f"review{spot}", "review", minutes, approved.name, priority=priority, stream="review"),
            Visit(f"automatic approval{spot}", MachineTime(), Fixed(review.auto_minutes), approved.name),
            approved,
        ]
    fetching = Lognormal(issue.fetch_after_hours.mean_hours * HOUR, issue.fetch_after_hours.cv)
    nodes.append(Visit("fetches", OwnTime(in_hours_of="issue"), fetching, "handover"))
    nodes.append(Visit("handover", "issue", _lognormal(issue.minutes), END, priority=priority))
    return nodes


def _review(more: int) -> str:
    return f"review, {more} more" if more else "review"


def _return_rate(scenario: Scenario, kind: str, way: str, how: str) -> float:
    """Return the chance that a review sends the application back."""
    factors = scenario.review.return_factors
    rate: float = scenario.review.return_rate * getattr(factors, kind)
    if how == "submits, unadvised":
        rate *= factors.unadvised
    elif how == "submits, assisted":
        rate *= factors.studio if way == "studio" else factors.assisted
    return min(rate, MOST_LIKELY_RETURN)


def _returns(scenario: Scenario, rate: float, spot: str, later: str) -> tuple[tuple[float, str], ...]:
    """Return the options of a submission: automatic approval, then 0, 1, 2, ... returns.

    Machines approve applications in which nothing is to be corrected: those that need a correction are with
    the reviewers, as many as without machines.
    """
    chances = [(1 - rate) * rate**returns for returns in range(MOST_RETURNS)] + [rate**MOST_RETURNS]
    auto = min(scenario.review.auto_approved_share, chances[0])
    corrected = ((chance, _review(returns) + later) for returns, chance in enumerate(chances) if returns)
    return ((auto, f"automatic approval{spot}"), (chances[0] - auto, f"review{spot}"), *corrected)


def _lognormal(time: MeanAndCv) -> Lognormal:
    return _lognormal_of(time.mean_minutes, time.cv)


_lognormal_of = lru_cache(1024)(Lognormal)
"""The same one for the same numbers: an office has a hundred, of which few differ."""
