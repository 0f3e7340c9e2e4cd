"""Write a briefing into a folder: page, deck, workbook and pictures, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.briefing.brief.contents import Briefing
from sim.briefing.brief.deck import deck
from sim.briefing.brief.page import page
from sim.briefing.brief.sheets import Sheet
from sim.briefing.brief.workbook import workbook
from sim.files import replaced_folder

PAGE, DECK, WORKBOOK, PICTURES = "briefing.html", "briefing.pptx", "briefing.xlsx", "pictures"


def write_briefing(briefing: Briefing, sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write a briefing; return the files.

    Parameters
    ----------
    briefing : Briefing
    sheets : sequence of Sheet
        Of the workbook, besides its summary.
    folder : Path
        Replaced as a whole.
    """
    with replaced_folder(folder) as new:
        (new / PAGE).write_text(page(briefing), encoding="utf-8", newline="\n")
        (new / DECK).write_bytes(deck(briefing))
        (new / WORKBOOK).write_bytes(workbook(briefing, sheets))
        (new / PICTURES).mkdir()
        for picture in briefing.all_pictures:
            for suffix, data in picture.whole.items():
                (new / PICTURES / f"{picture.name}.{suffix}").write_bytes(data)
    return sorted(file for file in folder.rglob("*") if file.is_file())


def foreign(folder: Path) -> list[str]:
    """Return what is in a folder that no briefing has written, and that must not be lost."""
    if not folder.is_dir():
        return []
    ours = {PAGE, DECK, WORKBOOK}
    return sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file()
        and not (file.parent == folder and file.name in ours)
        and not (file.parent == folder / PICTURES and file.suffix in (".png", ".svg"))
    )
