"""When results were finished, how long it took, and which files belong to them: written last, read first."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sim.files import replaced_file
from sim.results.codec import DamagedError, digest_of, digests_of, read_json

TIMING = "timing.json"
CHARTS = (".png", ".svg")
SUFFIXES = (".csv", ".json", ".parquet", *CHARTS)
FORM = "%Y-%m-%d %H:%M:%S"


def write_timing(folder: Path, seconds: float, drawn: str = "") -> None:
    """Write when results were finished, how long it took, the digests of their files, and what has drawn the charts."""
    finished = time.strftime(FORM)
    facts = {"finished": finished, "seconds": round(seconds, 3), "drawn": drawn, "files": digests_of(folder)}
    (folder / TIMING).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def digests_in(folder: Path) -> dict[str, str] | None:
    """Return the files that were written with the results in a folder, and their digests; None if that is damaged."""
    found = _noted(folder).get("files")
    return found if isinstance(found, dict) else None


def took_charts(folder: Path, new: Path, drawn: str) -> bool:
    """Copy charts into the folder that takes a folder's place, and say so, if it holds the same drawn by the same.

    What is in `new` so far must be in `folder`, and all of that be as it was written. What the folder says of itself
    is only believed of files that lie in it.
    """
    files = digests_in(folder) or {}
    names = {name for name in files if Path(name).suffix in CHARTS}
    try:
        if _noted(folder).get("drawn") != drawn or digests_of(new).items() - files.items():
            return False
        charts = [file for file in folder.iterdir() if file.name in names and file.is_file()]
        if len(charts) < len(names) or any(digest_of(file) != files[file.name] for file in charts):
            return False
        for file in charts:
            shutil.copy2(file, new / file.name)
    except OSError:
        return False
    return bool(charts)


def ours_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder that were written with the results there, sorted."""
    foreign = _foreign(folder)
    return sorted(file.name for file in folder.iterdir() if file not in foreign)


def in_the_way(folder: Path) -> list[str]:
    """Return the names of what others have put into a folder of results and is no scenario, sorted."""
    return sorted(file.name for file in _foreign(folder) if not _is_scenario(file))


def keep_scenarios(folder: Path, new: Path) -> None:
    """Copy the scenarios that others have put into a folder of results, into the one that takes its place.

    Who extends a fitted scenario puts his own beside it.

    Raises
    ------
    FileExistsError
        If one has the name of a result.
    """
    for file in filter(_is_scenario, _foreign(folder)) if folder.is_dir() else ():
        if not (new / file.name).exists():
            with replaced_file(new / file.name) as copy:
                shutil.copy2(file, copy)
        elif digests_in(folder) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / file.name))


def _foreign(folder: Path) -> list[Path]:
    """Return what is in a folder and was not written with the results there.

    Of results that do not list theirs, what never is, and scenarios: this program may have written the rest.
    """
    ours = digests_in(folder)
    if ours is not None:
        return [file for file in folder.iterdir() if file.name not in (*ours, TIMING)]
    return [file for file in folder.iterdir() if file.suffix not in SUFFIXES or not file.is_file()]


def _is_scenario(file: Path) -> bool:
    return file.suffix == ".yaml" and file.is_file()


def finished_at(folder: Path) -> str:
    """Return when the results in a folder were finished; empty if that was not noted, or is no time."""
    found = _noted(folder).get("finished")
    try:
        return datetime.strptime(str(found), FORM).strftime(FORM)
    except ValueError:
        return ""


def _noted(folder: Path) -> dict[str, Any]:
    try:
        return read_json(folder / TIMING)
    except DamagedError:
        return {}
