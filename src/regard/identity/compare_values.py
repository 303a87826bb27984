"""How well two dates, mailboxes, phones, addresses and numbers agree. All symmetric; None = nothing known."""

from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from regard.identity.compare_names import likeness, one_typo
from regard.identity.fold_text import spell_token
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_contacts import is_free_mail
from regard.identity.normalise_names import PersonName

BirthLevel = Literal["exact", "january_first", "close", "year", "near", "different", "far"]
MailLevel = Literal["exact", "close", "local", "named", "company", "different"]
AddressLevel = Literal[
    "exact", "close", "street", "neighbour", "postcode", "city", "moved_postcode", "moved_city", "elsewhere"
]

_NEAR = 2
_GENERATION = 15
_CLOSE_MAIL, _CLOSE_STREET, _CLOSE_CITY = 0.86, 0.88, 0.85
_CLOSE_TEXT = 0.92
_LONG_LOCAL, _LONG_NUMBER, _LONG_PHONE = 6, 6, 10
_EXTENSION = 2
_YEAR_ONLY = "0000"


def birth_level(first: str, second: str) -> BirthLevel:
    """Two dates ``yyyymmdd``, both known; '0000' at the end = only the year. ``far``: a generation."""
    if first.endswith(_YEAR_ONLY) or second.endswith(_YEAR_ONLY):
        return _year_level(first, second)
    if first == second:
        return "january_first" if first.endswith("0101") else "exact"
    if first[:4] == second[:4]:
        if first[4:6] == second[6:] and first[6:] == second[4:6]:
            return "close"
        if first.endswith("0101") or second.endswith("0101"):
            return "year"
    distance = OSA.distance(first, second, score_cutoff=_NEAR)
    if distance <= 1:
        return "close"
    if distance <= _NEAR:
        return "near"
    return "different" if abs(int(first[:4]) - int(second[:4])) < _GENERATION else "far"


def _year_level(first: str, second: str) -> BirthLevel:
    years = abs(int(first[:4]) - int(second[:4]))
    if years <= 1:
        return "year" if years == 0 else "near"
    return "different" if years < _GENERATION else "far"


_MAIL_RANK: dict[str, int] = {"exact": 5, "close": 4, "local": 3, "named": 2, "company": 1, "different": 0}


def speaks_name(mails: Collection[str], name: PersonName) -> bool:
    """Do all mailboxes speak their owner's name? Then names and mailboxes agree together, and count once."""
    given, family = name.given, name.family
    for mail in mails:
        local = spell_token(mail[2:].partition("@")[0])
        if not ((given and given in local) or (family and family in local)):
            return False
    return True


def mails_level(
    first: Collection[str], second: Collection[str], hubs: Collection[str], *, named: bool
) -> tuple[MailLevel | Literal[""], str | None]:
    """The best agreement of two sets of mailbox keys, and the key when exact; crowded ones say nothing.

    ``named``: all the mailboxes speak their owners' names.
    """
    best: MailLevel | Literal[""] = ""
    for one in first:
        for two in second:
            if one in hubs or two in hubs:
                continue
            if one == two:
                return "exact", min(key for key in first if key in second and key not in hubs)
            level = mail_level(one, two)
            if named and (level == "local" or (level == "close" and _spelt_alike(one, two))):
                level = "named"
            if not best or _MAIL_RANK[level] > _MAIL_RANK[best]:
                best = level
    return best, None


def mail_level(one: str, two: str) -> MailLevel:
    """Two different mailbox keys ('e:anna@x.de')."""
    return _mail_level(one, two) if one < two else _mail_level(two, one)


def _mail_level(one: str, two: str) -> MailLevel:
    local_one, _, host_one = one[2:].partition("@")
    local_two, _, host_two = two[2:].partition("@")
    if local_one == local_two:
        if OSA.normalized_similarity(host_one, host_two) >= _CLOSE_MAIL and not is_free_mail(host_one):
            return "close"
        return "local" if len(local_one) >= _LONG_LOCAL else "different"
    if host_one == host_two and OSA.distance(local_one, local_two, score_cutoff=1) <= 1:
        # one digit more or less is another person's mailbox, not a typo
        if _letters(local_one) != _letters(local_two) and min(len(local_one), len(local_two)) >= _LONG_LOCAL:
            return "close"
    elif host_one != host_two and OSA.normalized_similarity(one[2:], two[2:]) >= _CLOSE_MAIL:
        return "close"
    if host_one != host_two or is_free_mail(host_one) or _letters(local_one) == _letters(local_two):
        return "different"
    return "company"


def _spelt_alike(one: str, two: str) -> bool:
    """Mailboxes of namesakes at one host, which no slip makes of each other: anna.wolf, anna_wolf."""
    local_one, _, host_one = one[2:].partition("@")
    local_two, _, host_two = two[2:].partition("@")
    return host_one == host_two and _signs(local_one) == _signs(local_two)


