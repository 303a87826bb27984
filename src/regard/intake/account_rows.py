"""The account of an import: read = stored + unchanged + quarantined, with every reason counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from regard.eventlog.append_events import Outcome

_MOST_REASONS = 100


class Reason(msgspec.Struct):
    """Why rows were quarantined, how many, and the sentence about the first of them."""

    code: str
    count: int
    example: str


class Account(msgspec.Struct):
    """What became of the rows of a file so far; `empty` lines hold separators alone and are no rows."""

    read: int = 0
    stored: int = 0
    unchanged: int = 0
    quarantined: int = 0
    reasons: list[Reason] = []
    empty: int = 0

    def count_row(self, outcome: Outcome) -> None:
        """Count a row that the log took or knew already."""
        self.read += 1
        if outcome == "stored":
            self.stored += 1
        else:
            self.unchanged += 1

    def count_rejection(self, code: str, sentence: str) -> None:
        """Count a row that was not taken."""
        self.read += 1
        self.quarantined += 1
        for reason in self.reasons:
            if reason.code == code:
                reason.count += 1
                return
        if len(self.reasons) < _MOST_REASONS:
            self.reasons.append(Reason(code, 1, sentence))

    def copy(self) -> Account:
        """An account of its own with the same counts."""
        return decode_account(encode_account(self))

    @property
    def balanced(self) -> bool:
        """Whether every row that was read is accounted for."""
        return self.read == self.stored + self.unchanged + self.quarantined


def outcome_of_row(outcomes: Sequence[Outcome]) -> Outcome:
    """What became of a row that made several events: news in any of them is news."""
    for outcome in ("conflict", "stored"):
        if outcome in outcomes:
            return "conflict" if outcome == "conflict" else "stored"
    return "unchanged"


def encode_account(account: Account) -> bytes:
    """The account as JSON, to be sealed."""
    return msgspec.json.encode(account)


def decode_account(raw: bytes) -> Account:
    """The account from its JSON."""
    return msgspec.json.decode(raw, type=Account)


def join_reasons(accounts: Iterable[Account]) -> list[Reason]:
    """The reasons of several files together, the most frequent first."""
    joined: dict[str, Reason] = {}
    for account in accounts:
        for reason in account.reasons:
            kept = joined.setdefault(reason.code, Reason(reason.code, 0, reason.example))
            kept.count += reason.count
    return sorted(joined.values(), key=lambda reason: (-reason.count, reason.code))
