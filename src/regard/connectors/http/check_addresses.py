"""Which network addresses a source may lead us to over HTTP (server-side request forgery).

Beyond the rule for all sources (`allow_networks`): a host that was public when first reached stays public,
and any further host must be, unless the configured one is inside too.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from regard.connectors.allow_networks import (
    SourceNetworks,
    judge_addresses,
    kind_of,
    read_address,
    refuse_own,
)
from regard.connectors.connector_contract import SourceMisbehavesError, SourceUnavailableError

Resolve = Callable[[str], Awaitable[Sequence[str]]]
_ANYWHERE = SourceNetworks()
_MOST_ADDRESSES = 4


def host_of(url: httpx.URL) -> str:
    """The host as the request names it: `straße.de` is `xn--strae-oqa.de`.

    Resolvers and TLS would write a decoded name by an older rule, as that of another host.
    """
    return url.raw_host.decode("ascii")


def port_of(url: httpx.URL) -> int:
    """The port of an address, that of its scheme where it names none."""
    return url.port or (443 if url.scheme == "https" else 80)


async def resolve_host(host: str) -> Sequence[str]:
    """The addresses of a host name, from the machine's resolver; raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressGuard:
    """Decides, per request, whether a host may be reached; remembers which hosts were public."""

    def __init__(
        self, configured_host: str, resolve: Resolve = resolve_host, allowed: SourceNetworks = _ANYWHERE
    ) -> None:
        self._configured = configured_host
        self._resolve = resolve
        self._allowed = allowed
        self._was_public: dict[str, bool] = {}

    async def check(self, host: str, port: int = 443) -> Sequence[str]:
        """The addresses that may be connected to, at most four.

        Raises a `Terminal` error when one leads where it must not, `SourceUnavailableError` without address.
        """
        try:
            addresses = await self._find(host.strip("[]"))
        except (OSError, UnicodeError):
            raise SourceUnavailableError(
                f"the host {host} has no address at the moment; check its name and the name server"
            ) from None
        judge_addresses(host, addresses, self._allowed)
        public = all(kind_of(read_address(text)) == "public" for text in addresses)
        if not public:
            self._judge_inside(host)
        if any(own.port == port for own in self._allowed.own):
            await asyncio.to_thread(refuse_own, host, port, addresses, self._allowed)
        self._was_public.setdefault(host, public)
        return addresses[:_MOST_ADDRESSES]

    async def _find(self, host: str) -> Sequence[str]:
        try:
            read_address(host)
        except ValueError:
            return await self._resolve(host)
        return [host]

    def _judge_inside(self, host: str) -> None:
        if host == self._configured:
            may = not self._was_public.get(host, False)
        else:
            may = self._was_public.get(self._configured) is False
        if not may:
            raise SourceMisbehavesError(
                f"the host {host} leads to an address inside the network although the source is outside;"
                " the request was not sent"
            )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Asks the guard before every request, redirects included, and connects to an address it allowed.

    The name stays in the request and in the proof of the certificate. Each host has connections of its own,
    opened by `open_inner`: two names at one address never share one.
    """

    def __init__(self, guard: AddressGuard, open_inner: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._guard = guard
        self._open_inner = open_inner
        self._inner: dict[str, httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request unless its host leads where it must not."""
        host = host_of(request.url)
        addresses = await self._guard.check(host, port_of(request.url))
        inner = self._inner.get(host) or self._inner.setdefault(host, self._open_inner())
        *others, last = addresses
        for address in others:
            try:
                return await inner.handle_async_request(_pin(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await inner.handle_async_request(_pin(request, last))

    async def aclose(self) -> None:
        """Close the connections."""
        for inner in self._inner.values():
            await inner.aclose()


class ProxiedTransport(httpx.AsyncBaseTransport):
    """Hands requests to a proxy, which resolves names; an address written as one is judged before."""

    def __init__(self, guard: AddressGuard, inner: httpx.AsyncBaseTransport) -> None:
        self._guard = guard
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request unless its host is an address that must not be asked."""
        host = host_of(request.url)
        if _is_address(host.rstrip(".")):
            await self._guard.check(host.rstrip("."), port_of(request.url))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _is_address(host: str) -> bool:
    """Whether no name server is asked for a host; resolvers take 0x7f.1 for an address as well."""
    try:
        read_address(host)
    except ValueError:
        try:
            socket.inet_aton(host)
        except OSError:
            return False
    return True


def _pin(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to one address; its headers still name the host."""
    extensions = dict(request.extensions)
    if request.url.scheme == "https":
        extensions["sni_hostname"] = host_of(request.url)
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )
