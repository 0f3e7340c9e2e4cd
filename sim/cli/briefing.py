"""The verb `brief`: from saved results to a page, a deck, a workbook and pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sim.briefing.brief.compose import compose, why_left_out
from sim.briefing.brief.inputs import Given, found_in, read_given
from sim.briefing.brief.parameters import ParameterFact
from sim.briefing.brief.sheets import sheets_of
from sim.briefing.brief.write import foreign, write_briefing
from sim.briefing.saved import SavedError
from sim.briefing.words import Language, word
from sim.cli.errors import InputError
from sim.cli.options import LONGEST_NAME, Options
from sim.cli.output import print_json, print_text, say
from sim.cli.running import check_out, writing
from sim.office.parameters.listing import all_parameters
from sim.office.problems import shown

BRIEFINGS = "briefings"
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
    left_out: list[str] = []
    chosen = [Path(folder) for folder in folders]
    if not chosen:
        chosen, left_out = found_in(options.out)
    with _read_in_full():
        given = read_given(chosen, options.out)
    left_out += [why_left_out(each, options.language).text for each in given.left_out]
    for why in left_out:
        say(word("brief left out", options.language, why=why))
    folder = options.out / BRIEFINGS / (_name(name) if name is not None else _default_name(given, options.language))
    if kept := foreign(folder):
        listed = ", ".join(shown(file) for file in kept[:3])
        raise InputError(
            f"--name: {shown(str(folder))} holds files that no briefing has written ({listed}); move them away, or "
            "name another folder"
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--name: {shown(str(folder))} is a file, where the briefing is to go; move it away")
    with _read_in_full():
        briefing = compose(given, folder.name, options.language, all_charts)
        sheets = sheets_of(given, parameter_facts(), options.language)
    with writing(folder):
        files = write_briefing(briefing, sheets, folder)
    names = [file.relative_to(folder).as_posix() for file in files]
    if options.json:
        print_json({
            "status": 0, "name": folder.name, "language": options.language, "question": briefing.question.text,
            "answer": [said.text for said in briefing.answer], "results": [found.origin.path for found in given.all],
            "left_out": left_out, "folder": str(folder), "files": names,
        })  # fmt: skip
        return 0
    lines = [briefing.question.text, *(said.text for said in briefing.answer)]
    lines.append(word(
        "brief written", options.language, name=folder.name, tongue=word("brief language", options.language),
        number=len(given.all), folder=folder, files=", ".join(names),
    ))  # fmt: skip
    print_text("\n".join(lines))
    return 0


@contextmanager
def _read_in_full() -> Iterator[None]:
    """Say in one line which results cannot be read, or lack something that is looked for."""
    try:
        yield
    except SavedError as error:
        raise InputError(f"brief: {'; '.join(str(error).splitlines())}") from None


def parameter_facts() -> tuple[ParameterFact, ...]:
    """Return what the reference of parameters says of each, for the table of the scenario in full."""
    return tuple(
        ParameterFact(each.path, each.unit, each.source, each.plausible, each.en, each.zh) for each in all_parameters()
    )


def _name(name: str) -> str:
    """Return a name that is that of one folder, and nowhere else than below the others."""
    if not _names_a_folder(name):
        raise InputError(
            f"--name: must be a name without slashes or any of :*?\"<>|, not beginning with a dot, of at most "
            f"{LONGEST_NAME} bytes, not {shown(name)[:80]}"
        )
    return name


def _default_name(given: Given, language: Language) -> str:
    """Return the name of what a briefing is about, with the language; it is read from a file that may say anything."""
    lead = given.lead
    name = f"{lead.saved.name[: LONGEST_NAME // 2]}-{language}"
    if not _names_a_folder(name):
        raise InputError(
            f"brief: {lead.origin.path}: its manifest.json names the results {shown(lead.saved.name)[:80]}, which is "
            "no name for a folder; choose one with --name"
        )
    return name


def _names_a_folder(name: str) -> bool:
    if not name.strip() or name.startswith(".") or re.search(r'[\x00-\x1f/\\:*?"<>|]', name):
        return False
    return len(os.fsencode(name)) <= LONGEST_NAME
