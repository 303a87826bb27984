"""Proposes what the records of an unknown stream mean, from the names of their places and a sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regard.connectors.files.choose_keys import choose_times
from regard.connectors.files.choose_target import choose_target
from regard.connectors.files.load_fields import PARTY_TARGETS, ImportField, fields_of, load_fields
from regard.connectors.files.match_fields import ColumnProposal, match_column, settle_conflicts
from regard.connectors.files.recognise_columns import ColumnFacts, normalise_words
from regard.connectors.mapping.describe_stream_mapping import (
    MappedItem,
    PartyPlace,
    Place,
    StreamMapping,
    Value,
    places_of,
)
from regard.connectors.mapping.map_record import OWN_ID
from regard.connectors.mapping.propose_sublists import propose_sublists
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey, survey_bodies

PEOPLE = "people"
"""The stream of persons whom a source knows only by an address."""

_PARTY_CONTAINERS = frozenset({
    "customer", "contact", "buyer", "requester", "person", "guest", "user", "client", "member", "lead",
    "billing", "billing address", "billing details", "bill to", "sender", "author", "from", "caller",
    "subscriber", "recipient", "attendee", "participant", "patient", "passenger", "shipping",
    "shipping address", "ship to", "profile", "kunde", "kontakt", "klient", "cliente", "contact info",
    "applicant", "reporter",
})  # fmt: skip
# Inside a party these hold parts of it; anything else nested belongs to somebody or something else.
_PARTS_OF_PARTY = frozenset({
    "address", "addresses", "default address", "billing address", "home address", "postal address",
    "primary address", "mailing address", "main address", "location", "billing", "contact", "contact info",
    "contact details", "contact information", "personal", "personal info", "person", "profile", "info",
    "details", "name", "names", "email", "emails", "phone", "phones", "properties", "attributes", "fields",
    "data",
})  # fmt: skip
# What a record about something else says of a person: who it is and where it is reached.
_IDENTITY = frozenset({
    "full_name", "given_name", "middle_name", "family_name", "honorific", "generation", "birth_date", "sex",
    "email", "phone", "street", "house_number", "unit", "city", "postcode", "state", "country", "language",
    "organisation", "job_title", "user_id", "handle",
})  # fmt: skip
_WRAPPERS = frozenset({"properties", "attributes", "fields", "data", "node", "object", "record", "payload"})
_STREAMS_OF_PARTIES = (
    "customers", "customer", "contacts", "contact", "users", "user", "persons", "person", "people", "clients",
    "client", "members", "parties",
)  # fmt: skip
_NAMES = frozenset({"full_name", "family_name"})
_FARTHER = 0.04
_CENTS = frozenset({"cents", "minor", "pence", "cent", "subunits"})


@dataclass(frozen=True, slots=True)
class PlaceProposal:
    """What a place probably holds; `field` None keeps it beside the others. `samples` are customers' data."""

    path: str
    target: str
    field: str | None
    confidence: float
    reason: str
    samples: list[str]


@dataclass(frozen=True, slots=True)
class StreamProposal:
    """A complete mapping, the thoughts behind it, and notes on what a person should look at."""

    mapping: StreamMapping
    places: list[PlaceProposal]
    notes: list[str]


def propose_stream_mapping(
    stream: str,
    bodies: Sequence[Mapping[str, Any]],
    known_streams: Collection[str] = (),
    currency: str | None = None,
) -> StreamProposal:
    """The likeliest meaning of a stream; a person may change every part of it.

    `known_streams` are streams of parties that the source has, so that ids in interactions find them;
    `currency` is the source's default.
    """
    survey = survey_bodies(bodies)
    survey.leave_out_masked()
    headers = [place.facts(_header(place), survey.total) for place in survey.places.values()]
    target, reason = choose_target(headers, stream, "")
    if reason.startswith("Nothing") and (other := _target_around_person(survey)):
        target, reason = other, f"The records tell of somebody: {other.replace('_', ' ')} is assumed."
    notes = [reason]
    if target in PARTY_TARGETS:
        items, places = _propose_party(stream, target, survey)
    else:
        items, places = _propose_interaction(stream, target, survey, known_streams, currency, notes)
    items += propose_sublists(survey, items[0])
    return StreamProposal(StreamMapping(stream, items), places, notes)


