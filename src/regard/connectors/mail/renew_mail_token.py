"""The access token of a mailbox whose provider lets programs in by OAuth only (RFC 6749 §6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from regard.connectors.connector_contract import Settings, SourceMisbehavesError, Surroundings
from regard.connectors.http.explain_renewal import explain_renewal
from regard.connectors.http.guarded_client import Ask, GuardedClient
from regard.connectors.http.http_answer import HttpAnswer, describe_fault
from regard.connectors.mail.mail_settings import MailOAuth
from regard.kit.clock import Clock

# Renewed a little early, so that no token ends on its way.
_EARLY = timedelta(seconds=60)
_USUAL_SECONDS = 3600.0
_LONGEST_SECONDS = 86_400.0

KeepSettings = Callable[[Settings], Awaitable[None]]


class MailTokens:
    """Gives the access token of one mailbox; folders that ask at once wait for one renewal."""

    def __init__(self, settings: MailOAuth, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock: Clock = surroundings.clock
        self._keep: KeepSettings | None = surroundings.keep_settings
        self._client = GuardedClient(
            settings.token_url, clock=surroundings.clock, networks=surroundings.networks
        )
        self._renewing = asyncio.Lock()
        self._token = ""
        self._ends: datetime | None = None

    async def access_token(self, refused: str = "") -> str:
        """A token that may be used now, and is not the one that was refused.

        Raises `SourceRefusesError` when the provider renews none, `SourceUnavailableError` without answer.
        """
        async with self._renewing:
            over = self._ends is None or self._ends - _EARLY <= self._clock.now()
            if over or self._token == refused:
                await self._renew()
            return self._token

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()

    async def _renew(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._settings.refresh_token,
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        filled = {name: value for name, value in form.items() if value}
        told = self._read(await self._client.send("POST", "", Ask(form=filled)))
        renewed = told.get("refresh_token")
        if isinstance(renewed, str) and renewed and renewed != self._settings.refresh_token:
            # Kept before it is used: the old one may be dead.
            if self._keep is not None:
                await self._keep({"refresh_token": renewed})
            self._settings = replace(self._settings, refresh_token=renewed)
        self._token = told["access_token"]
        self._ends = self._clock.now() + timedelta(seconds=_seconds(told.get("expires_in")))

    def _read(self, answer: HttpAnswer) -> Mapping[str, Any]:
        fault = explain_renewal(answer) or describe_fault(answer, self._clock.now())
        if fault is not None:
            raise fault
        told = answer.json()
        if not isinstance(told, Mapping) or not isinstance(told.get("access_token"), str):
            raise SourceMisbehavesError(
                f"{answer.place} gave no access token; check “token_url” of the mailbox"
            )
        return told


def _seconds(stated: object) -> float:
    try:
        return min(max(float(str(stated)), 0.0), _LONGEST_SECONDS)
    except ValueError:
        return _USUAL_SECONDS
