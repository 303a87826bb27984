"""A mailbox whose provider lets programs in by OAuth: tokens are renewed in time, refusals say what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.mail.mail_settings import read_mail_settings
from regard.connectors.mail.read_mailbox import MailboxClient, open_mailbox
from regard.kit.clock import SetClock
from tests.connectors.imap_by_token import TokenMailbox, run_token_mailbox
from tests.connectors.token_server import TokenServer, run_token_server
from tests.patience import PATIENCE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Provider:
    """An authorisation server and the mail server that takes its tokens; `kept` is what Regard keeps."""

    tokens: TokenServer
    mailbox: TokenMailbox
    kept: list[Mapping[str, Any]] = field(default_factory=list)

    @asynccontextmanager
    async def opened(self, **more: Any) -> AsyncIterator[MailboxClient]:
        async def keep(renewed: Mapping[str, Any]) -> None:
            self.kept.append(renewed)

        settings = {
            "host": "127.0.0.1", "port": self.mailbox.port, "encryption": "none", "user": "help@shop.example",
            "token_url": f"{self.tokens.url}/token", "client_id": "i", "client_secret": "s",
            "refresh_token": self.tokens.refresh_token,
        }  # fmt: skip
        around = Surroundings("mail", self.tokens.clock, keep_settings=keep)
        client = open_mailbox(settings | more, around)
        try:
            yield client
        finally:
            await client.close()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with (
        run_token_server(SetClock(NOW)) as tokens,
        run_token_mailbox(tokens.accepts) as mailbox,
    ):
        yield Provider(tokens, mailbox)


async def first_subject(client: MailboxClient) -> Any:
    async with aclosing(client.read("messages", None)) as reading, asyncio.timeout(PATIENCE):
        batch = await anext(reading)
    return (batch.records[0].body or {}).get("subject")


async def test_mail_is_read_with_an_access_token_that_is_renewed_when_it_ends(provider: Provider) -> None:
    async with provider.opened() as client:
        await client.check()
        assert await first_subject(client) == "by token"
        assert provider.mailbox.seen == ["a1", "a1"]
        provider.tokens.clock.advance(timedelta(seconds=3_550))
        await client.check()
    assert provider.mailbox.seen[2:] == ["a2"]
    assert [one["refresh_token"] for one in provider.tokens.renewals] == ["r0", "r1"]
    assert provider.kept == [{"refresh_token": "r1"}, {"refresh_token": "r2"}]


async def test_a_token_that_was_revoked_before_its_end_is_renewed_once(provider: Provider) -> None:
    async with provider.opened() as client:
        await client.check()
        provider.tokens.tokens.clear()
        await client.check()
    assert provider.mailbox.seen == ["a1", "a1", "a2"]


async def test_folders_that_are_opened_at_once_renew_the_token_once(provider: Provider) -> None:
    provider.tokens.pause = 0.05
    async with provider.opened() as client:
        await asyncio.gather(*(client.check() for _ in range(3)))
    assert len(provider.tokens.renewals) == 1


async def test_a_revoked_mailbox_is_a_persons_matter(provider: Provider) -> None:
    provider.tokens.revoked = True
    async with provider.opened() as client:
        with pytest.raises(SourceRefusesError, match="connect it anew"):
            await client.check()
    async with provider.opened(client_secret="old") as client:
        with pytest.raises(SourceRefusesError, match="client id and client secret"):
            await client.check()
    assert provider.mailbox.seen == []


async def test_a_token_of_another_mailbox_is_told(provider: Provider) -> None:
    async with provider.opened(user="other@shop.example") as client:
        with pytest.raises(SourceRefusesError, match="the refresh token is of this mailbox"):
            await client.check()


async def test_a_provider_that_is_down_is_a_passing_trouble(provider: Provider) -> None:
    provider.tokens.broken = 1
    async with provider.opened() as client:
        with pytest.raises(SourceUnavailableError):
            await client.check()
        await client.check()


async def test_a_server_without_oauth_is_told(provider: Provider) -> None:
    provider.mailbox.mechanisms = "AUTH=PLAIN"
    async with provider.opened() as client:
        with pytest.raises(SourceRefusesError, match="fill in the password"):
            await client.check()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "password"),
        ({"refresh_token": "r", "client_id": "i"}, "token_url"),
        ({"refresh_token": "r", "token_url": "https://login.example/token"}, "client_id"),
        ({"refresh_token": "r", "client_id": "i", "token_url": "http://login.example/token"}, "https://"),
    ],
)
def test_what_is_missing_is_named(given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsRefusedError, match=words):
        read_mail_settings({"host": "imap.example", "user": "a@b.example", **given})
