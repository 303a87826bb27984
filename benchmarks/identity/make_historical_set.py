"""Persons of history as an encyclopedia's readers might note them: about ten near-duplicates each.

Titles and further given names come and go, dates are a little off or a year alone (1 January), places are
the town or its county; half of the occupations are missing. Families repeat names, title and place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from demo.roll_dice import Dice

from benchmarks.identity.invent_people import (
    draw_date,
    draw_surname,
    misspell,
    misspell_digits,
    mistake_date,
    pet_name,
    word_list,
    word_rows,
)
from benchmarks.identity.write_set import Field, Ref, SetWriter

FIELDS: dict[str, Field] = {
    "full_name": "full_name",
    "first_and_surname": "ignore",
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "birth_date",
    "birth_place": "text",
    "postcode_fake": "postcode",
    "gender": "sex",
    "occupation": "category",
}
NUMERALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")


@dataclass(frozen=True, slots=True)
class Figure:
    """A person who lived; ``title`` such as '2nd baron holford', or empty."""

    given: tuple[str, ...]
    surname: str
    title: str
    born: date
    place: tuple[str, ...]
    postcode: str
    sex: str
    occupation: str


def make_historical(folder: Path, persons: int, seed: int) -> None:
    """Writes the set; about ten records a person, cut off at twenty."""
    with SetWriter(folder, FIELDS) as out:
        drawn = 0
        while drawn < persons:
            dice = Dice(f"{seed}/line/{drawn}")
            line = _draw_line(dice)[: persons - drawn]
            heads: list[Ref] = []
            for at, figure in enumerate(line):
                heads.append(_write_figure(out, dice, figure, f"Q{drawn + at}"))
            for left, right in pairwise(heads):
                out.tag("relatives", "different", left, right)
            drawn += len(line)


def _draw_line(dice: Dice) -> list[Figure]:
    """One person, or a family whose members bear the same names."""
    sex = "female" if dice.chance(0.14) else "male"
    pool = word_list("given_old_female" if sex == "female" else "given_old_male")
    names = dice.choices(range(1, 5), (50, 32, 14, 4))[0]
    given = tuple(dict.fromkeys(dice.zipf(pool, 1.0) for _ in range(names)))
    place = dice.zipf(word_rows("places_uk"), 0.6)
    surname = draw_surname(dice, 0.45)
    born = draw_date(dice, 1560, 1935)
    if dice.chance(0.33):
        born = date(born.year, 1, 1)
    title = ""
    if dice.chance(0.13):
        seat = surname if dice.chance(0.5) else draw_surname(dice, 0.9)
        title = f"{dice.pick(NUMERALS)} {dice.pick(word_list('titles'))} {dice.choice(('of ', ''))}{seat}"
    elif dice.chance(0.08):
        title = f"{dice.pick(NUMERALS)} baronet"
    work = dice.zipf(word_list("occupations"), 0.8)
    first = Figure(given, surname, title, born, place, _postcode(dice, place), sex, work)
    line = [first]
    while dice.chance(0.12 if len(line) == 1 else 0.3):
        line.append(_relative(dice, line[-1], pool))
    return line


def _relative(dice: Dice, elder: Figure, pool: tuple[str, ...]) -> Figure:
    """A child or sibling: the surname, mostly the place, sometimes the name and the title's next numeral."""
    given = elder.given if dice.chance(0.3) else (dice.zipf(pool, 1.0), *elder.given[1:])
    title = elder.title
    numeral, _, rest = title.partition(" ")
    if numeral in NUMERALS[:-1]:
        title = f"{NUMERALS[NUMERALS.index(numeral) + 1]} {rest}"
    born = draw_date(dice, elder.born.year + 1, elder.born.year + 38)
    return replace(
        elder, given=given, title=title, born=born, occupation=dice.zipf(word_list("occupations"), 0.8)
    )


def _postcode(dice: Dice, place: tuple[str, ...]) -> str:
    return f"{place[2]} {dice.fill('%??')}"


def _write_figure(out: SetWriter, dice: Dice, figure: Figure, entity: str) -> Ref:
    count = max(1, min(20, round(dice.gauss(9.8, 4.2))))
    codes = [figure.postcode, *(_postcode(dice, figure.place) for _ in range(dice.pick((0, 0, 1, 1, 2))))]
    refs = []
    for at in range(count):
        values = _note(dice, figure, codes, first=at == 0)
        record = f"{dice.between(1, 10**12):012}"
        refs.append(out.put("history", record, entity, values))
    return refs[0]


def _note(dice: Dice, figure: Figure, codes: list[str], *, first: bool) -> dict[str, str]:
    """One note about the person; the first is the encyclopedia's own."""
    full = _full_name(dice, figure, plain=first)
    words = full.split()
    born = figure.born if first or dice.chance(0.72) else _another_date(dice, figure.born)
    values = {
        "full_name": full,
        "first_and_surname": f"{words[0]} {words[-1]}",
        "first_name": words[0],
        "surname": words[-1],
        "dob": born.isoformat(),
        "birth_place": figure.place[0 if first or dice.chance(0.7) else 1],
        "postcode_fake": codes[0] if first else dice.pick(codes),
        "gender": figure.sex,
        "occupation": "" if dice.chance(0.5) else figure.occupation,
    }
    if not first:
        _lose(dice, values)
    return {column: value.lower() for column, value in values.items()}


def _full_name(dice: Dice, figure: Figure, *, plain: bool) -> str:
    given, surname = list(figure.given), figure.surname
    if not plain:
        if dice.chance(0.15):
            given[0] = pet_name(dice, given[0])
        if len(given) > 1 and dice.chance(0.5):
            given = given[:1] if dice.chance(0.75) else given[1:]
        if dice.chance(0.12):
            given[0] = misspell(dice, given[0])
        if dice.chance(0.15):
            surname = misspell(dice, surname)
        if dice.chance(0.04):
            surname = f"{surname}-{draw_surname(dice, 0.5)}" if dice.chance(0.4) else draw_surname(dice)
    parts = [*given, surname]
    if not plain and dice.chance(0.06):
        parts.insert(0, dice.pick(word_list("honours")))
    if figure.title and (plain or dice.chance(0.6)):
        words = figure.title.split()
        if not plain and dice.chance(0.4):
            words = words[dice.between(0, len(words) - 1) :]
        return f"{' '.join(parts)}, {' '.join(words)}" if dice.chance(0.5) else " ".join([*parts, *words])
    return " ".join(parts)


def _another_date(dice: Dice, born: date) -> date:
    return date(born.year, 1, 1) if dice.chance(0.3) else mistake_date(dice, born)


def _lose(dice: Dice, values: dict[str, str]) -> None:
    for column, lost in (("dob", 0.08), ("birth_place", 0.12), ("postcode_fake", 0.12), ("gender", 0.2)):
        if dice.chance(lost):
            values[column] = ""
    if dice.chance(0.05):
        values["surname"] = ""
    elif dice.chance(0.03):
        values["first_name"], values["surname"] = values["surname"], values["first_name"]
    if dice.chance(0.07):
        values["postcode_fake"] = misspell_digits(dice, values["postcode_fake"])
    if dice.chance(0.06):
        values["birth_place"] = misspell(dice, values["birth_place"])
