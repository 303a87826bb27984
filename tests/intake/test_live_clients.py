"""Unmodified Python clients deliver to the real server through refusals, lost answers and kill -9.

Nothing that they sent is missing afterwards, and nothing is there twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rudderstack.analytics.client as rudder
import segment.analytics.client as segment
from posthog import Posthog
from snowplow_tracker.emitters import Emitter
from snowplow_tracker.events.self_describing import SelfDescribing
from snowplow_tracker.self_describing_json import SelfDescribingJson
from snowplow_tracker.subject import Subject
from snowplow_tracker.tracker import Tracker

from tests.intake.live_trial import BATCH, Deliver, run_trial
from tests.patience import PATIENCE


def deliver_calls(make: Callable[..., Any]) -> Deliver:
    def deliver(key: str, address: str, numbers: Iterator[int]) -> None:
        failures: list[object] = []
        client = make(
            key, host=address, upload_size=BATCH, upload_interval=0.05, timeout=60,
            on_error=lambda error, _batch: failures.append(error),
        )  # fmt: skip
        client.identify("u1", {"email": "ann@example.com"})
        client.group("u1", "g1", {"name": "ACME"})
        client.alias("anon1", "u1")
        for number in numbers:
            client.track(f"u{number % 7}", "Seen", {"number": number})
        client.flush()
        client.join()
        assert failures == []

    return deliver


def deliver_captures(key: str, address: str, numbers: Iterator[int]) -> None:
    failures: list[object] = []
    client = Posthog(
        key, host=address, flush_at=BATCH, flush_interval=0.05, max_retries=20, gzip=True,
        on_error=lambda error, _batch: failures.append(error),
    )  # fmt: skip
    client.set(distinct_id="u1", properties={"email": "ann@example.com"})
    client.group_identify("company", "g1", {"name": "ACME"})
    client.alias("anon1", "u1")
    for number in numbers:
        client.capture("Seen", distinct_id=f"u{number % 7}", properties={"number": number})
    client.shutdown()
    assert failures == []


def deliver_tracked(key: str, address: str, numbers: Iterator[int]) -> None:
    taken: set[str] = set()
    sent = 0
    emitter = Emitter(
        f"{address.removeprefix('http://')}/snowplow/{key}", protocol="http", batch_size=BATCH,
        max_retry_delay_seconds=1, request_timeout=60,
        on_success=lambda events: taken.update(event["eid"] for event in events),
    )  # fmt: skip
    subject = Subject()
    subject.set_user_id("u1").set_domain_user_id("d1")
    tracker = Tracker("web", emitters=emitter, subject=subject)
    for number in numbers:
        tracker.track(
            SelfDescribing(SelfDescribingJson("iglu:com.acme/seen/jsonschema/1-0-0", {"number": number}))
        )
        sent += 1
    deadline = time.monotonic() + PATIENCE
    while len(taken) < sent and time.monotonic() < deadline:
        tracker.flush()
        time.sleep(0.1)
    assert len(taken) == sent


CLIENTS = {
    "segment": deliver_calls(segment.Client),
    "rudderstack": deliver_calls(rudder.Client),
    "posthog": deliver_captures,
    "snowplow": deliver_tracked,
}


async def test_no_client_loses_or_doubles_anything_over_refusals_and_kill_9(tmp_path: Path) -> None:
    await run_trial(CLIENTS, tmp_path)
