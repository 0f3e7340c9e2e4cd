"""What the net calls: a few small scenarios, every verb on them, and the mistakes that people make.

Everything is as small as it can be while the verb still has something to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = "office"
"""Folder that is the program's home: the scenarios of the main job are below it."""
SEED = ("--seed", "11")
QUICK = (*SEED, "--quick")

PERIOD = "period: {first: 2023-03-01, last: 2023-03-03}\n"
BUSY = """
name: busy
extends: baseline-2023
title: {en: Too few reviewers, zh: 审核员不足}
staff: {reviewers: {plan: {"08:00-13:30": 1, "13:30-17:00": 1}, midday_crew: 1, absence: 0.1}}
outages: {given: [{stage: review, first: 2023-03-02 10:00, last: 2023-03-02 11:30}]}
"""
ODD = """
name: odd
extends: baseline-2023
title: {en: A promised share, zh: 承诺比例}
demand: {growth: 0.4, key_share: 0.2, surges: [{first: 2023-03-02, last: 2023-03-02, factor: 1.5}]}
target: {clock: touch, statistic: share, minutes: 10, level: 0.9}
staff: {clerks: {plan: {"08:30-17:00": 2}, midday_crew: 2, on: {thu: {"08:30-17:00": 4}}}}
"""
MORE = """
name: more
extends: baseline-2023
title: {en: One reviewer more, zh: 增加1名审核员}
staff: {reviewers: {plan: {"08:00-08:30": 6, "08:30-13:30": 4, "13:30-17:00": 5}}}
"""
SLOW = """
name: slow
extends: baseline-2023
title: {en: Slower review, zh: 审核较慢}
review: {return_rate: 0.3, minutes: {mean_minutes: 4}}
"""
FEW = """
name: few
title: {en: Three days, zh: 三天}
period: {first: 2023-03-01, last: 2023-03-03}
demand: {registrations_per_year: 16400, key_share: 0}
target: {minutes: 6}
"""
OFFICES = """
name,region,parent,registrations,staff,review.return_rate
上城,east,few,9000,0.5,
下城,east,few,16400,0.3,0.3
余杭,west,few,28200,2,
"""
ONE = """
name: one
title: {en: One day, zh: 一天}
period: {first: 2023-03-01, last: 2023-03-01}
demand: {registrations_per_year: 28200, key_share: 0, inquiry_only_share: 0}
phone: {calls_per_application: 0, offered: false}
filing: {assisted_share: 0}
target: {minutes: 40}
staff: {reviewers: {plan: {"08:30-17:00": 3}}}
"""
FLIP = ONE.replace("name: one", "name: flip")
LATE = ONE.replace("name: one", "name: late").replace("40}", "10}")
WEEKS = """
name: weeks
title: {en: Four weeks, zh: 四周}
period: {first: 2023-03-01, last: 2023-03-28}
demand: {registrations_per_year: 16400}
hours: {review: ["08:00-17:00"]}
staff:
  consultants: {plan: {"08:30-17:00": 2}}
  assistants: {plan: {"08:30-17:00": 3}, midday_crew: 2}
  reviewers: {plan: {"08:00-17:00": 3}, midday_crew: 2}
  clerks: {plan: {"08:30-17:00": 2}, midday_crew: 2}
"""
PARENT = "name: parent\ntitle: {en: Defaults, zh: 缺省}\n"
RULES = """
name: shifts
title: {en: Few shifts, zh: 少数班次}
shifts:
  whole-day: {title: {en: whole day, zh: 全天}, hours: ["08:30-13:00", "13:30-17:00"]}
  early: {title: {en: early, zh: 早班}, hours: ["08:30-13:00"]}
  late: {title: {en: late, zh: 晚班}, hours: ["12:30-17:00"]}
keep: [consultants, studio, specialists, assistants]
bounds: {reviewers: {most: 5}, clerks: {most: 4}}
search: {most_plans: 30}
"""
GRID = """
name: grid
title: {en: Growth and reviewers, zh: 增长与审核员}
base: baseline-2023
vary:
  growth:
    title: {en: growth, zh: 增长率}
    parameter: demand.growth
    values: [0, 0.4]
  reviewers:
    title: {en: change in reviewers, zh: 审核员增减}
    unit: {en: persons, zh: 人}
    add_to: "staff.reviewers.roster[0].people"
    values: [-2, 0]
  phone:
    title: {en: phone consulting, zh: 电话咨询}
    choices:
      - {label: {en: as now, zh: 现状}, set: {}}
      - {label: no phone, set: {phone: {offered: false}, staff: {consultants: {plan: {}}}}}
"""
POINTS = """
name: points
title: {en: Points in a space, zh: 空间取点}
base: odd
design: space-filling
points: 4
vary:
  rate: {title: {en: return rate, zh: 退回补正率}, parameter: review.return_rate, from: 0.05, to: 0.4}
  lunch: {title: {en: demand at noon, zh: 正午需求}, multiply: "demand.half_hour_index[7]", from: 0.5, to: 2}
"""
LIST = """
name: listed
title: {en: Listed design points, zh: 逐项列出}
base: baseline-2023
design: list
vary:
  automatic: {title: {en: approved automatically, zh: 自动审批占比}, parameter: review.auto_approved_share,
              values: [0, 0.2, 0.4]}
design_points: [{automatic: 0}, {automatic: 0.2}, {automatic: 0.4}]
"""
MAPPING = """
columns: {case: 业务单号, queued: 取号}
steps: {叫号窗口: filing, 复核: review, 出证: issue, 茶歇: ignore}
outcomes: {过时: gave_up}
"""
HAND_MADE = """业务单号,环节,取号,叫号时间,办结时间,结果
1,叫号窗口,2023-03-01 09:00:00,2023-03-01 09:01:00,2023-03-01 09:21:00,served
1,复核,2023-03-01 09:22:00,2023-03-01 09:23:00,2023-03-01 09:26:00,served
1,出证,2023-03-01 09:30:00,2023-03-01 09:31:00,2023-03-01 09:32:00,served
2,叫号窗口,2023-03-02 10:00:00,,2023-03-02 10:20:00,过时
3,叫号窗口,2023-03-02 11:00:00,2023-03-02 11:30:00,2023-03-02 11:10:00,served
4,复核,not a time,2023-03-03 09:23:00,2023-03-03 09:26:00,served
5,茶歇,2023-03-03 10:00:00,2023-03-03 10:10:00,2023-03-03 10:20:00,served
6,复核,2023-03-06 09:22:00,2023-03-06 09:23:00,2023-03-06 09:27:00,served
"""
WRONG = """
name: wrogn
title: {en: x, zh: x}
demand: {key_shre: 0.1, growth: 15%, month_index: [1, 2]}
review: {return_rate: 1.4}
staff: {clerks: {plan: {"08:30-12:00": 2, "11:30-17:00": 3}}, reviewer: {}}
target: {clock: wall}
"""
WRONG_SWEEP = """
name: wrong-sweep
title: {en: x, zh: x}
base: baseline-2024
vary:
  growth: {title: {en: x, zh: x}, parameter: demand.grwth, values: [0, a]}
  crew: {title: {en: x}, parameter: staff.clerks.midday_crew, values: [1], from: 2}
  rate: {parameter: review.return_rate, values: [0.1]}
"""
WRONG_RULES = RULES.replace("name: shifts", "name: wrong-rules").replace("most: 5", "most: none").replace(
    '"12:30-17:00"', '"12:30-25:00"')  # fmt: skip
