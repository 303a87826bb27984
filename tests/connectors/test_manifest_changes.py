"""What is new in a manifest's stream is read once, whatever clocks and interruptions do."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.connectors.conformance import NOW
from tests.connectors.manifest_sources import (
    bodies,
    by_time,
    giving,
    read,
    stream,
    windows,
)


async def test_time_is_asked_for_in_windows_that_do_not_overlap():
    source = giving({"data": []})
    sync = by_time(step="P7D", cursor_granularity="P1D")
    await read(source.open(stream(incremental_sync=sync)))
    assert windows(source) == [
        ("2026-11-01", "2026-11-07"), ("2026-11-08", "2026-11-14"),
        ("2026-11-15", "2026-11-21"), ("2026-11-22", "2026-11-22"),
    ]  # fmt: skip


async def test_the_next_reading_begins_where_the_newest_record_stood_less_the_look_back():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}, {"id": 2, "at": "2026-11-10"}]})
    client = source.open(stream(incremental_sync=by_time(lookback_window="P2D")))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert windows(source) == [("2026-11-01", "2026-11-22"), ("2026-11-18", "2026-11-22")]
    assert first[0].records[0].updated_at == datetime(2026, 11, 20, tzinfo=UTC)


async def test_a_record_from_the_future_does_not_hide_what_comes_before_it():
    source = giving({"data": [{"id": 1, "at": "2099-01-01"}]})
    client = source.open(stream(incremental_sync=by_time()))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert windows(source)[1] == ("2026-11-22", "2026-11-22")


async def test_a_clock_that_was_set_back_ten_years_does_not_end_the_reading():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}]})
    streams = stream(incremental_sync=by_time(start_datetime="2001-01-01"))
    first = await read(source.open(streams))
    early = source.open(streams, now=NOW.replace(year=2016))
    assert bodies(await read(early, cursor=first[-1].cursor))


async def test_a_reading_interrupted_between_windows_goes_on_there():
    source = giving({"data": [{"id": 1, "at": "2026-11-03"}]})
    sync = by_time(step="P7D", cursor_granularity="P1D")
    client = source.open(stream(incremental_sync=sync))
    cursors = [batch.cursor for batch in await read(client) if batch.cursor]
    source.asked.clear()
    await read(client, cursor=json.loads(json.dumps(cursors[0])))
    assert windows(source)[0] == ("2026-11-08", "2026-11-14")


async def test_old_records_of_a_feed_end_the_paging():
    pages = [
        {"data": [{"id": n, "at": f"2026-11-{30 - n:02}"}, {"id": n + 1, "at": f"2026-11-{29 - n:02}"}]}
        for n in (9, 11, 13, 15, 17)
    ]
    source = giving(*pages)
    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"inject_into": "request_parameter", "field_name": "page"},
        "pagination_strategy": {"type": "PageIncrement", "page_size": 2},
    }
    sync = by_time(is_data_feed=True, start_datetime="2026-11-18")
    found = bodies(await read(source.open(stream(incremental_sync=sync, paginator=paginator))))
    assert [one["id"] for one in found] == [9, 10, 11, 12]
    assert len(source.asked) == 3


async def test_a_growing_number_tells_what_is_new():
    source = giving({"data": [{"id": 1, "n": 9}, {"id": 2, "n": 10}]})
    sync = {
        "type": "IncrementingCountCursor", "cursor_field": "n", "start_value": 0,
        "start_value_option": {"inject_into": "request_parameter", "field_name": "after"},
    }  # fmt: skip
    client = source.open(stream(incremental_sync=sync))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert [request.url.params["after"] for request in source.asked] == ["0", "10"]


async def test_a_stream_is_whole_at_first_and_by_changes_afterwards():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}]})
    both = {
        "type": "StateDelegatingStream",
        "name": "things",
        "full_refresh_stream": stream(requester={"path": "all"}, incremental_sync=by_time()),
        "incremental_stream": stream(requester={"path": "changes"}, incremental_sync=by_time()),
        "api_retention_period": "P30D",
    }
    client = source.open(both)
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    late = source.open(both, now=NOW.replace(year=2027))
    await read(late, cursor=first[-1].cursor)
    assert [request.url.path for request in source.asked] == ["/v1/all", "/v1/changes", "/v1/all"]
    assert windows(source)[1][0] == "2026-11-20"
