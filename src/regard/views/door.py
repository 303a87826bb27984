"""THE DOOR: every byte of customer data leaves through here, redacted for the role and written down first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from regard.access.audit_reads import AuditWriter
from regard.access.load_roles import Role
from regard.access.sign_in import TokenHasher
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.identity.keep_models import ModelShelf
from regard.kit.clock import Clock
from regard.views.compose_entry import compose_entry_detail
from regard.views.compose_export import MOST_ENTRIES, compose_export
from regard.views.compose_provenance import compose_provenance
from regard.views.compose_results import compose_csv, compose_results
from regard.views.compose_timeline import PAGE, compose_timeline, filter_types, read_place
from regard.views.compose_view import compose_view
from regard.views.customer_data import RawEntry, decode_customer, decode_entries, decode_golden
from regard.views.door_gate import Answer, Asked, Gate, etag_of, read_uuid
from regard.views.file_door import FileDoor
from regard.views.identity_door import IdentityDoor
from regard.views.plan_desktop import DesktopPlan
from regard.views.read_changes import read_changes
from regard.views.redact_values import Redactor
from regard.views.row_door import RowDoor
from regard.views.search_customers import Found, search_customers
from regard.views.show_scene import Scene

_queries = NamedQueries(__package__, "views.sql")
_encode = msgspec.json.Encoder(uuid_format="canonical").encode
_ACCESSES_OF = timedelta(days=30)
_CSV_ROWS = 1_000
_CHANGES = 200


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """What a live stream may say: ids, versions, and which of the role's blocks changed."""

    plan: DesktopPlan

    def changed_cards(self, kinds: frozenset[str]) -> list[str]:
        """The blocks to ask for anew; empty when the role sees nothing of this change."""
        return self.plan.changed_cards(kinds)


