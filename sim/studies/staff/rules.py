"""Staffing rules: the shifts that people can work, how many may be on duty, and the service floors; from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sim.office.checked import CheckedFile
from sim.office.parameters.fields import (
    Count,
    DayName,
    Group,
    Name,
    Number,
    Shift,
    Titles,
    overlapping,
    param,
    show_span,
)
from sim.office.parameters.staff import Servers
from sim.office.problems import Problem
from sim.office.yaml_tree import Node
from sim.text import N_, Message

STANDARD = "standard"
"""Name of the rules that are shipped, and taken where no others are given."""
WORKING_WEEK = 5
"""Days that a shift without days of its own is worked in a week."""


class ShiftForm(Group):
    """A shift that one person works."""

    title: Titles = param(en="title in both languages", zh="中英文标题")
    hours: tuple[Shift, ...] = param(min_length=1, max_length=6, en="hours worked", zh="上班时段")
    days: tuple[DayName, ...] = param(
        (), max_length=6, en="on these days only; nothing = all", zh="仅这些日子；空为每日",
    )  # fmt: skip
    pools: tuple[Name, ...] = param(
        (), max_length=20, en="for these pools only; nothing = all", zh="仅用于这些岗位",
    )  # fmt: skip


class WeekForm(Group):
    """What a person may work."""

    most_hours_a_day: Number = param(8, gt=0, le=24, en="most hours a day", zh="每日最多工时")
    most_hours: Number = param(40, gt=0, le=168, en="most hours a week", zh="每周最多工时")
    longest_spell_hours: Number = param(5, gt=0, le=24, en="most hours without a break", zh="连续工作最长小时数")
    shortest_break_hours: Number = param(0.5, ge=0, le=24, en="shorter pauses are no break", zh="休息最短小时数")


class FloorForm(Group):
    """Service that must not suffer at stages outside the target's clock."""

    gave_up: Annotated[Number, Field(gt=0, lt=1)] = param(
        0.05, en="share that may give up waiting", zh="放弃等待占比上限",
    )  # fmt: skip
    stages: dict[Literal["phone", "filing", "studio", "key"], Annotated[Number, Field(gt=0, lt=1)]] = param(
        {}, en="other shares at some stages", zh="个别环节的上限",
    )  # fmt: skip


class BoundForm(Group):
    """How many of a pool may be on duty."""

    least: Annotated[Servers, Field(ge=1)] = param(
        1, en="while the hours count towards the target", zh="计时时段内最少在岗人数",
    )  # fmt: skip
    most: Annotated[Servers, Field(ge=1)] | None = param(
        None, en="at any time; nothing = more than could be of use", zh="任何时刻最多在岗人数；空为足够多",
    )  # fmt: skip


class SearchForm(Group):
    """How much is spent on the search."""

    most_plans: Annotated[Count, Field(ge=1, le=100_000)] = param(
        1200, en="plans simulated at most", zh="最多模拟的方案数",
    )  # fmt: skip


class StaffingRules(Group):
    """What plans may be chosen from."""

    name: Name = param(en="name, the same as that of the file", zh="名称，与文件名一致")
    title: Titles = param(en="title in both languages", zh="中英文标题")
    shifts: dict[Name, ShiftForm] = param(min_length=1, max_length=60, en="shifts by name", zh="班次（按名称）")
    week: WeekForm = param(WeekForm(), en="what a person may work", zh="个人工时限制")
    floors: FloorForm = param(FloorForm(), en="service floors", zh="服务底线")
    bounds: dict[Name, BoundForm] = param({}, en="how many may be on duty, by pool", zh="各岗位在岗人数上下限")
    keep: tuple[Name, ...] = param((), max_length=20, en="pools whose plan stays as it is", zh="维持现有排班的岗位")
    search: SearchForm = param(SearchForm(), en="how much is spent on the search", zh="搜索投入")

    @property
    def pools_named(self) -> dict[str, tuple[str, ...]]:
        """The pools that are named, by where."""
        shifts = {f"shifts.{name}.pools": shift.pools for name, shift in self.shifts.items()}
        return {**shifts, "bounds": tuple(self.bounds), "keep": self.keep}


def load_rules(path: str | Path) -> StaffingRules:
    """Read a file of staffing rules.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with line and column.
    """
    file = CheckedFile.read(path, N_("staffing rules must be a mapping with 'name', 'title' and 'shifts'"))
    rules = file.form(StaffingRules)
    file.check_name()
    if rules is not None:
        file.problems += [*_not_workable(rules, file.root), *_bounds_cross(rules, file.root)]
    return file.checked(rules)


def _bounds_cross(rules: StaffingRules, root: Node) -> Iterator[Problem]:
    for pool, bound in rules.bounds.items():
        if bound.most is not None and bound.most < bound.least:
            node, _ = root.find(("bounds", pool))
            yield node.problem("most is {most}, below least, {least}", f"bounds.{pool}", most=bound.most,
                               least=bound.least)  # fmt: skip


def _not_workable(rules: StaffingRules, root: Node) -> Iterator[Problem]:
    """Yield a problem for each shift that nobody may work."""
    for name, shift in rules.shifts.items():
        for what in _faults(shift, rules.week):
            yield root.find(("shifts", name, "hours"))[0].problem(what, f"shifts.{name}.hours")


def _faults(shift: ShiftForm, week: WeekForm) -> Iterator[Message]:
    spans = sorted(shift.hours)
    if clash := overlapping(spans):
        yield Message("{hours} overlaps other hours of the shift", hours=show_span(spans[clash[0]]))
        return
    day = sum(end - begin for begin, end in spans) / 60
    if day > week.most_hours_a_day:
        yield Message("{hours:g} hours a day; at most {most:g} may be worked", hours=day, most=week.most_hours_a_day)
    days = len([name for name in shift.days if name != "makeup"]) if shift.days else WORKING_WEEK
    if day * days > week.most_hours:
        yield Message("{hours:g} hours a week; at most {most:g} may be worked", hours=day * days, most=week.most_hours)
    if (spell := _longest_spell(spans, week.shortest_break_hours)) > week.longest_spell_hours:
        yield Message("{hours:g} hours without a break; at most {most:g} are allowed",
                      hours=spell, most=week.longest_spell_hours)  # fmt: skip


def _longest_spell(spans: list[tuple[float, float]], shortest_break: float) -> float:
    """Return the longest time without a break [h]; a pause that is too short to be one counts as work."""
    longest = begin = 0.0
    for number, (start, end) in enumerate(spans):
        if number == 0 or (start - spans[number - 1][1]) / 60 < max(shortest_break, 1e-9):
            begin = begin if number else start
        else:
            begin = start
        longest = max(longest, (end - begin) / 60)
    return longest
