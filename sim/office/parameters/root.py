"""A whole scenario: all parameters of one office in one year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator

from sim.office.parameters.demand import MOST_CASES, Demand, cases_expected
from sim.office.parameters.fields import (
    UNSET,
    Count,
    Group,
    Name,
    Number,
    Span,
    Text,
    Titles,
    param,
    several_wrong,
    wrong,
)
from sim.office.parameters.filing import Filing
from sim.office.parameters.hours import LocalCalendar, OpeningHours, Period, TargetParameters
from sim.office.parameters.phone import Phone
from sim.office.parameters.process import MOST_STEPS, Pace, PriorityRule, Step, wrong_steps
from sim.office.parameters.review import Issue, Review
from sim.office.parameters.staff import OutageParameters, Staff, StaffPool
from sim.office.parameters.stages import (
    Found,
    hours_of_stages,
    pool_of_stage,
    pools_of,
    staffed,
    unknown_stages,
    wrong_paces,
    wrong_pools,
)
from sim.office.problems import Problem
from sim.office.workdays import calendar_days, unknown_year, wrong_local_days
from sim.text import N_, Message

LISTS = {"add": "add_working_days", "remove": "remove_working_days"}


def _not_in(year: int, day: date | None = None) -> Message:
    if day is None:
        return Message("is not in {year}, the year of the scenario", year=year)
    return Message("{day} is not in {year}, the year of the scenario", day=day, year=year)


class Scenario(Group):
    """All parameters; what is not given keeps its default."""

    name: Name = param(source="", en="name, the same as that of the file", zh="名称，与文件名一致")
    title: Titles = param(source="", en="title in both languages", zh="中英文标题")
    year: Count = param(2023, source=N_("article"), en="year whose calendar is used", zh="所用日历的年份")
    calendar: LocalCalendar = param(LocalCalendar(), source="", en="local working days", zh="本地工作日")
    period: Period = param(Period(), source="", en="days simulated", zh="模拟的日期")
    target: TargetParameters = param(TargetParameters(), source="", en="target", zh="目标")
    hours: OpeningHours = param(OpeningHours(), source="", en="opening hours", zh="开放时间")
    demand: Demand = param(Demand(), source="", en="demand", zh="需求")
    phone: Phone = param(Phone(), source="", en="phone consulting", zh="电话咨询")
    filing: Filing = param(Filing(), source="", en="filing", zh="申报")
    review: Review = param(Review(), source="", en="review", zh="审核")
    issue: Issue = param(Issue(), source="", en="issue", zh="发照")
    steps: tuple[Step, ...] = param(
        (), source=UNSET, max_length=MOST_STEPS, en="steps of the office's own, in the order in which they are taken",
        zh="本单位另设的环节，按办理顺序",
    )  # fmt: skip
    priorities: tuple[PriorityRule, ...] = param(
        (), source=UNSET, max_length=20, en="who goes first at a stage: the first rule that applies",
        zh="各环节优先规则，取首个适用者",
    )  # fmt: skip
    newest_first: tuple[Name, ...] = param(
        (), source=UNSET, max_length=20,
        en="stages that take the newest first, of those of one priority; all others take who came first",
        zh="后到先办的环节（同一优先级内）；其余环节先到先办",
    )  # fmt: skip
    pace: tuple[Pace, ...] = param(
        (), source=UNSET, max_length=20, en="where people work faster or slower while many wait",
        zh="积压多时办理加快或放慢的环节",
    )  # fmt: skip
    whose: Literal["article", "own"] = param(
        "article", source=UNSET, en="whose office this is: the article's, or one that the article says nothing of",
        zh="所属：article 报道中的单位，own 报道未涉及的其他单位",
    )  # fmt: skip
    staffing: Literal["assumed", "observed", "chosen"] = param(
        "assumed", source=N_("none in the article"),
        en="where the staff is from: assumed, observed = it is that of an office, chosen = so that the target holds",
        zh="人员配置的来历：assumed 假设，observed 某单位的实际配置，chosen 为使目标达成而选定",
    )  # fmt: skip
    staff: Staff = param(Staff(), source="", en="staff", zh="人员")
    costs: dict[Text, Annotated[Number, Field(ge=0, le=1e12)]] = param(
        {}, source=UNSET, max_length=20, unit="yuan", en="what measures cost a year besides the staff, by name",
        zh="人员之外各项举措的年成本（按名称）",
    )  # fmt: skip
    outages: OutageParameters = param(OutageParameters(), source="", en="outages", zh="停摆")

    _warnings: tuple[Problem, ...] = PrivateAttr(())

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Values outside their plausible range, found when the file was read."""
        return self._warnings

    @property
    def pools(self) -> dict[str, StaffPool]:
        """The pools of staff by name: the six that every office has, and those of its own steps."""
        return pools_of(self.staff)

    @property
    def titles(self) -> tuple[Titles, ...]:
        """Titles of the scenario, its own steps and its new pools."""
        pools = (pool.title for pool in self.pools.values() if pool.title is not None)
        return (self.title, *(step.title for step in self.steps), *pools)

    @property
    def pool_of_stage(self) -> dict[str, str]:
        """Who serves each stage, the office's own steps last."""
        return pool_of_stage(self.steps)

    @property
    def stages_of_pool(self) -> dict[str, tuple[str, ...]]:
        """Stages that each pool serves as its own, in the order in which it takes cases."""
        urgent, served = [step.name for step in self.steps if step.urgent], self.pool_of_stage
        stages = (*urgent, *(stage for stage in served if stage not in urgent))
        return {pool: tuple(stage for stage in stages if served[stage] == pool) for pool in self.pools}

    def with_parts(self, parts: Mapping[str, Any]) -> Scenario:
        """Return a scenario with other parts, given as JSON has them; what is left of this one is not checked again.

        Raises
        ------
        pydantic.ValidationError
            If they are wrong, or do not fit the rest.
        """
        keys = {info.alias or field: field for field, info in type(self).model_fields.items()}
        kept = {key: getattr(self, field) for key, field in keys.items() if key not in parts}
        return type(self).model_validate({**kept, **parts})

    def hours_of(self, stage: str) -> tuple[Span, ...]:
        """Return the opening hours of a stage."""
        return hours_of_stages(self.hours, self.steps)[stage]

    @property
    def first_day(self) -> date:
        """First day that counts."""
        return self.period.first or date(self.year, 1, 1)

    @property
    def played_from(self) -> date:
        """Day that the simulation begins with; what comes before `first_day` does not count."""
        return self.first_day - timedelta(days=self.period.warm_up_days)

    @property
    def last_day(self) -> date:
        """Last day simulated."""
        return self.period.last or date(self.year, 12, 31)

    @field_validator("year")
    @classmethod
    def _known(cls, year: int) -> int:
        if unknown := unknown_year(year):
            raise several_wrong([((), unknown)])
        return year

    @field_validator("calendar")
    @classmethod
    def _local_days(cls, calendar: LocalCalendar, info: ValidationInfo) -> LocalCalendar:
        found: list[tuple[tuple[str | int, ...], Message]] = [
            ((LISTS[where], place), what)
            for where, place, what in wrong_local_days(calendar.add_working_days, calendar.remove_working_days)
        ]
        if "year" in info.data:
            for name in LISTS.values():
                for place, day in enumerate(getattr(calendar, name)):
                    if day.year != info.data["year"]:
                        found.append(((name, place), _not_in(info.data["year"], day)))
        if found:
            raise several_wrong(found)
        return calendar

    @field_validator("period")
    @classmethod
    def _within_year(cls, period: Period, info: ValidationInfo) -> Period:
        if "year" not in info.data:
            return period
        year = info.data["year"]
        ends = {"first": period.first, "last": period.last}
        outside = [(end, day) for end, day in ends.items() if day and day.year != year]
        if outside:
            raise several_wrong([((end,), _not_in(year, day)) for end, day in outside])
        first, last = period.first or date(year, 1, 1), period.last or date(year, 12, 31)
        before = (first - date(year, 1, 1)).days
        if period.warm_up_days > before:
            # The profile of demand is that of the year.
            what = Message("must be at most {most}: {year} has no more days before the first", most=before, year=year)
            raise several_wrong([(("warm_up_days",), what)])
        if "calendar" in info.data:
            local = info.data["calendar"]
            days = calendar_days(first, last, local.add_working_days, local.remove_working_days, spare_days=0)
            if days.working_days == 0:
                raise wrong("there is no working day from {first} to {last}", first=first, last=last)
        return period

    @field_validator("demand")
    @classmethod
    def _surges_matter(cls, demand: Demand, info: ValidationInfo) -> Demand:
        year = info.data.get("year")
        if year is not None:
            outside = [i for i, s in enumerate(demand.surges) if s.last.year < year or s.first.year > year]
            if outside:
                raise several_wrong([(("surges", i), _not_in(year)) for i in outside])
        return demand

    @field_validator("demand")
    @classmethod
    def _fits_into_memory(cls, demand: Demand, info: ValidationInfo) -> Demand:
        if {"year", "period"} <= info.data.keys():
            period = info.data["period"].model_dump(mode="json")
            cases = cases_expected(demand.model_dump(mode="json"), info.data["year"], period)
            if cases > MOST_CASES:
                raise wrong(
                    "makes about {cases:.3g} cases, and at most {most:,} can be simulated; less of registrations, "
                    "growth, other business or surges, or a shorter period", cases=cases, most=MOST_CASES,
                )  # fmt: skip
        return demand

    @field_validator("steps")
    @classmethod
    def _steps_fit(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if found := wrong_steps(steps):
            raise several_wrong(found)
        return steps

    @field_validator("priorities")
    @classmethod
    def _stages_known(cls, rules: tuple[PriorityRule, ...], info: ValidationInfo) -> tuple[PriorityRule, ...]:
        if "steps" in info.data:
            at = [((place, "stage"), rule.stage) for place, rule in enumerate(rules)]
            if found := unknown_stages([step.name for step in info.data["steps"]], at):
                raise several_wrong(found)
        return rules

    @field_validator("newest_first")
    @classmethod
    def _stages_there(cls, stages: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "steps" in info.data:
            own = [step.name for step in info.data["steps"]]
            if found := unknown_stages(own, [((place,), stage) for place, stage in enumerate(stages)]):
                raise several_wrong(found)
        return stages

    @field_validator("pace")
    @classmethod
    def _one_pace_each(cls, paces: tuple[Pace, ...], info: ValidationInfo) -> tuple[Pace, ...]:
        if "steps" in info.data and (found := wrong_paces(paces, [step.name for step in info.data["steps"]])):
            raise several_wrong(found)
        return paces

    @field_validator("staff")
    @classmethod
    def _everybody_is_served(cls, staff: Staff, info: ValidationInfo) -> Staff:
        known = info.data
        if "steps" not in known:
            return staff
        found = wrong_pools(staff, known["steps"])
        if not found and {"hours", "demand", "phone", "filing", "review", "issue"} <= known.keys():
            staff, found = staffed(staff, known)
        if found:
            raise several_wrong(found)
        return staff

    @field_validator("outages")
    @classmethod
    def _outages_matter(cls, outages: OutageParameters, info: ValidationInfo) -> OutageParameters:
        year, found = info.data.get("year"), Found()
        if year is not None:
            outside = [i for i, o in enumerate(outages.given) if o.first.year != year]
            found += [(("given", i, "first"), _not_in(year)) for i in outside]
        if "steps" in info.data:
            found += unknown_stages([step.name for step in info.data["steps"]], [
                ((kind, place, "stage"), outage.stage)
                for kind in ("given", "drawn") for place, outage in enumerate(getattr(outages, kind))
            ])  # fmt: skip
        if found:
            raise several_wrong(found)
        return outages
