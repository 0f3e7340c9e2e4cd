"""Read the folders that a briefing is made from, and find those that belong together."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from sim import program
from sim.present.names import naming
from sim.present.table import Sentence
from sim.present.terminal import UNSAFE
from sim.results.about import Record, kept_in
from sim.results.codec import MANIFEST
from sim.studies import studies, study_of
from sim.studies.base import Found, Study, scenarios_in
from sim.studies.finished import SavedError, found_in
from sim.studies.run.overview import OverviewRow, by_result, overview_row, read_overview
from sim.text import N_, Message, _

SCENARIOS = "scenarios"
"""Folder of the main job's results, and the one of them that a briefing is about if none is named."""
RUN = "run"
"""What a briefing on a scenario is about, and its other situations are."""
NEEDED = ("name", "title", "target", "hours", "staff")
"""Of a scenario in full."""
BREAKS = "\t\n\r\u0085\u2028\u2029"
DIFFERS = {
    "scenario": N_("{path}: its scenario {name} has another content than that of {other}; make it again"),
    "seed": N_("{path} has another seed than {other}; make it again"),
    "model": N_("{path} was made by another version of the model than {other}; make it again"),
}
"""Why results are left out: what they are about is not what the others are about."""


@dataclass(frozen=True)
class Given:
    """All that a briefing is made from.

    Attributes
    ----------
    all : tuple of Found
        The first is what the briefing is about.
    root : Path
        The folder of all results.
    left_out : tuple of Sentence
        Why others do not belong to these.
    unreadable : tuple of Message
        Why others cannot be shown.
    """

    all: tuple[Found[Any], ...]
    root: Path
    left_out: tuple[Sentence, ...] = ()
    unreadable: tuple[Message, ...] = ()

    @property
    def lead(self) -> Found[Any]:
        """What the briefing is about."""
        return self.all[0]

    def named(self) -> AbstractContextManager[None]:
        """Return the context in which the own steps and pools of all these are called by their titles."""
        return naming([scenario for found in self.all for scenario in scenarios_in(found.record)])

    def of(self, kind: str) -> list[Found[Any]]:
        """Return the results of a kind."""
        return [found for found in self.all if kind_of(found) == kind]


def kind_of(found: Found[Any]) -> str:
    """Return what was done, as the manifest says it."""
    return str(found.record.about.kind)


def study_behind(found: Found[Any]) -> Study[Any]:
    """Return the study that made results."""
    study = study_of(kind_of(found))
    assert study is not None  # it has read them
    return study


def in_overview(given: Given) -> dict[str, OverviewRow]:
    """Return the rows of the main job's table that are of the runs given, and not of others before or after them."""
    same: dict[str, OverviewRow] = {}
    rows = read_overview(given.root)
    for run in given.of(RUN):
        record, row = run.record, rows.get(run.record.name)
        # In words, for which what is no number is the same as itself.
        if run.path == f"{SCENARIOS}/{record.name}" and row is not None and repr(row) == repr(overview_row(record)):
            same[record.name] = row
    return same


def scenario_in(record: Record) -> tuple[str, dict[str, Any]] | None:
    """Return which field of a record has a scenario in full, and the scenario; of several plans the first."""
    for field in ("scenario", "base", "scenarios"):
        value = getattr(record, field, None)
        if isinstance(value, tuple) and value:
            return f"{field}.0", value[0]
        if isinstance(value, dict):
            return field, value
    return None


def subject_of(record: Record) -> str:
    """Return the name of the scenario that results are about; of a fitted one, of that which it was made from."""
    inside = scenario_in(record)
    return str(getattr(record, "parent", "") or (inside[1].get("name", "") if inside else ""))


def read_given(folders: Sequence[Path], root: Path) -> Given:
    """Read folders of results.

    Parameters
    ----------
    folders : sequence of Path
        The first is what the briefing is about. If there are none: the scenarios of the main job, in the order of its
        table, and of each other kind what there is about the first scenario.
    root : Path
        The folder of all results, which sources are named from.

    Raises
    ------
    SavedError
        If one of those that are named holds nothing that a briefing can show; one message a folder.
    """
    wrong: list[Message] = []
    found = _read_all(dict.fromkeys(folders or _folders(root / SCENARIOS)), root, wrong)
    if wrong and (folders or not found):
        raise SavedError(*wrong)
    if not found:
        if there := sorted(root.glob(f"*/*/{MANIFEST}")):
            raise SavedError(Message("{folder}: holds no results of the main job; name what the briefing is to be "
                                     "about, such as {example}", folder=root, example=there[0].parent))  # fmt: skip
        begin = Message("{folder}: holds no results yet; begin with: {program}", folder=root, program=program.called)
        raise SavedError(begin)
    if not folders:
        runs = [each for each in found if kind_of(each) == RUN]
        found = sorted(runs, key=lambda each: by_result(each.record)) + [each for each in found if each not in runs]
        first = found[0].record.name
        for study in studies():
            if study.kind != RUN:
                others = _read_all(_folders(root / study.folder), root, wrong)
                found += [each for each in others if subject_of(each.record) == first]
    kept, left_out = _belonging(found)
    kept[0] = _with_premises(kept[0], root)
    return Given(tuple(kept), root, tuple(left_out), tuple(wrong))


