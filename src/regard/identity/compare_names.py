"""How well two names agree, of persons and of organisations. All symmetric."""

from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA, JaroWinkler

from regard.identity.normalise_names import PersonName, is_known_name, name_roots
from regard.identity.normalise_organisations import OrganisationName

GivenLevel = Literal[
    "exact", "nickname", "close", "initial", "swapped", "loose", "different", "two_names"
]
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


def given_level(one: str, two: str) -> GivenLevel:
    """Two given names as compared, both known."""
    if one == two:
        return "exact"
    if len(one) == 1 or len(two) == 1:
        return "initial" if one[0] == two[0] else "different"
    if any(root in name_roots(two) for root in name_roots(one)):
        return "nickname"
    alike = likeness(one, two)
    # Lea and Lena, Paul and Paula are two names, not one with a slip of the pen.
    two_names = is_known_name(one) and is_known_name(two)
    if alike >= _CLOSE or one_typo(one, two) or _prefix(one, two) or scrambled(one, two):
        return "two_names" if two_names else "close"
    return "loose" if alike >= _LOOSE and not two_names else "different"


def _prefix(one: str, two: str) -> bool:
    return min(len(one), len(two)) >= _PREFIX_LENGTH and (one.startswith(two) or two.startswith(one))


FamilyName = tuple[str, tuple[str, ...]]
"""(the whole name, its parts when it has several)."""


def family_level(one: FamilyName, two: FamilyName) -> tuple[FamilyLevel, str | None]:
    """Two family names as compared, both known; with ``exact`` the name, with ``part`` the word they share,
    None where one of them has a slip in it.
    """
    if one[0] == two[0] or family_core(one) == family_core(two):
        return "exact", min(family_core(one), family_core(two))
    if one_typo(one[0], two[0]) or scrambled(one[0], two[0]):
        return "close", None
    if one[1] or two[1]:
        # 'Garcia' begins like 'Garcia Lopez', but that is half of the name and not a slip.
        mine, theirs = family_words(one), family_words(two)
        if shared := set(mine).intersection(theirs):
            return "part", max(shared, key=lambda word: (len(word), word))
        if any(_same_word(word, other) for word in mine for other in theirs):
            return "part", None
    return ("close" if likeness(one[0], two[0]) >= _FAMILY_CLOSE else "different"), None


def family_core(name: FamilyName) -> str:
    """A family name without its leading particles: lists keep 'de Jong' under J, and many leave 'de' out."""
    core = "".join(name[1])
    before = name[0].removesuffix(core) if core else ""
    return core if before and before != name[0] and before != core else name[0]


def family_words(name: FamilyName) -> tuple[str, ...]:
    """The words of a family name, particles left out; the name itself when it has but one."""
    return name[1] or name[:1]


def crossed_levels(
    one: PersonName, two: PersonName, given: str, family: str
) -> tuple[str, str]:
    """(given, family) after looking for each name in the other columns; ``given``, ``family``: the levels so
    far, '' = not known.

    For pairs whose family names differ or are unknown, and whose given names hardly agree.
    """
    across, back = _same_word(one.given, two.family), _same_word(one.family, two.given)
    if across and back:
        return "swapped", "swapped"
    if across or back:
        return "", "crossed" if not given or not family else "half_crossed"
    if given == "different" and (one.given in two.middle.split() or two.given in one.middle.split()):
        given = "loose"
    return given, family


def _same_word(one: str, two: str) -> bool:
    return bool(one and two) and (one == two or likeness(one, two) >= _FAMILY_CLOSE or one_typo(one, two))


def middle_level(one: str, two: str) -> Literal["exact", "initial", "different"]:
    """Two middle names as compared, both known."""
    if one == two:
        return "exact"
    if one[0] == two[0] and (len(one) == 1 or len(two) == 1):
        return "initial"
    return "different" if likeness(one, two) < _CLOSE else "exact"


def organisation_level(
    first: OrganisationName, second: OrganisationName
) -> Literal["exact", "close", "part", "different"]:
    """Names without legal form, both known."""
    one, two = first.core, second.core
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
