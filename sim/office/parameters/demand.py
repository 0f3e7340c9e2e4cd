"""Who comes, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from sim.office.parameters.fields import (
    UNSET,
    Count,
    Day,
    DayName,
    Flag,
    Group,
    Number,
    Shift,
    overlapping,
    param,
    several_wrong,
    show_span,
    wrong,
)
from sim.text import N_, Message

ARTICLE = N_("article (Xiaoshan, February 2024)")
MOST_REGISTRATIONS = 1_000_000
"""A year."""
MOST_CASES = 5_000_000
"""In a replication; more are not simulated."""
Index = Annotated[Number, Field(ge=0, le=20)]
DayProfile = dict[Shift, Annotated[Number, Field(ge=0, le=100)]]


def cases_expected(demand: Mapping[str, Any], year: int, period: Mapping[str, Any]) -> float:
    """Return about how many cases a replication has, whatever their profile over the year.

    Parameters
    ----------
    demand, period : mapping
        As a scenario in full has them.
    year : int
    """
    first = date.fromisoformat(period["first"] or f"{year}-01-01") - timedelta(days=period["warm_up_days"])
    last = date.fromisoformat(period["last"] or f"{year}-12-31")
    days = (last - first).days + 1
    by_day = [1.0] * days
    for surge in demand["surges"]:
        begin, end = ((date.fromisoformat(str(surge[name])) - first).days for name in ("first", "last"))
        for day in range(max(begin, 0), min(end + 1, days)):
            by_day[day] *= surge["factor"]
    inquiries = demand["inquiry_only_share"] / (1 - demand["inquiry_only_share"])
    contacts = demand["registrations_per_year"] * (1 + demand["growth"])
    contacts *= 1 + demand["other_business_per_registration"] + inquiries
    # Of the years that vary, nearly all have less than so many.
    return float(contacts * sum(by_day) / 365 * (1 + 3 * demand["uncertainty"]))


class Surge(Group):
    """A time in which more (surge) or fewer (slump) applicants come."""

    first: Day = param(en="first day, included", zh="首日（含）")
    last: Day = param(en="last day, included", zh="末日（含）")
    factor: Number = param(
        ge=0, le=10, plausible=(0.4, 1.5),
        source=N_("Chinese registrations 2020: -59 % in one month, +20 % in another, year on year"),
        en="arrivals are multiplied by this; below 1 is a slump", zh="到达量乘数；小于1为回落",
    )  # fmt: skip

    @field_validator("last")
    @classmethod
    def _ordered(cls, last: Day, info: ValidationInfo) -> Day:
        first = info.data.get("first")
        if first is not None and last < first:
            raise wrong("{last} is before the first day, {first}", last=last, first=first)
        return last


class Demand(Group):
    """Registrations and other business: how many, of which kind, at what time."""

    registrations_per_year: Count = param(
        40_200, unit="per year", ge=1, le=MOST_REGISTRATIONS, plausible=(28_140, 52_260), source=ARTICLE,
        en="new entities registered in the year, before growth", zh="全年新设主体数（未计增长）",
    )  # fmt: skip
    growth: Number = param(
        0.0, unit="share", ge=-0.95, le=9, plausible=(0, 0.25),
        source=N_("article (Xiaoshan, February 2024): +14.4 % in 2023"),
        en="growth, applied once: registrations x (1 + growth)", zh="增长率，只乘一次：新设数×(1+增长率)",
    )  # fmt: skip
    uncertainty: Number = param(
        0.0, ge=0, le=1, source=N_("assumption: none, the demand of a year is known"),
        en="coefficient of variation of the demand from one year to another, around the number of registrations",
        zh="年度需求的变异系数（围绕登记数在各年之间波动）",
    )  # fmt: skip
    other_business_per_registration: Number = param(
        1.0, ge=0, le=20, plausible=(0.65, 2),
        source=N_("assumption, influential; in Zhejiang in 2021 cancellations alone were 0.65 a registration"),
        en="changes and cancellations on the same staff, per registration", zh="每件新设对应的变更、注销等其他业务件数",
    )  # fmt: skip
    enterprise_share: Number = param(
        0.5, unit="share", ge=0, le=1, plausible=(0.3, 0.6),
        source=N_("district stock about 52 % (article); new entities nationally and in Zhejiang in 2023 about 30 %"),
        en="enterprises among new entities; the rest are individual businesses",
        zh="新设主体中企业占比，其余为个体工商户",
    )  # fmt: skip
    key_share: Number = param(
        0.02, unit="share", ge=0, le=1, plausible=(0, 0.05),
        en="key enterprises among enterprises", zh="企业中重点企业占比",
    )  # fmt: skip
    inquiry_only_share: Number = param(
        0.20, unit="share", ge=0, le=0.95, plausible=(0, 0.55),
        en="of all who get in touch, those who never submit", zh="所有接触者中最终未提交申请者占比",
    )  # fmt: skip
    out_of_hours_share: Number = param(
        0.05, unit="share", ge=0, le=1, plausible=(0, 0.3),
        en="of those who file online alone, those who start outside office hours",
        zh="自行网上申报者中在办公时间外开始者占比",
    )  # fmt: skip
    month_index: tuple[Index, ...] = param(
        [1.02, 0.96, 1.15, 1.08, 1.06, 1.03, 1.00, 1.02, 0.97, 0.98, 0.92, 0.81],
        min_length=12, max_length=12, plausible=(0.75, 1.15),
        source=N_(
            "assumption, within the range of the US Business Formation Statistics 2023; knows no Spring Festival"
        ),
        en="arrivals a working day by month, January to December, relative to each other",
        zh="各月（1至12月）每个工作日到达量的相对指数",
    )  # fmt: skip
    weekday_index: tuple[Index, ...] = param(
        [1.15, 0.97, 1.02, 0.92, 0.95], min_length=5, max_length=5, plausible=(0.8, 1.25),
        source=N_("computed, UK daily incorporations 2019"),
        en="arrivals by weekday, Monday to Friday, relative to each other", zh="周一至周五到达量的相对指数",
    )  # fmt: skip
    half_hour_index: tuple[Index, ...] = param(
        [0.86, 0.93, 1.12, 1.20, 1.14, 1.04, 0.99, 0.93, 0.89, 0.94, 0.98, 1.02, 1.00, 1.01, 1.01, 0.98, 0.95],
        min_length=17, max_length=17, plausible=(0.5, 1.5),
        source=N_("computed, call arrivals of the Technion bank data"),
        en="arrivals by half-hour from 08:30 to 17:00, relative to each other",
        zh="08:30至17:00各半小时到达量的相对指数",
    )  # fmt: skip
    by_hours: Flag = param(
        False, source=UNSET, en="arrivals are spread evenly over the hours of the hall, in place of half_hour_index",
        zh="到达量在大厅开放时间内均匀分布，取代 half_hour_index",
    )  # fmt: skip
    hourly: DayProfile = param(
        {}, source=UNSET, max_length=48,
        en="arrivals a half-hour by hours of the day, relative to each other, in place of half_hour_index",
        zh="各时段每半小时到达量的相对指数，取代 half_hour_index",
    )  # fmt: skip
    hourly_on: dict[DayName, DayProfile] = param(
        {}, source=UNSET, en="the same for mon, tue, wed, thu, fri or makeup, where it differs",
        zh="个别日的时段指数：周一至周五或调休上班日",
    )  # fmt: skip
    day_to_day_cv: Number = param(
        0.11, ge=0, le=2, plausible=(0, 0.2), source=N_("computed, UK daily incorporations 2019 (0.13 in 2021)"),
        en="coefficient of variation of what month and weekday leave unexplained",
        zh="扣除月份与星期影响后逐日波动的变异系数",
    )  # fmt: skip
    surges: tuple[Surge, ...] = param(
        [], max_length=100, source=N_("none in the article"),
        en="surges and slumps; where they overlap, the factors multiply", zh="激增与回落；重叠时乘数相乘",
    )  # fmt: skip

    @field_validator("hourly", "hourly_on")
    @classmethod
    def _hours_apart(cls, given: dict[Any, Any], info: ValidationInfo) -> dict[Any, Any]:
        profiles = {"": given} if info.field_name == "hourly" else given
        found: list[tuple[tuple[str | int, ...], Message]] = []
        for day, profile in profiles.items():
            at, spans = ((day,) if day else ()), list(profile)
            # A day on which nobody comes has no profile: the weekday's index says so.
            if (profile or day) and not sum(profile.values()) > 0:
                found.append((at, Message("must have a number above 0 in it")))
            found += [
                ((*at, show_span(spans[place])),
                 Message("{hours} overlaps other hours of the profile", hours=show_span(spans[place])))
                for place in overlapping(spans)
            ]  # fmt: skip
        if found:
            raise several_wrong(found)
        return given

    @field_validator("month_index", "weekday_index", "half_hour_index")
    @classmethod
    def _not_all_zero(cls, index: tuple[float, ...]) -> tuple[float, ...]:
        if not sum(index) > 0:
            raise wrong("must have a number above 0 in it")
        return index