WRONG_MAPPING = "columns: {case: 业务单号, wating: 取号}\nsteps: {复核: reviw}\n"
WRONG_RANGES = "review.return_rate: [0.3, 0.1]\nreview.retrn: [0, 1]\n"
NOT_YAML = "name: not-yaml\ntitle: {en: x, zh: x\n"


def shipped(name: str = "baseline-2023") -> str:
    """Return the text of a shipped scenario."""
    return (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def write_files(folder: Path) -> None:
    """Write all that the calls read into a folder."""
    baseline = f"{shipped()}{PERIOD}demand: {{registrations_per_year: 20000}}\n"
    texts = {
        f"{HOME}/scenarios/baseline-2023": baseline, f"{HOME}/scenarios/busy": BUSY, f"{HOME}/scenarios/odd": ODD,
        "baseline-2023": baseline, "busy": BUSY, "odd": ODD, "more": MORE, "slow": SLOW, "few": FEW, "one": ONE,
        "flip": FLIP, "late": LATE, "weeks": WEEKS, "parent": PARENT, "shifts": RULES, "sweeps/grid": GRID,
        "sweeps/points": POINTS, "sweeps/listed": LIST, "mapping": MAPPING, "wrong": WRONG,
        "sweeps/wrong-sweep": WRONG_SWEEP,
        "wrong-rules": WRONG_RULES, "wrong-mapping": WRONG_MAPPING, "wrong-ranges": WRONG_RANGES,
        "not-yaml": NOT_YAML,
    }  # fmt: skip
    for name, text in texts.items():
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), encoding="utf-8")
    (folder / "hall.csv").write_text(HAND_MADE, encoding="utf-8")
    (folder / "offices.csv").write_text(OFFICES.lstrip("\n"), encoding="utf-8")


