"""What stages, pools, classes, channels, clocks and verdicts are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.office import CALLED_IN
from sim.text import N_, Message, _, language

if TYPE_CHECKING:
    from sim.office.blocks import Unfinished

VERDICTS = {"HOLDS": N_("HOLDS"), "FAILS": N_("FAILS"), "TOO CLOSE": N_("TOO CLOSE"), "UNDECIDED": N_("UNDECIDED")}
FINDINGS = {
    "better": N_("better"),
    "worse": N_("worse"),
    "no material difference": N_("no material difference"),
    "no difference found": N_("no difference found"),
    "the same in every replication": N_("the same in every replication"),
}
"""Of a plan beside another."""
STAGES = {
    "phone": N_("phone consulting"),
    "filing": N_("assisted filing"),
    "studio": N_("Set-Sail Studio"),
    "key": N_("key-enterprise desk"),
    "review": N_("online review"),
    "issue": N_("counter"),
    "automatic": N_("automatic approval"),
}
POOLS = {
    "consultants": N_("phone consultants"),
    "assistants": N_("hall assistants"),
    "studio": N_("Set-Sail Studio"),
    "specialists": N_("key-enterprise specialists"),
    "reviewers": N_("reviewers"),
    "clerks": N_("counter clerks"),
}
CLASSES = {
    "enterprise": N_("enterprises"),
    "individual": N_("individual businesses"),
    "key": N_("key enterprises"),
    "other": N_("other business"),
}
CHANNELS = {
    "online": N_("online alone"),
    "hall": N_("with a hall assistant"),
    "studio": N_("Set-Sail Studio"),
    "specialist": N_("with a specialist"),
}
CLOCKS = {
    "touch": N_("work on it"),
    "licence": N_("licence time"),
    "door_to_door": N_("first submission to licence in hand"),
    "journey": N_("first contact to licence in hand"),
}
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
"""From Monday on, as `date.weekday` counts."""
NAMES = {"stage": STAGES, "pool": POOLS, "class": CLASSES, "channel": CHANNELS, "clock": CLOCKS}
"""By what they are names of. Of an office built from blocks, whose names are its own, those are shown as they are."""


_own: ContextVar[Mapping[tuple[str, str], Mapping[str, str]]] = ContextVar("own", default=MappingProxyType({}))


@contextmanager
def naming(scenarios: Iterable[Mapping[str, Any]]) -> Iterator[None]:
    """Call the own steps and pools of some scenarios by their titles within this context.

    Parameters
    ----------
    scenarios : iterable of mapping
        In full.
    """
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for scenario in scenarios:
        titles = {("stage", step["name"]): step["title"] for step in scenario.get("steps") or ()}
        pools = {name: pool for name, pool in (scenario.get("staff") or {}).items() if name != "midday"}
        titles |= {("pool", name): pool["title"] for name, pool in pools.items() if pool.get("title")}
        for key, title in titles.items():
            # What two offices call differently has its bare name.
            found[key] = title if found.get(key, title) == title else {}
    before = _own.set(found)
    try:
        yield
    finally:
        _own.reset(before)


def named(what: str, name: str) -> str:
    """Return what a stage, pool, class, channel or clock is called; its own name if it has no other."""
    if name == "all" and what in ("class", "channel"):
        return _("all")
    if what == "pool" and name.endswith(CALLED_IN):
        return _("{pool}, called in from other work", pool=named(what, name.removesuffix(CALLED_IN)))
    own = _own.get().get((what, name))
    return own.get(language(), name) if own is not None else _(NAMES[what][name]) if name in NAMES[what] else name


def verdict_word(verdict: str) -> str:
    """Return a verdict in words."""
    return _(VERDICTS[verdict])


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, as the language writes them."""
    return _(", ").join(names)


def in_a_row(names: Sequence[str]) -> str:
    """Return names as a sentence has them: A, B and C."""
    return "".join(names) if len(names) < 2 else listed(names[:-1]) + _(" and ") + names[-1]


def after_sentence() -> str:
    """Return what stands between a sentence and the next one."""
    return " " if language() == "en" else ""


def together(sentences: Iterable[str]) -> str:
    """Return sentences one after the other, as the language writes them."""
    return after_sentence().join(filter(None, sentences))


def capital(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:] if language() == "en" else text


def left_over(unfinished: Unfinished) -> Message:
    """Return what an office cannot finish, with the names of its stages."""
    return unfinished.said(lambda stage: named("stage", stage))
