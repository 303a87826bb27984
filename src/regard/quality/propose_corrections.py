"""How the values of a record would better be written. Pure; the same record gives the same corrections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from regard.events.record_events import FieldValue
from regard.quality.judge_values import judge_fields


@dataclass(frozen=True, slots=True)
class Correction:
    """One value with how it is best written; `flag` is field:verdict:reason."""

    field: str
    flag: str
    before: str
    after: str


def propose_corrections(
    fields: Mapping[str, FieldValue], country: str, seen: date, wanted: Collection[str] | None = None
) -> list[Correction]:
    """Values whose meaning is clear, and those of which it is known what was probably meant.

    `wanted`: only these flags.
    """
    found = []
    for judged in judge_fields(fields, country, seen):
        better = judged.value if judged.verdict == "fixed" else judged.suggestion
        flag = f"{judged.field}:{judged.verdict}:{judged.reason}"
        if better and better != judged.raw and (wanted is None or flag in wanted):
            found.append(Correction(judged.field, flag, judged.raw, better))
    return found


def corrected_field(value: FieldValue, corrections: Collection[Correction]) -> FieldValue:
    """The value of a field with these corrections; what becomes equal stands once."""
    better = {one.before: one.after for one in corrections}
    if isinstance(value, str):
        return better.get(value, value)
    if isinstance(value, dict):
        return {name: better.get(text, text) if name == "value" else text for name, text in value.items()}
    return list(dict.fromkeys(better.get(one, one) for one in value))
