"""Gives the fields of a target to the places of a sample: by names, by values, each field once at most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regard.connectors.files.load_fields import ImportField
from regard.connectors.files.match_fields import ColumnProposal, fit_values, guess_by_values
from regard.connectors.files.recognise_columns import ColumnFacts, normalise_words
from regard.connectors.mapping.recognise_times import holds_times
from regard.connectors.mapping.stream_vocabulary import spellings, stream_words
from regard.connectors.mapping.survey_bodies import GENERIC_WORDS, PlaceSurvey

Headings = Callable[[PlaceSurvey], list[str]]
"""What a table would call a place, the fullest name first."""

LEAST = 0.6
IDENTITY_LEAST = 0.8
"""What a name must say for a person to be read out of a record about something else."""
_FARTHER = 0.03
_EXACT = 0.95
# Before a field's name they say whose or which it is: `billing_address_street`, `customer email`.
_OF_PARTY = {
    "customer": 0.9, "client": 0.9, "kunde": 0.9, "kunden": 0.9, "klient": 0.9, "cliente": 0.9, "buyer": 0.9,
    "contact": 0.89, "primary": 0.9, "main": 0.9, "default": 0.88, "person": 0.9, "personal": 0.88,
    "private": 0.88, "home": 0.86, "work": 0.86, "business": 0.86, "user": 0.86, "member": 0.86,
    "guest": 0.86, "requester": 0.88, "subscriber": 0.88, "billing": 0.87, "bill": 0.87, "invoice": 0.85,
    "payment": 0.84, "mailing": 0.86, "postal": 0.86, "address": 0.86, "attendee": 0.86, "invitee": 0.88,
    "shipping": 0.7, "ship": 0.7, "delivery": 0.7, "other": 0.72, "alt": 0.68, "alternate": 0.7, "to": 0.7,
    "company": 0.8, "account": 0.8, "partner": 0.86, "lead": 0.86, "shopper": 0.88, "patient": 0.88,
}  # fmt: skip
_OF_INTERACTION = {
    "order": 0.88, "payment": 0.85, "invoice": 0.86, "product": 0.84, "item": 0.84, "ticket": 0.87,
    "line": 0.84, "deal": 0.88, "message": 0.86, "sales": 0.84, "transaction": 0.86, "review": 0.88,
    "call": 0.86, "note": 0.86, "event": 0.84, "booking": 0.86, "opportunity": 0.88, "quote": 0.86,
    "subscription": 0.86, "refund": 0.86, "case": 0.86, "conversation": 0.86,
}  # fmt: skip
# With one of these a sum is a part of the whole.
_PARTS_OF_SUMS = frozenset({
    "tax", "tva", "vat", "mwst", "iva", "discount", "discounts", "shipping", "freight", "fee", "fees",
    "refunded", "canceled", "cancelled", "rate", "residual", "untaxed", "cost", "tip", "rabatt", "steuer",
    "weight", "points", "signed", "count", "authorized", "limit", "settlement", "application",
})  # fmt: skip
_BY_ID = frozenset({
    "order", "ticket", "sku", "account_id", "user_id", "organisation_ref", "anonymous_id", "device_id",
    "government_id", "tax_id", "campaign", "email",
})  # fmt: skip
_CODED = frozenset({"country", "state", "currency", "language"})
_NUMBERED = frozenset({
    "number", "no", "nr", "num", "id", "code", "ref", "reference", "ean", "sku", "order", "account",
    "increment", "zip", "version", "ip", "token", "hash", "key", "fk",
})  # fmt: skip
_ID_SIGNS = frozenset({"id", "uuid", "guid", "ids", "fk"})
_SURE = 0.5
_FAX = frozenset({"fax", "faks", "telefax", "faxnummer", "faxnumber"})
_LONGEST_HONORIFIC = 4
# What values alone say of a telephone number: believed where no name says it.
_GUESSED = 0.6
_BARE_CODES = frozenset({"full_name", "name", "title"})
_BY_SHAPE = frozenset({"email", "phone", "day"})


@dataclass(frozen=True, slots=True)
class _Offer:
    path: str
    field: ImportField
    proposal: ColumnProposal


def match_places(
    places: Sequence[PlaceSurvey], total: int, fields: Sequence[ImportField], headings: Headings,
    least: float = LEAST,
) -> dict[str, ColumnProposal]:  # fmt: skip
    """What each place holds; one that lost its field to a likelier place gets its second best."""
    offers = [
        offer for place in places for offer in _offers(place, total, fields, headings(place))
        if offer.proposal.confidence >= least
    ]  # fmt: skip
    named = {offer.field.id for offer in offers if offer.proposal.confidence >= IDENTITY_LEAST}
    offers = [one for one in offers if one.proposal.confidence != _GUESSED or one.field.id not in named]
    offers.sort(key=lambda one: -one.proposal.confidence)
    found: dict[str, ColumnProposal] = {}
    taken: set[str] = set()
    for offer in offers:
        if offer.path not in found and (offer.field.multiple or offer.field.id not in taken):
            found[offer.path] = offer.proposal
            taken.add(offer.field.id)
    kept = ColumnProposal(None, 0.0, "Neither name nor values tell a field; it is kept under its own name.")
    return {place.path: found.get(place.path, kept) for place in places}


def _offers(
    place: PlaceSurvey, total: int, fields: Sequence[ImportField], headings: Sequence[str]
) -> list[_Offer]:
    facts = place.facts(headings[0], total)
    far = _FARTHER * sum(1 for part in place.told.split(".")[:-1] if not is_wrapper(part))
    names = [one for heading in headings for one in spellings(heading)]
    found = []
    for field in fields:
        best = max((_score(name, field, facts) for name in names), default=0.0)
        if best > 0.0:
            fit, says = fit_values(facts, field)
            if field.kind in ("day", "instant") and holds_times(facts.values):
                fit, says = 1.0, " and the values agree"
            worth = best * min(fit, _looks(facts, field)) - far
            proposal = ColumnProposal(field.id, round(worth, 4), f"The name says so{says}.")
            found.append(_Offer(place.path, field, proposal))
    by_values = _by_values(facts, fields, names)
    if by_values is not None:
        found.append(_Offer(place.path, *by_values))
    return found


def _score(name: str, field: ImportField, facts: ColumnFacts) -> float:
    """How well a name fits a field, before its values are looked at."""
    tokens = name.split()
    if not tokens or (_names_an_id(tokens) and not _may_be_id(field, facts)):
        return 0.0
    if _names_an_id(tokens) and field.id in _CODED:
        name = " ".join(token for token in tokens if token not in _ID_SIGNS)
    elif tokens[0] in _ID_SIGNS:
        name = " ".join([*tokens[1:], "id"])
    tokens = name.split()
    of_party = "interaction" not in field.targets
    score = _phrase_score(name, field.words)
    if not score and len(tokens) > 1:
        score = _qualified(tokens, field.words, _OF_PARTY if of_party else _OF_INTERACTION)
    if not score and field.kind in _BY_SHAPE and (field.kind != "phone" or facts.phones > _SURE):
        score = _partial(name, field.words)
    if field.kind == "phone" and _FAX & set(tokens):
        return 0.0
    if field.id == "amount" and set(tokens) & _PARTS_OF_SUMS and _phrase_score(name, field.words) == 0.0:
        return score * 0.5
    return score


def _phrase_score(name: str, phrases: Sequence[str]) -> float:
    """Exactly one of the phrases, those that stand first a little more; or one with a number behind."""
    if name in phrases:
        return _EXACT - 0.0005 * phrases.index(name)
    head, _, tail = name.rpartition(" ")
    if head in phrases and (tail.isdigit() or (len(tail) == 3 and tail in _CURRENCIES)):
        return 0.85
    return 0.0


def _qualified(tokens: Sequence[str], phrases: Sequence[str], qualifiers: Mapping[str, float]) -> float:
    """Behind one or two words that say whose it is, or before one: `name_first` is in the phrases."""
    worth = 1.0
    for cut in range(1, min(4, len(tokens))):
        token = tokens[cut - 1]
        worth = min(worth, 1.0 if token.isdigit() and cut > 1 else qualifiers.get(token, 0.0))
        if worth and (found := _phrase_score(" ".join(tokens[cut:]), phrases)):
            return worth * found / _EXACT - 0.01 * (cut - 1)
    last = qualifiers.get(tokens[-1], 0.0)
    if last and (found := _phrase_score(" ".join(tokens[:-1]), phrases)):
        return 0.9 * last * found / _EXACT
    return 0.0


def _partial(name: str, phrases: Sequence[str]) -> float:
    padded = f" {name} "
    longest = max((len(one) for one in phrases if len(one) > 3 and f" {one} " in padded), default=0)
    return 0.5 + 0.3 * longest / len(name) if longest else 0.0


def _names_an_id(tokens: Sequence[str]) -> bool:
    return len(tokens) > 1 and (tokens[-1] in _ID_SIGNS or tokens[0] in _ID_SIGNS)


def _may_be_id(field: ImportField, facts: ColumnFacts) -> bool:
    if field.id in _CODED:
        values = facts.values[:50]
        return bool(values) and all(one.isalpha() and len(one) <= 3 for one in values)
    return field.id in _BY_ID and (field.id != "email" or facts.emails > 0.8)


def _looks(facts: ColumnFacts, field: ImportField) -> float:
    """What the shape of the values takes from a field that only names describe."""
    values = facts.values[:50]
    if not values:
        return 1.0
    if field.id in _BARE_CODES:
        coded = sum(1 for one in values if " " not in one and any(c.isdigit() for c in one))
        return 0.6 if coded * 2 > len(values) else 1.0
    if field.id in ("given_name", "family_name", "city", "street"):
        letters = sum(1 for one in values if any(c.isalpha() for c in one) and "@" not in one)
        return 0.5 if letters * 2 < len(values) else 1.0
    if field.id == "email":
        return 1.0 if facts.emails > 0.5 else 0.4
    if field.id == "user_id":
        return 1.0 if facts.distinct > 0.95 else 0.4
    if field.id == "honorific":
        return 1.0 if all(len(one) <= _LONGEST_HONORIFIC for one in values) else 0.5
    if field.id in ("state", "job_title", "tier"):
        said = {normalise_words(one) for one in values}
        return 0.4 if said <= stream_words().conditions else 1.0
    if field.id == "language":
        return 1.0 if all(len(one) <= 20 for one in values) else 0.4
    return 1.0


def _by_values(
    facts: ColumnFacts, fields: Sequence[ImportField], names: Sequence[str]
) -> tuple[ImportField, ColumnProposal] | None:
    guess = guess_by_values(facts, {field.id for field in fields} - {"currency"})
    words = {token for name in names for token in name.split()}
    if guess.field is None or words & stream_words().staff:
        return None
    if guess.field == "phone" and words & _NUMBERED:
        return None
    if guess.field in ("full_name", "given_name") and (words & _NUMBERED or guess.confidence < LEAST):
        return None
    return next(field for field in fields if field.id == guess.field), guess


def is_wrapper(part: str) -> bool:
    """Whether an object around a record says nothing of its own."""
    return normalise_words(part.removesuffix("[*]").strip('"')) in stream_words().wrappers


def headings_of_party(place: PlaceSurvey) -> list[str]:
    """The whole way, its end, and the last name: `address street`, `street`."""
    parts = _bare(place.told)
    found = [" ".join(parts), " ".join(parts[-2:]), parts[-1]]
    if len(parts) > 1 and normalise_words(parts[-1]) in GENERIC_WORDS:
        found = [*found[:2], parts[-2]]
    return list(dict.fromkeys(normalise_words(one) for one in found))


def headings_of_interaction(place: PlaceSurvey) -> list[str]:
    """The whole way; of `price.amount` also `price`, of `totals.tax` also `tax`."""
    parts = _bare(place.told)
    found = [" ".join(parts)]
    if len(parts) > 1 and normalise_words(parts[-1]) in GENERIC_WORDS:
        found.append(" ".join(parts[:-1]))
    if len(parts) > 1 and all(normalise_words(one) in stream_words().money for one in parts[:-1]):
        found.append(parts[-1])
    return list(dict.fromkeys(normalise_words(one) for one in found))


def _bare(path: str) -> list[str]:
    """The names on the way, wrappers left out, unless nothing else is there."""
    parts = [part.removesuffix("[*]").strip('"') for part in path.split(".")]
    told = [part for part in parts[:-1] if not is_wrapper(part)]
    return [*told, parts[-1]]


_CURRENCIES = frozenset({"eur", "usd", "gbp", "chf", "pln"})


def without_dots(fields: Mapping[str, ImportField], leave: Sequence[str] = ()) -> list[ImportField]:
    """The fields that a proposal may use."""
    unfit = {"organisation_ref", "discount_share", *leave}
    return [one for name, one in fields.items() if not name.startswith("contact.") and name not in unfit]
