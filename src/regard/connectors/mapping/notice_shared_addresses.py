"""Notices addresses that a table of their own joins to customers, and says what makes customers of them.

No item is proposed: one such address may belong to several customers. A link would make one customer of all
who share it, and a mapping reads one record at a time, so that it cannot look the address up.
"""

from __future__ import annotations

from collections.abc import Collection

from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.choose_stream_target import holds_addresses, is_part_of_party, targets_named
from regard.connectors.mapping.find_party_references import ID_SIGNS, find_references
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

_MOST_PLACES = 8


def note_on_join(stream: str, survey: BodySurvey, known: Collection[str]) -> str | None:
    """What to do about a table of ids that says which address is whose; None if it is no such table."""
    places = survey.places.values()
    if len(places) > _MOST_PLACES or any(map(_holds_words, places)):
        return None
    owners = [
        one for one in find_references(survey, stream, known)
        if one.known and not is_part_of_party(one.stream) and _is_party(one.stream)
    ]  # fmt: skip
    pointed = {
        _last([word for word in normalise_words(place.last).split() if word not in ID_SIGNS])
        for place in places
    }
    addresses = [
        one for one in sorted(known)
        if one != stream and holds_addresses(one) and _last(name_tokens(one)) in pointed
    ]  # fmt: skip
    return _sentence(addresses[0], owners[0].stream, stream) if addresses and owners else None


def note_on_addresses(stream: str, known: Collection[str]) -> str | None:
    """The same for the addresses themselves, where another table says whose they are."""
    if not holds_addresses(stream):
        return None
    for other in sorted(set(known) - {stream}):
        tokens = [singular(token) for token in name_tokens(other)]
        if _last(name_tokens(stream)) in tokens and any(map(_is_party, tokens)):
            return _sentence(stream, "customers", other)
    return None


def _sentence(addresses: str, owners: str, joins: str) -> str:
    return (
        f"“{joins}” says which of “{addresses}” belong to which of “{owners}”, and several may share one, so"
        f" neither is linked by itself. Let the source give them together: a query or a view that joins"
        f" “{joins}” and “{addresses}”, with the id of the owner in each row. A link is right only if"
        " none is ever shared."
    )


def _holds_words(place: PlaceSurvey) -> bool:
    """Whether a place holds what people write, such as a street, and so more than ids, signs and times."""
    return any(" " in one and one.replace(" ", "").isalpha() for one in place.values[:50])


def _is_party(name: str) -> bool:
    targets = targets_named(name)
    return bool(targets) and targets[0] in ("person", "organisation")


def _last(tokens: list[str]) -> str:
    return singular(tokens[-1]) if tokens else ""
