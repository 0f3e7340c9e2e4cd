"""Memory: that of one replication kept for the next, given back when all are done; and none for what nobody uses."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30


@cache
def keep_freed_memory() -> None:
    """Let freed memory be used again rather than be given back to the system and asked for anew; once is enough.

    A replication needs some 40 MB, and every page that comes fresh from the system is first filled with zeros:
    a tenth of the time of a year. Where the C library has no such switch, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
        mallopt(option, KEPT)


def give_back_freed_memory() -> None:
    """Give freed memory back to the system, as what runs for days does once it has nothing to do.

    What was kept lies in pieces among what is still used, and would only become more.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def without_pandas() -> None:
    """Let Arrow do without pandas in this process, unless somebody has imported it.

    Nothing of ours uses it. Arrow takes it along with its first array if it finds it installed: half a second and 50 MB
    in each process. It is asked once: a pandas that is imported later is none to Arrow, so not for a process in which
    others work, as in a notebook.
    """
    import pyarrow as pa

    class Nowhere:
        """Finds no pandas."""

        @staticmethod
        def find_spec(name: str, path: object, target: object = None) -> None:
            """Raise an error for pandas alone."""
            if name == "pandas":
                raise ModuleNotFoundError(name)

    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, Nowhere)
        try:
            pa.array([None])
        finally:
            sys.meta_path.remove(Nowhere)
