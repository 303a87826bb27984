"""Which network addresses a source may lead us to (server-side request forgery).

The host that a person configured may stand inside the company. Link-local addresses (where clouds keep
their metadata service), multicast and the unspecified address are never a source. A host that was public
when first reached stays public, and any further host must be, unless the configured one is inside too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from regard.connectors.connector_contract import SourceMisbehavesError, SourceUnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], Awaitable[Sequence[str]]]


async def resolve_host(host: str) -> Sequence[str]:
    """The addresses of a host name, from the machine's resolver; raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return sorted({str(entry[4][0]) for entry in found})


class AddressGuard:
    """Decides, per request, whether a host may be reached; remembers which hosts were public."""

    def __init__(self, configured_host: str, resolve: Resolve = resolve_host) -> None:
        self._configured = configured_host
        self._resolve = resolve
        self._was_public: dict[str, bool] = {}

    async def check(self, host: str) -> None:
        """Raises `SourceMisbehavesError` when it leads inside, `SourceUnavailableError` without address."""
        try:
            found = [_read_address(text) for text in await self._find(host)]
        except OSError:
            raise SourceUnavailableError(
                f"the host {host} has no address at the moment; check its name and the name server"
            ) from None
        if any(map(_never_a_source, found)):
            raise SourceMisbehavesError(
                f"the host {host} leads to an address that is no source (link-local, multicast or"
                " unspecified); check the address in the settings"
            )
        public = all(one.is_global for one in found)
        if not public and not await self._may_be_inside(host):
            raise SourceMisbehavesError(
                f"the host {host} leads to an address inside the network although the source is outside;"
                " the request was not sent"
            )
        self._was_public.setdefault(host, public)

    async def _find(self, host: str) -> Sequence[str]:
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return await self._resolve(host)
        return [host]

    async def _may_be_inside(self, host: str) -> bool:
        if host == self._configured:
            return not self._was_public.get(host, False)
        return self._was_public.get(self._configured) is False


def _read_address(text: str) -> Address:
    address = ipaddress.ip_address(text.strip("[]").split("%", maxsplit=1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _never_a_source(address: Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified


class GuardedTransport(httpx.AsyncBaseTransport):
    """Asks the guard before every request, redirects included."""

    def __init__(self, guard: AddressGuard, inner: httpx.AsyncBaseTransport) -> None:
        self._guard = guard
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request unless its host leads where it must not."""
        await self._guard.check(request.url.host)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
