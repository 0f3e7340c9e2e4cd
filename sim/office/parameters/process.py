"""What an office does besides: steps of its own on the way to the licence, and who goes first."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from sim.office.parameters.fields import (
    UNSET,
    Channel,
    Class,
    Count,
    Flag,
    Group,
    Hours,
    MeanAndCv,
    Name,
    Number,
    Titles,
    overlapping,
    param,
    several_wrong,
    show_span,
)
from sim.text import N_, Message

POINTS = ("filing", "review", "approval", "issue")
"""Where the way may be longer: before the review, after one by a reviewer, after any approval, after the counter."""
OWN_STAGES = ("phone", "filing", "studio", "key", "review", "issue")
"""Stages that every office has."""
TAKEN = (*OWN_STAGES, *POINTS, "automatic", "others", "all")
"""What a step cannot be called."""
MOST_STEPS = 8

ONLY_CLASSES: tuple[Class, ...] = param(
    (), source=UNSET, max_length=4, en="only these classes of applicants; nothing = all", zh="仅这些类别；空为全部",
)  # fmt: skip
ONLY_CHANNELS: tuple[Channel, ...] = param(
    (), source=UNSET, max_length=4, en="only those who mean to file in these ways; nothing = all",
    zh="仅这些申报方式；空为全部",
)  # fmt: skip
"""Whom a step or a rule is for, together with `ONLY_CLASSES`."""


class Step(Group):
    """A step of the office's own: a second review, a visit on site, a seal."""

    name: Name = param(source=UNSET, en="name of the step, and of its stage", zh="环节代号")
    title: Titles = param(source=UNSET, en="title in both languages", zh="环节名称（中英文）")
    after: Name = param(
        source=UNSET,
        en="where: after filing (before the review), review (by a reviewer), approval (any), issue, or another step",
        zh="位置：filing 申报后审核前，review 人工审核后，approval 任何方式审核通过后，issue 发照后，或另一环节之后",
    )  # fmt: skip
    share: Number = param(
        1.0, source=UNSET, unit="share", ge=0, le=1, en="of those who get there, those who take the step",
        zh="到达此处者中需经此环节的占比",
    )  # fmt: skip
    classes: tuple[Class, ...] = ONLY_CLASSES
    channels: tuple[Channel, ...] = ONLY_CHANNELS
    minutes: MeanAndCv = param(source=UNSET, en="service time", zh="办理时长")
    minutes_of: dict[Class, MeanAndCv] = param(
        {}, source=UNSET, en="service time by class of applicants, where it is another", zh="按类别另定的办理时长",
    )  # fmt: skip
    pool: Name = param(
        source=UNSET, en="who does it: a pool of `staff`, or a new one that is described there",
        zh="由谁办理：staff 中的人员组，或在其中新设的一组",
    )  # fmt: skip
    urgent: Flag = param(
        False, source=UNSET, en="the pool takes these before its other work", zh="该组优先办理此环节",
    )  # fmt: skip
    hours: tuple[Hours, ...] = param(
        (), source=UNSET, max_length=12, en="opening hours; nothing = those of the hall",
        zh="开放时间；空为大厅开放时间",
    )  # fmt: skip
    at_closing: Literal["serve", "carry over", "send home"] = param(
        "carry over", source=UNSET,
        en="who waits at closing is still served, waits for the opening, or goes home and comes back",
        zh="关门时：serve 办完在等者，carry over 留待次日，send home 请回改日再来",
    )  # fmt: skip
    returned: Number = param(
        0.0, source=UNSET, unit="share", ge=0, le=0.95,
        en="of those seen, those sent back once, to be corrected and seen again", zh="退回补正后再办的占比（至多一次）",
    )  # fmt: skip
    counted: Flag = param(
        True, source=UNSET, en="its minutes belong to the licence time", zh="其用时计入办照时长",
    )  # fmt: skip

    @field_validator("name")
    @classmethod
    def _own_name(cls, name: str) -> str:
        if name in TAKEN:
            raise several_wrong([((), Message("{name!r} is taken; choose another name", name=name))])
        return name

    @field_validator("hours")
    @classmethod
    def _apart(cls, spans: tuple[Hours, ...]) -> tuple[Hours, ...]:
        if clash := overlapping(list(spans)):
            raise several_wrong([
                ((i,), Message("{hours} overlaps other hours in the list", hours=show_span(spans[i]))) for i in clash
            ])  # fmt: skip
        return tuple(sorted(spans))


class PriorityRule(Group):
    """Who goes first at a stage."""

    stage: Name = param(source=UNSET, en="stage", zh="环节")
    classes: tuple[Class, ...] = ONLY_CLASSES
    channels: tuple[Channel, ...] = ONLY_CHANNELS
    in_hall: Flag = param(
        False, source=UNSET, en="only who waits in the hall for it", zh="仅在大厅现场等候者",
    )  # fmt: skip
    corrected: Flag = param(
        False, source=UNSET, en="only what comes back to the stage corrected", zh="仅补正后再次到该环节者",
    )  # fmt: skip
    share: Number = param(
        1.0, source=UNSET, unit="share", ge=0, le=1,
        en="of these, those whom the rule is for, drawn by lot; the others meet the next rule that is for all it means",
        zh="其中随机适用本规则的占比；其余适用后面第一条对全体适用的规则",
    )  # fmt: skip
    priority: Count = param(
        source=UNSET, ge=0, le=9, en="smaller goes first; without a rule key enterprises have 0, all others 1",
        zh="数值小者优先；无规则时重点企业为0，其余为1",
    )  # fmt: skip


class Pace(Group):
    """How fast people work at a stage while many wait."""

    stage: Name = param(source=UNSET, en="stage", zh="环节")
    from_waiting: Count = param(
        source=UNSET, ge=1, le=10_000,
        en="a service that begins while so many others or more wait at the stage goes at this pace, whoever serves",
        zh="开始办理时本环节另有此数以上等待的，按此快慢办理，不论由谁办理",
    )  # fmt: skip
    factor: Number = param(
        source=UNSET, ge=0.1, le=10, en="it takes so many times its minutes: below 1 they work faster, above 1 slower",
        zh="所用时间为平时的倍数：小于1为加快，大于1为放慢",
    )  # fmt: skip


def wrong_steps(steps: tuple[Step, ...]) -> list[tuple[tuple[str | int, ...], Message]]:
    """Return what is wrong with steps together: names that are there twice, and places that there are not."""
    found: list[tuple[tuple[str | int, ...], Message]] = []
    for place, step in enumerate(steps):
        earlier = [each.name for each in steps[:place]]
        if step.name in earlier:
            found.append(((place, "name"), Message("{name!r} is in the list already", name=step.name)))
        if step.after not in (*POINTS, *earlier):
            what = N_("must be {points} or a step that stands before it in the list, not {value!r}")
            found.append(((place, "after"), Message(what, points=", ".join(POINTS), value=step.after)))
    return found
