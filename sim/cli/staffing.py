"""The verb `staff`."""

from __future__ import annotations

from sim.cli.options import Options

STAFF = "staff"
"""Folder, in that of the results."""


def staff_file(file: str, rules: str | None, options: Options) -> int:
    """Answer, write the results and print them; return the exit status."""
    raise NotImplementedError
