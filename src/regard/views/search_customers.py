"""Finds customers: by identifiers exactly, by numbers of orders and the like, by name with typing errors."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from regard.access.decide_policy import Policy
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.identity.fold_text import fold
from regard.identity.identity_record import Identifier
from regard.identity.normalise_fields import normalise_query
from regard.kit.errors import RegardError

_queries = NamedQueries(__package__, "views.sql")
LONGEST = 200
MOST = 100
_DEEPEST = 500
# Among at most so many the nearest names are sought; half as many are enough for the deepest page.
_CANDIDATES = 2 * (_DEEPEST + MOST)
# So many are ranked where names are so equal that demanding more leaves too few.
_CROWD = 5_000
_HALVINGS = 4
_WORDS_SOUGHT = 3
_SHORTEST_NAME = 2
_TRIGRAM = 3
# Names as short as this are not taken for a misspelling of another.
_LONGEST_UNMISTAKABLE = 3
# Share of trigrams that a name must have in common with what was typed (word_similarity of pg_trgm).
_ALIKE = 0.5
# So many rows of the change feed are read, then so many, before the profiles themselves are sorted.
_FEED_ROWS = (2_000, 50_000)
_NUMBERED = ("order", "invoice", "ticket", "payment", "refund", "subscription", "deal")
_FIELD_OF = {"phone_tail": "phone", "device_id": "anonymous_id"}
_WORDS = {
    "email": "email, exact", "phone": "phone, exact", "phone_tail": "phone, last digits",
    "account_id": "account number, exact", "government_id": "government id, exact", "handle": "handle, exact",
    "user_id": "user id, exact", "device_id": "browser id, exact", "domain": "domain, exact",
    "external_id": "id at a source, exact",
}  # fmt: skip
# A national number without its country has at least so many digits; fewer would be a part of one.
_FULL_NUMBER = 7


class BadSearchError(RegardError):
    """A search that cannot be run."""

    code = "bad_search"
    status = 422


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that was found, and why, in words; None where nothing was searched for."""

    customer_id: UUID
    matched: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, the cursor of the next page, and what was searched, in words."""

    hits: list[Hit]
    following: str | None
    searched: list[str]


async def search_customers(
    connection: Connection, policy: Policy, text: str, limit: int, cursor: str | None
) -> Found:
    """Search as far as the role may: names only if it sees names, identifiers by their full value only."""
    typed = "".join(c for c in text[: LONGEST * 2] if c.isprintable()).strip()[:LONGEST]
    limit = max(1, min(limit, MOST))
    if not typed:
        return await _list_latest(connection, limit, cursor)
    skip = _read_number(cursor) if cursor else 0
    hits: dict[UUID, Hit] = {}
    searched: list[str] = []
    if not skip:
        for hit in await _by_identifier(connection, policy, typed, limit, searched):
            hits.setdefault(hit.customer_id, hit)
        for hit in await _by_number(connection, policy, typed, limit, searched):
            hits.setdefault(hit.customer_id, hit)
    following = None
    if policy.shows("name") and policy.shows("organisation") and _looks_like_a_name(typed):
        searched.append("name")
        named = await _by_name(connection, typed, skip, limit + 1)
        if len(named) > limit and skip + limit < _DEEPEST:
            following = str(skip + limit)
        for hit in named[:limit]:
            hits.setdefault(hit.customer_id, hit)
    return Found(list(hits.values()), following, searched)


async def _by_identifier(
    connection: Connection, policy: Policy, typed: str, limit: int, searched: list[str]
) -> list[Hit]:
    wanted = [one for one in normalise_query(typed) if _may_look_up(policy, one)]
    if not wanted:
        return []
    searched += sorted({_words(one.type).partition(",")[0] for one in wanted} - set(searched))
    rows = await connection.fetch(
        _queries["search_identifiers"],
        [one.type for one in wanted],
        [one.authority for one in wanted],
        [one.value for one in wanted],
        _national_digits(typed),
        limit,
    )
    return [Hit(row["customer_id"], _words(row["type"])) for row in rows]


async def _by_number(
    connection: Connection, policy: Policy, typed: str, limit: int, searched: list[str]
) -> list[Hit]:
    types = [type_ for type_ in _NUMBERED if policy.shows_entry(type_, "number")]
    number = typed.lstrip("#").strip()
    if not types or not number or not any(c.isdigit() for c in number):
        return []
    searched += types
    rows = await connection.fetch(_queries["search_numbers"], number, types, limit)
    return [Hit(row["customer_id"], f"{row['type']} {row['number']}") for row in rows]


async def _by_name(connection: Connection, typed: str, skip: int, limit: int) -> list[Hit]:
    folded = fold(typed)
    words = sorted(folded.split(), key=len, reverse=True)[:_WORDS_SOUGHT]
    if len(folded) < _SHORTEST_NAME:
        return []
    patterns = [pattern for word in words for pattern in _patterns(word)]
    patterns += ["%"] * (2 * _WORDS_SOUGHT - len(patterns))

    async def containing(alike: float, most: int) -> list[UUID]:
        await connection.execute(_queries["prepare_name_search"], str(alike))
        asked = folded, *patterns, most, alike == 0
        return [
            row["customer_id"] for row in await connection.fetch(_queries["search_names_containing"], *asked)
        ]

    async def resembling(alike: float, most: int) -> list[UUID]:
        await connection.execute(_queries["prepare_name_search"], str(alike))
        rows = await connection.fetch(_queries["search_names_alike"], folded, most)
        return [row["customer_id"] for row in rows]

    async with connection.transaction():
        # Two or three letters are about equally near to all the names they begin.
        tellable = len(folded) > _LONGEST_UNMISTAKABLE
        near = await (_nearest(containing, 0) if tellable else containing(0, _CANDIDATES))
        hits = {found: Hit(found, "name") for found in near}
        if len(hits) < skip + limit and tellable:
            for found in await _nearest(resembling, _ALIKE):
                hits.setdefault(found, Hit(found, "name, alike"))
    return list(hits.values())[skip : skip + limit]


async def _nearest(search: Callable[[float, int], Awaitable[list[UUID]]], loosest: float) -> list[UUID]:
    """The nearest names, best first.

    `search` ranks what is at least so alike, but no more than so many, and which ones is chance. So the
    demand is raised by halves until all that fit can be ranked, and they are enough.
    """
    found = await search(loosest, _CANDIDATES + 1)
    if len(found) <= _CANDIDATES:
        return found
    crowded, sparse = loosest, 1.0
    nearest: list[UUID] = []
    for _ in range(_HALVINGS):
        middle = (crowded + sparse) / 2
        found = await search(middle, _CANDIDATES + 1)
        if len(found) > _CANDIDATES:
            crowded = middle
            continue
        sparse, nearest = middle, found
        if 2 * len(found) >= _CANDIDATES:
            return nearest
    rest = await search(crowded, _CROWD)
    return list(dict.fromkeys([*nearest, *rest]))[:_CANDIDATES]


def _patterns(word: str) -> tuple[str, str]:
    """Two patterns of which one must fit: anywhere for words the index knows, else at the start of a word."""
    escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    if len(word) >= _TRIGRAM:
        return f"%{escaped}%", f"%{escaped}%"
    return f"{escaped}%", f"% {escaped}%"


async def _list_latest(connection: Connection, limit: int, cursor: str | None) -> Found:
    before = _read_number(cursor) if cursor else None
    rows: list[Record] = []
    for most in _FEED_ROWS:
        rows = await connection.fetch(_queries["list_latest"], before, limit + 1, most)
        if len(rows) > limit:
            break
    else:
        rows = await connection.fetch(_queries["list_by_version"], before, limit + 1)
    following = str(rows[limit - 1]["version"]) if len(rows) > limit else None
    hits = [Hit(row["customer_id"], None) for row in rows[:limit]]
    return Found(hits, following, ["the latest changes"])


def _may_look_up(policy: Policy, identifier: Identifier) -> bool:
    field = _FIELD_OF.get(identifier.type, identifier.type)
    return policy.decide(field).action != "hide"


def _national_digits(typed: str) -> str:
    """The digits of a telephone number as dialled at home, without the leading zero; '' when too few."""
    digits = re.sub(r"\D", "", typed).lstrip("0")
    return digits if len(digits) >= _FULL_NUMBER else ""


def _looks_like_a_name(typed: str) -> bool:
    return "@" not in typed and any(c.isalpha() for c in typed)


def _words(type_: str) -> str:
    return _WORDS.get(type_, f"{type_.replace('_', ' ')}, exact")


def _read_number(cursor: str) -> int:
    if not cursor.isdigit() or len(cursor) > 18:
        raise BadSearchError("`cursor` is not one that this search gave; leave it out to begin anew")
    return int(cursor)
