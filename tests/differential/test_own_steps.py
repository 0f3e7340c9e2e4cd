"""Offices with steps of their own: both engines play them alike, and every case goes the way that the scenario says."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from helpers import EVERY
from laws import check_all
from own_steps import Seen, check_steps, lengths, random_steps

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.clocks import clocks_of
from sim.office import applicant, registration, ways
from sim.office.tables import tables_of

OFFICES = 2000 if EVERY else 50
MUTATED = 80
FAR = 5.0
"""Standard deviations beyond which a share is wrong."""
WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "share of a step turned round": (
        ("((step.share, name), (1 - step.share, then))", "((1 - step.share, name), (step.share, then))"),
    ),
    "all take a step": (("if step.share < 1:", "if False:"),),
    "classes of a rule ignored": (("(not rule.classes or self.kind in rule.classes)", "True"),),
    "channels of a rule ignored": (("(not rule.channels or self.channel in rule.channels)", "True"),),
    "steps in the wrong order": (
        (
            "reversed([step for step in self.scenario.steps if step.after == point and self.meant_by(step)])",
            "([step for step in self.scenario.steps if step.after == point and self.meant_by(step)])",
        ),
    ),
    "a step after a step left out": (("self.steps(stream, suffix, then, corrects, in_hall)", "(then, [])"),),
    "nothing sent back by a step": (
        ("if step.returned else seen", "if False else seen"),
        ("            if step.returned:", "            if False:"),
    ),
    "what was sent back is not seen again": (
        ("Visit(back, OwnTime(), corrects, again,", "Visit(back, OwnTime(), corrects, seen,"),
    ),
    "last rule of priority in place of the first": (
        ("for rule in self.scenario.priorities:", "for rule in reversed(self.scenario.priorities):"),
    ),
    "what was corrected meets the rules for what is new": (
        ("(corrected or not rule.corrected)", "(not rule.corrected)"),
    ),
    "rules for what was corrected are for all": (("(corrected or not rule.corrected)", "True"),),
    "lots turned round": (
        ("Lot(by_lot.share, by_lot.priority, usual)", "Lot(1 - by_lot.share, by_lot.priority, usual)"),
    ),
    "the last rule by lot in place of the first": (("by_lot = by_lot or rule", "by_lot = rule"),),
    "times by class ignored": (("if kind == self.kind), distributed(usual))", "if False), distributed(usual))"),),
    "what was corrected takes as long as what is new": (
        ('seen_again = "" if again is None else ", again"', 'seen_again = ""'),
    ),
    "accepted with something missing, but by wire": (
        ('gets = _counter(who, spot, ", incomplete", forks)', "gets = approved.name"),
    ),
    "steps after any approval are after reviews alone": (
        ("Fixed(review.auto_minutes), any_way)", "Fixed(review.auto_minutes), approved.name)"),
    ),
    "classes without review are reviewed": (("if who.kind in review.skipped_by:", "if False:"),),
    "classes without questions call": (("asked = 0.0 if who.kind in scenario.phone.skipped_by else", "asked ="),),
    "classes that file alone walk in": (
        ("walks_in = profile.walk_in_share if helped else 0.0", "walks_in = profile.walk_in_share"),
    ),
    "share outside turned round": (
        ("((1 - share, straight_on), (share, first_outside))", "((share, straight_on), (1 - share, first_outside))"),
    ),
    "outside by the wall clock": (("stage if found.in_hours else None", "None"),),
    "whose file is outside waits in the hall": (
        ('_returns(who, rate, ""), stream=', "_returns(who, rate, spot), stream="),
    ),
    "the studio stays with a file outside": (("stays_until=None, stream=beside.name", "stream=beside.name"),),
    "the licence is handed over as soon as it comes from outside": (
        (
            'f"outside before the counter{suffix}", f"fetches later{suffix}"',
            'f"outside before the counter{suffix}", f"handover later{suffix}"',
        ),
    ),
}
"""Wrong ways: texts of applicant.py and ways.py, and what stands in their place."""


def check(number: int, seen: Seen, build=registration.registration_office, reference: bool = True) -> int:
    """Play an office, check it, and return the number of its visits."""
    scenario = random_steps(number)
    office = build(scenario)
    journeys = draw(office, seed=number)
    log = play(office, journeys, engine="compiled")
    if reference:
        assert play(office, journeys, engine="process").differing_values(log) == 0
        check_all(journeys, log, tables_of(office, journeys, log.days))
        licence = clocks_of(office, journeys, log)["licence"]
        # Waiting comes on top of what is work.
        known = np.isfinite(licence)
        assert (licence[known] >= lengths(scenario, journeys, log, office)[known] - 1e-9).all()
    assert log.left == 0
    check_steps(scenario, office, journeys, log, seen)
    return journeys.visits


def wrong(seen: Seen) -> list[str]:
    """Return the shares that are not what the scenarios say."""
    return [what for what in seen.expected if seen.far(what) > FAR]


def test_both_engines_play_them_alike_and_every_case_goes_its_way():
    seen = Seen()
    visits = sum(check(number, seen) for number in range(OFFICES))
    print(f"\n{OFFICES} offices, {visits:,} visits, { ({what: round(seen.far(what), 1) for what in seen.expected}) }")
    assert wrong(seen) == []
    assert all(seen.found[what] > 200 for what in seen.expected)


@pytest.mark.parametrize("what", WAYS)
def test_a_wrong_way_is_caught(what: str, monkeypatch: pytest.MonkeyPatch):
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (applicant, ways))
    for line in ("from __future__ import annotations\n", "from sim.office.applicant import HOUR, Applicant, Parts\n"):
        assert line in source
        source = source.replace(line, "")
    for text, replacement in WAYS[what]:
        assert source.count(text) == 1, f"{text!r} is {source.count(text)} times in them, not once; adapt it"
        source = source.replace(text, replacement)
    module = ModuleType("changed_ways")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, f"ways.py with: {what}", "exec"), module.__dict__)
    monkeypatch.setattr(registration, "registration_routes", module.registration_routes)
    assert is_caught()


def is_caught() -> bool:
    """Return whether an office goes a wrong way, or all of them so in the wrong shares."""
    seen = Seen()
    try:
        for number in range(MUTATED):
            check(number, seen, reference=False)
    except (AssertionError, ValueError):
        return True
    return wrong(seen) != []


def test_nothing_is_caught_where_nothing_is_wrong():
    assert not is_caught()
