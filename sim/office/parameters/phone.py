"""Phone consulting on the cloud call platform, and online Q&A before it."""

from __future__ import annotations

from pydantic import field_validator

from sim.office.parameters.fields import (
    ASSUMPTION,
    UNSET,
    Class,
    Count,
    Flag,
    Group,
    Name,
    Number,
    Sample,
    Titles,
    param,
    several_wrong,
    wrong,
)
from sim.text import N_, Message

BANK = N_(
    "computed, Technion bank data (430,130 calls: mean 188 s, SD 235 s); a county's 311 line, winter 2014/15: "
    "mean 222 s"
)
BANK_PATIENCE = N_(
    "computed, 250 days of the same bank: hang-ups about 4.2 % + wait / 418 s; by profile assumption. One exponential "
    "is too patient early and too impatient late (August: 37 % still wait after 600 s, 23 % by an exponential)"
)


class CallerProfile(Group):
    """Callers with the same need."""

    name: Name = param(en="name of the profile", zh="画像代号")
    title: Titles = param(en="title of the profile", zh="画像名称")
    share: Number = param(
        unit="share", ge=0, le=1, source=ASSUMPTION, en="share of the callers", zh="占来电者比例",
    )  # fmt: skip
    talk_seconds: Number = param(
        unit="s", ge=1, le=36_000, plausible=(60, 400), source=BANK,
        en="mean talk time, lognormal unless a sample is given", zh="平均通话时长（默认对数正态）",
    )  # fmt: skip
    talk_cv: Number = param(
        ge=0.01, le=5, plausible=(0.5, 2), source=BANK, en="coefficient of variation of the talk time",
        zh="通话时长变异系数",
    )  # fmt: skip
    patience_seconds: Number = param(
        unit="s", ge=1, le=36_000, plausible=(200, 900), source=BANK_PATIENCE,
        en="mean patience on hold, exponential unless a shape or a sample is given", zh="平均等待耐心（默认指数分布）",
    )  # fmt: skip
    patience_shape: Number = param(
        1.0, ge=0.2, le=10, source=UNSET,
        en="Weibull shape of the patience; 1 = exponential, below 1 who leaves mostly leaves early",
        zh="等待耐心的威布尔形状参数；1为指数分布，小于1表示多在初期放弃",
    )  # fmt: skip
    patience_sample: Sample | None = param(
        None, source=UNSET, en="patience as it was seen, in place of a family", zh="以实测耐心样本代替分布族",
    )  # fmt: skip
    talk_sample: Sample | None = param(
        None, source=UNSET, en="talk times that were seen, in place of a family; their variation is their own",
        zh="以实测通话时长样本代替分布族；变异以样本为准",
    )  # fmt: skip
    hangs_up: Flag = param(
        True, source=UNSET, en="who is not answered hangs up; false = everybody waits, however long it takes",
        zh="久等会挂断；false 表示无论多久都等下去",
    )  # fmt: skip
    walk_in_share: Number = param(
        unit="share", ge=0, le=1, plausible=(0, 0.6), source=ASSUMPTION,
        en="of those who gave up for good: go to the hall for assistance; the rest file unadvised",
        zh="最终放弃者中转去大厅帮办的占比，其余未经咨询自行申报",
    )  # fmt: skip
    advice_matters: Flag = param(
        True, source=ASSUMPTION,
        en="who gives up files unadvised, with more returns; false = the answer is not about the application",
        zh="放弃咨询者视为未经咨询而申报，退回率较高；false 表示所问与申报质量无关",
    )  # fmt: skip


def _profile(
    name: str, en: str, zh: str, share: float, talk: float, patience: float, walk_in: float, advice: bool = True
) -> CallerProfile:
    # The same CV in each profile, such that the mixture has the bank's mean of 188 s and SD of 235 s.
    return CallerProfile(
        name=name, title=Titles(en=en, zh=zh), share=share, talk_seconds=talk, talk_cv=1.171,
        patience_seconds=patience, walk_in_share=walk_in, advice_matters=advice,
    )  # fmt: skip


class Phone(Group):
    """Phone consulting: calls, profiles of callers, patience, redialling."""

    offered: Flag = param(
        True, source=N_("article"),
        en="consultants answer calls; false = who has a question that online Q&A leaves open gives up calling at once",
        zh="提供人工电话咨询；false 表示网上答疑未解决者只能直接放弃咨询",
    )  # fmt: skip
    calls_per_application: Number = param(
        0.8, ge=0, le=2, plausible=(0.3, 1.6), source=N_("assumption; Canberra's shopfronts have 1.6 calls a visit"),
        en="questions per application, online Q&A included", zh="每件申请的咨询次数（含网上答疑）",
    )  # fmt: skip
    skipped_by: tuple[Class, ...] = param(
        (), source=UNSET, max_length=4, en="classes that have no questions", zh="无需咨询的类别",
    )  # fmt: skip
    online_qa_share: Number = param(
        0.30, unit="share", ge=0, le=1, plausible=(0, 0.6),
        source=N_("assumption; of the contacts of Jiangsu's hotline 12345 in 2024, 14 % came by internet"),
        en="questions that online Q&A answers without a consultant", zh="由网上答疑解决、无需人工的占比",
    )  # fmt: skip
    profiles: tuple[CallerProfile, ...] = param(
        (
            _profile("first-timers", "First-timers: what do I need", "首次办理：需要哪些材料", 0.5, 240, 480, 0.4),
            _profile("how-to-file", "How to file online", "网上申报如何操作", 0.3, 150, 390, 0.2),
            _profile("progress", "Progress enquiries", "办理进度查询", 0.2, 115, 315, 0.1, False),
        ),
        min_length=1, max_length=8, source=N_("assumption; mixture fitted to the Technion bank data"),
        en="caller profiles; their shares sum to 1", zh="来电者画像，占比之和为1",
    )  # fmt: skip
    redial_share: Number = param(
        0.5, unit="share", ge=0, le=1, plausible=(0, 0.8),
        en="of those who hang up, those who call again", zh="挂断者中再次来电的占比",
    )  # fmt: skip
    redial_after_minutes: Number = param(
        10, unit="min", ge=0.01, le=10_000, plausible=(1, 60),
        en="mean time until the redial, exponential", zh="再次来电的平均间隔（指数）",
    )  # fmt: skip
    waiting_places: Count | None = param(
        None, ge=0, le=10_000, plausible=(5, 100),
        en="lines on which callers can wait; nothing = any number", zh="可排队等待的线路数；空为不限",
    )  # fmt: skip

    @field_validator("profiles")
    @classmethod
    def _profiles_add_up(cls, profiles: tuple[CallerProfile, ...]) -> tuple[CallerProfile, ...]:
        total = sum(profile.share for profile in profiles)
        if abs(total - 1) > 1e-6:
            raise wrong("shares must sum to 1, not {total:g}", total=total)
        names = [profile.name for profile in profiles]
        twice = [place for place, name in enumerate(names) if name in names[:place]]
        if twice:
            raise several_wrong([
                ((place, "name"), Message("{name!r} is another profile's name", name=names[place])) for place in twice
            ])  # fmt: skip
        return profiles