def _signs(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _letters(text: str) -> str:
    return "".join(c for c in text if not c.isdigit())


def shared(first: Collection[str], second: Collection[str], hubs: Collection[str]) -> str | None:
    """The smallest key both carry that is no hub."""
    found = [key for key in first if key in second and key not in hubs]
    return min(found) if found else None


NumberLevel = Literal["exact", "close", "other", "different"]


Phones = tuple[tuple[str, ...], tuple[str, ...]]
"""(phone keys, their lines)."""


def phones_level(first: Phones, second: Phones, hubs: Collection[str]) -> tuple[str, str | None]:
    """(line of a shared number, its key); a number without a country is the one that ends in its digits."""
    if key := shared(first[0], second[0], hubs):
        return first[1][first[0].index(key)], key
    if hubs and any(key in hubs for key in (*first[0], *second[0])):
        return "", None
    best, ending = "", ""
    for one in first[0]:
        for two in second[0]:
            if _same_tail(one, two) or _same_tail(two, one):
                ending = max(ending, one, two)
            near = len(one) == len(two) >= _LONG_PHONE and OSA.distance(one, two, score_cutoff=1) <= 1
            # Numbers that differ at their end are the extensions of one office, not a slip of the finger.
            near = near and one[:-_EXTENSION] != two[:-_EXTENSION]
            best = "close" if near or best == "close" else "different"
    return ("unknown", ending) if ending else (best, None)


def _same_tail(national: str, full: str) -> bool:
    return national.startswith("p:~") and full.startswith("p:+") and full.endswith(national[3:])


def numbers_level(
    first: Collection[str], second: Collection[str], hubs: Collection[str]
) -> tuple[NumberLevel | Literal[""], str | None]:
    """Numbers of issuers ('g:us:123'): ``different`` needs an issuer both name, ``other`` has none.

    '' when nothing is comparable. With ``exact`` comes the shared key.
    """
    if key := shared(first, second, hubs):
        return "exact", key
    found: NumberLevel | Literal[""] = ""
    for one in first:
        for two in second:
            issuer_one, _, number_one = one.rpartition(":")
            issuer_two, _, number_two = two.rpartition(":")
            if issuer_one != issuer_two or one in hubs or two in hubs:
                continue
            if _number_typo(number_one, number_two):
                return "close", None
            found = "other" if issuer_one.endswith(":") or found == "other" else "different"
    return found, None


def text_level(one: str, two: str) -> Literal["exact", "close", "part", "different"]:
    """Two texts of a generic column, words in any order."""
    if one == two:
        return "exact"
    if one_typo(one, two) or likeness(one, two) >= _CLOSE_TEXT:
        return "close"
    words_one, words_two = set(one.split()), set(two.split())
    if words_one <= words_two or words_two <= words_one:
        return "part"
    return "different"


def _number_typo(one: str, two: str) -> bool:
    shorter = min(len(one), len(two))
    return shorter >= _LONG_NUMBER and OSA.distance(one, two, score_cutoff=2) <= (
        2 if shorter > _LONG_NUMBER else 1
    )


def address_level(one: Address | None, two: Address | None) -> AddressLevel | None:
    """One level for the whole address, because its parts agree and differ together."""
    if one is None or two is None:
        return None
    return _address_level(one, two) if one <= two else _address_level(two, one)


@lru_cache(maxsize=65_536)
def _address_level(one: Address, two: Address) -> AddressLevel | None:
    postcode = _same(one.postcode, two.postcode)
    city = _same_city(one.city, two.city)
    if one.street and two.street and (level := _street_level(one, two, postcode=postcode, city=city)):
        return level
    streets = bool(one.street and two.street)
    if postcode:
        return "moved_postcode" if streets else "postcode"
    if city:
        return "moved_city" if streets else "city"
    if postcode is None and city is None and not streets:
        return None
    return "elsewhere"


def _street_level(
    one: Address, two: Address, *, postcode: bool | None, city: bool | None
) -> AddressLevel | None:
    street_one, street_two = one.street.replace(" ", ""), two.street.replace(" ", "")
    same_street = street_one == street_two
    if (
        not same_street
        and likeness(street_one, street_two) < _CLOSE_STREET
        and not one_typo(street_one, street_two)
    ):
        return None
    known = not (postcode is None and city is None)
    here = bool(postcode or city) or (city is None and postcode is False and _one_slip(one, two))
    if known and not here:
        return None  # there is a Main Street 1 in every town
    if not one.number or not two.number:
        return "street" if postcode is not False and (here or same_street) else None
    if one.number != two.number:
        return "neighbour" if here or same_street else None
    return "exact" if same_street and here else "close"


def _one_slip(one: Address, two: Address) -> bool:
    return OSA.distance(one.postcode, two.postcode, score_cutoff=1) <= 1


def _same(one: str, two: str) -> bool | None:
    """Of postcodes: one written in part ('LS6', '1012') leaves open whether it is the other."""
    if one == two:
        return True if one else None
    if one.startswith(two) or two.startswith(one):
        return None
    return len(one) == len(two) >= 4 and OSA.distance(one, two) == 1 and sorted(one) == sorted(two)


def _same_city(one: str, two: str) -> bool | None:
    return (
        None if not one or not two else one == two or likeness(one, two) >= _CLOSE_CITY or one_typo(one, two)
    )
