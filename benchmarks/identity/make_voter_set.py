"""Five lists of voters that overlap: names, town and postcode alone, with mistakes in many records.

As in the public voter benchmark, 750 people each stand in two, three, four and five lists, the rest in one:
25,000 records and 15,000 true pairs. Strangers may share every column.
"""

from __future__ import annotations

from pathlib import Path

from demo.roll_dice import Dice

from benchmarks.identity.invent_people import (
    draw_given,
    draw_surname,
    misspell,
    misspell_digits,
    word_rows,
)
from benchmarks.identity.write_set import Field, SetWriter

FIELDS: dict[str, Field] = {
    "givenname": "given_name",
    "surname": "family_name",
    "suburb": "city",
    "postcode": "postcode",
}
LISTS = tuple(f"party_{letter}" for letter in "abcde")


def make_voters(
    folder: Path, records_a_list: int, seed: int, corrupted: float, *, ages: bool = False, apart: bool = False
) -> None:
    """Writes the set; ``corrupted``: the share of records with one to three mistakes.

    No list holds a person twice; ``apart``: the map says so.
    """
    fields = {**FIELDS, "age": "category"} if ages else FIELDS
    shared = records_a_list * 3 // 20
    room = dict.fromkeys(LISTS, records_a_list)
    with SetWriter(folder, fields, link_only=apart) as out:
        person = 0
        for size in (5, 4, 3, 2):
            for _ in range(shared):
                dice = Dice(f"{seed}/voter/{person}")
                free = [name for name in LISTS if room[name] > 0]
                lists = dice.sample(free, min(size, len(free)))
                _write_voter(out, dice, person, lists, corrupted)
                for name in lists:
                    room[name] -= 1
                person += 1
        for name in LISTS:
            for _ in range(room[name]):
                _write_voter(out, Dice(f"{seed}/voter/{person}"), person, [name], corrupted)
                person += 1


def _write_voter(out: SetWriter, dice: Dice, person: int, lists: list[str], corrupted: float) -> None:
    sex = dice.pick("MF")
    town, code = dice.zipf(word_rows("towns_nc"), 0.7)
    true = {
        "givenname": draw_given(dice, sex).lower(),
        "surname": draw_surname(dice, 0.3).lower(),
        "suburb": town.lower(),
        "postcode": f"{code}{dice.between(1, 24):02}",
        "age": str(dice.between(18, 92)),
    }
    for name in lists:
        values = dict(true)
        if dice.chance(corrupted):
            for _ in range(dice.choices((1, 2, 3), (76, 20, 4))[0]):
                _spoil(dice, values)
        out.put(name, f"{dice.between(1, 10**10):010}", str(person), values)


def _spoil(dice: Dice, values: dict[str, str]) -> None:
    kind = dice.random()
    if kind < 0.34:
        values["givenname"] = misspell(dice, values["givenname"])
    elif kind < 0.68:
        values["surname"] = misspell(dice, values["surname"])
    elif kind < 0.82:
        values["suburb"] = misspell(dice, values["suburb"])
    elif kind < 0.92:
        values["postcode"] = misspell_digits(dice, values["postcode"])
    elif kind < 0.95:
        values["givenname"], values["surname"] = values["surname"], values["givenname"]
    else:
        values[dice.pick(("givenname", "suburb", "postcode"))] = ""
