"""The catalogue of what two records are compared by: per field its value, its levels and how they are found.

A field's levels are small numbers, so that what a pair of records says is a few bytes (a *pattern*). 0 means
nothing known. Levels in ``frequent`` also tell how common the agreed value is, in steps of ``STEP`` bits.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from regard.identity import compare_names, compare_values, tell_apart
from regard.identity.compare_names import FamilyName
from regard.identity.compare_values import Phones
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_contacts import is_free_mail
from regard.identity.normalise_fields import Features
from regard.identity.normalise_names import PersonName
from regard.identity.normalise_organisations import OrganisationName

STEP = 0.75
STEPS = 32
_MIDDLE_STEP = 18
_PLAIN = 40

Keys = tuple[str, ...]
Mails = tuple[Keys, bool]
Employer = tuple[OrganisationName, Address | None]
Agreement = tuple[str, Hashable]
"""(level, the value agreed on where its frequency matters else None); level '' = nothing known."""
NOTHING: Agreement = ("", None)


@dataclass(frozen=True)
class EvidenceField:
    """One field of the evidence.

    ``value``: its value in the features, None when nothing is known; ``compare``: the agreement of two
    values given the hubs, the same for (a, b) and (b, a); ``bearers``: the (frequency group, value) pairs a
    value counts for; ``frequent``: level -> its frequency group. ``by_hubs``: hubs can change the answer.
    ``apart``: a quick test after which two different values reach no level of ``frequent``, whatever the
    hubs; None where only comparing tells.
    """

    name: str
    levels: tuple[str, ...]
    value: Callable[[Features], Hashable | None]
    compare: Callable[[Any, Any, Collection[str]], Agreement]
    bearers: Callable[[Any], Iterable[tuple[str, Hashable]]] = lambda _: ()
    frequent: tuple[tuple[str, str], ...] = ()
    by_hubs: bool = False
    apart: Callable[[Any, Any], bool] | None = None

    @property
    def whole(self) -> bool:
        """Do values agree only when they are equal, and all others disagree alike?"""
        return self.compare in (_exact, _full_name)

    @cached_property
    def number(self) -> dict[str, int]:
        """Level -> its number when the frequency of the value is unknown."""
        return {"": 0, **{level: at for at, level in enumerate(self.levels, start=1)}}

    @cached_property
    def group_of(self) -> dict[str, str]:
        """Level -> the frequency group its agreed value is counted in."""
        return dict(self.frequent)

    @cached_property
    def _block(self) -> dict[str, int]:
        return {level: _PLAIN + STEPS * at for at, (level, _) in enumerate(self.frequent)}

    @property
    def numbers(self) -> int:
        """One more than the greatest level number."""
        return _PLAIN + STEPS * len(self.frequent)

    def stepped(self, level: str, bits: float) -> int:
        """The number of ``level`` for a value that makes it worth ``bits`` more than on average."""
        step = min(max(round(bits / STEP) + _MIDDLE_STEP, 0), STEPS - 1)
        return self._block[level] + step

    def read(self, number: int) -> tuple[str, float]:
        """(level, bits it is worth more because of the value's frequency) of a level number."""
        if number < _PLAIN:
            return ("", *self.levels)[number] if number <= len(self.levels) else "", 0.0
        at, step = divmod(number - _PLAIN, STEPS)
        return self.frequent[at][0], (step - _MIDDLE_STEP) * STEP


def _exact(one: Hashable, two: Hashable, _: Collection[str]) -> Agreement:
    return ("exact", one) if one == two else ("different", None)


def _bears(value: Hashable) -> Iterable[tuple[str, Hashable]]:
    return (("exact", value),)


def _given(one: str, two: str, _: Collection[str]) -> Agreement:
    return compare_names.given_level(one, two), one


def _family(one: FamilyName, two: FamilyName, _: Collection[str]) -> Agreement:
    return compare_names.family_level(one, two)


def _family_bearers(value: FamilyName) -> Iterable[tuple[str, Hashable]]:
    yield "exact", compare_names.family_core(value)
    for word in compare_names.family_words(value):
        yield "part", word


def _full_name_of(found: Features) -> Hashable | None:
    return (found.name.given, found.name.family) if found.name.given and found.name.family else None


def _full_name(one: tuple[str, str], two: tuple[str, str], _: Collection[str]) -> Agreement:
    """Given and family names go together: agreeing on both is worth less than the sum of both."""
    return ("exact", one) if one == two else NOTHING


def _middle(one: str, two: str, _: Collection[str]) -> Agreement:
    return compare_names.middle_level(one, two), None


def _generation(one: str, two: str, _: Collection[str]) -> Agreement:
    if one == two:
        return ("exact", None) if one != UNSAID else NOTHING
    return ("one_sided" if UNSAID in (one, two) else "different"), None


UNSAID = "-"
"""The generation of somebody whose family name is known and who bears no suffix."""


def _generation_of(found: Features) -> str | None:
    return found.name.generation or (UNSAID if found.name.family else None)


def _birth_of(found: Features) -> Hashable | None:
    return (found.birth, found.birth_other) if found.birth else None


def _birth(one: tuple[str, str], two: tuple[str, str], _: Collection[str]) -> Agreement:
    if one[0] != two[0] and (one[0] == two[1] or two[0] == one[1]):
        return "exact", max(one[0], two[0])
    return compare_values.birth_level(one[0], two[0]), one[0]


def _email_of(found: Features) -> Hashable | None:
    return (found.emails, compare_values.speaks_name(found.emails, found.name)) if found.emails else None


def _email(one: Mails, two: Mails, hubs: Collection[str]) -> Agreement:
    level, key = compare_values.mails_level(one[0], two[0], hubs, named=one[1] and two[1])
    if level != "company":
        return level, key
    return level, min(set(_hosts(one[0])) & set(_hosts(two[0])))


def _hosts(keys: Keys) -> Iterable[str]:
    return [host for host in (key.partition("@")[2] for key in keys) if not is_free_mail(host)]


def _email_bearers(value: Mails) -> Iterable[tuple[str, Hashable]]:
    yield from _each(value[0])
    for host in dict.fromkeys(_hosts(value[0])):
        yield "host", host


def _phone_of(found: Features) -> Hashable | None:
    return (found.phones, found.lines) if found.phones else None


def _phone(one: Phones, two: Phones, hubs: Collection[str]) -> Agreement:
    return compare_values.phones_level(one, two, hubs)


def _address_bearers(value: Address) -> Iterable[tuple[str, Hashable]]:
    if value.street:
        if value.number:
            yield "exact", (value.street, value.number, value.postcode or value.city)
        yield "street", (value.street, value.postcode or value.city)
    if value.postcode:
        yield "postcode", value.postcode
    if value.city:
        yield "city", value.city


def _address(one: Address, two: Address, _: Collection[str]) -> Agreement:
    level = compare_values.address_level(one, two)
    match level:
        case "exact":
            return level, min((v.street, v.number, v.postcode or v.city) for v in (one, two))
        case "street" | "neighbour":
            return level, min((v.street, v.postcode or v.city) for v in (one, two))
        case "postcode" | "moved_postcode":
            return level, one.postcode if one.postcode == two.postcode else None
        case "city" | "moved_city":
            return level, one.city if one.city == two.city else None
        case None:
            return NOTHING
        case _:
            return level, None


def _numbers(one: Keys, two: Keys, hubs: Collection[str]) -> Agreement:
    return compare_values.numbers_level(one, two, hubs)


def _accounts(one: Keys, two: Keys, hubs: Collection[str]) -> Agreement:
    level, key = compare_values.numbers_level(one, two, hubs)
    return (level, key) if level in {"exact", ""} else ("different", None)


def _shared(one: Keys, two: Keys, hubs: Collection[str]) -> Agreement:
    key = compare_values.shared(one, two, hubs)
    return ("exact", key) if key else NOTHING


def _domains(one: Keys, two: Keys, hubs: Collection[str]) -> Agreement:
    key = compare_values.shared(one, two, hubs)
    return ("exact", key) if key else ("different", None)


def _each(keys: Iterable[str]) -> Iterable[tuple[str, Hashable]]:
    return [("exact", key) for key in keys]


def _user(one: str, two: str, _: Collection[str]) -> Agreement:
    if one == two:
        return "exact", one
    same_source = one.split(":", 2)[1] == two.split(":", 2)[1]
    return ("different", None) if same_source else NOTHING


def _employer_of(found: Features) -> Hashable | None:
    return (found.organisation, found.address) if found.organisation.core and found.kind == "person" else None


def _employer(one: Employer, two: Employer, _: Collection[str]) -> Agreement:
    """Firm and address go together: who is met at an address of a firm says nothing new by its name."""
    level = compare_names.organisation_level(one[0], two[0])
    if level not in {"exact", "close"}:
        return "different", None
    if compare_values.address_level(one[1], two[1]) in {"exact", "close"}:
        return NOTHING
    return "exact", one[0].core if one[0].core == two[0].core else None


def _company(one: OrganisationName, two: OrganisationName, _: Collection[str]) -> Agreement:
    return compare_names.organisation_level(one, two), one.core if one.core == two.core else None


def _apart(one: tuple[str, str], two: tuple[str, str], _: Collection[str]) -> Agreement:
    return ("same_source", None) if one[0] == two[0] and one != two else NOTHING


def _text(one: str, two: str, _: Collection[str]) -> Agreement:
    return compare_values.text_level(one, two), one


_LOCATED = (
    ("exact", "exact"),
    ("street", "street"),
    ("postcode", "postcode"),
    ("city", "city"),
    ("moved_postcode", "postcode"),
    ("moved_city", "city"),
)
_BY_VALUE = (("exact", "exact"),)

EVIDENCE_FIELDS: tuple[EvidenceField, ...] = (
    EvidenceField("given_name", ("exact", "nickname", "close", "initial", "swapped", "loose", "different",
                   "two_names"),
                  lambda f: f.name.given or None, _given, _bears, _BY_VALUE, apart=tell_apart.different),
    EvidenceField("family_name",
                  ("exact", "close", "part", "swapped", "crossed", "half_crossed", "different"),
                  lambda f: (f.name.family, f.name.family_parts) if f.name.family else None, _family,
                  _family_bearers, (*_BY_VALUE, ("part", "part")), apart=tell_apart.families_apart),
    EvidenceField("full_name", ("exact",), _full_name_of, _full_name, frequent=_BY_VALUE,
                  apart=tell_apart.different),
    EvidenceField("middle_name", ("exact", "initial", "different"), lambda f: f.name.middle or None, _middle),
    EvidenceField("generation", ("exact", "one_sided", "different"), _generation_of, _generation),
    EvidenceField("sex", ("exact", "different"), lambda f: f.sex or None, _exact),
    EvidenceField("birth_date",
                  ("exact", "january_first", "close", "year", "near", "different", "far"),
                  _birth_of, _birth, lambda value: (("exact", value[0]),), _BY_VALUE,
                  apart=tell_apart.births_apart),
    EvidenceField("email", ("exact", "close", "local", "named", "company", "different"), _email_of, _email,
                  _email_bearers, (*_BY_VALUE, ("company", "host")), by_hubs=True,
                  apart=tell_apart.mails_apart),
    EvidenceField("phone", ("mobile", "landline", "unknown", "close", "different"), _phone_of, _phone,
                  lambda value: _each(value[0]),
                  (("mobile", "exact"), ("landline", "exact"), ("unknown", "exact")), by_hubs=True,
                  apart=tell_apart.phones_apart),
    EvidenceField("address",
                  ("exact", "close", "street", "neighbour", "postcode", "city", "moved_postcode",
                   "moved_city", "elsewhere"),
                  lambda f: f.address, _address, _address_bearers, _LOCATED),
    EvidenceField("government_id", ("exact", "close", "other", "different"),
                  lambda f: f.governments or None if f.kind == "person" else None, _numbers, _each, _BY_VALUE,
                  by_hubs=True, apart=tell_apart.keys_apart),
    EvidenceField("account_id", ("exact", "different"), lambda f: f.accounts or None, _accounts, _each,
                  _BY_VALUE, by_hubs=True, apart=tell_apart.keys_apart),
    EvidenceField("handle", ("exact",), lambda f: f.handles or None, _shared, _each, _BY_VALUE, by_hubs=True,
                  apart=tell_apart.keys_apart),
    EvidenceField("user_id", ("exact", "different"), lambda f: f.user_id or None, _user,
                  apart=tell_apart.different),
    EvidenceField("device_id", ("exact",), lambda f: f.devices or None, _shared, _each, _BY_VALUE,
                  by_hubs=True, apart=tell_apart.keys_apart),
    EvidenceField("organisation", ("exact", "different"),
                  _employer_of, _employer, lambda value: (("exact", value[0].core),), _BY_VALUE),
    EvidenceField("name", ("exact", "close", "part", "different"),
                  lambda f: f.organisation if f.organisation.core and f.kind == "organisation" else None,
                  _company, lambda value: (("exact", value.core),), _BY_VALUE),
    EvidenceField("legal_form", ("exact", "different"),
                  lambda f: f.organisation.form or None if f.kind == "organisation" else None, _exact),
    EvidenceField("tax_id", ("exact", "close", "other", "different"),
                  lambda f: f.governments or None if f.kind == "organisation" else None, _numbers, _each,
                  _BY_VALUE, by_hubs=True, apart=tell_apart.keys_apart),
    EvidenceField("domain", ("exact", "different"), lambda f: f.domains or None, _domains, _each, _BY_VALUE,
                  by_hubs=True, apart=tell_apart.keys_apart),
    EvidenceField("apart", ("same_source",), lambda f: f.apart, _apart),
)  # fmt: skip
"""Every field two records are compared by, in the order of the pattern; generic columns come after them."""

GIVEN, FAMILY = 0, 1
_CROSSABLE = "", "different", "loose", "two_names"
CROSSABLE_GIVEN = frozenset(EVIDENCE_FIELDS[GIVEN].number[word] for word in _CROSSABLE)
CROSSABLE_FAMILY = frozenset(EVIDENCE_FIELDS[FAMILY].number[word] for word in ("", "different"))
"""Levels of given and family name after which it is worth asking whether the columns are swapped."""


def generic_field(name: str) -> EvidenceField:
    """The evidence field of a generic column, 'category:occupation' or 'text:birth_place'."""

    def value(found: Features) -> str | None:
        return next((text for column, text in found.others if column == name), None)

    if name.startswith("category:"):
        levels: tuple[str, ...] = ("exact", "different")
        return EvidenceField(name, levels, value, _exact, _bears, _BY_VALUE, apart=tell_apart.different)
    levels = ("exact", "close", "part", "different")
    return EvidenceField(name, levels, value, _text, _bears, _BY_VALUE, apart=tell_apart.different)


def cross_names(one: PersonName, two: PersonName, given: str, family: str) -> tuple[int, int]:
    """The level numbers of given and family name, whose levels so far are given, once names in other columns
    are looked at."""
    words = compare_names.crossed_levels(one, two, given, family)
    return EVIDENCE_FIELDS[GIVEN].number[words[0]], EVIDENCE_FIELDS[FAMILY].number[words[1]]
