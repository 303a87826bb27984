"""Proposes items for the lists inside a record: the lines of an order, the messages of a ticket."""

from __future__ import annotations

from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.build_fields import build_fields
from regard.connectors.mapping.choose_stream_times import choose_stream_times
from regard.connectors.mapping.describe_stream_mapping import MappedItem, Place, Value, places_of
from regard.connectors.mapping.match_places import headings_of_interaction, match_places, without_dots
from regard.connectors.mapping.survey_bodies import BodySurvey

# Last words of a list's name -> what its elements are, for records of which the target is in the second part.
_LISTS: tuple[tuple[frozenset[str], frozenset[str], str], ...] = (
    (frozenset({"lines", "items", "positions", "products", "entries", "details", "positionen", "cart"}),
     frozenset({"order", "invoice", "subscription"}), "order_line"),
    (frozenset({"messages", "comments", "replies", "conversation", "conversations", "parts", "followups",
                "set", "notes", "articles", "posts", "thread"}),
     frozenset({"ticket", "deal"}), "message"),
    (frozenset({"payments", "transactions", "charges"}), frozenset({"order", "invoice"}), "payment"),
    (frozenset({"refunds", "returns"}), frozenset({"order", "invoice", "payment"}), "refund"),
)  # fmt: skip


def propose_sublists(survey: BodySurvey, first: MappedItem) -> list[MappedItem]:
    """An item for each list whose name and whose record tell what its elements are."""
    found = []
    for path, elements in survey.lists.items():
        words = normalise_words(path).split()
        for names, targets, target in _LISTS:
            if words and words[-1] in names and first.target in targets:
                found.append(_propose(path, elements, target, first))
                break
    return found


def _propose(path: str, elements: BodySurvey, target: str, first: MappedItem) -> MappedItem:
    places = list(elements.places.values())
    occurred, updated = choose_stream_times(places, target, headings_of_interaction)
    places = [place for place in places if place.path not in (occurred, updated)]
    parent = {"order_line": "order", "message": "ticket"}.get(target, "order")
    found = match_places(
        places, elements.total, without_dots(fields_of(target), (parent, "action")), headings_of_interaction
    )
    kept = build_fields(found, target, elements)
    _follow(kept, first, elements)
    coin = kept.pop("currency", None)
    kept[parent] = "$.#id"
    return MappedItem(
        target, _own_id(elements), stream=f"{_tail(path)}", each=path, occurred_at=occurred or [],
        updated_at=updated or [], currency=coin or _from_root(first.currency), fields=kept,
    )  # fmt: skip


def _follow(kept: dict[str, Place], first: MappedItem, elements: BodySurvey) -> None:
    """Whole numbers in the lines are cents where those of the record are; left out where nobody can tell."""
    whole = first.fields.get("amount")
    for name in ("amount", "unit_price"):
        place = kept.get(name)
        if not isinstance(place, str) or not elements.places[place].whole_numbers:
            continue
        if isinstance(whole, Value) and whole.form == "minor_units":
            kept[name] = Value(path=place, form="minor_units")
        elif whole is None and places_of(first.currency):
            del kept[name]


def _own_id(elements: BodySurvey) -> Place:
    """The element's own id behind that of the record, else its number in the list."""
    place = elements.places.get("id")
    if place is not None and len(set(place.values)) == len(place.values) == elements.total:
        return Value(template="{$.#id}-{id}")
    return Value(template="{$.#id}-{#n}")


def _from_root(place: Place) -> Place:
    paths = [] if isinstance(place, Value) else places_of(place)
    return [f"$.{path}" for path in paths]


def _tail(path: str) -> str:
    return path.rpartition(".")[2].strip('"')[:80]
