"""Many records at once are compared column by column: with the same result as one by one."""

from __future__ import annotations

import random
from unittest import mock

from hypothesis import given

from regard.identity import keep_edges
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel
from tests.identity.make_records import index_of, partition
from tests.identity.test_identity_laws import LAW, MODELS, RECORDS, SEEDS, judgements_about, played


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_column_by_column_gives_the_same_customers_and_doubts_as_one_by_one(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements_about(records, seed, seed % 4)
    singly = played(records, judged, model, seed)
    with mock.patch.object(keep_edges, "_MANY", 1):
        together = played(records, judged, model, seed)
    assert partition(together, records) == partition(singly, records)
    assert together.doubts() == singly.doubts()
    assert together.hub_keys() == singly.hub_keys()


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_records_gathered_first_are_decided_like_records_applied(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements_about(records, seed, seed % 4)
    rng = random.Random(seed)
    at = rng.randint(0, len(records))
    gathered = IdentityIndex(model)
    gathered.gather(records[: at // 2])
    gathered.gather(records[at // 2 : at])
    told = {change.record_id: change.after for change in gathered.apply(records[at:], (), judged, ())}
    plain = index_of(*records, judged=judged, model=model)
    assert partition(gathered, records) == partition(plain, records) == told
    assert gathered.doubts() == plain.doubts()
