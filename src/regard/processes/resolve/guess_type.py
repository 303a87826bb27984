"""What a column holds, by its name alone."""

from regard.processes.resolve.read_field_map import ALSO_KNOWN_AS, FIELD_TYPES

_MORE = {
    "soc_sec_id": "government_id", "address_1": "street", "address1": "street", "street_address": "street",
    "post_code": "postcode", "phone_number": "phone", "email_address": "email", "given": "given_name",
    "addr_line": "street", "addr_full": "address", "full_addr": "address", "unit_number": "unit",
    "first_and_surname": "full_name", "first_and_last_name": "full_name", "year_of_birth": "birth_date",
}  # fmt: skip
_ABOUT = frozenset({"addr", "address", "person", "customer", "contact", "client", "home", "user"})


def guess_type(column: str) -> str:
    """The field type that a column's name speaks of; '' for a name that says nothing."""
    name = column.strip().lower().replace(" ", "_").replace("-", "_")
    if found := _known(name):
        return found
    # `name_last` and `addr_city` put what they are about first.
    first, _, rest = name.partition("_")
    return _known(f"{rest}_{first}") or (_known(rest) if first in _ABOUT else "") if rest else ""


def _known(name: str) -> str:
    return name if name in FIELD_TYPES else ALSO_KNOWN_AS.get(name) or _MORE.get(name, "")
