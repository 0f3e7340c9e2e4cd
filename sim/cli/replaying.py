"""The verb `replay`: a day or a week of one office, or of two side by side, as one page for a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from sim.cli.errors import InputError
from sim.cli.fitted import fitted_in_all
from sim.cli.inputs import check_file
from sim.cli.options import LONGEST_NAME, Options
from sim.cli.output import print_json, print_text, say
from sim.cli.plans import check_names, loaded_plans
from sim.cli.running import ENGINE_OF, check_out, seed_of, writing
from sim.engines.play import NeverFinishesError
from sim.files import replaced_file
from sim.office.parameters import Scenario
from sim.office.problems import shown
from sim.replay.days import NoSuchDayError, middle_day, number_of, week_of
from sim.replay.labels import LABELS
from sim.replay.page import LARGEST_PAGE, MARK, Replayed, replay_page
from sim.replay.played import Played, play_period
from sim.replay.what_happened import OfficeDay, what_happened
from sim.replicate.cells import cell_of, digest

REPLAYS = "replays"
"""Folder, in that of the results."""
BETWEEN = "-vs-"


def replay_files(files: Sequence[str], day: str | None, week: bool, options: Options) -> int:
    """Write the page of one or two scenario files, and say where it is; return the exit status."""
    if not 1 <= len(files) <= 2:
        raise InputError(f"replay needs one scenario file, or two to be shown side by side, not {len(files)}")
    wanted = _date(day)
    for file in files:
        check_file(file, options.home / "scenarios")
    scenarios = loaded_plans(files)
    check_names("replay", scenarios)
    _check_periods(scenarios)
    check_out(options.out)
    seed = seed_of(options)
    played = [_played(scenario, file, seed, options) for scenario, file in zip(scenarios, files, strict=True)]
    try:
        wanted = wanted or middle_day(played[0])
        dates = (week_of(played, wanted) if week else []) or [wanted]
        offices = [Replayed(one, tuple(what_happened(one, number_of(played, on)) for on in dates)) for one in played]
    except NoSuchDayError as error:
        raise InputError(f"--day: {error}") from None
    cells = [cell_of(scenario, seed, ENGINE_OF[options.engine]).key for scenario in scenarios]
    titles = [[scenario.name, scenario.title.en, scenario.title.zh] for scenario in scenarios]
    rests_on = digest([cells, titles, [on.isoformat() for on in dates]])
    fitted = fitted_in_all(files, scenarios) is not None
    page = replay_page(offices, options.language, seed, rests_on, fitted)
    target = options.out / REPLAYS / f"{_name(scenarios)}-{dates[0]}{'-week' if week else ''}.html"
    _write(page, target, rests_on, options)
    if options.json:
        print_json({"status": 0, "file": str(target), "seed": seed, "offices": [_answer(office) for office in offices]})
    else:
        print_text(_report(offices, target, options))
    return 0


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--day: must be a date like 2023-03-06, not {shown(text)}") from None


def _check_periods(scenarios: Sequence[Scenario]) -> None:
    """Raise an `InputError` if two scenarios are about other days: then they have no applicants in common."""
    first, last = scenarios[0], scenarios[-1]
    if (first.first_day, first.last_day) != (last.first_day, last.last_day):
        periods = [f"{one.name} is about {one.first_day} to {one.last_day}" for one in (first, last)]
        raise InputError(f"replay: {', '.join(periods)}; side by side go scenarios of the same period")


def _played(scenario: Scenario, file: str, seed: int, options: Options) -> Played:
    try:
        return play_period(scenario, seed, ENGINE_OF[options.engine])
    except NeverFinishesError as error:
        raise InputError(f"{file}: {error}") from None


def _name(scenarios: Sequence[Scenario]) -> str:
    names = [scenario.name for scenario in scenarios]
    joined = BETWEEN.join(names)
    return joined if len(joined) <= LONGEST_NAME // 2 else f"{names[0][:60]}{BETWEEN}{digest(names)[:8]}"


def _write(page: str, file: Path, rests_on: str, options: Options) -> None:
    """Write the page; one of other input is replaced only if that was asked for."""
    with writing(file):
        if file.is_dir():
            raise InputError(f"--out: {shown(str(file))} is a folder, where the page is to go; move it away")
        if file.exists() and not options.replace:
            with file.open(encoding="utf-8", errors="replace") as found:
                there = found.read(2000)
            if MARK not in there:
                raise InputError(f"{file} is no replay of this program; move it away, or add --replace")
            if f'{MARK}{rests_on}"' not in there:
                raise InputError(f"{file} is a replay of another seed or scenario; add --replace to replace it")
        with replaced_file(file) as new:
            new.write_text(page, encoding="utf-8")
    if (size := file.stat().st_size) > LARGEST_PAGE:
        say(f"{file} has {size / 1e6:.1f} MB; a single day without --week is smaller (warning)")


def _answer(office: Replayed) -> dict[str, object]:
    scenario = office.played.scenario
    days = [{"date": day.date.isoformat(), **asdict(day.totals)} for day in office.days]
    return {"scenario": scenario.name, "title": {"en": scenario.title.en, "zh": scenario.title.zh}, "days": days}


def _report(offices: Sequence[Replayed], file: Path, options: Options) -> str:
    lines = [_line(office, day, options) for office in offices for day in office.days]
    return "\n".join([*lines, _label("written", options, file=file)])


def _line(office: Replayed, day: OfficeDay, options: Options) -> str:
    totals = day.totals
    return _label(
        "day in a line", options, title=getattr(office.played.scenario.title, options.language), date=day.date,
        licences=totals.licences, mean=f"{totals.mean:.2f}" if totals.licences else "–", gave_up=totals.gave_up,
    )  # fmt: skip


def _label(key: str, options: Options, **values: object) -> str:
    return LABELS[key][0 if options.language == "en" else 1].format(**values)