def _target_around_person(survey: BodySurvey) -> str | None:
    """What a record is that describes a person in a part of itself: no person."""
    if not any(_party_container(place) for place in survey.places.values()):
        return None
    top = {normalise_words(place.path).split()[0] for place in survey.places.values()}
    if survey.lists or top & {"total", "amount", "price", "sum", "currency"}:
        return "order"
    return "ticket" if top & {"subject", "priority", "assignee"} else "track"


def _propose_party(
    stream: str, target: str, survey: BodySurvey
) -> tuple[list[MappedItem], list[PlaceProposal]]:
    _, updated = _times(survey, target)
    mine = [place for place in survey.places.values() if _is_part(place, "") and place.path != updated]
    found = _match(mine, survey.total, list(fields_of(target).values()))
    item = MappedItem(target, OWN_ID, updated_at=updated or [], fields=_fields(found, target, survey))
    return [item], _tell(found, target, survey)


def _propose_interaction(
    stream: str,
    target: str,
    survey: BodySurvey,
    known_streams: Collection[str],
    currency: str | None,
    notes: list[str],
) -> tuple[list[MappedItem], list[PlaceProposal]]:
    occurred, updated = _times(survey, target)
    own = [
        place
        for place in survey.places.values()
        if place.path not in (occurred, updated) and not _party_container(place)
    ]
    found = _match(own, survey.total, list(fields_of(target).values()))
    fields = _fields(found, target, survey)
    coin = fields.pop("currency", None)
    if "amount" in fields and coin is None and currency is None:
        del fields["amount"]
        notes.append("There is an amount but no currency; name the source's currency and map the amount.")
    parties, person, told = _propose_person(stream, survey, known_streams)
    item = MappedItem(
        target, OWN_ID, party=parties, occurred_at=occurred or [], updated_at=updated or [],
        currency=coin or [], fields=fields,
    )  # fmt: skip
    if not parties:
        notes.append("Nothing tells whose these are; name the place of the customer's id or address.")
    places = [*_tell(found, target, survey), *told]
    return [item, *([person] if person else [])], places


def _propose_person(
    stream: str, survey: BodySurvey, known_streams: Collection[str]
) -> tuple[list[PartyPlace], MappedItem | None, list[PlaceProposal]]:
    """Whose an interaction is: a reference, and the person described in it, if it describes one."""
    fields = [one for one in fields_of("person").values() if one.id in _IDENTITY]
    best: tuple[float, str, dict[str, ColumnProposal]] = (0.0, "", {})
    for container in dict.fromkeys(_containers(survey)):
        mine = [place for place in survey.places.values() if _is_part(place, container)]
        found = _match(mine, survey.total, fields)
        named = {one.field for one in found.values()}
        worth = 3.0 * ("email" in named) + 2.0 * ("phone" in named) + bool(named & _NAMES)
        if worth > best[0]:
            best = (worth, container, found)
    worth, container, found = best
    reference = _reference(survey, known_streams)
    parties = [reference] if reference else []
    if worth < 2.0:
        return parties, None, []
    chosen = _fields(found, "person", survey)
    by_address = _by_address(chosen)
    if reference is not None and isinstance(reference.id, str) and reference.id.startswith(f"{container}."):
        # The record describes the very person that it names.
        return parties, MappedItem("person", reference.id, stream=reference.stream, fields=chosen), _tell(
            found, "person", survey
        )  # fmt: skip
    person = MappedItem("person", by_address, stream=PEOPLE, fields=chosen)
    return [*parties, PartyPlace(PEOPLE, by_address)], person, _tell(found, "person", survey)


def _by_address(fields: Mapping[str, Place]) -> Place:
    """A person without an id is named by the e-mail address, else by the telephone number."""
    for name in ("email", "phone", "full_name"):
        place = fields.get(name)
        if place is not None:
            return Value(path=places_of(place), form="lower")
    return Value(path=OWN_ID)


def _reference(survey: BodySurvey, known_streams: Collection[str]) -> PartyPlace | None:
    """The place of a party's id: `customer_id`, `customer.id`, `user`."""
    streams = load_fields().party_streams
    ranked: list[tuple[float, int, str, str]] = []
    for place in survey.places.values():
        tokens = normalise_words(place.path).split()
        word = next((token for token in tokens if token in streams), None)
        facts = place.facts(place.path, survey.total)
        spaced = any(" " in one for one in place.values[:50])
        if word is None or spaced or facts.emails > 0.5 or facts.dates > 0.5:
            continue
        # An account is often our own at the source, and the same in every record.
        if streams[word] == "accounts" and len(set(place.values)) < 2:
            continue
        ends_as_id = tokens[-1] in load_fields().id_words or tokens[-1].endswith("id")
        if (ends_as_id and len(tokens) <= 3) or tokens == [word]:
            rank = {"customers": 3.0, "accounts": 1.0}.get(streams[word], 2.0)
            ranked.append((rank - len(tokens) / 10, -place.position, place.path, streams[word]))
    if not ranked:
        return None
    _, _, path, stream = max(ranked)
    return PartyPlace(_likely(stream, path, known_streams), path)


