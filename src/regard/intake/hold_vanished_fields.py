"""Keeps what is known of customers when a field vanishes from a stream: its records wait for a person.

See decision 0022.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.describe_stream_mapping import StreamMapping, places_of
from regard.connectors.mapping.map_record import mapped_places
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.intake.translate_raw_records import NumberedMapping
from regard.kit.tell_dates import tell_moment

QUERIES = NamedQueries(__package__, "vanished_fields.sql")
HELD = -1
"""The mapping of a record that waits: none has read this state of it."""
# Fewer records are no habit; and so few that wait may each have lost a field of their own.
_HABIT = 20
MOST_COUNTED = 10_000
"""More waiting records than this are not counted."""


@dataclass(slots=True)
class FieldWatch:
    """Mapped places that every record of a stream has had, and those that records wait for already."""

    constant: Mapping[str, frozenset[str]] = field(default_factory=dict)
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lost(self, record: RawRecord) -> set[str]:
        """The places that a record lacks altogether although all others had them."""
        body = record.body
        if body is None:
            return set()
        watched = self.constant.get(record.stream, frozenset()) | self.held.get(record.stream, frozenset())
        return {place for place in watched if lacks(body, place)}

    def outcome(self, records: Sequence[RawRecord], waiting: Collection[str]) -> Iterator[Outcome]:
        """What a batch tells of each stream; `waiting` are ids (stream and id) of its records that wait.

        A field that another record has after one that lacked it is not gone from the stream.
        """
        for stream in {record.stream for record in records}:
            missing: set[str] = set()
            back: set[str] = set()
            held = self.held.get(stream, frozenset())
            for record in records:
                if record.stream != stream or record.body is None:
                    continue
                lost = self.lost(record)
                back |= {place for place in (held | missing) - lost if not lacks(record.body, place)}
                if f"{stream}\n{record.external_id}" in waiting:
                    missing |= lost
                    back -= lost
            if missing or back:
                yield Outcome(stream, frozenset(missing), frozenset(back))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one stream: what records lack that wait now, and what of it others have all the same."""

    stream: str
    missing: frozenset[str]
    back: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hold:
    """A stream that lost fields; `waiting` records keep what they said before.

    `waiting` beyond `MOST_COUNTED` only says that there are more.
    """

    source: str
    stream: str
    places: tuple[str, ...]
    since: datetime
    waiting: int

    @property
    def sentence(self) -> str:
        """What happened and what to do."""
        names = ", ".join(f"“{place}”" for place in self.places)
        fields, their = ("field", "its") if len(self.places) == 1 else ("fields", "their")
        waiting = "1 record waits" if self.waiting == 1 else f"{self._number} records wait"
        return (
            f"{self.stream}: {fields} {names} vanished on {tell_moment(self.since)}; known values are"
            f" kept and {waiting}. Map what took {their} place beside the old one, or go on without."
        )


    @property
    def _number(self) -> str:
        return str(self.waiting) if self.waiting <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"


async def read_watch(
    connection: Connection, source: str, streams: Collection[str], mappings: Mapping[str, NumberedMapping]
) -> FieldWatch:
    """What to look for in records of these streams."""
    mapped = {
        stream: read_places(one.mapping)
        for stream in streams
        if (one := mappings.get(stream)) is not None and one.mapping is not None
    }
    constant: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    if mapped:
        rows = await connection.fetch(QUERIES["read_constant_places"], source, list(mapped), _HABIT)
        for row in rows:
            if row["place"] in mapped[row["stream"]]:
                (held if row["held"] else constant).setdefault(row["stream"], set()).add(row["place"])
    return FieldWatch(_frozen(constant), _frozen(held))


