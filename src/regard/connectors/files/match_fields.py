"""Finds the field that a column holds, from its header and its values, with a confidence and a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regard.connectors.files.load_fields import ImportField
from regard.connectors.files.recognise_columns import ColumnFacts

_PREFIXES = {
    "customer": 0.9, "client": 0.9, "kunde": 0.9, "kunden": 0.9, "klient": 0.9, "cliente": 0.9,
    "contact": 0.88,
    "primary": 0.9, "main": 0.9, "person": 0.9, "personal": 0.88, "private": 0.88, "work": 0.86,
    "business": 0.86,
    "home": 0.86, "user": 0.86, "member": 0.86, "billing": 0.85, "bill": 0.85, "invoice": 0.85, "order": 0.85,
    "payment": 0.85, "product": 0.85, "item": 0.85, "ticket": 0.85, "company": 0.8, "account": 0.8,
    "mailing": 0.8,
    "shipping": 0.7, "ship": 0.7, "delivery": 0.7, "soc": 0.6,
}  # fmt: skip
# What happens has no address of its own: `billing state` is no status, `customer name` no title.
_INTERACTION_PREFIXES = frozenset({"order", "payment", "invoice", "product", "item", "ticket"})
_FAX_WORDS = frozenset({"fax", "faks", "telefax", "faxnummer", "faxnumber"})
_EXACT = 0.95
_LEAST = 0.45
_TEXT_FIELDS_WITH_NUMBERS = frozenset(
    {"order", "ticket", "sku", "postcode", "house_number", "unit", "account_id", "user_id", "government_id",
     "tax_id",
     "size", "anonymous_id", "device_id", "title", "campaign", "rating", "text", "note"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column probably holds; `field` None keeps it under its own name."""

    field: str | None
    confidence: float
    reason: str


def match_column(facts: ColumnFacts, fields: Sequence[ImportField]) -> ColumnProposal:
    """The likeliest field of a column among those of a target."""
    by_header = max((_by_header(facts, field) for field in fields), key=lambda found: found.confidence)
    by_values = guess_by_values(facts, {field.id for field in fields})
    best = max(by_header, by_values, key=lambda found: found.confidence)
    if best.confidence < _LEAST:
        return ColumnProposal(
            None, 0.0, "Neither header nor values tell a field; it is kept under its own name."
        )
    return best


def settle_conflicts(
    proposals: dict[str, ColumnProposal], fields: Sequence[ImportField]
) -> dict[str, ColumnProposal]:
    """The same proposals with every single-valued field given to its likeliest column only."""
    multiple = {field.id for field in fields if field.multiple}
    winners: dict[str, str] = {}
    for column, proposal in proposals.items():
        if proposal.field is None or proposal.field in multiple:
            continue
        holder = winners.setdefault(proposal.field, column)
        if proposals[holder].confidence < proposal.confidence:
            winners[proposal.field] = column
    settled = {}
    for column, proposal in proposals.items():
        winner = winners.get(proposal.field or "", column)
        if winner != column:
            reason = f"The column “{winner}” gives this field already; it is kept under its own name."
            settled[column] = ColumnProposal(None, 0.0, reason)
        else:
            settled[column] = proposal
    return settled


def header_score(words: str, phrases: Sequence[str], *, of_party: bool = True) -> float:
    """How well a header fits the words of a field: exactly, after a prefix, or as a part."""
    if words in phrases:
        return _EXACT
    tokens = words.split()
    known = tokens[:1] and tokens[0] in (_PREFIXES if of_party else _INTERACTION_PREFIXES)
    if len(tokens) > 1 and known and " ".join(tokens[1:]) in phrases:
        return _PREFIXES.get(tokens[0], 0.85)
    if len(tokens) > 1 and tokens[0] in _PREFIXES and not known:
        return 0.0
    if (
        len(tokens) > 1
        and (tokens[-1].isdigit() or len(tokens[-1]) == 3)
        and " ".join(tokens[:-1]) in phrases
    ):
        # Such as `email 2` and `amount eur`.
        return 0.85
    padded = f" {words} "
    longest = max(
        (len(phrase) for phrase in phrases if len(phrase) > 3 and f" {phrase} " in padded), default=0
    )
    return 0.45 + 0.3 * longest / len(words) if longest else 0.0


def _by_header(facts: ColumnFacts, field: ImportField) -> ColumnProposal:
    score = header_score(facts.words, field.words, of_party="interaction" not in field.targets)
    if score == 0.0:
        return ColumnProposal(None, 0.0, "")
    fit, says = fit_values(facts, field)
    reason = f"The header names it{says}."
    return ColumnProposal(field.id, round(score * fit, 2), reason)


def fit_values(facts: ColumnFacts, field: ImportField) -> tuple[float, str]:
    """How far the values agree with a field, and how to say it."""
    if not facts.values:
        return 0.75, ", though it is empty in the sample"
    shares = {
        "email": facts.emails, "phone": max(facts.phones, min(facts.numbers, 0.8)),
        "day": facts.readable_dates,
        "instant": facts.readable_dates, "amount": facts.numbers, "number": facts.numbers,
        "currency": facts.currencies,
    }  # fmt: skip
    if field.id == "account_id" and facts.distinct < 0.95:
        return 0.4, ", but its values repeat: people share it"
    if field.id == "organisation_ref":
        # Where nobody shares it, it may as well be the person's own number.
        return (1.0, " and people share it") if facts.distinct < 0.95 else (0.9, "")
    share = shares.get(field.kind)
    if share is None:
        if field.id in _TEXT_FIELDS_WITH_NUMBERS:
            return 1.0, ""
        odd = max(facts.numbers, facts.emails, facts.dates)
        return (0.45, ", but the values do not look like it") if odd > 0.8 else (1.0, "")
    if share >= 0.8:
        return 1.0, " and the values agree"
    return (0.9, " and most values agree") if share >= 0.5 else (0.4, ", but the values do not look like it")


def guess_by_values(facts: ColumnFacts, fields: set[str]) -> ColumnProposal:
    """The field that the values alone tell, among those ids; none with confidence 0."""
    guesses = (
        ("email", facts.emails, 0.8, "Nearly all values are e-mail addresses."),
        ("phone", 0.0 if _FAX_WORDS & set(facts.tokens) else facts.phones, 0.6,
         "Nearly all values look like telephone numbers."),
        ("currency", facts.currencies, 0.6, "The values are currencies."),
        ("full_name", facts.last_first if facts.given_names > 0.2 else 0.0, 0.6,
         "The values look like “Last, First”."),
        ("full_name", facts.given_names + 0.3 if _has_two_words(facts) else 0.0, 0.5,
         "Many values contain well-known given names."),
        ("given_name", facts.given_names + 0.3 if not _has_two_words(facts) else 0.0, 0.5,
         "Many values are well-known given names."),
    )  # fmt: skip
    for field, share, confidence, reason in guesses:
        if field in fields and share >= 0.8:
            return ColumnProposal(field, confidence, reason)
    return ColumnProposal(None, 0.0, "")


def _has_two_words(facts: ColumnFacts) -> bool:
    values = facts.values[:200]
    return sum(1 for value in values if " " in value) * 2 > len(values)
