"""When results were finished, how long it took, and which files belong to them: written last, read first."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sim.results.codec import DamagedError, digests_of, read_json

TIMING = "timing.json"
FORM = "%Y-%m-%d %H:%M:%S"


def write_timing(folder: Path, seconds: float) -> None:
    """Write when results were finished, how long it took, and the digests of their files."""
    finished = time.strftime(FORM)
    facts = {"finished": finished, "seconds": round(seconds, 3), "files": digests_of(folder)}
    (folder / TIMING).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def digests_in(folder: Path) -> dict[str, str] | None:
    """Return the files that were written with the results in a folder, and their digests; None if that is damaged."""
    found = _noted(folder).get("files")
    return found if isinstance(found, dict) else None


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
