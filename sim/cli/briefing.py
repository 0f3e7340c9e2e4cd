"""The verb `brief`: from saved results to a page, a deck, a workbook and pictures."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sim.brief.compose import compose
from sim.brief.inputs import Given, read_given
from sim.brief.sheets import sheets_of
from sim.brief.write import BRIEFINGS, foreign, write_briefing
from sim.office.problems import shown
from sim.present.terminal import one_line, print_json, print_text, say
from sim.studies.base import LONGEST_NAME, InputError, Options, refused
from sim.studies.driver import check_out, writing
from sim.studies.finished import SavedError
from sim.text import Message, _, language

"""Folder, in that of the results."""


def brief_folders(folders: Sequence[str], name: str | None, all_charts: bool, options: Options) -> int:
    """Make a briefing of folders of results, and say where it is; return the exit status.

    Parameters
    ----------
    folders : sequence of str
        The first is what the briefing is about; none: what the main job has written, and what else there is about it.
    name : str or None
        Of the briefing's folder; None: what it is about, and the language.
    all_charts : bool
        With the charts that are not among the three that answer the question.
    options : Options
    """
    check_out(options.out)
    try:
        given = read_given([Path(folder) for folder in folders], options.out)
    except SavedError as error:
        raise InputError(*(Message("brief: {why}", why=why) for why in error.args)) from None
    left_out = [*map(str, given.unreadable), *(each.text for each in given.left_out)]
    for why in left_out:
        say(_("left out: {why}", why=why))
    folder = options.out / BRIEFINGS / (_name(name) if name is not None else _default_name(given))
    _check_ours(folder)
    if folder.exists() and not folder.is_dir():
        raise refused("--name: {folder} is a file, where the briefing is to go; move it away",
                      folder=shown(str(folder)))  # fmt: skip
    with writing(folder), _fitting_together(options), given.named():
        briefing = compose(given, folder.name, all_charts)
        # Somebody may have edited it while this one was made.
        files = write_briefing(briefing, sheets_of(given), folder, lambda: _check_ours(folder))
    names = [file.relative_to(folder).as_posix() for file in files]
    if options.json:
        print_json({
            "status": 0, "name": folder.name, "language": language(), "question": briefing.question.text,
            "answer": [said.text for said in briefing.answer], "results": [found.path for found in given.all],
            "left_out": left_out, "folder": str(folder), "files": names,
        })  # fmt: skip
        return 0
    written = _(
        "Briefing {name} ({tongue}), results used: {number}, in {folder}: {files}", name=folder.name,
        tongue=_("English"), number=len(given.all), folder=folder, files=", ".join(names),
    )  # fmt: skip
    print_text("\n".join([briefing.question.text, *(said.text for said in briefing.answer), written]))
    return 0


def _check_ours(folder: Path) -> None:
    """Raise an `InputError` if a folder holds what no briefing has written so."""
    if kept := foreign(folder):
        raise refused(
            "--name: {folder} holds files that no briefing has written, or that were changed since ({names}); move "
            "them away, or name another folder", folder=shown(str(folder)),
            names=", ".join(shown(file) for file in kept[:3]),
        )  # fmt: skip


@contextmanager
def _fitting_together(options: Options) -> Iterator[None]:
    """Say in one line that results cannot be told: each of their values is possible, but not all of them together."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if options.debug:
            traceback.print_exception(error)
        raise refused(
            "brief: what the results say does not fit together ({error}); make them again, and report it if that does "
            "not help (with --debug: where it happened)", error=one_line(f"{type(error).__name__}: {error}"),
        ) from error  # fmt: skip


def _name(name: str) -> str:
    """Return a name that is that of one folder, and nowhere else than below the others."""
    if not _names_a_folder(name):
        raise refused(
            "--name: must be a name without slashes or any of {characters}, not beginning with a dot, of at most "
            "{most} bytes, not {name}", characters=':*?"<>|', most=LONGEST_NAME, name=shown(name)[:80],
        )  # fmt: skip
    return name


def _default_name(given: Given) -> str:
    """Return the name of what a briefing is about, with the language; it is read from a file that may say anything."""
    lead = given.lead
    name = f"{lead.record.name[: LONGEST_NAME // 2]}-{language()}"
    if not _names_a_folder(name):
        raise refused(
            "brief: {folder}: its {file} names the results {name}, which is no name for a folder; choose one with "
            "--name", folder=lead.path, file="manifest.json", name=shown(lead.record.name)[:80],
        )  # fmt: skip
    return name


def _names_a_folder(name: str) -> bool:
    if not name.strip() or name.startswith(".") or re.search(r'[\x00-\x1f/\\:*?"<>|]', name):
        return False
    return len(os.fsencode(name)) <= LONGEST_NAME
