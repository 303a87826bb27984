"""Proposes the items of a stream of parties: persons, organisations, both by a column, and parts of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.match_fields import ColumnProposal
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import PlaceProposal, build_fields, tell_places
from regard.connectors.mapping.choose_stream_target import is_part_of_party
from regard.connectors.mapping.choose_stream_times import choose_stream_times
from regard.connectors.mapping.describe_stream_mapping import (
    LINK,
    Condition,
    MappedItem,
    Value,
)
from regard.connectors.mapping.find_party_references import Reference, find_references
from regard.connectors.mapping.map_record import OWN_ID
from regard.connectors.mapping.match_places import headings_of_party, match_places, without_dots
from regard.connectors.mapping.propose_person_items import is_part
from regard.connectors.mapping.stream_vocabulary import spellings, stream_words
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

_TELLING = frozenset({
    "full_name", "given_name", "family_name", "name", "email", "phone", "street", "city", "postcode",
    "birth_date", "account_id", "handle", "user_id", "anonymous_id", "device_id", "tax_id", "domain",
})  # fmt: skip
_PERSON_NAMES = frozenset({"given_name", "family_name"})
_YES = ("true", "1", "t", "y", "yes")
_KEY_LEAST = 0.8
_MOST_KEYS = 200


def propose_party(
    stream: str, target: str, survey: BodySurvey, known: Collection[str]
) -> tuple[list[MappedItem], list[PlaceProposal]]:
    """The items, none when nothing in the records tells of anybody; a part of a party is linked to it."""
    references = find_references(survey, stream, known)
    owner = _owner(stream, references)
    mine = _places(survey, references, owner)
    flag = None if _has_person_names(mine, survey) else _company_flag(survey)
    found = _match(mine, survey, target)
    if not _TELLING & {one.field for one in found.values()}:
        return [], tell_places(found, target, survey)
    _, updated = choose_stream_times(list(survey.places.values()), target, headings_of_party)
    item = _item(target, found, survey, updated)
    item = _with_organisation(item, references, owner, known)
    items = [item]
    if flag is not None:
        items = _split(item, flag, _match(mine, survey, _other(target)), survey)
    if owner is not None:
        items.append(MappedItem(LINK, OWN_ID, party=owner.party(survey)))
    return items, tell_places(found, target, survey)


def propose_key_values(
    stream: str, survey: BodySurvey, bodies: Sequence[Mapping[str, object]], known: Collection[str]
) -> list[MappedItem]:
    """Rows of a key and a value that belong to a party: `(user_id, meta_key, meta_value)`."""
    owner = next((one for one in find_references(survey, stream, known) if one.known), None)
    key, value = _column(survey, stream_words().keys), _column(survey, stream_words().values)
    if (
        owner is None
        or key is None
        or value is None
        or key.path == value.path
        or "." in key.path + value.path
    ):
        return []
    by_key: dict[str, list[str]] = {}
    for body in bodies:
        if isinstance(name := body.get(key.path), str) and isinstance(text := body.get(value.path), str):
            by_key.setdefault(name, []).append(text)
    if len(by_key) > _MOST_KEYS:
        return []
    fields = without_dots(fields_of("person"), ("organisation", "note", "tags", "picture", "stage", "owner"))
    places = [PlaceSurvey(name, n, values) for n, (name, values) in enumerate(by_key.items())]
    found = match_places(places, len(bodies), fields, headings_of_party, _KEY_LEAST)
    _, updated = choose_stream_times(list(survey.places.values()), "person", headings_of_party)
    keys: dict[str, list[str]] = {}
    for name, one in found.items():
        if one.field is not None:
            keys.setdefault(one.field, []).append(name)
    known_keys = sum(len(names) for names in keys.values())
    if len(by_key) == len(bodies) > 2 * known_keys:
        # Where no key comes twice, it may as well be a name.
        return []
    items = [
        MappedItem("person", OWN_ID, when=[Condition(key.path, is_=names)], updated_at=updated or [],
                   fields={name: value.path}, keep=True)
        for name, names in keys.items()
    ]  # fmt: skip
    every = [name for names in keys.values() for name in names]
    link = MappedItem(LINK, OWN_ID, when=[Condition(key.path, is_=every)], party=owner.party(survey))
    return [*items, link] if items else []


def _column(survey: BodySurvey, words: Collection[str]) -> PlaceSurvey | None:
    return next((
        place for place in survey.places.values()
        if any(one in words for one in spellings(normalise_words(place.path)))
    ), None)  # fmt: skip


def _owner(stream: str, references: Sequence[Reference]) -> Reference | None:
    """Whom the rows of a table of addresses or numbers belong to."""
    if not is_part_of_party(stream):
        return None
    return next((one for one in references if one.known), None)


def _places(
    survey: BodySurvey, references: Sequence[Reference], owner: Reference | None
) -> list[PlaceSurvey]:
    """What describes the party itself: no reference to another one, not the time of a change."""
    _, updated = choose_stream_times(list(survey.places.values()), "person", headings_of_party)
    pointing = {one.path for one in references if one.known}
    return [
        place for place in survey.places.values()
        if is_part(place, "") and place.path != updated and place.path not in pointing
        and not _of_staff(place)
    ]  # fmt: skip


def _of_staff(place: PlaceSurvey) -> bool:
    words = normalise_words(place.last).split()
    pointing = len(words) > 1 and words[-1] in {"id", "by", "name", "email", "user", "uid"}
    return pointing and bool(set(words) & (stream_words().staff - {"store", "shop", "valid"}))


def _match(places: Sequence[PlaceSurvey], survey: BodySurvey, target: str) -> dict[str, ColumnProposal]:
    found = match_places(places, survey.total, without_dots(fields_of(target)), headings_of_party)
    return found | _listed(survey, target, found)


def _listed(
    survey: BodySurvey, target: str, found: Mapping[str, ColumnProposal]
) -> dict[str, ColumnProposal]:
    """Addresses and numbers in lists of the record: `email_ids[*].email_id`, the first of `addresses`."""
    more: dict[str, ColumnProposal] = {}
    have = {one.field for one in found.values()}
    for path, elements in survey.lists.items():
        if not is_part_of_party(path.rpartition(".")[2]) or (
            "." in path and not is_part(PlaceSurvey(f"{path}.x", 0), "")
        ):
            continue
        fields = [
            one for name, one in fields_of(target).items()
            if name in ("email", "phone") or (name in _ADDRESS and not have & _ADDRESS)
        ]  # fmt: skip
        title = path.rpartition(".")[2]
        places = [
            PlaceSurvey(f"{title}.{place.path}", n, place.values)
            for n, place in enumerate(elements.places.values())
        ]
        for place, one in match_places(places, elements.total, fields, headings_of_party).items():
            if one.field is not None:
                index = "[*]" if one.field in ("email", "phone") else "[0]"
                more[f"{path}{index}.{place.partition('.')[2]}"] = one
                survey.places.setdefault(
                    f"{path}{index}.{place.partition('.')[2]}",
                    PlaceSurvey(path, len(survey.places), elements.places[place.partition(".")[2]].values),
                )
    return more


_ADDRESS = frozenset({"street", "house_number", "unit", "city", "postcode", "state", "country"})


def _item(
    target: str, found: Mapping[str, ColumnProposal], survey: BodySurvey, updated: str | None
) -> MappedItem:
    fields = build_fields(found, target, survey)
    filled = {one.field: len(survey.places[path].values) for path, one in found.items()}
    if {"given_name", "family_name"} <= set(fields) and filled["family_name"] >= filled.get("full_name", 0):
        fields.pop("full_name", None)
    return MappedItem(target, OWN_ID, updated_at=updated or [], fields=fields)


def _with_organisation(
    item: MappedItem, references: Sequence[Reference], owner: Reference | None, known: Collection[str]
) -> MappedItem:
    """A person's firm, where its id points into a stream of organisations."""
    firm = next((one for one in references if one.known and one.to_organisation and one != owner), None)
    if item.target != "person" or firm is None or firm.stream not in known:
        return item
    place = Value(path=firm.path, words={"0": ""}, prefix=f"{firm.stream}:")
    return msgspec.structs.replace(item, fields=item.fields | {"organisation_ref": place})


