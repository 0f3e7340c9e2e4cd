"""Files in YAML held against the form that they should have: all that is wrong at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from annotated_types import MaxLen, MinLen
from pydantic import ValidationError

from sim.office.parameters.bounds import first, inner_type, length, limits, peeled
from sim.office.parameters.fields import Group
from sim.office.parameters.listing import all_parameters, keys_of
from sim.office.problems import Problem, ScenarioError, like, meant, nearest, shown
from sim.office.yaml_tree import FULL_WIDTH, PLAIN, SLIP, START, KeyPath, Node, dotted, read_tree
from sim.text import N_, Message

G = TypeVar("G", bound=Group)
T = TypeVar("T")

NO_VALUE = N_("has no value; write one, or remove the line")
KEY = "[key]"
"""How the validator marks that a key of a mapping, not its value, is wrong."""


class Fault(NamedTuple):
    """Something that a form does not allow.

    Attributes
    ----------
    path : KeyPath
    what : Message
    node : Node
        Of the path, or the nearest that there is.
    at_key : bool
        Whether it is about the key rather than the value.
    """

    path: KeyPath
    what: Message
    node: Node
    at_key: bool

    def problem(self) -> Problem:
        """Return it as a problem at its place."""
        return self.node.problem(self.what, dotted(self.path), at_key=self.at_key)


@dataclass
class CheckedFile:
    """A file that is a mapping, and what has been found wrong with it so far.

    Attributes
    ----------
    path : pathlib.Path
    root : Node
        The mapping.
    problems : list of Problem
    """

    path: Path
    root: Node
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def read(cls, path: str | Path, otherwise: str, empty: str = "") -> CheckedFile:
        """Read a file.

        Parameters
        ----------
        path : str or pathlib.Path
        otherwise : str
            Template of what to say if it is no mapping, but a ``{value}``.
        empty : str
            The same if there is nothing in it, which should begin with a ``{name}``; `otherwise` if not given.

        Raises
        ------
        ScenarioError
            If it cannot be read, or is no mapping.
        """
        path = Path(path)
        root, problems = read_tree(path)
        if root is None or root.value is None:
            root, otherwise = Node(str(path), START, None), empty or otherwise
        if not isinstance(root.value, dict):
            if isinstance(root.value, str) and (slip := FULL_WIDTH.search(root.value)) is not None:
                raise ScenarioError([*problems, root.problem(SLIP, sign=slip[1], right=PLAIN[slip[1]])])
            wrong = root.problem(otherwise, name=path.stem, value=shown(root.value))
            raise ScenarioError([*problems, wrong])
        return cls(path, root, problems)

    def check_name(self) -> None:
        """Note a name that is not that of the file."""
        name = self.root.value.get("name")
        if name is not None and isinstance(name.value, str) and name.value != self.path.stem:
            self.problems.append(name.problem(
                "must be {right!r}, as the file is called, not {value}", "name", right=self.path.stem,
                value=shown(name.value),
            ))  # fmt: skip

    def form(self, model: type[G], data: Any = None) -> G | None:
        """Return what the file, or `data` in its place, says; None, and note why, if it has not the form of it."""
        try:
            return model.model_validate(self.root.plain() if data is None else data)
        except ValidationError as error:
            self.problems += [fault.problem() for fault in faults(error, model, self.root)]
            return None

    def checked(self, found: T | None) -> T:
        """Return what was found in the file if there is nothing wrong with it.

        Raises
        ------
        ScenarioError
            With all that was noted: of this file first, in the order of the lines.
        """
        if self.problems or found is None:
            raise ScenarioError(in_order(self.problems, self.path))
        return found


def in_order(problems: Iterable[Problem], path: Path) -> list[Problem]:
    """Return problems in the order of files and lines, those of the file that was asked for first."""
    return sorted(dict.fromkeys(problems), key=lambda found: (found.file != str(path), found))


def members_of(path: str | Path) -> dict[str, Node]:
    """Return what a file, right or wrong, has at the top; nothing if it cannot be read or is no mapping."""
    try:
        root, _ = read_tree(Path(path))
    except ScenarioError:
        return {}
    return root.value if root is not None and isinstance(root.value, dict) else {}


def faults(error: ValidationError, model: type[Group], tree: Node) -> Iterator[Fault]:
    """Yield all that a validator has found, in plain words."""
    for path, what, at_key in _said(error, model):
        node, _ = tree.find(path)
        if node.value is None and not at_key:
            what, at_key = Message(NO_VALUE), True
        yield Fault(path, what, node, at_key)


def _said(error: ValidationError, model: type[Group]) -> Iterator[tuple[KeyPath, Message, bool]]:
    """Yield path, message, and whether it is about the key, of each of the validator's findings."""
    for item in error.errors(include_url=False):
        path: KeyPath = tuple(item["loc"])
        kind, context = item["type"], item.get("ctx", {})
        # A key that nobody knows may itself be what the validator calls keys.
        at_key = path[-1:] == (KEY,) and kind != "extra_forbidden"
        if at_key:
            path = path[:-1]
        if kind == "plain":
            for at, what in context["found"]:
                yield (*path, *at), what, at_key
        elif kind == "extra_forbidden":
            owner, _ = _annotation_at(model, path[:-1])
            end = _meant(str(path[-1]), owner)
            if item["input"] is None and (path[-2:-1] == ("title",) or " " in str(path[-1])):
                # Within braces what follows a comma is a key without a value.
                end = Message("a text with a comma in it needs quotes around it")
            yield path, Message("there is no such parameter; {meant}", meant=end), True
        elif what := _in_plain_words(kind, context, item["input"], _annotation_at(model, path)[1], item["msg"]):
            yield path, what, at_key


