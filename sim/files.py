"""Files and folders that are there in full or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


def _where_processes_are_numbered() -> Iterator[str]:
    """Yield since when, and in which container, the number of a process means what it does, where that is known."""
    with suppress(OSError):
        yield Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        yield os.readlink("/proc/self/ns/pid")


STALE = 24 * 3600.0
"""Seconds after which what is not finished is nobody's any more, of whatever process it was."""
HERE = hashlib.sha256("".join([platform.node(), *_where_processes_are_numbered()]).encode()).hexdigest()[:6]
"""This machine, in names of what is not finished: a number of a process says nothing elsewhere."""
_WHOSE = r"-(?P<machine>[0-9a-f]{6})-(?P<process>\d+)-[0-9a-f]{8}"
UNFINISHED = re.compile(rf"\..*{_WHOSE}(\.\w+)?")
ASIDE = re.compile(rf"-old{_WHOSE}$")


@contextmanager
def replaced_folder(folder: Path, check: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when, and only when, the block ends well.

    Parameters
    ----------
    folder : Path
    check : callable
        Raises an error if what is there by then must not be replaced; nobody else renames between it and the rename.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder.parent):
        _put_back(folder)
    new = _name_beside(folder.parent, folder.name)
    try:
        new.mkdir()
        yield new
        for file in new.rglob("*"):
            if file.is_file():
                _on_disk(file)
        new.chmod(0o755)
        with _alone_in(folder.parent):
            check()
            _take_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    folder_on_disk(folder.parent)
    _remove_stale(folder)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else renames in a folder, and keep others waiting; a lock ends with whoever holds it.

    Where the system, or a disk in the network, has no such lock, two who end at the same moment may get in each
    other's way, and one of them an error.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put_back(folder: Path) -> None:
    """Put back what somebody who was killed between two renames has left aside."""
    if not folder.exists():
        for left in folder.parent.glob(f".{folder.name}-old-*/{folder.name}"):
            with suppress(OSError):
                left.rename(folder)
                left.parent.rmdir()


def content(file: Path, most: int) -> bytes:
    """Return what is in a regular file.

    Raises
    ------
    OSError
        If there is none, as where reading would wait for somebody to write, or it is larger than `most` bytes.
    """
    with open(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as handle:
        if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(file))
        data = handle.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return data


def reason(error: OSError) -> str:
    """Return what the system says of an error, without what a library has made of it."""
    return os.strerror(error.errno) if error.errno else str(error)


def folder_on_disk(folder: Path) -> None:
    """Bring new names in a folder to the disk; some systems know no such thing."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _take_place(new: Path, folder: Path) -> None:
    """Rename a folder to one that may be there already; what was there is never lost, only replaced."""
    if not folder.exists():
        new.rename(folder)
        return
    old = _name_beside(folder.parent, f"{folder.name}-old")
    try:
        old.mkdir()
        folder.rename(old / folder.name)
        new.rename(folder)
    except BaseException:
        if not folder.exists() and (old / folder.name).exists():
            (old / folder.name).rename(folder)
        raise
    finally:
        if folder.exists() or not (old / folder.name).exists():
            shutil.rmtree(old, ignore_errors=True)


def _remove_stale(path: Path) -> None:
    """Remove what killed processes have left beside a file or folder, of whatever they were writing there.

    Of what has another name only that whose process is known to be dead: others' files may be called alike. What was
    set aside and is all that there is stays, until whoever writes it puts it back.
    """
    for left in path.parent.glob(".*"):
        found = UNFINISHED.fullmatch(left.name)
        if found is None or not (_dead(found) or (left.name.startswith(f".{path.stem}-") and _old(left))):
            continue
        with suppress(OSError):
            if not left.is_dir():
                left.unlink()
            elif not ASIDE.search(left.name) or all((path.parent / inner.name).exists() for inner in left.iterdir()):
                shutil.rmtree(left, ignore_errors=True)


def abandoned(path: Path) -> bool:
    """Say whether what is not finished never will be: its process, on this machine, is dead, or it is very old."""
    found = UNFINISHED.fullmatch(path.name)
    return (found is not None and _dead(found)) or _old(path)


def _dead(found: re.Match[str]) -> bool:
    """Say whether the process that a name is of was one of this machine, and has ended."""
    with suppress(OSError):
        return found["machine"] == HERE and not _alive(int(found["process"]))
    return False


def _old(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > STALE
    return False


def _alive(process: int) -> bool:
    if os.name != "posix":
        return True  # to ask would be to end it
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


@contextmanager
def replaced_file(
    file: Path, tidy: bool = True, check: Callable[[Path], None] | None = None
) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of `file` when, and only when, the block ends well.

    The path ends as `file` does, for libraries that tell the format from the name.

    Parameters
    ----------
    file : Path
    tidy : bool
        Whether what killed processes have left beside it is removed; where there are thousands of files that takes
        longer than to write one.
    check : callable, optional
        Given the path, raises an error if what is there by then must not be replaced by what was written; of those who
        check, nobody else renames between it and the rename.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = _name_beside(file.parent, file.stem, file.suffix)
    try:
        yield new
        _on_disk(new)
        new.chmod(0o644)
        if check is None:
            os.replace(new, file)
        else:
            with _alone_in(file.parent):
                check(new)
                os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)
    if tidy:
        _remove_stale(file)


def _name_beside(folder: Path, name: str, suffix: str = "") -> Path:
    """Return a name that nobody has, for what is not finished.

    Only a name: what an interrupt finds made, it must find where it is removed again.
    """
    return folder / f".{name}-{HERE}-{os.getpid()}-{secrets.token_hex(4)}{suffix}"


def _on_disk(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
