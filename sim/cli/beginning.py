"""The verb `new`: a scenario of one's own, a few lines that extend the neutral office."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim import program
from sim.files import replaced_file
from sim.office.blocks import MAX_SERVERS
from sim.office.parameters.fields import show_span
from sim.office.problems import ScenarioError, shown
from sim.office.scenario import BLANK, NAME, SUFFIX, load_scenario_file
from sim.present.assumptions import value_of
from sim.present.sources import unit_in_words
from sim.present.terminal import one_line, print_json, print_text
from sim.studies.base import InputError, Options
from sim.studies.driver import writing
from sim.studies.inherited import taken_over
from sim.text import HALF_WIDTH, N_, Message, _

POOLS = ("reviewers", "clerks", "assistants", "consultants")
"""Whose numbers can be given on the command line; without assistants or consultants an office has none."""
NUMBER = r"[0-9]{1,7}(?:\.[0-9]{1,6})?"
TARGETS = (
    ("mean", re.compile(rf"(?P<minutes>{NUMBER})")),
    ("share", re.compile(rf"(?P<level>{NUMBER})\s*%\s*(?:within|in|/|在)\s*(?P<minutes>{NUMBER})")),
    ("percentile", re.compile(rf"[Pp](?P<level>{NUMBER})\s*(?:within|in|/|<=|:)\s*(?P<minutes>{NUMBER})")),
)
ASKED = (
    "title", "registrations", "reviewers", "clerks", "assistants", "consultants", "returned", "hours", "target", "year",
)  # fmt: skip
"""What the command line may say of an office, in the order of the verb's options."""
SCHEMA = "docs/scenario.schema.json"
THERE = N_("{file} is there already; choose another name, or change the file")
HEAD = N_(
    "{title}. Only what is said here differs from the neutral office, blank.yaml; all parameters: docs/parameters.md."
)
USES = {
    "check": N_("what is assumed without being said here"),
    "run": N_("does the target hold"),
    "staff": N_("the cheapest roster"),
    "limit": N_("how much demand it bears"),
}
UNSAID = (
    N_("Assumed, and not said above: what most hangs on first, with the value that counts until another is written "
       "above."),
    N_("Minutes: by how much the mean licence time of a neutral office differs at an end of the range."),
)  # fmt: skip


