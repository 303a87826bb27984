"""What a column holds, by its name alone."""

from regard.processes.resolve.read_field_map import ALSO_KNOWN_AS, FIELD_TYPES

_MORE = {
    "soc_sec_id": "government_id", "address_1": "street", "address1": "street", "street_address": "street",
    "post_code": "postcode", "phone_number": "phone", "email_address": "email", "given": "given_name",
}  # fmt: skip


def guess_type(column: str) -> str:
    """The field type that a column's name speaks of; '' for a name that says nothing."""
    name = column.strip().lower().replace(" ", "_").replace("-", "_")
    return name if name in FIELD_TYPES else ALSO_KNOWN_AS.get(name) or _MORE.get(name, "")
