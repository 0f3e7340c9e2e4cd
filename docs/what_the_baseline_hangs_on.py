"""Which assumptions does the baseline's verdict hang on? ``python docs/what_the_baseline_hangs_on.py``.

Every parameter with a plausible range is set to the low and to the high end of it, one at a time, all others
as in `scenarios/baseline-2023.yaml`, with the same random numbers throughout. Writes the full tables to
docs/what-the-baseline-hangs-on.md, and the most influential into both READMEs. About ten minutes on two cores.
All verdicts are one family, with an error of 5 % in total.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from marked import replace_between_marks

from sim.analysis.judge import Rule
from sim.briefing.numbers import span
from sim.engines.play import NeverFinishesError
from sim.experiment.run import SEED, run_scenario
from sim.files import replaced_file
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

ROOT = Path(__file__).resolve().parents[1]
MOST_INFLUENTIAL = 12
"""So many rows go into the READMEs."""
WITHOUT_MEANING = ("cost_per_hour", "target.", "review.auto_minutes", "demand.growth", ".midday_crew")
"""Costs are no time; the target is the question, not an assumption; nothing is automatic in the baseline; growth
acts as the number of registrations does; the crews belong to the staffing, which tests/golden takes apart."""
TALK_SECONDS = (120.0, 300.0)
"""Range of the mean over all callers; that of a single profile is wider."""
IN_A_LIST = ("phone.profiles[].talk_seconds", "phone.profiles[].patience_seconds", "phone.profiles[].walk_in_share")
CHINESE = {"HOLDS": "达标", "TOO CLOSE": "临界", "UNDECIDED": "未定", "FAILS": "不达标"}
"""Verdicts from the best to the worst."""
OPEN = ("TOO CLOSE", "UNDECIDED")
POOLS = {
    "consultants": ("phone consultants", "电话咨询员"),
    "assistants": ("hall assistants", "帮办“粉马甲”"),
    "studio": ("Set-Sail Studio", "启航工作室"),
    "specialists": ("key-enterprise specialists", "重点企业专员"),
    "reviewers": ("reviewers", "审核员"),
    "clerks": ("counter clerks", "窗口人员"),
}

Change = Callable[[dict[str, Any]], None]
Words = tuple[str, str]
"""The same in English and Chinese."""


@dataclass(frozen=True)
class Case:
    """The baseline with one thing changed: which, what it means, its value there and here, and how to change it."""

    parameter: str
    meaning: Words
    default: Words
    value: Words
    change: Change


@dataclass(frozen=True)
class Outcome:
    """Mean licence time, the work in it [min], the verdict, and the replications that it took."""

    mean: float
    work: float
    verdict: str
    replications: int

    def shown(self, place: int) -> str:
        """Return mean and verdict in words, bold if the target is not kept; `place` 0 = English, 1 = Chinese."""
        verdict = (self.verdict, CHINESE[self.verdict])[place]
        mean = minutes(self.mean) if np.isfinite(self.mean) else ("never ends", "办不完")[place]
        return f"{mean} {verdict}" if self.verdict == "HOLDS" else f"**{mean} {verdict}**"


def minutes(value: float) -> str:
    """Return minutes with three digits."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def same(text: str) -> Words:
    """Return what reads alike in both languages."""
    return text, text


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the parameter at a dotted path."""
    *way, last = path.split(".")
    for step in way:
        data = data[step]
    data[last] = value


def putting(path: str, value: Any) -> Change:
    """Return the change that sets one parameter."""
    return lambda data: put(data, path, value)


def value_at(data: dict[str, Any], path: str) -> Any:
    """Return the parameter at a dotted path."""
    value: Any = data
    for step in path.split("."):
        value = value[step]
    return value


def meaning_of(parameter: Parameter) -> Words:
    """Return what a parameter means; of the staff's, whose it is."""
    section, pool, *_ = (*parameter.path.split("."), "")
    if section != "staff":
        return parameter.en, parameter.zh
    return f"{POOLS[pool][0]}: {parameter.en}", f"{POOLS[pool][1]}：{parameter.zh}"


