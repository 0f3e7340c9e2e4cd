"""What compiled code is kept by: a name made of all sources that may be compiled."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

COMPILED = ("bits.py", "jit.py", "records.py", "office", "draws", "engines", "measures")
"""Where compiled functions are, and what may be compiled into them. A test looks for others."""


@cache
def sources() -> str:
    """Return a name made of all that may be compiled."""
    home, digest = Path(__file__).parent, hashlib.sha256()
    for part in COMPILED:
        for source in sorted((home / part).rglob("*.py")) if (home / part).is_dir() else [home / part]:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
