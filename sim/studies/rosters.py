"""More people on a roster, or fewer, alike wherever that is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def with_people(roster: Sequence[Mapping[str, Any]], more: int) -> list[dict[str, Any]]:
    """Return a roster with more people on its largest line, or fewer on the largest lines, never fewer than none."""
    lines = [dict(line) for line in roster]
    for __ in range(abs(more)):
        largest = max(lines, key=lambda line: int(line["people"]))
        largest["people"] = max(largest["people"] + (1 if more > 0 else -1), 0)
    return lines
