"""Labels of breaking demand and the capacity frontier."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "list limit": ("limit", "承载极限"),
}
