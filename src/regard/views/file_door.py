"""The door's part for what stands in files and streams of sources, each place under the rule of its field."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from regard.access.audit_reads import Look
from regard.access.load_roles import Role, role_of
from regard.access.principal import NotAllowedError
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
        lens = FileLens(self._importer(asked), described)
        answer = _encode(compose_import(lens, described))
        await self._write_file_look(asked, "import_samples", lens, described["id"], len(lens.shown))
        return Answer(answer)

    async def rows(
        self, asked: Asked, described: Json, rows: Sequence[RawRow], following: int | None
    ) -> Answer:
        """Rows of a file that could not be taken; every page is a look of its own."""
        lens = FileLens(self._importer(asked), described)
        answer = _encode({"rows": [compose_import_row(lens, row) for row in rows], "next": following})
        pages = f";rows={rows[0].row}-{rows[-1].row}" if rows else ""
        await self._write_file_look(asked, "import_rows", lens, described["id"] + pages, len(rows))
        return Answer(answer)

    def imports(self, asked: Asked, described: Sequence[Json]) -> Answer:
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
        who, now = asked.principal, self._gate.clock.now()
        policy, names = role_of(who.role).policy.fingerprint, f"import={what};{lens.summary()}"
        key = (who.session, action, names, policy)
        if not self._looks.knows(key, now):
            look = Look(who, action, policy, asked.request_id, fields=names, results=pieces)
            await self._gate.audit.record(look)
            self._looks.keep(key, now)
