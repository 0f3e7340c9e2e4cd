"""Labels of which stage is to blame."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "list explanation": ("explanation", "归因"),
}
