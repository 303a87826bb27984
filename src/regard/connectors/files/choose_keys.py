"""Guesses which columns name a row, whose it is, and when it happened."""

from __future__ import annotations

from collections.abc import Sequence

from regard.connectors.files.describe_mapping import OCCURRENCE, WHOLE_ROW, PartyColumn
from regard.connectors.files.describe_table import Cells
from regard.connectors.files.load_fields import PARTY_TARGETS, load_fields
from regard.connectors.files.match_fields import header_score
from regard.connectors.files.recognise_columns import ColumnFacts, cell_as_text, normalise_words

DEFAULT_PARTY_STREAM = "customers"
_ENDINGS = ("id", "nr", "no", "number", "nummer", "numer", "code", "key", "uuid", "guid", "num", "numero")


def choose_party(facts: Sequence[ColumnFacts], known_stream: str | None) -> PartyColumn | None:
    """The column with the id of the party; `known_stream` is the stream of parties imported before."""
    streams = load_fields().party_streams
    ranked: list[tuple[float, int, ColumnFacts, str]] = []
    for column in facts:
        rank, stream = _party_rank(column, streams)
        if rank:
            ranked.append((rank, -column.position, column, stream))
    if not ranked:
        return None
    column, stream = max(ranked, key=lambda one: one[:2])[2:]
    return PartyColumn(known_stream or stream, column.name)


def choose_id(
    facts: Sequence[ColumnFacts], rows: Sequence[Cells], target: str, stream: str,
    fields: dict[str, str | None],
    party: PartyColumn | None,
) -> list[str]:  # fmt: skip
    """The columns whose values, joined, name a row; counting completes what is not unique."""
    candidates = [column for column in facts if not (party and column.name == party.column)]
    single = _single_id(candidates, target, stream)
    if single is not None and (target in PARTY_TARGETS or single.distinct == 1.0):
        return [single.name]
    by_field = {field: column for column, field in fields.items() if field is not None}
    base = by_field.get(target) or by_field.get("order") or (single.name if single else None)
    if target in PARTY_TARGETS or base is None:
        return [WHOLE_ROW] if target in PARTY_TARGETS else [WHOLE_ROW, OCCURRENCE]
    chosen = [base]
    article = by_field.get("sku")
    if article and article != base and not _is_unique(rows, chosen):
        chosen.append(article)
    if target == "order_line" or not _is_unique(rows, chosen):
        chosen.append(OCCURRENCE)
    return chosen


def choose_times(facts: Sequence[ColumnFacts], target: str) -> tuple[str | None, str | None]:
    """The columns of when it happened (interactions only) and of when the row was last changed."""
    words = load_fields().date_words
    updated = _best_date(facts, words["updated_at"], least=0.8, hint="")
    if target in PARTY_TARGETS:
        return None, updated
    others = [column for column in facts if column.name != updated]
    return _best_date(others, words["occurred_at"], least=0.4, hint=target.split("_", maxsplit=1)[0]), updated


def _best_date(facts: Sequence[ColumnFacts], words: Sequence[str], least: float, hint: str) -> str | None:
    due = next(field.words for field in load_fields().fields if field.id == "due_at")
    ranked: list[tuple[float, int, str]] = []
    for column in facts:
        score = header_score(column.words, words)
        if score < least and column.dates >= 0.8 and least < 0.8:
            score = 0.45
        if score < least or column.readable_dates < 0.6 or header_score(column.words, due) >= 0.8:
            continue
        named = 0.1 if hint and hint in column.tokens else 0.0
        ranked.append((score + named + 0.05 * column.filled, -column.position, column.name))
    return max(ranked)[2] if ranked else None


def _party_rank(column: ColumnFacts, streams: dict[str, str]) -> tuple[float, str]:
    """How surely a column holds ids of parties: `customer id` before `customer`; names are none."""
    tokens = column.tokens
    if not tokens or not column.values or column.emails > 0.5 or column.dates > 0.5:
        return 0.0, ""
    compound = next((word for word in streams if len(word) > 4 and tokens[0].startswith(word)), None)
    word = next((token for token in tokens if token in streams), compound)
    if word is None:
        return 0.0, ""
    rest = [token for token in tokens if token != word]
    ends_as_id = tokens[-1] in load_fields().id_words or tokens[-1].endswith(_ENDINGS[1:6])
    if ends_as_id and len(rest) <= 1:
        return 3.0 if streams[word] == DEFAULT_PARTY_STREAM else 2.0, streams[word]
    spaced = sum(1 for value in column.values[:200] if " " in value.strip())
    if not rest and spaced * 10 < len(column.values[:200]):
        return 1.0, streams[word]
    return 0.0, ""


def _single_id(facts: Sequence[ColumnFacts], target: str, stream: str) -> ColumnFacts | None:
    """The column that is headed like the id of such rows and never repeats or lacks a value."""
    names = {word for part in (target, stream) for word in normalise_words(part).split()}
    names |= {word.removesuffix("s") for word in names}
    if target in PARTY_TARGETS:
        names |= set(load_fields().party_streams)
    ranked: list[tuple[float, int, ColumnFacts]] = []
    for column in facts:
        score = _id_score(column, names)
        # A clear name outweighs rows without an id and repeated ones: they are shown as such.
        named = score >= 2.5 and column.filled > 0.5 and column.distinct > 0.5
        if named or (score and column.filled > 0.98 and column.distinct > 0.9):
            ranked.append((score + column.distinct, -column.position, column))
    return max(ranked, key=lambda one: one[:2])[2] if ranked else None


def _id_score(column: ColumnFacts, names: set[str]) -> float:
    tokens = column.tokens
    if not tokens or column.dates > 0.5:
        return 0.0
    if tokens == ["id"] or column.words in ("record id", "external id", "row id", "lp", "uuid"):
        return 3.0
    is_id = tokens[-1] in load_fields().id_words or tokens[-1].endswith(_ENDINGS[1:6])
    if is_id and (names & set(tokens) or any(tokens[0].startswith(name) for name in names if len(name) > 4)):
        return 2.5
    if tokens[-1] in ("id", "uuid", "guid", "key") and column.position == 0:
        return 2.0
    if is_id and column.position == 0:
        return 1.5
    return 1.0 if tokens[-1] in ("id", "uuid", "guid") else 0.0


def _is_unique(rows: Sequence[Cells], columns: Sequence[str]) -> bool:
    keys = {tuple(cell_as_text(row.get(column, "")) for column in columns) for row in rows}
    return len(keys) == len(rows)
