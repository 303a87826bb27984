"""The raw values behind a piece of evidence, as the source wrote them."""

import dataclasses

from regard.identity.block_records import identifier_keys
from regard.identity.identity_record import IdentityRecord
from regard.identity.normalise_fields import features, texts

_NAME = ("given_name", "family_name")
_ADDRESS = ("street", "house_number", "postcode", "city")
_CANONICAL: dict[str, tuple[str, ...]] = {
    "given_name": ("given_name", "full_name"),
    "family_name": ("family_name", "full_name"),
    "middle_name": ("middle_name", "given_name", "full_name"),
    "generation": ("generation", "family_name", "full_name"),
    "full_name": ("full_name", *_NAME),
    "address": _ADDRESS,
    "device_id": ("anonymous_id", "device_id"),
    "name": ("name", "organisation", "full_name"),
    "legal_form": ("legal_form", "name"),
    "domain": ("domain", "email"),
    **{
        field: (field,)
        for field in (
            "sex",
            "birth_date",
            "email",
            "phone",
            "government_id",
            "account_id",
            "handle",
            "user_id",
            "organisation",
            "tax_id",
        )
    },
}
"""Field of the evidence -> canonical record fields its values come from (the first that is filled)."""


def canonical_fields(field: str) -> tuple[str, ...]:
    """The canonical record fields the values of a field of the evidence come from."""
    return _CANONICAL.get(field, (field,))


def raw_value(record: IdentityRecord, field: str, like: IdentityRecord | None = None) -> str:
    """What the record says of ``field``; of several values the one that ``like`` shares, else all of them."""
    if field == "address":
        return ", ".join(text for part in _ADDRESS for text in texts(record.fields.get(part)))
    if field == "full_name" and not texts(record.fields.get(field)):
        return " ".join(text for part in _NAME for text in texts(record.fields.get(part)))
    for name in canonical_fields(field):
        found = texts(record.fields.get(name))
        if len(found) > 1 and like is not None:
            wanted = set(identifier_keys(features(like)))
            found = [text for text in found if wanted & _keys(record, name, text)] or found
        if found:
            return ", ".join(text.strip() for text in found)
    return ""


def raw_holding(record: IdentityRecord, field: str, key: str) -> str:
    """The raw text of ``field`` that normalises to the identifier ``key``."""
    for name in canonical_fields(field):
        for text in texts(record.fields.get(name)):
            if key in _keys(record, name, text):
                return text.strip()
    return raw_value(record, field)


def _keys(record: IdentityRecord, name: str, text: str) -> set[str]:
    fields = {name: text, "country": record.fields.get("country")}
    return set(identifier_keys(features(dataclasses.replace(record, fields=fields))))
