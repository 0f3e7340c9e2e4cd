"""What the verb `calibrate` is asked: the files of a log, what they mean, the parent, and what the answer is called."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sim.measures.judge import Rule
from sim.memory import without_pandas
from sim.office.problems import Problem, ScenarioError, shown
from sim.office.scenario import BASELINE, load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress
from sim.results.about import about_of
from sim.results.fitted import WRITTEN
from sim.studies.base import Job, Options, Ready, refused
from sim.studies.calibrate import STUDY
from sim.studies.calibrate.against import held_against
from sim.studies.calibrate.fit import fit_log, with_waits
from sim.studies.calibrate.held_out.last_days import held_out_test
from sim.studies.calibrate.held_out.rolling import rolling_test
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.log.report import LogReport
from sim.studies.calibrate.log.steps import FEW_DAYS, StepLog
from sim.studies.calibrate.lying.rules import CORRECTED, NEWEST_FIRST
from sim.studies.calibrate.patience.endless import NOBODY, endless
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import load_mapping
from sim.studies.calibrate.recording import recorded
from sim.studies.calibrate.records import OF_WEEKS, STARTS, Calibration, Estimate
from sim.studies.calibrate.scenarios import OFFERED, path_of, usable
from sim.studies.calibrate.scenarios import Path as Steps
from sim.studies.calibrate.times.durations import SAMPLE
from sim.studies.calibrate.times.service_times import place_of_sample
from sim.studies.driver import engine_of, seed_of
from sim.studies.finished import SavedError, read_results
from sim.studies.inputs import check_file
from sim.text import HALF_WIDTH, Message, _

KIND = "calibration"
RANGES = "ranges.yaml"
MOST_HELD_OUT = 0.8
"""Share of the days of a log."""
SHORTEST, LONGEST_LIFE = 1, 520
"""Weeks of a half-life."""
LONGEST = 64
"""Letters of a scenario's name."""


def job(
    options: Options,
    log: Sequence[str],
    mapping: str | None,
    parent: str | None,
    name: str | None,
    hold_out: str,
    times_only: bool = False,
    rolling: bool = False,
    half_life: str | None = None,
    against: str | None = None,
) -> Job[Calibration]:
    """Return the fit of the model to a log.

    Parameters
    ----------
    options : Options
    log : sequence of str
        Files, all parts of one log: CSV, Excel, Parquet, JSON lines or XES.
    mapping : str or None
        File that says what the columns and words mean; what it does not say is recognised.
    parent : str or None
        Scenario that what the log does not tell is taken from; None: the baseline.
    name : str or None
        Of the calibration and its scenario; None: as the first file is called.
    hold_out : str
        Share of the days that the fit does not see, ``0.25`` or ``25%``.
    times_only : bool
        Whether the service times alone are taken from the log.
    rolling : bool
        Whether the periods of the log's last year are foretold, each by fits to the days before it.
    half_life : str or None
        Weeks after which half of the days count; behind a comma, others that `rolling` holds it against. None: all days
        count alike.
    against : str or None
        Folder of an older calibration that the log is held against; its scenario is the parent if no other is named.
    """
    if times_only and rolling:
        raise refused("--rolling: what takes times alone from a log (--times-only) foretells nothing; leave out one")
    # What takes times alone foretells nothing.
    share = 0.0 if times_only else _share(hold_out)
    weeks = _half_lives(half_life, rolling)
    shipped, older = options.shipped, _older(against)
    if older is not None and parent is None:
        # As it was fitted, whatever has been made of its file.
        scenario = scenario_from_dict(older.scenario)
    else:
        base = str(shipped / f"{BASELINE}.yaml") if parent is None else parent
        check_file(base, shipped)
        scenario = load_scenario_file(base)
    called = _name(name, log[0])
    parts = [Path(file) for file in log]
    meant = None if mapping is None else load_mapping(mapping, [file.name for file in parts])
    without_pandas()
    rows, report = read_log(parts, meant)
    _check_begins(rows, report, log[0])
    digest = hashlib.sha256()
    for file in [*log, *([] if mapping is None else [mapping])]:
        digest.update(Path(file).read_bytes())
    seed, engine = seed_of(options), engine_of(options)
    point = design_point_of(scenario, seed, engine)
    asked = {"log": digest.hexdigest(), "hold_out": share, "parent": scenario_as_dict(scenario)}
    asked |= {"times_only": True} if times_only else {}
    asked |= {"rolling": True} if rolling else {}
    asked |= {"half_life": weeks} if weeks else {}
    asked |= {} if older is None else {"against": older.about.identity, "hurry": options.quick}
    about = about_of(KIND, called, options.again, [point], Rule(), asked)
    title = {"en": f"{called}, from its log", "zh": f"{called}（由业务记录拟合）"}

    def work(ready: Ready) -> Calibration:
        def told(done: int, all_: int) -> None:
            ready.tell(Progress(1, 0, done, 0, all_ - done, None), "")

        def told_rolling(done: int, all_: int) -> None:
            ready.tell_step(Progress(1, 0, done, 0, all_ - done, None), _("rolling back-test"))

        try:
            fit = with_waits(fit_log(rows, scenario, called, title, times_only, next(iter(weeks), None)), rows)
            held_out, compared, gains = held_out_test(rows, scenario, fit, share, seed, engine, told)
            others = [*weeks[1:], None] if weeks else []
            walked = tuple(rolling_test(rows, scenario, fit, seed, others, engine, told_rolling)) if rolling else ()
        except ScenarioError as error:
            raise ScenarioError(_hinted(problem, log[0]) for problem in error.problems) from None
        record = recorded(about, rows, report, scenario, replace(fit, gains=gains), held_out, compared,
                          walked)  # fmt: skip
        if rolling and not walked:
            record = replace(record, notes=(*record.notes, Note("no rolling", {})))
        if older is None:
            return record

        def watch(progress: Progress) -> None:
            ready.tell_step(progress, _("what has changed"))

        return held_against(record, older, seed, engine, options.quick, options.jobs, watch)

    return Job(about, [point], work, subject=log[0], alone=True)


