"""Sweep files of a few lines, for tests."""

from __future__ import annotations

from pathlib import Path

BASE = """\
name: base
title: {en: Base, zh: 基线}
hours: {review: ["08:00-17:00"]}
staff:
  reviewers: {plan: {08:00-08:30: 9, 08:30-17:00: 3}, midday_crew: 2}
"""
HEAD = "name: x\ntitle: {en: X, zh: 某}\nbase: base\n"
TITLE = "title: {en: a, zh: 甲}"
GROWTH = f"growth: {{{TITLE}, parameter: demand.growth, values: [0, 0.1]}}"
MORE = f"more: {{{TITLE}, add_to: staff.reviewers.plan, values: [0, 1]}}"


def vary(*factors: str, **other: object) -> str:
    """Return a sweep that varies these factors, each in a line of its own from line 5 on."""
    rest = "".join(f"{key}: {value}\n" for key, value in other.items())
    return f"{HEAD}vary:\n" + "".join(f"  {factor}\n" for factor in factors) + rest


def a(keys: str, *factors: str, **other: object) -> str:
    """Return a sweep that varies a factor 'a' of these keys, and others."""
    return vary(f"a: {{{TITLE}, {keys}}}", *factors, **other)


def written(folder: Path, text: str | bytes, base: str = BASE) -> Path:
    """Write sweeps/x.yaml and base.yaml and return the path of the sweep."""
    (folder / "sweeps").mkdir(exist_ok=True)
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    file = folder / "sweeps" / "x.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file
