"""The payloads as data of the vendors' small copies, and clients of the shipped manifests on them."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from regard.connectors.connector_contract import Cursor, RawRecord
from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.manifests.manifest_client import ManifestClient
from tests.connectors.conformance import open_shipped
from tests.connectors.describe_items import IDS
from tests.connectors.vendor_stubs import Data
from tests.connectors.vendor_stubs_money import STUBS

PAYLOADS = Path(__file__).parent / "payloads"
# Streams whose records are named by more than one field.
_BY_CAMPAIGN = {"sent_to": ("campaign_id", "email_id"), "unsubscribes": ("campaign_id", "email_id"),
                "email_activity": ("campaign_id", "email_id", "action", "timestamp")}  # fmt: skip


def load(name: str, grown: Mapping[str, int] | None = None) -> Data:
    """The payloads, of some streams so many that they need several pages."""
    data: Data = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    if name == "request_tracker":
        # The one as a list gives it and the one alone are the same ticket; changes of status are no replies.
        data["tickets"] = data["tickets"][:2]
        data["transactions"] = data["transactions"][:-1]
    for stream, count in (grown or {}).items():
        model = data[stream][0]
        data[stream] += [_another(model, number) for number in range(count - len(data[stream]))]
    return data


def _another(model: dict[str, Any], number: int) -> dict[str, Any]:
    made = copy.deepcopy(model)
    key = next(name for name in IDS if name in made)
    old = made[key]
    if "url" in made:
        made["url"] = made["url"].replace(f"/{old}/", f"/{1_000_000 + number}/")
    made[key] = 1_000_000 + number if isinstance(old, int) else _text_id(old, number)
    return made


def _text_id(old: str, number: int) -> str:
    return str(1_000_000 + number) if old.isdigit() else f"{old[:8]}x{number:04}"


def name_of(stream: str, record: Mapping[str, Any]) -> str:
    """What a record is called: its key, as the manifest of the stream has it."""
    if stream in _BY_CAMPAIGN:
        return "|".join(str(record[part]) for part in _BY_CAMPAIGN[stream])
    key = "Name" if "Privileged" in record else next(name for name in IDS if name in record)
    return str(record[key])


def streams_of(name: str) -> list[str]:
    """The streams that are both read and mapped."""
    return [mapping.stream for mapping in shipped_mappings(name) if mapping.stream != "ticket_events"]


def open_stub(name: str, data: Data, seen: list[httpx.Request] | None = None) -> ManifestClient:
    """A client of the shipped manifest, against the small copy of its vendor."""
    stub, settings = STUBS[name]

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return stub(request, data)

    return open_shipped(name, settings, httpx.MockTransport(answer))


async def read_all(
    client: ManifestClient, stream: str, cursor: Cursor | None = None
) -> AsyncIterator[RawRecord]:
    async for batch in client.read(stream, cursor):
        for record in batch.records:
            yield record
