"""The options that every verb knows."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sim.briefing.words import Language
from sim.office.problems import nearest, shown

LARGEST_SEED = 2**64 - 1
MOST_REPLICATIONS = 100_000
ENGINES = ("compiled", "process")

Check = Callable[[click.Context, click.Parameter, str | None], Any]
Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True)
class Options:
    """What the options say, wherever on the line they stand.

    Attributes
    ----------
    home : Path
        Folder that holds `scenarios/`.
    seed, replications : int or None
        None = as the experiments have it.
    engine, out, language, quick, json, debug
    """

    home: Path
    seed: int | None
    replications: int | None
    engine: str
    out: Path
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


def shared_options(hidden: bool = False) -> Callable[[Verb], Verb]:
    """Add the options that stand before or after the verb alike; `hidden` where they make no difference."""
    running = [
        click.option("--seed", callback=whole_number(0, LARGEST_SEED), metavar="NUMBER", hidden=hidden,
                     help="Seed of the random numbers. / 随机种子"),
        click.option("--replications", callback=whole_number(1, MOST_REPLICATIONS), metavar="NUMBER", hidden=hidden,
                     help="Number of replications, fixed beforehand (20). / 重复次数，事先确定"),
        click.option("--engine", callback=one_of(*ENGINES), metavar="compiled|process", default=ENGINES[0],
                     hidden=hidden,
                     help="Engine: compiled, or process (SimPy, the same to the last bit). / 引擎"),
        click.option("--out", callback=folder, default="results", metavar="FOLDER", hidden=hidden,
                     help="Folder to write to (results). / 结果目录"),
        click.option("--quick", is_flag=True, hidden=hidden, help="5 replications. / 快速，仅5次重复"),
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
    return Options(
        home=context.find_root().obj,
        seed=values["seed"],
        replications=values["replications"],
        engine=values["engine"],
        out=values["out"],
        language=values["lang"] or locale_language(),
        quick=values["quick"],
        json=values["as_json"],
        debug=values["debug"],
    )


def locale_language() -> Language:
    """Return Chinese if the locale's language is Chinese, else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    if named is None:
        try:
            named = locale.getlocale()[0] or ""
        except ValueError:
            named = ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
