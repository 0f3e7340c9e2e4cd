"""The options that every verb knows."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sim.briefing.words import Language
from sim.office.problems import nearest, shown

LARGEST_SEED = 2**64 - 1
MOST_REPLICATIONS = 100_000
MOST_JOBS = 1024
MOST_HELD_OUT = 0.8
"""Share of the days of a log."""
ENGINES = ("compiled", "process")

Check = Callable[[click.Context, click.Parameter, str | None], Any]
Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True)
class Call:
    """Where the program is, and the line that it was called with."""

    home: Path
    command: str


@dataclass(frozen=True)
class Options:
    """What the options say, wherever on the line they stand.

    Attributes
    ----------
    home : Path
        Folder that holds `scenarios/`.
    command : str
        The line as it was given.
    seed, budget, jobs : int or None
        None = as the experiments have it. `budget` is the largest number of replications.
    scheduler : str or None
        Address of a Dask scheduler.
    engine, out, language, quick, replace, json, debug
    """

    home: Path
    command: str
    seed: int | None
    budget: int | None
    jobs: int | None
    scheduler: str | None
    engine: str
    out: Path
    replace: bool
    language: Language
    quick: bool
    json: bool
    debug: bool


def whole_number(smallest: int, largest: int) -> Check:
    """Return a check that an option is a whole number within bounds."""

    def check(context: click.Context, param: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 30 and smallest <= int(value) <= largest:
            return int(value)
        raise click.BadParameter(f"must be a whole number from {smallest} to {largest}, not {shown(value)}")

    return check


def one_of(*words: str) -> Check:
    """Return a check that an option is one of a few words."""

    def check(context: click.Context, param: click.Parameter, value: str | None) -> str | None:
        if value is None or value in words:
            return value
        raise click.BadParameter(f"must be {' or '.join(words)}, not {shown(value)}; {nearest(value, words)}")

    return check


def share_of_days(context: click.Context, param: click.Parameter, value: str) -> float:
    """Check that an option is a share of days that leaves some: 0.25, or 25%."""
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,6})?)(%?)", value.strip(), re.ASCII)
    share = (float(found[1]) / (100 if found[2] else 1)) if found else -1.0
    if not 0 <= share <= MOST_HELD_OUT:
        raise click.BadParameter(f"must be a share from 0 to {MOST_HELD_OUT} such as 0.25, not {shown(value)}")
    return share


def address(context: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Check that an option is the address of a scheduler; whether anybody is there is seen later."""
    if value is None or re.fullmatch(r"tcp://([^\s/:]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", value):
        return value
    raise click.BadParameter(f"must be an address like tcp://127.0.0.1:8786, not {shown(value)}")


LONGEST_NAME = 200
"""Of a folder, in bytes; file systems stop at 255, and the folder is first written under a longer name."""


def folder(context: click.Context, param: click.Parameter, value: str) -> Path:
    """Check that an option names a folder; whether it can be written to is seen later."""
    if not value.strip() or "\0" in value:
        raise click.BadParameter(f"must be the name of a folder, not {shown(value)}")
    path = Path(value).expanduser()
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        start = shown(value)[:60]
        raise click.BadParameter(f"must be a folder whose name has at most {LONGEST_NAME} bytes, not {start}...")
    return path


def shared_options(hidden: bool = False, out: bool = False) -> Callable[[Verb], Verb]:
    """Add the options that stand before or after the verb alike; `hidden` where they make no difference.

    `out` shows the one that says where the results are, even so.
    """
    running = [
        click.option("--seed", callback=whole_number(0, LARGEST_SEED), metavar="NUMBER", hidden=hidden,
                     help="Seed of the random numbers. / 随机种子"),
        click.option("--max-replications", callback=whole_number(1, MOST_REPLICATIONS), metavar="NUMBER",
                     hidden=hidden,
                     help="Replications at which a verdict is given up as UNDECIDED (2000). / 重复次数上限"),
        click.option("--engine", callback=one_of(*ENGINES), metavar="compiled|process", default=ENGINES[0],
                     hidden=hidden,
                     help="Engine: compiled, or process (SimPy, the same to the last bit). / 引擎"),
        click.option("--out", callback=folder, default="results", metavar="FOLDER", hidden=hidden and not out,
                     help="Folder of the results (results). / 结果目录"),
        click.option("--quick", is_flag=True, hidden=hidden,
                     help="No more replications than the first look takes. / 快速，只做首次判定所需的重复次数"),
        click.option("--jobs", callback=whole_number(1, MOST_JOBS), metavar="NUMBER", hidden=hidden,
                     help="Cores of this machine (all). / 使用的核数"),
        click.option("--scheduler", callback=address, metavar="tcp://HOST:PORT", hidden=hidden,
                     help="Work on a Dask cluster. / 在Dask集群上运行"),
        click.option("--replace", is_flag=True, hidden=hidden,
                     help="Replace a finished experiment of other input. / 覆盖已有的不同结果"),
    ]  # fmt: skip
    always = [
        click.option(
            "--lang", callback=one_of("zh", "en"), metavar="zh|en", help="Language (that of the locale). / 语言"
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output. / 以JSON输出"),
        click.option("--debug", is_flag=True, help="Show where an internal error happened. / 显示内部错误详情"),
        click.help_option("--help", "-h", help="Show this message. / 显示帮助"),
    ]

    def decorate(verb: Verb) -> Verb:
        for option in reversed([*running, *always]):
            verb = option(verb)
        return verb

    return decorate


def options_of(context: click.Context) -> Options:
    """Return the options given before or after the verb; what is given after it wins."""
    values: dict[str, Any] = {}
    for level in filter(None, (context.parent, context)):
        for name, value in level.params.items():
            if name not in values or level.get_parameter_source(name) is not ParameterSource.DEFAULT:
                values[name] = value
    call = context.find_root().obj
    return Options(
        home=call.home,
        command=call.command,
        seed=values["seed"],
        budget=values["max_replications"],
        jobs=values["jobs"],
        scheduler=values["scheduler"],
        replace=values["replace"],
        engine=values["engine"],
        out=values["out"],
        language=values["lang"] or locale_language(),
        quick=values["quick"],
        json=values["as_json"],
        debug=values["debug"],
    )


def language_of(arguments: Sequence[str]) -> Language:
    """Return the language that arguments ask for, right or wrong as the others may be; else that of the locale."""
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            value = value or next(iter(arguments[place + 1 :]), "")
            if value in ("zh", "en"):
                return "zh" if value == "zh" else "en"
    return locale_language()


def locale_language() -> Language:
    """Return Chinese if the locale's language is Chinese, else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    if named is None:
        try:
            named = locale.getlocale()[0] or ""
        except ValueError:
            named = ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
