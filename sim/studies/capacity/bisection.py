"""Search levels of demand for the largest that holds and the smallest that fails, in few tests.

There is no simulator in here: whoever searches is told a level, has it judged, and tells the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sim.measures.judge import Verdict

STRIDE = 16
"""Levels from the first to the second; about 15 % on the grid of `demand_levels`, a year's growth."""
NEAR = 2
"""The same towards what holds, from a level that neither holds nor fails: that is near, and each test long."""
STEPS = 512
"""Intervals between neighbouring levels, those to the virtual ends included: a power of two, so that nothing of a
test is wasted."""
SPAN = 10.0
"""The grid goes from the middle divided by this to the middle times this."""


def demand_levels(own: int, smallest: int = 1, largest: int = 1_000_000) -> tuple[int, ...]:
    """Return levels of demand from a tenth to ten times one's own, each about 1 % above the one before.

    Parameters
    ----------
    own : int
        Registrations a year; it is a level itself, and the middle one unless an end is cut off.
    smallest, largest : int
        Levels outside are left out.

    Returns
    -------
    tuple of int
        Increasing, rounded to three significant digits so that they can be read aloud, but for `own`; 511 at most,
        fewer where rounding makes neighbours equal.
    """
    middle = STEPS // 2 - 1
    ratio = SPAN ** (1 / middle)
    found = {own}
    for step in range(-middle, middle + 1):
        level = _rounded(own * ratio**step)
        # A neighbour that rounding has brought next to one's own says nothing new.
        if step and smallest <= level <= largest and abs(level - own) * 4 > own * (ratio - 1):
            found.add(level)
    return tuple(sorted(found))


def _rounded(value: float) -> int:
    return max(int(float(f"{value:.2e}") + 0.5), 1)


@dataclass(frozen=True)
class Bracket:
    """What a search has found.

    Attributes
    ----------
    holds : int or None
        Place of the largest level that HOLDS; None if the lowest does not.
    fails : int or None
        Place of the smallest level that FAILS, above `holds`; None if the highest does not.
    monotone : bool
        No level was found to hold above one that was found to fail.
    tests : int
        Levels judged.
    """

    holds: int | None
    fails: int | None
    monotone: bool
    tests: int


@dataclass(frozen=True)
class _Open:
    """What one of the two searches still has to look through: the levels between `low` and `high`, both excluded.

    `stride` is the least distance of the level to begin with from the next.
    """

    low: int
    high: int
    stride: int


class Bisection:
    """Two searches over the same levels that share what was judged.

    One looks for the largest level that HOLDS, and goes left on any other verdict; one for the smallest that FAILS,
    and goes right on any other. Both walk down the same tree: from the level to begin with outward, each time twice
    as far, and by halves once there is a level to either side. They part at the first level that neither
    holds nor fails, and have no level in common from there on. If that is the first of all, what holds is near, and is
    looked for in small strides: a level that holds by far takes as many replications as one that hardly does.

    Parameters
    ----------
    levels : int
        How many there are, 1 at least; below the lowest everything is taken to hold, above the highest to fail.
    first : int
        Place of the level to begin with.
    stride : int
        Distance to the second.

    Raises
    ------
    ValueError
        If there are no levels, or the first is not one of them.

    Notes
    -----
    Whatever the verdicts, there are never more than `most_tests`; that is the worst case of the tree.
    """

    def __init__(self, levels: int, first: int, stride: int = STRIDE) -> None:
        if not 0 <= first < levels or stride < 1:
            raise ValueError(f"the first of {levels} levels cannot be that at {first}, or the stride {stride}")
        self.levels, self.first, self.stride = levels, first, stride
        self.judged: dict[int, Verdict] = {}
        self._holding = self._failing = self._all = _Open(-1, levels, stride)

    def wanted(self) -> list[int]:
        """Return the places of the levels to be judged next: one, two once the searches have parted, none at the end.

        Those of two may be judged at the same time.
        """
        both = [self._probe(search) for search in (self._holding, self._failing) if search.high - search.low > 1]
        return sorted(set(both))

    def tell(self, level: int, verdict: Verdict) -> None:
        """Take the verdict on a level that was wanted.

        Raises
        ------
        ValueError
            If it was not.
        """
        if level not in self.wanted():
            raise ValueError(f"level {level} is not wanted; wanted are {self.wanted()}")
        holding, failing = self._holding, self._failing
        if holding.high - holding.low > 1 and self._probe(holding) == level:
            right = verdict is Verdict.HOLDS
            near = holding == self._all and verdict is not Verdict.FAILS
            self._holding = _right(holding, level) if right else _left(holding, level, near)
        if failing.high - failing.low > 1 and self._probe(failing) == level:
            left = verdict is Verdict.FAILS
            self._failing = _left(failing, level) if left else _right(failing, level)
        self.judged[level] = verdict

    def result(self) -> Bracket:
        """Return what has been found; before the end, what is known so far."""
        held = [level for level, verdict in self.judged.items() if verdict is Verdict.HOLDS]
        failed = [level for level, verdict in self.judged.items() if verdict is Verdict.FAILS]
        holds, fails = self._holding.low, self._failing.high
        return Bracket(
            None if holds < 0 else holds,
            None if fails == self.levels else fails,
            max(held, default=-1) < min(failed, default=self.levels),
            len(self.judged),
        )

    @cached_property
    def most_tests(self) -> int:
        """Levels that have to be judged in the worst case."""
        return self._worst(self._all)[1]

    def _probe(self, search: _Open) -> int:
        """Return the level at a node of the tree."""
        if search == self._all:
            return self.first
        outward = search.high
        if search.low == -1 and self.first >= search.high:
            outward = self.first - max(search.stride, 2 * (self.first - search.high))
        elif search.high == self.levels and self.first <= search.low:
            outward = self.first + max(search.stride, 2 * (search.low - self.first))
        return outward if search.low < outward < search.high else (search.low + search.high) // 2

    def _worst(self, search: _Open) -> tuple[int, int]:
        """Return the most tests below a node of the tree: of one search alone, and of both that are still together."""
        if search.high - search.low <= 1:
            return 0, 0
        level = self._probe(search)
        left, right = self._worst(_left(search, level)), self._worst(_right(search, level))
        alone = self._worst(_left(search, level, near=True))[0] if search == self._all else left[0]
        return 1 + max(left[0], right[0]), 1 + max(left[1], right[1], alone + right[0])


def _left(search: _Open, level: int, near: bool = False) -> _Open:
    return _Open(search.low, level, NEAR if near else search.stride)


def _right(search: _Open, level: int) -> _Open:
    return _Open(level, search.high, search.stride)
