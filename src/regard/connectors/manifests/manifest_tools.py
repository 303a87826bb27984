"""What every part of a running manifest shares: templates, clock, and requests on the manifest's hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.connector_contract import SettingsRefusedError, SourceMisbehavesError
from regard.connectors.http.guarded_client import GuardedClient, HttpLimits
from regard.connectors.http.http_answer import HttpAnswer
from regard.connectors.manifests.read_manifest import PASSED_OVER, parameters_of
from regard.connectors.manifests.render_templates import TemplateFailsError, Templates
from regard.connectors.manifests.shape_requests import Shaped
from regard.kit.clock import Clock

KeepSettings = Callable[[Mapping[str, Any]], Awaitable[None]]
_ADDRESSES = frozenset({"url_base", "url", "token_refresh_endpoint", "login_url"})


async def _forget_settings(_: Mapping[str, Any]) -> None:
    """Nobody keeps renewed settings."""


@dataclass(slots=True)
class ManifestTools:
    """`keep_settings` is given what a source renewed of its credentials, nested as in the settings."""

    templates: Templates
    clock: Clock
    limits: HttpLimits
    hosts: frozenset[str]
    transport: httpx.AsyncBaseTransport | None = None
    keep_settings: KeepSettings = _forget_settings
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    networks: SourceNetworks = field(default_factory=SourceNetworks)
    _clients: dict[str, GuardedClient] = field(default_factory=dict)

    async def send(self, shaped: Shaped) -> HttpAnswer:
        """The answer, whatever it is; raises when there is none or the request leads to a foreign host."""
        return await self._client(shaped.home).send(shaped.method, shaped.url, shaped.ask)

    async def download(self, shaped: Shaped, home: str) -> HttpAnswer:
        """Fetch a file that `home` named; it may lie on another public host, which gets no credentials."""
        host = urlsplit(shaped.url).hostname or ""
        if host == urlsplit(home).hostname:
            return await self.send(Shaped(shaped.method, shaped.url, home, shaped.ask))
        client = GuardedClient(
            home,
            self.limits,
            clock=self.clock,
            also_hosts=[host],
            networks=self.networks,
            transport=self.transport,
        )
        try:
            return await client.send(shaped.method, shaped.url, shaped.ask)
        finally:
            await client.close()

    async def close(self) -> None:
        """Give back all connections."""
        for client in self._clients.values():
            await client.close()

    def _client(self, home: str) -> GuardedClient:
        origin = _origin(home)
        if _host(origin) not in self.hosts:
            raise SourceMisbehavesError(
                f"the manifest leads to the host {_host(origin)}, which is not one of its own;"
                " it was not asked"
            )
        if origin not in self._clients:
            self._clients[origin] = GuardedClient(
                origin, self.limits, clock=self.clock, networks=self.networks, transport=self.transport
            )
        return self._clients[origin]


def find_hosts(component: Any, templates: Templates) -> frozenset[str]:  # noqa: ANN401 - any node of the tree
    """The hosts that a manifest names once the user's settings are filled in."""
    return frozenset(host for host in _find_hosts(component, templates) if host)


def _find_hosts(node: Any, templates: Templates) -> Iterator[str]:  # noqa: ANN401
    if isinstance(node, list):
        for one in node:
            yield from _find_hosts(one, templates)
    if not isinstance(node, Mapping):
        return
    for name, value in node.items():
        if name in _ADDRESSES and isinstance(value, str):
            try:
                yield _host(templates.text(value, parameters=parameters_of(node)))
            except TemplateFailsError:
                continue
        elif name not in PASSED_OVER:
            yield from _find_hosts(value, templates)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsRefusedError("the manifest gives no full address; check the settings")
    return f"{parts.scheme}://{parts.netloc.rsplit('@', maxsplit=1)[-1]}/"


def _host(url: str) -> str:
    try:
        return (urlsplit(url.strip()).hostname or "").lower()
    except ValueError:
        return ""
