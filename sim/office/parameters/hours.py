"""Opening hours, the period simulated, local working days, the target."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationInfo, field_validator

from sim.office.parameters.fields import (
    Count,
    Day,
    Group,
    Hours,
    Number,
    overlapping,
    param,
    several_wrong,
    show_span,
    wrong,
)
from sim.text import N_, Message

OFFICE_HOURS = ["08:30-17:00"]
FOLLOWING = ("phone", "review", "counted")
WHOLE_YEAR = N_("whole year")
ARTICLE_MIDDAY = N_("assumption; open through the midday break: article")


class OpeningHours(Group):
    """When the parts of the office are open on a working day."""

    follows = {"office": FOLLOWING}  # noqa: RUF012 (of the class)

    office: tuple[Hours, ...] = param(
        OFFICE_HOURS, min_length=1, max_length=12, source=ARTICLE_MIDDAY,
        en="hall and counter are open", zh="大厅与窗口开放时间",
    )  # fmt: skip
    phone: tuple[Hours, ...] = param(
        (), max_length=12, source=ARTICLE_MIDDAY,
        en="calls are answered; nothing = while the hall is open", zh="电话咨询时间；空为大厅开放时间",
    )  # fmt: skip
    review: tuple[Hours, ...] = param(
        (), max_length=12, source=ARTICLE_MIDDAY,
        en="applications are reviewed; nothing = while the hall is open", zh="网上审核时间；空为大厅开放时间",
    )  # fmt: skip
    counted: tuple[Hours, ...] = param(
        (), max_length=12, source=ARTICLE_MIDDAY,
        en="hours that count towards the licence time, whatever the staffing; nothing = while the hall is open",
        zh="计入办照时长的时间，与人员安排无关；空为大厅开放时间",
    )  # fmt: skip

    @field_validator(*FOLLOWING)
    @classmethod
    def _follow(cls, spans: tuple[Hours, ...], info: ValidationInfo) -> tuple[Hours, ...]:
        """Take the hours of the hall where others are not given: they belong together."""
        return spans or info.data.get("office", ())

    @field_validator("office", "phone", "review", "counted")
    @classmethod
    def _ordered(cls, spans: tuple[Hours, ...]) -> tuple[Hours, ...]:
        spans_list = list(spans)
        if clash := overlapping(spans_list):
            raise several_wrong([
                ((i,), Message("{hours} overlaps other hours in the list", hours=show_span(spans[i]))) for i in clash
            ])  # fmt: skip
        if spans_list != sorted(spans_list):
            raise wrong("must be in order: {hours}", hours=", ".join(map(show_span, sorted(spans_list))))
        return spans


class Period(Group):
    """The days simulated."""

    first: Day | None = param(None, source=WHOLE_YEAR, en="first day; nothing = 1 January", zh="首日；空为1月1日")
    last: Day | None = param(None, source=WHOLE_YEAR, en="last day; nothing = 31 December", zh="末日；空为12月31日")
    warm_up_days: Count = param(
        0, ge=0, le=366, source=WHOLE_YEAR,
        en="days before the first that are played and not counted, so that it does not begin with an empty office",
        zh="首日之前预先模拟、不计入结果的天数，使首日不从空场开始",
    )  # fmt: skip

    @field_validator("last")
    @classmethod
    def _ordered(cls, last: Day | None, info: ValidationInfo) -> Day | None:
        first = info.data.get("first")
        if first is not None and last is not None and last < first:
            raise wrong("{last} is before the first day, {first}", last=last, first=first)
        return last


class LocalCalendar(Group):
    """How this office's working days differ from the nation's."""

    add_working_days: tuple[Day, ...] = param(
        [], max_length=366, source=N_("national calendar"),
        en="days worked here though not in the nation", zh="本地增加的工作日",
    )  # fmt: skip
    remove_working_days: tuple[Day, ...] = param(
        [], max_length=366, source=N_("national calendar"),
        en="working days of the nation on which this office is closed", zh="本地取消的工作日",
    )  # fmt: skip


class TargetParameters(Group):
    """What is promised."""

    clock: Literal["licence", "touch", "door_to_door", "journey"] = param(
        "licence", source=N_("assumption: the article gives no start or end for its 5 minutes"),
        en="which time: licence = with the office, touch = work on it, door_to_door, journey",
        zh="考核哪种时长：licence 在办时长，touch 经手时长，door_to_door 提交到拿证，journey 首次接触到拿证",
    )  # fmt: skip
    statistic: Literal["mean", "share", "percentile"] = param(
        "mean", source=N_("article: on average 5 minutes"),
        en="mean or percentile at most `minutes`, or a share of at least `level` within them",
        zh="均值或分位数不超过 minutes，或在其内办结的占比不低于 level",
    )  # fmt: skip
    minutes: Number = param(
        5, unit="min", gt=0, le=1_000_000, plausible=(1, 480), source=N_("article: on average 5 minutes"),
        en="minutes promised", zh="承诺分钟数",
    )  # fmt: skip
    level: Number = param(
        0.9, unit="share", ge=0.01, le=0.999, plausible=(0.5, 0.99),
        en="the share, or the percentile as a fraction; without meaning for a mean",
        zh="占比或分位（小数）；均值目标时无意义",
    )  # fmt: skip
