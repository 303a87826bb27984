"""An HTTP client for one source: pinned to its host, bounded in size, time and pace; its errors decide.

    client = GuardedClient("https://api.example.com/v1", headers={"X-Api-Key": key}, clock=clock)
    rows = (await client.get("contacts", params={"limit": 100})).json()
    await client.close()

`send` gives every answer as it is; `request`, `get` and `post` raise what a bad one means:
`SourceUnavailableError` (5xx, 429, 408, time-outs, no connection; `retry_after` as the source said),
`SourceRefusesError` (401, 403, 404, other 4xx), `SourceMisbehavesError` (too large, leads elsewhere).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceUnavailableError,
)
from regard.connectors.http.check_addresses import (
    AddressGuard,
    GuardedTransport,
    ProxiedTransport,
    host_of,
    port_of,
)
from regard.connectors.http.http_answer import HttpAnswer, describe_break, describe_fault
from regard.connectors.http.rate_budget import RateBudget
from regard.kit.clock import Clock, SystemClock

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
Parts = Mapping[str, Any] | Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one source may cost: size and duration of an answer, requests a second and in flight."""

    answer_bytes: int = 64 * 1024 * 1024
    total_seconds: float = 180.0
    silence_seconds: float = 60.0
    connect_seconds: float = 15.0
    per_second: float = 10.0
    burst: int = 10
    concurrent: int = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """What is sent besides method and address; at most one of `json`, `form` and `content`.

    `known` holds the validators of an earlier answer: unchanged, the source answers 304 without a body.
    """

    params: Parts | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    content: bytes | None = None
    known: Mapping[str, str] = field(default_factory=dict)


_PLAIN = Ask()


