"""Write a briefing into a folder: page, deck, workbook and pictures, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.brief.compose import Briefing
from sim.brief.deck import deck
from sim.brief.page import page
from sim.brief.sheets import Sheet
from sim.brief.workbook import workbook
from sim.files import replaced_folder
from sim.results.codec import MANIFEST, DamagedError, digest_of, read_json

PAGE, DECK, WORKBOOK, PICTURES = "briefing.html", "briefing.pptx", "briefing.xlsx", "pictures"
BRIEFINGS, KIND = "briefings", "briefing"
"""The file that says which files of a folder are the briefing's."""


def write_briefing(
    briefing: Briefing, sheets: Sequence[Sheet], folder: Path, check: Callable[[], None] = lambda: None
) -> list[Path]:
    """Write a briefing; return the files.

    Parameters
    ----------
    briefing : Briefing
    sheets : sequence of Sheet
        Of the workbook, besides its summary.
    folder : Path
        Replaced as a whole.
    check : callable
        Raises an error if what is there by then must not be replaced.
    """
    with replaced_folder(folder, check) as new:
        (new / PAGE).write_text(page(briefing), encoding="utf-8", newline="\n")
        (new / DECK).write_bytes(deck(briefing))
        (new / WORKBOOK).write_bytes(workbook(briefing, sheets))
        (new / PICTURES).mkdir()
        for picture in briefing.all_pictures:
            for suffix, data in picture.whole.items():
                (new / PICTURES / f"{picture.name}.{suffix}").write_bytes(data)
        files = {file: digest_of(new / file) for file in _files_in(new)}
        facts = {"kind": KIND, "name": briefing.name, "language": briefing.language, "files": files}
        (new / MANIFEST).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
    return sorted(file for file in folder.rglob("*") if file.is_file())


def foreign(folder: Path) -> list[str]:
    """Return what is in a folder that no briefing has written so, and that must not be lost: an edited deck, too."""
    if not folder.is_dir():
        return []
    ours = _ours(folder)
    # Who could have changed the manifest need not be asked whether he has.
    known = [MANIFEST] if ours else []
    return [file for file in _files_in(folder) if file not in known and not _same(folder / file, ours.get(file))]


def _same(file: Path, digest: str | None) -> bool:
    try:
        # Reading what is no regular file might wait for somebody to write.
        return digest is not None and file.is_file() and digest == digest_of(file)
    except OSError:
        return False


def _files_in(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir())


def _ours(folder: Path) -> dict[str, str]:
    """Return the files that a briefing has written into a folder, and their digests, as its manifest lists them."""
    try:
        facts = read_json(folder / MANIFEST)
    except DamagedError:
        return {}
    files = facts.get("files")
    return files if facts.get("kind") == KIND and isinstance(files, dict) else {}
