"""Traits of the Segment specification as canonical fields of persons and organisations.

Names are compared without case and underscores, because the specification holds camelCase and
snake_case for equal. What has no canonical field is kept under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import LONGEST_ID, field_value, plain_text, read_time
from regard.events.record_events import FieldValue

Fields = dict[str, FieldValue | None]
# The stream that organisations of the event API belong to.
GROUPS = "groups"

_SHARED = {
    "email": "email", "emailaddress": "email", "phone": "phone", "phonenumber": "phone", "mobile": "phone",
    "plan": "plan", "description": "note", "createdat": "customer_since", "avatar": "picture",
    "street": "street", "city": "city", "state": "state", "region": "state", "country": "country",
    "postalcode": "postcode", "postcode": "postcode", "zip": "postcode", "zipcode": "postcode",
}  # fmt: skip
_PERSON = _SHARED | {
    "firstname": "given_name", "lastname": "family_name", "middlename": "middle_name", "name": "full_name",
    "fullname": "full_name", "birthday": "birth_date", "birthdate": "birth_date", "gender": "sex",
    "dateofbirth": "birth_date", "title": "job_title", "jobtitle": "job_title", "username": "handle",
    "language": "language", "companyname": "organisation",
}  # fmt: skip
_ORGANISATION = _SHARED | {
    "name": "name", "website": "domain", "domain": "domain", "industry": "industry", "employees": "size",
    "employeecount": "size", "size": "size", "taxid": "tax_id", "vatid": "tax_id",
}  # fmt: skip
_ADDRESS = {
    "street": "street", "city": "city", "state": "state", "region": "state", "postalcode": "postcode",
    "postcode": "postcode", "zip": "postcode", "country": "country",
}  # fmt: skip
_DATES = {"birth_date", "customer_since"}
_PLAIN_NAME = re.compile(r"[_\-\s]")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)
_LONGEST_NAME = 200


def person_fields(traits: Mapping[str, Any]) -> Fields:
    """Canonical fields of a person from traits."""
    fields = _translate(traits, _PERSON)
    company = traits.get("company")
    if isinstance(company, dict):
        fields.pop("company", None)
        fields |= _company_fields(company)
    elif (text := plain_text(company)) is not None:
        fields.pop("company", None)
        fields["organisation"] = text
    return fields


def organisation_fields(traits: Mapping[str, Any]) -> Fields:
    """Canonical fields of an organisation from the traits of a group."""
    fields = _translate(traits, _ORGANISATION)
    domain = fields.get("domain")
    if isinstance(domain, str) and (host := _HOST.match(domain.strip())):
        fields["domain"] = host[1].lower()
    return fields


def plain_name(name: str) -> str:
    """A trait or event name without case, spaces, dashes and underscores."""
    return _PLAIN_NAME.sub("", name).lower()


def _translate(traits: Mapping[str, Any], names: Mapping[str, str]) -> Fields:
    fields: Fields = {}
    for trait, value in traits.items():
        if not trait.strip() or len(trait) > _LONGEST_NAME:
            raise ItemRefusedError(
                "field_name", f"a trait has a blank name or one beyond {_LONGEST_NAME} characters"
            )
        plain = plain_name(trait)
        field = names.get(plain)
        if plain == "address" and isinstance(value, dict):
            fields |= _address_fields(value)
        elif field is None or isinstance(value, dict):
            fields[trait] = field_value(value, f"traits.{trait}")
        elif field not in fields or trait == plain:
            fields[field] = _canonical(field, value, trait)
    return fields


def _canonical(field: str, value: object, trait: str) -> FieldValue | None:
    text = plain_text(value)
    if text is not None and field in _DATES:
        return _as_date(value, text)
    if text is not None:
        return text.strip() or None
    return field_value(value, f"traits.{trait}")


def _as_date(value: object, text: str) -> str:
    """The day as ISO 8601; what is no time stays as it was said, for a person may still read it."""
    try:
        at = read_time(value, "")
    except ItemRefusedError:
        return text
    return at.date().isoformat() if at else text


def _address_fields(address: Mapping[str, Any]) -> Fields:
    fields: Fields = {}
    for name, value in address.items():
        field = _ADDRESS.get(plain_name(name))
        text = plain_text(value)
        if field is None or (text is None and value is not None):
            fields[f"address_{name}"] = field_value(value, f"traits.address.{name}")
        else:
            fields[field] = text.strip() or None if text else None
    return fields


def _company_fields(company: Mapping[str, Any]) -> Fields:
    fields: Fields = {}
    for name, value in company.items():
        text = plain_text(value)
        if name == "name" and text:
            fields["organisation"] = text
        elif name == "id" and text and len(text) <= LONGEST_ID:
            fields["organisation_ref"] = {"stream": GROUPS, "id": text}
        else:
            fields[f"company_{name}"] = field_value(value, f"traits.company.{name}")
    return fields
