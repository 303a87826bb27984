"""Turns a raw record into items for the records and interactions doors, as its mapping says. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from regard.connectors.connector_contract import RawRecord
from regard.connectors.files.convert_values import RejectedValueError, tidy_id
from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.parse_amounts import multiply
from regard.connectors.interactions_api import time_it_states
from regard.connectors.mapping.convert_mapped_values import (
    read_due,
    read_field,
    read_instant_at,
    read_mapped_currency,
)
from regard.connectors.mapping.describe_stream_mapping import (
    LINK,
    Condition,
    MappedItem,
    Place,
    StreamMapping,
    item_places,
)
from regard.connectors.mapping.list_unmapped import unmapped_places, unmapped_values
from regard.connectors.mapping.read_paths import read_path
from regard.connectors.mapping.read_places import Scene, as_text, fill_template, first_text, read_values
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import plain_text

Family = Literal["record", "interaction", "link"]
_MOST_ITEMS = 5_000
# What is sold, paid, asked and promised has Regard's own words for its states; a call that was "completed"
# was not delivered.
_WITH_STATUS_WORDS = frozenset({
    "order", "order_line", "payment", "refund", "invoice", "subscription", "ticket", "deal",
})  # fmt: skip
# Places that no source has: the record's own id, and the number of an element in its list.
OWN_ID, NUMBER = "#id", "#n"


@dataclass(frozen=True, slots=True)
class Surface:
    """What is known besides the record: the source's defaults and when the record came."""

    received_at: datetime
    currency: str | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the first item says holds for the others, unless they say it themselves."""

    updated_at: str | None = None
    changed_at: str | None = None
    occurred_at: str | None = None
    party: dict[str, str] | None = None

    def after(self, item: StatedItem) -> _Shared:
        """With what this item adds."""
        body = item.body
        return _Shared(
            self.updated_at or body.get("updated_at"),
            self.changed_at or item.changed_at,
            self.occurred_at or body.get("occurred_at"),
            self.party or body.get("party"),
        )


@dataclass(frozen=True, slots=True)
class StatedItem:
    """One item of a record; `body` is what the door of its family takes. A link's body names both records.

    `changed_at`: its last change, when the record itself says so and not only the way that it came.
    """

    family: Family
    stream: str
    external_id: str
    body: dict[str, Any]
    changed_at: str | None = None


def map_record(mapping: StreamMapping, record: RawRecord, surface: Surface) -> list[StatedItem]:
    """Everything that the record states; raises `ItemRefusedError` naming the item and the place.

    A deleted record states nothing: what it stated before is gone.
    """
    if record.body is None:
        return []
    root = {**record.body, OWN_ID: record.external_id}
    zone = ZoneInfo(mapping.time_zone or surface.time_zone)
    stated: dict[tuple[str, str, str], StatedItem] = {}
    shared = _Shared(record.updated_at.isoformat() if record.updated_at else None)
    leftover = _leftover(mapping, record.body)
    for position, item in enumerate(mapping.items):
        extra = leftover if (item.keep if item.keep is not None else position == 0) else {}
        for element in _elements(item, root):
            one = _state(mapping, item, shared, Scene(element, root, zone), surface, extra)
            if one is None:
                continue
            shared = shared.after(one)
            # A person named twice in one record is one record; what is said first counts, gaps are filled.
            key = (one.family, one.stream, one.external_id)
            stated[key] = _join(stated[key], one) if key in stated else one
            if len(stated) > _MOST_ITEMS:
                raise ItemRefusedError(
                    "too_many_items", f"the record states more than {_MOST_ITEMS} items; map a smaller list"
                )
    return list(stated.values())


def mapped_places(mapping: StreamMapping) -> set[str]:
    """Every place of a record that a mapping reads or leaves out on purpose."""
    return {place for item in mapping.items for place in _absolute_places(item)} | set(mapping.skip)


def _leftover(mapping: StreamMapping, root: Mapping[str, Any]) -> dict[str, Any]:
    """What no item reads, by its place."""
    return unmapped_values(root, unmapped_places(root, mapped_places(mapping)))


def _absolute_places(item: MappedItem) -> Iterator[str]:
    for place in item_places(item):
        if not item.each or place.startswith("$."):
            yield place.removeprefix("$.")
    if item.each:
        yield item.each


def _elements(item: MappedItem, root: Mapping[str, Any]) -> list[Any]:
    if not item.each:
        return [root]
    found = read_path(item.each, root, root)
    listed = [one for value in found for one in (value if isinstance(value, list) else [value])]
    if item.split:
        listed = [part.strip() for one in listed for part in as_text(one).split(item.split) if part.strip()]
    return [{**one, NUMBER: n} if isinstance(one, Mapping) else one for n, one in enumerate(listed, 1)]


def _state(
    mapping: StreamMapping,
    item: MappedItem,
    shared: _Shared,
    scene: Scene,
    surface: Surface,
    extra: Mapping[str, Any],
) -> StatedItem | None:
    if not all(holds(condition, scene) for condition in item.when):
        return None
    external_id = first_text(item.id, scene)
    if external_id is None or (item.gone and any(holds(condition, scene) for condition in item.gone)):
        return None
    external_id = tidy_id(external_id)
    stream = item.stream or mapping.stream
    try:
        if item.target == LINK:
            return _link(item, stream, external_id, scene)
        changed_at = read_instant_at(item.updated_at, scene, "updated_at")
        updated_at = changed_at or shared.updated_at
        changed_at = changed_at or shared.changed_at
        body: dict[str, Any] = {"stream": stream, "id": external_id, "updated_at": updated_at}
        if item.is_party:
            body |= {"kind": item.target, "fields": _fields(item, scene, None) | _renamed(item, extra)}
            return StatedItem("record", stream, external_id, body, changed_at)
        happened_at = read_instant_at(item.occurred_at, scene, "occurred_at") or shared.occurred_at
        body |= {
            "type": item.target,
            "party": _party(item, scene) or shared.party,
            "occurred_at": time_it_states(item.target, happened_at, changed_at),
            "fields": _interaction_fields(item, scene, surface.currency) | _renamed(item, extra),
        }  # fmt: skip
    except RejectedValueError as error:
        raise ItemRefusedError(error.code, f"{item.target} {stream}: {error.problem}") from None
    return StatedItem("interaction", stream, external_id, body, changed_at)


def _link(item: MappedItem, stream: str, external_id: str, scene: Scene) -> StatedItem | None:
    party = item.parties()[0]
    other = first_text(party.id, scene)
    if other is None or (other, party.stream) == (external_id, stream):
        return None
    body = {"left": [stream, external_id], "right": [party.stream, tidy_id(other)]}
    return StatedItem("link", stream, f"{external_id} = {party.stream} {tidy_id(other)}", body)


def _fields(item: MappedItem, scene: Scene, currency: str | None) -> dict[str, Any]:
    known = fields_of(item.target)
    fields: dict[str, Any] = {}
    for name, place in item.fields.items():
        field = known.get(name)
        value: Any
        if name == "organisation_ref":
            value = _reference(place, scene)
        elif name == "due_at":
            value = read_due(place, scene)
        elif name.endswith("_at"):
            value = read_instant_at(place, scene, name)
        elif name == "status" and item.target not in _WITH_STATUS_WORDS:
            value = (first_text(place, scene) or "").lower() or None
        elif field is not None:
            value = read_field(field, place, scene, currency)
        else:
            value = _plain(read_values(place, scene))
        if value is not None:
            fields[name] = value
    if item.target == "subscription" and fields.get("status") == "overdue":
        fields["status"] = "past_due"
    return fields


def _reference(place: Place, scene: Scene) -> dict[str, str] | None:
    """The organisation's record: its stream stands before a colon (`prefix: "companies:"`)."""
    text = first_text(place, scene)
    if text is None:
        return None
    stream, colon, external_id = text.rpartition(":")
    return {"stream": stream if colon else "organisations", "id": tidy_id(external_id)}


