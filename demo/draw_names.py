"""Names, addresses, numbers and mail addresses of one locale."""

import unicodedata
import zlib

from demo.describe_world import Address
from demo.pools.describe_locale import Locale
from demo.roll_dice import Dice

_FOLDS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue",
    "ł": "l", "Ł": "L", "ø": "o", "æ": "ae", "ı": "i", "İ": "I",
}  # fmt: skip


def fold(text: str) -> str:
    """Latin letters without marks; German umlauts become two letters."""
    replaced = "".join(_FOLDS.get(letter, letter) for letter in text)
    return unicodedata.normalize("NFKD", replaced).encode("ascii", "ignore").decode()


def slug(text: str) -> str:
    """Lower-case letters and digits of the folded text."""
    return "".join(letter for letter in fold(text).lower() if letter.isalnum())


def draw_family_name(dice: Dice, locale: Locale) -> str:
    """A surname: four of five from the frequent ones (Zipf), else a rare compound."""
    if locale.double_family:
        return f"{dice.zipf(locale.families)} {dice.zipf(locale.families, 1.0)}"
    if dice.chance(0.8):
        return dice.zipf(locale.families)
    return dice.pick(locale.family_heads) + dice.pick(locale.family_tails)


def inflect_family_name(locale: Locale, family: str, sex: str) -> str:
    """The surname in the form a woman carries it, where the language has one."""
    if sex == "F":
        for male, female in locale.feminine:
            if family.endswith(male):
                return family[: -len(male)] + female
    return family


def draw_given_name(dice: Dice, locale: Locale, sex: str) -> str:
    """A given name, the popular ones likelier."""
    return dice.zipf(locale.given_female if sex == "F" else locale.given_male, 0.7)


def draw_address(dice: Dice, locale: Locale, since: int) -> Address:
    """A street address, big cities likelier."""
    city = dice.zipf(locale.cities, 0.6)
    number = str(dice.between(1, 140))
    if dice.chance(0.08):
        number += dice.pick("abc")
    return Address(
        street=dice.pick(locale.streets),
        house_number=number,
        postcode=dice.fill(city.postcode),
        city=city.name,
        state=city.state,
        country=locale.code,
        since=since,
    )


def draw_mobile(dice: Dice, locale: Locale) -> str:
    """A mobile number, E.164."""
    return f"+{locale.dial}{dice.fill(dice.pick(locale.mobile))}"


def draw_landline(dice: Dice, locale: Locale, city_name: str) -> str:
    """A fixed line in the city, E.164."""
    city = next((city for city in locale.cities if city.name == city_name), locale.cities[0])
    return f"+{locale.dial}{city.area}{dice.fill(locale.landline)}"


class MailBook:
    """Hands out mail addresses, never the same twice."""

    def __init__(self) -> None:
        """Keeps a checksum of each address given away: a collision costs a digit, never a double."""
        self._taken: set[int] = set()

    def draw(self, dice: Dice, locale: Locale, given: str, family: str, year: int) -> str:
        """A private address that looks like its owner."""
        first, last = slug(given) or "user", slug(family.split(" ", maxsplit=1)[0]) or dice.token(5)
        local = dice.pick(
            (f"{first}.{last}", f"{first}.{last}", f"{first[0]}.{last}", f"{first}_{last}", f"{last}.{first}",
             f"{first}{last}{year % 100:02d}", f"{first}{year % 100:02d}", f"{last}{dice.between(1, 999)}")
        )  # fmt: skip
        host = dice.zipf(locale.mail_hosts, 0.5)
        if host == "gmail.com":
            local = f"{first}.{last}.{dice.between(1000, 9999)}"
        return self.take(dice, local, host)

    def take(self, dice: Dice, local: str, host: str) -> str:
        """`local@host`, with digits put on when somebody has it."""
        address = f"{local}@{host}"
        while (check := zlib.crc32(address.encode())) in self._taken:
            address = f"{local}{dice.between(2, 9999)}@{host}"
        self._taken.add(check)
        return address


def write_phone(dice: Dice, number: str, locale: Locale) -> str:
    """The number as people write it: international, 00, national with spaces, brackets or dashes."""
    national = number.removeprefix(f"+{locale.dial}")
    cut = 3 if len(national) < 10 or locale.code == "US" else 4
    head, tail = national[:cut], national[cut:]
    spaced = " ".join(tail[i : i + 3] for i in range(0, len(tail), 3))
    return dice.pick(
        (
            number,
            f"+{locale.dial} {head} {spaced}",
            f"00{locale.dial} {head} {tail}",
            f"{locale.trunk}{head} {spaced}",
            f"{locale.trunk}{head}/{tail}" if locale.code == "DE" else f"({locale.trunk}{head}) {spaced}",
            f"{locale.trunk}{head}{tail}",
        )
    )
