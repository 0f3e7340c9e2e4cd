"""What the program says: written in English where it is meant, put into the reader's language where it is shown.

A message is an English template with gaps; the Chinese ones are in the catalogue `locale/zh/messages.po`, found by the
English. Which language is meant is a matter of the context, like the precision of decimals: whoever shows something
says once ``with speaking("zh")``, and everything said within is Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
SOURCE: Language = "en"
"""The language that messages are written in."""

_language: ContextVar[Language] = ContextVar("language", default=SOURCE)
strict = False
"""Whether a message that is not in the catalogue is an error; tests insist on it."""


class NotTranslatedError(KeyError):
    """A message is not in the catalogue; tests insist on all, users get it in English."""


def language() -> Language:
    """Return the language that is spoken here."""
    return _language.get()


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Speak a language within this context."""
    before = _language.set(wanted)
    try:
        yield
    finally:
        _language.reset(before)


def speak(wanted: Language) -> None:
    """Speak a language from here on, in this thread."""
    _language.set(wanted)


HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: " ", ord("−"): "-", ord("—"): "-"}
"""Digits and signs as a Chinese keyboard gives them, and as they are read: ２５％ is 25%."""


class Message:
    """Something to be said that is put into words when it is shown: ``str`` gives it in the language spoken there.

    Parameters
    ----------
    template : str
        In English, a literal with ``{gaps}``.
    **values
        For the gaps; messages among them are put into words, too.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template, self.values = template, values

    def __str__(self) -> str:
        return _filled(translated(self.template), self.values)

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __repr__(self) -> str:
        return f"Message({self.template!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __lt__(self, other: Message) -> bool:
        return self._key < other._key

    @property
    def _key(self) -> tuple[str, str]:
        with speaking(SOURCE):
            return self.template, str(self)


def _(template: str, /, **values: object) -> str:
    """Return a message in the language spoken here."""
    return _filled(translated(template), values)


def _c(context: str, template: str, /, **values: object) -> str:
    """Return a message that means something of its own in a context."""
    return _filled(translated(template, context), values)


def _n(one: str, many: str, number: int, /, **values: object) -> str:
    """Return a message about a `number` of things, which is a gap of it, too."""
    # Chinese has one form for both, which is found by the first.
    template = translated(one) if language() != SOURCE else one if number == 1 else many
    return _filled(template, {"number": number, **values})


def N_(template: str, /) -> str:  # noqa: N802 (the name that translators' tools know)
    """Mark a template that is put into words elsewhere."""
    return template


def translated(template: str, context: str = "") -> str:
    """Return a template in the language spoken here; as it is if it is not in the catalogue."""
    if language() == SOURCE:
        return template
    found = catalogue(language()).get((context, template))
    if found is None and strict:
        raise NotTranslatedError(f"{context or 'message'}: {template!r} is not in the catalogue of {language()}")
    return template if found is None else found


@cache
def catalogue(of: Language) -> dict[tuple[str, str], str]:
    """Return the messages of a language by context and English template."""
    from babel.messages.pofile import read_po

    with files("sim").joinpath("locale", of, "messages.po").open("rb") as file:
        read = read_po(file)
    found: dict[tuple[str, str], str] = {}
    for message in read:
        # Of a message with a plural, the forms; Chinese has one.
        template, said = (text if isinstance(text, str) else text[0] for text in (message.id, message.string or ""))
        if template and said:
            found[message.context or "", template] = said
    return found


def _filled(template: str, values: dict[str, object]) -> str:
    return template.format(**values) if values else template


def in_source(said: object) -> str:
    """Return a message in the language that messages are written in, for files and programs."""
    with speaking(SOURCE):
        return str(said)


def in_each(say: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> dict[str, T]:
    """Return what a function says in each language."""
    said: dict[str, T] = {}
    for each in LANGUAGES:
        with speaking(each):
            said[each] = say(*args, **kwargs)
    return said
