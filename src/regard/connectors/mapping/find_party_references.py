"""Finds the places that name a party of the same source: `customer_id`, `id_customer`, `customer.id`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from regard.connectors.files.load_fields import load_fields
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.choose_stream_target import is_part_of_party, targets_named
from regard.connectors.mapping.describe_stream_mapping import PartyPlace, Place, Value
from regard.connectors.mapping.match_places import is_wrapper
from regard.connectors.mapping.recognise_times import is_time
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular, spellings, stream_words
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

ID_SIGNS = frozenset({
    "id", "fk", "uuid", "guid", "uid", "ref", "idx", "ids", "key", "nr", "no", "num", "number", "code",
    "nummer", "numer", "numero", "gid", "pk",
})  # fmt: skip
"""Words of a name that say that it holds an id."""

_RANKS = {"customers": 3.0, "contacts": 2.6, "accounts": 1.6, "users": 2.0}
_NOBODY = ("0", "-1", "00000000-0000-0000-0000-000000000000")
_LEAST_ABBREVIATION = 3
_SAME = 2.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names a party: the stream it points into, whether the source has it, how likely it is."""

    path: str
    stream: str
    known: bool
    worth: float
    filled: bool
    to_organisation: bool

    def party(self, survey: BodySurvey) -> PartyPlace:
        """As a mapping says it; the signs for “nobody” are left out."""
        return PartyPlace(self.stream, somebody(self.path, survey.places[self.path].values))


def somebody(path: str, values: Sequence[str]) -> Place:
    """The place of an id without the values that mean nobody, such as the 0 of a guest."""
    there = [one for one in _NOBODY if one in values]
    numbers = all(one.lstrip("-").isdigit() for one in values[:50])
    return Value(path=path, words=dict.fromkeys(there or _NOBODY[:1], "")) if there or numbers else path


def find_references(survey: BodySurvey, own: str, known: Collection[str]) -> list[Reference]:
    """The references of a stream to parties, the likeliest owner first."""
    found = [one for place in survey.places.values() if (one := _reference(place, survey, own, known))]
    position = {path: number for number, path in enumerate(survey.places)}
    return sorted(found, key=lambda one: (-one.worth, position[one.path]))


def _reference(place: PlaceSurvey, survey: BodySurvey, own: str, known: Collection[str]) -> Reference | None:
    tokens = [token for part in place.told.split(".") if not is_wrapper(part) or part == place.last
              for token in normalise_words(part.removesuffix("[*]")).split()]  # fmt: skip
    if not tokens or len(tokens) > 4 or set(tokens) & stream_words().staff or not _holds_ids(place):
        return None
    marked = bool(set(tokens) & ID_SIGNS) or _ends_as_id(tokens[-1])
    entity = [token for token in tokens if token not in ID_SIGNS]
    if not marked and len(entity) != 1:
        return None
    if entity == ["parent"] and is_part_of_party(own):
        entity = name_tokens(own)[:1]
    if entity and _names_own(entity[-1], own):
        return None
    group = _group(entity)
    stream = _known_stream(entity, known, own)
    if group is None and (stream is None or not marked):
        return None
    if group == "accounts" and stream is None and len(set(place.values)) < 2:
        # An account is often our own at the source, and the same in every record.
        return None
    target = stream or _fall_back(group or "customers", known)
    worth = (
        _RANKS.get(group or "customers", 2.0) + (0.5 if target in known else 0.0) - (0.0 if marked else 0.6)
    )
    worth -= 0.05 * len(entity) + 0.1 * place.told.count(".")
    filled = sum(1 for one in place.values if one not in _NOBODY) >= survey.total
    return Reference(
        place.path, target, target in known, worth, filled,
        _is_organisation(target, group),
    )  # fmt: skip


def _names_own(word: str, own: str) -> bool:
    """Whether an id is that of the record itself, such as the customer's number among customers."""
    tokens = name_tokens(own)
    return (
        bool(tokens) and not is_part_of_party(own) and _alike(singular(word), singular(tokens[-1])) >= _SAME
    )


def _holds_ids(place: PlaceSurvey) -> bool:
    sample = place.values[:50]
    if not sample or any(" " in one or "@" in one for one in sample):
        return False
    return not all(one in ("true", "false") for one in sample) and not all(is_time(one) for one in sample)


def _ends_as_id(token: str) -> bool:
    return len(token) > 4 and token.endswith(("id", "nr", "nummer", "numer"))


def _group(entity: Sequence[str]) -> str | None:
    """The kind of party that the words of a reference name, by whole words or the begin of a compound."""
    groups = load_fields().party_streams
    for token in entity:
        if (found := groups.get(token) or groups.get(singular(token))) is not None:
            return found
    first = entity[0] if entity else ""
    compound = next((word for word in groups if len(word) > 4 and first.startswith(word)), None)
    return groups[compound] if compound and (_ends_as_id(first) or len(entity) == 1) else None


def _known_stream(entity: Sequence[str], known: Collection[str], own: str) -> str | None:
    """The stream of parties whose name ends with the word of the reference, or begins with its short form."""
    if not entity:
        return None
    word = singular(entity[-1])
    ranked = []
    for stream in known:
        tokens = name_tokens(stream)
        targets = targets_named(stream)
        if not tokens or stream == own or not targets or targets[0] not in ("person", "organisation"):
            continue
        if is_part_of_party(stream) or tokens[-1] in stream_words().nothing:
            continue
        last = singular(tokens[-1])
        alike = _alike(word, last)
        if alike:
            ranked.append((alike, -len(tokens), -len(last), stream))
    return max(ranked)[3] if ranked else None


def _alike(word: str, last: str) -> float:
    if set(spellings(word)) & set(spellings(last)):
        return 3.0
    if len(word) > 4 and len(last) > 4 and (word.startswith(last) or last.startswith(word)):
        return 2.0
    if len(last) > _LEAST_ABBREVIATION and word.startswith(last[:-1]):
        return 1.5
    return 1.0 if len(word) >= _LEAST_ABBREVIATION and last.startswith(word) else 0.0


def _fall_back(group: str, known: Collection[str]) -> str:
    """The only stream of such parties that the source has; else the usual name of such a stream."""
    if group in known:
        return group
    groups = load_fields().party_streams
    fitting = [
        stream for stream in sorted(known)
        if not is_part_of_party(stream) and (tokens := name_tokens(stream))
        and any(groups.get(form) == group for form in (tokens[-1], singular(tokens[-1])))
    ]  # fmt: skip
    if len(fitting) == 1:
        return fitting[0]
    if group in ("customers", "contacts"):
        parties = [one for one in sorted(known) if _is_main_party(one)]
        if len(parties) == 1:
            return parties[0]
    return group


def _is_main_party(stream: str) -> bool:
    targets = targets_named(stream)
    return bool(targets) and targets[0] in ("person", "organisation") and not is_part_of_party(stream)


def _is_organisation(stream: str, group: str | None) -> bool:
    targets = targets_named(stream)
    return (
        bool(targets) and targets[0] == "organisation" and "person" not in targets
    ) or group == "organisations"
