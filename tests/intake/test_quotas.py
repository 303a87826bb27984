"""A key that sends more than its quota is told when to come back, and takes nothing from the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.intake import receive_items
from regard.intake.meter_pushes import PushMeter, QuotaExceededError
from tests.intake.conftest import Door


def track(number: int) -> dict[str, object]:
    return {"type": "track", "event": "Seen", "userId": "u1", "messageId": f"m{number}"}


def take(meter: PushMeter, key: str, items: int) -> int | None:
    """Seconds to wait, or None when the items were let through."""
    try:
        meter.take(key, items)
    except QuotaExceededError as refused:
        return refused.retry_after
    return None


def test_without_a_quota_everything_passes() -> None:
    meter = PushMeter()
    assert [take(meter, "a", 1_000_000) for _ in range(3)] == [None] * 3


def test_a_batch_beyond_the_quota_passes_once_and_is_waited_for() -> None:
    now = [0.0]
    meter = PushMeter(10, 20, lambda: now[0])
    assert take(meter, "a", 50) is None
    wait = take(meter, "a", 1)
    assert wait is not None
    assert wait >= 3
    assert take(meter, "b", 1) is None
    now[0] = wait
    assert take(meter, "a", 1) is None


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 40)), max_size=60))
def test_no_key_ever_gets_more_than_its_share_and_one_last_batch(sent: list[tuple[float, int]]) -> None:
    now, passed = [0.0], 0
    meter = PushMeter(10, 20, lambda: now[0])
    for pause, items in sent:
        now[0] += pause
        if take(meter, "a", items) is None:
            passed += items
    assert passed <= 20 + 10 * now[0] + 40 + 1e-6


@pytest.fixture
def small_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """One item a second and two at once, for doors opened after this; no second passes."""
    monkeypatch.setattr(receive_items, "PushMeter", lambda: PushMeter(1, 2, lambda: 0.0))


@pytest.mark.usefixtures("small_quota")
async def test_a_client_over_its_quota_hears_429_and_nothing_of_its_batch_is_kept(door: Door) -> None:
    answers = [await door.call("/v1/batch", {"batch": [track(number), track(-number)]}) for number in (1, 2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) >= 1
    assert answers[1].json()["code"] == "quota_exceeded"
    assert [event.event_id for event in await door.log() if event.event_id == "m2"] == []
    body = json.dumps({"api_key": door.web_key, "event": "Seen", "distinct_id": "u1"}).encode()
    for path in ("/batch/", "/e/", f"/snowplow/{door.web_key}/com.snowplowanalytics.snowplow/tp2"):
        answer = await door.send("POST", path, body if "snowplow" not in path else b'{"data":[{}]}')
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
    # Another key is unharmed, and is told in its turn.
    items = [{"stream": "c", "id": str(one), "kind": "person", "fields": {}} for one in range(3)]
    assert (await door.push("records", items)).status_code == 200
    refused = await door.push("records", items)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
