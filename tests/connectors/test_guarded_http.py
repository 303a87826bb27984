"""What a source may do to us over HTTP, and what it may not."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.http.guarded_client import Ask, GuardedClient, HttpLimits
from regard.connectors.http.http_answer import read_exact_json
from regard.connectors.http.rate_budget import RateBudget
from regard.kit.clock import SetClock

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BASE = "https://api.example.com/v1"
Handler = Callable[[httpx.Request], httpx.Response]


def client_for(handler: Handler, base: str = BASE, limits: HttpLimits | None = None) -> GuardedClient:
    return GuardedClient(base, limits, clock=SetClock(NOW), transport=httpx.MockTransport(handler))


def answering(status: int, **extra: object) -> GuardedClient:
    return client_for(lambda request: httpx.Response(status, **extra))


def redirecting(to: str, base: str = BASE) -> GuardedClient:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/start"):
            return httpx.Response(302, headers={"Location": to})
        return httpx.Response(
            200, json={"at": str(request.url), "auth": request.headers.get("authorization")}
        )

    return client_for(answer, base)


async def test_a_relative_path_stays_below_the_base_address():
    client = client_for(lambda request: httpx.Response(200, json=str(request.url)))
    assert (
        await client.get("contacts", {"limit": 5, "on": True})
    ).json() == f"{BASE}/contacts?limit=5&on=true"


async def test_whole_numbers_beyond_what_a_float_holds_arrive_digit_by_digit():
    body = b'{"id": 9007199254740993, "edge": 9007199254740992, "minus": -9007199254740993, "n": 12.5}'
    answer = (await answering(200, content=body).get("x")).json()
    assert answer == {
        "id": "9007199254740993",
        "edge": 9007199254740992,
        "minus": "-9007199254740993",
        "n": 12.5,
    }


@pytest.mark.parametrize("text", [b"NaN", b'{"a": Infinity}', b"<html>", b"", b"[" * 100_000, b"\xff\xfe{"])
async def test_what_is_not_json_is_said_to_be_none(text):
    with pytest.raises(SourceMisbehavesError, match="not JSON"):
        (await answering(200, content=text).get("x")).json()


def test_a_number_of_a_million_digits_is_kept_as_text():
    assert read_exact_json("9" * 1_000_000) == "9" * 1_000_000


async def test_an_absolute_address_on_another_host_is_not_asked():
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={})

    client = client_for(answer)
    for elsewhere in (
        "https://evil.example/next",
        "//169.254.169.254/latest",
        "https://api.example.com.evil/x",
    ):
        with pytest.raises(SourceMisbehavesError, match="another host"):
            await client.get(elsewhere)
    assert asked == []


async def test_a_next_address_without_encryption_or_on_another_port_is_not_asked():
    client = answering(200, json={})
    with pytest.raises(SourceMisbehavesError, match="not encrypted"):
        await client.get("http://api.example.com/v1/next")
    with pytest.raises(SourceMisbehavesError, match="another port"):
        await client.get("https://api.example.com:8443/v1/next")
    with pytest.raises(SourceMisbehavesError, match=r"another host|not encrypted"):
        await client.get("file:///etc/passwd")


async def test_a_redirect_on_the_same_host_is_followed_with_its_credentials():
    client = redirecting("/v1/end")
    answer = await client.request("GET", "start", Ask(headers={"Authorization": "Bearer x"}))
    assert answer.json() == {"at": f"{BASE}/end", "auth": "Bearer x"}


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "http://127.0.0.1:5432/", "http://api.example.com/v1/end"]
)
async def test_a_redirect_elsewhere_is_not_followed(to):
    with pytest.raises(SourceMisbehavesError, match="the redirect"):
        await redirecting(to).get("start")


async def test_redirects_in_a_circle_end():
    with pytest.raises(SourceMisbehavesError, match="redirects more than 5 times"):
        await redirecting("/v1/start").get("start")


async def test_a_plain_http_source_may_move_to_https_of_the_same_host():
    client = redirecting("https://shop.internal/end", base="http://shop.internal:8080/")
    assert (await client.get("start")).json()["at"] == "https://shop.internal/end"


def endless(chunk: bytes, sent: list[int]) -> Handler:
    async def stream() -> AsyncIterator[bytes]:
        while True:
            sent.append(len(chunk))
            yield chunk

    return lambda request: httpx.Response(200, content=stream())


async def test_an_answer_without_end_is_cut_at_the_cap_and_named():
    sent: list[int] = []
    client = client_for(endless(b"x" * 65536, sent), limits=HttpLimits(answer_bytes=1024 * 1024))
    with pytest.raises(SourceMisbehavesError, match="more than 1 MB"):
        await client.get("x")
    assert sum(sent) <= 1024 * 1024 + 65536


async def test_a_body_that_unpacks_beyond_the_cap_is_refused():
    bomb = gzip.compress(b"0" * 5_000_000)
    client = client_for(
        lambda request: httpx.Response(200, content=bomb, headers={"Content-Encoding": "gzip"}),
        limits=HttpLimits(answer_bytes=1024 * 1024),
    )
    with pytest.raises(SourceMisbehavesError, match="more than 1 MB"):
        await client.get("x")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
async def test_a_passing_fault_is_tried_again_after_the_pause_the_source_asks_for(status):
    with pytest.raises(SourceUnavailableError) as caught:
        await answering(status, headers={"Retry-After": "17"}).get("x")
    assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    ("stated", "pause"),
    [
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("1e300", 86400.0),
        ("", None),
    ],
)
async def test_the_pause_may_be_a_date_and_nonsense_is_no_pause(stated, pause):
    with pytest.raises(SourceUnavailableError) as caught:
        await answering(503, headers={"Retry-After": stated}).get("x")
    assert caught.value.retry_after == pause


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_say_what_to_do(status):
    with pytest.raises(SourceRefusesError, match="renew them"):
        await answering(status).get("x")


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_request_that_no_retry_cures_is_refused(status):
    with pytest.raises(SourceRefusesError, match="check the"):
        await answering(status).get("x")


@pytest.mark.parametrize(
    ("fault", "words", "told"),
    [
        (httpx.ConnectError, "x", "check the address"),
        (httpx.ConnectError, "[SSL: CERTIFICATE_VERIFY_FAILED] x", "certificate"),
        (httpx.ProxyError, "x", "proxy's log"),
        (httpx.ReadTimeout, "x", "does not answer"),
        (httpx.RemoteProtocolError, "x", "log of the source"),
        (httpx.DecodingError, "x", "Content-Encoding"),
    ],
)
async def test_no_connection_is_a_passing_fault_with_a_remedy(fault, words, told):
    def fail(request: httpx.Request) -> httpx.Response:
        raise fault(words, request=request)

    with pytest.raises(SourceUnavailableError, match=told) as caught:
        await client_for(fail).get("x")
    assert fault.__name__ not in str(caught.value)


async def test_an_answer_that_trickles_for_ever_is_given_up():
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    client = client_for(
        lambda request: httpx.Response(200, content=trickle()), limits=HttpLimits(total_seconds=0.1)
    )
    with pytest.raises(SourceUnavailableError, match="completely"):
        await client.get("x")


async def test_errors_never_hold_the_query_with_its_keys_and_addresses():
    with pytest.raises(SourceRefusesError) as caught:
        await answering(401).get("x", {"api_key": "s3cret", "email": "ann@example.com"})
    assert "s3cret" not in str(caught.value)
    assert "ann@" not in str(caught.value)


async def test_what_has_not_changed_is_not_sent_again():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("if-none-match") == '"v1"':
            return httpx.Response(304)
        return httpx.Response(200, json=[1], headers={"ETag": '"v1"'})

    client = client_for(answer)
    first = await client.get("x")
    again = await client.request("GET", "x", Ask(known=first.validators))
    assert first.validators == {"etag": '"v1"'}
    assert again.not_modified


@pytest.mark.parametrize("base", ["", "example.com", "ftp://example.com", "https://", "https://[::1"])
def test_a_base_address_that_is_none_is_refused(base):
    with pytest.raises(SettingsRefusedError, match="https://host/path"):
        GuardedClient(base)


async def test_the_budget_spreads_requests_over_the_seconds():
    at = [0.0]
    let_through: list[float] = []

    async def sleep(pause: float) -> None:
        at[0] += pause

    budget = RateBudget(2, concurrent=4, burst=2, seconds=lambda: at[0], sleep=sleep)

    async def ask() -> None:
        async with budget.take():
            let_through.append(at[0])

    await asyncio.gather(*(ask() for _ in range(6)))
    assert let_through == pytest.approx([0, 0, 0.5, 1, 1.5, 2])


async def test_no_more_requests_are_in_flight_than_allowed():
    running, most = [0], [0]

    async def answer(request: httpx.Request) -> httpx.Response:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.005)
        running[0] -= 1
        return httpx.Response(200, json={})

    client = GuardedClient(
        BASE, HttpLimits(concurrent=3, per_second=0), transport=httpx.MockTransport(answer)
    )
    await asyncio.gather(*(client.get("x") for _ in range(12)))
    assert most == [3]