def _has_person_names(places: Sequence[PlaceSurvey], survey: BodySurvey) -> bool:
    found = _match(places, survey, "person")
    return len(_PERSON_NAMES & {one.field for one in found.values()}) == 2


def _company_flag(survey: BodySurvey) -> tuple[str, list[str]] | None:
    """The column that tells firms from persons, and its words for firms."""
    words = stream_words()
    for place in survey.places.values():
        name, values = normalise_words(place.told), list(dict.fromkeys(place.values))
        if name in words.company_flags and values and {one.lower() for one in values} <= _TRUTHS:
            return place.path, [*_YES, "True"]
        kinds = {normalise_words(one) for one in values}
        if (
            name in words.kinds_of_party
            and kinds & words.company
            and kinds <= words.company | words.individual
        ):
            told = [one for one in values if normalise_words(one) in words.company]
            return place.path, list(
                dict.fromkeys([*told, *sorted(words.company), *map(str.title, sorted(words.company))])
            )
    return None


_TRUTHS = frozenset({"true", "false", "0", "1", "t", "f", "y", "n", "yes", "no"})


def _other(target: str) -> str:
    return "organisation" if target == "person" else "person"


def _split(
    item: MappedItem, flag: tuple[str, list[str]], others: Mapping[str, ColumnProposal], survey: BodySurvey
) -> list[MappedItem]:
    path, companies = flag
    other = _item(_other(item.target), others, survey, None)
    other = msgspec.structs.replace(other, updated_at=item.updated_at)
    firm, person = (item, other) if item.target == "organisation" else (other, item)
    return [
        msgspec.structs.replace(person, when=[Condition(path, not_=companies)], keep=True),
        msgspec.structs.replace(firm, when=[Condition(path, is_=companies)], keep=True),
    ]
