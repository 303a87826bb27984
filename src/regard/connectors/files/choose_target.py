"""Guesses what the rows of a table are: persons, organisations, or which kind of interaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from regard.connectors.files.load_fields import load_fields
from regard.connectors.files.match_fields import header_score
from regard.connectors.files.recognise_columns import ColumnFacts, normalise_words

_STRONG = 0.8


class _Headers:
    """Answers whether some column is headed like a field, and whether a word stands in any header."""

    def __init__(self, facts: Sequence[ColumnFacts]) -> None:
        self._facts = facts
        self._words = {word for column in facts for word in column.tokens}
        self._fields = {
            (field.id, target): field for field in load_fields().fields for target in field.targets
        }

    def has(self, field: str, target: str = "interaction") -> bool:
        return self.column(field, target) is not None

    def column(self, field: str, target: str = "interaction") -> ColumnFacts | None:
        words = self._fields[field, target].words
        return next((column for column in self._facts if header_score(column.words, words) >= _STRONG), None)

    def has_last_first(self) -> bool:
        name = self.column("full_name", "person")
        return name is not None and name.last_first > 0.6

    def word(self, *words: str) -> bool:
        return any(word in self._words for word in words)


def choose_target(facts: Sequence[ColumnFacts], stream: str, filename: str) -> tuple[str, str]:
    """The likeliest target and the reason for it."""
    scores = clue_scores(facts)
    for name, weight in ((stream, 2.0), (filename.rsplit("/", 1)[-1].split(".", maxsplit=1)[0], 1.0)):
        for target in _named_targets(name):
            scores[target] += weight
    best = max(scores, key=lambda target: scores[target])
    if scores[best] < 1.0:
        return "person", "Nothing tells what the rows are; persons are assumed."
    label = next(target.label for target in load_fields().targets if target.id == best)
    return best, f"The headers and the name of the stream point to: {label}."


def clue_scores(facts: Sequence[ColumnFacts]) -> dict[str, float]:
    """What the headers and the values say for each target, without the name of the table."""
    headers = _Headers(facts)
    scores = {target.id: 0.0 for target in load_fields().targets}
    for target_id, test, weight in _CLUES:
        if test(headers):
            scores[target_id] += weight
    scores["organisation"] += _organisation_score(headers)
    return scores


_CLUES: tuple[tuple[str, Callable[[_Headers], bool], float], ...] = (
    ("person", lambda h: h.has("given_name", "person") and h.has("family_name", "person"), 2.5),
    ("person", lambda h: h.has_last_first(), 2.0),
    ("person", lambda h: h.has("birth_date", "person"), 1.5),
    ("person", lambda h: h.has("email", "person") and not h.has("text"), 1.0),
    ("person", lambda h: h.has("city", "person") and h.has("postcode", "person"), 0.5),
    ("organisation", lambda h: h.has("tax_id", "organisation") or h.has("legal_form", "organisation"), 1.5),
    ("organisation", lambda h: h.has("industry", "organisation") or h.has("domain", "organisation"), 0.7),
    ("order_line", lambda h: h.has("quantity") and (h.has("sku") or h.has("unit_price")), 2.5),
    ("order_line", lambda h: h.has("unit_price") and h.has("order"), 1.0),
    ("order",
     lambda h: h.word("order", "bestellung", "bestellnummer", "auftrag", "zamowienia", "commande", "pedido"),
     1.0),
    ("order", lambda h: h.word("shipped", "ship", "shipping", "freight", "delivery", "versand"), 0.7),
    ("invoice",
     lambda h: h.word("invoice", "rechnung", "rechnungsnummer", "faktury", "facture", "factura", "fatura"),
     1.0),
    ("invoice", lambda h: h.has("amount") and h.has("due_at"), 0.7),
    ("payment", lambda h: h.word("payment", "zahlung", "platnosci", "paiement", "pago", "pagamento"), 1.2),
    ("refund", lambda h: h.word("refund", "erstattung", "zwrotu", "remboursement", "reembolso"), 1.5),
    ("ticket", lambda h: h.word("ticket", "case", "requester", "assignee"), 1.5),
    ("ticket", lambda h: h.word("subject", "betreff", "temat") and h.has("status"), 1.0),
    ("call", lambda h: h.word("call", "caller", "callee", "anruf", "anrufer"), 1.5),
    ("call", lambda h: h.has("duration_seconds") and h.has("direction"), 1.2),
    ("message", lambda h: h.has("text") and h.has("direction"), 1.0),
    ("page_view", lambda h: h.word("page", "referrer", "pageview"), 1.5),
    ("campaign", lambda h: h.has("campaign") and h.has("action"), 1.5),
    ("consent",
     lambda h: h.word("consent", "purpose", "einwilligung", "zgoda") and h.has("state", "consent"), 2.0),
    ("review", lambda h: h.has("rating") and h.has("text"), 1.5),
    ("deal", lambda h: h.word("deal", "opportunity", "probability"), 1.5),
    ("subscription", lambda h: h.word("subscription", "abo", "mrr", "renewal"), 1.5),
)  # fmt: skip


def _named_targets(name: str) -> list[str]:
    """The targets that a name of a file or stream says; customers can be persons and organisations."""
    words = normalise_words(name)
    while words and words.split()[-1].isdigit():
        words = " ".join(words.split()[:-1])
    exact = [target.id for target in load_fields().targets if words in target.words]
    if exact:
        return exact
    parts = words.split()
    return [target.id for target in load_fields().targets if any(part in target.words for part in parts)][:1]


def _organisation_score(headers: _Headers) -> float:
    """A table where every row names another company and no person by given and family name."""
    name = headers.column("name", "organisation")
    if name is None or name.words in ("name", "customer", "customer name", "nazwa", "nom", "nombre", "nome"):
        return 0.0
    persons = headers.has("given_name", "person") or headers.has("family_name", "person")
    if persons or name.filled < 0.95 or name.distinct < 0.95:
        return 0.0
    return 3.0
