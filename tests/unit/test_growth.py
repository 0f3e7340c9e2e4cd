"""When steadily growing demand passes a limit."""

from datetime import date

import pytest

from sim.studies.growth import Growth

ARTICLE = Growth(40_200, 2023, 0.144)


def test_the_base_year_has_its_own_demand_and_the_next_a_year_s_growth_more():
    assert ARTICLE.in_year(2023) == 40_200
    assert ARTICLE.in_year(2024) == 45_989
    assert ARTICLE.in_year(2022) == 35_140


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        # A year's growth after the end of 2023 is the end of 2024.
        (40_200, date(2023, 12, 31)), (40_200 * 1.144, date(2024, 12, 31)),
        (40_200 * 1.144**0.5, date(2024, 6, 30)),
    ],
)  # fmt: skip
def test_a_limit_is_passed_when_the_last_twelve_months_have_risen_to_it(demand, expected):
    assert abs((ARTICLE.passes(demand) - expected).days) <= 1


def test_a_higher_limit_is_passed_later():
    dates = [ARTICLE.passes(demand) for demand in range(40_200, 400_000, 4_000)]
    assert dates == sorted(dates)


def test_what_was_passed_before_the_base_year_has_no_date():
    assert ARTICLE.passes(40_200 / 1.144**0.01) is None
    assert Growth(40_200, 2023, 0.1).passes(16_000) is None


@pytest.mark.parametrize("rate", [0.0, -0.1])
def test_demand_that_does_not_grow_passes_nothing(rate):
    assert Growth(40_200, 2023, rate).passes(50_000) is None


def test_what_would_take_centuries_has_no_date():
    slow = Growth(40_200, 2023, 0.0001)
    assert slow.passes(400_000) is None
    assert slow.passes(4_000) is None
    assert Growth(40_200, 2023, 1e-12).passes(1_000_000) is None
    assert Growth(1, 2023, 9.0).passes(1_000_000) == date(2029, 12, 30)


@pytest.mark.parametrize(("registrations", "rate"), [(0, 0.1), (40_200, -1.0), (40_200, float("inf"))])
def test_what_cannot_grow_is_refused(registrations, rate):
    with pytest.raises(ValueError, match="demand must be above 0"):
        Growth(registrations, 2023, rate)
