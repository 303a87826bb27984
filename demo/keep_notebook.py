"""What all observers share: the period, the flaws, running ids, truth, and the cast for live events."""

from typing import Any

from demo.describe_world import Person
from demo.garble_text import Flaws, garble
from demo.keep_truth import Truth
from demo.roll_dice import Dice, Numbers, Period
from demo.write_money import to_moment


class Notebook:
    """Handed to every observer."""

    def __init__(self, period: Period, flaws: Flaws, truth: Truth, cast_size: int = 2000) -> None:
        """`cast_size` customers are remembered for the live trickle."""
        self.period = period
        self.flaws = flaws
        self.truth = truth
        self.numbers = Numbers()
        self.cast: dict[str, dict[str, str]] = {}
        self._cast_size = cast_size

    def remember(self, person: Person, **refs: str) -> None:
        """Keeps the person's first id in each source, so that live events can be about known customers."""
        if person.id not in self.cast:
            if len(self.cast) >= self._cast_size:
                return
            self.cast[person.id] = {
                "name": person.latin or person.name,
                "given": person.given,
                "currency": person.locale.currency,
                "country": person.locale.code,
                "language": person.locale.language,
                "story": "yes" if "story" in person.tags else "",
            }
        self.cast[person.id] = refs | self.cast[person.id]

    def misspell(self, dice: Dice, text: str, rate: float) -> str:
        """The text, garbled at the given base rate."""
        return garble(dice, text) if text and self.flaws.happen(dice, rate) else text


def stamp(at: int, offset: int = 0) -> str:
    """ISO 8601 of a moment; with an offset in local time, else ending in Z."""
    text = to_moment(at, offset).isoformat()
    return text if offset else text.replace("+00:00", "Z")


def filled(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in ("", None, [])}
