"""Labels of the calendar of a year's working days."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "calendar title": ("On {kept} of {days} working days the mean is at most {minutes} min; the worst is {date} with "
                       "{worst} min",
                       "{days}个工作日中有{kept}天日均不超过{minutes}分钟；最差的一天是{date}（{worst}分钟）"),
    "calendar title all": ("On each of {days} working days the mean is at most {minutes} min; the worst is {date} "
                           "with {worst} min",
                           "{days}个工作日日均全部不超过{minutes}分钟，最差的是{date}（{worst}分钟）"),
    "calendar title no day": ("On none of {days} working days is the mean at most {minutes} min; the worst is {date} "
                              "with {worst} min",
                              "{days}个工作日中没有一天日均不超过{minutes}分钟，最差的是{date}（{worst}分钟）"),
    "calendar title none": ("No licence was applied for on a working day", "没有一个工作日有人申请"),
    "calendar subtitle": ("{title} · mean licence time of those who applied on the day [min], over {replications} "
                          "replications",
                          "{title} · 数字为当日提交者的平均办照时长（分钟），取{replications}次重复的平均"),
    "calendar single years": ("; year by year on {share} of them", "；逐年计，日均达标的占{share}"),
    "calendar over": ("framed, ▴: over {minutes} min", "带框并标▴：超过{minutes}分钟"),
    "calendar scale": ("{low} min or less", "≤{low}分钟"),
    "calendar scale high": ("{high} min or more", "≥{high}分钟"),
    "calendar closed": ("small, grey: not a working day", "灰色小格：非工作日提交"),
    "calendar date": ("{day} {month}", "{month}{day}日"),
    "month 1": ("January", "1月"),
    "month 2": ("February", "2月"),
    "month 3": ("March", "3月"),
    "month 4": ("April", "4月"),
    "month 5": ("May", "5月"),
    "month 6": ("June", "6月"),
    "month 7": ("July", "7月"),
    "month 8": ("August", "8月"),
    "month 9": ("September", "9月"),
    "month 10": ("October", "10月"),
    "month 11": ("November", "11月"),
    "month 12": ("December", "12月"),
}  # fmt: skip
