"""Composes why a customer is one: its records, what joins them, what people judged, what changed.

What a role does not see is no evidence for it either: hidden fields are left out of lines and words alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from regard.identity.explain_identity import Explanation
from regard.identity.explain_pair import EvidenceLine, JoinExplained
from regard.identity.score_patterns import NEVER
from regard.identity.show_values import canonical_fields
from regard.identity.word_evidence import in_words, label_of, level_words, one_in
from regard.records.fold_record import SourceRecord
from regard.views.customer_data import RawJudgement, RawRecord
from regard.views.explain_customer import Explained
from regard.views.read_changes import RawChange
from regard.views.redact_values import Redactor
from regard.views.tell_history import history_rows

_NEVER_SEEN = 9999
_DIGITS = 12
# What the identity room calls a value -> the field of the registry that decides who sees it.
_FIELD_OF = {"phone_tail": "phone", "device_id": "anonymous_id"}


def compose_identity(
    redactor: Redactor,
    explained: Explained,
    records: Sequence[RawRecord],
    judgements: Sequence[RawJudgement],
    changes: Sequence[RawChange],
) -> dict[str, Any]:
    """The whole answer to "why is this one customer?"."""
    explanation = explained.explanation
    customer = str(explanation.customer)
    reasons = reasons_of(redactor, explanation)
    stated = {str(record_id): record for record_id, record in explained.records.items()}
    since = _since(changes, explanation.customer)
    mine = {record.record for record in explanation.records}
    return {
        "customer": customer,
        "confidence": round(explanation.confidence, 4),
        "word": explanation.word,
        "records": [
            record_row(redactor, record)
            | {
                "since": since.get(record.id, record.first_seen if _was_seen(record) else None),
                "why": reasons.get(UUID(record.id), ""),
                "values": record_values(redactor, stated.get(record.id)),
            }
            for record in records
        ],
        "joins": [_join(redactor, join) for join in explanation.joins],
        "weakest": explanation.weakest,
        "what_if": _what_if(redactor, explanation),
        "judgements": judgement_rows(redactor, judgements),
        "changes": history_rows(redactor, changes, mine, reasons),
    }


def record_row(redactor: Redactor, record: RawRecord) -> dict[str, Any]:
    """A source record without its values."""
    return {
        "record": record.id,
        "source": record.source,
        "source_title": redactor.titles.title(record.source),
        "stream": record.stream,
        "external_id": redactor.text("external_id", record.external_id) or "",
        "kind": record.kind,
        "first_seen": record.first_seen if _was_seen(record) else None,
        "last_seen": record.last_seen,
        "entries": record.entries,
    }


def judgement_rows(redactor: Redactor, judgements: Sequence[RawJudgement]) -> list[dict[str, Any]]:
    """What people judged, the newest first."""
    return [
        {
            "id": one.id,
            "verdict": one.verdict,
            "by": one.by,
            "at": one.at,
            "reason": redactor.text("judgement.reason", one.reason) or "",
            "active": one.active,
        }
        for one in judgements
    ]


def reasons_of(redactor: Redactor, explanation: Explanation) -> dict[UUID, str]:
    """Why each record belongs to the customer, in words that the role may read."""
    words = {join.words: _words(redactor, join) for join in explanation.joins}
    return {record.record: words.get(record.why, record.why) for record in explanation.records}


def _since(changes: Sequence[RawChange], customer: UUID) -> dict[str, datetime]:
    """Since when records belong here; the newest change that brought them counts."""
    since: dict[str, datetime] = {}
    for change in reversed(changes):
        for record, went in zip(change.records, change.went_to, strict=True):
            if went == customer:
                since[str(record)] = change.at
    return since


def _was_seen(record: RawRecord) -> bool:
    # A record that only interactions speak of is filed under the last year there is.
    return record.first_seen.year < _NEVER_SEEN


def record_values(redactor: Redactor, record: SourceRecord | None) -> list[dict[str, Any]]:
    """What a record states now, as much of it as the role sees."""
    values = []
    for field, stated in sorted(record.effective_fields().items()) if record else []:
        texts = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
        for text in texts:
            value = redactor.value(field, text)
            if value is not None and record is not None:
                source = record.key.source
                title = redactor.titles.title(source)
                stated_at = record.stated_at(field)
                values.append(
                    value | {"source": source, "source_title": title, "as_of": stated_at, "others": 0}
                )
    return values


def compose_pair(redactor: Redactor, join: JoinExplained) -> dict[str, Any]:
    """The evidence of a join or a pair: words, bits, and line by line both values as the role sees them.

    bits = prior + those of the evidence + hidden_bits - household_bits; null bits: never one customer.
    """
    shown = [line for line in join.evidence if _visible(redactor, line)]
    hidden = math.fsum(line.bits for line in join.evidence if line not in shown)
    return {
        "bits": None if join.bits == NEVER else round(join.bits, _DIGITS),
        "prior": round(join.prior, _DIGITS),
        "household_bits": round(join.household_bits, _DIGITS),
        "hidden_bits": round(hidden, _DIGITS) if len(shown) < len(join.evidence) else None,
        "words": _words(redactor, join),
        "evidence": [_line(redactor, line) for line in shown],
    }


def _join(redactor: Redactor, join: JoinExplained) -> dict[str, Any]:
    return {
        "left": [str(record) for record in join.left],
        "right": [str(record) for record in join.right],
        "judged": join.judged,
        "equal": join.equal,
        "follows": join.follows,
        **compose_pair(redactor, join),
    }


def _line(redactor: Redactor, line: EvidenceLine) -> dict[str, Any]:
    # How common a value is would tell something of a value that is not shown.
    clear = all(redactor.policy.decide(field).action == "show" for field in line.fields)
    rare = clear and line.rarity_bits != 0
    return {
        "field": line.field,
        "label": line.label,
        "left": _side(redactor, line.fields, line.left),
        "right": _side(redactor, line.fields, line.right),
        "level": line.level,
        "said": level_words(line.level, line.bits),
        "bits": round(line.bits, _DIGITS),
        "household_bits": round(line.household_bits, _DIGITS),
        "rarity_bits": round(line.rarity_bits, _DIGITS) if clear else None,
        "one_in": one_in(line.field, line.level, line.stranger) if rare else None,
        "pairs": line.pairs,
    }


def _side(redactor: Redactor, fields: Sequence[str], raw: str) -> str | None:
    """A raw value made of some of these fields: as much of it as the role sees of the strictest of them."""
    strictest = max(
        fields, key=lambda f: ("show", "mask", "exists", "hide").index(redactor.policy.decide(f).action)
    )
    return redactor.text(strictest, raw) if raw else None


def _visible(redactor: Redactor, line: EvidenceLine) -> bool:
    return all(redactor.policy.decide(field).action != "hide" for field in line.fields)


def _words(redactor: Redactor, join: JoinExplained) -> str:
    if join.judged or join.bits == NEVER or all(_visible(redactor, line) for line in join.evidence):
        return join.words
    return in_words(
        [(line.field, line.level, line.bits) for line in join.evidence if _visible(redactor, line)]
    )


def _what_if(redactor: Redactor, explanation: Explanation) -> list[dict[str, Any]]:
    rows = []
    for one in explanation.what_if:
        fields = [_FIELD_OF.get(field, field) for field in canonical_fields(one.field)]
        decisions = [redactor.policy.decide(field) for field in fields]
        if all(decision.action != "hide" for decision in decisions):
            rows.append(
                {
                    "field": one.field,
                    "label": decisions[0].rule.label if len(fields) == 1 else label_of(one.field),
                    "value": _side(redactor, fields, one.value) or "",
                    "splits_into": one.splits_into,
                }
            )
    return rows
