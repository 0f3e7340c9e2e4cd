"""Experiments that have begun and not ended: noted beside the batches, so that somebody can go on with them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import program
from sim.files import replaced_file
from sim.replicate.design_points import DesignPoint, digest
from sim.replicate.gather import BatchVanishedError
from sim.replicate.store import BATCHES, SUFFIX
from sim.replicate.workers import WorkersLostError
from sim.results.codec import read_json

PREFIX = "begun-"


@dataclass(frozen=True)
class Begun:
    """An experiment that is to begin.

    Attributes
    ----------
    kind : str
        That of its results; ``scenarios`` of the main job.
    name : str
    command : str
        What goes on with it.
    points : sequence of DesignPoint
    """

    kind: str
    name: str
    command: str
    points: Sequence[DesignPoint]


@contextmanager
def begun(what: Begun, out: Path) -> Iterator[None]:
    """Note an experiment while it runs; the note stays if it is killed, interrupted or loses its workers or disk.

    Whatever else goes wrong would go wrong again, and is nothing to go on with.
    """
    keys = [point.key for point in what.points]
    note = out / BATCHES / f"{PREFIX}{digest([what.kind, what.name, keys])}.json"
    facts = {"kind": what.kind, "name": what.name, "command": what.command, "keys": keys}
    with replaced_file(note, tidy=False) as new:
        said = facts | {"begun": time.strftime("%Y-%m-%d %H:%M:%S")}
        new.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    try:
        yield
    except (KeyboardInterrupt, WorkersLostError, BatchVanishedError, OSError):
        raise
    except BaseException as error:
        # A full disk may have been put into words already.
        if not isinstance(error.__cause__, OSError):
            note.unlink(missing_ok=True)
        raise
    note.unlink(missing_ok=True)


def all_begun(out: Path, verbs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the notes of experiments that have not come to their end, with the number of their batches.

    Parameters
    ----------
    out : Path
        The folder of all results.
    verbs : mapping of str to str
        What makes each kind; a command that does not is empty.
    """
    batches: dict[str, int] = {}
    for batch in (out / BATCHES).glob(f"*/[0-9a-f]*{SUFFIX}"):
        key = batch.name.split("-")[0]
        batches[key] = batches.get(key, 0) + 1
    found = []
    for file in sorted((out / BATCHES).glob(f"{PREFIX}*.json")):
        try:
            facts = read_json(file)
            keys = facts["keys"]
            said = {part: str(facts[part]) for part in ("kind", "name", "command", "begun")}
            verb = verbs.get(said["kind"])
            said["command"] = "" if verb is None else program.own_line(said["command"], verb, out)
            found.append({**said, "design_points": len(keys), "batches": sum(batches.get(key, 0) for key in keys)})
        except (ValueError, KeyError, TypeError):
            continue
    return found
