"""Makes the bodies that benchmarks push: interactions of known customers, each under an id of its own."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from benchmarks.run_installation import Installation, InstallationError
from regard.db.named_queries import NamedQueries
from regard.db.pool import connect

PER_REQUEST = 100
_BODIES = 50
_QUERIES = NamedQueries(__package__, "benchmarks.sql")


@dataclass(frozen=True, slots=True)
class Known:
    """A source record that exists, and the customer it belongs to."""

    stream: str
    external_id: str
    customer_id: UUID


def known_records(place: Installation, source: str, streams: list[str], most: int) -> list[Known]:
    """Records of a source, in an order that has nothing to do with their age."""

    async def work() -> list[Known]:
        connection = await connect(place.url)
        try:
            rows = await connection.fetch(_QUERIES["read_known"], source, streams, most)
            return [Known(row["stream"], row["external_id"], row["customer_id"]) for row in rows]
        finally:
            await connection.close()

    found = asyncio.run(work())
    if not found:
        raise InstallationError(f"the source {source} has no records of {', '.join(streams)}")
    return found


def interaction_bodies(
    parties: list[Known], per_request: int = PER_REQUEST, bodies: int = _BODIES
) -> list[str]:
    """Bodies of `…/interactions`: orders with lines, payments and page views of the shop."""
    dice = random.Random(1)
    return [
        json.dumps([_interaction(dice, dice.choice(parties), f"@@-{place}") for place in range(per_request)])
        for _ in range(bodies)
    ]


def batch_bodies(visitors: list[Known], per_request: int = PER_REQUEST, bodies: int = _BODIES) -> list[str]:
    """Bodies of `/v1/batch`: what a web site's client sends of its visitors."""
    dice = random.Random(2)
    return [
        json.dumps(
            {"batch": [_message(dice, dice.choice(visitors), f"@@-{place}") for place in range(per_request)]}
        )
        for _ in range(bodies)
    ]


def ticket(party: Known, number: str, title: str) -> str:
    """A body with one new ticket: it changes timeline, vitals and cards."""
    body = _head("tickets", number, "ticket", party)
    return json.dumps([body | {"fields": {"title": title, "status": "open", "channel": "email"}}])


def _interaction(dice: random.Random, party: Known, number: str) -> dict[str, object]:
    kind = dice.choices(("page_view", "order", "payment"), (6, 3, 1))[0]
    fields: dict[str, object] = {
        "title": "Espresso blend, 1 kg",
        "url": "https://shop.example/espresso-blend",
    }
    if kind != "page_view":
        fields = {
            "title": "Espresso blend, 1 kg, Filter papers",
            "status": "placed" if kind == "order" else "succeeded",
            "amount": "31.50",
            "currency": "EUR",
            "channel": "web",
        }
    if kind == "order":
        fields["lines"] = [
            {"sku": "BEA-ESP1", "title": "Espresso blend, 1 kg", "quantity": 1, "amount": "27.00"},
            {"sku": "ACC-FLT2", "title": "Filter papers, 100 pieces", "quantity": 1, "amount": "4.50"},
        ]
    return _head(f"{kind}s", number, kind, party) | {"fields": fields}


def _head(stream: str, number: str, kind: str, party: Known) -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    return {
        "stream": stream,
        "id": number,
        "type": kind,
        "event_id": number,
        "party": {"stream": party.stream, "id": party.external_id},
        "occurred_at": now,
    }


def _message(dice: random.Random, visitor: Known, number: str) -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    who = "userId" if visitor.stream == "users" else "anonymousId"
    message: dict[str, object] = {
        who: visitor.external_id,
        "messageId": number,
        "timestamp": now,
        "context": {
            "library": {"name": "analytics.js", "version": "2.11.1"},
            "page": {"url": "https://shop.example/espresso-blend", "path": "/espresso-blend"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        },
    }
    if dice.random() < 0.7:
        page = {
            "path": "/espresso-blend",
            "title": "Espresso blend",
            "url": "https://shop.example/espresso-blend",
        }
        return message | {"type": "page", "name": "Product", "properties": page}
    product = {"product_id": "BEA-ESP1", "price": 27.0, "currency": "EUR", "quantity": 1}
    return message | {"type": "track", "event": "Product Added", "properties": product}
