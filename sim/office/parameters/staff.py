"""Staff: pools with half-hour plans, the midday duty post, outages of a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from sim.office.blocks import MAX_SERVERS
from sim.office.hours import DAY_KINDS, MAKE_UP_DAY, SLOT, SLOTS, Hours, ShiftPlan, WeeklyHours, slots_of, spans_of
from sim.office.parameters.fields import (
    ASSUMPTION,
    UNSET,
    Count,
    DayName,
    Flag,
    Group,
    HalfHour,
    Moment,
    Name,
    Number,
    Shift,
    Span,
    Titles,
    overlapping,
    param,
    several_wrong,
    show_span,
    show_time,
    wrong,
)
from sim.text import N_, Message

KIND_OF_DAY: dict[str, int] = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "makeup": MAKE_UP_DAY}
Servers = Annotated[Count, Field(ge=0, le=MAX_SERVERS)]
Plan = dict[Shift, Servers]
WHOLE_DAY = "08:30-17:00"
MOST_STAGES = 14
"""Those that every office has, and eight of its own."""
NO_STAFFING = N_("assumption: the article gives no staffing")


def _check_plan(plan: dict[Span, int], *at: str) -> list[tuple[tuple[str | int, ...], Message]]:
    spans = list(plan)
    clashes = [show_span(spans[place]) for place in overlapping(spans)]
    what = N_("{hours} overlaps other hours of the plan; an hour may be in one only")
    return [((*at, hours), Message(what, hours=hours)) for hours in clashes]


def _once_each(stages: Sequence[str]) -> None:
    """Raise an error for each stage that is in a list a second time."""
    if twice := [i for i, stage in enumerate(stages) if stage in stages[:i]]:
        what = N_("{name!r} is in the list already")
        raise several_wrong([((i, "stage"), Message(what, name=stages[i])) for i in twice])


class Midday(Group):
    """The midday duty post: reduced crews through the lunch break."""

    crew_on_duty: Flag = param(
        True, source=N_("article"),
        en="the midday duty post is manned; false = nobody is on duty then, by plan or by roster",
        zh="设午间值班岗；false 表示午间无人值守",
    )  # fmt: skip
    by_plan: Flag = param(
        False, source=UNSET, en="midday is staffed as the plans say, like any other hours, without a post",
        zh="午间按排班上岗，与其他时段相同，不设值班岗",
    )  # fmt: skip
    from_: HalfHour = param("12:00", alias="from", en="midday begins", zh="午间开始")
    to: HalfHour = param("13:30", en="midday ends", zh="午间结束")

    @property
    def nobody(self) -> bool:
        """Whether nobody is on duty then, by plan or by roster."""
        return not (self.crew_on_duty or self.by_plan)

    @property
    def nobody_slots(self) -> NDArray[np.bool_]:
        """The half-hours of a day in which nobody may be on duty, shape (48,)."""
        return slots_of([(self.from_, self.to)] if self.nobody else [])

    @field_validator("to")
    @classmethod
    def _ordered(cls, to: float, info: ValidationInfo) -> float:
        begin = info.data.get("from_")
        if begin is not None and to <= begin:
            raise wrong("must be after {time}, when midday begins", time=show_time(begin))
        return to


class Help(Group):
    """Another stage that a pool serves when it has nothing of its own to do."""

    stage: Name = param(en="stage helped", zh="协助的环节")
    when_waiting: Count = param(
        ge=1, le=10_000, plausible=(1, 20), source=ASSUMPTION,
        en="only when so many wait there", zh="该环节等待人数达到此数才协助",
    )  # fmt: skip


class OtherWork(Group):
    """What else the people of a pool do on their shifts."""

    share: Number = param(
        0.0, source=UNSET, unit="share", ge=0, le=0.95,
        en="share of their days that goes to work of which nothing is simulated, spread so that as many as possible "
        "are left each day", zh="用于本模型以外工作的人日占比，错开安排，使每天留下的人尽量多",
    )  # fmt: skip
    until_waiting: Count | None = param(
        None, source=UNSET, ge=1, le=10_000,
        en="they leave that work when so many wait at their own stage, and go back to it when fewer do; "
        "nothing = never",
        zh="本环节等待件数达到此数时放下其他工作前来办理，少于此数时再回去；空为从不",
    )  # fmt: skip


class RosterLine(Group):
    """People of a pool who work the same hours."""

    hours: tuple[Shift, ...] = param(
        min_length=1, max_length=6, en="hours worked; what is between them is a break", zh="上班时段；其间为休息",
    )  # fmt: skip
    people: Servers = param(plausible=(0, 40), en="people who work these hours", zh="人数")
    days: tuple[DayName, ...] = param(
        [], max_length=6, source=N_("none in the article"), en="on these days only; nothing = on every working day",
        zh="仅这些日子；空为每个工作日",
    )  # fmt: skip

    @field_validator("hours")
    @classmethod
    def _ordered(cls, hours: tuple[Span, ...]) -> tuple[Span, ...]:
        if clash := overlapping(list(hours)):
            what = N_("{hours} overlaps other hours of the line")
            raise several_wrong([((i,), Message(what, hours=show_span(hours[i]))) for i in clash])
        return tuple(sorted(hours))


class StaffPool(Group):
    """Numbered servers with the same skills."""

    title: Titles | None = param(
        None, source=UNSET, en="what they are called; nothing = as in this program", zh="名称；空为本程序所用名称",
    )  # fmt: skip
    people: Servers | None = param(
        None, source=UNSET, plausible=(0, 40),
        en="so many whenever one of their stages is open, in place of plan, on, midday_crew and roster",
        zh="所负责环节开放时的在岗人数；填写后取代 plan、on、midday_crew 与 roster",
    )  # fmt: skip
    plan: Plan = param(
        {}, source=NO_STAFFING, plausible=(0, 40),
        en="servers on duty by hours of the day, on every working day", zh="每个工作日各时段在岗人数",
    )  # fmt: skip
    on: dict[DayName, Plan] = param(
        {}, source=NO_STAFFING, plausible=(0, 40),
        en="other plans for mon, tue, wed, thu, fri or makeup (worked weekend days)",
        zh="个别日的排班：周一至周五或调休上班日",
    )  # fmt: skip
    midday_crew: Servers = param(
        1, unit="servers", plausible=(0, 2), source=N_("assumption; the post itself is in the article"),
        en="on duty during midday instead of the plan, on days with a plan", zh="有排班之日午间在岗人数（取代排班）",
    )  # fmt: skip
    roster: tuple[RosterLine, ...] = param(
        [], max_length=64, source=NO_STAFFING,
        en="people with the hours that each of them works, in place of plan, on and midday_crew",
        zh="逐人班次；填写后取代 plan、on 与 midday_crew",
    )  # fmt: skip
    at_once: Count = param(
        1, source=UNSET, unit="cases", ge=1, le=MAX_SERVERS,
        en="so many cases each of them may have in hand at the same time, none of which takes longer for it",
        zh="每人可同时办理的件数，单件用时不因此延长",
    )  # fmt: skip
    absence: Number = param(
        0.0, unit="share", ge=0, le=0.9, plausible=(0, 0.15),
        en="share of days on which a server is absent unforeseen", zh="临时缺勤率（按人日）",
    )  # fmt: skip
    leave: Number = param(
        0.0, unit="share", ge=0, le=0.9, plausible=(0, 0.1),
        source=N_("assumption; annual leave by law, 5 to 15 days, is 2 to 6 % of working days"),
        en="share of days on leave, planned so that as few as possible are away at once",
        zh="休假率（按人日），错峰安排，尽量减少同时休假人数",
    )  # fmt: skip
    other_work: OtherWork = param(OtherWork(), source="", en="other work", zh="其他工作")
    cost_per_hour: Number = param(
        50, unit="yuan/h", ge=0, le=100_000, plausible=(20, 200), en="cost of a planned staff-hour",
        zh="每计划工时成本",
    )  # fmt: skip
    overtime_factor: Number = param(
        1.0, ge=0, le=10, plausible=(0, 3),
        source=N_("assumption: paid as other hours are; by the Labour Law, article 44, 1.5 on working days"),
        en="an hour of overtime costs so many times another", zh="加班工时成本倍数",
    )  # fmt: skip
    helps: tuple[Help, ...] = param(
        [], max_length=MOST_STAGES, en="stages helped after the own one, in order of preference",
        zh="本职之外协助的环节，按优先顺序",
    )  # fmt: skip

    @field_validator("plan")
    @classmethod
    def _disjoint(cls, plan: dict[Span, int]) -> dict[Span, int]:
        if found := _check_plan(plan):
            raise several_wrong(found)
        return plan

    @field_validator("on")
    @classmethod
    def _disjoint_on(cls, on: dict[str, dict[Span, int]]) -> dict[str, dict[Span, int]]:
        if found := [clash for day, plan in on.items() for clash in _check_plan(plan, day)]:
            raise several_wrong(found)
        return on

    @field_validator("roster")
    @classmethod
    def _not_too_many(cls, roster: tuple[RosterLine, ...]) -> tuple[RosterLine, ...]:
        if (people := sum(line.people for line in roster)) > MAX_SERVERS:
            raise wrong("has {people} people; at most {most} are possible", people=people, most=MAX_SERVERS)
        return roster

    @field_validator("helps")
    @classmethod
    def _once(cls, helps: tuple[Help, ...]) -> tuple[Help, ...]:
        _once_each([help_.stage for help_ in helps])
        return helps

    @property
    def most_people(self) -> int:
        """How many people it can have: all the cases that these may have in hand are an engine's servers."""
        return MAX_SERVERS // self.at_once


