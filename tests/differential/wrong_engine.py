"""The reference engine with one rule broken on purpose, to see whether a comparison notices.

Two ways to be wrong: a decision of `rules.py` replaced by a wrong function, or a text in the source of
`process.py` replaced by another. A text that is not there exactly once is an error, so that no variant
can quietly turn into the right engine when the source is edited.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from sim.engines import process, rules
from sim.office.tables import OfficeTables
from sim.records import Journeys, VisitLog

Play = Callable[[Journeys, OfficeTables], VisitLog]


@dataclass(frozen=True)
class Variant:
    """What is done otherwise: `decisions` by name, `edits` as pairs of a text and its replacement."""

    what: str
    decisions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()


def engine_with(variant: Variant) -> Play:
    """Return the process engine changed by `variant`; the real module is left as it is."""
    source = Path(process.__file__).read_text(encoding="utf-8")
    for text, replacement in variant.edits:
        times = source.count(text)
        if times != 1:
            raise ValueError(f"{variant.what}: {text!r} is {times} times in process.py, not once; adapt the variant")
        source = source.replace(text, replacement)
    unknown = set(variant.decisions) - set(vars(rules))
    if unknown:
        raise ValueError(f"{variant.what}: rules.py has no {', '.join(sorted(unknown))}; adapt the variant")
    module = ModuleType("changed_process")
    sys.modules[module.__name__] = module  # dataclasses look up their module by name
    try:
        exec(compile(source, f"process.py with: {variant.what}", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    module.__dict__["rules"] = SimpleNamespace(**{**vars(rules), **variant.decisions})
    play: Play = module.__dict__["play_process"]
    return play
