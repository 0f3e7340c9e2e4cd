"""What ends a command early, other than a fault of ours."""

from __future__ import annotations


class InputError(Exception):
    """The input is wrong, apart from a scenario file: each of `args` is a line that says what, and what is right."""


class LostError(Exception):
    """What the work was given to is gone: one line says what is kept."""


class StoppedError(Exception):
    """The user has interrupted: one line says what is done."""
