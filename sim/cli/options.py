"""The options that every verb knows."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sim.office.problems import nearest, shown
from sim.studies.base import LONGEST_NAME, InputError, Options, refused
from sim.text import LANGUAGES, N_, Language, Message, _

LARGEST_SEED = 2**64 - 1
MOST_REPLICATIONS = 100_000
MOST_JOBS = 1024
ENGINES = ("compiled", "process")

Check = Callable[[click.Context, click.Parameter, Any], Any]


@dataclass(frozen=True)
class Call:
    """Where the program is, where scenarios of one's own are written, and the line that it was called with."""

    home: Path
    own: Path
    command: str


def wrong(param: click.Parameter, template: str, /, **values: object) -> InputError:
    """Return what is wrong with an option, to be raised."""
    return refused("{option}: {why}", option=param.opts[0], why=Message(template, **values))


def whole_number(smallest: int, largest: int) -> Check:
    """Return a check that an option is a whole number within bounds."""

    def check(context: click.Context, param: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 30 and smallest <= int(value) <= largest:
            return int(value)
        raise wrong(param, N_("must be a whole number from {low} to {high}, not {value}"), low=smallest, high=largest,
                    value=shown(value))  # fmt: skip

    return check


def one_of(*words: str) -> Check:
    """Return a check that an option is one of two words."""

    def check(context: click.Context, param: click.Parameter, value: str | None) -> str | None:
        if value is None or value in words:
            return value
        raise wrong(param, N_("must be {one} or {other}, not {value}; {nearest}"), one=words[0], other=words[1],
                    value=shown(value), nearest=nearest(value, words))  # fmt: skip

    return check


def address(context: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Check that an option is the address of a scheduler; whether anybody is there is seen later."""
    if value is None or re.fullmatch(r"tcp://([^\s/:]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", value):
        return value
    raise wrong(param, N_("must be an address like {example}, not {value}"), example="tcp://127.0.0.1:8786",
                value=shown(value))  # fmt: skip


def folder(context: click.Context, param: click.Parameter, value: str) -> Path:
    """Check that an option names a folder; whether it can be written to is seen later."""
    if not value.strip() or "\0" in value:
        raise wrong(param, N_("must be the name of a folder, not {value}"), value=shown(value))
    path = Path(value).expanduser()
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        raise wrong(param, N_("must be a folder whose name has at most {most} bytes, not {value}"), most=LONGEST_NAME,
                    value=f"{shown(value)[:60]}...")  # fmt: skip
    return path


def shared_options(hidden: bool = False, out: bool = False) -> list[click.Parameter]:
    """Return the options that stand before or after the verb alike, in the language spoken here.

    Parameters
    ----------
    hidden : bool
        Those that make no difference to the verb are not listed.
    out : bool
        The one that says where the results are is, even so.
    """
    number = "NUMBER"
    return [
        click.Option(["--seed"], callback=whole_number(0, LARGEST_SEED), metavar=number, hidden=hidden,
                     help=_("Seed of the random numbers.")),
        click.Option(["--max-replications"], callback=whole_number(1, MOST_REPLICATIONS), metavar=number, hidden=hidden,
                     help=_("Replications at which a verdict is given up as UNDECIDED (2000; some verbs: fewer).")),
        click.Option(["--engine"], callback=one_of(*ENGINES), metavar="|".join(ENGINES), default=ENGINES[0],
                     hidden=hidden, help=_("Engine: compiled, or process (SimPy, the same to the last bit).")),
        click.Option(["--out"], callback=folder, default="results", metavar="FOLDER", hidden=hidden and not out,
                     help=_("Folder of the results (results).")),
        click.Option(["--quick"], is_flag=True, hidden=hidden,
                     help=_("A quicker answer, which says less: as many replications as a first look takes.")),
        click.Option(["--jobs"], callback=whole_number(1, MOST_JOBS), metavar=number, hidden=hidden,
                     help=_("Cores of this machine (all).")),
        click.Option(["--scheduler"], callback=address, metavar="tcp://HOST:PORT", hidden=hidden,
                     help=_("Work on a Dask cluster.")),
        click.Option(["--yes"], is_flag=True, hidden=hidden,
                     help=_("Simulate also what takes much memory.")),
        click.Option(["--replace"], is_flag=True, hidden=hidden,
                     help=_("Replace finished results of other input.")),
        click.Option(["--lang"], callback=one_of(*LANGUAGES), metavar="|".join(LANGUAGES),
                     help=_("Language (that of the locale).")),
        click.Option(["--json", "as_json"], is_flag=True, help=_("One JSON object on standard output.")),
        click.Option(["--debug"], is_flag=True, help=_("Show where an internal error happened.")),
        click.Option(["--help", "-h"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
                     help=_("Show this message.")),
    ]  # fmt: skip


def _show_help(context: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(context.get_help(), color=context.color)
        context.exit()


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
        own=call.own,
        command=call.command,
        seed=values["seed"],
        budget=values["max_replications"],
        jobs=values["jobs"],
        scheduler=values["scheduler"],
        replace=values["replace"],
        engine=values["engine"],
        out=values["out"],
        quick=values["quick"],
        yes=values["yes"],
        json=values["as_json"],
        debug=values["debug"],
    )


def language_of(arguments: Sequence[str]) -> Language:
    """Return the language that arguments ask for, right or wrong as the others may be; else that of the locale."""
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            value = value or next(iter(arguments[place + 1 :]), "")
            for each in LANGUAGES:
                if value == each:
                    return each
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
