"""What a manifest's source may answer instead of records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import yaml

from regard.connectors.connector_contract import (
    SourceRefusesError,
    SourceUnavailableError,
)
from tests.connectors.conformance import NOW, open_manifest
from tests.connectors.manifest_sources import (
    ONE,
    Source,
    bodies,
    giving,
    read,
    stream,
)


def failing(status: int, then: Any = ONE, times: int = 1, **extra: Any) -> Source:
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return httpx.Response(status, **extra) if left[0] >= 0 else httpx.Response(200, json=then)

    return Source(answer)


def handler(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"error_handler": {"type": "DefaultErrorHandler", "response_filters": list(filters), **more}}


async def test_a_short_fault_is_waited_out_in_place():
    source = failing(503)
    assert bodies(await read(source.open(stream()))) == [{"id": 1}]
    assert len(source.asked) == 2


async def test_a_long_pause_is_left_to_the_runtime():
    source = failing(429, times=9, headers={"X-Reset": "1795349100"})
    asks = handler(backoff_strategies=[{"type": "WaitUntilTimeFromHeader", "header": "X-Reset"}])
    with pytest.raises(SourceUnavailableError) as caught:
        await read(source.open(stream(requester=asks)))
    assert caught.value.retry_after == (datetime.fromtimestamp(1795349100, UTC) - NOW).total_seconds()
    assert len(source.asked) == 1


async def test_a_status_may_mean_try_again():
    source = failing(404)
    asks = handler({"http_codes": [404], "action": "RETRY"})
    assert bodies(await read(source.open(stream(requester=asks)))) == [{"id": 1}]


async def test_an_error_inside_a_good_answer_is_noticed_and_told_without_secrets():
    source = giving({"error": "token s3cret-key is no good"})
    asks = handler(
        {"predicate": "{{ 'error' in response }}", "action": "FAIL", "error_message": "{{ response.error }}"}
    )
    with pytest.raises(SourceRefusesError, match="token … is no good"):
        await read(source.open(stream(requester=asks), config={"key": "s3cret-key"}))


async def test_the_first_handler_that_does_not_give_up_decides():
    router = {"type": "ListPartitionRouter", "cursor_field": "id", "values": [1]}
    source = failing(404, times=9, json={"message": "gone"})
    asks = {
        "error_handler": {
            "type": "CompositeErrorHandler",
            "error_handlers": [
                {"response_filters": [{"http_codes": [404], "action": "FAIL"}]},
                {"response_filters": [{"error_message_contains": "gone", "action": "IGNORE"}]},
            ],
        }
    }
    assert bodies(await read(source.open(stream(requester=asks, router=router)))) == []


async def test_a_stream_that_may_not_be_read_is_not_taken_for_an_empty_one():
    source = failing(403, times=9)
    asks = handler({"http_codes": [403], "action": "IGNORE"})
    with pytest.raises(SourceRefusesError, match="give the credentials the right"):
        await read(source.open(stream(requester=asks)))


async def test_an_allowance_of_requests_is_kept():
    budget = {
        "policies": [{"type": "MovingWindowCallRatePolicy", "rates": [{"limit": 120, "interval": "PT1M"}]}]
    }
    source = giving(ONE)
    text = yaml.safe_dump({"streams": [stream()], "api_budget": budget})
    client = open_manifest(text, {}, httpx.MockTransport(source))
    assert client._plan.per_second == 2
