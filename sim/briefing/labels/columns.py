"""Labels of columns of a workbook: where verdicts flip, and what ranges rest on."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "brief col low_verdict": ("verdict at the low end", "低端判定"),
    "brief col low_estimate": ("estimate at the low end", "低端估计值"),
    "brief col low_interval_low": ("low end: interval from", "低端区间下限"),
    "brief col low_interval_high": ("low end: interval to", "低端区间上限"),
    "brief col low_replications": ("replications at the low end", "低端重复次数"),
    "brief col middle": ("value between", "中间取值"),
    "brief col middle_estimate": ("estimate at the value between", "中间值估计值"),
    "brief col middle_verdict": ("verdict at the value between", "中间值判定"),
    "brief col high_verdict": ("verdict at the high end", "高端判定"),
    "brief col high_estimate": ("estimate at the high end", "高端估计值"),
    "brief col high_interval_low": ("high end: interval from", "高端区间下限"),
    "brief col high_interval_high": ("high end: interval to", "高端区间上限"),
    "brief col high_replications": ("replications at the high end", "高端重复次数"),
    "brief col flip_low_last": ("downwards: last with the scenario's verdict", "向低端：最后保持原判定的取值"),
    "brief col flip_low_first": ("downwards: first with another", "向低端：最先改变判定的取值"),
    "brief col flip_low_verdict": ("downwards: the other verdict", "向低端：改变后的判定"),
    "brief col flip_low_between": ("downwards: verdict between", "向低端：两者之间的判定"),
    "brief col flip_low_monotone": ("downwards: goes one way", "向低端：单向变化"),
    "brief col flip_high_last": ("upwards: last with the scenario's verdict", "向高端：最后保持原判定的取值"),
    "brief col flip_high_first": ("upwards: first with another", "向高端：最先改变判定的取值"),
    "brief col flip_high_verdict": ("upwards: the other verdict", "向高端：改变后的判定"),
    "brief col flip_high_between": ("upwards: verdict between", "向高端：两者之间的判定"),
    "brief col flip_high_monotone": ("upwards: goes one way", "向高端：单向变化"),
    "brief col extended": ("range made wider by the scenario's own value", "范围因本场景取值而放宽"),
    "brief col kind": ("kind of source", "来源类别"),
    "brief col source": ("source", "来源"),
}  # fmt: skip
