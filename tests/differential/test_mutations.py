"""The comparison of the engines can fail: a wrong rule shows on a few hundred random offices."""

from __future__ import annotations

import pytest
from random_offices import RandomOffice, random_office
from wrong_engine import Variant, engine_with
from wrong_variants import VARIANTS

from sim.engines.compiled import play_compiled
from sim.records import VisitLog

OFFICES = 300

Played = list[tuple[RandomOffice, VisitLog]]


@pytest.fixture(scope="module")
def played() -> Played:
    """Return the first random offices and their right logs."""
    offices = [random_office(number) for number in range(OFFICES)]
    return [(office, play_compiled(office.journeys, office.tables)) for office in offices]


def first_caught(variant: Variant, played: Played) -> int | None:
    """Return the number of the first office whose log the variant gets wrong."""
    play = engine_with(variant)
    wrong = (office.number for office, log in played if play(office.journeys, office.tables).differing_values(log) > 0)
    return next(wrong, None)


def test_the_engine_without_a_change_is_right(played: Played) -> None:
    assert first_caught(Variant("nothing is changed"), played) is None


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.what)
def test_a_wrong_rule_is_caught(variant: Variant, played: Played) -> None:
    assert first_caught(variant, played) is not None, f"no office notices that {variant.what}"


def test_a_text_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"0 times in process\.py"):
        engine_with(Variant("a text is gone", edits=(("no such text", ""),)))


def test_a_text_that_is_there_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"times in process\.py, not once"):
        engine_with(Variant("a text is not unique", edits=(("self.env.now", "0.0"),)))


def test_a_decision_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"rules\.py has no goes_after"):
        engine_with(Variant("a decision is gone", {"goes_after": lambda *two: True}))


def test_every_variant_has_a_name_of_its_own() -> None:
    assert len({variant.what for variant in VARIANTS}) == len(VARIANTS) >= 15