def _likely(stream: str, path: str, known: Collection[str]) -> str:
    """The stream that an id points into: one of the source's own, by its name or that of the place."""
    if not known or stream in known:
        return stream
    word = normalise_words(path).split()[0]
    by_name = {normalise_words(one.rpartition(".")[2]): one for one in sorted(known, reverse=True)}
    named = (word, f"{word}s", stream.removesuffix("s"), *_STREAMS_OF_PARTIES)
    return next((by_name[one] for one in named if one in by_name), stream)


def _containers(survey: BodySurvey) -> list[str]:
    found = [""]
    for place in survey.places.values():
        parts = place.path.split(".")
        found += [
            ".".join(parts[:end])
            for end in range(1, len(parts))
            if normalise_words(parts[end - 1]) in _PARTY_CONTAINERS
        ]
    return found


def _party_container(place: PlaceSurvey) -> bool:
    return any(normalise_words(part) in _PARTY_CONTAINERS for part in place.path.split(".")[:-1])


def _is_part(place: PlaceSurvey, container: str) -> bool:
    """Whether a place is a part of the party in a container, however it is folded in."""
    if container and not place.path.startswith(f"{container}."):
        return False
    rest = place.path[len(container) + 1 if container else 0 :].split(".")[:-1]
    return all(normalise_words(part) in _PARTS_OF_PARTY for part in rest)


def _match(
    places: Sequence[PlaceSurvey], total: int, fields: Sequence[ImportField]
) -> dict[str, ColumnProposal]:
    proposals: dict[str, ColumnProposal] = {}
    for place in places:
        found = [match_column(place.facts(header, total), fields) for header in place.headers()]
        best = max(found, key=lambda one: one.confidence)
        far = _FARTHER * place.path.count(".")
        proposals[place.path] = replace(best, confidence=max(0.0, round(best.confidence - far, 2)))
    return settle_conflicts(proposals, fields)


def _fields(found: Mapping[str, ColumnProposal], target: str, survey: BodySurvey) -> dict[str, Place]:
    known = fields_of(target)
    fields: dict[str, Place] = {}
    for path, proposal in sorted(found.items(), key=lambda one: -one[1].confidence):
        name = proposal.field
        if name is None or name.startswith("contact.") or name in ("organisation_ref", "discount_share"):
            continue
        place: Place = path
        if name in ("amount", "unit_price") and _in_cents(survey.places[path]):
            if name == "unit_price":
                continue
            place = Value(path=path, form="minor_units")
        if known[name].multiple and name in fields:
            fields[name] = [*places_of(fields[name]), path]
        elif name not in fields:
            fields[name] = place
    return fields


def _in_cents(place: PlaceSurvey) -> bool:
    return place.whole_numbers and bool(_CENTS & set(normalise_words(place.path).split()))


def _times(survey: BodySurvey, target: str) -> tuple[str | None, str | None]:
    """The places of when it happened and of when the record changed last, at the top or in a wrapper."""
    by_header: dict[str, str] = {}
    facts: list[ColumnFacts] = []
    for place in survey.places.values():
        if all(normalise_words(part) in _WRAPPERS for part in place.path.split(".")[:-1]):
            header = f"{place.last}"
            by_header.setdefault(header, place.path)
            facts.append(place.facts(header, survey.total))
    occurred, updated = choose_times(facts, target)
    return by_header.get(occurred or ""), by_header.get(updated or "")


def _header(place: PlaceSurvey) -> str:
    """The shortest honest name: without wrappers."""
    parts = [part for part in place.path.split(".") if normalise_words(part) not in _WRAPPERS]
    return normalise_words(" ".join(parts) or place.last)


def _tell(found: Mapping[str, ColumnProposal], target: str, survey: BodySurvey) -> list[PlaceProposal]:
    return [
        PlaceProposal(
            path, target, one.field, one.confidence, one.reason,
            list(dict.fromkeys(value[:200] for value in survey.places[path].values[:100]))[:5],
        )
        for path, one in found.items()
    ]  # fmt: skip