def _with_premises(lead: Found[Any], root: Path) -> Found[Any]:
    """Return a run of the main job, which looks at nothing beside the verdict, with one of the same that did."""
    study = study_behind(lead)
    if kind_of(lead) == RUN and lead.record.premises is None:
        for each in _read_all(_folders(root / study.folder), root, []):
            record = each.record
            looked = record.about.kind == RUN and record.premises is not None and record.verdict == lead.record.verdict
            if looked and _difference(record, lead.record) is None:
                return replace(lead, beside=each)
    return lead


def _folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.glob("*/") if not each.name.startswith("."))


def _read_all(folders: Iterable[Path], root: Path, wrong: list[Message]) -> list[Found[Any]]:
    """Return what is in those folders that can be read; why others cannot is added to `wrong`."""
    read: list[Found[Any]] = []
    for folder in folders:
        try:
            found = found_in(_study_in(folder), folder, root)
            field, scenario = scenario_in(found.record) or ("", dict.fromkeys(NEEDED))
            if missing := [f"{field}.{name}" for name in NEEDED if name not in scenario]:
                raise SavedError(Message(
                    "{folder}: its {file} is damaged ({what} is missing); make the results again", folder=folder,
                    file=MANIFEST, what=missing[0],
                ))  # fmt: skip
        except SavedError as error:
            wrong += error.args
        else:
            read.append(replace(found, record=with_texts(found.record, lambda text, way: one_line(text))))
    return read


def _study_in(folder: Path) -> Study[Any]:
    hint = Message("name a folder that run, sweep, staff or another verb has made")
    if os.path.isfile(folder):
        if (folder.parent / MANIFEST).exists():
            hint = Message("did you mean {folder}?", folder=folder.parent)
        raise SavedError(Message("{file}: is a file, not a folder of results; {hint}", file=folder, hint=hint))
    if not os.path.isdir(folder):
        raise SavedError(Message("{folder}: there is no such folder; {hint}", folder=folder, hint=hint))
    if not os.path.exists(folder / MANIFEST):
        if inner := sorted(file.parent for file in folder.glob(f"*/{MANIFEST}")):
            hint = Message("did you mean {folder}?", folder=inner[0])
        raise SavedError(Message("{folder}: holds no results (there is no {file}); {hint}", folder=folder,
                                 file=MANIFEST, hint=hint))  # fmt: skip
    kept = kept_in(folder)
    if kept is None:
        raise SavedError(Message("{folder}: its {file} is damaged; make the results again", folder=folder,
                                 file=MANIFEST))  # fmt: skip
    kind = str(kept.about.get("kind"))
    study = study_of(kind)
    if study is None:
        raise SavedError(Message(
            "{folder}: holds results of the kind {kind}, which a briefing does not show; it takes {kinds}",
            folder=folder, kind=repr(one_line(kind)), kinds=", ".join(each.kind for each in studies()),
        ))  # fmt: skip
    return study


def _belonging(found: Iterable[Found[Any]]) -> tuple[list[Found[Any]], list[Sentence]]:
    """Part results that belong to the first about the scenario of their name from those that do not.

    A scenario's file may have been changed between two of them. Runs stay: each is a situation of its own. So does what
    has a scenario that it has made itself, which is never that of the others.
    """
    first: dict[str, Found[Any]] = {}
    kept: list[Found[Any]] = []
    left_out: list[Sentence] = []
    for each in found:
        inside, name = scenario_in(each.record), subject_of(each.record)
        own = inside is None or inside[1].get("name") != name
        other = each if own else first.setdefault(name, each)
        differs = None if kind_of(each) == RUN else _difference(each.record, other.record)
        if differs is None:
            kept.append(each)
            continue
        why = _(DIFFERS[differs], path=each.path, other=other.path, name=name)
        left_out.append(Sentence((why,), (*each.files(), *other.files())))
    return kept, left_out


def _difference(record: Record, other: Record) -> str | None:
    """Return in what results differ that their numbers depend on; None if in nothing."""
    # A title changes no number.
    contents = [
        {key: value for key, value in inside[1].items() if key != "title"}
        for inside in map(scenario_in, (record, other)) if inside is not None
    ]  # fmt: skip
    if contents and contents[0] != contents[-1]:
        return "scenario"
    if record.about.seed != other.about.seed:
        return "seed"
    return "model" if record.about.model != other.about.model else None


def one_line(text: str) -> str:
    """Return a text without what neither charts nor XML can hold, or what turns the order of a line; in one line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if character in BREAKS else character
        for character in text
        if character in BREAKS
        or not (ord(character) in UNSAFE or unicodedata.category(character) == "Cs" or character in "\ufffe\uffff")
    )


def with_texts(value: Any, change: Callable[[str, str], str], way: str = "") -> Any:
    """Return a record, or what is in one, with every text changed.

    Parameters
    ----------
    value : object
    change : callable
        Returns the text in place of another, which it is given with the way to it: names of fields and keys, and dots.
    way : str
        To the value.
    """
    if isinstance(value, str):
        return change(value, way)
    if isinstance(value, dict):
        return {key: with_texts(inner, change, f"{way}.{key}") for key, inner in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return value
    if isinstance(value, list | tuple):
        return type(value)(with_texts(inner, change, way) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        return replace(value, **{name: with_texts(getattr(value, name), change, f"{way}.{name}") for name in names})
    return value
