"""Quick tests by which two values surely agree on nothing whose frequency counts: cheaper than comparing."""

from collections.abc import Hashable

from regard.identity.compare_names import FamilyName, family_words
from regard.identity.normalise_contacts import is_free_mail

Keys = tuple[str, ...]


def different(_: Hashable, __: Hashable) -> bool:
    """Of fields that agree exactly when their values are equal; asked of different values only."""
    return True


def families_apart(one: FamilyName, two: FamilyName) -> bool:
    """Of family names: they may share the whole and not the words, or a word and not the whole."""
    if not one[1] and not two[1]:
        return one[0] != two[0]
    return one[0] != two[0] and set(family_words(one)).isdisjoint(family_words(two))


def births_apart(one: tuple[str, str], two: tuple[str, str]) -> bool:
    """Of dates, of which either way of reading may agree."""
    return one[0] != two[0] and one[0] != two[1] and one[1] != two[0]


def keys_apart(one: Keys, two: Keys) -> bool:
    """Of sets of identifiers."""
    return one[0] != two[0] if len(one) == len(two) == 1 else not any(key in two for key in one)


def mails_apart(one: tuple[Keys, object], two: tuple[Keys, object]) -> bool:
    """Of mailboxes: those of one host may be of colleagues."""
    if not keys_apart(one[0], two[0]):
        return False
    hosts = {key.rpartition("@")[2] for key in one[0]} & {key.rpartition("@")[2] for key in two[0]}
    return all(map(is_free_mail, hosts))


def phones_apart(one: tuple[Keys, object], two: tuple[Keys, object]) -> bool:
    """Of telephone numbers: one without a country may be the end of another."""
    return keys_apart(one[0], two[0]) and not any(key.startswith("p:~") for key in (*one[0], *two[0]))