def begin(name: str, *said: Any) -> int:
    """Write a scenario of one's own; return the exit status.

    Parameters
    ----------
    name : str
        Of the scenario, and of its file.
    *said
        What `ASKED` names, each a text or None, and the `Options`.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    options: Options = said[-1]
    given: dict[str, str | None] = dict(zip(ASKED, said, strict=False))
    # Digits and signs as a Chinese keyboard gives them: ９：００－１７：００, ２５％.
    given |= {of: text.translate(HALF_WIDTH) for of, text in given.items() if text and of != "title"}
    name = name.removesuffix(SUFFIX)
    file, shipped = program.from_here(options.own / f"{name}{SUFFIX}"), options.shipped
    wrong: list[Message] = []
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name, re.ASCII) or len(name) > 64 or not NAME.fullmatch(name):
        wrong.append(Message("NAME: must be small letters, digits and hyphens such as 'my-county', not {value}",
                             value=shown(name)))  # fmt: skip
    elif file.exists():
        wrong.append(Message(THERE, file=str(file)))
    elif (shipped / file.name).exists():
        wrong.append(Message("{name} is the name of a shipped scenario; choose another", name=shown(name)))
    lines = list(_lines(name, given, wrong))
    if wrong:
        raise InputError(*(Message("new: {why}", why=why) for why in wrong))
    head = [_(HEAD, title=one_line(given["title"] or name)), ""]
    head += [f"    {program.called} {verb} {file}    {_(what)}" for verb, what in USES.items()]
    schema = []
    if (file.parent / ".." / SCHEMA).is_file():
        schema = [f"# yaml-language-server: $schema=../{SCHEMA}"]
    text = "\n".join([*schema, *map(_comment, head), *lines, ""])

    def check(_: Path) -> None:
        if file.exists():  # somebody else was quicker
            raise InputError(Message("new: {why}", why=Message(THERE, file=str(file))))

    with writing(file.parent), replaced_file(file, check=check) as new:
        new.write_text(text, encoding="utf-8", newline="\n")
    try:
        load_scenario_file(file)
        unsaid = "".join(f"{_comment(line)}\n" for line in (*map(_, UNSAID), *_unsaid(file)))
    except ScenarioError as error:
        file.unlink()
        raise InputError(*(Message("new: {why}", why=each.message) for each in error.problems)) from None
    with writing(file.parent), replaced_file(file) as new:
        new.write_text(f"{text}\n{unsaid}", encoding="utf-8", newline="\n")
    if options.json:
        print_json({"status": 0, "file": str(file)})
        return 0
    print_text(_(
        "Written: {file}. Next: {program} run {file}\nWhat it assumes without saying so is listed at its end.",
        file=file, program=program.called,
    ))  # fmt: skip
    return 0


def _comment(line: str) -> str:
    return f"# {line}".rstrip()


def _lines(name: str, given: Mapping[str, str | None], wrong: list[Message]) -> Iterator[str]:
    """Yield the lines of the scenario; what is wrong with the answers is added to `wrong`."""
    # A text as JSON has it is one as YAML has it.
    title = json.dumps(one_line(given["title"] or name.replace("-", " ").capitalize()), ensure_ascii=False)
    yield f"name: {name}"
    yield f"title: {{en: {title}, zh: {title}}}"
    yield f"extends: {BLANK}"
    if given["year"] is not None:
        yield f"year: {_whole('year', given['year'], 2004, 2100, wrong)}"
    yield ""
    hours = _hours("08:30-12:00,13:30-17:00" if given["hours"] is None else given["hours"], wrong)
    follow, counts, whence = map(_comment, (
        _("phone, review and default shifts follow the hall"), _("in which waiting counts: part of the promise"),
        _("where the numbers of staff are from"),
    ))  # fmt: skip
    yield f"hours:                           {follow}"
    yield f"  office: [{hours}]"
    yield f"  counted: [{hours}]  {counts}"
    if given["target"] is None:
        unsaid = _comment(_("nothing was said of the promise: 5 minutes on average"))
        yield f"target: {{statistic: mean, minutes: 5}}  {unsaid}"
    else:
        yield f"target: {_target(given['target'], wrong)}"
    registrations = _whole("registrations", given["registrations"] or "10000", 1, 1_000_000, wrong)
    yield f"demand: {{registrations_per_year: {registrations}}}"
    if given["returned"] is not None:
        yield f"review: {{return_rate: {_share('returned', given['returned'], 0.95, wrong)}}}"
    if given["assistants"] is not None:
        yield "filing: {offered: true}"
    if given["consultants"] is not None:
        yield "phone: {offered: true, calls_per_application: 0.8}"
    given_one = any(given[pool] is not None for pool in POOLS)
    yield f"staffing: {'observed' if given_one else 'assumed'}               {whence}"
    yield "staff:"
    usual = {"reviewers": "2", "clerks": "1"}
    for pool in POOLS:
        number = given[pool] if given[pool] is not None else usual.get(pool)
        if number is not None:
            yield f"  {pool}: {{people: {_whole(pool, number, 0, MAX_SERVERS, wrong)}}}"


def _whole(option: str, text: str, low: int, high: int, wrong: list[Message]) -> int:
    digits = re.sub(r"[,_ ]", "", text)
    if digits.isascii() and digits.isdigit() and len(digits) < 12 and low <= int(digits) <= high:
        return int(digits)
    wrong.append(Message("--{option}: must be a whole number from {low} to {high}, not {value}", option=option, low=low,
                         high=high, value=shown(text)))  # fmt: skip
    return low


def _share(option: str, text: str, most: float, wrong: list[Message]) -> float:
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*(%?)", text.strip())
    value = float(match[1]) / (100 if match[2] else 1) if match else 99.0
    if not 0 <= value <= most:
        wrong.append(Message("--{option}: must be a share from 0 to {most}, such as 0.25 or 25%, not {value}",
                             option=option, most=most, value=shown(text)))  # fmt: skip
    return round(value, 9)


def _hours(text: str, wrong: list[Message]) -> str:
    spans: list[tuple[float, float]] = []
    for part in re.split(r"[,，;；\s]+", text.strip()):
        found = re.fullmatch(r"(\d{1,2}):([0-5]\d)\s*[-–~]\s*(\d{1,2}):([0-5]\d)", part)
        begin, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (1, 0)
        if not begin < end <= 24 * 60 or (spans and begin < spans[-1][1]):
            wrong.append(Message("--hours: must be hours in order such as {example}, not {value}",
                                 example="09:00-12:00,13:30-17:30", value=shown(text)))  # fmt: skip
            return ""
        spans.append((float(begin), float(end)))
    return ", ".join(f'"{show_span(span)}"' for span in spans)


def _target(text: str, wrong: list[Message]) -> str:
    for statistic, pattern in TARGETS:
        if found := pattern.fullmatch(text.strip().removesuffix("min").removesuffix("分钟").strip()):
            parts: dict[str, Any] = found.groupdict()
            if "level" in parts and not 1 <= float(parts["level"]) <= 99.9:
                break
            level = f", level: {float(parts['level']) / 100:g}" if "level" in parts else ""
            return f"{{statistic: {statistic}, minutes: {float(parts['minutes']):g}{level}}}"
    wrong.append(Message("--target: must be minutes on average such as 5, or '90% within 10' or 'P90 within 10', not "
                         "{value}", value=shown(text)))  # fmt: skip
    return ""


def _unsaid(file: Path) -> Iterator[str]:
    """Yield a line for each assumption that a scenario makes without saying so."""
    found = taken_over(file)
    wide = max((len(each.assumption.parameter) for each in found), default=0)
    for each in found:
        of = each.assumption
        minutes = f"{each.minutes:6.2f} {unit_in_words('min')}"
        yield f"{of.parameter:{wide}}  {value_of(of, of.value):>8}  {minutes}  {of.meaning}"
