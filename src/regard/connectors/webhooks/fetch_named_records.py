"""Fetches what an unknown sender only names: it pushes an id, and the record stands at its own address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    Settings,
    SettingsRefusedError,
    SourceClient,
    SourceMisbehavesError,
    SourceRefusesError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.http.guarded_client import Ask, GuardedClient
from regard.connectors.http.http_answer import describe_fault
from regard.connectors.webhooks.read_pushed_body import find_at, time_at
from regard.kit.clock import Clock

ADDRESS, TOKEN = "fetch_address", "fetch_token"
FETCHING: Mapping[str, Any] = {
    ADDRESS: {
        "type": "string",
        "title": "Where a named record is fetched",
        "description": "For a sender that pushes ids alone: the address of a record, with {id} in it, such as"
        " https://api.example.com/v2/payments/{id}; {stream} may stand in it too.",
    },
    TOKEN: {
        "type": "string",
        "writeOnly": True,
        "title": "Key for fetching",
        "description": "Sent as a bearer token with each of these requests.",
    },
}
"""Properties for the settings of a sender that is not known by name."""

_GONE = frozenset({404, 410})
_TIMES = ("updated_at", "updatedAt", "modified_at", "updated", "modified")


def names_only(record: Mapping[str, Any], settings: Settings) -> bool:
    """Whether a push says nothing but an id and what it is of, and the settings say where the rest is."""
    return bool(settings.get(ADDRESS)) and not set(record) - {"id", "resource", "type", "event", "object"}


def open_fetching(
    settings: Settings, around: Surroundings, transport: httpx.AsyncBaseTransport | None = None
) -> SourceClient:
    """The client of a source that is pushed to; raises `SettingsRefusedError` for an address without {id}."""
    address = settings.get(ADDRESS)
    if not isinstance(address, str) or not address.strip():
        return FetchingClient(None, "", around.clock)
    parts = urlsplit(address.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{id}" not in address:
        raise SettingsRefusedError(
            "“Where a named record is fetched” needs a whole address with {id} in it, such as"
            " https://api.example.com/v2/payments/{id}"
        )
    token = settings.get(TOKEN)
    headers = {"authorization": f"Bearer {token}"} if isinstance(token, str) and token else {}
    client = GuardedClient(
        f"{parts.scheme}://{parts.netloc}", headers=headers, clock=around.clock, networks=around.networks,
        transport=transport,
    )  # fmt: skip
    rest = address.strip()[len(f"{parts.scheme}://{parts.netloc}") :].lstrip("/")
    return FetchingClient(client, rest, around.clock)


class FetchingClient:
    """Has no streams of its own; `fetch` asks for one record after the other."""

    def __init__(self, client: GuardedClient | None, path: str, clock: Clock) -> None:
        self._client = client
        self._path = path
        self._clock = clock

    async def check(self) -> None:
        """Nothing to reach: the address holds for single records alone."""

    async def streams(self) -> Sequence[StreamSpec]:
        """None: nothing is read that was not named by a push."""
        return []

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Nothing; raises `SettingsRefusedError`."""
        raise SettingsRefusedError(f"“{stream}” is only pushed; it cannot be read as a whole")
        yield Batch(())

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """The records as they are now; one that is not there any more is gone."""
        if self._client is None:
            raise SourceRefusesError(
                "the sender names records without their content; fill in where a named record is fetched"
            )
        return [await self._fetch(self._client, stream, one) for one in external_ids]

    async def close(self) -> None:
        """Give back the connections."""
        if self._client is not None:
            await self._client.close()

    async def _fetch(self, client: GuardedClient, stream: str, external_id: str) -> RawRecord:
        path = self._path.replace("{id}", quote(external_id, safe=""))
        answer = await client.send("GET", path.replace("{stream}", quote(stream, safe="")), Ask())
        if answer.status in _GONE:
            return RawRecord(stream, external_id, None)
        if (fault := describe_fault(answer, self._clock.now())) is not None:
            raise fault
        found = answer.json()
        inner = find_at(found, "data")
        body = inner if isinstance(inner, dict) and "id" in inner else found
        if not isinstance(body, dict):
            raise SourceMisbehavesError(f"{answer.place} gave no JSON object; correct the address of records")
        times = (time_at(body, name) for name in _TIMES)
        return RawRecord(stream, external_id, body, next((at for at in times if at), None))
