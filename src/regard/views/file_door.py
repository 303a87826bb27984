"""The door's part for what stands in files and streams of sources, each place under the rule of its field."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from regard.access.audit_reads import Look
from regard.access.load_roles import role_of
from regard.views.compose_import import (
    FileLens,
    Json,
    RawRow,
    compose_import,
    compose_import_row,
    list_import,
)
from regard.views.compose_stream import StreamLens, Uses, compose_profile, compose_stream
from regard.views.door_gate import Answer, Asked, Gate
from regard.views.remember_looks import LookMemory

_encode = msgspec.json.Encoder(uuid_format="canonical").encode


class FileDoor:
    """Reads, redacts, audits, and only then answers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._looks = LookMemory()

    async def one_import(self, asked: Asked, described: Json) -> Answer:
        """An import with what stands in its file, each column under the rule of the field it becomes.

        A page that asks for the progress again and again is one look in ten minutes.
        """
        lens = FileLens(await self._gate.require(asked, "import_samples", "import"), described)
        answer = _encode(compose_import(lens, described))
        what = f"import={described['id']}"
        await self._write_down(asked, "import_samples", lens, what, len(lens.shown))
        return Answer(answer)

    async def rows(
        self, asked: Asked, described: Json, rows: Sequence[RawRow], following: int | None
    ) -> Answer:
        """Rows of a file that could not be taken; every page is a look of its own."""
        lens = FileLens(await self._gate.require(asked, "import_rows", "import"), described)
        answer = _encode({"rows": [compose_import_row(lens, row) for row in rows], "next": following})
        pages = f";rows={rows[0].row}-{rows[-1].row}" if rows else ""
        what = f"import={described['id']}{pages}"
        await self._write_down(asked, "import_rows", lens, what, len(rows))
        return Answer(answer)

    async def imports(self, asked: Asked, described: Sequence[Json]) -> Answer:
        """Imports without anything of what stands in their files."""
        await self._gate.require(asked, "imports", "import")
        return Answer(_encode({"imports": [list_import(one) for one in described]}))

    async def stream_samples(self, asked: Asked, described: Json, uses: Uses) -> Answer:
        """Raw records of a stream and what they state, each place under the rule of what it becomes.

        A page that asks again and again is one look in ten minutes.
        """
        lens = StreamLens(await self._gate.require(asked, "stream_samples", "sources"))
        answer = _encode(compose_stream(lens, described, uses))
        what = f"stream={described['source']}/{described['stream']}"
        await self._write_down(asked, "stream_samples", lens, what, len(lens.shown))
        return Answer(answer)

    async def source_profile(self, asked: Asked, described: Json) -> Answer:
        """What a source is like; examples of its values under the rule of their field."""
        lens = StreamLens(await self._gate.require(asked, "source_profile", "sources"))
        answer = _encode(compose_profile(lens, described))
        what = f"source={described['source']}"
        await self._write_down(asked, "source_profile", lens, what, len(lens.shown))
        return Answer(answer)

    async def _write_down(
        self, asked: Asked, action: str, lens: FileLens | StreamLens, what: str, pieces: int
    ) -> None:
        if lens.blind or not pieces:
            return
        who, now = asked.principal, self._gate.clock.now()
        policy, names = role_of(who.role).policy.fingerprint, f"{what};{lens.summary()}"
        key = (who.session, action, names, policy)
        if not self._looks.knows(key, now):
            look = Look(who, action, policy, asked.request_id, fields=names, results=pieces)
            await self._gate.audit.record(look)
            self._looks.keep(key, now)
