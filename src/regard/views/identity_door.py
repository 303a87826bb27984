"""The door's part for who is who: redacted for the role, written down first."""

from __future__ import annotations

from uuid import UUID

import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.identity.keep_models import ModelShelf
from regard.views.compose_comparison import compose_comparison
from regard.views.compose_doubts import compose_doubts
from regard.views.compose_identity import compose_identity, reasons_of
from regard.views.compose_model_differences import compose_model_differences
from regard.views.customer_data import decode_judgements, decode_records
from regard.views.door_gate import Answer, Asked, Gate, etag_of
from regard.views.explain_customer import Explainer
from regard.views.read_changes import place_of, read_changes
from regard.views.read_doubts import read_doubts
from regard.views.read_model_differences import read_model_differences
from regard.views.tell_history import history_rows

_queries = NamedQueries(__package__, "views.sql")
_encode = msgspec.json.Encoder(uuid_format="canonical").encode
_CHANGES = 200
_DOUBTS = 100


class IdentityDoor:
    """Reads, redacts, audits, and only then answers."""

    def __init__(self, pool: Pool, gate: Gate, models: ModelShelf) -> None:
        self._pool = pool
        self._gate = gate
        self._explainer = Explainer(pool, models)

    async def reasons(self, asked: Asked, customer_id: str) -> Answer:
        """Why the records behind the customer are one."""
        role, _ = await self._gate.admit(asked, "identity", "identity")
        known = await self._gate.known_id(asked, role, customer_id, "identity")
        row = await self._pool.fetchrow(_queries["read_identity"], known)
        if row is None:
            raise await self._gate.unknown(asked, role, "identity")
        redactor = await self._gate.redactor(role)
        ids: list[UUID] = row["record_ids"]
        explained = await self._explainer.explain(ids, self._gate.clock.now())
        records, changes = decode_records(row["records"]), await read_changes(self._pool, ids, _CHANGES)
        judgements = decode_judgements(row["judgements"])
        answer = _encode(compose_identity(redactor, explained, records, judgements, changes))
        await self._gate.write_down(asked, "identity", redactor, row["customer_id"], len(records))
        return Answer(answer, etag_of(role, answer))

    async def compare(self, asked: Asked, left: str, right: str) -> Answer:
        """Why two records, or two customers by their oldest records, are one or are not."""
        role, _ = await self._gate.admit(asked, "compare", "identity")
        one, two = [await self._gate.known_id(asked, role, record, "compare") for record in (left, right)]
        found = await self._explainer.compare(one, two, self._gate.clock.now())
        if found is None:
            raise await self._gate.unknown(asked, role, "compare")
        redactor = await self._gate.redactor(role)
        answer = _encode(compose_comparison(redactor, found))
        for customer in dict.fromkeys((found.left_customer, found.right_customer)):
            await self._gate.write_down(asked, "compare", redactor, customer)
        return Answer(answer, etag_of(role, answer))

    async def changes(self, asked: Asked, customer_id: str, before: str | None, limit: int) -> Answer:
        """What became of the customer: created, merged, split, the newest first."""
        role, _ = await self._gate.admit(asked, "changes", "identity")
        known = await self._gate.known_id(asked, role, customer_id, "changes")
        row = await self._pool.fetchrow(_queries["read_members"], known)
        if row is None:
            raise await self._gate.unknown(asked, role, "changes")
        limit, ids = max(1, min(limit, _CHANGES)), list(row["record_ids"])
        redactor = await self._gate.redactor(role)
        found = await read_changes(self._pool, ids, limit + 1, before)
        explained = await self._explainer.explain(ids, self._gate.clock.now())
        rows = history_rows(redactor, found[:limit], ids, reasons_of(redactor, explained.explanation))
        following = place_of(found[limit - 1]) if len(found) > limit else None
        answer = _encode({"customer": row["customer_id"], "changes": rows, "next": following})
        await self._gate.write_down(asked, "changes", redactor, row["customer_id"], len(rows))
        return Answer(answer, etag_of(role, answer))

    async def doubts(self, asked: Asked, limit: int) -> Answer:
        """The pairs of records that a steward should look at, the weightiest first."""
        role, _ = await self._gate.admit(asked, "doubts", "merge")
        redactor = await self._gate.redactor(role)
        found, waiting = await read_doubts(
            self._pool, self._explainer, self._gate.clock.now(), max(1, min(limit, _DOUBTS))
        )
        answer = _encode(compose_doubts(redactor, found, waiting))
        await self._gate.write_down(asked, "doubts", redactor, None, len(found))
        return Answer(answer, etag_of(role, answer))

    async def model_differences(
        self, asked: Asked, version: str, kind: str | None, after: int, limit: int
    ) -> Answer:
        """Customers that would be others under these weights; the list of the latest comparison."""
        role, _ = await self._gate.admit(asked, "model_differences", "models")
        redactor = await self._gate.redactor(role)
        found = await read_model_differences(self._pool, version, kind, after, max(1, min(limit, _DOUBTS)))
        answer = _encode(compose_model_differences(redactor, found))
        await self._gate.write_down(asked, "model_differences", redactor, None, len(found.page))
        return Answer(answer, etag_of(role, answer))
