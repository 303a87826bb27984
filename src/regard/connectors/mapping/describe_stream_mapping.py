"""The mapping of a stream: which parties and interactions a raw record states. Plain data, edited by people.

Written as YAML or JSON. A mapping names items; each item names a target (`person`, `organisation`, a type of
interaction, or `link` for two records that the source's own staff merged), where its id is, and where each
field is. A place is a path into the record: `email`, `billing.address.city`, `lines[*].sku`, `phones[0]`,
`phones[type=mobile].number`; inside an item with `each`, `$.` begins at the record itself and `@` is the
element. `#id` is the record's own id as its source calls it, `#n` the number of an element in its list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from regard.connectors.files.describe_mapping import UnusableMappingError
from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of
from regard.connectors.mapping.read_paths import Path, PathError, parse_path
from regard.events.interaction_events import InteractionType

LINK = "link"
TARGETS: tuple[str, ...] = (*PARTY_TARGETS, *get_args(InteractionType), LINK)
Form = Literal[
    "text", "minor_units", "html", "lower", "day", "negative", "absolute", "count", "milliseconds",
    "calling_code",
]  # fmt: skip
_PRICES = ("amount", "unit_price")


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a value comes from when a path alone does not say it.

    `path`: one or several places, the first filled one counts (all of them for fields that hold several).
    `const`: always this. `template`: text with `{path}` in it, nothing when every place is empty. `join`: the
    filled ones of several places with `between` between them (a phone number in parts).
    `split` cuts a text into several values; `before` leaves what stands before a sign, `after` what stands
    behind its last occurrence (the id at the end of an address), a sign at the very end not counted.
    `starts`, `contains` and `at_least` let only values count that begin so, have that in them, or have so
    many characters (a number from outside).
    `as`: how it is written: `minor_units` (cents), `html` (to text), `lower`, `day` (of a time),
    `negative`, `absolute` (a number's sign), `count` (how many), `milliseconds` (to seconds), `calling_code`
    (a country's, as +44 however it is written).
    `words`: translations of single words, `*` for any other. `prefix` is put before a filled value.
    """

    path: str | list[str] = []
    const: str | None = None
    template: str | None = None
    join: list[Place] = []
    between: str = " "
    split: str = ""
    before: str = ""
    after: str = ""
    starts: str = ""
    contains: str = ""
    at_least: int = 0
    form: Form = msgspec.field(default="text", name="as")
    words: dict[str, str] = {}
    prefix: str = ""

    def places(self) -> list[str]:
        """The paths that are read."""
        listed = [self.path] if isinstance(self.path, str) else list(self.path)
        listed += [path for place in self.join for path in places_of(place)]
        return listed + (template_places(self.template) if self.template else [])


Place = str | list[str | Value] | Value


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """True when the value at `path` is one of `is`, or none of `not`; with neither, when it is filled.

    `same_as` and `unlike` compare with a template instead, capital letters aside; what is empty is unlike.
    """

    path: str
    is_: list[str] = msgspec.field(default_factory=list, name="is")
    not_: list[str] = msgspec.field(default_factory=list, name="not")
    empty: bool = False
    same_as: str = ""
    unlike: str = ""

    def places(self) -> list[str]:
        """The paths that are read."""
        return [self.path, *template_places(self.same_as), *template_places(self.unlike)]


class PartyPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose an interaction is, or into whom a record was merged: a record of that stream with that id."""

    stream: str
    id: Place


class MappedItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that a raw record states; `each` states one for every element of a list.

    `split` cuts texts of that list, or a text instead of a list, into elements at a sign.

    `when` must hold for the item to be there at all; `gone` says that the source deleted it. `keep` puts what
    no item reads beside the fields of this one (the first item does unless it says no).
    """

    target: str
    id: Place
    stream: str = ""
    each: str = ""
    split: str = ""
    when: list[Condition] = []
    gone: list[Condition] = []
    party: PartyPlace | list[PartyPlace] = []
    occurred_at: Place = []
    updated_at: Place = []
    currency: Place = []
    fields: dict[str, Place] = {}
    keep: bool | None = None

    @property
    def is_party(self) -> bool:
        """Whether it states a record of a person or organisation."""
        return self.target in PARTY_TARGETS

    def parties(self) -> list[PartyPlace]:
        """The places of the party, the first filled one counts."""
        return [self.party] if isinstance(self.party, PartyPlace) else list(self.party)


class StreamMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the records of one stream mean. `time_zone` (IANA) is the zone of times that carry none.

    `skip` names places whose content is neither mapped nor kept beside the fields (it stays in the raw body).
    """

    stream: str
    items: list[MappedItem]
    title: str = ""
    time_zone: str = ""
    skip: list[str] = []

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with any part of the mapping."""
        return hashlib.blake2b(msgspec.json.encode(self, order="sorted"), digest_size=8).hexdigest()


def read_stream_mapping(value: object) -> StreamMapping:
    """A mapping from plain data, checked; raises `UnusableMappingError` with place and remedy."""
    try:
        mapping = msgspec.convert(value, StreamMapping)
    except msgspec.ValidationError as error:
        raise UnusableMappingError(f"the mapping does not have its form: {error}") from None
    check_stream_mapping(mapping)
    return mapping


def check_stream_mapping(mapping: StreamMapping) -> None:
    """Raise `UnusableMappingError` when the mapping cannot be followed."""
    if not mapping.stream.strip() or len(mapping.stream) > 100:
        raise UnusableMappingError("the stream needs a name of at most 100 characters, such as customers")
    if mapping.time_zone:
        try:
            ZoneInfo(mapping.time_zone)
        except (KeyError, ValueError, OSError):
            raise UnusableMappingError(
                f"“{mapping.time_zone}” is no time zone of this machine; write one such as Europe/Berlin"
            ) from None
    for number, item in enumerate(mapping.items, 1):
        _check_item(item, f"item {number} ({item.target})")
    for place in mapping.skip:
        _check_path(place, "skip")


def places_of(place: Place) -> list[str]:
    """The paths that a place reads."""
    if isinstance(place, Value):
        return place.places()
    return [place] if isinstance(place, str) else [path for one in place for path in places_of(one)]


def item_places(item: MappedItem) -> Iterator[str]:
    """Every path that an item reads, relative to its element."""
    for place in (item.id, item.occurred_at, item.updated_at, item.currency, *item.fields.values()):
        yield from places_of(place)
    for party in item.parties():
        yield from places_of(party.id)
    for condition in (*item.when, *item.gone):
        yield from condition.places()


def template_places(template: str) -> list[str]:
    """The paths between braces of a template."""
    return [part.split("}", 1)[0] for part in template.split("{")[1:] if "}" in part]


def _check_item(item: MappedItem, where: str) -> None:
    if item.target not in TARGETS:
        raise UnusableMappingError(
            f"{where}: “{item.target}” is no target; choose one of {', '.join(TARGETS)}"
        )
    if not places_of(item.id) and not any(one.const for one in _values_of(item.id)):
        raise UnusableMappingError(f"{where}: no place holds its id; name one, such as id")
    if item.target == LINK:
        if len(item.parties()) != 1:
            raise UnusableMappingError(f"{where}: a link needs one party, the record it was merged into")
        if item.fields:
            raise UnusableMappingError(f"{where}: a link has no fields")
    else:
        _check_fields(item, where)
    for place in (*item_places(item), *([item.each] if item.each else [])):
        _check_path(place, where)


def _check_fields(item: MappedItem, where: str) -> None:
    known = fields_of(item.target)
    for name, place in item.fields.items():
        if not name.strip() or len(name) > 200:
            raise UnusableMappingError(f"{where}: a field's name is blank or beyond 200 characters")
        if name not in _PRICES and any(one.form == "minor_units" for one in _values_of(place)):
            raise UnusableMappingError(f"{where}, {name}: minor_units is for amount and unit_price alone")
    if "amount" in item.fields and "amount" not in known:
        raise UnusableMappingError(f"{where}: a {item.target} has no amount")


def _values_of(place: Place) -> list[Value]:
    """The described ones among the values of a place."""
    return [one for one in (place if isinstance(place, list) else [place]) if isinstance(one, Value)]


def _check_path(place: str, where: str) -> Path:
    try:
        return parse_path(place)
    except PathError as error:
        raise UnusableMappingError(f"{where}: {error}") from None
