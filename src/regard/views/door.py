"""THE DOOR: every byte of customer data leaves through here, redacted for the role and written down first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from regard.access.audit_reads import AuditWriter, Look
from regard.access.load_roles import Role, role_of, shipped_roles
from regard.access.principal import NotAllowedError, Principal
from regard.access.sign_in import TokenHasher
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.identity.keep_models import ModelShelf
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.views.compose_comparison import compose_comparison
from regard.views.compose_doubts import compose_doubts
from regard.views.compose_entry import compose_entry_detail
from regard.views.compose_export import MOST_ENTRIES, compose_export
from regard.views.compose_identity import compose_identity, reasons_of
from regard.views.compose_import import (
    FileLens,
    Json,
    RawRow,
    compose_import,
    compose_import_row,
    list_import,
)
from regard.views.compose_model_differences import compose_model_differences
from regard.views.compose_provenance import compose_provenance
from regard.views.compose_results import compose_csv, compose_results
from regard.views.compose_stream import StreamLens, Uses, compose_profile, compose_stream
from regard.views.compose_timeline import PAGE, compose_timeline, filter_types, read_place
from regard.views.compose_view import compose_view
from regard.views.customer_data import (
    RawEntry,
    decode_customer,
    decode_entries,
    decode_golden,
    decode_judgements,
    decode_records,
)
from regard.views.explain_customer import Explainer
from regard.views.plan_desktop import DesktopPlan, plan_desktop
from regard.views.read_changes import place_of, read_changes
from regard.views.read_doubts import read_doubts
from regard.views.read_model_differences import read_model_differences
from regard.views.redact_values import Redactor
from regard.views.remember_looks import LookMemory
from regard.views.row_door import RowDoor
from regard.views.search_customers import Found, search_customers
from regard.views.show_scene import Scene
from regard.views.source_titles import SourceBook
from regard.views.tell_history import history_rows

_queries = NamedQueries(__package__, "views.sql")
_encode = msgspec.json.Encoder(uuid_format="canonical").encode
_ACCESSES_OF = timedelta(days=30)
_CSV_ROWS = 1_000
_CHANGES = 200
_DOUBTS = 100


class CustomerUnknownError(RegardError):
    """No customer has this id, or none that the caller may see: the same answer for both."""

    code = "customer_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__("there is no customer with this id")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and under which request id."""

    principal: Principal
    request_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Finished bytes; `etag` stands for them and the policy they were made under.

    `customer_id` is the customer of today, whichever of its ids was asked for.
    """

    body: bytes
    etag: str | None = None
    media_type: str = "application/json"
    customer_id: UUID | None = None


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
        self._audit = audit
        self._hasher = hasher
        self._sources = SourceBook(pool)
        self._explainer = Explainer(pool, models)
        self._looks = LookMemory()
        self.rows = RowDoor(pool, clock, audit, self._sources)
        self._plans = {name: plan_desktop(role) for name, role in shipped_roles().items()}

    async def view(self, asked: Asked, customer_id: str) -> Answer:
        """The whole screen of a customer for the caller's role."""
        role, plan = await self._admit(asked, "view")
        scene = await self._scene(asked, role, plan, customer_id, "view")
        # The moment of reading is no content: the same content at another moment has the same tag.
        content = _encode(compose_view(scene, plan))
        await self._write_down(asked, "view", scene.redactor, scene.data.id)
        moment = b'"as_of":"%s"' % scene.now.replace(microsecond=0).isoformat().encode()
        body = content.replace(b'"as_of":null', moment, 1)
        return Answer(body, _etag(role, content), customer_id=scene.data.id)

    async def timeline(
        self, asked: Asked, customer_id: str, filter_name: str | None, before: str | None, limit: int
    ) -> Answer:
        """A page of the timeline; rows of orders and tickets do not come twice."""
        role, plan = await self._admit(asked, "timeline")
        name, place = filter_name or plan.filter, read_place(before)
        types, limit = filter_types(name, role.policy.types), max(1, min(limit, 4 * PAGE))
        at, after = (place.at, place.entry_id) if place else (None, None)
        known = await self._known_id(asked, role, customer_id, "timeline")
        row = await self._pool.fetchrow(_queries["read_timeline_page"], known, types, at, after, limit)
        if row is None:
            raise await self._unknown(asked, role, "timeline")
        entries, shown = decode_entries(row["entries"]), frozenset[str]()
        themes = sorted({entry.theme for entry in entries if entry.theme})
        if place and themes:
            rows = await self._pool.fetch(_queries["find_shown_threads"], known, types, at, after, themes)
            shown = frozenset(row["thread"] for row in rows)
        redactor = await self._redactor(role)
        page = _encode(compose_timeline(redactor, entries, name, limit, shown))
        await self._write_down(asked, "timeline", redactor, row["customer_id"], len(entries))
        return Answer(page, _etag(role, page))

    async def entry(self, asked: Asked, customer_id: str, entry_id: str) -> Answer:
        """One interaction in detail."""
        role, _ = await self._admit(asked, "entry")
        known, wanted = await self._known_id(asked, role, customer_id, "entry"), _uuid(entry_id)
        types = sorted(role.policy.types)
        row = await self._pool.fetchrow(_queries["read_entry"], known, wanted, types) if wanted else None
        found = decode_entries(row["entry"]) if row else []
        if row is None or not found or found[0].type not in role.policy.types:
            raise await self._unknown(asked, role, "entry")
        redactor = await self._redactor(role)
        detail = compose_entry_detail(redactor, found[0], decode_entries(row["children"]))
        await self._write_down(asked, "entry", redactor, row["customer_id"])
        return Answer(_encode(detail))

    async def identity(self, asked: Asked, customer_id: str) -> Answer:
        """Why the records behind the customer are one."""
        role, _ = await self._admit(asked, "identity", "identity")
        known = await self._known_id(asked, role, customer_id, "identity")
        row = await self._pool.fetchrow(_queries["read_identity"], known)
        if row is None:
            raise await self._unknown(asked, role, "identity")
        redactor = await self._redactor(role)
        ids: list[UUID] = row["record_ids"]
        explained = await self._explainer.explain(ids, self._clock.now())
        records, changes = decode_records(row["records"]), await read_changes(self._pool, ids, _CHANGES)
        judgements = decode_judgements(row["judgements"])
        answer = _encode(compose_identity(redactor, explained, records, judgements, changes))
        await self._write_down(asked, "identity", redactor, row["customer_id"], len(records))
        return Answer(answer, _etag(role, answer))

    async def compare(self, asked: Asked, left: str, right: str) -> Answer:
        """Why two records, or two customers by their oldest records, are one or are not."""
        role, _ = await self._admit(asked, "compare", "identity")
        one, two = [await self._known_id(asked, role, record, "compare") for record in (left, right)]
        found = await self._explainer.compare(one, two, self._clock.now())
        if found is None:
            raise await self._unknown(asked, role, "compare")
        redactor = await self._redactor(role)
        answer = _encode(compose_comparison(redactor, found))
        for customer in dict.fromkeys((found.left_customer, found.right_customer)):
            await self._write_down(asked, "compare", redactor, customer)
        return Answer(answer, _etag(role, answer))

    async def changes(self, asked: Asked, customer_id: str, before: str | None, limit: int) -> Answer:
        """What became of the customer: created, merged, split, the newest first."""
        role, _ = await self._admit(asked, "changes", "identity")
        known = await self._known_id(asked, role, customer_id, "changes")
        row = await self._pool.fetchrow(_queries["read_members"], known)
        if row is None:
            raise await self._unknown(asked, role, "changes")
        limit, ids = max(1, min(limit, _CHANGES)), list(row["record_ids"])
        redactor = await self._redactor(role)
        found = await read_changes(self._pool, ids, limit + 1, before)
        explained = await self._explainer.explain(ids, self._clock.now())
        rows = history_rows(redactor, found[:limit], ids, reasons_of(redactor, explained.explanation))
        following = place_of(found[limit - 1]) if len(found) > limit else None
        answer = _encode({"customer": row["customer_id"], "changes": rows, "next": following})
        await self._write_down(asked, "changes", redactor, row["customer_id"], len(rows))
        return Answer(answer, _etag(role, answer))

    async def doubts(self, asked: Asked, limit: int) -> Answer:
        """The pairs of records that a steward should look at, the weightiest first."""
        role, _ = await self._admit(asked, "doubts", "merge")
        redactor = await self._redactor(role)
        found, waiting = await read_doubts(
            self._pool, self._explainer, self._clock.now(), max(1, min(limit, _DOUBTS))
        )
        answer = _encode(compose_doubts(redactor, found, waiting))
        await self._write_down(asked, "doubts", redactor, None, len(found))
        return Answer(answer, _etag(role, answer))

    async def model_differences(
        self, asked: Asked, version: str, kind: str | None, after: int, limit: int
    ) -> Answer:
        """Customers that would be others under these weights; the list of the latest comparison."""
        role, _ = await self._admit(asked, "model_differences", "models")
        redactor = await self._redactor(role)
        found = await read_model_differences(self._pool, version, kind, after, max(1, min(limit, _DOUBTS)))
        answer = _encode(compose_model_differences(redactor, found))
        await self._write_down(asked, "model_differences", redactor, None, len(found.page))
        return Answer(answer, _etag(role, answer))

    async def provenance(self, asked: Asked, customer_id: str, field: str) -> Answer:
        """Where a value is from."""
        role, _ = await self._admit(asked, "provenance")
        known = await self._known_id(asked, role, customer_id, "provenance")
        row = await self._pool.fetchrow(_queries["read_golden"], known)
        if row is None:
            raise await self._unknown(asked, role, "provenance")
        redactor = await self._redactor(role)
        answer = _encode(compose_provenance(redactor, decode_golden(row["golden"]), field))
        await self._write_down(asked, "provenance", redactor, row["customer_id"])
        return Answer(answer)

    async def search(self, asked: Asked, text: str, limit: int, cursor: str | None) -> Answer:
        """Customers that fit a text, or those that changed last."""
        role, _ = await self._admit(asked, "search")
        redactor = await self._redactor(role)
        async with self._pool.acquire() as connection:
            found, rows = await _find(connection, role, text, limit, cursor)
        answer = _encode(compose_results(redactor, found, rows))
        await self._write_down(asked, "search", redactor, None, len(rows), text)
        return Answer(answer)

    async def search_csv(self, asked: Asked, text: str) -> Answer:
        """The first thousand customers that fit, as a table for spreadsheets."""
        role, _ = await self._admit(asked, "export_list", "export")
        redactor = await self._redactor(role)
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
        await self._write_down(asked, "export_list", redactor, None, len(rows), text)
        return Answer(table.encode("utf-8-sig"), media_type="text/csv; charset=utf-8")

    async def export(self, asked: Asked, customer_id: str) -> Answer:
        """Everything the role may see of a customer."""
        role, plan = await self._admit(asked, "export", "export")
        scene = await self._scene(asked, role, plan, customer_id, "export")
        entries = await self._all_entries(scene.data.id, sorted(role.policy.types))
        complete = len(entries) < MOST_ENTRIES
        answer = _encode(compose_export(scene, entries, complete=complete))
        await self._write_down(asked, "export", scene.redactor, scene.data.id, len(entries))
        return Answer(answer)

    async def stream_filter(self, asked: Asked) -> StreamFilter:
        """What the caller's live stream may say; raises for a role that sees no customers."""
        _, plan = await self._admit(asked, "stream")
        return StreamFilter(plan)

    async def current_ids(self, asked: Asked, customer_ids: Sequence[str]) -> dict[UUID, UUID]:
        """The customers that these ids name today; ids that name none are left out."""
        await self._admit(asked, "stream")
        wanted = [known for one in customer_ids if (known := _uuid(one))]
        rows = await self._pool.fetch(_queries["resolve_customers"], wanted)
        return {row["record_id"]: row["customer_id"] for row in rows}

    async def file_import(self, asked: Asked, described: Json) -> Answer:
        """An import with what stands in its file, each column under the rule of the field it becomes.

        A page that asks for the progress again and again is one look in ten minutes.
        """
        lens = FileLens(self._importer(asked), described)
        answer = _encode(compose_import(lens, described))
        await self._write_file_look(asked, "import_samples", lens, described["id"], len(lens.shown))
        return Answer(answer)

    async def file_rows(
        self, asked: Asked, described: Json, rows: Sequence[RawRow], following: int | None
    ) -> Answer:
        """Rows of a file that could not be taken; every page is a look of its own."""
        lens = FileLens(self._importer(asked), described)
        answer = _encode({"rows": [compose_import_row(lens, row) for row in rows], "next": following})
        pages = f";rows={rows[0].row}-{rows[-1].row}" if rows else ""
        await self._write_file_look(asked, "import_rows", lens, described["id"] + pages, len(rows))
        return Answer(answer)

    def file_list(self, asked: Asked, described: Sequence[Json]) -> Answer:
        """Imports without anything of what stands in their files."""
        self._importer(asked)
        return Answer(_encode({"imports": [list_import(one) for one in described]}))

    async def stream_samples(self, asked: Asked, described: Json, uses: Uses) -> Answer:
        """Raw records of a stream and what they state, each place under the rule of what it becomes.

        A page that asks again and again is one look in ten minutes.
        """
        role = role_of(asked.principal.role)
        role.require("sources")
        lens = StreamLens(role)
        answer = _encode(compose_stream(lens, described, uses))
        what = f"{described['source']}/{described['stream']}"
        await self._write_file_look(asked, "stream_samples", lens, what, len(lens.shown))
        return Answer(answer)

    async def source_profile(self, asked: Asked, described: Json) -> Answer:
        """What a source is like; examples of its values under the rule of their field."""
        role = role_of(asked.principal.role)
        role.require("sources")
        lens = StreamLens(role)
        answer = _encode(compose_profile(lens, described))
        await self._write_file_look(asked, "source_profile", lens, described["source"], len(lens.shown))
        return Answer(answer)

    def _importer(self, asked: Asked) -> Role:
        role = role_of(asked.principal.role)
        if not role.may("import"):
            raise NotAllowedError(f"the role “{role.title}” may not do this: it lacks the right “import”")
        return role

    async def _write_file_look(
        self, asked: Asked, action: str, lens: FileLens | StreamLens, what: str, pieces: int
    ) -> None:
        if lens.blind or not pieces:
            return
        who, now = asked.principal, self._clock.now()
        policy, names = role_of(who.role).policy.fingerprint, f"import={what};{lens.summary()}"
        key = (who.session, action, names, policy)
        if not self._looks.knows(key, now):
            look = Look(who, action, policy, asked.request_id, fields=names, results=pieces)
            await self._audit.record(look)
            self._looks.keep(key, now)

    async def _admit(self, asked: Asked, action: str, right: str = "customers") -> tuple[Role, DesktopPlan]:
        role = role_of(asked.principal.role)
        plan = self._plans.get(role.name)
        if plan is None or not role.may("customers") or not role.may(right):
            await self._note(asked, role, action, "deny")
            raise NotAllowedError(f"the role “{role.title}” may not do this: it lacks the right “{right}”")
        return role, plan

    async def _scene(
        self, asked: Asked, role: Role, plan: DesktopPlan, customer_id: str, action: str
    ) -> Scene:
        known = await self._known_id(asked, role, customer_id, action)
        now = self._clock.now()
        row = await self._pool.fetchrow(
            _queries["open_customer"], known, plan.types, plan.filter_types, plan.entries_per_type, PAGE,
            "accesses" in plan.needs, now - _ACCESSES_OF,
            "household" in plan.needs,
        )  # fmt: skip
        if row is None:
            raise await self._unknown(asked, role, action)
        titles = await self._sources.titles(now)
        data = decode_customer(row)
        if "changes" in plan.needs:
            data.changes = await read_changes(self._pool, data.record_ids, _CHANGES)
        return Scene(data, role, Redactor(role.policy, titles), titles, now)

    async def _all_entries(self, customer_id: UUID, types: list[str]) -> list[RawEntry]:
        row = await self._pool.fetchrow(
            _queries["read_timeline_page"], customer_id, types, None, None, MOST_ENTRIES
        )
        return decode_entries(row["entries"]) if row else []

    async def _redactor(self, role: Role) -> Redactor:
        return Redactor(role.policy, await self._sources.titles(self._clock.now()))

    async def _known_id(self, asked: Asked, role: Role, customer_id: str, action: str) -> UUID:
        known = _uuid(customer_id)
        if known is None:
            raise await self._unknown(asked, role, action)
        return known

    async def _unknown(self, asked: Asked, role: Role, action: str) -> CustomerUnknownError:
        # Asking for ids that name nobody is written down too: a row of them is somebody trying doors.
        await self._note(asked, role, action, "unknown")
        return CustomerUnknownError()

    async def _note(self, asked: Asked, role: Role, action: str, decision: str) -> None:
        await self._audit.record(
            Look(
                asked.principal,
                action,
                role.policy.fingerprint,
                asked.request_id,
                results=0,
                decision=decision,
            )
        )

    async def _write_down(
        self,
        asked: Asked,
        action: str,
        redactor: Redactor,
        customer_id: UUID | None,
        results: int = 1,
        text: str = "",
    ) -> None:
        """Return once it is written down who saw which fields; without that nothing leaves."""
        hashed = (
            self._hasher.token_hash(f"search {text.strip().casefold()}").hex()[:32] if text.strip() else ""
        )
        names, policy = redactor.summary(), redactor.policy.fingerprint
        look = Look(
            asked.principal, action, policy, asked.request_id, customer_id, names, results, asked=hashed
        )
        await self._audit.record(look)


async def _find(
    connection: Connection, role: Role, text: str, limit: int, cursor: str | None
) -> tuple[Found, list[asyncpg.Record]]:
    found = await search_customers(connection, role.policy, text, limit, cursor)
    ids = [hit.customer_id for hit in found.hits]
    return found, await connection.fetch(_queries["read_hits"], ids)


def _etag(role: Role, redacted: bytes) -> str:
    return f'"{role.policy.fingerprint}-{hashlib.blake2b(redacted, digest_size=12).hexdigest()}"'


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
