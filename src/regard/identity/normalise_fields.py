"""One record's fields in the form they are compared in. Pure and versioned: features = f(record)."""

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from regard.identity.fold_text import clean
from regard.identity.identity_record import Identifier, IdentityRecord, Kind
from regard.identity.normalise_addresses import Address, country_code, postal_address
from regard.identity.normalise_contacts import Mail, email_address, email_addresses, handle_name
from regard.identity.normalise_dates import read_birth_date
from regard.identity.normalise_names import PersonName, parse_name
from regard.identity.normalise_numbers import account_number, government_number, issued_number, opaque_id
from regard.identity.normalise_organisations import OrganisationName, organisation_name, web_domain
from regard.identity.normalise_phones import Phone, phone_number, phone_numbers, phone_tail
from regard.identity.normalise_words import plain_words, sex_of
from regard.identity.read_field_values import first_text, items, texts
from regard.identity.split_names import sex_of_title

__all__ = [
    "Features", "NormalisedRecord", "features", "identifiers", "key_identifier", "normalise_query", "texts",
]  # fmt: skip

NORMALISER_VERSION = 3
"""Goes up whenever a record would give other features: stored features of another version are stale."""

_ADDRESS_FIELDS = frozenset(["street", "house_number", "unit", "city", "postcode", "state"])
_NAME_FIELDS = frozenset(["given_name", "middle_name", "family_name", "full_name", "generation"])
_GENERIC = ("category:", "text:")
_NO_NAME = PersonName()
_NO_ORGANISATION = OrganisationName()


class Features(NamedTuple):
    """What one record says, ready to compare; equal features mean records that cannot be told apart.

    Every identifier is its own blocking key: 'e:' mailbox, 'p:' phone, 'g:' government or tax number, 'a:'
    account, 'h:' handle, 'u:' user id, 'd:' device or anonymous id, 'o:' web domain, followed by authority
    and value; those of organisations begin with 'O', so that the two kinds never meet.
    """

    kind: Kind
    name: PersonName = _NO_NAME
    organisation: OrganisationName = _NO_ORGANISATION
    birth: str = ""
    sex: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    address: Address | None = None
    governments: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    user_id: str = ""
    devices: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """Generic columns: ('category:occupation', 'weaver'), ('text:birth_place', 'york'), sorted."""
    apart: tuple[str, str] | None = None
    """(source, record) of a source that promises no two of its records are one customer."""
    birth_other: str = ""
    """``birth`` with day and month exchanged, where its writing leaves open which comes first; see
    ``BirthDate``. Two dates agree when one's ``birth`` is the other's ``birth_other``."""

    @property
    def only_devices(self) -> bool:
        """A web visitor nobody knows yet: device or anonymous ids and nothing else."""
        return bool(self.devices) and self == Features(self.kind, devices=self.devices)


class NormalisedRecord(NamedTuple):
    """A record whose fields were worked out already, by the country of the model that decides."""

    record_id: UUID
    first_seen: datetime
    features: Features


def features(record: IdentityRecord, default_country: str = "") -> Features:
    """Normalise ``record``. National phone numbers are of the country the record states, else of its
    source's, else of ``default_country`` (ISO 3166).
    """
    country = record.country or default_country
    return _organisation(record, country) if record.kind == "organisation" else _person(record, country)


def _person(record: IdentityRecord, default_country: str) -> Features:
    fields = record.fields
    get = fields.get
    devices = _devices(record)
    if len(fields) == 1 and devices:  # the common web visitor: skip everything else
        return Features("person", devices=devices)
    country = (country_code(first_text(said)) if (said := get("country")) else "") or default_country
    phones = _phones(raw, country) if (raw := get("phone")) else []
    user_id = opaque_id(raw) if (raw := get("user_id")) else ""
    birth, birth_other = read_birth_date(first_text(raw), country) if (raw := get("birth_date")) else ("", "")
    return Features(
        "person",
        _name(fields) if not _NAME_FIELDS.isdisjoint(fields) else _NO_NAME,
        organisation_name(first_text(raw)) if (raw := get("organisation")) else _NO_ORGANISATION,
        birth,
        sex_of(first_text(raw)) if (raw := get("sex")) else _addressed_sex(fields),
        _keys("e", [mail.value for mail in _mails(raw) if not mail.shared]) if (raw := get("email")) else (),
        _keys("p", [phone.value for phone in phones]) if phones else (),
        _lines(phones) if phones else (),
        postal_address(fields, country) if not _ADDRESS_FIELDS.isdisjoint(fields) else None,
        _keys("g", _governments(raw)) if (raw := get("government_id")) else (),
        _accounts("a", record) if "account_id" in fields else (),
        _handles(record) if "handle" in fields else (),
        sys.intern(f"u:{record.source}:{user_id}") if user_id else "",
        devices,
        (),
        _others(fields),
        _apart(record) if "apart" in fields else None,
        birth_other,
    )


def _organisation(record: IdentityRecord, default_country: str) -> Features:
    fields = record.fields
    get = fields.get
    country = (country_code(first_text(said)) if (said := get("country")) else "") or default_country
    mails = _mails(get("email"))
    phones = _phones(get("phone"), country)
    name = first_text(get("name")) or first_text(get("organisation")) or first_text(get("full_name"))
    hosts = [*texts(get("domain")), *(mail.value for mail in mails)]
    return Features(
        kind="organisation",
        organisation=organisation_name(name, first_text(get("legal_form"))),
        emails=_keys("Oe", [mail.value for mail in mails]),
        phones=_keys("Op", [phone.value for phone in phones]),
        lines=_lines(phones),
        address=postal_address(fields, country) if not _ADDRESS_FIELDS.isdisjoint(fields) else None,
        governments=_keys("Og", _governments(get("tax_id"))),
        accounts=_accounts("Oa", record),
        domains=_keys("Oo", [domain for domain in map(web_domain, hosts) if domain]),
        others=_others(fields),
        apart=_apart(record),
    )


