"""Ask the C library to keep the memory of one replication for the next."""

from __future__ import annotations

import ctypes
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
