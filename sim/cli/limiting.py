"""The verb `limit`."""

from __future__ import annotations

from collections.abc import Sequence

from sim.cli.options import Options

LIMITS = "limits"
"""Folder, in that of the results."""


def limit_files(files: Sequence[str], add: Sequence[str], growth: str | None, options: Options) -> int:
    """Answer, write the results and print them; return the exit status."""
    raise NotImplementedError