@dataclass(frozen=True)
class Case:
    """A call of the program.

    Attributes
    ----------
    line : tuple of str
        Arguments; `{lang}` becomes the language. `--all-charts` is for English: the verbs' own cases have the others.
    folder : str
        Of the results that it writes, below the folder of the calls; empty: none.
    page : str
        A page or briefing that it writes, in the same way.
    after : tuple of str
        Cases whose results it reads.
    as_json : tuple of str
        Languages in which JSON is asked for, too; there is hardly a word of it that depends on the language.
    """

    line: tuple[str, ...]
    folder: str = ""
    page: str = ""
    after: tuple[str, ...] = ()
    as_json: tuple[str, ...] = ("en",)


def brief(folder: str, name: str, all_charts: bool = True, as_json: tuple[str, ...] = ()) -> Case:
    """Return the call of a briefing about the results of a case."""
    line = ("brief", f"results/{folder}", *["--all-charts"] * all_charts, "--name", f"{name}-{{lang}}")
    return Case(line, page=f"results/briefings/{name}-{{lang}}", after=(name,), as_json=as_json)


CASES: dict[str, Case] = {
    # On more cores charts are drawn in processes of their own, where nobody sees how, and in any order.
    "main": Case((*QUICK, "--jobs", "1"), "results/scenarios"),
    "run": Case(("run", "slow.yaml", *QUICK), "results/runs/slow"),
    "run-share": Case(("run", "odd.yaml", "--no-premises", *QUICK), "results/runs/odd", as_json=("en", "zh")),
    "sweep": Case(("sweep", "sweeps/grid.yaml", *QUICK), "results/sweeps/grid"),
    "sweep-points": Case(("sweep", "sweeps/points.yaml", *QUICK), "results/sweeps/points"),
    "sweep-list": Case(("sweep", "sweeps/listed.yaml", *QUICK), "results/sweeps/listed"),
    "compare": Case(
        ("compare", "baseline-2023.yaml", "more.yaml", "slow.yaml", "--name", "three", *QUICK),
        "results/comparisons/three",
    ),
    "compare-best": Case(
        ("compare", "baseline-2023.yaml", "more.yaml", "busy.yaml", "--best", "--name", "best", *QUICK),
        "results/comparisons/best",
    ),
    "staff": Case(("staff", "few.yaml", "--rules", "shifts.yaml", *QUICK), "results/staff/few+shifts"),
    "limit": Case(
        ("limit", "one.yaml", "--add", "reviewers=2", "--growth", "10%", *QUICK),
        "results/limits/one-and-one-2-more-reviewers",
    ),
    "explain": Case(("explain", "late.yaml", *QUICK), "results/explanations/late"),
    "sensitivity": Case(
        ("sensitivity", "one.yaml", "--parameters", "review.return_rate,review.minutes.mean_minutes", *QUICK,
         *(word for piece in ("break-even", "screening", "indices", "plausible") for word in ("--only", piece))),
        "results/sensitivity/one",
    ),
    "sensitivity-flip": Case(
        ("sensitivity", "flip.yaml", "--only", "break-even", "--parameters", "review.minutes.mean_minutes", *SEED,
         "--max-replications", "30"),
        "results/sensitivity/flip",
    ),
    "log": Case(("log", "weeks.yaml", *SEED)),
    "calibrate": Case(
        ("calibrate", "results/logs/weeks.csv", "--parent", "parent.yaml", "--name", "fitted", *SEED),
        "results/calibrations/fitted", after=("log",),
    ),
    "calibrate-little": Case(
        ("calibrate", "hall.csv", "--mapping", "mapping.yaml", "--parent", "baseline-2023.yaml", "--name", "little",
         "--hold-out", "0", *SEED),
        "results/calibrations/little",
    ),
    "run-fitted": Case(
        ("run", "results/calibrations/fitted/fitted.yaml", "--no-premises", *QUICK), "results/runs/fitted",
        after=("calibrate",),
    ),
    "sensitivity-ranges": Case(
        ("sensitivity", "one.yaml", "--ranges", "results/calibrations/fitted/ranges.yaml", "--only", "break-even",
         "--parameters", "review.return_rate,review.minutes.mean_minutes", *SEED, "--max-replications", "30"),
        "results/sensitivity/one-ranges", after=("calibrate",),
    ),
    "replay": Case(
        ("replay", "baseline-2023.yaml", "busy.yaml", "--week", *SEED, "--replace"),
        page="results/replays/baseline-2023-vs-busy-2023-03-01-week.html",
    ),
    "brief-run": brief("runs/fitted", "run-fitted", all_charts=False),
    "brief-slow": brief("runs/slow", "run", all_charts=False),
    "brief-sweep": brief("sweeps/grid", "sweep", as_json=("en", "zh")),
    "brief-points": brief("sweeps/points", "sweep-points", all_charts=False),
    "brief-compare": brief("comparisons/three", "compare"),
    "brief-best": brief("comparisons/best", "compare-best", all_charts=False),
    "brief-staff": brief("staff/few+shifts", "staff", all_charts=False),
    "brief-limit": brief("limits/one-and-one-2-more-reviewers", "limit"),
    "brief-explain": brief("explanations/late", "explain", all_charts=False),
    "nation": Case(("nation", "offices.csv", *QUICK), "results/nations/offices"),
    "check": Case(("check", "odd.yaml", "sweeps/grid.yaml", "shifts.yaml", "wrong.yaml", "sweeps/wrong-sweep.yaml"),
                  as_json=("en", "zh")),
    "schema": Case(("schema",)),
    "mistakes": Case((), after=("run-share",)),
}  # fmt: skip
STAFFING_AND_EVIDENCE = (
    "staff", "limit", "explain", "sensitivity", "sensitivity-flip", "log", "calibrate", "run-fitted",
    "sensitivity-ranges", "brief-run", "brief-staff", "brief-limit", "brief-explain",
)  # fmt: skip
RUNS = tuple(name for name in CASES if name not in STAFFING_AND_EVIDENCE)


