"""Draws people for the made-up sets: names by Zipf's law with a long tail, places, dates, mistakes."""

from __future__ import annotations

import functools
import tomllib
from datetime import date, timedelta
from pathlib import Path

from demo.garble_text import garble
from demo.roll_dice import Dice

_OCR = (
    ("m", "rn"), ("rn", "m"), ("l", "1"), ("o", "0"), ("s", "5"), ("b", "6"), ("g", "q"), ("cl", "d"),
    ("h", "b"), ("e", "c"), ("u", "v"), ("z", "2"), ("i", "j"), ("f", "t"), ("w", "vv"),
)  # fmt: skip
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("c", "k"), ("ee", "ea"), ("ie", "y"), ("y", "i"), ("th", "t"), ("ll", "l"),
    ("l", "ll"), ("tt", "t"), ("s", "z"), ("gh", ""), ("wh", "w"), ("x", "ks"), ("qu", "kw"), ("mb", "m"),
    ("ai", "ay"), ("e", "a"), ("kn", "n"), ("dge", "ge"), ("oo", "u"), ("ou", "ow"), ("sh", "sch"),
)  # fmt: skip


@functools.cache
def word_list(name: str) -> tuple[str, ...]:
    """A list of words.toml; a tilde stands for a space inside a word."""
    return tuple(word.replace("~", " ") for word in _file()[name].split())


@functools.cache
def word_rows(name: str) -> tuple[tuple[str, ...], ...]:
    """A list of words.toml whose words are several parts."""
    return tuple(tuple(word.split("=")) for word in word_list(name))


@functools.cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """Name -> what its bearers are called."""
    return {row[0]: row[1:] for row in word_rows("nicknames")}


@functools.cache
def _file() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def draw_surname(dice: Dice, rare: float = 0.35) -> str:
    """A surname; the share ``rare`` comes from thousands of seldom ones."""
    if dice.random() < rare:
        return dice.zipf(word_list("surname_heads"), 0.3) + dice.zipf(word_list("surname_tails"), 0.3)
    return dice.zipf(word_list("surnames"), 0.9)


def draw_given(dice: Dice, sex: str) -> str:
    """A given name of today."""
    return dice.zipf(word_list("given_female" if sex == "F" else "given_male"), 0.8)


def draw_date(dice: Dice, first: int, last: int) -> date:
    """A day from the year ``first`` to the year ``last``."""
    begin = date(first, 1, 1)
    return begin + timedelta(days=dice.between(0, (date(last, 12, 31) - begin).days))


def pet_name(dice: Dice, given: str) -> str:
    """What a bearer of the name is called; the name itself when it has no short form."""
    short = nicknames().get(given)
    return dice.pick(short) if short else given


def misspell(dice: Dice, text: str) -> str:
    """The text with one mistake of a typist, of the ear or of a scanner."""
    kind = dice.random()
    if len(text) < 2:
        return text
    if kind < 0.5:
        return garble(dice, text)
    pairs = _SOUNDS if kind < 0.8 else _OCR
    lower = text.lower()
    spots = [(right, wrong) for right, wrong in pairs if right in lower[1:]]
    if not spots:
        return garble(dice, text)
    right, wrong = dice.pick(spots)
    at = lower.index(right, 1)
    return text[:at] + wrong + text[at + len(right) :]


def misspell_digits(dice: Dice, text: str) -> str:
    """The text with one digit wrong or two neighbours swapped."""
    spots = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not spots:
        return text
    at = dice.pick(spots)
    if dice.chance(0.4) and at + 1 in spots:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + str(dice.between(0, 9)) + text[at + 1 :]


def mistake_date(dice: Dice, day: date) -> date:
    """The day as noted wrongly: a few days off, day and month swapped, another month, a year or ten off."""
    kind = dice.random()
    if kind < 0.35:
        return day + timedelta(days=dice.pick((-2, -1, 1, 2, 9, 10, -10)))
    if kind < 0.6 and day.day <= 12:
        return date(day.year, day.day, day.month)
    if kind < 0.8:
        return date(day.year, dice.between(1, 12), min(day.day, 28))
    return date(day.year + dice.pick((-10, -1, 1, 10)), day.month, min(day.day, 28))
