"""Access and session tokens of a manifest's source: fetched, kept until they end, renewed."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.http.explain_renewal import explain_renewal
from regard.connectors.http.guarded_client import Ask
from regard.connectors.http.http_answer import HttpAnswer, describe_fault
from regard.connectors.manifests.decode_answers import decode
from regard.connectors.manifests.dig_paths import dig, put
from regard.connectors.manifests.instants import read_instant, read_span
from regard.connectors.manifests.manifest_tools import ManifestTools
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.shape_requests import Injection, Shaped, shape

# Renewed a little early, so that no token ends on its way.
_EARLY = timedelta(seconds=30)
_USUAL_LIFE = timedelta(hours=1)
_PATHS = {
    "refresh_token_config_path": ["credentials", "refresh_token"],
    "access_token_config_path": ["credentials", "access_token"],
    "token_expiry_date_config_path": ["credentials", "token_expiry_date"],
}


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends: datetime


class TokenKeeper:
    """One per source; a token is fetched when first needed."""

    def __init__(self, tools: ManifestTools) -> None:
        self._tools = tools
        self._templates = tools.templates
        self._tokens: dict[str, _Token] = {}
        self._dead: set[str] = set()
        self._renewing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def forget(self, used: Sequence[Injection]) -> bool:
        """Drop the token that these refused credentials hold; whether another one may be had.

        A token that another reader renewed meanwhile stays: renewing it again would use up its successor.
        """
        sent = [str(one.value) for one in used]
        refused = {
            key: token.value
            for key, token in self._tokens.items()
            if any(token.value in text for text in sent)
        }
        self._dead |= set(refused.values())
        for key in refused:
            del self._tokens[key]
        return bool(self._tokens) or any(value in text for value in self._dead for text in sent)

    async def access_token(self, component: Component) -> str:
        """The OAuth access token, renewed when it ends (RFC 6749 §6, §4.4), by one reader for all."""
        async with self._renewing[_key(component)]:
            known = self._keep(component, self._kept_in_settings)
            return (known or await self._refresh(component)).value

    async def session_token(self, component: Component, credentials: list[Injection]) -> str:
        """The token that the login request gives."""
        async with self._renewing[_key(component)]:
            return (self._keep(component) or await self._sign_in(component, credentials)).value

    async def _sign_in(self, component: Component, credentials: list[Injection]) -> _Token:
        login = component["login_requester"]
        answer = await self._tools.send(shape(login, self._templates, {}, credentials))
        self._raise_fault(answer)
        found = dig(decode(answer, component.get("decoder")), component["session_token_path"])
        if not found:
            raise SourceMisbehavesError(f"{answer.place} gave no session token")
        life = component.get("expiration_duration")
        ends = self._tools.clock.now() + (read_span(self._templates.text(life)) if life else timedelta(0))
        return self._remember(component, _Token(str(found), ends))

    def _keep(self, component: Component, otherwise: Any = None) -> _Token | None:  # noqa: ANN401
        known = self._tokens.get(_key(component)) or (otherwise(component) if otherwise else None)
        if known is None or known.value in self._dead or known.ends - _EARLY <= self._tools.clock.now():
            return None
        return self._remember(component, known)

    def _remember(self, component: Component, token: _Token) -> _Token:
        self._tokens[_key(component)] = token
        return token

    def _text(self, component: Component, name: str, usual: str = "") -> str:
        return self._templates.text(component.get(name) or usual, parameters=parameters_of(component))

    def _kept_in_settings(self, component: Component) -> _Token | None:
        """The access token that the settings hold, when they say how long it lives."""
        value = self._text(component, "access_token_value")
        ends = read_instant(self._text(component, "token_expiry_date"), [])
        updater = component.get("refresh_token_updater")
        if updater is not None:
            value = value or str(
                dig(self._templates.config, _path(updater, "access_token_config_path")) or ""
            )
            kept = dig(self._templates.config, _path(updater, "token_expiry_date_config_path"))
            ends = ends or read_instant(kept, [])
        return _Token(value, ends) if value and ends else None

    async def _refresh(self, component: Component) -> _Token:
        url = self._text(component, "token_refresh_endpoint")
        answer = await self._tools.send(Shaped("POST", url, url, self._shape_refresh(component)))
        body = self._read_refresh(answer)
        value = dig(body, self._text(component, "access_token_name", "access_token").split("."))
        if not isinstance(value, str) or not value:
            raise SourceMisbehavesError(f"{answer.place} gave no access token")
        token = _Token(value, self._end_of(component, body))
        if component.get("refresh_token_updater") is not None:
            await self._save(component, body, token)
        return self._remember(component, token)

    def _shape_refresh(self, component: Component) -> Ask:
        here = {"parameters": parameters_of(component)}
        stated = self._templates.tree(component.get("refresh_request_headers") or {}, **here)
        headers = {name: str(value) for name, value in stated.items()}
        grant = self._text(component, "grant_type", "refresh_token")
        body: dict[str, Any] = {self._text(component, "grant_type_name", "grant_type"): grant}
        if not any(name.lower() == "authorization" for name in headers):
            for role in ("client_id", "client_secret"):
                body[self._text(component, f"{role}_name", role)] = self._text(component, role)
        if grant == "refresh_token" or component.get("refresh_token"):
            name = self._text(component, "refresh_token_name", "refresh_token")
            body[name] = self._refresh_token(component)
        if component.get("scopes"):
            body["scope"] = " ".join(component["scopes"])
        body.update(self._templates.tree(component.get("refresh_request_body") or {}, **here))
        filled = {name: value for name, value in body.items() if value not in (None, "")}
        if component.get("send_refresh_request_as_query_params"):
            return Ask(filled, headers)
        if any("json" in value for name, value in headers.items() if name.lower() == "content-type"):
            return Ask(None, headers, json=filled)
        return Ask(None, headers, form=filled)

    def _refresh_token(self, component: Component) -> str:
        updater = component.get("refresh_token_updater")
        kept = (
            dig(self._templates.config, _path(updater, "refresh_token_config_path"))
            if updater is not None
            else None
        )
        return str(kept or self._text(component, "refresh_token"))

    def _read_refresh(self, answer: HttpAnswer) -> Any:  # noqa: ANN401
        refusal = explain_renewal(answer)
        if refusal is not None:
            raise refusal
        self._raise_fault(answer)
        return answer.json()

    def _raise_fault(self, answer: HttpAnswer) -> None:
        fault = describe_fault(answer, self._tools.clock.now())
        if fault is not None:
            raise fault

    def _end_of(self, component: Component, body: Any) -> datetime:  # noqa: ANN401
        stated = dig(body, self._text(component, "expires_in_name", "expires_in").split("."))
        now = self._tools.clock.now()
        form = component.get("token_expiry_date_format")
        if form:
            return read_instant(stated, [form]) or now + _USUAL_LIFE
        try:
            return now + timedelta(seconds=min(float(stated), 10.0 * 365 * 86_400))
        except (TypeError, ValueError, OverflowError):
            return now + _USUAL_LIFE

    async def _save(self, component: Component, body: Any, token: _Token) -> None:  # noqa: ANN401
        """Write the renewed tokens into the settings before they are used: the old ones may be dead."""
        updater = component["refresh_token_updater"]
        config = self._templates.config
        if not isinstance(config, MutableMapping):
            return
        found = [
            ("access_token_config_path", token.value),
            ("token_expiry_date_config_path", token.ends.isoformat()),
        ]
        refresh = dig(body, [str(updater.get("refresh_token_name") or "refresh_token")])
        if refresh:
            found.append(("refresh_token_config_path", str(refresh)))
        renewed: dict[str, Any] = {}
        for name, value in found:
            put(config, _path(updater, name), value)
            put(renewed, _path(updater, name), value)
        await self._tools.keep_settings(renewed)


def _path(updater: Mapping[str, Any], name: str) -> list[str]:
    return [str(step) for step in updater.get(name) or _PATHS[name]]


def _key(component: Component) -> str:
    return json.dumps(component, sort_keys=True, default=str)
