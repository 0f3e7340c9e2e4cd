"""Labels of cheapest plans and their rosters."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "list staff": ("staffing", "人员方案"),
}
