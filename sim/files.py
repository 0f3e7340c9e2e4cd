"""Files and folders that are there in full or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when, and only when, the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield new
        for file in new.rglob("*"):
            if file.is_file():
                _on_disk(file)
        new.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            try:
                folder.rename(old / folder.name)
                new.rename(folder)
            except BaseException:
                if not folder.exists() and (old / folder.name).exists():
                    (old / folder.name).rename(folder)
                raise
            finally:
                # Not before there is a folder again: what was there is never lost.
                if folder.exists():
                    shutil.rmtree(old, ignore_errors=True)
        else:
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def replaced_file(file: Path) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of `file` when, and only when, the block ends well.

    The path ends as `file` does, for libraries that tell the format from the name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.stem}-", suffix=file.suffix, dir=file.parent)
    os.close(handle)
    new = Path(name)
    try:
        yield new
        _on_disk(new)
        new.chmod(0o644)
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


def _on_disk(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
