"""What a source may do wrong: nothing is lost, its neighbours go on, and a sentence says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from regard.connectors.connector_contract import (
    Cursor,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.manifests.manifest_client import ManifestClient
from regard.intake.judge_trouble import pause_after, tell_trouble
from tests.connectors.conformance import NOW
from tests.connectors.manifest_sources import Source, bodies, by_time, giving, read, stream

PAGES = {
    "type": "DefaultPaginator",
    "page_token_option": {"inject_into": "request_parameter", "field_name": "after"},
    "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.next }}"},
}


class Shop:
    """Four pages of things; from `down_from` to `up_again` (seconds) it answers 500."""

    def __init__(self, down_from: float, up_again: float) -> None:
        self.seconds = 0.0
        self.down = (down_from, up_again)
        self.failed = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down[0] <= self.seconds < self.down[1] and request.url.path.endswith("things"):
            self.failed += 1
            return httpx.Response(500)
        at = int(request.url.params.get("after", 0))
        self.seconds += 1
        next_one = {"next": at + 1} if at < 3 else {}
        return httpx.Response(200, json={"data": [{"id": at, "at": "2026-11-20"}], **next_one})


async def take(client: ManifestClient, cursor: Cursor | None, taken: list[str]) -> Cursor | None:
    """One reading, batch by batch as the runtime takes it; gives the cursor behind the last one."""
    try:
        async for batch in client.read("things", cursor):
            taken += [record.external_id for record in batch.records]
            cursor = batch.cursor or cursor
    except SourceUnavailableError:
        return cursor
    return None


async def test_a_source_that_answers_500_for_an_hour_is_read_to_its_end_and_asked_seldom() -> None:
    shop = Shop(2, 3_600)
    source = Source(shop.answer)
    things = stream(paginator=PAGES, incremental_sync=by_time())
    client = source.open(things, stream("others", incremental_sync=by_time()))
    taken: list[str] = []
    cursor = await take(client, None, taken)
    tries = 0
    while cursor is not None:
        tries += 1
        shop.seconds += pause_after(tell_trouble(SourceUnavailableError("It answers 500.")), tries)
        if tries == 3:
            assert bodies(await read(client, "others")), "its neighbour is read meanwhile"
        cursor = await take(client, cursor, taken)
    assert sorted(set(taken)) == ["0", "1", "2", "3"]
    assert len(taken) == 4, "it went on at the page where it stopped"
    assert tries < 20
    assert shop.failed < 100


@pytest.mark.parametrize(
    "answer",
    [{"items": [{"id": 1}], "total": 1}, [{"id": 1}], {"result": [{"id": 1}], "error": None}],
    ids=["another name", "without envelope", "two members"],
)
@pytest.mark.parametrize("whole", [True, False])
async def test_an_envelope_that_changed_overnight_is_no_empty_source(answer: Any, *, whole: bool) -> None:
    sync = {} if whole else {"incremental_sync": by_time()}
    client = giving(answer).open(stream(**sync))
    with pytest.raises(SourceMisbehavesError, match=r"nothing at “data”.*correct “field_path”"):
        await read(client)


@pytest.mark.parametrize("answer", [{"message": "maintenance"}, {}, None, "ok"])
async def test_an_answer_without_records_removes_nothing_that_is_compared_as_a_whole(answer: Any) -> None:
    with pytest.raises(SourceMisbehavesError, match="Nothing was taken or removed"):
        await read(giving(answer).open(stream()))


@pytest.mark.parametrize("answer", [{"data": []}, {"data": None}, []])
async def test_a_source_that_says_it_has_no_records_has_none(answer: Any) -> None:
    assert bodies(await read(giving(answer).open(stream()))) == []


async def test_a_field_that_told_changes_and_vanished_loses_no_record() -> None:
    client = giving({"data": [{"id": 1, "changed": "2026-11-20"}, {"id": 2, "changed": "2026-11-21"}]}).open(
        stream(incremental_sync=by_time())
    )
    batches = await read(client)
    assert [one["id"] for one in bodies(batches)] == [1, 2]
    assert [one["id"] for one in bodies(await read(client, cursor=batches[-1].cursor))] == [1, 2]


async def test_two_gigabytes_are_not_taken() -> None:
    sent = [0]

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"data": ['
        while sent[0] < 2 * 1024**3:
            sent[0] += 1024 * 1024
            yield b'{"id": 1},' * 104_857
        pytest.fail("it read two gigabytes")

    client = Source(lambda _: httpx.Response(200, content=endless())).open(stream())
    with pytest.raises(SourceMisbehavesError, match="more than 64 MB; ask for smaller pages"):
        await read(client)
    assert sent[0] < 100 * 1024 * 1024


async def test_the_same_page_for_ever_is_noticed_and_the_records_are_kept() -> None:
    source = Source(lambda _: httpx.Response(200, json={"data": [{"id": 1}], "next": "x"}))
    client = source.open(stream(paginator=PAGES))
    reading = client.read("things", None)
    assert bodies([await anext(reading)]) == [{"id": 1}]
    with pytest.raises(SourceMisbehavesError, match=r"the same page again and again.*Check its paging"):
        await read(client)
    assert len(source.asked) < 6


@pytest.mark.parametrize(
    "to", ["http://10.0.0.5/admin", "http://169.254.169.254/latest", "http://127.0.0.1/"]
)
async def test_a_redirect_to_a_private_address_is_not_followed(to: str) -> None:
    source = Source(lambda _: httpx.Response(302, headers={"Location": to}))
    with pytest.raises(SourceMisbehavesError, match="leads to another host"):
        await read(source.open(stream()))
    assert {request.url.host for request in source.asked} == {"api.example.com"}


async def test_revoked_credentials_are_a_persons_matter_and_nothing_is_forgotten() -> None:
    good = {"data": [{"id": 1, "at": "2026-11-20"}]}
    source = giving(good, good)
    client = source.open(stream(incremental_sync=by_time()))
    cursor = (await read(client))[-1].cursor
    source._answer = lambda _: httpx.Response(401, json={"error": "revoked"})
    with pytest.raises(SourceRefusesError, match="renew them in the settings"):
        await read(client, cursor=cursor)
    source._answer = lambda _: httpx.Response(200, json=good)
    assert [one["id"] for one in bodies(await read(client, cursor=cursor))] == [1]


@pytest.mark.parametrize("years", [10, -10])
async def test_records_of_a_clock_ten_years_off_hide_nothing(years: int) -> None:
    wrong = (NOW + timedelta(days=365 * years)).date().isoformat()
    client = giving({"data": [{"id": 1, "at": wrong}, {"id": 2, "at": "2026-11-21"}]}).open(
        stream(incremental_sync=by_time(start_datetime="2001-01-01"))
    )
    first = await read(client)
    assert [one["id"] for one in bodies(first)] == [1, 2]
    late = giving({"data": [{"id": 3, "at": "2026-11-22"}]})
    again = late.open(stream(incremental_sync=by_time(start_datetime="2001-01-01")))
    assert [one["id"] for one in bodies(await read(again, cursor=first[-1].cursor))] == [3]
