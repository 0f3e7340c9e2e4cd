"""What is made once and kept is kept by a name of the sources that made it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

COMPILED = ("bits.py", "jit.py", "records.py", "office", "draws", "engines", "measures")
"""Where compiled functions are, and what may be compiled into them. A test looks for others."""
EVERYTHING = (".",)
"""The whole program with its translations."""


@cache
def sources(parts: tuple[str, ...] = COMPILED) -> str:
    """Return a name made of the sources of some parts: of all that may be compiled, if nothing is said."""
    home, digest = Path(__file__).parent, hashlib.sha256()
    for part in parts:
        for source in sorted((home / part).rglob("*.p[yo]")) if (home / part).is_dir() else [home / part]:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
