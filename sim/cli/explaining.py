"""The verb `explain`."""

from __future__ import annotations

from sim.cli.options import Options

EXPLANATIONS = "explanations"
"""Folder, in that of the results."""


def explain_file(file: str, options: Options) -> int:
    """Answer, write the results and print them; return the exit status."""
    raise NotImplementedError