class GuardedClient:
    """Requests to the host of `base_url` (and `also_hosts`, which must be public), never to another."""

    def __init__(
        self,
        base_url: str,
        limits: HttpLimits | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        also_hosts: Sequence[str] = (),
        networks: SourceNetworks | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises `SettingsRefusedError` for a wrong address. `transport` replaces the network in tests."""
        self._base = _read_base(base_url)
        self._folder = self._base.copy_with(path=self._base.path.rstrip("/") + "/", query=None)
        self._limits = limits or HttpLimits()
        self._clock = clock or SystemClock()
        self._hosts = {host_of(self._base), *map(_read_host, also_hosts)}
        self._budget = RateBudget(self._limits.per_second, self._limits.concurrent, self._limits.burst)
        self._client = httpx.AsyncClient(
            headers={"User-Agent": "Regard", **(headers or {})},
            timeout=httpx.Timeout(self._limits.silence_seconds, connect=self._limits.connect_seconds),
            transport=transport or _open_network(self._base, networks or SourceNetworks()),
            follow_redirects=False,
        )

    async def get(self, path: str, params: Parts | None = None) -> HttpAnswer:
        """GET; `path` is relative to the base address, or an absolute address on the pinned host."""
        return await self.request("GET", path, Ask(params=params))

    async def post(self, path: str, json: Any = None, params: Parts | None = None) -> HttpAnswer:  # noqa: ANN401
        """POST with a JSON body."""
        return await self.request("POST", path, Ask(json=json, params=params))

    async def request(self, method: str, path: str, ask: Ask = _PLAIN) -> HttpAnswer:
        """The answer when it is a good one; raises what a bad one means."""
        answer = await self.send(method, path, ask)
        fault = describe_fault(answer, self._clock.now())
        if fault is not None:
            raise fault
        return answer

    async def send(self, method: str, path: str, ask: Ask = _PLAIN) -> HttpAnswer:
        """Whatever the source answers, redirects on its own host followed; raises when there is no answer."""
        url = self._resolve(path)
        place = f"{method} {url.copy_with(query=None, fragment=None, userinfo=b'')}"
        async with self._budget.take():
            try:
                async with asyncio.timeout(self._limits.total_seconds):
                    return await self._exchange(self._build(method, url, ask), place)
            except TimeoutError:
                raise SourceUnavailableError(
                    f"{place} did not answer completely within {self._limits.total_seconds:g} s"
                ) from None
            except httpx.TimeoutException:
                raise SourceUnavailableError(f"{place} does not answer") from None
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise SourceUnavailableError(f"{place} {describe_break(error)}") from None

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.aclose()

    def _resolve(self, path: str) -> httpx.URL:
        try:
            url = self._folder.join(path) if path else self._base
        except (httpx.InvalidURL, ValueError):
            raise SourceMisbehavesError(f"an address for {self._base.host} cannot be read") from None
        return self._pin(url, "the next address")

    def _pin(self, url: httpx.URL, what: str) -> httpx.URL:
        if host_of(url) not in self._hosts:
            raise SourceMisbehavesError(
                f"{what} that {self._base.host} gave leads to another host ({url.host or 'none'});"
                " it was not asked"
            )
        if url.scheme != "https" and (url.scheme != "http" or self._base.scheme == "https"):
            raise SourceMisbehavesError(f"{what} that {self._base.host} gave is not encrypted (https)")
        if host_of(url) == host_of(self._base) and port_of(url) not in {port_of(self._base), 443}:
            raise SourceMisbehavesError(f"{what} that {self._base.host} gave leads to another port of it")
        return url

    def _build(self, method: str, url: httpx.URL, ask: Ask) -> httpx.Request:
        headers = dict(ask.headers)
        if "etag" in ask.known:
            headers["If-None-Match"] = ask.known["etag"]
        if "last_modified" in ask.known:
            headers["If-Modified-Since"] = ask.known["last_modified"]
        if ask.params:
            url = url.copy_merge_params(_list_parts(ask.params))
        body: dict[str, Any] = {"json": ask.json, "data": ask.form, "content": ask.content}
        sent = {name: value for name, value in body.items() if value is not None}
        return self._client.build_request(method, url, headers=headers, **sent)

    async def _exchange(self, request: httpx.Request, place: str) -> HttpAnswer:
        for _ in range(_MOST_REDIRECTS):
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code not in _REDIRECTS or response.next_request is None:
                    return await self._read(response, place)
                request = self._follow(request, response.next_request)
            finally:
                await response.aclose()
        raise SourceMisbehavesError(f"{place} redirects more than {_MOST_REDIRECTS} times")

    def _follow(self, before: httpx.Request, after: httpx.Request) -> httpx.Request:
        self._pin(after.url, "the redirect")
        if host_of(after.url) != host_of(before.url):
            for name in list(after.headers):
                if name.lower() in _SECRET_HEADERS:
                    del after.headers[name]
        return after

    async def _read(self, response: httpx.Response, place: str) -> HttpAnswer:
        most = self._limits.answer_bytes
        body = bytearray()
        stated = response.headers.get("content-length", "0")
        if stated.isdigit() and int(stated) > most:
            raise _too_large(place, most)
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > most:
                raise _too_large(place, most)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status_code, headers, bytes(body), place, str(response.url))


def _too_large(place: str, most: int) -> SourceMisbehavesError:
    return SourceMisbehavesError(
        f"{place} answers more than {most / 1024 / 1024:g} MB; ask for smaller pages in the settings"
    )


def _read_base(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url.strip())
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise SettingsRefusedError("the address of the source must be like https://host/path")
    return url


def _read_host(host: str) -> str:
    try:
        return host_of(httpx.URL(scheme="https", host=host))
    except (httpx.InvalidURL, ValueError):
        raise SettingsRefusedError(f"the host “{host}” cannot be read; correct its name") from None


def _list_parts(parts: Parts) -> httpx.QueryParams:
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    listed: list[tuple[str, str]] = []
    for name, value in pairs:
        many = value if isinstance(value, list | tuple) else (value,)
        listed.extend((str(name), _write_part(one)) for one in many if one is not None)
    return httpx.QueryParams(tuple(listed))


def _write_part(value: Any) -> str:  # noqa: ANN401 - whatever a caller puts into a query
    return str(value).lower() if isinstance(value, bool) else str(value)


def _open_network(base: httpx.URL, networks: SourceNetworks) -> httpx.AsyncBaseTransport:
    """The network, through the proxy that the environment names for this host, if any."""
    proxy = getproxies().get(base.scheme)
    guard = AddressGuard(host_of(base), allowed=networks)
    if proxy and not proxy_bypass(host_of(base)):
        # The proxy resolves names: it is the guard of where they lead.
        return ProxiedTransport(guard, httpx.AsyncHTTPTransport(proxy=proxy))
    return GuardedTransport(guard, lambda: httpx.AsyncHTTPTransport(retries=1))
