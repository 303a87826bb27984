"""Proposes the items of a stream of interactions: what happened, whose it is, and the persons in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import (
    PlaceProposal,
    build_fields,
    mail_event_words,
    tell_places,
)
from regard.connectors.mapping.choose_stream_target import targets_named
from regard.connectors.mapping.choose_stream_times import choose_stream_times
from regard.connectors.mapping.describe_stream_mapping import MappedItem, Place, Value
from regard.connectors.mapping.map_record import OWN_ID
from regard.connectors.mapping.match_places import (
    headings_of_interaction,
    is_wrapper,
    match_places,
    without_dots,
)
from regard.connectors.mapping.propose_person_items import in_party_container, propose_persons
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular, spellings, stream_words
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

_OF_LINES = ("quantity", "sku", "unit_price")
_SOLD = frozenset({"order_line", "subscription", "deal", "track", "review"})
# What is called their description is what they are for.
_WITHOUT_TEXT = frozenset({"order_line", "payment", "refund", "invoice", "subscription"})
_NAMES_OF_IDS = frozenset({"id", "number", "key", "uuid", "reference", "display id"})


def propose_interaction(
    stream: str,
    target: str,
    survey: BodySurvey,
    known_streams: Collection[str],
    currency: str | None,
    notes: list[str],
) -> tuple[list[MappedItem], list[PlaceProposal]]:
    """The interaction first; `notes` gets what a person should look at."""
    free = [place for place in survey.places.values() if not in_party_container(place)]
    occurred, updated = _times(free, target, survey.total)
    persons = propose_persons(stream, survey, known_streams)
    pointing = {path for party in persons.parties for path in _paths(party.id)}
    used = {*occurred, updated, *pointing}
    own = [place for place in free if place.path not in used and not _of_another(place, target)]
    found = match_places(
        own, survey.total, without_dots(fields_of(target), _unfit(target)), headings_of_interaction
    )
    fields = build_fields(found, target, survey)
    if target in _WITHOUT_TEXT and "text" in fields and "title" not in fields:
        fields["title"] = fields.pop("text")
    _translate_action(fields, target, survey, stream)
    if "amount" not in fields and any(one.field == "amount" for one in found.values()):
        notes.append("The amounts are whole numbers that may be cents; map them, as minor_units if they are.")
    coin = fields.pop("currency", None)
    coin = _beside(fields.get("amount", fields.get("unit_price")), survey) or coin
    if coin is None and currency is None and {"amount", "unit_price"} & set(fields):
        for name in ("amount", "unit_price"):
            fields.pop(name, None)
        notes.append("There is an amount but no currency; name the source's currency and map the amount.")
    item = MappedItem(
        target, OWN_ID, party=persons.parties, occurred_at=_one_or_all(occurred), updated_at=updated or [],
        currency=coin or [], fields=fields,
    )  # fmt: skip
    if not occurred and (updated is None or target == "order_line"):
        notes.append(_note_on_time(fields))
    if not persons.parties and not {"order", "ticket"} & set(fields):
        notes.append("Nothing tells whose these are; name the place of the customer's id or address.")
    return [item, *persons.items], [*tell_places(found, target, survey), *persons.places]


def _times(places: Sequence[PlaceSurvey], target: str, total: int) -> tuple[list[str], str | None]:
    """Where it stands when it happened, with a second place where the first is empty, and when it changed."""
    first, updated = choose_stream_times(places, target, headings_of_interaction)
    if first is None:
        return [], updated
    if next(len(place.values) for place in places if place.path == first) >= total:
        return [first], updated
    rest = [place for place in places if place.path not in (first, updated)]
    second, _ = choose_stream_times(rest, target, headings_of_interaction)
    return [one for one in (first, second) if one is not None], updated


def _note_on_time(fields: Mapping[str, Place]) -> str:
    named = next((name for name in ("ticket", "order") if name in fields), None)
    if named:
        return f"Nothing says when these happened; each stands at the time of its {named}."
    return "Nothing says when these happened; name the place of the time, or they stand without one."


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


def _translate_action(fields: dict[str, Place], target: str, survey: BodySurvey, stream: str) -> None:
    """What became of a mail, in Regard's words."""
    if target != "campaign":
        return
    for place in survey.places.values():
        words = mail_action(place)
        if words is not None:
            fields["action"] = Value(path=place.path, words=words)
            return
    told = [one for token in name_tokens(stream) if (one := stream_words().mail_events.get(singular(token)))]
    if told and "action" not in fields:
        fields["action"] = Value(const=told[0])


def mail_action(place: PlaceSurvey) -> dict[str, str] | None:
    """The words of a place that says what became of a mail."""
    words = fields_of("campaign")["action"].words
    if not any(name in words for name in spellings(short_header(place))):
        return None
    return mail_event_words(place.values)


def short_header(place: PlaceSurvey) -> str:
    """The shortest honest name: without wrappers."""
    parts = [part for part in place.told.split(".") if not is_wrapper(part)]
    return normalise_words(" ".join(parts) or place.last)


def _one_or_all(paths: Sequence[str]) -> Place:
    return paths[0] if len(paths) == 1 else [*paths]
