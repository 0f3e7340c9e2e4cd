"""Every label of a replay, in English and simplified Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from sim.briefing.words import Language, named

LABELS: dict[str, tuple[str, str]] = {
    # What the page is
    "day heading": ("A day in the office", "办事处的一天"),
    "week heading": ("A week in the office", "办事处的一周"),
    "two heading": ("Two plans, the same applicants", "两个方案，同一批申请人"),
    "date": ("{weekday} {day} {month} {year}", "{year}年{month}月{day}日 {weekday}"),
    "weekdays": ("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日"),
    "months": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "1 2 3 4 5 6 7 8 9 10 11 12"),
    "source": ("Simulation: one replication, seed {seed}, version {version}. {basis}; "
               "the numbers of one day are chance too, the verdict needs many.",
               "仿真结果：单次重复，随机种子{seed}，版本{version}。{basis}；单日数字含偶然性，判定须经多次重复。"),
    "source two": ("Simulation: one replication, the same seed {seed} for both plans, version {version}. {basis}; "
                   "the numbers of one day are chance too, the verdict needs many.",
                   "仿真结果：单次重复，两个方案共用随机种子{seed}，版本{version}。{basis}；"
                   "单日数字含偶然性，判定须经多次重复。"),
    "assumed": ("Staffing and step times are assumptions", "人员配置与各步用时为假设"),
    "fitted": ("Some parameters are fitted to a log, the others are assumptions", "部分参数据业务记录拟合，其余为假设"),
    # On the command line
    "day in a line": ("{title}, {date}: {licences} licences issued, mean licence time {mean} min; {gave_up} gave up "
                      "waiting",
                      "{title}，{date}：发照{licences}件，平均办照时长{mean}分钟，{gave_up}人次放弃等待"),
    "written": ("Written to {file}; open it in a browser", "已写入{file}，用浏览器打开即可"),
    # Controls
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "again": ("Again", "重播"),
    "start": ("To the start of the day", "回到当日开始"),
    "speed": ("Speed", "速度"),
    "times": ("{speed}×", "{speed}倍"),
    "scrub": ("Time of day", "时刻"),
    "day": ("Day", "日期"),
    "other language": ("中文", "English"),
    "dark": ("Dark", "深色"),
    "light": ("Light", "浅色"),
    "keys": ("Space: play or pause · ← →: 5 minutes (with Shift 30) · + −: speed · nights pass 8 times as fast",
             "空格：播放/暂停 · ← →：5分钟（加Shift为30分钟）· + −：速度 · 夜间以8倍速掠过"),
    "midday": ("midday duty post", "午间值班岗"),
    "closed": ("closed", "已关闭"),
    "broken": ("system down", "系统停摆"),
    # Counters
    "licences": ("licences issued", "已发执照"),
    "waiting": ("waiting now", "正在等待"),
    "mean": ("mean licence time so far", "截至目前平均办照时长"),
    "minutes": ("{value} min", "{value}分钟"),
    "target": ("target {minutes} min", "目标{minutes}分钟"),
    "within": ("within {minutes} min", "{minutes}分钟内"),
    "longer": ("longer", "超过{minutes}分钟"),
    "below": ("✓ {value} below {minutes} min", "✓ 比{minutes}分钟少{value}"),
    "share kept": ("✓ {value} points above {level}%", "✓ 比{level}%多{value}个百分点"),
    "share missed": ("✗ {value} points below {level}%", "✗ 比{level}%少{value}个百分点"),
    "above": ("✗ {value} above {minutes} min", "✗ 比{minutes}分钟多{value}"),
    "gave up": ("gave up waiting", "放弃等待"),
    "difference": ("Difference: B − A", "差值：B − A"),
    "week so far": ("week so far: {licences} licences, mean {mean} min", "本周累计：{licences}件，平均{mean}分钟"),
    "submitted": ("{submitted} registrations were submitted on this day; their mean licence time, of those finished on "
                  "later days too, is {mean} min.",
                  "当日提交新设登记{submitted}件，平均办照时长{mean}分钟（含以后各日办结的）。"),
    "nothing": ("–", "–"),
    # The office
    "own": ("On their own", "自行办理"),
    "form": ("filling in the form", "填写申请"),
    "calls": ("will redial", "稍后再拨"),
    "way": ("on the way", "前往大厅途中"),
    "correcting": ("correcting", "补正材料"),
    "fetching": ("will fetch it", "择时取件"),
    "machine": ("automatic approval", "自动审批"),
    "hall": ("Hall", "办事大厅"),
    "out": ("Licence issued", "领取执照"),
    "done": ("other business done", "其他业务办结"),
    "left": ("left without filing", "未申报离开"),
    "room": ("waiting {waiting}", "等待{waiting}"),
    "staff": ("{busy} of {duty} busy", "在岗{duty}人，忙{busy}人"),
    "nobody": ("nobody on duty", "无人在岗"),
    "overtime": (" · {overtime} overtime", " · 加班{overtime}人"),
    "lost": ("gave up {number}", "放弃{number}"),
    "more": ("+{number} more", "另有{number}人"),
    "helps phone": ("calls", "电话"),
    "helps filing": ("filing", "帮办"),
    "helps studio": ("studio", "工作室"),
    "helps key": ("key desk", "重点"),
    "helps review": ("review", "审核"),
    "helps issue": ("counter", "窗口"),
    # Legend
    "legend": ("Legend", "图例"),
    "busy": ("busy", "忙"),
    "free": ("free", "空闲"),
    "off": ("off duty", "不在岗"),
    "stays": ("stays with applicant", "全程陪同"),
    "late": ("overtime", "加班"),
    "helping": ("helps elsewhere", "支援其他环节"),
    "gives up": ("gives up waiting", "放弃等待"),
    "class inquiry": ("inquiries only", "仅咨询"),
    # The sparkline
    "spark waiting": ("waiting", "等待人数"),
    "spark licence": ("licence time [min]", "办照时长（分）"),
    "spark note": ("dots: single licences · line: mean so far", "点：单件 · 线：累计均值"),
    "spark target": (" · level dashes: the target's minutes", " · 水平虚线：目标时限"),
    # For whom does not see the picture
    "picture": ("{office} at {time}: {waiting} waiting, {busy} of {duty} on duty busy, {licences} licences issued.",
                "{office}，{time}：等待{waiting}，在岗{duty}人中忙{busy}人，已发执照{licences}件。"),
    "table": ("The moment in numbers", "此刻数据"),
    "column stage": ("stage", "环节"),
    "column waiting": ("waiting", "等待"),
    "column busy": ("busy", "忙"),
    "column duty": ("on duty", "在岗"),
    "column gave up": ("gave up so far", "累计放弃"),
    "since": ("{who}: {what}, since {time}", "{who}：{what}，自{time}起"),
    "earlier": ("before today", "当日之前"),
    "is waiting": ("waiting for {stage}", "等待{stage}"),
    "is served": ("{stage}", "{stage}办理中"),
}  # fmt: skip
"""Label: English and Chinese."""


def labels(language: Language, stages: Iterable[str], classes: Iterable[str], pools: Iterable[str]) -> dict[str, str]:
    """Return all labels in a language, those of stages, classes and pools of the offices included."""
    of_page: dict[str, str] = {}
    for what, names in (("stage", stages), ("class", classes), ("pool", pools)):
        of_page |= {f"{what} {name}": named(what, name, language) for name in names}
    return of_page | {key: text[0 if language == "en" else 1] for key, text in LABELS.items()}
