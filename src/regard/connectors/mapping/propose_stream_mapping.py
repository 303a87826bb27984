"""Proposes what the records of an unknown stream mean, from the names of their places and a sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import (
    PlaceProposal,
    build_fields,
    mail_event_words,
    tell_places,
)
from regard.connectors.mapping.choose_stream_target import (
    ChosenTarget,
    SampleSigns,
    choose_stream_target,
    is_part_of_party,
    targets_named,
)
from regard.connectors.mapping.choose_stream_times import choose_stream_times
from regard.connectors.mapping.describe_stream_mapping import MappedItem, Place, StreamMapping, Value
from regard.connectors.mapping.find_party_references import find_references
from regard.connectors.mapping.map_record import OWN_ID
from regard.connectors.mapping.match_places import (
    headings_of_interaction,
    is_wrapper,
    match_places,
    without_dots,
)
from regard.connectors.mapping.propose_party_items import propose_key_values, propose_party
from regard.connectors.mapping.propose_person_items import (
    in_party_container,
    party_containers,
    propose_persons,
)
from regard.connectors.mapping.propose_sublists import propose_sublists
from regard.connectors.mapping.recognise_times import holds_times
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular, spellings
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey, survey_bodies

_OF_LINES = ("quantity", "sku", "unit_price")
_SOLD = frozenset({"order_line", "subscription", "deal", "track", "review"})
# What is called their description is what they are for.
_WITHOUT_TEXT = frozenset({"order_line", "payment", "refund", "invoice", "subscription"})
_NAMES_OF_IDS = frozenset({"id", "number", "key", "uuid", "reference", "display id"})


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
    items = propose_key_values(stream, survey, bodies, known_streams)
    if items:
        return StreamProposal(StreamMapping(stream, items), [], ["Each row holds one value of a party."])
    chosen = _choose(stream, survey, known_streams)
    notes = [chosen.reason]
    places: list[PlaceProposal] = []
    if chosen.target in PARTY_TARGETS:
        items, places = propose_party(stream, chosen.target, survey, known_streams)
        if not items:
            notes.append("Nothing in the records tells who somebody is; nothing is made of them.")
    elif chosen.target is not None:
        items, places = _propose_interaction(stream, chosen.target, survey, known_streams, currency, notes)
        items += propose_sublists(survey, items[0])
    return StreamProposal(StreamMapping(stream, items), places, notes)


def _own_names(stream: str) -> frozenset[str]:
    """How an object may be called that holds the whole record of a stream."""
    tokens = name_tokens(stream)
    named = {" ".join(tokens), tokens[-1] if tokens else "", singular(tokens[-1]) if tokens else ""}
    return frozenset(one for one in named if one)


def _choose(stream: str, survey: BodySurvey, known: Collection[str]) -> ChosenTarget:
    headers = [place.facts(_header(place), survey.total) for place in survey.places.values()
               if all(is_wrapper(part) for part in place.told.split(".")[:-1])]  # fmt: skip
    signs = _signs(stream, survey, known)
    chosen = choose_stream_target(headers, stream, signs)
    if chosen.target is None and signs.names_party and is_part_of_party(stream):
        return ChosenTarget("person", "The rows are parts of parties that they name.")
    if chosen.target is None and not targets_named(stream) and (other := _target_around_person(survey)):
        return ChosenTarget(other, f"The records tell of somebody: {other.replace('_', ' ')} is assumed.")
    return chosen


def _signs(stream: str, survey: BodySurvey, known: Collection[str]) -> SampleSigns:
    places = list(survey.places.values())
    names = {one: place for place in places for one in spellings(_header(place))}
    texts = match_places(
        [place for place in places if not in_party_container(place)], survey.total,
        [one for one in without_dots(fields_of("note")) if one.id in ("text", "title")],
        headings_of_interaction,
    )  # fmt: skip
    return SampleSigns(
        names_party=bool(find_references(survey, stream, known)),
        tells_person=_tells_person(survey),
        has_text=any(one.field == "text" for one in texts.values()),
        mail_events=any(_action(place) for place in places),
        has_time=any(holds_times(place.values) for place in places),
        has_lists=bool(survey.lists),
        columns=frozenset({*names, *(normalise_words(path.rpartition(".")[2]) for path in survey.lists)}),
    )


def _tells_person(survey: BodySurvey) -> bool:
    """Whether most records hold somebody's address, or a name and a number."""
    emails = [place for place in survey.places.values() if place.facts("x", survey.total).emails > 0.8]
    return any(len(place.values) * 2 >= survey.total for place in emails) or any(
        path for path in party_containers(survey) if path
    )


