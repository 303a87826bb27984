"""How requests of a manifest prove who asks."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.manifests.dig_paths import dig
from regard.connectors.manifests.keep_tokens import TokenKeeper
from regard.connectors.manifests.manifest_tools import ManifestTools
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.shape_requests import Injection, inject
from regard.connectors.manifests.sign_jwt import sign_jwt

_Prove = Callable[[Component], Awaitable[list[Injection]]]


def _header(value: str, name: str = "Authorization") -> list[Injection]:
    return [Injection("header", (name,), value)]


class Authenticator:
    """Gives the credentials of every authenticator of one manifest; renewed tokens are kept meanwhile."""

    def __init__(self, tools: ManifestTools) -> None:
        self._tools = tools
        self._templates = tools.templates
        self._keeper = TokenKeeper(tools)
        self._ways: Mapping[str, _Prove] = {
            "NoAuth": self._nothing,
            "ApiKeyAuthenticator": self._api_key,
            "BearerAuthenticator": self._bearer,
            "BasicHttpAuthenticator": self._basic,
            "OAuthAuthenticator": self._oauth,
            "JwtAuthenticator": self._jwt,
            "SessionTokenAuthenticator": self._session,
            "SelectiveAuthenticator": self._select,
        }

    async def credentials(self, component: Component | None) -> list[Injection]:
        """What goes into the request; raises when the source refuses to give a token."""
        if not component:
            return []
        return await self._ways[component["type"]](component)

    def forget(self, used: Sequence[Injection]) -> bool:
        """Drop the renewed token in credentials that were refused; whether another one may be had."""
        return self._keeper.forget(used)

    def _text(self, component: Component, name: str) -> str:
        return self._templates.text(component.get(name), parameters=parameters_of(component))

    async def _nothing(self, _: Component) -> list[Injection]:
        return []

    async def _api_key(self, component: Component) -> list[Injection]:
        value = self._text(component, "api_token")
        if component.get("inject_into"):
            return inject(component["inject_into"], value, self._templates, {})
        return _header(value, self._text(component, "header"))

    async def _bearer(self, component: Component) -> list[Injection]:
        return _header(f"Bearer {self._text(component, 'api_token')}")

    async def _basic(self, component: Component) -> list[Injection]:
        pair = f"{self._text(component, 'username')}:{self._text(component, 'password')}"
        return _header(f"Basic {base64.b64encode(pair.encode()).decode()}")

    async def _oauth(self, component: Component) -> list[Injection]:
        fixed = self._text(component, "access_token_value")
        if fixed and not component.get("token_refresh_endpoint"):
            return _header(f"Bearer {fixed}")
        return _header(f"Bearer {await self._keeper.access_token(component)}")

    async def _session(self, component: Component) -> list[Injection]:
        login = component["login_requester"]
        token = await self._keeper.session_token(
            component, await self.credentials(login.get("authenticator"))
        )
        way = component["request_authentication"]
        if way["type"] == "SessionTokenRequestBearerAuthenticator":
            return _header(f"Bearer {token}")
        value = self._templates.text(way.get("api_token") or "{{ session_token }}", session_token=token)
        return inject(way["inject_into"], value, self._templates, {})

    async def _select(self, component: Component) -> list[Injection]:
        path = [str(step) for step in component["authenticator_selection_path"]]
        name = dig(self._templates.config, path)
        chosen = component["authenticators"].get(str(name))
        if chosen is None:
            raise SettingsRefusedError(
                f"choose how to sign in: the setting “{'.'.join(path)}” must be one of"
                f" {', '.join(component['authenticators'])}"
            )
        return await self.credentials(chosen)

    async def _jwt(self, component: Component) -> list[Injection]:
        key = self._text(component, "secret_key")
        if component.get("base64_encode_secret_key"):
            key = base64.b64encode(key.encode()).decode()
        now = int(self._tools.clock.now().timestamp())
        payload = {**self._many(component, "jwt_payload"), **self._many(component, "additional_jwt_payload")}
        times = {"iat": now, "nbf": now, "exp": now + int(component.get("token_duration") or 1200)}
        headers = {**self._many(component, "jwt_headers"), **self._many(component, "additional_jwt_headers")}
        algorithm, passphrase = str(component["algorithm"]), self._text(component, "passphrase")
        token = sign_jwt(headers, {**times, **payload}, key, algorithm, passphrase or None)
        if component.get("request_option"):
            return inject(component["request_option"], token, self._templates, {})
        prefix = self._text(component, "header_prefix")
        return _header(f"{prefix} {token}" if prefix else token)

    def _many(self, component: Component, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._templates.tree(
            component.get(name) or {}, parameters=parameters_of(component)
        )
        return found