def scalar_cases(baseline: dict[str, Any]) -> Iterator[Case]:
    """Yield low and high of each parameter that is one number."""
    for parameter in all_parameters():
        path = parameter.path
        if not parameter.plausible or "[]" in path or any(word in path for word in WITHOUT_MEANING):
            continue
        default = value_at(baseline, path)
        if isinstance(default, dict | list):
            continue
        shown = ("any number", "不限") if default is None else same(f"{default:,g}")
        for end in parameter.plausible:
            yield Case(path, meaning_of(parameter), shown, same(f"{end:,g}"), putting(path, end))


def list_cases(baseline: dict[str, Any]) -> Iterator[Case]:
    """Yield low and high of what the caller profiles say, all profiles multiplied alike; and flat profiles of time."""
    known = {parameter.path: parameter for parameter in all_parameters()}
    profiles = baseline["phone"]["profiles"]
    for path in IN_A_LIST:
        parameter, key = known[path], path.split(".")[-1]
        mean = sum(profile["share"] * profile[key] for profile in profiles)
        for end in TALK_SECONDS if key == "talk_seconds" else parameter.plausible or ():

            def change(data: dict[str, Any], key: str = key, factor: float = end / mean) -> None:
                for profile in data["phone"]["profiles"]:
                    profile[key] = min(profile[key] * factor, 1.0) if key == "walk_in_share" else profile[key] * factor

            yield Case(path, meaning_of(parameter), same(f"{mean:,.3g}"), same(f"{end:,g}"), change)
    for path in ("demand.month_index", "demand.weekday_index", "demand.half_hour_index"):
        flat = putting(path, [1.0] * len(value_at(baseline, path)))
        yield Case(path, meaning_of(known[path]), ("see parameters.md", "见参数表"), ("flat", "持平"), flat)


def staffing_cases(baseline: dict[str, Any]) -> Iterator[Case]:
    """Yield other ways to staff the review."""
    review_begins, hall_opens = (baseline["hours"][name][0].split("-")[0] for name in ("review", "office"))

    def begin_with_the_hall(data: dict[str, Any]) -> None:
        data["hours"]["review"] = data["hours"]["office"]
        spans = {tuple(hours.split("-")): servers for hours, servers in data["staff"]["reviewers"]["plan"].items()}
        data["staff"]["reviewers"]["plan"] = {
            f"{max(begin, hall_opens)}-{end}": servers for (begin, end), servers in spans.items() if end > hall_opens
        }

    if review_begins < hall_opens:
        yield Case(
            "staff.reviewers", ("reviewers begin with the hall, not before it", "审核员与大厅同时上班，不再提前"),
            same(review_begins), same(hall_opens), begin_with_the_hall,
        )  # fmt: skip
    for help_ in baseline["staff"]["clerks"]["helps"]:
        if help_["stage"] == "review":
            waiting = help_["when_waiting"]
            yield Case(
                "staff.clerks.helps", ("counter clerks do not help with the review", "窗口人员不协助审核"),
                (f"they do when {waiting} wait", f"有{waiting}件等待时协助"), ("never", "不协助"),
                putting("staff.clerks.helps", []),
            )  # fmt: skip
    yield Case(
        "staff.midday", ("no midday duty post", "取消午间值班岗"), ("manned", "有人值守"), ("nobody", "无人"),
        putting("staff.midday.crew_on_duty", False),
    )  # fmt: skip


def reading_cases(baseline: dict[str, Any]) -> Iterator[Case]:
    """Yield other readings of the claim: what the article's five minutes may mean."""
    counted = same(", ".join(baseline["hours"]["counted"]))
    for value, en, zh in (
        (["08:00-17:00"], "waiting counts from 08:00", "等待从08:00起计"),
        (["08:30-12:00", "13:30-17:00"], "waiting in the midday break does not count", "午休时段的等待不计"),
        (["00:00-24:00"], "waiting counts round the clock on working days", "工作日24小时内的等待均计"),
    ):
        yield Case("hours.counted", (en, zh), counted, same(", ".join(value)), putting("hours.counted", value))
    for clock, en, zh, words in (
        ("touch", "only the work counts, no waiting", "只计经手时间，不计等待", ("work on it", "经手时长")),
        ("door_to_door", "everything counts from first submission to licence in hand",
         "首次提交到拿证的全部时间均计", ("first submission to licence in hand", "提交到拿证")),
    ):  # fmt: skip
        yield Case("target.clock", (en, zh), ("licence time", "办照时长"), words, putting("target.clock", clock))


