"""Every label that is shown, in English and simplified Chinese."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, tuple[str, str]] = {
    # Verdicts
    "HOLDS": ("HOLDS", "达标"),
    "FAILS": ("FAILS", "不达标"),
    "UNDECIDED": ("UNDECIDED", "未定"),
    "colon": (": ", "："),
    "comma": (", ", "，"),
    # Stages
    "stage": ("stage", "环节"),
    "stage phone": ("phone consulting", "电话咨询"),
    "stage filing": ("assisted filing", "帮办申报"),
    "stage studio": ("Set-Sail Studio", "启航工作室"),
    "stage key": ("key-enterprise desk", "重点企业服务"),
    "stage review": ("online review", "网上审核"),
    "stage issue": ("counter", "窗口收件发照"),
    "stage automatic": ("automatic approval", "自动审批"),
    # Pools
    "pool": ("staff", "人员"),
    "pool consultants": ("phone consultants", "电话咨询员"),
    "pool assistants": ("hall assistants", "帮办“粉马甲”"),
    "pool studio": ("Set-Sail Studio", "启航工作室"),
    "pool specialists": ("key-enterprise specialists", "重点企业专员"),
    "pool reviewers": ("reviewers", "审核员"),
    "pool clerks": ("counter clerks", "窗口人员"),
    "all": ("all", "合计"),
    # Classes and channels
    "class": ("class", "类别"),
    "class enterprise": ("enterprises", "企业"),
    "class individual": ("individual businesses", "个体工商户"),
    "class key": ("key enterprises", "重点企业"),
    "class other": ("other business", "其他业务"),
    "class all": ("all", "全部"),
    "channel": ("channel", "渠道"),
    "channel online": ("online alone", "自行网办"),
    "channel hall": ("with a hall assistant", "大厅帮办"),
    "channel studio": ("Set-Sail Studio", "启航工作室"),
    "channel specialist": ("with a specialist", "企业专员"),
    "channel all": ("all", "全部"),
    # Clocks
    "clock": ("time", "时长"),
    "clock touch": ("work on it", "经手时长"),
    "clock licence": ("licence time", "办照时长"),
    "clock door_to_door": ("first submission to licence in hand", "首次提交到拿证"),
    "clock journey": ("first contact to licence in hand", "首次接触到拿证"),
    # Sentences on the target
    "mean finding": ("the mean {clock} is {estimate} min; the target is at most {minutes} min",
                     "平均{clock}{estimate}分钟，目标为不超过{minutes}分钟"),
    "share finding": ("{estimate} within {minutes} min ({clock}); the target is at least {level}",
                      "{clock}在{minutes}分钟内的占{estimate}，目标为不低于{level}"),
    "percentile finding": ("{estimate} within {minutes} min ({clock}); the target is P{percent} within {minutes} min",
                           "{clock}在{minutes}分钟内的占{estimate}，目标为P{percent}不超过{minutes}分钟"),
    "never finding": ("some applicants never get a licence; the target is {minutes} min",
                      "部分申请人始终拿不到执照，目标为{minutes}分钟"),
    "unfinished": ("the office cannot finish its cases", "办事处办不完全部申请"),
    "interval": ("95 % interval {low} – {high}, for ONE look after {replications} replications fixed beforehand",
                 "95%区间 {low} – {high}，仅适用于按事先确定的{replications}次重复一次性判定"),
    "no interval": ("no interval from a single replication, so no verdict", "仅1次重复，得不到区间，无法判定"),
    "no interval infinite": ("no interval: at least one licence time is infinite", "无区间：至少一件办照时长无穷大"),
    # Licence-time chart
    "licences": ("share of licences\nper half-minute", "每半分钟占比"),
    "cumulative": ("share so far", "累计占比"),
    "minutes": ("licence time [min]", "办照时长（分钟）"),
    "beyond": ("over 30", "超过30"),
    "target": ("target {minutes} min", "目标{minutes}分钟"),
    "mean": ("mean {mean} min", "均值{mean}分钟"),
    "mean interval": ("mean {mean} min ({low} – {high})", "均值{mean}分钟（{low} – {high}）"),
    "mean infinite": ("mean infinite: some never get a licence", "均值无穷大：部分申请人拿不到执照"),
    "within": ("{share} within {minutes} min", "{minutes}分钟内 {share}"),
    "nothing": ("no licences", "无办结"),
    # The day
    "day title": (
        "Longest queue in counted hours: {number} for {stage} at {time}",
        "计时时段内{time}排队最长：{number}件在等{stage}",
    ),
    "day title quiet": ("Nobody waits at any stage on an average day", "平均每日各环节均无人等待"),
    "day subtitle": ("average working day; grey: hours that do not count", "平均工作日；灰色为不计入时长的时段"),
    "day off scale": ("; ↑ more than the scale shows", "；↑为超出刻度的数目"),
    "arrivals": ("first contacts\nper half-hour", "首次接触/半小时"),
    "waiting": ("number waiting", "等待件数"),
    "on duty": ("on duty", "在岗人数"),
    "time of day": ("time of day", "时刻"),
    # Where the minutes go
    "minutes title": ("Of {mean} licence minutes, {part} go into {what}",
                      "{mean}分钟的办照时长中，{part}分钟用于{what}"),
    "minutes title infinite": ("Most minutes of a licence, {part}, go into {what}",
                               "每件用时最多的是{what}：{part}分钟"),
    "minutes title nothing": ("No licence minutes to show", "没有可展示的办照时长"),
    "wait at": ("waiting for {stage}", "等待{stage}"),
    "service at": ("service at {stage}", "{stage}办理"),
    "counted group": ("Within the licence time: {sum} min", "计入办照时长：{sum}分钟"),
    "before group": ("Before submission: {sum} min", "提交之前：{sum}分钟"),
    "wait": ("waiting", "等待"),
    "service": ("service", "办理"),
    "bar": ("{wait} waiting + {service} service", "等待{wait} + 办理{service}"),
    "per licence": ("averaged over all licences, with or without a visit to the stage",
                    "对全部办件平均，含未经过该环节者"),
    "minutes per licence": ("minutes per licence", "每件分钟数"),
    # Overview
    "overview title": ("The target holds in {holds} of {all} scenarios, fails in {fails}",
                       "{all}个场景中{holds}个达标，{fails}个不达标"),
    "overview undecided": (", is undecided in {undecided}", "，{undecided}个未定"),
    "overview minutes": ("mean licence time with 95 % interval [min]", "平均办照时长及95%区间（分钟）"),
    "overview log": (", logarithmic", "，对数坐标"),
    "overview demand": ("registrations a\nworking day", "每工作日新设登记"),
    "overview subtitle": ("Staff as in the baseline unless the scenario says otherwise; each judged in ONE look",
                          "除场景另有说明外，人员配置同基线；各场景均为一次性判定"),
    "never": ("some never get a licence", "部分人拿不到执照"),
    "cannot finish": ("cannot finish", "办不完"),
    "own target": ("judged on {target}", "判定依据：{target}"),
    "mean target": ("mean {clock} ≤ {minutes} min", "平均{clock} ≤ {minutes}分钟"),
    "share target": ("{level} within {minutes} min ({clock})", "{clock}≤{minutes}分钟的占比 ≥ {level}"),
    "percentile target": ("P{percent} of {clock} ≤ {minutes} min", "{clock}P{percent} ≤ {minutes}分钟"),
    # At the bottom of charts
    "source": ("Simulation: {replications} replications, {days} working days, seed {seed}. "
               "Staffing and step times are assumptions: docs/parameters.md",
               "仿真结果：{replications}次重复，{days}个工作日，随机种子{seed}。人员配置与各步用时为假设，见docs/parameters.md"),
    "source once": ("Simulation: 1 replication, {days} working days, seed {seed}. "
                    "Staffing and step times are assumptions: docs/parameters.md",
                    "仿真结果：1次重复，{days}个工作日，随机种子{seed}。人员配置与各步用时为假设，见docs/parameters.md"),
    "overview source": ("Simulation: {replications} replications a scenario, seed {seed}. "
                        "Staffing and step times are assumptions: docs/parameters.md",
                        "仿真结果：每个场景{replications}次重复，随机种子{seed}。人员配置与各步用时为假设，见docs/parameters.md"),
    # Report in the terminal
    "P50": ("P50", "P50"),
    "P90": ("P90", "P90"),
    "P95": ("P95", "P95"),
    "mean column": ("mean", "均值"),
    "interval column": ("95 % interval", "95%区间"),
    "within column": ("within {minutes} min", "≤{minutes}分钟"),
    "at time": ("{number} at {time}", "{time} {number}"),
    "group column": ("class, channel", "类别、渠道"),
    "source year": ("calendar year", "年份日历"),
    "source target.statistic": ("target is a mean", "目标为均值"),
    "source target.minutes": ("5 minutes", "5分钟"),
    "source demand.registrations_per_year": ("registrations", "新设数"),
    "source demand.growth": ("growth", "增长率"),
    "source phone.offered": ("phone consulting", "电话咨询"),
    "source staff.midday.crew_on_duty": ("midday duty post", "午间值班岗"),
    "cases column": ("cases", "件数"),
    "clocks table": ("Times of registrations, in minutes", "新设登记各时长（分钟）"),
    "groups table": ("Licence time by class and channel, in minutes", "按类别与渠道的办照时长（分钟）"),
    "stages table": ("Stages", "各环节"),
    "pools table": ("Staff, over {days} working days", "人员（{days}个工作日合计）"),
    "wait mean": ("mean wait\n[min]", "平均等待\n（分钟）"),
    "wait P90": ("P90 wait\n[min]", "等待P90\n（分钟）"),
    "gave up": ("gave up", "放弃率"),
    "queue mean": ("mean\nqueue", "平均\n队长"),
    "queue peak": ("longest in\ncounted hours", "计时时段\n最长队列"),
    "service mean": ("service\n[min]", "办理\n（分钟）"),
    "utilisation": ("utilisation", "利用率"),
    "overtime": ("overtime [h]", "加班（小时）"),
    "staff hours": ("staff-hours", "工时"),
    "cost": ("cost [yuan]", "成本（元）"),
    "counts": ("Cases in {total} = licensed {licensed} + lost after submission {lost} + never submitted {never}",
               "进入{total}件 = 发照{licensed} + 提交后流失{lost} + 未提交{never}"),
    "days kept": ("Days keeping {minutes} min on average: {share}; worst day {worst} min",
                  "日均不超过{minutes}分钟的天数占{share}；最差一日均值{worst}分钟"),
    "again": ("Sent back for correction at least once: {share}", "至少退回补正一次的占{share}"),
    "rests on": ("Article: {article}. Assumed: {assumption} other parameters, all staffing and step times among them; "
                 "computed elsewhere: {elsewhere}. Each in docs/parameters.md",
                 "出自报道：{article}。其余{assumption}项为假设（含全部人员配置与各步用时），{elsewhere}项据其他数据推算；"
                 "逐项见docs/parameters.md"),
    "not at default": (" (changed here: {names})", "（本场景有改动：{names}）"),
    "files": ("Written to {folder}: ", "已写入{folder}："),
    "scenario column": ("scenario", "场景"),
    "demand column": ("regis-\ntrations\na day", "日均\n新设"),
    "days column": ("working\ndays", "工作日"),
    "licence column": ("mean\nlicence\n[min]", "平均\n办照\n（分）"),
    "verdict column": ("verdict", "判定"),
    "target column": ("within\ntarget", "目标\n内"),
    "minutes column": ("within\n{minutes} min", "≤{minutes}\n分钟"),
    "hours column": ("staff-\nhours\na day", "日均\n工时"),
    "case cost column": ("yuan a\ncase", "每件\n成本\n（元）"),
    "tightest column": ("most waiting\n[min a\nlicence]", "等待最多\n的环节\n（分/证）"),
    "overview table": ("Does the target hold? {replications} replications a scenario, seed {seed}",
                       "目标能否达到？每个场景{replications}次重复，随机种子{seed}"),
    "not run": ("Not run, see the errors: {names}", "未运行（见错误信息）：{names}"),
    "overview note": ("Intervals: 95 %, each for ONE look after a number of replications fixed beforehand.",
                      "区间为95%，各自仅适用于按事先确定的重复次数一次性判定。"),
}  # fmt: skip


def word(key: str, language: Language, **values: object) -> str:
    """Return a label, with `values` filled in."""
    text = WORDS[key][0 if language == "en" else 1]
    return text.format(**values) if values else text


def named(what: str, name: str, language: Language) -> str:
    """Return the label of a stage, pool, class, channel or clock; its own name if it has no label."""
    key = f"{what} {name}"
    return word(key, language) if key in WORDS else name