def _in_plain_words(
    kind: str, context: dict[str, Any], value: Any, constraints: list[Any], otherwise: str
) -> Message | None:
    """Return what a kind of finding means, None if it speaks for itself."""
    if kind == "missing":
        return Message("is missing; add it")
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ")
        return Message("must be one of {names}, not {value}", names=names, value=shown(value))
    if kind in ("too_short", "too_long"):
        low, high = first(constraints, MinLen, "min_length") or 0, first(constraints, MaxLen, "max_length")
        # The validator counts only the values that are right; those that are not speak for themselves.
        if low <= len(value) <= (len(value) if high is None else high):
            return None
        return Message("must have {length}, not {number}", length=length(constraints, len(value)), number=len(value))
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return Message("must be {limits}, not {value}", limits=limits(constraints), value=shown(value))
    if kind in ("tuple_type", "list_type"):
        return Message("must be a list, not {value}; write [..., ...] or lines that begin with '- '",
                       value=shown(value))  # fmt: skip
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Message("must be a mapping (lines of 'key: value' below it), not {value}", value=shown(value))
    if kind == "string_unicode":
        return Message("must be a text, not {value}", value=shown(value))
    return Message("{value} is not possible ({why})", value=shown(value), why=otherwise)


def _annotation_at(model: type[Group], path: KeyPath) -> tuple[Any, list[Any]]:
    """Return the type that belongs at `path`, and its constraints."""
    kind: Any = model
    constraints: list[Any] = []
    for step in path:
        if isinstance(kind, type) and issubclass(kind, Group):
            info = keys_of(kind).get(str(step))
            outer, constraints = (info.annotation, list(info.metadata)) if info else (kind.others, [])
        else:
            outer, constraints = inner_type(kind), []
        kind, more = peeled(outer)
        constraints += more
    return kind, constraints


def _meant(key: str, owner: type[Group]) -> Message:
    """Return what an unknown key may mean: one like it here, the very one elsewhere, or all that are here."""
    here = list(keys_of(owner))
    elsewhere = [parameter.path for parameter in all_parameters() if parameter.path.endswith(f".{key}")]
    return meant(elsewhere[0]) if elsewhere and like(key, here) is None else nearest(key, here)
