"""Unmodified Python clients deliver to the real server through refusals, lost answers and kill -9.

Nothing that they sent is missing afterwards, and nothing is there twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rudderstack.analytics.client as rudder
import segment.analytics.client as segment
from posthog import Posthog
from snowplow_tracker.emitters import Emitter
from snowplow_tracker.events.self_describing import SelfDescribing
from snowplow_tracker.self_describing_json import SelfDescribingJson
from snowplow_tracker.subject import Subject
from snowplow_tracker.tracker import Tracker

from tests.intake.live_trial import EVENTS, PER_SECOND, OwnDatabase, Trial, open_trial

LONGEST_WAIT = 30.0


@pytest.fixture(scope="module")
def database() -> Iterator[OwnDatabase]:
    database = OwnDatabase()
    yield database
    database.close()


@pytest.fixture
async def trial(database: OwnDatabase, tmp_path: Path) -> AsyncIterator[Trial]:
    trial = await open_trial(database, tmp_path, REGARD_INGEST_EVENTS_PER_SECOND=PER_SECOND)
    yield trial
    trial.server.kill()


def deliver_calls(make: Callable[..., Any]) -> Callable[[str, str], None]:
    def deliver(key: str, address: str) -> None:
        failures: list[object] = []
        client = make(
            key, host=address, upload_size=20, upload_interval=0.05, timeout=20,
            on_error=lambda error, _batch: failures.append(error),
        )  # fmt: skip
        client.identify("u1", {"email": "ann@example.com"})
        client.group("u1", "g1", {"name": "ACME"})
        client.alias("anon1", "u1")
        for number in range(EVENTS):
            client.track(f"u{number % 7}", "Seen", {"number": number})
            time.sleep(0.01)
        client.flush()
        client.join()
        assert failures == []

    return deliver


def deliver_captures(key: str, address: str) -> None:
    failures: list[object] = []
    client = Posthog(
        key, host=address, flush_at=20, flush_interval=0.05, max_retries=20, gzip=True,
        on_error=lambda error, _batch: failures.append(error),
    )  # fmt: skip
    client.set(distinct_id="u1", properties={"email": "ann@example.com"})
    client.group_identify("company", "g1", {"name": "ACME"})
    client.alias("anon1", "u1")
    for number in range(EVENTS):
        client.capture("Seen", distinct_id=f"u{number % 7}", properties={"number": number})
        time.sleep(0.01)
    client.shutdown()
    assert failures == []


def deliver_tracked(key: str, address: str) -> None:
    taken: set[str] = set()
    emitter = Emitter(
        f"{address.removeprefix('http://')}/snowplow/{key}", protocol="http", batch_size=20,
        max_retry_delay_seconds=1, request_timeout=20,
        on_success=lambda events: taken.update(event["eid"] for event in events),
    )  # fmt: skip
    subject = Subject()
    subject.set_user_id("u1").set_domain_user_id("d1")
    tracker = Tracker("web", emitters=emitter, subject=subject)
    for number in range(EVENTS):
        tracker.track(
            SelfDescribing(SelfDescribingJson("iglu:com.acme/seen/jsonschema/1-0-0", {"number": number}))
        )
        # Slowly, because this client sends all that has gathered in one batch after a failure.
        time.sleep(0.03)
    deadline = time.monotonic() + LONGEST_WAIT
    while len(taken) < EVENTS and time.monotonic() < deadline:
        tracker.flush()
        time.sleep(0.1)
    assert len(taken) == EVENTS


CLIENTS = {
    "segment": deliver_calls(segment.Client),
    "rudderstack": deliver_calls(rudder.Client),
    "posthog": deliver_captures,
    "snowplow": deliver_tracked,
}


@pytest.mark.parametrize("deliver", CLIENTS.values(), ids=CLIENTS)
async def test_a_client_loses_and_doubles_nothing_over_refusals_and_kill_9(
    trial: Trial, deliver: Callable[[str, str], None]
) -> None:
    await trial.run(deliver)
    trial.check_what_went_wrong()
    assert await trial.kept_numbers() == Counter(range(EVENTS))