async def keep_holds(
    connection: Connection,
    source: str,
    watch: FieldWatch,
    records: Sequence[RawRecord],
    waiting: Collection[str],
    now: datetime,
) -> None:
    """Have records wait for fields that are gone, or go on where only few had lost them by themselves."""
    for told in watch.outcome(records, waiting):
        if told.missing:
            await connection.execute(QUERIES["hold_places"], source, told.stream, sorted(told.missing), now)
        if told.back:
            count = await connection.fetchval(QUERIES["count_waiting"], source, told.stream, _HABIT)
            if count < _HABIT:
                await connection.execute(QUERIES["release_places"], source, told.stream, sorted(told.back))


async def release_unmapped(connection: Connection, source: str, mapping: StreamMapping) -> None:
    """What a newer mapping no longer reads, or reads beside another place, is not waited for."""
    settled = sorted(await read_held(connection, source, mapping.stream) - _needed(mapping))
    if settled:
        await connection.execute(QUERIES["release_places"], source, mapping.stream, settled)


async def read_held(connection: Connection, source: str, stream: str) -> set[str]:
    """The places that records of a stream wait for."""
    return set(await connection.fetchval(QUERIES["read_held"], source, stream) or ())


async def give_up(
    connection: Connection, source: str, stream: str, places: Collection[str], now: datetime, by: str
) -> None:
    """Go on without these fields of a stream, in the caller's transaction: nothing waits for them."""
    await connection.execute(QUERIES["give_up_places"], source, stream, list(places), now, by)
    await connection.execute(QUERIES["release_places"], source, stream, list(places))


async def list_holds(connection: Connection, source: str | None = None) -> list[Hold]:
    """The streams of a source, or of all, of which records wait."""
    return [
        Hold(row["source"], row["stream"], tuple(row["held_places"]), row["held_since"], row["waiting"])
        for row in await connection.fetch(QUERIES["list_holds"], source, MOST_COUNTED + 1)
    ]


async def keep_mapped(
    connection: Connection, found: Collection[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Those of some (source, stream, place) that a mapping reads, and no other place beside them."""
    mappings = await _mappings_of(connection, found)
    read = {stream: _needed(mapping) for stream, mapping in mappings.items()}
    return {one for one in found if one[2] in read.get(one[:2], ())}


async def keep_settled(
    connection: Connection, found: Collection[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Those of some (source, stream, place) that a mapping reads or leaves out, or what they lie in."""
    mappings = await _mappings_of(connection, found)
    known = {stream: mapped_places(mapping) for stream, mapping in mappings.items()}
    return {
        one for one in found
        if any(f"{one[2]}.".startswith(f"{place}.") for place in known.get(one[:2], ()))
    }  # fmt: skip


async def _mappings_of(
    connection: Connection, found: Collection[tuple[str, str, str]]
) -> dict[tuple[str, str], StreamMapping]:
    streams = sorted({(source, stream) for source, stream, _ in found})
    rows = await connection.fetch(
        QUERIES["read_mappings_of"], [source for source, _ in streams], [stream for _, stream in streams]
    )
    return {
        (row["source"], row["stream"]): msgspec.json.decode(row["mapping"], type=StreamMapping)
        for row in rows
    }


def read_places(mapping: StreamMapping) -> set[str]:
    """The places that mean something; what is left out on purpose may come and go."""
    return mapped_places(msgspec.structs.replace(mapping, skip=[]))


def _needed(mapping: StreamMapping) -> set[str]:
    """Places without which something could not be said: no other place of the field stands in for them."""
    replaceable = {
        path
        for item in mapping.items
        for place in item.fields.values()
        if len(paths := set(places_of(place))) > 1
        for path in paths
    }
    alone = {
        path
        for item in mapping.items
        for place in item.fields.values()
        if len(paths := set(places_of(place))) == 1
        for path in paths
    }
    return (read_places(mapping) - replaceable) | alone


def lacks(body: Mapping[str, Any], place: str) -> bool:
    """Whether the key is not there at all; one without a value is there."""
    value: Any = body
    for step in place.split("."):
        if not isinstance(value, Mapping):
            return False
        if step not in value:
            return True
        value = value[step]
    return False


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {stream: frozenset(places) for stream, places in found.items()}
