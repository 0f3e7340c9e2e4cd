"""What does the baseline's verdict hang on? ``python docs/what_the_baseline_hangs_on.py``.

Reads what ``python run_sim.py sensitivity scenarios/baseline-2023.yaml`` has written to results/sensitivity/, and puts
it as tables into docs/what-the-baseline-hangs-on.md, the most influential into both READMEs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from marked import replace_between_marks

from sim.files import replaced_file
from sim.present.assumptions import meaning_of, name_of, value_of
from sim.present.names import VERDICTS, verdict_word
from sim.present.numbers import minutes, number, percent, share, span
from sim.studies.finished import SavedError, read_results
from sim.studies.sensitivity import STUDY, show
from sim.studies.sensitivity.records import KEEPS, LOG_MINUTES, OVER, Index, Judged, Other, Sensitivity, Swing
from sim.studies.sensitivity.sentences import break_even_of, other_of
from sim.text import LANGUAGES, _, language, speaking

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "sensitivity" / "baseline-2023"
COMMAND = "python run_sim.py sensitivity scenarios/baseline-2023.yaml"
PAGE = "what-the-baseline-hangs-on.md"
MOST_INFLUENTIAL, MOST_SCREENED, MOST_SEPARATED = 12, 15, 8
"""Rows in the READMEs, and in the tables of the screening and of the differences."""
Rows = list[list[str]]


def two(en: str, zh: str) -> str:
    """Return the text in a language."""
    return en if language() == "en" else zh


def table(heads: list[str], rows: Rows, sides: str) -> list[str]:
    """Return a table; `sides` has a letter for each column, l or r."""
    marks = {"l": "---", "r": "---:"}
    lines = [heads, [marks[side] for side in sides], *rows]
    return ["| " + " | ".join(line) + " |" if place != 1 else "|" + "|".join(line) + "|"
            for place, line in enumerate(lines)]  # fmt: skip


def judged(record: Sensitivity, at: Judged) -> str:
    """Return estimate and verdict, bold where the target is not shown to be kept."""
    said = show.at_end(record, at)
    return said if at.verdict == "HOLDS" else f"**{said}**"


def swing_rows(record: Sensitivity, swings: list[Swing]) -> Rows:
    """Return a row for each assumption: meaning, value, both ends, and where the verdict flips."""
    found = []
    for swing in swings:
        of = record.by_parameter[swing.parameter]
        break_evens = [break_even_of(record, swing, break_even) for break_even in swing.break_evens.values()]
        found.append([
            f"`{of.parameter}`", meaning_of(of), value_of(of, of.value),
            value_of(of, of.low), judged(record, swing.low),
            value_of(of, of.high), judged(record, swing.high),
            _("; ").join(break_evens) or "–",
        ])  # fmt: skip
    return found


def swing_table(record: Sensitivity, swings: list[Swing]) -> list[str]:
    """Return the table of some assumptions."""
    heads = two(
        "parameter|meaning|baseline|low end|mean, verdict|high end|mean, verdict|flips between",
        "参数|含义|基线|低端|均值与判定|高端|均值与判定|翻转于",
    )  # fmt: skip
    return table(heads.split("|"), swing_rows(record, swings), "llrrlrll")


def other_table(record: Sensitivity, others: list[Other]) -> list[str]:
    """Return the table of what is no number."""
    heads = two("what is different|baseline|here|mean, verdict", "不同之处|基线|此处|均值与判定")
    rows = [
        [*other_of(of), judged(record, of.judged)]
        for of in others
    ]  # fmt: skip
    return table(heads.split("|"), rows, "llll")


def introduction(record: Sensitivity) -> str:
    """Say what the tables show."""
    own = record.own
    assert own is not None
    used = [own.replications]
    used += [at.replications for of in record.swings for at in (of.low, of.high) if at.replications]
    values = {
        "n": span(used), "seed": record.about.seed, "mean": minutes(own.estimate),
        "tests": number(record.about.rule.tests), "error": percent(record.about.rule.error), "all": len(record.swings),
        "flip": len(record.flipping),
        "fail": sum("FAILS" in (of.low.verdict, of.high.verdict) for of in record.swings),
    }  # fmt: skip
    return two(
        "One thing at a time is changed, to the low or the high end of its plausible range, all others as in the "
        "baseline ({n} replications, seed {seed}, the same random numbers throughout; baseline {mean} min). Mean "
        "licence time in minutes; bold where the claim is not shown to hold. Up to {tests} verdicts are one family "
        "with an error of {error} % in total. Of {all} assumptions, {flip} change the verdict by themselves, {fail} of "
        "them to FAILS. The last column is where: the last value with the baseline's verdict, the first with the "
        "other.",
        "每次只改动一项，取其合理范围的低端或高端，其余同基线（{n}次重复，随机种子{seed}，全程使用相同的随机数；基线为{mean}分钟）。"
        "表中为平均办照时长（分钟），加粗表示不能判定达标。最多{tests}项判定合为一族，误判率合计不超过{error}%。"
        "{all}项假设中，{flip}项单独变动即改变判定，其中{fail}项变为不达标。末列为翻转之处：保持基线判定的最后取值与改变判定的最初取值。",
    ).format(**values)


def plausible(record: Sensitivity) -> list[str]:
    """Return how many plausible offices hold, and where those that do differ from those that do not."""
    counts, found = record.plausible.counts, record.plausible.holds
    all_of_them = sum(counts.values())
    heads = two("verdict|offices|share", "判定|情形数|占比").split("|")
    rows = [[verdict_word(name), str(counts[name]), share(counts[name] / all_of_them)] for name in VERDICTS]
    shares = [share(value) for value in (found.estimate, found.low, found.high)]
    text = two(
        "{all} offices were drawn from all ranges at once, evenly and independently of each other, and each "
        "judged by itself. The target is shown to hold in {share} of them (95 % interval {low} to {high}). This is a "
        "statement about the ranges, not the probability that the claim is true: nobody knows how likely which value "
        "is.",
        "从全部范围中均匀地同时抽取{all}组取值，彼此独立，逐一单独判定。判定达标者占{share}（95%区间{low}至{high}）。"
        "这只是对这些范围的陈述，并非该承诺成立的概率：各取值的可能性无人知晓。",
    ).format(all=all_of_them, **dict(zip(("share", "low", "high"), shares, strict=True)))
    lines = [text, "", *table(heads, rows, "lrr")]
    if record.separations:
        heads = two(
            "assumption|mean where it holds|mean where it fails|difference in standard deviations",
            "假设|达标者均值|不达标者均值|差值（标准差）",
        ).split("|")  # fmt: skip
        rows = [
            [name_of(of.parameter),
             *(value_of(record.by_parameter[of.parameter], value) for value in (of.holds, of.fails)),
             f"{of.difference:+.2f} ± {of.error:.2f}".replace("-", "−")]
            for of in record.separations[:MOST_SEPARATED]
        ]  # fmt: skip
        lines += ["", *table(heads, rows, "lrrr")]
    return lines


def influence(record: Sensitivity) -> list[str]:
    """Return what the screening and the indices show."""
    over = {of.parameter: of for of in record.of_outcome(OVER)}
    heads = two(
        "assumption|μ* of log minutes|interval|σ|μ* of the share over the target",
        "假设|时长对数的μ*|区间|σ|超时占比的μ*",
    ).split("|")  # fmt: skip
    rows = [
        [name_of(of.parameter), f"{of.mu_star:.2f}",
         f"{of.mu_star_low:.2f} – {of.mu_star_high:.2f}", f"{of.sigma:.2f}", f"{over[of.parameter].mu_star:.2f}"]
        for of in record.of_outcome(LOG_MINUTES)[:MOST_SCREENED]
    ]  # fmt: skip
    settings = record.settings
    text = two(
        "Morris screening: {r} trajectories through all ranges at once, {n} points. μ* is the mean size of the change "
        "of the logarithm of the mean minutes when the assumption goes through its whole range, wherever the others "
        "are; a large σ says that it depends on the others.",
        "Morris筛选：在全部范围内取{r}条轨迹，共{n}个点。μ*为该假设走完整个范围时平均时长对数的平均变动幅度（其余假设任意）；"
        "σ大表示影响取决于其他假设。",
    ).format(r=settings.trajectories, n=record.screening.points)
    lines = [text, "", *table(heads, rows, "lrrrr")]
    if record.indices is None:
        return lines
    keeps = {of.parameter: of for of in record.indices_of(KEEPS)}
    heads = two(
        "assumption|minutes: alone|minutes: with others|target kept: alone|target kept: with others",
        "假设|时长：单独|时长：含交互|是否达标：单独|是否达标：含交互",
    ).split("|")  # fmt: skip
    rows = [
        [name_of(of.parameter), *(text for at in (of, keeps[of.parameter]) for text in both(at))]
        for of in record.indices_of(LOG_MINUTES)
    ]
    text = two(
        "Sobol indices of the {most} that matter most, the others as in the baseline: shares of the variance of log "
        "minutes and of whether the target is kept (base sample {n}, {points} points; 95 % bootstrap intervals).",
        "影响最大的{most}项的Sobol指数，其余取基线值：在时长对数方差与是否达标方差中的占比（基础样本{n}，共{points}个点；95%自助法区间）。",
    ).format(most=len(keeps), n=settings.sample, points=record.indices.points)
    return [*lines, "", text, "", *table(heads, rows, "lrrrr")]


def both(of: Index) -> list[str]:
    """Return first-order and total index with their intervals."""
    ends = ((of.first, of.first_low, of.first_high), (of.total, of.total_low, of.total_high))
    return ["–" if value != value else f"{value:.2f} ({low:.2f} – {high:.2f})".replace("-", "−")
            for value, low, high in ends]  # fmt: skip


def page(record: Sensitivity) -> str:
    """Return docs/what-the-baseline-hangs-on.md."""
    lines = [
        "# What the baseline's verdict hangs on / 基线判定取决于什么", "",
        f"<!-- Written by `python docs/what_the_baseline_hangs_on.py` from what `{COMMAND}` found; do not edit. -->",
        "", "[sensitivity.md](sensitivity.md) · [sensitivity.zh.md](sensitivity.zh.md)",
    ]  # fmt: skip
    for each in LANGUAGES:
        with speaking(each):
            titles = two(
                "In English|Assumptions that change the verdict|Assumptions that do not change it|Staffing|"
                "Other readings of the five minutes|Plausible offices|What matters with everything uncertain at once",
                "中文|改变判定的假设|不改变判定的假设|人员安排|对“5分钟”的其他理解|合理范围内的情形|各项同时不确定时何者影响最大",
            ).split("|")  # fmt: skip
            steady = two(
                "Both ends and a value between were judged; between these the effect is taken to go one way.",
                "判定了两端及其间一个值，其间视为单调。",
            )  # fmt: skip
            parts: list[list[str]] = [
                [introduction(record)],
                swing_table(record, record.flipping),
                [steady, "", *swing_table(record, [of for of in record.by_reach if not of.break_evens])],
                *(other_table(record, [of for of in record.others if of.kind == kind])
                  for kind in ("staffing", "reading")),
                plausible(record),
                influence(record),
            ]  # fmt: skip
            for number, (title, part) in enumerate(zip(titles, parts, strict=True)):
                lines += ["", f"{'##' if number == 0 else '###'} {title}", "", *part]
    return "\n".join(lines) + "\n"


def readme(record: Sensitivity) -> str:
    """Return what stands in the README of a language."""
    most = [of for of in record.by_reach if of.break_evens][:MOST_INFLUENTIAL]
    more = two(
        f"The {len(most)} with the widest swing; all are in [{PAGE}](docs/{PAGE}):",
        f"影响最大的{len(most)}个如下，全部见[{PAGE}](docs/{PAGE})：",
    )  # fmt: skip
    also = two(
        "It hangs on our staffing as well, and on what the article's five minutes mean:",
        "判定同样取决于我们设定的人员安排，以及对“5分钟”的理解：",
    )  # fmt: skip
    counts = " ".join(show.spoken(record)[1:])
    return "\n".join([
        introduction(record), "", more, "", *swing_table(record, most), "", also, "",
        *other_table(record, list(record.others)), "", counts,
    ])  # fmt: skip


def main() -> int:
    """Write the page and the tables of the READMEs; return the exit status."""
    try:
        record = read_results(STUDY, RESULTS)
    except SavedError as error:
        print(f"{error}; begin with: {COMMAND}", file=sys.stderr)
        return 2
    if not (record.swings and record.plausible and record.screened):
        print(f"{RESULTS}: not all pieces are there; begin with: {COMMAND} --replace", file=sys.stderr)
        return 2
    with replaced_file(ROOT / "docs" / PAGE) as new:
        new.write_text(page(record), encoding="utf-8", newline="\n")
    for each, name in zip(LANGUAGES, ("README.md", "README.zh.md"), strict=True):
        with speaking(each):
            replace_between_marks(ROOT / name, "hangs-on", readme(record))
    return 0


if __name__ == "__main__":
    sys.exit(main())