def _older(against: str | None) -> Calibration | None:
    """Return the calibration in a folder.

    Raises
    ------
    InputError
        If it holds none.
    """
    if against is None:
        return None
    if not Path(against).is_dir():
        raise refused("--against: there is no folder {folder}; name that of an older calibration",
                      folder=shown(against))  # fmt: skip
    try:
        return read_results(STUDY, Path(against))
    except SavedError as error:
        raise refused("--against: {why}", why=error) from error


def _check_begins(log: StepLog, report: LogReport, file: str) -> None:
    """Raise an error if no row tells when a case came or was served."""
    if np.isfinite(log.begin).any():
        return
    if {"queued", "started"} <= set(report.missing):
        raise refused(
            "{file}: no column tells from when a case waits or when service starts, but only when it ended; write in a "
            "--mapping {how}, or started; {estimate} there estimates starts from the ends of who served", file=file,
            how="'columns: {queued: HEADING}'", estimate="'estimate_starts: true'",
        )  # fmt: skip
    raise refused("{file}: in none of {rows} rows is a time from when the case waits or service starts, but only when "
                  "it ended; export these times as well, or write {estimate} in a --mapping", file=file, rows=len(log),
                  estimate="'estimate_starts: true'")  # fmt: skip


def _share(text: str) -> float:
    """Return a share of days that leaves some."""
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,6})?)(%?)", text.translate(HALF_WIDTH).strip(), re.ASCII)
    share = (float(found[1]) / (100 if found[2] else 1)) if found else -1.0
    if not 0 <= share <= MOST_HELD_OUT:
        raise refused("--hold-out: must be a share from 0 to {most} such as 0.25, not {value}", most=MOST_HELD_OUT,
                      value=shown(text))  # fmt: skip
    return share


def _half_lives(text: str | None, rolling: bool) -> list[float]:
    """Return the half-lives that are asked for, that of the fit first."""
    if text is None:
        return []
    parts = [part.strip() for part in text.translate(HALF_WIDTH).split(",")]
    right = [part for part in parts if re.fullmatch(r"\d{1,3}(?:\.\d{1,3})?", part, re.ASCII)]
    found = list(dict.fromkeys(map(float, right)))
    if len(right) < len(parts) or not all(SHORTEST <= weeks <= LONGEST_LIFE for weeks in found):
        raise refused("--half-life: must be weeks, from {least} to {most}, such as 26, not {value}", least=SHORTEST,
                      most=LONGEST_LIFE, value=shown(text))  # fmt: skip
    if len(found) > 1 and not rolling:
        raise refused("--half-life: several are held against each other by --rolling only; name one, or add --rolling")
    return found


def _hinted(problem: Problem, file: str) -> Problem:
    """Return what is wrong with the scenario that a log gives, with what may help."""
    return Problem(file, 1, 1, Message(
        "{why}; this is what the log shows; a --parent with other hours, or shift_hours and shift_weeks in a "
        "--mapping, may be missing", why=problem.message,
    ))  # fmt: skip


def _name(name: str | None, file: str) -> str:
    """Return the name of a calibration: as it is given, or as the file is called."""
    if name is not None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > LONGEST:
            raise refused("--name: must be small letters, digits and hyphens, {longest} at most, not {name}",
                          longest=LONGEST, name=shown(name))  # fmt: skip
        return name
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(file).name.split(".")[0].lower())
    stem = "-".join(part for part in stem.split("-") if part)[:LONGEST].strip("-")
    if not stem:
        raise refused("--name: no name can be made of {file}; give one, such as {example}", file=shown(file),
                      example="--name our-office")  # fmt: skip
    return stem


