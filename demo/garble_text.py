"""Errors people and programs make when they write down what is true."""

from dataclasses import dataclass

from demo.draw_names import fold
from demo.roll_dice import Dice

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad",
    "t": "rz", "u": "zi", "v": "cb", "w": "qe", "x": "yc", "y": "xt", "z": "tu",
}  # fmt: skip
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("th", "t"),
    ("ei", "ai"),
    ("ie", "y"),
    ("tz", "z"),
    ("w", "v"),
    ("z", "s"),
)
_LOOKS = (("rn", "m"), ("l", "1"), ("o", "0"), ("cl", "d"), ("vv", "w"))


@dataclass(frozen=True, slots=True)
class Flaws:
    """How bad the sources are: a factor on every error rate, and delivery disorder."""

    factor: float
    duplicates: float
    disorder: float

    def happen(self, dice: Dice, rate: float) -> bool:
        """Whether an error of the given base rate happens."""
        return dice.random() < rate * self.factor


PROFILES: dict[str, Flaws] = {
    "clean": Flaws(0.0, 0.0, 0.0),
    "real": Flaws(1.0, 0.02, 0.03),
    "hostile": Flaws(2.5, 0.06, 0.15),
}


def garble(dice: Dice, text: str) -> str:
    """The text with one error: neighbour key, swap, drop, double, sound, look or lost marks."""
    if len(text) < 3:
        return text
    spot = dice.between(1, len(text) - 2)
    kind = dice.between(0, 6)
    if kind == 0:
        near = _NEIGHBOURS.get(text[spot].lower())
        return text[:spot] + dice.pick(near) + text[spot + 1 :] if near else _swap(text, spot)
    if kind == 1:
        return _swap(text, spot)
    if kind == 2:
        return text[:spot] + text[spot + 1 :]
    if kind == 3:
        return text[:spot] + text[spot] + text[spot:]
    if kind in (4, 5):
        for right, wrong in _SOUNDS if kind == 4 else _LOOKS:
            if right in text:
                return text.replace(right, wrong, 1)
        return _swap(text, spot)
    return fold(text) or text


def _swap(text: str, spot: int) -> str:
    return text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]


def garble_mail(dice: Dice, mail: str) -> str:
    """A mail address typed wrong: in the name, or the host's end."""
    local, _, host = mail.partition("@")
    if dice.chance(0.3):
        return f"{local}@{dice.pick((host.replace('.com', '.con'), host.replace('.example', '.exmaple')))}"
    return f"{fold(garble(dice, local)).replace(' ', '') or local}@{host}"