class Door:
    """Reads, redacts, audits, and only then answers."""

    def __init__(
        self, pool: Pool, clock: Clock, audit: AuditWriter, hasher: TokenHasher, models: ModelShelf
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._gate = Gate(pool, clock, audit, hasher)
        self.identity = IdentityDoor(pool, self._gate, models)
        self.files = FileDoor(self._gate)
        self.rows = RowDoor(pool, self._gate)

    async def note_act(self, asked: Asked, action: str, what: str) -> None:
        """Write down that somebody does something to a source as a whole; return once that is durable."""
        await self._gate.note_act(asked, action, what)

    async def view(self, asked: Asked, customer_id: str) -> Answer:
        """The whole screen of a customer for the caller's role."""
        role, plan = await self._gate.admit(asked, "view")
        scene = await self._scene(asked, role, plan, customer_id, "view")
        # The moment of reading is no content: the same content at another moment has the same tag.
        content = _encode(compose_view(scene, plan))
        await self._gate.write_down(asked, "view", scene.redactor, scene.data.id)
        moment = b'"as_of":"%s"' % scene.now.replace(microsecond=0).isoformat().encode()
        body = content.replace(b'"as_of":null', moment, 1)
        return Answer(body, etag_of(role, content), customer_id=scene.data.id)

    async def timeline(
        self, asked: Asked, customer_id: str, filter_name: str | None, before: str | None, limit: int
    ) -> Answer:
        """A page of the timeline; rows of orders and tickets do not come twice."""
        role, plan = await self._gate.admit(asked, "timeline")
        name, place = filter_name or plan.filter, read_place(before)
        types, limit = filter_types(name, role.policy.types), max(1, min(limit, 4 * PAGE))
        at, after = (place.at, place.entry_id) if place else (None, None)
        known = await self._gate.known_id(asked, role, customer_id, "timeline")
        row = await self._pool.fetchrow(_queries["read_timeline_page"], known, types, at, after, limit)
        if row is None:
            raise await self._gate.unknown(asked, role, "timeline")
        entries, shown = decode_entries(row["entries"]), frozenset[str]()
        themes = sorted({entry.theme for entry in entries if entry.theme})
        if place and themes:
            rows = await self._pool.fetch(_queries["find_shown_threads"], known, types, at, after, themes)
            shown = frozenset(row["thread"] for row in rows)
        redactor = await self._gate.redactor(role)
        page = _encode(compose_timeline(redactor, entries, name, limit, shown))
        await self._gate.write_down(asked, "timeline", redactor, row["customer_id"], len(entries))
        return Answer(page, etag_of(role, page))

    async def entry(self, asked: Asked, customer_id: str, entry_id: str) -> Answer:
        """One interaction in detail."""
        role, _ = await self._gate.admit(asked, "entry")
        known, wanted = await self._gate.known_id(asked, role, customer_id, "entry"), read_uuid(entry_id)
        types = sorted(role.policy.types)
        row = await self._pool.fetchrow(_queries["read_entry"], known, wanted, types) if wanted else None
        found = decode_entries(row["entry"]) if row else []
        if row is None or not found or found[0].type not in role.policy.types:
            raise await self._gate.unknown(asked, role, "entry")
        redactor = await self._gate.redactor(role)
        detail = compose_entry_detail(redactor, found[0], decode_entries(row["children"]))
        await self._gate.write_down(asked, "entry", redactor, row["customer_id"])
        return Answer(_encode(detail))

    async def provenance(self, asked: Asked, customer_id: str, field: str) -> Answer:
        """Where a value is from."""
        role, _ = await self._gate.admit(asked, "provenance")
        known = await self._gate.known_id(asked, role, customer_id, "provenance")
        row = await self._pool.fetchrow(_queries["read_golden"], known)
        if row is None:
            raise await self._gate.unknown(asked, role, "provenance")
        redactor = await self._gate.redactor(role)
        answer = _encode(compose_provenance(redactor, decode_golden(row["golden"]), field))
        await self._gate.write_down(asked, "provenance", redactor, row["customer_id"])
        return Answer(answer)

    async def search(self, asked: Asked, text: str, limit: int, cursor: str | None) -> Answer:
        """Customers that fit a text, or those that changed last."""
        role, _ = await self._gate.admit(asked, "search")
        redactor = await self._gate.redactor(role)
        async with self._pool.acquire() as connection:
            found, rows = await _find(connection, role, text, limit, cursor)
        answer = _encode(compose_results(redactor, found, rows))
        await self._gate.write_down(asked, "search", redactor, None, len(rows), text)
        return Answer(answer)

    async def search_csv(self, asked: Asked, text: str) -> Answer:
        """The first thousand customers that fit, as a table for spreadsheets."""
        role, _ = await self._gate.admit(asked, "export_list", "export")
        redactor = await self._gate.redactor(role)
        ids: list[UUID] = []
        cursor: str | None = None
        async with self._pool.acquire() as connection:
            while len(ids) < _CSV_ROWS:
                found = await search_customers(connection, role.policy, text, 100, cursor)
                ids += [hit.customer_id for hit in found.hits]
                cursor = found.following
                if cursor is None:
                    break
            ids = list(dict.fromkeys(ids))[:_CSV_ROWS]
            rows = await connection.fetch(_queries["read_hits"], ids)
        table = compose_csv(redactor, ids, rows)
        await self._gate.write_down(asked, "export_list", redactor, None, len(rows), text)
        return Answer(table.encode("utf-8-sig"), media_type="text/csv; charset=utf-8")

    async def export(self, asked: Asked, customer_id: str) -> Answer:
        """Everything the role may see of a customer."""
        role, plan = await self._gate.admit(asked, "export", "export")
        scene = await self._scene(asked, role, plan, customer_id, "export")
        entries = await self._all_entries(scene.data.id, sorted(role.policy.types))
        complete = len(entries) < MOST_ENTRIES
        answer = _encode(compose_export(scene, entries, complete=complete))
        await self._gate.write_down(asked, "export", scene.redactor, scene.data.id, len(entries))
        return Answer(answer)

    async def stream_filter(self, asked: Asked) -> StreamFilter:
        """What the caller's live stream may say; raises for a role that sees no customers."""
        _, plan = await self._gate.admit(asked, "stream")
        return StreamFilter(plan)

    async def current_ids(self, asked: Asked, customer_ids: Sequence[str]) -> dict[UUID, UUID]:
        """The customers that these ids name today; ids that name none are left out."""
        await self._gate.admit(asked, "stream")
        wanted = [known for one in customer_ids if (known := read_uuid(one))]
        rows = await self._pool.fetch(_queries["resolve_customers"], wanted)
        return {row["record_id"]: row["customer_id"] for row in rows}

    async def _scene(
        self, asked: Asked, role: Role, plan: DesktopPlan, customer_id: str, action: str
    ) -> Scene:
        known = await self._gate.known_id(asked, role, customer_id, action)
        now = self._clock.now()
        row = await self._pool.fetchrow(
            _queries["open_customer"], known, plan.types, plan.filter_types, plan.entries_per_type, PAGE,
            "accesses" in plan.needs, now - _ACCESSES_OF,
            "household" in plan.needs,
        )  # fmt: skip
        if row is None:
            raise await self._gate.unknown(asked, role, action)
        titles = await self._gate.sources.titles(now)
        data = decode_customer(row)
        if "changes" in plan.needs:
            data.changes = await read_changes(self._pool, data.record_ids, _CHANGES)
        return Scene(data, role, Redactor(role.policy, titles), titles, now)

    async def _all_entries(self, customer_id: UUID, types: list[str]) -> list[RawEntry]:
        row = await self._pool.fetchrow(
            _queries["read_timeline_page"], customer_id, types, None, None, MOST_ENTRIES
        )
        return decode_entries(row["entries"]) if row else []


async def _find(
    connection: Connection, role: Role, text: str, limit: int, cursor: str | None
) -> tuple[Found, list[asyncpg.Record]]:
    found = await search_customers(connection, role.policy, text, limit, cursor)
    ids = [hit.customer_id for hit in found.hits]
    return found, await connection.fetch(_queries["read_hits"], ids)
