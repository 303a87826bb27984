"""One record's fields in the form they are compared in. Pure and versioned: features = f(record)."""

import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from regard.identity.fold_text import clean, fold, words
from regard.identity.identity_record import Identifier, IdentityRecord, Kind
from regard.identity.normalise_addresses import Address, country_code, postal_address
from regard.identity.normalise_contacts import (
    Mail,
    Phone,
    email_address,
    handle_name,
    phone_number,
    phone_tail,
)
from regard.identity.normalise_dates import birth_date
from regard.identity.normalise_names import PersonName, parse_name
from regard.identity.normalise_numbers import account_number, issued_number, opaque_id
from regard.identity.normalise_organisations import OrganisationName, organisation_name, web_domain

NORMALISER_VERSION = 1
"""Goes up whenever a record would give other features: stored features of another version are stale."""

_SEXES = {"m": "m", "male": "m", "man": "m", "mann": "m", "f": "f", "female": "f", "woman": "f",
"frau": "f", "w": "f",
          "weiblich": "f", "mannlich": "m", "k": "f", "kobieta": "f", "mezczyzna": "m"}  # fmt: skip
_ADDRESS_FIELDS = ("street", "house_number", "city", "postcode", "state")
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

    @property
    def only_devices(self) -> bool:
        """A web visitor nobody knows yet: device or anonymous ids and nothing else."""
        return bool(self.devices) and self == Features(self.kind, devices=self.devices)


def texts(raw: object) -> list[str]:
    """The texts of a field; their edges are kept (a lost '+' leaves a space)."""
    if raw is None:
        return []
    items = raw if isinstance(raw, list | tuple | set) else [raw]
    return [
        text
        for text in (item if isinstance(item, str) else str(item) for item in items if item is not None)
        if text.strip()
    ]


def _text(raw: object) -> str:
    found = texts(raw)
    return clean(found[0]) if found else ""


def features(record: IdentityRecord, default_country: str = "") -> Features:
    """Normalise ``record``; ``default_country`` (ISO 3166) is for national phone numbers."""
    return (
        _organisation(record, default_country)
        if record.kind == "organisation"
        else _person(record, default_country)
    )


def _person(record: IdentityRecord, default_country: str) -> Features:
    fields = record.fields
    devices = _devices(record)
    if len(fields) == 1 and devices:  # the common web visitor: skip everything else
        return Features("person", devices=devices)
    country = country_code(_text(fields.get("country"))) or default_country
    mails = _mails(fields.get("email"))
    phones = _phones(fields.get("phone"), country)
    employer = _text(fields.get("organisation"))
    user_id = opaque_id(fields.get("user_id") or "")
    return Features(
        kind="person",
        name=parse_name(
            *(
                _text(fields.get(part))
                for part in ("given_name", "middle_name", "family_name", "full_name", "generation")
            )
        ),
        organisation=organisation_name(employer) if employer else _NO_ORGANISATION,
        birth=sys.intern(birth_date(_text(fields.get("birth_date")), country)),
        sex=_SEXES.get(fold(_text(fields.get("sex"))), ""),
        emails=_keys("e", (mail.value for mail in mails if not mail.shared)),
        phones=_keys("p", (phone.value for phone in phones)),
        lines=tuple(phone.line for phone in sorted(set(phones))),
        address=_place(record),
        governments=_keys("g", _numbers(fields.get("government_id"))),
        accounts=_keys("a", _accounts(record)),
        handles=_keys("h", _handles(record)),
        user_id=sys.intern(f"u:{record.source}:{user_id}") if user_id else "",
        devices=devices,
        others=_others(record),
        apart=_apart(record),
    )


def _organisation(record: IdentityRecord, default_country: str) -> Features:
    fields = record.fields
    country = country_code(_text(fields.get("country"))) or default_country
    mails = _mails(fields.get("email"))
    phones = _phones(fields.get("phone"), country)
    name = _text(fields.get("name")) or _text(fields.get("organisation")) or _text(fields.get("full_name"))
    domains = [web_domain(text) for text in texts(fields.get("domain"))] + [
        web_domain(mail.value) for mail in mails
    ]
    return Features(
        kind="organisation",
        organisation=organisation_name(name, _text(fields.get("legal_form"))),
        emails=_keys("Oe", (mail.value for mail in mails)),
        phones=_keys("Op", (phone.value for phone in phones)),
        lines=tuple(phone.line for phone in sorted(set(phones))),
        address=_place(record),
        governments=_keys("Og", _numbers(fields.get("tax_id"))),
        accounts=_keys("Oa", _accounts(record)),
        domains=_keys("Oo", (domain for domain in domains if domain)),
        others=_others(record),
        apart=_apart(record),
    )


def _others(record: IdentityRecord) -> tuple[tuple[str, str], ...]:
    found = ((name, words(_text(raw))) for name, raw in record.fields.items() if name.startswith(_GENERIC))
    return tuple(sorted((sys.intern(name), sys.intern(value)) for name, value in found if value))


def _apart(record: IdentityRecord) -> tuple[str, str] | None:
    promised = _text(record.fields.get("apart"))
    return (promised, record.external_id) if promised else None


def _keys(letter: str, values: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({sys.intern(f"{letter}:{value}") for value in values}))


def _mails(raw: object) -> list[Mail]:
    return [mail for mail in map(email_address, texts(raw)) if mail]


def _phones(raw: object, country: str) -> list[Phone]:
    return [phone for phone in (phone_number(text, country) for text in texts(raw)) if phone]


def _numbers(raw: object) -> Iterator[str]:
    for found in map(issued_number, _items(raw)):
        if found:
            yield f"{found[0]}:{found[1]}"


def _items(raw: object) -> list[Any]:
    return list(raw) if isinstance(raw, list | tuple) else [raw] if raw else []


def _accounts(record: IdentityRecord) -> Iterator[str]:
    for found in (account_number(item, record.source) for item in _items(record.fields.get("account_id"))):
        if found:
            yield f"{found[0]}:{found[1]}"


def _handles(record: IdentityRecord) -> Iterator[str]:
    for network, name in map(handle_name, texts(record.fields.get("handle"))):
        if name:
            yield f"{network or record.source}:{name}"


def _devices(record: IdentityRecord) -> tuple[str, ...]:
    found = [*texts(record.fields.get("anonymous_id")), *texts(record.fields.get("device_id"))]
    return _keys("d", (f"{record.source}:{value}" for value in map(opaque_id, found) if value))


def _place(record: IdentityRecord) -> Address | None:
    return _intern_address(*(_text(record.fields.get(part)) for part in _ADDRESS_FIELDS))


@lru_cache(maxsize=65_536)
def _intern_address(*parts: str) -> Address | None:
    return postal_address(dict(zip(_ADDRESS_FIELDS, parts, strict=True))) if any(parts) else None


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
    if number := issued_number(typed):
        result += [Identifier(kind, number[0] or "*", number[1]) for kind in ("government_id", "account_id")]
    network, name = handle_name(typed)
    if name:
        result.append(Identifier("handle", network or "*", name))
    if domain := web_domain(typed):
        result.append(Identifier("domain", "", domain))
    return [*result, *(Identifier(kind, "*", typed) for kind in ("user_id", "device_id", "external_id"))]
