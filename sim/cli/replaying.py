"""The verb `replay`: a day or a week of one office, or of two side by side, as one page for a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from sim.engines.play import NeverFinishesError
from sim.files import replaced_file
from sim.office.parameters import Scenario
from sim.office.problems import shown
from sim.office.scenario import scenario_as_dict
from sim.present.names import left_over
from sim.present.numbers import number
from sim.present.terminal import print_json, print_text, say
from sim.replay.page import LARGEST_PAGE, MARK, Replayed, replay_page
from sim.replay.played import NoSuchDayError, Played, middle_day, number_of, play_period, week_of
from sim.replay.what_happened import what_happened
from sim.replicate.design_points import design_point_of, digest
from sim.studies.base import LONGEST_NAME, Options, refused
from sim.studies.driver import (
    check_out,
    check_size,
    engine_of,
    fitted_in_all,
    loaded,
    seed_of,
    warn,
    warnings_of,
    writing,
)
from sim.studies.inputs import check_names
from sim.text import _

REPLAYS = "replays"
"""Folder, in that of the results."""
BETWEEN = "-vs-"


def replay_files(files: Sequence[str], day: str | None, week: bool, options: Options) -> int:
    """Write the page of one or two scenario files, and say where it is; return the exit status."""
    if not 1 <= len(files) <= 2:
        raise refused(
            "replay needs one scenario file, or two to be shown side by side, not {number}", number=len(files)
        )
    wanted = None if day is None else _date(day)
    scenarios = loaded(files, options)
    warn(warnings_of(scenarios))
    check_names("replay", scenarios)
    _check_periods(scenarios)
    check_out(options.out)
    check_size(map(scenario_as_dict, scenarios), options)
    seed, engine = seed_of(options), engine_of(options)
    played = [_played(scenario, file, options) for scenario, file in zip(scenarios, files, strict=True)]
    try:
        wanted = wanted or middle_day(played[0])
        dates = (week_of(played, wanted) if week else []) or [wanted]
        offices = [Replayed(one, tuple(what_happened(one, number_of(played, on)) for on in dates)) for one in played]
    except NoSuchDayError as error:
        raise refused("--day: {why}", why=error) from None
    titles = [[scenario.name, scenario.title.en, scenario.title.zh] for scenario in scenarios]
    points = [design_point_of(scenario, seed, engine).key for scenario in scenarios]
    rests_on = digest([points, titles, [on.isoformat() for on in dates]])
    page = replay_page(offices, seed, rests_on, fitted_in_all(files, scenarios) is not None)
    target = options.out / REPLAYS / f"{_name(scenarios)}-{dates[0]}{'-week' if week else ''}.html"
    _write(page, target, rests_on, options)
    if options.json:
        print_json({"status": 0, "file": str(target), "seed": seed, "offices": [_answer(office) for office in offices]})
    else:
        print_text("\n".join([
            *(line for office in offices for line in _lines(office)),
            _("Written to {file}; open it in a browser", file=target),
        ]))  # fmt: skip
    return 0


def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise refused("--day: must be a date like {example}, not {value}", example="2023-03-06",
                      value=shown(text)) from None  # fmt: skip


def _check_periods(scenarios: Sequence[Scenario]) -> None:
    """Raise an `InputError` if two scenarios are about other days: then they have no applicants in common."""
    one, other = scenarios[0], scenarios[-1]
    if (one.played_from, one.last_day) != (other.played_from, other.last_day):
        raise refused(
            "replay: {one} is about {first} to {last}, {other} is about {begin} to {end}; side by side go scenarios of "
            "the same period", one=one.name, first=one.played_from, last=one.last_day, other=other.name,
            begin=other.played_from, end=other.last_day,
        )  # fmt: skip


def _played(scenario: Scenario, file: str, options: Options) -> Played:
    try:
        return play_period(scenario, seed_of(options), engine_of(options))
    except NeverFinishesError as error:
        raise refused("{file}: {why}", file=file, why=left_over(error.unfinished)) from None


def _name(scenarios: Sequence[Scenario]) -> str:
    names = [scenario.name for scenario in scenarios]
    joined = BETWEEN.join(names)
    return joined if len(joined) <= LONGEST_NAME // 2 else f"{names[0][:60]}{BETWEEN}{digest(names)[:8]}"


def _write(page: str, file: Path, rests_on: str, options: Options) -> None:
    """Write the page; one of other input is replaced only if that was asked for."""

    def check(_: Path) -> None:
        if file.is_dir():
            raise refused("--out: {file} is a folder, where the page is to go; move it away", file=shown(str(file)))
        if file.exists() and not file.is_file():
            raise refused("{file} is no replay of this program; move it away, or add --replace", file=file)
        if file.exists() and not options.replace:
            with file.open(encoding="utf-8", errors="replace") as found:
                there = found.read(2000)
            if MARK not in there:
                raise refused("{file} is no replay of this program; move it away, or add --replace", file=file)
            if f'{MARK}{rests_on}"' not in there:
                raise refused("{file} is a replay of another seed or scenario; add --replace to replace it", file=file)

    with writing(file), replaced_file(file, check=check) as new:
        new.write_text(page, encoding="utf-8")
    if (size := file.stat().st_size) > LARGEST_PAGE:
        megabytes = f"{size / 1e6:.1f}"
        say(_("{file} has {size} MB; a single day without --week is smaller (warning)", file=file, size=megabytes))


def _answer(office: Replayed) -> dict[str, object]:
    scenario = office.played.scenario
    days = [{"date": day.date.isoformat(), **asdict(day.totals)} for day in office.days]
    return {"scenario": scenario.name, "title": {"en": scenario.title.en, "zh": scenario.title.zh}, "days": days}


def _lines(office: Replayed) -> list[str]:
    """Return what each day came to, in a line."""
    return [
        _(
            "{title}, {date}: {licences} licences issued, mean licence time {mean} min; {gave_up} gave up waiting",
            title=office.played.scenario.title, date=day.date, licences=day.totals.licences,
            mean=number(day.totals.mean, 2), gave_up=day.totals.gave_up,
        )
        for day in office.days
    ]  # fmt: skip
