"""Compiled code that is kept for the next run, and used only if it is as it was written."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)

from sim.kept import sources

DIGEST = hashlib.sha256().digest_size


def kept_njit(**options: Any) -> Any:
    """Return numba's `njit` with options, whose code is kept; if it cannot be, each run compiles anew."""

    def compiled(function: Callable[..., Any]) -> Any:
        dispatcher = njit(**options)(function)
        # Without the compiler it is the function itself.
        if hasattr(dispatcher, "_cache"):
            with suppress(OSError, RuntimeError):
                dispatcher._cache = _Kept(function)
        return dispatcher

    return compiled


class _Folder(UserProvidedCacheLocator):
    """Below the folder of compiled code a folder for each of ours, by the sources, wherever these lie.

    A checkout and an installation of the same sources compile once.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        return f"{Path(py_file).parent.name}-{sources()}"


class _Files(CompileResultCacheImpl):
    _locator_classes: list[type[object]] = [_Folder]  # noqa: RUF012 (numba declares it so)


class _Kept(FunctionCache):
    """numba's cache of a function with files that are checked, in the folder that `sim` names by the sources.

    Elsewhere numba would notice a change of the function's file only, not of what was compiled into it.
    """

    _impl_class = _Files

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        locator = self._impl.locator
        folder = Path(self._cache_path)
        with suppress(OSError):
            # numba makes it with the rights that files usually have here.
            if not any(folder.iterdir()):
                folder.chmod(0o700)
        self._cache_file = CheckedFile(self._cache_path, self._impl.filename_base, locator.get_source_stamp())

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep code, unless the disk refuses: it is only for the next run."""
        with suppress(OSError):
            super().save_overload(sig, data)


class CheckedFile(IndexDataCacheFile):
    """numba's files of compiled code, each behind its digest: one that does not fit is as good as none.

    A damaged one would end this run and every later one, some by the death of the process.
    """

    def _load_index(self) -> dict[Any, str]:
        found = self._read(self._index_path)
        if found is None or found[:2] != (self._version, self._source_stamp):
            return {}
        # Of another version of numba they may not even be read.
        return dict(pickle.loads(found[2]))

    def save(self, key: Any, data: Any) -> None:
        """Keep code in a file that is named by what it is for: of two processes at once neither has the other's."""
        overloads = self._load_index()
        if key not in overloads:
            # numba's names are numbers.
            number = int.from_bytes(hashlib.sha256(self._dump(key)).digest()[:8])
            overloads[key] = self._data_name(number)
            self._save_index(overloads)
        self._save_data(overloads[key], data)

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, self._dump(overloads)))

    def _load_data(self, name: str) -> Any:
        found = self._read(self._data_path(name))
        if found is None:
            raise OSError(f"{name} is not as it was written")  # numba then compiles
        return found

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, what: Any) -> None:
        if not ours_alone(Path(path).parent):
            return
        data = self._dump(what)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(data).digest() + data)

    def _read(self, path: str) -> Any:
        try:
            # Reading what is no regular file might wait for somebody to write.
            data = Path(path).read_bytes() if Path(path).is_file() else b""
        except OSError:
            return None
        if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST] or not ours_alone(Path(path).parent):
            return None
        return pickle.loads(data[DIGEST:])


def ours_alone(folder: Path) -> bool:
    """Say whether nobody else can write to a folder: what is read from it is run."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
