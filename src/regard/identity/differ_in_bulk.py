"""Of very many pairs of different values those that plainly differ, seen at once; the others are asked about.

Most pairs that meet are of strangers: their values have nothing in common, which takes no function of Python
for each to see. What is told here is what `EvidenceField.compare` says, whatever the hubs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from regard.identity.compare_names import FamilyName
from regard.identity.compare_values import Phones
from regard.identity.evidence_fields import EVIDENCE_FIELDS, Keys, Mails
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_contacts import is_free_mail
from regard.identity.normalise_names import name_roots

UNCLEAR = 255
"""In the place of a level number: only comparing the two tells."""

Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]
Levels = npt.NDArray[np.uint8]

_LOOSE, _CLOSE, _CLOSE_CITY, _CLOSE_MAIL = 0.76, 0.88, 0.85, 0.86
_LONGEST, _TYPO_LENGTH, _SCRAMBLE_LENGTH, _MOST_ROOTS = 25, 4, 5, 4
_LONG_PHONE, _LONG_POSTCODE = 10, 4
_NEAR, _GENERATION = 2, 15
_NUMBER = {field.name: field.number for field in EVIDENCE_FIELDS}


def find_plain(field: str, values: Sequence[Any], left: Longs, right: Longs) -> Levels:
    """The level numbers of the pairs ``values[left[k]]``, ``values[right[k]]``, none equal; or `UNCLEAR`."""
    look = _LOOKS.get(field)
    return look(values, left, right) if look else np.full(len(left), UNCLEAR, dtype=np.uint8)


def words_differ(words: Sequence[str], left: Longs, right: Longs, close: float = _CLOSE) -> Flags:
    """Which pairs of words are less alike than ``close`` and no slip of each other."""
    pairs = _Pairs(words, left, right)
    return pairs.unlike(close) & ~pairs.one_typo()


class _Pairs:
    """Pairs of texts, each in the order in which likeness is measured."""

    def __init__(self, texts: Sequence[str], left: Longs, right: Longs) -> None:
        self._texts = texts
        rank = _numbered(texts, sorted(set(texts)))
        self.left = np.where(rank[left] <= rank[right], left, right)
        self.right = np.where(rank[left] <= rank[right], right, left)
        self.equal: Flags = rank[left] == rank[right]
        self._one = [texts[at] for at in self.left.tolist()]
        self._two = [texts[at] for at in self.right.tolist()]
        length = np.array([len(text) for text in texts], dtype=np.int64)
        self.shorter, self.longer = np.sort(np.stack((length[left], length[right])), axis=0)

    def unlike(self, close: float) -> Flags:
        found: Flags = _measured(self._one, self._two, JaroWinkler.similarity, np.float64) < close
        return found

    def one_typo(self) -> Flags:
        found: Flags = (self.shorter >= _TYPO_LENGTH) & (self.distance(1) <= 1)
        return found

    def distance(self, most: int) -> npt.NDArray[Any]:
        """The distance, where it is not more than ``most``."""
        return _measured(self._one, self._two, OSA.distance, np.int32, most)

    def begun(self) -> Flags:
        """Where one text is the beginning of the other."""
        both = zip(self._one, self._two, strict=True)
        return _flags([two.startswith(one) or one.startswith(two) for one, two in both])

    def similarity(self) -> npt.NDArray[Any]:
        return _measured(self._one, self._two, OSA.normalized_similarity, np.float64)

    def scrambled(self) -> Flags:
        letters = _numbered(["".join(sorted(text)) for text in self._texts])
        found: Flags = (self.shorter >= _SCRAMBLE_LENGTH) & (letters[self.left] == letters[self.right])
        return found


def _measured(
    one: list[str], two: list[str], by: Callable[..., Any], of: type[np.generic], most: int | None = None
) -> npt.NDArray[Any]:
    if not one:
        return np.zeros(0, dtype=of)
    return cpdist(one, two, scorer=by, dtype=of, score_cutoff=most)


def _numbered(texts: Sequence[str], order: Sequence[str] = ()) -> Longs:
    """A number for each text, the same for equal ones; their places in ``order`` where that is given."""
    number = {text: at for at, text in enumerate(order)}
    return np.array([number.setdefault(text, len(number)) for text in texts], dtype=np.int64)


def _flags(found: Sequence[bool]) -> Flags:
    return np.array(found, dtype=np.bool_)


def _as(level: int, where: Flags) -> Levels:
    return np.where(where, np.uint8(level), np.uint8(UNCLEAR))


def _given(values: Sequence[str], left: Longs, right: Longs) -> Levels:
    pairs = _Pairs(values, left, right)
    # A name that begins with another one is no less like it than loosely, unless it is very long.
    plain = (pairs.shorter > 1) & (pairs.longer <= _LONGEST) & pairs.unlike(_LOOSE)
    plain &= ~pairs.one_typo() & ~pairs.scrambled() & ~_share_root(values, left, right)
    return _as(_NUMBER["given_name"]["different"], plain)


def _share_root(values: Sequence[str], left: Longs, right: Longs) -> Flags:
    """Which pairs of names may be forms of one name."""
    number: dict[str, int] = {}
    roots = np.full((len(values), _MOST_ROOTS), -1, dtype=np.int64)
    many = np.zeros(len(values), dtype=np.bool_)
    for at, value in enumerate(values):
        found = name_roots(value)
        many[at] = len(found) > _MOST_ROOTS
        for place, root in enumerate(found[:_MOST_ROOTS]):
            roots[at, place] = number.setdefault(root, len(number))
    shared: Flags = many[left] | many[right]
    for mine in range(_MOST_ROOTS):
        for theirs in range(_MOST_ROOTS):
            one = roots[left, mine]
            shared |= (one >= 0) & (one == roots[right, theirs])
    return shared


def _family(values: Sequence[FamilyName], left: Longs, right: Longs) -> Levels:
    words = [whole for whole, _ in values]
    single = ~_flags([bool(parts) for _, parts in values])
    pairs = _Pairs(words, left, right)
    plain = single[left] & single[right] & pairs.unlike(_CLOSE) & ~pairs.one_typo() & ~pairs.scrambled()
    return _as(_NUMBER["family_name"]["different"], plain)


def _birth(values: Sequence[tuple[str, str]], left: Longs, right: Longs) -> Levels:
    dates = [date for date, _ in values]
    pairs = _Pairs(dates, left, right)
    year = np.array([int(date[:4]) for date in dates], dtype=np.int64)
    # The first of January is what a year alone becomes; a date read the other way may be the same.
    whole = _flags([not date.endswith(("0000", "0101")) and not other for date, other in values])
    apart = np.abs(year[left] - year[right])
    plain = whole[left] & whole[right] & (apart > 0) & (pairs.distance(_NEAR) > _NEAR)
    number = _NUMBER["birth_date"]
    return np.where(apart >= _GENERATION, _as(number["far"], plain), _as(number["different"], plain))


def _email(values: Sequence[Mails], left: Longs, right: Longs) -> Levels:
    mails = [keys[0][2:] for keys, _ in values]
    single = _flags([len(keys) == 1 for keys, _ in values])
    pairs = _Pairs(mails, left, right)
    parts = [mail.partition("@") for mail in mails]
    local, host = _numbered([local for local, _, _ in parts]), _numbered([host for _, _, host in parts])
    free = _flags([is_free_mail(host) for host in dict.fromkeys(host for _, _, host in parts)])[host]
    one_host = host[left] == host[right]
    plain = single[left] & single[right] & (local[left] != local[right])
    plain &= np.where(one_host, free[left] & (pairs.distance(1) > 1), pairs.similarity() < _CLOSE_MAIL)
    return _as(_NUMBER["email"]["different"], plain)


def _phone(values: Sequence[Phones], left: Longs, right: Longs) -> Levels:
    numbers = [keys[0] for keys, _ in values]
    single = _flags([len(keys) == 1 for keys, _ in values])
    placed = _flags([not number.startswith("p:~") for number in numbers])
    pairs = _Pairs(numbers, left, right)
    close = (pairs.shorter == pairs.longer) & (pairs.shorter >= _LONG_PHONE) & (pairs.distance(1) <= 1)
    plain = single[left] & single[right] & (placed[left] == placed[right]) & ~close
    return _as(_NUMBER["phone"]["different"], plain & ~pairs.equal)


def _address(values: Sequence[Address], left: Longs, right: Longs) -> Levels:
    """Streets in two places that have neither a postcode nor a city in common."""
    city, city_known = _unlike(values, "city", left, right, _cities_differ)
    postcode, postcode_known = _unlike(values, "postcode", left, right, _postcodes_differ)
    street = _flags([bool(value.street) for value in values])
    # Where no city is known, a slip in the postcode may bring two streets together.
    surely = city_known | ~(street[left] & street[right])
    plain = city & postcode & (city_known | postcode_known) & surely
    return _as(_NUMBER["address"]["elsewhere"], plain)


def _unlike(
    values: Sequence[Address], part: str, left: Longs, right: Longs,
    differ: Callable[[Sequence[str], Longs, Longs], Flags],
) -> tuple[Flags, Flags]:  # fmt: skip
    """(where a part of two addresses does not agree, where it is known of both): each pair of texts once."""
    texts = [getattr(value, part) for value in values]
    number, words = _numbered(texts), list(dict.fromkeys(texts))
    one, two = np.minimum(number[left], number[right]), np.maximum(number[left], number[right])
    pairs, back = np.unique(one * len(words) + two, return_inverse=True)
    low, high = np.divmod(pairs, max(1, len(words)))
    filled = _flags([bool(word) for word in words])
    known = filled[low] & filled[high]
    found = ~known
    found[known] = (low[known] != high[known]) & differ(words, low[known], high[known])
    return found[back], known[back]


def _cities_differ(words: Sequence[str], left: Longs, right: Longs) -> Flags:
    return words_differ(words, left, right, _CLOSE_CITY)


def _postcodes_differ(words: Sequence[str], left: Longs, right: Longs) -> Flags:
    pairs = _Pairs(words, left, right)
    alike = (pairs.shorter == pairs.longer) & (pairs.shorter >= _LONG_POSTCODE)
    found: Flags = ~(alike & (pairs.distance(1) <= 1)) & ~pairs.begun()
    return found


def _account(values: Sequence[Keys], left: Longs, right: Longs) -> Levels:
    single = _flags([len(keys) == 1 for keys in values])
    issuer = _numbered([keys[0].rpartition(":")[0] for keys in values])
    one_issuer = issuer[left] == issuer[right]
    different = np.where(one_issuer, np.uint8(_NUMBER["account_id"]["different"]), np.uint8(0))
    return np.where(single[left] & single[right], different, np.uint8(UNCLEAR))


_LOOKS: Mapping[str, Callable[[Sequence[Any], Longs, Longs], Levels]] = {
    "given_name": _given,
    "family_name": _family,
    "birth_date": _birth,
    "email": _email,
    "phone": _phone,
    "address": _address,
    "account_id": _account,
}