def files(record: Calibration) -> dict[str, str]:
    """Return the fitted scenario, and the intervals of the fitted values as `sensitivity --ranges` reads them."""
    scenario = scenario_from_dict(record.scenario)
    ranges = []
    for path, ends in record.ranges.items():
        line = f"{path}: {json.dumps(ends)}"
        name = path.replace("[]", "[0]")
        cannot = [end for end in ends if not usable(scenario, [Estimate(name, end, *ends, 0, "")])]
        # What it cannot have would be refused; that it was fitted stands there all the same.
        ranges.append(f"# {line} left out: no such office can have {cannot[0]:g}\n" if cannot else f"{line}\n")
    head = "# 95 % intervals of what was fitted, for `sensitivity --ranges`.\n"
    return {f"{record.name}.yaml": as_yaml(record), RANGES: head + "".join(ranges)}


def as_yaml(record: Calibration) -> str:
    """Return the fitted scenario as a file that can be run, with the source of each fitted value at its line."""
    weeks, told = record.log.half_life, record.log.days_told
    recency = f"The older a day, the less it counts: {told} of {record.log.working_days} do, by a half-life in weeks of"
    head = (
        f"{WRITTEN} in {record.log.kept:,} rows of a log from {record.log.first} to {record.log.last}.",
        f"Values marked 'fitted' come from it; all others are those of {record.parent}, whatever they rest on.",
        *([] if weeks is None else [f"{recency} {weeks:g}."]),
        f"NOT TO BE JUDGED BY: {told} working days are too few; export a longer period."
        if told < FEW_DAYS
        else "Complete, and ready for run, staff, limit, explain, sensitivity and compare.",
    )
    unseen = Counter(each.index for each in record.estimates if each.index and not each.known)
    sources: dict[Steps, str] = {}
    for each in record.used:
        path = path_of(each.name)
        if each.known and each.index:
            # Those of the members of a list stand at the list, once.
            others = f"; {unseen[each.index]} not in the log, as in {record.parent}" if unseen[each.index] else ""
            sources[path[:-1]] = f"{_source(each)}, intervals in estimates.csv{others}"
        elif each.known:
            interval = "" if each.method.endswith(OF_WEEKS) else "95 % "
            sources[path] = f"{_source(each)}, {interval}{_short(each.low)} to {_short(each.high)}"
        elif STARTS in each.method or each.method.startswith(NOBODY):
            sources[path] = f"{_source(each)}, no interval"
            if endless(each):
                sources[*path[:-1], "hangs_up"] = _source(each)
    for fit in record.goodness:
        if fit.used and fit.family == SAMPLE:
            path = path_of(place_of_sample(fit.step, fit.about))
            sources[path] = f"fitted: {fit.n:,} times of the log, or as many parts of them; no family fits"
    for name in set(OFFERED).intersection(record.about.fitted.parameters if record.about.fitted else ()):
        sources[path_of(name)] = f"fitted: the log has rows of it; false in {record.parent}"
    for row in record.duty:
        seen = f"fitted: seen at work ({row.method}) on {row.days} days; idle servers are not seen"
        sources["staff", row.pool, "plan"] = seen
        if record.scenario["staff"][row.pool]["at_once"] > 1:
            sources["staff", row.pool, "at_once"] = "fitted: services of one person go on side by side"
    orders = {gain.step for gain in record.gains if gain.what == CORRECTED}
    for place, rule in enumerate(record.scenario.get("priorities", ())):
        if rule["stage"] in orders and rule["corrected"]:
            sources["priorities", place, "corrected"] = "fitted: new files wait longer than in the order of coming"
    if any(gain.what == NEWEST_FIRST for gain in record.gains):
        sources["newest_first",] = "fitted: most of those begun while others waited had come last"
    # Through JSON, so that nothing is anything but a plain value.
    plain = json.loads(json.dumps(record.scenario))
    for pool in plain["staff"].values():
        if isinstance(pool, dict) and pool.get("roster"):
            # It has no effect beside a roster; where hours have changed it is no default either.
            pool.pop("plan", None)
    tree = _commented(plain, (), sources)
    text = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 4096
    yaml.dump(tree, text)
    return "".join(f"# {line}\n" for line in head) + text.getvalue()


def _source(estimate: Estimate) -> str:
    return f"fitted: {estimate.method}, n = {estimate.n:,}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _commented(value: Any, path: Steps, sources: Mapping[Steps, str]) -> Any:
    """Return a value with the sources of what is in it as comments."""
    if isinstance(value, dict):
        made = CommentedMap()
        for key, inner in value.items():
            made[key] = _commented(inner, (*path, key), sources)
            if (*path, key) in sources:
                made.yaml_add_eol_comment(sources[*path, key], key)
        return made
    if isinstance(value, list):
        row = CommentedSeq([_commented(inner, (*path, number), sources) for number, inner in enumerate(value)])
        if not any(isinstance(inner, dict) for inner in value):
            row.fa.set_flow_style()
        return row
    return value
