"""Taking statements back: what was said by mistake, as if it had never been said."""

from __future__ import annotations

from typing import Literal

import msgspec

Family = Literal["record", "interaction"]


class StatementWithdrawn(msgspec.Struct, frozen=True, tag="statement.withdrawn"):
    """A statement about a record or an interaction is taken back; others about it stand.

    `statement` is the event id of what is taken back, under the same source. `standing` are the places
    (partition, number) of all other statements about the object when it was taken back. `last_mention`: no
    standing interaction names the party of the one taken back.
    """

    stream: str
    external_id: str
    family: Family
    statement: str
    standing: list[tuple[int, int]]
    last_mention: bool
    reason: str
