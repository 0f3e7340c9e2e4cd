"""The store of batches: each is on disk before it is counted, and none is ever half there."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sim.files import abandoned, content, folder_on_disk, replaced_file
from sim.replicate.design_points import DesignPoint
from sim.replicate.figures import DamagedError, Figures, unpacked
from sim.replicate.work import batch_facts

BATCHES = "batches"
SUFFIX = ".npz"
MOST_BYTES = 1 << 26
"""Of a batch; it is some ten kilobytes a replication."""


class Store(Protocol):
    """Where finished batches are kept."""

    def find(self, point: DesignPoint, first: int, count: int) -> Figures | None:
        """Return a batch, None if it is not there, or no longer what it was."""

    def keep(self, point: DesignPoint, first: int, count: int, data: bytes) -> None:
        """Keep a batch; when this returns it is not lost any more."""


class MemoryStore:
    """Batches that nobody needs to find again after the process has ended."""

    def __init__(self) -> None:
        self._batches: dict[tuple[str, int, int], bytes] = {}

    def find(self, point: DesignPoint, first: int, count: int) -> Figures | None:
        """Return a batch, None if it is not there."""
        data = self._batches.get((point.key, first, count))
        return None if data is None else unpacked(data, batch_facts(point.key, first, count))

    def keep(self, point: DesignPoint, first: int, count: int, data: bytes) -> None:
        """Keep a batch."""
        self._batches[point.key, first, count] = data


class FileStore:
    """Batches in a folder, one file each, named by what it depends on.

    A file is written under another name, brought to the disk and then renamed, so two runs that make the same
    batch do not harm each other: both write the same figures. A file that is damaged is noticed when it is read,
    by the checksums in it, and is made again.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[Path] = []
        self._known: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)

    def path(self, point: DesignPoint, first: int, count: int) -> Path:
        """Return the file of a batch."""
        return self.folder / point.key[:2] / f"{point.key}-{first:06d}-{count}{SUFFIX}"

    def find(self, point: DesignPoint, first: int, count: int) -> Figures | None:
        """Return a batch, None if it is not there; a damaged file is noted and removed."""
        path = self.path(point, first, count)
        try:
            data = content(path, MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            # What is no file of ours, as something that reading would wait for, is no batch.
            if error.errno not in (errno.EINVAL, errno.EFBIG):
                raise
            data = b""
        try:
            return unpacked(data, batch_facts(point.key, first, count))
        except DamagedError:
            self.damaged.append(path)
            path.unlink(missing_ok=True)
            return None

    def keep(self, point: DesignPoint, first: int, count: int, data: bytes) -> None:
        """Write a batch; when this returns it is on the disk."""
        path = self.path(point, first, count)
        with replaced_file(path, tidy=False) as new:
            new.write_bytes(data)
        if path.parent not in self._known:
            folder_on_disk(self.folder)
            self._known.add(path.parent)
        folder_on_disk(path.parent)


def _remove_stale(folder: Path) -> None:
    """Remove what killed processes have left half-written."""
    for file in (*folder.glob(f"*/.*{SUFFIX}"), *folder.glob(".*.json")):
        with suppress(OSError):
            if abandoned(file):
                file.unlink()