def with_results(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of some cases that write results."""
    return tuple(name for name in names if CASES[name].folder)


CASES["brief"] = Case(
    ("brief", "--name", "whole-{lang}", "--all-charts"), page="results/briefings/whole-{lang}",
    after=with_results(RUNS), as_json=(),
)  # fmt: skip
CASES["results"] = Case(("results",), after=with_results(RUNS), as_json=("en", "zh"))
CASES["results-evidence"] = Case(("results",), after=with_results(STAFFING_AND_EVIDENCE), as_json=("en", "zh"))
GROUPS = (*RUNS, "brief", "results"), (*STAFFING_AND_EVIDENCE, "results-evidence")
"""Each with a folder of results of its own, and about half of the work."""

MISTAKES: tuple[tuple[str, ...], ...] = (
    ("run", "wrong.yaml"),
    ("run", "not-yaml.yaml"),
    ("run", "missing.yaml"),
    ("run", "baseline-2032.yaml"),
    ("run", "sweeps/grid.yaml"),
    ("run", "odd.yaml", "--sed", "3"),
    ("run", "odd.yaml", "--seed", "x"),
    ("run", "odd.yaml", "--max-replications", "0"),
    ("run", "odd.yaml", "--engine", "simpy"),
    ("run", "odd.yaml", "--out", "hall.csv"),
    ("run", "odd.yaml", "--jobs", "1", "--scheduler", "tcp://127.0.0.1:1"),
    ("run", "odd.yaml", "--out", "results", "--seed", "12"),
    ("run",),
    ("runn", "odd.yaml"),
    ("odd.yaml",),
    ("sweep", "sweeps/wrong-sweep.yaml"),
    ("sweep", "odd.yaml"),
    ("sweep", "sweeps/none.yaml"),
    ("compare", "odd.yaml"),
    ("compare", "odd.yaml", "baseline-2023.yaml"),
    ("compare", "baseline-2023.yaml", "more.yaml", "--name", "a/b"),
    ("staff", "few.yaml", "--rules", "wrong-rules.yaml"),
    ("staff", "few.yaml", "--rules", "none.yaml"),
    ("staff", "few.yaml", "--rules", "odd.yaml"),
    ("limit", "few.yaml", "--add", "reviewer=2"),
    ("limit", "few.yaml", "--add", "reviewers"),
    ("limit", "few.yaml", "--growth", "much"),
    ("explain", "odd.yaml", "few.yaml"),
    ("sensitivity", "one.yaml", "--only", "flip"),
    ("sensitivity", "one.yaml", "--parameters", "review.return_rat"),
    ("sensitivity", "one.yaml", "--ranges", "wrong-ranges.yaml"),
    ("calibrate", "few.yaml"),
    ("calibrate", "hall.csv", "--mapping", "wrong-mapping.yaml"),
    ("calibrate", "none.csv"),
    ("calibrate", "hall.csv", "--hold-out", "0.95"),
    ("nation", "hall.csv"),
    ("calibrate", "hall.csv", "--name", "My Office"),
    ("replay", "baseline-2023.yaml", "--day", "6 March"),
    ("replay", "baseline-2023.yaml", "--day", "2023-03-04"),
    ("brief", "results/nothing"),
    ("brief", "results", "--name", ".x"),
    ("check", "wrong.yaml", "missing.yaml"),
    ("check",),
)
"""None of them begins to play. Where none is given, they have a folder of results of their own."""
