"""What people judge about identity: these records are the same party, or are not, and taking that back."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

Verdict = Literal["same", "different"]


class JudgementRecorded(msgspec.Struct, frozen=True, tag="judgement.recorded"):
    """A steward says that the records of `left` and of `right` are the same party, or are not."""

    judgement_id: UUID
    verdict: Verdict
    left: list[UUID]
    right: list[UUID]
    by: str
    reason: str


class JudgementWithdrawn(msgspec.Struct, frozen=True, tag="judgement.withdrawn"):
    """A steward takes an earlier judgement back; it is as if it had never been made."""

    judgement_id: UUID
    by: str
    reason: str
