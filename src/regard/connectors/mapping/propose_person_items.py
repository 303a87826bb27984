"""Proposes whose an interaction is: the reference to a party, and the persons whom it describes itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.match_fields import ColumnProposal
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import PlaceProposal, build_fields, tell_places
from regard.connectors.mapping.describe_stream_mapping import MappedItem, PartyPlace, Place, Value, places_of
from regard.connectors.mapping.find_party_references import Reference, find_references
from regard.connectors.mapping.map_record import OWN_ID
from regard.connectors.mapping.match_places import (
    IDENTITY_LEAST,
    LEAST,
    Headings,
    headings_of_party,
    is_wrapper,
    match_places,
)
from regard.connectors.mapping.stream_vocabulary import stream_words
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

PEOPLE = "people"
"""The stream of persons whom a source knows only by an address."""

_PARTY_CONTAINERS = frozenset({
    "customer", "contact", "buyer", "requester", "person", "guest", "user", "client", "member", "lead",
    "billing", "billing address", "billing details", "bill to", "sender", "author", "from", "caller",
    "subscriber", "recipient", "attendee", "participant", "patient", "passenger", "shipping",
    "shipping address", "ship to", "profile", "kunde", "kontakt", "klient", "cliente", "contact info",
    "applicant", "reporter", "shopper", "invitee", "payer", "respondent", "visitor", "contact name",
    "customer details", "customer info", "attendees", "participants", "guests", "invitees", "customers",
    "consumer", "lead data", "hidden", "responder", "responses",
})  # fmt: skip
# Inside a party these hold parts of it; anything else nested belongs to somebody or something else.
_PARTS_OF_PARTY = frozenset({
    "address", "addresses", "default address", "billing address", "home address", "postal address",
    "primary address", "mailing address", "main address", "location", "billing", "contact", "contact info",
    "contact details", "contact information", "personal", "personal info", "person", "profile", "info",
    "details", "name", "names", "email", "emails", "phone", "phones", "properties", "attributes", "fields",
    "data", "additional attributes", "default billing address", "primary email", "primary phone", "anschrift",
    "adresse", "adressen", "kontakt", "direccion", "telefon",
})  # fmt: skip
# What a record about something else says of a person: who it is and where it is reached.
_IDENTITY = frozenset({
    "full_name", "given_name", "middle_name", "family_name", "honorific", "generation", "birth_date", "sex",
    "email", "phone", "street", "house_number", "unit", "city", "postcode", "state", "country", "language",
    "organisation", "job_title", "user_id", "handle",
})  # fmt: skip
# At the top of a record about something else, these say who it is about; an address may be a shop's.
_AT_THE_TOP = frozenset({"full_name", "given_name", "family_name", "email", "phone"})
_NAMES = frozenset({"full_name", "family_name", "handle"})
_NOT_NAMED_THERE = frozenset({"name", "names", "display name"})
_WORTH = 2.0
_SENDERS = frozenset({"from", "sender", "caller", "von", "de"})
_RECEIVERS = frozenset({"to", "recipient", "recipients", "cc", "bcc", "callee", "called", "an"})


@dataclass(frozen=True, slots=True)
class PersonProposal:
    """Whose the interaction is, the items of persons that it describes, and what was thought."""

    parties: list[PartyPlace]
    items: list[MappedItem]
    places: list[PlaceProposal]


@dataclass(frozen=True, slots=True)
class _Described:
    """A person in a part of the record: where, what is known of it, and how surely it is one."""

    container: str
    found: dict[str, ColumnProposal]
    survey: BodySurvey
    worth: float


def propose_persons(stream: str, survey: BodySurvey, known_streams: Collection[str]) -> PersonProposal:
    """A reference first; else, or beside it, the person described in the record."""
    references = find_references(survey, stream, known_streams)
    first = references[0] if references else None
    # A second reference stands in where the first is empty: the firm of a case without a person.
    second = next((one for one in references[1:] if one.known and first and not first.filled), None)
    parties = [one.party(survey) for one in (first, second) if one is not None]
    described = _describe(survey)
    if described is not None and described.worth < _WORTH:
        # A name alone is somebody only where an id stands beside it.
        described = described if _own_reference(described, survey, references, within=True) else None
    if described is None or (_is_enough(first) and not described.container):
        listed = None if parties else _listed_persons(survey)
        if listed is not None and (described is None or described.worth < listed.worth):
            return _as_listed(listed)
        if described is None or _is_enough(first):
            return PersonProposal(parties, [], [])
    fields = build_fields(described.found, "person", survey)
    told = tell_places(described.found, "person", survey)
    own = _own_reference(described, survey, references)
    if own is not None:
        # The record describes the very person that it names.
        others = [one for one in parties if one.id != own.id]
        if own.stream in known_streams:
            # The source has that record in full: a part of it, told later, would take its place.
            return PersonProposal([own, *others], [], [])
        return PersonProposal(
            [own, *others], [MappedItem("person", own.id, stream=own.stream, fields=fields)], told
        )
    by_address = _by_address(fields)
    person = MappedItem("person", by_address, stream=PEOPLE, fields=fields)
    return PersonProposal([*parties, PartyPlace(PEOPLE, by_address)], [person], told)


def _is_enough(reference: Reference | None) -> bool:
    """Whether every record names a party that the source has."""
    return reference is not None and reference.known and reference.filled


def _own_reference(
    described: _Described, survey: BodySurvey, references: list[Reference], *, within: bool = False
) -> PartyPlace | None:
    """The id of the described person: in the same part, or (unless `within`) beside it under its name."""
    container = described.container
    if not container:
        return None
    last = normalise_words(container.rpartition(".")[2].removesuffix("[0]"))
    for one in references:
        told = survey.places[one.path].told
        if told.startswith(f"{container}."):
            return one.party(survey)
        if not within and set(last.split()) & set(normalise_words(told.rpartition(".")[2]).split()):
            return one.party(survey)
    return None


def _describe(survey: BodySurvey) -> _Described | None:
    best: _Described | None = None
    fields = [one for one in fields_of("person").values() if one.id in _IDENTITY]
    top = [one for one in fields if one.id in _AT_THE_TOP or one.id in ("organisation",)]
    for container in dict.fromkeys(party_containers(survey)):
        mine = [place for place in survey.places.values() if is_part(place, container)]
        if container:
            found = match_places(mine, survey.total, fields, _headings_within(container), LEAST)
        else:
            mine = _one_side([place for place in mine if normalise_words(place.last) not in _NOT_NAMED_THERE])
            found = match_places(mine, survey.total, top, headings_of_party, IDENTITY_LEAST)
        one = _Described(container, found, survey, _worth(found, survey))
        if one.worth > (best.worth if best else 0.0):
            best = one
    return best


def _one_side(places: list[PlaceSurvey]) -> list[PlaceSurvey]:
    """Without the ends of a message when both are there: one of them is ourselves."""
    sides = [(place, set(normalise_words(place.last).split())) for place in places]
    if any(words & _SENDERS for _, words in sides) and any(words & _RECEIVERS for _, words in sides):
        return [place for place, words in sides if not words & (_SENDERS | _RECEIVERS)]
    return places


def _headings_within(container: str) -> Headings:
    cut = len(container) + 1

    def headings(place: PlaceSurvey) -> list[str]:
        return headings_of_party(PlaceSurvey(place.told[cut:], place.position, place.values))

    return headings


def _worth(found: Mapping[str, ColumnProposal], survey: BodySurvey) -> float:
    """An address is worth most, by how many of the records have one."""
    filled: dict[str, float] = {}
    for path, one in found.items():
        if one.field is not None:
            share = len(survey.places[path].values) / max(1, survey.total)
            filled[one.field] = max(filled.get(one.field, 0.0), 0.5 + share / 2)
    names = max((filled[name] for name in _NAMES if name in filled), default=0.0)
    return 3.0 * filled.get("email", 0.0) + 2.0 * filled.get("phone", 0.0) + names


def _listed_persons(survey: BodySurvey) -> _Described | None:
    """Persons in a list, such as the attendees of a meeting."""
    fields = [one for one in fields_of("person").values() if one.id in _IDENTITY]
    for path, elements in survey.lists.items():
        if normalise_words(path.rpartition(".")[2]) not in _PARTY_CONTAINERS:
            continue
        mine = [place for place in elements.places.values() if is_part(place, "")]
        found = match_places(mine, elements.total, fields, headings_of_party)
        one = _Described(path, found, elements, _worth(found, elements))
        if one.worth >= _WORTH:
            return one
    return None


def _as_listed(listed: _Described) -> PersonProposal:
    fields = build_fields(listed.found, "person", listed.survey)
    by_address = _by_address(fields)
    first = [f"{listed.container}[0].{path}" for path in places_of(by_address)]
    party = PartyPlace(PEOPLE, Value(path=first, form="lower"))
    item = MappedItem("person", by_address, stream=PEOPLE, each=listed.container, fields=fields)
    return PersonProposal([party], [item], tell_places(listed.found, "person", listed.survey))


def _by_address(fields: Mapping[str, Place]) -> Place:
    """A person without an id is named by the e-mail address, else by the telephone number."""
    for name in ("email", "phone", "full_name"):
        place = fields.get(name)
        if place is not None:
            return Value(path=places_of(place), form="lower")
    return Value(path=OWN_ID)


def party_containers(survey: BodySurvey) -> list[str]:
    """The parts of a record that describe somebody, and the record itself as the part without a name."""
    found = [""]
    for place in survey.places.values():
        parts = place.told.split(".")
        found += [
            ".".join(parts[:end])
            for end in range(1, len(parts))
            if normalise_words(parts[end - 1]) in _PARTY_CONTAINERS and not _of_staff(parts[: end - 1])
        ]
    return found


def in_party_container(place: PlaceSurvey) -> bool:
    """Whether a place lies in a part that describes somebody."""
    return any(normalise_words(part) in _PARTY_CONTAINERS for part in place.told.split(".")[:-1])


def is_part(place: PlaceSurvey, container: str) -> bool:
    """Whether a place is a part of the party in a container, however it is folded in."""
    if container and not place.told.startswith(f"{container}."):
        return False
    rest = place.told[len(container) + 1 if container else 0 :].split(".")[:-1]
    return all(normalise_words(part) in _PARTS_OF_PARTY or is_wrapper(part) for part in rest)


def _of_staff(parts: list[str]) -> bool:
    return any(set(normalise_words(part).split()) & stream_words().staff for part in parts)