def _name(fields: Mapping[str, Any]) -> PersonName:
    get = fields.get
    return parse_name(
        first_text(raw) if (raw := get("given_name")) else "",
        first_text(raw) if (raw := get("middle_name")) else "",
        first_text(raw) if (raw := get("family_name")) else "",
        first_text(raw) if (raw := get("full_name")) else "",
        first_text(raw) if (raw := get("generation")) else "",
    )


def _addressed_sex(fields: Mapping[str, Any]) -> str:
    """The sex that a title before the name tells, where no column does."""
    raw = fields.get("full_name") or fields.get("given_name") or fields.get("family_name")
    return sex_of_title(first_text(raw)) if raw else ""


def _others(fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    named = [name for name in fields if name.startswith(_GENERIC)]
    if not named:
        return ()
    found = ((sys.intern(name), plain_words(first_text(fields[name]))) for name in named)
    return tuple(sorted((name, value) for name, value in found if value))


def _apart(record: IdentityRecord) -> tuple[str, str] | None:
    promised = clean(first_text(record.fields.get("apart")))
    return (promised, record.external_id) if promised else None


def _keys(letter: str, values: Iterable[str]) -> tuple[str, ...]:
    found = [sys.intern(f"{letter}:{value}") for value in values]
    return tuple(found) if len(found) <= 1 else tuple(sorted(set(found)))


def _mails(raw: object) -> list[Mail]:
    return [mail for text in texts(raw) for mail in email_addresses(text)]


def _phones(raw: object, country: str) -> list[Phone]:
    return [phone for text in texts(raw) for phone in phone_numbers(text, country)]


def _lines(phones: list[Phone]) -> tuple[str, ...]:
    return (phones[0].line,) if len(phones) == 1 else tuple(phone.line for phone in sorted(set(phones)))


def _governments(raw: object) -> list[str]:
    return [f"{found[0]}:{found[1]}" for found in map(government_number, items(raw)) if found]


def _accounts(letter: str, record: IdentityRecord) -> tuple[str, ...]:
    found = [account_number(item, record.source) for item in items(record.fields.get("account_id"))]
    return _keys(letter, [f"{one[0]}:{one[1]}" for one in found if one])


def _handles(record: IdentityRecord) -> tuple[str, ...]:
    found = [handle_name(text) for text in texts(record.fields.get("handle"))]
    return _keys("h", [f"{network or record.source}:{name}" for network, name in found if name])


def _devices(record: IdentityRecord) -> tuple[str, ...]:
    fields = record.fields
    if "anonymous_id" not in fields and "device_id" not in fields:
        return ()
    found = [*texts(fields.get("anonymous_id")), *texts(fields.get("device_id"))]
    return _keys("d", [f"{record.source}:{value}" for value in map(opaque_id, found) if value])


_TYPES = {
    "e": "email",
    "p": "phone",
    "g": "government_id",
    "a": "account_id",
    "h": "handle",
    "u": "user_id",
    "d": "device_id",
    "o": "domain",
}
_WITH_AUTHORITY = frozenset("gahud")


def key_identifier(key: str) -> Identifier:
    """The identifier an identifier key stands for ('e:anna@x.de' -> email anna@x.de)."""
    letter, _, rest = key.removeprefix("O").partition(":")
    authority, _, value = rest.partition(":") if letter in _WITH_AUTHORITY else ("", "", rest)
    return Identifier(_TYPES[letter], authority, value)


def identifiers(
    record: IdentityRecord, default_country: str = "", known: Features | None = None
) -> list[Identifier]:
    """Everything this record can be looked up by, shared mailboxes and ends of phone numbers included.

    ``known``: the record's features, where they were worked out already.
    """
    found = known or features(record, default_country)
    keys = [
        *found.emails,
        *found.phones,
        *found.governments,
        *found.accounts,
        *found.handles,
        found.user_id,
        *found.devices,
        *found.domains,
    ]
    result = {key_identifier(key) for key in keys if key}
    result |= {Identifier("email", "", mail.value) for mail in _mails(record.fields.get("email"))}
    result |= {Identifier("phone_tail", "", phone_tail(phone)) for phone in found.phones}
    result.add(Identifier("external_id", record.source, clean(record.external_id)))
    return sorted(result)


def normalise_query(text: str, default_country: str = "") -> list[Identifier]:
    """What a person typed, as the identifiers it may be. Authority '*' means: whatever the authority.

    A phone number gives its full form where the country is known and always its last seven digits.
    """
    typed = clean(text)
    result: list[Identifier] = []
    if mail := email_address(typed):
        return [Identifier("email", "", mail.value)]
    letters = sum(c.isalpha() for c in typed)
    if letters <= 3 and (phone := phone_number(text.rstrip(), default_country)):
        if not phone.value.startswith("~"):
            result.append(Identifier("phone", "", phone.value))
        result.append(Identifier("phone_tail", "", phone_tail(phone.value)))
    if not typed or (" " in typed and not any(c.isdigit() for c in typed)):
        return result
    for kind, read in (("government_id", government_number), ("account_id", issued_number)):
        if number := read(typed):
            result.append(Identifier(kind, number[0] or "*", number[1]))
    network, name = handle_name(typed)
    if name:
        result.append(Identifier("handle", network or "*", name))
    if domain := web_domain(typed):
        result.append(Identifier("domain", "", domain))
    return [*result, *(Identifier(kind, "*", typed) for kind in ("user_id", "device_id", "external_id"))]