def _action(place: PlaceSurvey) -> dict[str, str] | None:
    """The words of a place that says what became of a mail."""
    words = fields_of("campaign")["action"].words
    if not any(name in words for name in spellings(_header(place))):
        return None
    return mail_event_words(place.values)


def _target_around_person(survey: BodySurvey) -> str | None:
    """What a record is that describes a person in a part of itself: no person."""
    if not any(path for path in party_containers(survey) if path):
        return None
    top = {normalise_words(place.told).split()[0] for place in survey.places.values()}
    if survey.lists or top & {"total", "amount", "price", "sum", "currency"}:
        return "order"
    return "ticket" if top & {"subject", "priority", "assignee"} else "track"


def _propose_interaction(
    stream: str,
    target: str,
    survey: BodySurvey,
    known_streams: Collection[str],
    currency: str | None,
    notes: list[str],
) -> tuple[list[MappedItem], list[PlaceProposal]]:
    free = [place for place in survey.places.values() if not in_party_container(place)]
    occurred, updated = choose_stream_times(free, target, headings_of_interaction)
    persons = propose_persons(stream, survey, known_streams)
    pointing = {path for party in persons.parties for path in _paths(party.id)}
    used = {occurred, updated, *pointing}
    own = [place for place in free if place.path not in used and not _of_another(place, target)]
    found = match_places(
        own, survey.total, without_dots(fields_of(target), _unfit(target)), headings_of_interaction
    )
    fields = build_fields(found, target, survey)
    if target in _WITHOUT_TEXT and "text" in fields and "title" not in fields:
        fields["title"] = fields.pop("text")
    _translate_action(fields, target, survey)
    coin = fields.pop("currency", None)
    coin = _beside(fields.get("amount", fields.get("unit_price")), survey) or coin
    if coin is None and currency is None and {"amount", "unit_price"} & set(fields):
        for name in ("amount", "unit_price"):
            fields.pop(name, None)
        notes.append("There is an amount but no currency; name the source's currency and map the amount.")
    item = MappedItem(
        target, OWN_ID, party=persons.parties, occurred_at=occurred or [], updated_at=updated or [],
        currency=coin or [], fields=fields,
    )  # fmt: skip
    if not persons.parties and target != "order_line":
        notes.append("Nothing tells whose these are; name the place of the customer's id or address.")
    return [item, *persons.items], [*tell_places(found, target, survey), *persons.places]


def _paths(place: Place) -> list[str]:
    if isinstance(place, Value):
        return [place.path] if isinstance(place.path, str) else list(place.path)
    return [place] if isinstance(place, str) else [path for one in place for path in _paths(one)]


def _unfit(target: str) -> list[str]:
    """Fields that records of a target do not have: an order does not belong to itself."""
    unfit = {"order": ["order"], "ticket": ["ticket"]}.get(target, [])
    if target not in _SOLD:
        unfit += _OF_LINES
    return unfit if target in ("campaign", "track") else [*unfit, "action"]


def _of_another(place: PlaceSurvey, target: str) -> bool:
    """Whether a place lies in something else of the record, of which the id alone counts."""
    parts = [part for part in place.told.split(".") if not is_wrapper(part)]
    named = targets_named(parts[0]) if len(parts) > 1 else ()
    return bool(named) and target not in named and normalise_words(parts[-1]) not in _NAMES_OF_IDS


def _beside(amount: Place | None, survey: BodySurvey) -> str | None:
    """The currency that stands in one object with the amount."""
    path = next(iter(_paths(amount)), "") if amount is not None else ""
    parent = path.rpartition(".")[0]
    return next((
        place.path for place in survey.places.values()
        if parent and place.parent == parent and "currency" in normalise_words(place.last)
    ), None)  # fmt: skip


def _translate_action(fields: dict[str, Place], target: str, survey: BodySurvey) -> None:
    """What became of a mail, in Regard's words."""
    if target != "campaign":
        return
    for place in survey.places.values():
        words = _action(place)
        if words is not None:
            fields["action"] = Value(path=place.path, words=words)
            return


def _header(place: PlaceSurvey) -> str:
    """The shortest honest name: without wrappers."""
    parts = [part for part in place.told.split(".") if not is_wrapper(part)]
    return normalise_words(" ".join(parts) or place.last)
