"""How well two names agree, of persons and of organisations. All symmetric."""

from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA, JaroWinkler

from regard.identity.normalise_names import PersonName
from regard.identity.normalise_organisations import OrganisationName

GivenLevel = Literal["exact", "nickname", "close", "initial", "swapped", "loose", "different"]
FamilyLevel = Literal["exact", "close", "part", "swapped", "crossed", "half_crossed", "different"]

_CLOSE, _LOOSE, _FAMILY_CLOSE, _WORD_CLOSE = 0.88, 0.76, 0.88, 0.9
_TYPO_LENGTH, _PREFIX_LENGTH, _SCRAMBLE_LENGTH = 4, 3, 5


@lru_cache(maxsize=262_144)
def _likeness(first: str, second: str) -> float:
    # Jaro counts transpositions from one side: the order of the two may not decide.
    return JaroWinkler.similarity(first, second)


def likeness(first: str, second: str) -> float:
    """Jaro-Winkler similarity 0..1, the same in both directions."""
    return _likeness(first, second) if first <= second else _likeness(second, first)


def scrambled(first: str, second: str) -> bool:
    """The same letters in another order, in words long enough for that to be a typo."""
    return len(first) == len(second) >= _SCRAMBLE_LENGTH and sorted(first) == sorted(second)


def one_typo(first: str, second: str) -> bool:
    """One letter wrong, missing, added or swapped with its neighbour, in words long enough for a typo."""
    return min(len(first), len(second)) >= _TYPO_LENGTH and OSA.distance(first, second, score_cutoff=1) <= 1


def given_level(first: PersonName, second: PersonName) -> GivenLevel | None:
    """None when either is not known."""
    one, two = first.given, second.given
    if not one or not two:
        return None
    if one == two:
        return "exact"
    if len(one) == 1 or len(two) == 1:
        return "initial" if one[0] == two[0] else "different"
    if any(root in second.roots for root in first.roots):
        return "nickname"
    alike = likeness(one, two)
    if alike >= _CLOSE or one_typo(one, two) or _prefix(one, two) or scrambled(one, two):
        return "close"
    if alike >= _LOOSE or one in second.middle.split() or two in first.middle.split():
        return "loose"
    return "different"


def _prefix(one: str, two: str) -> bool:
    return min(len(one), len(two)) >= _PREFIX_LENGTH and (one.startswith(two) or two.startswith(one))


def family_level(first: PersonName, second: PersonName) -> FamilyLevel | None:
    """None when either is not known."""
    one, two = first.family, second.family
    if not one or not two:
        return None
    if one == two:
        return "exact"
    if likeness(one, two) >= _FAMILY_CLOSE or one_typo(one, two) or scrambled(one, two):
        return "close"
    if (
        any(part in (second.family_parts or (two,)) for part in first.family_parts)
        or one in second.family_parts
    ):
        return "part"
    return "different"


def names_level(first: PersonName, second: PersonName) -> tuple[GivenLevel | None, FamilyLevel | None]:
    """Given and family name together, so that swapped columns are seen for what they are."""
    given, family = given_level(first, second), family_level(first, second)
    if family in {None, "different"} and given in {None, "different", "loose"}:
        across, back = _same_word(first.given, second.family), _same_word(first.family, second.given)
        if across and back:
            return "swapped", "swapped"
        if across or back:
            return None, "crossed" if given is None or family is None else "half_crossed"
    return given, family


def _same_word(one: str, two: str) -> bool:
    return bool(one and two) and (one == two or likeness(one, two) >= _FAMILY_CLOSE or one_typo(one, two))


def middle_level(first: PersonName, second: PersonName) -> Literal["exact", "initial", "different"] | None:
    """None when either is not known."""
    one, two = first.middle, second.middle
    if not one or not two:
        return None
    if one == two:
        return "exact"
    if one[0] == two[0] and (len(one) == 1 or len(two) == 1):
        return "initial"
    return "different" if likeness(one, two) < _CLOSE else "exact"


def organisation_level(
    first: OrganisationName, second: OrganisationName
) -> Literal["exact", "close", "part", "different"] | None:
    """Names without legal form; None when either is not known."""
    one, two = first.core, second.core
    if not one or not two:
        return None
    if one == two or one.replace(" ", "") == two.replace(" ", ""):
        return "exact"
    words_one, words_two = one.split(), two.split()
    if sorted(words_one) == sorted(words_two):
        return "exact"
    if len(words_one) == len(words_two) and _words_close(sorted(words_one), sorted(words_two)):
        return "close"
    return "part" if set(words_one) < set(words_two) or set(words_two) < set(words_one) else "different"


def _words_close(one: list[str], two: list[str]) -> bool:
    return all(
        a == b or one_typo(a, b) or likeness(a, b) >= _WORD_CLOSE for a, b in zip(one, two, strict=True)
    )
