"""Proposes what the records of an unknown stream mean, from the names of their places and a sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import (
    PlaceProposal,
)
from regard.connectors.mapping.choose_stream_target import (
    ChosenTarget,
    SampleSigns,
    choose_stream_target,
    holds_addresses,
    is_part_of_party,
    targets_named,
)
from regard.connectors.mapping.describe_stream_mapping import MappedItem, StreamMapping
from regard.connectors.mapping.find_deletions import find_deletions
from regard.connectors.mapping.find_party_references import find_references
from regard.connectors.mapping.match_places import (
    headings_of_interaction,
    is_wrapper,
    match_places,
    without_dots,
)
from regard.connectors.mapping.notice_shared_addresses import note_on_addresses, note_on_join
from regard.connectors.mapping.propose_interaction_items import (
    mail_action,
    propose_interaction,
    short_header,
)
from regard.connectors.mapping.propose_party_items import propose_key_values, propose_party
from regard.connectors.mapping.propose_person_items import (
    in_party_container,
    party_containers,
)
from regard.connectors.mapping.propose_sublists import propose_sublists
from regard.connectors.mapping.recognise_times import holds_times
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular, spellings
from regard.connectors.mapping.survey_bodies import BodySurvey, survey_bodies

_BILLED = ("order", "invoice")


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

    `known_streams` are the other streams of the source, so that ids in the records find their parties;
    `currency` is the source's default. Records that tell of no customer get a mapping without items.
    """
    survey = survey_bodies(bodies)
    survey.leave_out_masked()
    survey.unwrap(_own_names(stream))
    survey.drop_common_prefix()
    items = propose_key_values(stream, survey, bodies, known_streams)
    if items:
        return StreamProposal(StreamMapping(stream, items), [], ["Each row holds one value of a party."])
    if (note := note_on_join(stream, survey, known_streams)) is not None:
        return StreamProposal(StreamMapping(stream, []), [], [note])
    chosen = _choose(stream, survey, known_streams)
    notes = [chosen.reason]
    places: list[PlaceProposal] = []
    if chosen.target in PARTY_TARGETS:
        items, places = propose_party(stream, chosen.target, survey, known_streams)
        if not items:
            notes.append("Nothing in the records tells who somebody is; nothing is made of them.")
    elif chosen.target is not None:
        items, places = propose_interaction(stream, chosen.target, survey, known_streams, currency, notes)
        items += propose_sublists(survey, items[0])
    elif (note := note_on_addresses(stream, known_streams)) is not None:
        notes.append(note)
    return StreamProposal(StreamMapping(stream, _until_deleted(items, bodies)), places, notes)


def _until_deleted(items: Sequence[MappedItem], bodies: Sequence[Mapping[str, Any]]) -> list[MappedItem]:
    """The items, gone when the record says that it is deleted; persons beside it stay."""
    gone = find_deletions(bodies)
    own = [item for item in items if item.stream in ("", items[0].stream)] if gone else []
    return [msgspec.structs.replace(item, gone=gone) if item in own else item for item in items]


def _own_names(stream: str) -> frozenset[str]:
    """How an object may be called that holds the whole record of a stream."""
    tokens = name_tokens(stream)
    named = {" ".join(tokens), tokens[-1] if tokens else "", singular(tokens[-1]) if tokens else ""}
    return frozenset(one for one in named if one)


def _choose(stream: str, survey: BodySurvey, known: Collection[str]) -> ChosenTarget:
    headers = [place.facts(short_header(place), survey.total) for place in survey.places.values()
               if all(is_wrapper(part) for part in place.told.split(".")[:-1])]  # fmt: skip
    signs = _signs(stream, survey, known)
    chosen = choose_stream_target(headers, stream, signs)
    part = is_part_of_party(stream) and signs.names_party and chosen.target is None
    address = holds_addresses(stream) and not signs.has_text and chosen.target not in PARTY_TARGETS
    if part or (address and (signs.tells_person or signs.names_party or chosen.target in _BILLED)):
        return ChosenTarget("person", "The rows are parts of parties that they name.")
    if chosen.target is None and not targets_named(stream) and (other := _target_around_person(survey)):
        return ChosenTarget(other, f"The records tell of somebody: {other.replace('_', ' ')} is assumed.")
    return chosen


def _signs(stream: str, survey: BodySurvey, known: Collection[str]) -> SampleSigns:
    places = list(survey.places.values())
    names = {one: place for place in places for one in spellings(short_header(place))}
    texts = match_places(
        [place for place in places if not in_party_container(place)], survey.total,
        [one for one in without_dots(fields_of("note")) if one.id in ("text", "title")],
        headings_of_interaction,
    )  # fmt: skip
    return SampleSigns(
        names_party=bool(find_references(survey, stream, known)),
        tells_person=_tells_person(survey),
        has_text=any(one.field == "text" for one in texts.values()),
        mail_events=any(mail_action(place) for place in places),
        has_time=any(holds_times(place.values) for place in places),
        has_money=any(
            name in fields_of("order")["amount"].words
            for place in places
            for name in headings_of_interaction(place)
        ),
        columns=frozenset({*names, *(normalise_words(path.rpartition(".")[2]) for path in survey.lists)}),
    )


def _tells_person(survey: BodySurvey) -> bool:
    """Whether most records hold somebody's address, or a name and a number."""
    emails = [place for place in survey.places.values() if place.facts("x", survey.total).emails > 0.8]
    return any(len(place.values) * 2 >= survey.total for place in emails) or any(
        path for path in party_containers(survey) if path
    )


def _target_around_person(survey: BodySurvey) -> str | None:
    """What a record is that describes a person in a part of itself: no person."""
    if not any(path for path in party_containers(survey) if path):
        return None
    top = {normalise_words(place.told).split()[0] for place in survey.places.values()}
    if survey.lists or top & {"total", "amount", "price", "sum", "currency"}:
        return "order"
    return "ticket" if top & {"subject", "priority", "assignee"} else "track"
