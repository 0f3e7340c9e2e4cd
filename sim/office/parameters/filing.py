"""Filing the application: alone at home, assisted in the hall, in the Set-Sail Studio, with a specialist."""

from __future__ import annotations

from sim.office.parameters.fields import UNSET, Class, Flag, Group, MeanAndCv, MeanAndShape, Number, param
from sim.text import N_

SHAPE_SOURCE = N_("assumption; lognormal shape: call-centre literature")


class Filing(Group):
    """Filing: who gets help, and how long it takes."""

    offered: Flag = param(
        True, source=N_("article"), en="assistants help with filing in the hall; false = everybody files alone",
        zh="大厅提供帮办；false 表示全部自行申报",
    )  # fmt: skip
    assisted_share: Number = param(
        0.30, unit="share", ge=0, le=1, plausible=(0.1, 0.6),
        en="applications filed with the hall's assistants (registrations and other business)",
        zh="由大厅帮办人员协助申报的占比（新设及其他业务）",
    )  # fmt: skip
    studio_share: Number = param(
        0.10, unit="share", ge=0, le=1, plausible=(0, 0.3),
        en="of the assisted, those whom the Set-Sail Studio takes all the way to the licence",
        zh="帮办件中由启航工作室全流程陪办的占比",
    )  # fmt: skip
    skipped_by: tuple[Class, ...] = param(
        (), source=UNSET, max_length=4, en="classes that always file alone online", zh="全部自行网上申报的类别",
    )  # fmt: skip
    assisted_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=20, cv=0.8), source=SHAPE_SOURCE,
        plausible={"mean_minutes": (10, 40), "cv": (0.5, 1.3)},
        en="filing with an assistant", zh="帮办申报时长",
    )  # fmt: skip
    studio_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=25, cv=0.8), source=SHAPE_SOURCE,
        plausible={"mean_minutes": (10, 50), "cv": (0.5, 1.3)},
        en="filing in the Set-Sail Studio", zh="启航工作室申报时长",
    )  # fmt: skip
    key_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=30, cv=0.8), source=SHAPE_SOURCE,
        plausible={"mean_minutes": (15, 60), "cv": (0.5, 1.3)},
        en="filing of a key enterprise with a specialist", zh="重点企业由服务专员协助申报的时长",
    )  # fmt: skip
    own_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=30, cv=1.0),
        plausible={"mean_minutes": (10, 90), "cv": (0.5, 1.5)},
        en="filling in the form online alone: the applicant's own time",
        zh="自行网上填报时长：申请人自己的时间",
    )  # fmt: skip
    hall_patience: MeanAndShape = param(
        MeanAndShape(mean_minutes=45, shape=1.5),
        plausible={"mean_minutes": (20, 90), "shape": (1, 3)},
        en="patience while waiting in the hall, Weibull", zh="大厅排队耐心（威布尔）",
    )  # fmt: skip
    travel_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=30, cv=0.5),
        plausible={"mean_minutes": (10, 90), "cv": (0.2, 1.5)},
        en="opening time until a caller who needs the hall gets there: own time",
        zh="来电者前往大厅所需的开放时间：申请人自己的时间",
    )  # fmt: skip
    studio_correction_minutes: MeanAndCv = param(
        MeanAndCv(mean_minutes=10, cv=0.5),
        plausible={"mean_minutes": (5, 30), "cv": (0.2, 1.0)},
        en="correcting a returned application on the spot, the Set-Sail Studio at hand",
        zh="启航工作室陪同下当场补正时长",
    )  # fmt: skip