def outcome(baseline: dict[str, Any], change: Change, tests: int) -> Outcome:
    """Run the baseline with one change, as one of so many verdicts."""
    data = copy.deepcopy(baseline)
    change(data)
    try:
        run = run_scenario(scenario_from_dict(data), SEED, Rule(tests))
    except NeverFinishesError:
        return Outcome(np.inf, np.nan, "FAILS", 0)
    work = float(np.mean(run.figures["touch mean"]))
    return Outcome(run.judgement.estimate, work, run.judgement.verdict.value, run.judgement.replications)


Row = list[tuple[Case, Outcome]]
"""The ends of one parameter."""


def by_parameter(found: list[tuple[Case, Outcome]], base: Outcome) -> list[Row]:
    """Return the ends of each parameter together, the one with the widest swing first."""
    rows: dict[str, Row] = {}
    for case, result in found:
        rows.setdefault(case.parameter, []).append((case, result))

    def swing(row: Row) -> float:
        means = [base.mean, *(result.mean for _, result in row)]
        return max(means) - min(means)

    return sorted(rows.values(), key=swing, reverse=True)


def worst(row: Row) -> str:
    """Return the worst verdict of either end."""
    return max((result.verdict for _, result in row), key=list(CHINESE).index)


def of_verdict(rows: list[Row], *verdicts: str) -> list[Row]:
    """Return the parameters whose worst verdict is one of these."""
    return [row for row in rows if worst(row) in verdicts]


def table(rows: list[Row], place: int) -> list[str]:
    """Return a table: a parameter, its value in the baseline, and what the ends of its range bring."""
    head = (
        ("parameter", "meaning", "baseline", "low end", "mean, verdict", "high end", "mean, verdict"),
        ("参数", "含义", "基线", "低端", "均值与判定", "高端", "均值与判定"),
    )[place]
    lines = ["| " + " | ".join(head) + " |", "|---|---|---:|---:|---|---:|---|"]
    for row in rows:
        case = row[0][0]
        cells = [f"`{case.parameter}`", case.meaning[place], case.default[place]]
        for end, result in row:
            cells += [end.value[place], result.shown(place)]
        lines.append("| " + " | ".join(cells + ["–"] * (len(head) - len(cells))) + " |")
    return lines


def single_table(rows: Row, place: int) -> list[str]:
    """Return a table of alternatives that are not the ends of a range."""
    head = (
        ("what is different", "baseline", "here", "mean, verdict"),
        ("不同之处", "基线", "此处", "均值与判定"),
    )[place]
    lines = ["| " + " | ".join(head) + " |", "|---|---|---|---|"]
    for case, result in rows:
        lines.append(f"| {case.meaning[place]} | {case.default[place]} | {case.value[place]} | {result.shown(place)} |")
    return lines


