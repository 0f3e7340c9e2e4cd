"""Ask the C library to keep the memory of one replication for the next, and to give it back when all are done."""

from __future__ import annotations

import ctypes
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