def opened(pool: StaffPool, spans: Iterable[Span], midday: Midday) -> StaffPool:
    """Return a pool that is given by its people with the plan that this means, in the hours of its stages."""
    if pool.people is None:
        return pool
    slots = slots_of(spans)
    crew = pool.people if (slots & slots_of([(midday.from_, midday.to)])).any() else 0
    plan = dict.fromkeys(spans_of(slots), pool.people)
    return pool.model_copy(update={"people": None, "plan": plan, "on": {}, "roster": (), "midday_crew": crew})


def shift_counts(pool: StaffPool, midday: Midday) -> NDArray[np.int16]:
    """Return how many servers of a pool are on duty, the midday duty post included.

    Returns
    -------
    (8, 48) int16
        By kind of day (Monday ... Sunday, make-up day) and half-hour from midnight. A day whose plan is
        empty has no midday crew either. A pool with a roster has those of the roster, at midday too, if the post is
        manned.
    """
    counts = np.zeros((DAY_KINDS, SLOTS), np.int16)
    if pool.roster:
        for line in pool.roster:
            worked = [*{*_worked(line)}]
            for begin, end in _hours(line, midday):
                counts[worked, int(begin // SLOT) : int(end // SLOT)] += line.people
        return counts
    counts[:] = _day_counts(pool.plan, pool, midday)
    for name, plan in pool.on.items():
        counts[KIND_OF_DAY[name]] = _day_counts(plan, pool, midday)
    return counts


def _day_counts(plan: Mapping[Span, int], pool: StaffPool, midday: Midday) -> NDArray[np.int16]:
    """Return how many servers of a pool are on duty on a day with a plan, by half-hour."""
    counts = np.zeros(SLOTS, np.int16)
    for (begin, end), servers in plan.items():
        counts[int(begin // SLOT) : int(end // SLOT)] = servers
    if not midday.by_plan and counts.any():
        counts[int(midday.from_ // SLOT) : int(midday.to // SLOT)] = pool.midday_crew if midday.crew_on_duty else 0
    return counts


def _worked(line: RosterLine) -> list[int]:
    """Return the kinds of day on which a line of a roster works."""
    return [KIND_OF_DAY[day] for day in line.days] if line.days else list(range(DAY_KINDS))


def _hours(line: RosterLine, midday: Midday) -> tuple[Span, ...]:
    """Return the hours of a line of a roster, midday taken out where no duty post is manned."""
    if not midday.nobody:
        return line.hours
    parts = [
        part for begin, end in line.hours for part in ((begin, min(end, midday.from_)), (max(begin, midday.to), end))
    ]
    return tuple((begin, end) for begin, end in parts if begin < end)


def duty_of(pool: StaffPool, midday: Midday) -> ShiftPlan | tuple[Hours, ...]:
    """Return when the servers of a pool are on duty: by plan, or the hours of each person of the roster."""
    if not pool.roster:
        return ShiftPlan(shift_counts(pool, midday))
    return tuple(
        WeeklyHours(_hours(line, midday), tuple((kind, ()) for kind in range(DAY_KINDS) if kind not in _worked(line)))
        for line in pool.roster
        for _ in range(line.people)
    )


def _pool(en: str, zh: str, default: StaffPool) -> StaffPool:
    pool: StaffPool = param(default, source=NO_STAFFING, en=en, zh=zh)
    return pool


def _steady(servers: int, cost: float, **other: object) -> StaffPool:
    return StaffPool.model_validate({"plan": {WHOLE_DAY: servers}, "cost_per_hour": cost, **other})


class Staff(Group):
    """The midday duty post, six pools, and others that steps of the office's own name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, StaffPool] = Field(init=False)
    others = StaffPool

    midday: Midday = param(Midday(), source=N_("article"), en="midday duty post", zh="午间值班岗")
    consultants: StaffPool = _pool("phone consultants, stage phone", "电话咨询员（环节 phone）", _steady(2, 45))
    assistants: StaffPool = _pool(
        "the hall's assistants ('pink vests'), stage filing", "帮办“粉马甲”（环节 filing）", _steady(6, 45),
    )  # fmt: skip
    studio: StaffPool = _pool("Set-Sail Studio, stage studio", "启航工作室（环节 studio）", _steady(2, 60))
    specialists: StaffPool = _pool(
        "specialists for key enterprises, stage key", "重点企业服务专员（环节 key）",
        _steady(1, 60, helps=[{"stage": "filing", "when_waiting": 3}]),
    )  # fmt: skip
    reviewers: StaffPool = _pool("online reviewers, stage review", "网上审核员（环节 review）", _steady(5, 60))
    clerks: StaffPool = _pool("counter clerks, stage issue", "窗口收件发照员（环节 issue）", _steady(2, 50))


POOL_OF_STAGE: dict[str, str] = {
    "phone": "consultants", "filing": "assistants", "studio": "studio", "key": "specialists",
    "review": "reviewers", "issue": "clerks",
}  # fmt: skip
"""Of the stages that every office has, who serves them."""


def ever_served(pools: Iterable[StaffPool], midday: Midday, spans: tuple[Span, ...]) -> bool:
    """Say whether somebody of some pools is ever on duty in some hours, Monday to Friday."""
    is_open = slots_of(spans)
    return any(bool(shift_counts(pool, midday)[:5, is_open].any()) for pool in pools)


class GivenOutage(Group):
    """An outage at a given time."""

    stage: Name = param(en="stage that stands still", zh="停摆的环节")
    first: Moment = param(en="begins", zh="开始")
    last: Moment = param(en="ends", zh="结束")

    @field_validator("last")
    @classmethod
    def _ordered(cls, last: datetime, info: ValidationInfo) -> datetime:
        first = info.data.get("first")
        if first is not None and last <= first:
            raise wrong("must be after {moment:%Y-%m-%d %H:%M}, when the outage begins", moment=first)
        return last


class DrawnOutages(Group):
    """Outages at random times."""

    stage: Name = param(en="stage that stands still", zh="停摆的环节")
    per_year: Number = param(
        unit="per year", ge=0, le=10_000, plausible=(0, 50), en="expected number in a year, within opening hours",
        zh="开放时间内每年预期次数",
    )  # fmt: skip
    mean_minutes: Number = param(
        unit="min", ge=0.01, le=100_000, plausible=(5, 480), en="mean length, exponential", zh="平均时长（指数）",
    )  # fmt: skip


class OutageParameters(Group):
    """Outages: a stage takes nothing, services in hand finish, patience runs."""

    given: tuple[GivenOutage, ...] = param(
        [], max_length=1000, source=N_("none in the article"), en="at given times", zh="指定时间的停摆",
    )  # fmt: skip
    drawn: tuple[DrawnOutages, ...] = param(
        [], max_length=MOST_STAGES, source=N_("none in the article"), en="at random times", zh="随机发生的停摆",
    )  # fmt: skip

    @field_validator("drawn")
    @classmethod
    def _once(cls, drawn: tuple[DrawnOutages, ...]) -> tuple[DrawnOutages, ...]:
        _once_each([outages.stage for outages in drawn])
        return drawn
