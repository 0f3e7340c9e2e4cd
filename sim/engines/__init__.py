"""The two engines, and the rules that both obey."""

from __future__ import annotations

import os
import sys


def _keep_compiled_code() -> None:
    """Keep compiled code between runs, in a folder named by the sources that went into it.

    numba notices a change of the file that holds a compiled function, not of one whose functions were
    compiled into it: with a fixed folder, old rules would go on running silently.
    """
    if "NUMBA_CACHE_DIR" in os.environ or "numba" in sys.modules:
        return
    import hashlib
    from importlib.metadata import version
    from pathlib import Path

    from platformdirs import user_cache_dir

    sources = sorted(Path(__file__).parent.parent.rglob("*.py"))
    digest = hashlib.sha256(version("numba").encode())
    for source in sources:
        digest.update(source.read_bytes())
    os.environ["NUMBA_CACHE_DIR"] = str(Path(user_cache_dir("licence-office-sim")) / digest.hexdigest()[:16])
