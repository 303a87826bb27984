"""Seeded chance: one dice per household or firm, so that any of them can be made again by itself."""

import bisect
import functools
import itertools
import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

LETTERS = "ABCDEFGHJKLMNPRSTUWXY"
HOUR = 3600
DAY = 24 * HOUR


@functools.cache
def zipf_ladder(size: int, exponent: float) -> tuple[float, ...]:
    """Cumulative weights of `size` ranks under Zipf's law."""
    return tuple(itertools.accumulate((rank + 2.7) ** -exponent for rank in range(size)))


class Dice(random.Random):
    """`random.Random` with the few throws the demo needs. The same text seed always gives the same throws."""

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[int(self.random() * len(items))]

    def zipf(self, items: Sequence[T], exponent: float = 1.3) -> T:
        """One of the items, the first ones far likelier (Zipf-Mandelbrot, shift 2.7)."""
        ladder = zipf_ladder(len(items), exponent)
        return items[min(bisect.bisect(ladder, self.random() * ladder[-1]), len(items) - 1)]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))

    def poisson(self, mean: float) -> int:
        """A count with the given mean (Knuth's product method; `mean` below about 50)."""
        limit, count, product = math.exp(-mean), 0, self.random()
        while product > limit:
            count += 1
            product *= self.random()
        return count

    def fill(self, pattern: str) -> str:
        """The pattern with `#` any digit, `%` a digit 2-9, `?` a letter."""
        return "".join(
            str(int(self.random() * 10))
            if mark == "#"
            else str(2 + int(self.random() * 8))
            if mark == "%"
            else self.pick(LETTERS)
            if mark == "?"
            else mark
            for mark in pattern
        )

    def token(self, length: int, alphabet: str = "abcdefghijkmnpqrstuvwxyz23456789") -> str:
        """A random word over the alphabet."""
        return "".join(self.pick(alphabet) for _ in range(length))


class Period:
    """The years the demo company has behind it. Times are whole seconds since 1970, UTC."""

    def __init__(self, now: int, years: float) -> None:
        """`now` ends the period; everything in it happened."""
        self.now = now
        self.start = now - int(years * 365.25 * DAY)

    def some_time(self, dice: Dice, since: int, offset: int = 0) -> int:
        """A waking-hours moment after `since`: most anywhere, a quarter of them within the last weeks."""
        since = max(since, self.start)
        at = self.now - int(dice.expovariate(1 / (9 * DAY))) if dice.chance(0.26) else 0
        if at < since:
            at = since + int(dice.random() ** 0.8 * (self.now - since))
        return self.by_day(dice, at, offset)

    def by_day(self, dice: Dice, at: int, offset: int = 0) -> int:
        """The same day in waking hours at a place `offset` hours off UTC, never after now."""
        midnight = at - (at + offset * HOUR) % DAY
        shaped = midnight + int((7 + 15.5 * dice.betavariate(2.2, 2.0)) * HOUR)
        return min(shaped, self.now - dice.between(60, 3 * HOUR)) if shaped >= self.now else shaped


class Numbers:
    """Running numbers as offices give them: new each day or month, so they grow with time."""

    def __init__(self) -> None:
        """Starts empty; the first number of a day is 1."""
        self._last: dict[str, int] = {}

    def after(self, key: str) -> int:
        """The next number under the key."""
        self._last[key] = self._last.get(key, 0) + 1
        return self._last[key]