def _plain(values: list[Any]) -> Any:  # noqa: ANN401 - any JSON value
    if not values:
        return None
    return values[0] if len(values) == 1 else values


def _interaction_fields(item: MappedItem, scene: Scene, default: str | None) -> dict[str, Any]:
    currency = first_text(item.currency, scene) or first_text(item.fields.get("currency", []), scene)
    code = read_mapped_currency(currency, "currency") if currency else default
    fields = _fields(item, scene, code or "EUR")
    if "amount" not in fields and (price := fields.get("unit_price")) is not None:
        fields["amount"] = multiply(price, fields.get("quantity", "1"))
    if "amount" in fields:
        if code is None:
            raise RejectedValueError(
                "currency", "no_currency", "the record names no currency for its amount;"
                " map the place that holds it, or set the default currency of the source"
            )  # fmt: skip
        fields["currency"] = code
    elif "currency" in item.fields and code:
        fields["currency"] = code
    if item.target == "consent":
        fields = {"purpose": "marketing", "channel": "email"} | fields
    return fields


def _party(item: MappedItem, scene: Scene) -> dict[str, str] | None:
    for party in item.parties():
        text = first_text(party.id, scene)
        if text is not None:
            return {"stream": party.stream, "id": tidy_id(text)}
    return None


def holds(condition: Condition, scene: Scene) -> bool:
    """Whether a condition is met."""
    if condition.same_as or condition.unlike:
        return _compares(condition, scene)
    found = read_path(condition.path, scene.element, scene.root)
    texts = [plain_text(value) if plain_text(value) is not None else json.dumps(value) for value in found]
    if condition.empty:
        return not texts
    if condition.is_:
        return any(text in condition.is_ for text in texts)
    if condition.not_:
        return not any(text in condition.not_ for text in texts)
    return bool(texts)


def _compares(condition: Condition, scene: Scene) -> bool:
    text = (first_text(condition.path, scene) or "").casefold()
    if condition.same_as and text != fill_template(condition.same_as, scene).casefold():
        return False
    return not condition.unlike or not text or text != fill_template(condition.unlike, scene).casefold()


def _renamed(item: MappedItem, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept unmapped must never pass for a field that it was not mapped to."""
    known = {*fields_of(item.target), "lines"}
    taken = known | set(item.fields)
    return {(f"{name} (unmapped)" if name in taken else name): value for name, value in extra.items()}


def _join(first: StatedItem, second: StatedItem) -> StatedItem:
    if first.family == "link":
        return first
    fields = {**second.body["fields"], **first.body["fields"]}
    return replace(first, body=first.body | {"fields": fields})
