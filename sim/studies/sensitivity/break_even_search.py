"""Search between a value with one verdict and a value with another for where it flips, in few tests.

There is no simulator in here: whoever searches is told a level, has it judged, and tells the verdict.
"""

from __future__ import annotations

from sim.measures.judge import Verdict

STEPS = 50
"""Steps of a whole range: a level is 2 % of it from the next."""
MOST_TESTS = 6
"""Levels judged in one search, whatever the verdicts: halving alone would get through 2⁶ levels."""


def differs(own: Verdict, other: Verdict) -> bool:
    """Say whether a verdict has flipped to another.

    Neither to nor from UNDECIDED: nobody knows what that would be with more replications.
    """
    return own is not other and Verdict.UNDECIDED not in (own, other)


class BreakEvenSearch:
    """Looks for the last level with the verdict of the first, and the first level with the verdict of the last.

    It begins with a guess of both; if they are right, two tests are enough. Then it halves what is between the two,
    until they are neighbours or a level between them has neither verdict: from there on where the verdict flips is
    not a number but the stretch that is too close to call.

    Parameters
    ----------
    levels : int
        Place of the last level; 0 is the scenario itself, and the verdicts of both are known.
    own, end : Verdict
        Of the first and of the last level.
    guess : (int, int)
        Places of the last level with the own verdict and of the first with that of the end.

    Attributes
    ----------
    levels : int
    judged : dict of int to Verdict
        The levels judged, the two known ones included.

    Raises
    ------
    ValueError
        If nothing flips between the first and the last level.
    """

    def __init__(self, levels: int, own: Verdict, end: Verdict, guess: tuple[int, int]) -> None:
        if not differs(own, end):
            raise ValueError(f"nothing flips between {own.value} and {end.value}")
        self.own, self.end, self.levels = own, end, levels
        last = min(max(guess[0], 0), levels - 1)
        self.guess = last, max(min(guess[1], levels), last + 1)
        self.judged = {0: own, levels: end}

    @property
    def tests(self) -> int:
        """Levels judged in the search."""
        return len(self.judged) - 2

    @property
    def bracket(self) -> tuple[int, int]:
        """Places of the last level with the own verdict below the first with that of the end, and of that one."""
        first = min(level for level, verdict in self.judged.items() if verdict is self.end)
        last = max(level for level, verdict in self.judged.items() if verdict is self.own and level < first)
        return last, first

    @property
    def between(self) -> list[int]:
        """Levels judged between the two, with neither verdict."""
        last, first = self.bracket
        return sorted(level for level in self.judged if last < level < first)

    @property
    def monotone(self) -> bool:
        """Whether no level was found with the own verdict beyond one with another, or the other way round."""
        order = [self.judged[level] for level in sorted(self.judged)]
        last = max(place for place, verdict in enumerate(order) if verdict is self.own)
        first = min(place for place, verdict in enumerate(order) if verdict is self.end)
        return last < first and all(verdict is self.own for verdict in order[: last + 1])

    def wanted(self) -> list[int]:
        """Return the levels to be judged next, at the same time if they are two; none at the end."""
        unjudged = [level for level in self.guess if level not in self.judged]
        return (unjudged or self._halved())[: MOST_TESTS - self.tests]

    def tell(self, level: int, verdict: Verdict) -> None:
        """Take the verdict on a level that was wanted.

        Raises
        ------
        ValueError
            If the level has one, or is not between the first and the last.
        """
        if level in self.judged or not 0 < level < max(self.judged):
            raise ValueError(f"level {level} is judged already, or not between the first and the last")
        self.judged[level] = verdict

    def _halved(self) -> list[int]:
        """Return the middles of what is still too wide."""
        last, first = self.bracket
        between = self.between
        if not between:
            return [(last + first) // 2] if first - last > 1 else []
        # An end that was guessed rightly is as near to the flip as the guess can tell.
        wide = [] if last >= self.guess[0] else [(last, between[0])]
        wide += [] if first <= self.guess[1] else [(between[-1], first)]
        return [(low + high) // 2 for low, high in wide if high - low > 1]
