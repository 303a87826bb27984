"""What ties one party to others without making them one: a household, a place of work. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from regard.identity.normalise_fields import Features
from regard.identity.normalise_organisations import web_domain

TieRole = Literal["household", "works_at", "employs"]
OTHER_END: Mapping[TieRole, TieRole] = {
    "household": "household",
    "works_at": "employs",
    "employs": "works_at",
}
"""Which role a tie leads to."""


class Tie(NamedTuple):
    """Records with an equal ``key`` are tied where one's role is the other end of the other's."""

    key: str
    role: TieRole


def derive_ties(found: Features) -> list[Tie]:
    """The ties of one record, sorted.

    People of one family name share a household where they share house and street, or a landline. A person
    works at the organisation of the employer's name whose domain the mailbox is at; a free mailbox says
    nothing, nor does the name alone.
    """
    ties = _of_organisation(found) if found.kind == "organisation" else _of_person(found)
    return sorted(set(ties))


def _of_person(found: Features) -> Iterator[Tie]:
    family, address = found.name.family, found.address
    if family and address and address.street and address.number:
        house = f"{address.street}:{address.number}"
        for place in (address.postcode, address.city):
            if place:
                yield Tie(f"address:{family}:{house}:{place}", "household")
    if family:
        for phone, line in zip(found.phones, found.lines, strict=False):
            if line == "landline":
                yield Tie(f"landline:{family}:{phone[2:]}", "household")
    employer = found.organisation.core
    for mail in found.emails if employer else ():
        domain = web_domain(mail)
        if domain:
            yield Tie(f"{domain}:{employer}", "works_at")


def _of_organisation(found: Features) -> Iterator[Tie]:
    core = found.organisation.core
    for domain in found.domains if core else ():
        yield Tie(f"{domain[3:]}:{core}", "employs")
