"""What a study is: a question that users ask, from the files that it is put in to the sentences that answer it.

A study is one folder and one line in `sim.studies.NAMES`. In its folder:

- ``__init__.py``: one `STUDY`, what is declared of it;
- ``records.py``: what the answer is, as dataclasses; written, read and shown as they are;
- ``asked.py``: from the command line to what is to be done, and whatever else computes: knows nothing of showing;
  its `files(record)`, if it has one, returns the texts of files that lie beside the tables, by name;
- ``show.py``: its sentences and tables, and ``charts``: its charts, both from the records. What only some studies have
  to say (`spoken`, `because`, `section`, `grounds`, `in_words`, `heading`, `natives`) is left out by the others.

Whoever runs, prints, briefs or serves studies knows this page alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

import click

from sim import program
from sim.present.names import naming
from sim.text import N_, Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.office.problems import Problem
    from sim.present.table import Sentence, Table, Traced
    from sim.present.terminal import Part
    from sim.replicate.design_points import DesignPoint
    from sim.replicate.gather import Progress
    from sim.replicate.store import FileStore
    from sim.replicate.workers import Workers
    from sim.results.about import About, Record

R = TypeVar("R", bound="Record")
AnswerPart = Literal["", "what", "why", "how far"]
"""Of the answer on a scenario: what was found, why it is so, and how far it holds."""
SEED = 20240201
"""Of the random numbers, where none is asked for."""
IN_FULL = ("scenario", "scenarios", "base", "staffed", "surely_staffed")
"""Fields of records that have scenarios in full."""
LONGEST_NAME = 200
"""Of a folder, in bytes; file systems stop at 255, and the folder is first written under a longer name."""

NO_PREMISES = click.Option(
    ["--no-premises"], is_flag=True,
    help=N_("Take what was fitted to a log as exact, without looking what the log leaves open."),
)  # fmt: skip
"""Of verbs whose answers on a fitted scenario carry its log."""

HOW = {"--jobs": True, "--scheduler": True, "--yes": False, "--json": False, "--replace": False, "--debug": False}
"""Options about how the work is done and told, and whether a value follows."""


class InputError(Exception):
    """The input is wrong, apart from a file with lines: each of `args` is a line that says what, and what is right."""


class StudyError(ValueError):
    """What was asked has no answer; its one argument says why."""


class LostError(Exception):
    """What the work was given to is gone: one line says what is kept."""


class StoppedError(Exception):
    """The user has interrupted: one line says what is done."""


@dataclass(frozen=True)
class Options:
    """What the options that all studies share say.

    Attributes
    ----------
    home : Path
        Folder that holds `scenarios/`.
    command : str
        The line as it was given.
    own : Path
        Folder for scenarios of one's own.
    out : Path
        Folder of all results.
    seed, budget, jobs : int or None
        None = as the studies have it. `budget` is the largest number of replications.
    scheduler : str or None
        Address of a Dask scheduler.
    engine : str
    replace, quick, yes, json, debug : bool
    """

    home: Path
    command: str = ""
    own: Path = Path()
    out: Path = Path("results")
    seed: int | None = None
    budget: int | None = None
    jobs: int | None = None
    scheduler: str | None = None
    engine: str = "compiled"
    replace: bool = False
    quick: bool = False
    yes: bool = False
    json: bool = False
    debug: bool = False

    @property
    def shipped(self) -> Path:
        """Folder of the scenarios that are shipped; below it are those of sweeps and of staffing rules."""
        return self.home / program.SCENARIOS

    @property
    def again(self) -> str:
        """The line without what makes no difference to the answer: it makes the same files on any machine."""
        words, kept = iter(shlex.split(self.command)), []
        for word in words:
            option, given, _ = word.partition("=")
            if option in HOW:
                if HOW[option] and not given:
                    next(words, None)
            else:
                kept.append(word)
        return shlex.join(kept)


@dataclass(frozen=True)
class Ready:
    """All that a study needs to work.

    Attributes
    ----------
    workers : Workers
    store : FileStore
    tell : callable
        Told the progress, and what can be said so far.
    """

    workers: Workers
    store: FileStore
    tell: Callable[[Progress, str], None]

    def tell_step(self, progress: Progress, so_far: str) -> None:
        """Tell the progress of a step of a study that has several."""
        self.tell(replace(progress, step=True), so_far)


@dataclass(frozen=True)
class Job(Generic[R]):
    """Something that was asked, checked and not yet begun.

    Attributes
    ----------
    about : About
        What the answer will rest on.
    points : sequence of DesignPoint
        Of it, as far as they are known.
    work : callable
        Finds the answer.
    warnings : sequence of Problem
        About its files.
    subject : str
        What a `StudyError` is said to be about: a file, or the verb.
    alone : bool
        Puts nothing to the workers, so that nothing of it is kept before its end.
    many_offices : bool
        Of so many offices that worker processes, which take a while to start, are done sooner than threads.
    """

    about: About
    points: Sequence[DesignPoint]
    work: Callable[[Ready], R]
    warnings: Sequence[Problem] = ()
    subject: str = ""
    alone: bool = False
    many_offices: bool = False


class Chart(NamedTuple):
    """A chart that can be drawn.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    make : callable
        Returns the figure; is called in the charts' style.
    tables : tuple of str
        Of the results, that it is drawn from besides the manifest.
    whole : bool
        Readable on a slide; if not, a briefing shows it only among all charts.
    saved : bool
        Written beside the results; if not, it is for briefings.
    part : str
        Of the answer on a scenario that it shows.
    """

    name: str
    make: Callable[[], Figure]
    tables: tuple[str, ...] = ()
    whole: bool = True
    saved: bool = True
    part: AnswerPart = ""


class NativeChart(NamedTuple):
    """A chart that a workbook draws itself, from the columns of a table.

    Attributes
    ----------
    kind : str
    title, across, up : str
        Words for the chart and its axes.
    x, y : str
        Columns: what the values are of, and the values.
    by : str
        Column whose values tell the series apart; empty: there is one.
    target : bool
        Whether what the record's target promises is drawn as a line.
    """

    kind: Literal["column", "scatter"]
    title: str
    across: str
    up: str
    x: str
    y: str
    by: str = ""
    target: bool = False


@dataclass(frozen=True)
class Found(Generic[R]):
    """A record that was read from a folder, and how its numbers are sourced.

    Attributes
    ----------
    record : Record
    path : str
        Of the folder, below that of all results, with slashes: ``scenarios/baseline-2023``.
    beside : Found or None
        Another record of the same, in which something was looked at that was not in this one.
    """

    record: R
    path: str
    beside: Found[R] | None = None

    def fact(self, name: str, file: str = "manifest.json") -> str:
        """Return the source of a field of a JSON file, its names joined by dots."""
        return f"{self.path}/{file}#{name}"

    def cell(self, table: str, column: str, **where: object) -> str:
        """Return the source of a column of a table, in the rows with some values."""
        rows = ",".join(f"{name}={value}" for name, value in where.items())
        return f"{self.path}/{table}.parquet#{column}" + (f"[{rows}]" if rows else "")

    def files(self, *tables: str) -> tuple[str, ...]:
        """Return the files that something as a whole rests on."""
        return (f"{self.path}/manifest.json", *(f"{self.path}/{name}.parquet" for name in tables))


def scenarios_in(record: Record) -> list[Mapping[str, Any]]:
    """Return the scenarios that a record has in full."""
    found: list[Mapping[str, Any]] = []
    for field_name in IN_FULL:
        value = getattr(record, field_name, None)
        found += [value] if isinstance(value, dict) else [each for each in value or () if isinstance(each, dict)]
    return found


class KeyFigure(NamedTuple):
    """A number to remember: its label, its value, the unit, and a smaller line below."""

    label: str
    value: Traced
    unit: str
    note: Sentence


class Answer(NamedTuple):
    """What a briefing begins with.

    Attributes
    ----------
    title : str
        What it is about.
    question : Sentence
    said : tuple of Sentence
        The answer, two at most.
    figures : tuple of KeyFigure
        At most four.
    verdict : Traced or None
    about : Sentence or None
        Below the question, such as period and demand; None: the title.
    caveat : Sentence or None
        What has to be known with the answer; after all else that is said.
    reach : Sentence or None
        How far the answer reaches, as a coarse look shows it: said if no other result says it.
    """

    title: str
    question: Sentence
    said: tuple[Sentence, ...]
    figures: tuple[KeyFigure, ...] = ()
    verdict: Traced | None = None
    about: Sentence | None = None
    caveat: Sentence | None = None
    reach: Sentence | None = None


class Advice(NamedTuple):
    """Something to do: what about, and what."""

    about: str
    said: Sentence


class Section(NamedTuple):
    """A part of a briefing that is about one answer: sentences, a table, and the name of its chart."""

    heading: str
    said: tuple[Sentence, ...]
    table: Table | None = None
    chart: str = ""


class Grounds(NamedTuple):
    """What an answer says of what numbers rest on.

    Attributes
    ----------
    said : tuple of Sentence
    table : Table or None
        Where the parameters are from.
    check : Sentence or None
        What to look at first.
    hanging : Table or None
        What the verdict hangs on.
    looked : bool
        Whether it was looked at what the verdict hangs on, if only to find nothing.
    values : dict of str
        Parameters, by their paths, that it has found: their values, and where they are from in words.
    """

    said: tuple[Sentence, ...] = ()
    table: Table | None = None
    check: Sentence | None = None
    hanging: Table | None = None
    looked: bool = False
    values: Mapping[str, tuple[float, str]] = {}


@dataclass(frozen=True)
class Study(Generic[R]):
    """A question that users ask: what is declared of it, and where its parts are.

    Attributes
    ----------
    package : str
        Its folder, as a module. There `records.ANSWER` is the class of its records, `asked.job(options, **arguments)`
        checks what is asked and says what is to be done, and `show` and `charts` make of a record what is shown.
    verb : str
        Of the command line.
    kind : str
        As manifests name it.
    folder : str
        Of its results, below that of all results.
    also_in : sequence of str
        Other folders that may hold some, made by something else than the verb.
    about : str
        In a line, for `--help`; in English, marked for translation.
    label : str
        What its results are called in a list; likewise.
    parameters : sequence of click.Parameter
        Of the verb, besides those that all have.
    tables : dict of str
        Those that a workbook shows, with the names of their tabs; likewise.
    part : str
        Of the answer on a scenario that `because` gives.
    """

    package: str
    verb: str
    kind: str
    folder: str
    about: str
    label: str
    parameters: Sequence[click.Parameter] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    part: AnswerPart = ""
    also_in: Sequence[str] = ()

    def _part(self, module: str) -> Any:
        """Return a module of the study; only now, so that `--help` need not wait for what computes and draws."""
        return import_module(f"{self.package}.{module}")

    @property
    def record(self) -> type[R]:
        """The class of its records."""
        found: type[R] = self._part("records").ANSWER
        return found

    def job(self, options: Options, **arguments: Any) -> Job[R]:
        """Check what is asked, and return what is to be done.

        Raises
        ------
        InputError, ScenarioError
            With all that is wrong.
        """
        found: Job[R] = self._part("asked").job(options, **arguments)
        return found

    def files(self, record: R) -> Mapping[str, str]:
        """Return the texts of files that lie beside its tables, by name, such as a scenario that was found."""
        texts: Callable[[R], Mapping[str, str]] = getattr(self._part("asked"), "files", lambda record: {})
        return texts(record)

    def _said(self, name: str, about: Any, *more: Any) -> Any:
        """Return what the study says by a function; None if it has none: not all have all.

        Its offices' own steps and pools are called by the titles that their scenarios give.
        """
        function = getattr(self._part("show"), name, None)
        with naming(scenarios_in(about.record if isinstance(about, Found) else about)):
            return None if function is None else function(about, *more)

    def short(self, record: R) -> str:
        """Return what was found, as short as a list has room for: ``HOLDS``, ``40,200–41,600``."""
        return str(self._said("short", record))

    def finding(self, record: R) -> str:
        """Return what was found, in a line."""
        return str(self._said("finding", record))

    def report(self, record: R) -> Sequence[Part]:
        """Return what is printed: lines and tables."""
        found: Sequence[Part] = self._said("report", record)
        return found

    def spoken(self, record: R) -> Sequence[str]:
        """Return the answer in two or three sentences to read aloud; none if the report says it all."""
        found: Sequence[str] = self._said("spoken", record) or ()
        return found

    def charts(self, record: R) -> Sequence[Chart]:
        """Return its charts, the most telling first."""

        def made(chart: Chart) -> Figure:
            with naming(scenarios_in(record)):
                return chart.make()

        with naming(scenarios_in(record)):
            found: Sequence[Chart] = self._part("charts").charts(record)
        return [chart._replace(make=partial(made, chart)) for chart in found]

    def answer(self, found: Found[R]) -> Answer:
        """Return what a briefing begins with that is about this."""
        answer: Answer = self._said("answer", found)
        return answer

    def advice(self, found: Found[R]) -> Sequence[Advice]:
        """Return what to do, as far as the answer says it."""
        advice: Sequence[Advice] = self._said("advice", found)
        return advice

    def because(self, found: Found[R]) -> Sentence | None:
        """Return a clause of the answer on the scenario that this is about; nothing if it has none to give."""
        clause: Sentence | None = self._said("because", found)
        return clause

    def section(self, found: Found[R]) -> Section | None:
        """Return a part of its own in a briefing, whatever that is about."""
        section: Section | None = self._said("section", found)
        return section

    def grounds(self, found: Found[R], lead: Found[Any]) -> Grounds:
        """Return what this says of what the numbers of `lead`, which may be itself, rest on."""
        grounds: Grounds | None = self._said("grounds", found, lead)
        return grounds or Grounds()

    def in_words(self, record: R, column: str, row: Any) -> object:
        """Return what a workbook shows of a row in a column, if that is not what is saved: codes as words."""
        return self._said("in_words", record, column, row)

    def heading(self, record: R, column: str) -> str:
        """Return the head of a column whose name only the data know."""
        return self._said("heading", record, column) or column

    def natives(self, record: R) -> Mapping[str, NativeChart]:
        """Return the charts that a workbook draws itself, by the table that they are drawn from."""
        natives: Mapping[str, NativeChart] = self._said("natives", record) or {}
        return natives


def refused(template: str, /, **values: object) -> InputError:
    """Return an error of one message, to be raised."""
    return InputError(Message(template, **values))
