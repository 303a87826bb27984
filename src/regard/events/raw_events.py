"""What a source sent, word for word, before any mapping: what a better mapping is tried on later."""

from __future__ import annotations

from uuid import UUID

import msgspec

from regard.kit.ids import derived_id


class RawReceived(msgspec.Struct, frozen=True, tag="raw.received", omit_defaults=True):
    """A raw record as the source gave it; nothing is shown of it, what it means follows in other events.

    `raw` is its JSON text, empty when the source deleted the record.
    """

    stream: str
    external_id: str
    raw: str = ""


def raw_object_id(source: str, stream: str, external_id: str) -> UUID:
    """The id of a raw record; another one than that of the party it may describe."""
    return derived_id(source, f"~raw {stream}", external_id)
