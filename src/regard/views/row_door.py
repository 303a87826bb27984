"""The door's part for rows of files and records of sources: redacted for the role, written down first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from regard.access.audit_reads import Look
from regard.access.load_roles import role_of
from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.events.record_events import MULTIPLE_FIELDS
from regard.kit.money import to_text
from regard.quality.propose_corrections import Correction
from regard.records.read_records import read_records
from regard.views.compose_cleansing import compose_cleansing
from regard.views.compose_flagged import Flagged, compose_flagged
from regard.views.compose_import_rows import (
    BecameRow,
    ComparedRow,
    TodayValue,
    compose_became,
    compose_comparison_rows,
)
from regard.views.customer_data import decode_golden
from regard.views.door_gate import Asked, Gate
from regard.views.record_lens import RecordLens

_queries = NamedQueries(__package__, "views.sql")
_encode = msgspec.json.Encoder(uuid_format="canonical").encode

Said = Sequence[tuple[int, UUID, dict[str, list[str]]]]
"""Row number, record or interaction, and what the row says of its fields."""


class RowDoor:
    """Reads, redacts, audits, and only then gives bytes."""

    def __init__(self, pool: Pool, gate: Gate) -> None:
        self._pool = pool
        self._gate = gate

    async def taken_rows(
        self, asked: Asked, import_id: UUID, rows: Sequence[BecameRow],
        following: int | None,
    ) -> bytes:  # fmt: skip
        """What rows of an import became: which records and whose."""
        lens = await self._lens(asked, "import_rows", "import")
        objects = [one for row in rows for one in row.objects]
        owners = await self._pool.fetch(_queries["read_owners"], objects)
        body = _encode({"rows": compose_became(lens, rows, owners), "next": following})
        await self._write_down(asked, "import_rows", f"import={import_id}", lens, len(rows))
        return body

    async def comparison(
        self, asked: Asked, import_id: UUID, said: Said, *, parties: bool, country: str
    ) -> bytes:
        """Rows of an import as the file says them, beside what stands today."""
        lens = await self._lens(asked, "import_comparison", "import")
        rows = await (self._beside_customers(said) if parties else self._beside_entries(said))
        body = _encode(compose_comparison_rows(lens, rows, country, self._gate.clock.now().date()))
        await self._write_down(asked, "import_comparison", f"import={import_id}", lens, len(rows))
        return body

    async def flagged_records(self, asked: Asked, flagged: Flagged, record_ids: Sequence[UUID]) -> bytes:
        """The records behind a figure of a scorecard: whose they are, and the value that was judged so."""
        lens = await self._lens(asked, "flagged_records", "sources")
        async with self._pool.acquire() as connection:
            records = await read_records(connection, record_ids)
        owners = await self._pool.fetch(_queries["read_owners"], list(record_ids))
        found = [records[one] for one in record_ids if one in records]
        body = _encode(compose_flagged(lens, flagged, found, owners))
        what = f"source={flagged.source};flag={flagged.flag}"
        await self._write_down(asked, "flagged_records", what, lens, len(found))
        return body

    async def cleansing(
        self, asked: Asked, source: str, found: Sequence[Sequence[Correction]],
        *, complete: bool,
    ) -> bytes:  # fmt: skip
        """What a cleansing would change."""
        lens = await self._lens(asked, "cleansing_preview", "sources")
        body = _encode(compose_cleansing(lens, found, complete=complete))
        await self._write_down(asked, "cleansing_preview", f"source={source}", lens, len(found))
        return body

    async def _beside_customers(self, said: Said) -> list[ComparedRow]:
        ids = [record_id for _, record_id, _ in said]
        found = {row["record_id"]: row for row in await self._pool.fetch(_queries["read_goldens"], ids)}
        rows = []
        for number, record_id, values in said:
            customer = found.get(record_id)
            golden = decode_golden(customer["golden"]) if customer else {}
            today = {
                name: TodayValue(
                    one.value, one.source, one.at,
                    [other.value for other in one.others] if name in MULTIPLE_FIELDS else [],
                )
                for name, one in golden.items()
            }  # fmt: skip
            rows.append(
                ComparedRow(
                    number, values, None, customer["customer_id"] if customer else None,
                    customer["name"] if customer else None, today,
                )
            )  # fmt: skip
        return rows

    async def _beside_entries(self, said: Said) -> list[ComparedRow]:
        ids = [entry_id for _, entry_id, _ in said]
        rows = await self._pool.fetch(_queries["read_stated_entries"], ids)
        found = {row["entry_id"]: row for row in rows}
        return [_beside_entry(number, values, found.get(entry_id)) for number, entry_id, values in said]

    async def _lens(self, asked: Asked, action: str, right: str) -> RecordLens:
        role = await self._gate.require(asked, action, right)
        return RecordLens(role, await self._gate.sources.titles(self._gate.clock.now()))

    async def _write_down(self, asked: Asked, action: str, what: str, lens: RecordLens, results: int) -> None:
        """Return once it is written down; of shapes alone nobody can tell anything."""
        if lens.blind or not results:
            return
        who, fields = asked.principal, f"{what};{lens.summary()}"
        policy = role_of(who.role).policy.fingerprint
        await self._gate.audit.record(
            Look(who, action, policy, asked.request_id, fields=fields, results=results)
        )


def _beside_entry(number: int, said: dict[str, list[str]], row: asyncpg.Record | None) -> ComparedRow:
    if row is None:
        return ComparedRow(number, said, "note", None, None, {})
    at: datetime | None = row["occurred_at"]
    fields = msgspec.json.decode(row["fields"] or "{}", type=dict[str, object])
    texts = {name: value if isinstance(value, str) else str(value) for name, value in fields.items()}
    if row["status"]:
        texts["status"] = row["status"]
    if row["amount_minor"] is not None and row["currency"]:
        texts["amount"] = to_text(row["amount_minor"], row["currency"])
    today = {name: TodayValue(value, row["source"], at, []) for name, value in texts.items()}
    return ComparedRow(number, said, row["type"], row["customer_id"], row["name"], today)