def introduction(base: Outcome, rows: list[Row], tests: int, place: int) -> str:
    """Say what the tables show."""
    replications = span(
        [base.replications, *(result.replications for row in rows for _, result in row if result.replications)]
    )
    fail, open_ = len(of_verdict(rows, "FAILS")), len(of_verdict(rows, *OPEN))
    return (
        f"One thing at a time is changed, to the low or the high end of its plausible range, all others as in the "
        f"baseline ({replications} replications, seed {SEED}, the same random numbers throughout; baseline "
        f"{minutes(base.mean)} min, of which {minutes(base.work)} min are work and the rest is waiting). Mean licence "
        f"time in minutes; bold where the claim is not shown to hold. The {tests} verdicts are one family with an "
        f"error of 5 % in total. Of {len(rows)} parameters, {fail} make the claim fail by themselves and {open_} more "
        "leave it open (TOO CLOSE or UNDECIDED); several together are not looked at.",
        f"每次只改动一项，取其合理范围的低端或高端，其余同基线（{replications}次重复，随机种子{SEED}，各次使用相同的随机数；"
        f"基线为{minutes(base.mean)}分钟，其中{minutes(base.work)}分钟为经手时间，其余为等待）。表中为平均办照时长（分钟），"
        f"加粗表示不能判定达标。{tests}项判定合为一族，误判率合计不超过5%。{len(rows)}个参数中，"
        f"{fail}个单独变动即不达标，另有{open_}个使判定成为临界或未定；未考察多个参数同时变动的情形。",
    )[place]


def page(base: Outcome, rows: list[Row], staffing: Row, readings: Row, tests: int) -> str:
    """Return docs/what-the-baseline-hangs-on.md."""
    lines = [
        "# What the baseline's verdict hangs on / 基线判定取决于什么", "",
        "<!-- Written by `python docs/what_the_baseline_hangs_on.py`; do not edit. -->",
    ]  # fmt: skip
    titles = (
        ("In English", "Parameters that make it fail", "Parameters that leave it open",
         "Parameters that do not change it", "Staffing", "Other readings of the five minutes"),
        ("中文", "单独变动即不达标的参数", "使判定成为临界或未定的参数", "不改变判定的参数", "人员安排",
         "对“5分钟”的其他理解"),
    )  # fmt: skip
    for place, (language, fail, open_, hold, staff, reading) in enumerate(titles):
        lines += ["", f"## {language}", "", introduction(base, rows, tests, place)]
        for title, verdicts in ((fail, ("FAILS",)), (open_, OPEN), (hold, ("HOLDS",))):
            if found := of_verdict(rows, *verdicts):
                lines += ["", f"### {title}", "", *table(found, place)]
        lines += [
            "", f"### {staff}", "", *single_table(staffing, place),
            "", f"### {reading}", "", *single_table(readings, place),
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run everything, and write the page and the tables of the READMEs."""
    baseline = scenario_as_dict(load_scenario_file(ROOT / "scenarios" / "baseline-2023.yaml"))

    ends = [*scalar_cases(baseline), *list_cases(baseline)]
    others = [*staffing_cases(baseline)], [*reading_cases(baseline)]
    tests = 1 + sum(map(len, (ends, *others)))

    def results_of(cases: list[Case]) -> Row:
        found = []
        for case in cases:
            found.append((case, outcome(baseline, case.change, tests)))
            print(f"{case.parameter} = {case.value[0]}: {found[-1][1].shown(0)}", file=sys.stderr)
        return found

    base = outcome(baseline, lambda data: None, tests)
    rows = by_parameter(results_of(ends), base)
    staffing, readings = map(results_of, others)
    with replaced_file(ROOT / "docs" / "what-the-baseline-hangs-on.md") as new:
        new.write_text(page(base, rows, staffing, readings, tests), encoding="utf-8", newline="\n")
    most = of_verdict(rows, "FAILS")[:MOST_INFLUENTIAL]
    for place, name in enumerate(("README.md", "README.zh.md")):
        more = (
            f"The {len(most)} with the widest swing; all are in "
            "[what-the-baseline-hangs-on.md](docs/what-the-baseline-hangs-on.md):",
            f"影响最大的{len(most)}个如下，全部见[what-the-baseline-hangs-on.md](docs/what-the-baseline-hangs-on.md)：",
        )[place]
        also = (
            "It hangs on our staffing as well, and on what the article's five minutes mean:",
            "判定同样取决于我们设定的人员安排，以及对“5分钟”的理解：",
        )[place]
        text = [
            introduction(base, rows, tests, place), "", more, "", *table(most, place), "", also, "",
            *single_table([*staffing, *readings], place),
        ]  # fmt: skip
        replace_between_marks(ROOT / name, "hangs-on", "\n".join(text))


if __name__ == "__main__":
    main()
