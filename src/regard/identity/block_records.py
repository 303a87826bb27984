"""Which records are worth comparing: a handful of keys a record, sharper ones where many carry a key."""

from functools import lru_cache

from regard.identity.normalise_contacts import is_free_mail
from regard.identity.normalise_fields import Features

_IDENTIFIERS = frozenset("epgahudo")
_CODES = str.maketrans(
    {"b": "p", "p": "p", "f": "f", "v": "f", "w": "f", "c": "k", "g": "k", "k": "k", "q": "k", "x": "k",
    "s": "s", "z": "s",
     "d": "t", "t": "t", "m": "m", "n": "m", "l": "l", "r": "r", "j": None, "a": None, "e": None, "i": None,
     "o": None,
     "u": None, "y": None, "h": None, "0": None, "1": "l", "2": "s", "3": None, "5": "s", "8": "p"}
)  # fmt: skip
_FIRST_CODES = str.maketrans("vwczy", "ffksi")
_CODE_LENGTH = 4
_NAMES_KEPT = 65_536
LOCAL_LENGTH = 5
"""Letters a mailbox has to have to be a key whatever its host."""
FAMILY_WORDS = 3
"""So many words of a family name are keys beside the whole."""
PHONE_TAIL = 8
"""By so many last digits a number meets itself written without its country."""


def is_identifier(key: str) -> bool:
    """Is ``key`` an identifier that is evidence in itself, and not only a way to find candidates?"""
    at = 1 if key[0] == "O" else 0
    return key[at + 1] == ":" and key[at] in _IDENTIFIERS


BlockKey = tuple[str, str]
"""(key, refinement): the key finds candidates; once crowded, ``key~refinement`` does instead ('': nothing
does)."""


@lru_cache(maxsize=_NAMES_KEPT)
def name_code(name: str) -> str:
    """How a name sounds, roughly: first letter, up to four consonant classes; 'schmidt' = 'smit'."""
    text = name.replace("ph", "f").replace("sch", "s").replace("ck", "k").replace("th", "t")
    code = text[:1].translate(_FIRST_CODES)
    last = ""
    for letter in text[1:].translate(_CODES):
        if letter != last:
            code += letter
        last = letter
    return code[: _CODE_LENGTH + 1]


def blocking_keys(found: Features) -> tuple[BlockKey, ...]:
    """The keys of one record, each once, in a fixed order; persons and organisations never share a key."""
    keys = _organisation_keys(found) if found.kind == "organisation" else _person_keys(found)
    return tuple(dict.fromkeys(keys))


def identifier_keys(found: Features) -> tuple[str, ...]:
    """The identifiers a record carries, as keys."""
    user = (found.user_id,) if found.user_id else ()
    return (
        *found.emails,
        *found.phones,
        *found.governments,
        *found.accounts,
        *found.handles,
        *user,
        *found.devices,
        *found.domains,
    )


def _person_keys(found: Features) -> list[BlockKey]:
    name, birth, address = found.name, found.birth, found.address
    root = name.roots[0] if name.roots else ""
    code = name_code(name.family)
    who = f"{root[:1]}{code}"
    keys = [(key, who) for key in identifier_keys(found)]
    keys += [(f"pt:{phone[-PHONE_TAIL:]}", who) for phone in found.phones]
    keys += _mail_keys(found, birth or who)
    if birth:
        # One key space for given and family name, so that swapped columns meet.
        halves = {*name.roots[:2], name.family} - {""}
        keys += [(f"nb:{half}:{birth}", who) for half in sorted(halves)]
        place = (address.postcode or address.city)[:4] if address else ""
        keys.append((f"b:{birth}", place or who))
        if name.family and name.given:
            keys.append((f"ny:{code}:{birth[:4]}:{root[:1]}", birth))
            keys.append((f"nd:{code}:{birth[4:]}:{root[:1]}", birth))
    if name.given and name.family:
        place = address.city[:5] if address else ""
        for family in (name.family, *name.family_parts[:FAMILY_WORDS]):
            # Half of a double name meets the whole.
            pair = ":".join(sorted((root, family)))
            keys.append((f"n:{pair}", birth or place))
    if found.birth_other:
        halves = {root, name.family} - {""}
        keys += [(f"nb:{half}:{found.birth_other}", who) for half in sorted(halves)]
    return keys + _place_keys(found, who, code, root)


def _place_keys(found: Features, who: str, code: str, root: str) -> list[BlockKey]:
    address = found.address
    if address is None:
        return []
    keys = []
    if address.street:
        keys.append((f"s:{address.street}:{address.number}:{address.postcode or address.city}", who))
        if root:
            keys.append((f"gs:{root}:{address.street}", found.birth or code))
    if address.city and code:
        keys.append((f"fc:{code}:{address.city[:6]}", found.birth[:4] or root))
    if address.postcode and code:
        keys.append((f"fp:{code}:{address.postcode}", root or found.birth))
    if root and not address.street:
        # A place is all there is: names with slips of the pen have to meet through it.
        family = found.name.family[:1]
        if address.postcode:
            keys.append((f"gp:{root}:{address.postcode}", family))
            keys.append((f"ip:{root[:1]}{family}:{address.postcode}", address.city[:6]))
        if address.city:
            keys.append((f"gc:{root}:{address.city[:6]}", found.name.family[:2]))
    return keys


def _mail_keys(found: Features, who: str) -> list[BlockKey]:
    """A mailbox mistyped on either side of its @."""
    keys = []
    for mail in found.emails:
        local, _, host = mail[2:].partition("@")
        if len(local) >= LOCAL_LENGTH:
            keys.append((f"l:{local}", who))
        if not is_free_mail(host):
            keys.append((f"m:{local[:1]}@{host}", who))
    return keys


def _organisation_keys(found: Features) -> list[BlockKey]:
    core = found.organisation.core
    first = core.partition(" ")[0]
    keys = [(key, first) for key in identifier_keys(found)]
    keys += [(f"Opt:{phone[-PHONE_TAIL:]}", first) for phone in found.phones]
    if core:
        tokens = core.split()
        place = found.address.city[:5] if found.address else ""
        keys.append((f"On:{core.replace(' ', '')}", place))
        keys.append((f"Ot:{' '.join(sorted(tokens)[:3])}", place))
        keys.append((f"Oc:{name_code(first)}:{name_code(tokens[1]) if len(tokens) > 1 else ''}", place))
        if found.address and found.address.postcode:
            keys.append((f"Of:{first}:{found.address.postcode}", core))
    return keys
