"""What an earlier run has left: the record in a folder of results, or in one line why there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sim import program
from sim.results import timing
from sim.results.about import Record, kept_in
from sim.results.codec import FORMAT, MANIFEST, DamagedError, read_record
from sim.studies.base import Found, Study
from sim.text import Message

R = TypeVar("R", bound=Record)


class SavedError(ValueError):
    """A folder does not hold results that can be shown; one line says why, and what makes them again."""


def read_results(study: Study[R], folder: Path) -> R:
    """Return the record in a folder of results.

    Raises
    ------
    SavedError
        If it holds none, a damaged one, or one of another version.
    """
    # Scenarios of the main job are made together, by no verb.
    verb = "" if folder.parent.name in study.also_in else f" {study.verb} ..."
    again = Message("make it again with: {command} --replace", command=f"{program.called}{verb}")
    kept = kept_in(folder)
    if kept is None:
        raise SavedError(Message("{folder}: its {file} is missing or damaged; {again}", folder=folder, file=MANIFEST,
                                 again=again))  # fmt: skip
    if command := program.own_line(kept.about.get("command"), study.verb if verb else "", folder / ".." / ".."):
        again = Message("make it again with: {command} --replace", command=command)
    if kept.format != FORMAT or kept.about.get("kind") != study.kind:
        raise SavedError(Message("{folder}: results of another version of this program, or of another kind; {again}",
                                 folder=folder, again=again))  # fmt: skip
    try:
        digests = timing.digests_in(folder)
        if digests is None:
            raise DamagedError(Message("{file} is missing or damaged", file=timing.TIMING))
        record = read_record(study.record, folder, digests)
    except DamagedError as error:
        raise SavedError(Message("{folder}: damaged results ({why}); {again}", folder=folder, why=error,
                                 again=again)) from error  # fmt: skip
    return replace(record, folder=folder, finished=timing.finished_at(folder))


def found_in(study: Study[R], folder: Path, root: Path) -> Found[R]:
    """Return the record in a folder, and how its numbers are sourced below the folder of all results."""
    whole = folder.resolve()
    try:
        path = whole.relative_to(root.resolve()).as_posix()
    except ValueError:
        path = "/".join(whole.parts[-2:])
    return Found(read_results(study, folder), path)
