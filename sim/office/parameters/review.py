"""Review with returns for correction, and issue of the licence."""

from __future__ import annotations

from sim.office.parameters.fields import UNSET, Class, Flag, Group, MeanAndCv, MeanHours, MedianHours, Number, param
from sim.text import N_


def _factor(default: float, en: str, zh: str) -> float:
    en, zh = f"return rate factor: {en}", f"退回率乘数：{zh}"
    factor: float = param(default, ge=0, le=10, plausible=(0.1, 3), en=en, zh=zh)
    return factor


class ReturnFactors(Group):
    """What the return rate is multiplied by; the factors that apply multiply.

    They are such that over the baseline's mix of applicants the first-pass return rate comes out at the
    rate itself.
    """

    enterprise: Number = _factor(1.3, "enterprise", "企业")
    individual: Number = _factor(1.1, "individual business", "个体工商户")
    key: Number = _factor(1.2, "key enterprise", "重点企业")
    other: Number = _factor(1.2, "other business", "其他业务")
    unadvised: Number = _factor(1.5, "filed without the advice that was sought", "未得到咨询而自行申报")
    assisted: Number = _factor(0.4, "filed with an assistant", "帮办申报")
    studio: Number = _factor(0.2, "filed in the Set-Sail Studio", "启航工作室申报")


class Incomplete(Group):
    """Acceptance of an application with something missing, which is handed in with the licence (容缺受理)."""

    share: Number = param(
        0.0, source=UNSET, unit="share", ge=0, le=1,
        en="of the applications that the first review would send back, those accepted with something missing",
        zh="首次审核本应退回者中予以容缺受理的占比",
    )  # fmt: skip
    handover_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=3, cv=0.5), source=UNSET,
        en="counter's time on such an application: what was missing is checked, the licence handed over",
        zh="容缺件窗口办理时长：核对补交材料并交付执照",
    )  # fmt: skip


class Outside(Group):
    """Time that a file is with somebody outside the office before it joins a queue of it."""

    share: Number = param(
        0.0, source=UNSET, unit="share", ge=0, le=1,
        en="files that are with somebody outside the office first: another authority, a printer",
        zh="须先经外部单位（如其他部门、印制单位）处理的占比",
    )  # fmt: skip
    mean_hours: Number = param(
        8.0, source=UNSET, unit="h", ge=0.01, le=1000, en="how long they are there, mean; lognormal",
        zh="在外时长的均值（对数正态）",
    )  # fmt: skip
    cv: Number = param(
        1.0, source=UNSET, ge=0.01, le=5, en="how long, coefficient of variation", zh="在外时长的变异系数",
    )  # fmt: skip
    in_hours: Flag = param(
        True, source=UNSET, en="passes only while the office's stage is open; false = on the wall clock",
        zh="仅在相应环节开放时间内计时；false 表示按自然时间",
    )  # fmt: skip


class Review(Group):
    """Real-time online review."""

    minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=3, cv=0.8), source=N_("assumption; lognormal shape: call-centre literature"),
        plausible={"mean_minutes": (2, 6), "cv": (0.5, 1.3)},
        en="reviewer's time on an application", zh="单件审核时长",
    )  # fmt: skip
    minutes_of: dict[Class, MeanAndCv] = param(
        {}, source=UNSET, en="reviewer's time by class of applicants, where it is another", zh="按类别另定的审核时长",
    )  # fmt: skip
    again_minutes: MeanAndCv | None = param(
        None, source=UNSET, en="reviewer's time on an application that was corrected; nothing = as on a new one",
        zh="补正后再审时长；空为与首审相同",
    )  # fmt: skip
    skipped_by: tuple[Class, ...] = param(
        (), source=UNSET, max_length=4, en="classes that are approved at once, without a review",
        zh="无需审核、提交即通过的类别",
    )  # fmt: skip
    outside: Outside = param(
        Outside(), source="", en="delay between submission and the queue of the first review",
        zh="提交后、进入首次审核队列前在外部单位的时间",
    )  # fmt: skip
    auto_approved_share: Number = param(
        0.0, unit="share", ge=0, le=1, plausible=(0, 0.6),
        source=N_("UK Companies House accepts 35-40 % automatically"),
        en="applications approved without a reviewer", zh="无需人工、自动审批的占比",
    )  # fmt: skip
    auto_minutes: Number = param(
        0.5, unit="min", ge=0, le=1440, plausible=(0.1, 3),
        source=N_("assumption; Companies House about 3 min, Guangzhou's robot at most 2 min"),
        en="time that an automatic approval takes", zh="自动审批耗时",
    )  # fmt: skip
    return_rate: Number = param(
        0.15, unit="share", ge=0, le=0.95, plausible=(0.05, 0.4),
        source=N_("assumption; UK online < 10 %, postal > 50 %"),
        en="first reviews that send the application back for correction", zh="首次审核退回补正率",
    )  # fmt: skip
    return_factors: ReturnFactors = param(
        ReturnFactors(),
        en="factors on the return rate; the product is capped at 0.95", zh="退回率乘数；乘积上限0.95",
    )  # fmt: skip
    incomplete: Incomplete = param(
        Incomplete(), source="", en="acceptance with something missing", zh="容缺受理",
    )  # fmt: skip
    correction: MedianHours = param(
        MedianHours(median_hours=2, cv=1.0), plausible={"median_hours": (0.5, 24), "cv": (0.5, 2)},
        en="correcting: the applicant's own time, lognormal", zh="补正时长：申请人自己的时间（对数正态）",
    )  # fmt: skip


class Issue(Group):
    """Instant intake and handing over of the licence."""

    minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=1, cv=0.3), plausible={"mean_minutes": (0.5, 6), "cv": (0.1, 1)},
        en="taking in the originals, printing and handing over", zh="收件、打印并交付执照时长",
    )  # fmt: skip
    minutes_of: dict[Class, MeanAndCv] = param(
        {}, source=UNSET, en="time at the counter by class of applicants, where it is another",
        zh="按类别另定的窗口办理时长",
    )  # fmt: skip
    skipped_by: tuple[Class, ...] = param(
        (), source=UNSET, max_length=4, en="classes that all get the electronic licence", zh="全部领取电子执照的类别",
    )  # fmt: skip
    outside: Outside = param(
        Outside(), source="", en="delay between approval and the moment from which the licence is at the counter",
        zh="审核通过后、可到窗口领取前在外部单位的时间",
    )  # fmt: skip
    electronic_share: Number = param(
        0.20, unit="share", ge=0, le=1, plausible=(0, 0.8),
        en="choose the electronic licence and do not come", zh="选择电子执照、无需到场的占比",
    )  # fmt: skip
    fetch_after_hours: MeanHours = param(
        MeanHours(mean_hours=3, cv=1.0), plausible={"mean_hours": (0.5, 16), "cv": (0.5, 2)},
        en="opening hours of the hall until an online applicant comes to fetch the licence, lognormal",
        zh="网上申请人到大厅取件前经过的开放小时数（对数正态）",
    )  # fmt: skip
