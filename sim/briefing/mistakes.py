"""What is said of wrong input, in the reader's language."""

from __future__ import annotations

import re
from functools import cache

from sim.briefing.clauses import CLAUSES, VALUES
from sim.briefing.words import WORDS, Language, word

BETWEEN, CHINESE_BETWEEN = "; ", "；"
PLACE = re.compile(r"(?P<file>.+?:\d+:\d+): (?P<said>.*)")
"""Of a mistake in a file."""
PROGRAM = re.compile(r"(?P<program>\S+\.py): error: (?P<said>.*)")
"""Of a mistake on the command line."""
INVALID = re.compile(r"Invalid value for (?P<what>'[^']+'): (?P<said>.*)")
OF = re.compile(r"(?P<of>[^\s:]\S*?|--\w+ \S+|cell .+?|\S+ = .+?): (?P<said>.*)")
"""What a clause is about: an option, a file, a parameter, a cell of a sweep."""
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
HIDDEN = "\0"
MOST_CLAUSES = 8
GAP = re.compile(r"\{(\w+)\}")


def in_language(line: str, language: Language) -> str:
    """Return a line about wrong input; it stays in English where there are no Chinese words for all of it.

    Parameters
    ----------
    line : str
        In English, as in ``small.yaml:3:21: review.return_rate: must be between 0 and 0.95, not 1.4``.
    language : str
    """
    if language == "en":
        return line
    if program := PROGRAM.fullmatch(line):
        said = _said(program["said"])
        return line if said is None else f"{program['program']}：错误：{said}"
    place = PLACE.fullmatch(line)
    said = _said(place["said"] if place else line)
    if said is None:
        return line
    return f"{place['file']}：{said}" if place else said


def _said(text: str) -> str | None:
    """Return a message in Chinese, None if there are no words for a part of it."""
    if (invalid := INVALID.fullmatch(text)) and (said := _said(invalid["said"])) is not None:
        return f"{invalid['what'].strip(chr(39))}：{said}"
    # What it is about comes first: a gap of a clause would take it for a value.
    if (of := OF.fullmatch(text)) and (said := _said(of["said"])) is not None:
        return f"{of['of']}：{said}"
    # A semicolon in quotes is between no clauses.
    hidden = QUOTED.sub(lambda quoted: quoted[0].replace(BETWEEN, HIDDEN), text)
    parts = [part.replace(HIDDEN, BETWEEN) for part in hidden.split(BETWEEN)]
    clauses = _clauses(parts) if len(parts) <= MOST_CLAUSES else None
    return None if clauses is None else CHINESE_BETWEEN.join(clauses)


def _clauses(parts: list[str]) -> list[str] | None:
    """Return clauses in Chinese, None if there are no words for one; a clause may have a semicolon in it."""
    if not parts:
        return []
    for many in (1, 2)[: len(parts)]:
        clause = _clause(BETWEEN.join(parts[:many]))
        if clause is not None and (rest := _clauses(parts[many:])) is not None:
            return [clause, *rest]
    return None


def _clause(text: str) -> str | None:
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(text):
            return chinese.format(**{name: _value(name, value) for name, value in found.groupdict().items()})
    return None


def _value(name: str, value: str) -> str:
    """Return what stands in a gap: kinds of values and reasons in Chinese, all else as it is."""
    if name == "why":
        return _said(value) or value
    if name == "source":
        return word(f"value source {value}", "zh") if f"value source {value}" in WORDS else value
    return VALUES.get(value, value) if name.endswith("_") else value


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns as regular expressions; those that say most themselves come first."""
    ordered = sorted(CLAUSES, key=lambda pair: -len(GAP.sub("", pair[0])))
    return tuple((re.compile(_expression(english)), chinese) for english, chinese in ordered)


def _expression(english: str) -> str:
    # Every other part is the name of a gap.
    parts = GAP.split(english)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
