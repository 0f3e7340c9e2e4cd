"""The way of a case through the office, as data: visits and choices, forward only.

A route is a list of nodes in the order in which they can happen. A `Visit` takes time: service at a
stage, the applicant's own time, somebody else's, or a machine's. A `Choice` takes none: it is decided by a mark that is
drawn beforehand. Whatever depends on the state of the office (a caller gives up) is a second way out of
a visit, `gave_up`; both ways are drawn, and the engine takes the one that happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sim.office.distributions import AT_ONCE, NEVER, Distribution

END = "end"
"""The case has left."""
MAX_NODES = 256
"""A route's reachable nodes are kept in the bits of four words; eight steps that send back take some 220 nodes."""


@dataclass(frozen=True, slots=True)
class OwnTime:
    """The applicant's own time; `in_hours_of` a stage, it passes only while that stage is open."""

    in_hours_of: str | None = None


@dataclass(frozen=True, slots=True)
class OutsideTime:
    """A submitted file is with somebody outside the office; `in_hours_of` a stage, only while that is open."""

    in_hours_of: str | None = None


@dataclass(frozen=True, slots=True)
class MachineTime:
    """Time that belongs to the office but needs no server, round the clock."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A priority drawn by lot: `priority` for a share of the cases, `otherwise` for the others.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.
    """

    share: float
    priority: int
    otherwise: int

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"the share of a lot must be from 0 to 1, not {self.share}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One thing that takes time.

    Attributes
    ----------
    name : str
        Unique in the route; also names the stream of random numbers.
    at : str, OwnTime, OutsideTime or MachineTime
        The stage where it is served, or whose time it is.
    minutes, patience : Distribution
        Service or other time; patience while waiting.
    then, gave_up : str
        The node after being served, and after giving up.
    priority : int or Lot
        Smaller goes first.
    stays_until : str or None
        The server stays with the case until this later visit is over.
    stream : str or None
        Name of the stream of random numbers, if it is not the visit's own: of two visits of which a case
        makes only one, both take the same time.
    """

    name: str
    at: str | OwnTime | OutsideTime | MachineTime
    minutes: Distribution = AT_ONCE
    then: str = END
    patience: Distribution = NEVER
    gave_up: str = END
    priority: int | Lot = 1
    stays_until: str | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A fork: with the given shares the case goes on at one of the nodes.

    Attributes
    ----------
    name : str
        Unique in the route.
    options : tuple of (share, node)
        Shares sum to 1. Listed from the good to the bad, so that one mark means one outcome.
    stream : str or None
        Name of the stream of marks, if it is not the choice's own: two choices of which a case meets
        only one share their stream.

    Raises
    ------
    ValueError
        If shares are negative or do not sum to 1.
    """

    name: str
    options: tuple[tuple[float, str], ...]
    stream: str | None = None

    def __post_init__(self) -> None:
        shares = [share for share, _ in self.options]
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise ValueError(f"the shares of {self.name!r} sum to {sum(shares)}, not 1")


Node = Visit | Choice


@dataclass(frozen=True, eq=False)
class Route:
    """Nodes in forward order; a case starts at the first.

    Attributes
    ----------
    nodes : tuple of Node
    name : str
    like : Route or None
        The one that this differs from in shares only, by `with_shares`.

    Raises
    ------
    ValueError
        If a name is used twice or unknown, or a way leads back.
    """

    nodes: tuple[Node, ...]
    name: str = ""
    like: Route | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.like is not None:
            return
        place = {node.name: i for i, node in enumerate(self.nodes)}
        if not self.nodes or len(self.nodes) > MAX_NODES:
            raise ValueError(f"route {self.name!r} has {len(self.nodes)} nodes; 1 to {MAX_NODES} are possible")
        if len(place) < len(self.nodes) or END in place:
            raise ValueError(f"route {self.name!r}: node names must differ from each other and from {END!r}")
        for i, node in enumerate(self.nodes):
            for target in self._targets(node):
                if target != END and place.get(target, -1) <= i:
                    known = "does not exist" if target not in place else "is not further on"
                    raise ValueError(f"route {self.name!r}: {node.name!r} leads to {target!r}, which {known}")

    def with_shares(self, choices: Iterable[Choice]) -> Route:
        """Return the route with choices that differ from those of their names in shares only."""
        nodes, as_before = list(self.nodes), True
        for choice in choices:
            place = self._place[choice.name]
            before = nodes[place]
            if self._targets(choice) != self._targets(before):
                raise ValueError(f"route {self.name!r}: {choice.name!r} leads elsewhere than before")
            as_before = as_before and _possible(choice) == _possible(before)
            nodes[place] = choice
        route = Route(tuple(nodes), self.name, self.like or self)
        if as_before:
            vars(route)["stages"] = self.stages
        return route

    @cached_property
    def _place(self) -> dict[str, int]:
        return {node.name: number for number, node in enumerate(self.nodes)}

    @cached_property
    def named(self) -> frozenset[str]:
        """The stages that its visits name."""
        if self.like is not None:
            return self.like.named
        places = [node.at for node in self.nodes if isinstance(node, Visit)]
        stages = [at.in_hours_of if isinstance(at, OwnTime | OutsideTime) else at for at in places]
        return frozenset(stage for stage in stages if isinstance(stage, str))

    @cached_property
    def stages(self) -> frozenset[str]:
        """The stages that chance can lead to."""
        found = set()
        reached = {self.nodes[0].name}
        # A way leads forward only.
        for node in self.nodes:
            if node.name not in reached:
                continue
            if isinstance(node, Choice):
                reached |= {*_possible(node)}
                continue
            reached.add(node.then)
            # Who has all the patience in the world leaves only where there is no place to wait.
            reached.add(node.gave_up)
            if isinstance(node.at, str):
                found.add(node.at)
        return frozenset(found)

    @staticmethod
    def _targets(node: Node) -> list[str]:
        if isinstance(node, Choice):
            return [target for _, target in node.options]
        return [node.then, node.gave_up] + ([node.stays_until] if node.stays_until else [])


def _possible(node: Node) -> list[str]:
    """Return where a choice can lead to."""
    return [target for share, target in node.options if share > 0] if isinstance(node, Choice) else []
