"""A mailbox on a real mail server: everything once, new mail at once, whatever breaks in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager

import pytest

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.mail.parse_mail import RawMail
from regard.connectors.mail.read_mailbox import MailboxClient, open_mailbox
from regard.connectors.mail.speak_imap import MOST_BYTES, CommandDeniedError, ImapSession, encode_folder
from regard.kit.clock import SystemClock
from tests.connectors.dovecot_server import Dovecot, run_dovecot
from tests.patience import PATIENCE

BEGIN = "-----BEGIN CERTIFICATE-----"


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with run_dovecot() as server:
        yield server


def mail(number: int, sender: str = "Ann <ann@home.example>", text: str = "hello") -> bytes:
    return (
        f"From: {sender}\r\nTo: help@shop.example\r\nSubject: number {number}\r\n"
        f"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\nMessage-ID: <{number}@home.example>\r\n\r\n{text}\r\n"
    ).encode()


@asynccontextmanager
async def opened(server: Dovecot, **settings: object) -> AsyncIterator[MailboxClient]:
    client = open_mailbox(server.settings | settings, Surroundings("mail", SystemClock()))
    try:
        yield client
    finally:
        await client.close()


async def read_until(
    client: MailboxClient, subjects: Sequence[str], cursor: Cursor | None = None
) -> list[Batch]:
    """Batches until these subjects have come, each as often as it is named."""
    batches: list[Batch] = []
    async with aclosing(client.read("messages", cursor)) as reading, asyncio.timeout(PATIENCE):
        while len(seen(batches)) < len(subjects):
            batches.append(await anext(reading))
    assert sorted(seen(batches)) == sorted(subjects)
    return batches


def seen(batches: Sequence[Batch]) -> list[str]:
    return [record.body["subject"] for batch in batches for record in batch.records if record.body]


async def test_all_mail_is_read_once_and_new_mail_is_told_of_by_the_server(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    async with opened(dovecot) as client:
        await client.check()
        async with aclosing(client.read("messages", None)) as reading, asyncio.timeout(PATIENCE):
            first = await anext(reading)
            waiting = asyncio.ensure_future(anext(reading))
            await asyncio.to_thread(dovecot.deliver, mail(3))
            second = await waiting
    assert (seen([first]), seen([second])) == (["number 1", "number 2"], ["number 3"])
    with dovecot.hands() as hands:
        hands.select()
        assert hands.search(None, "UNSEEN")[1] == [b"1 2 3"], "reading must not mark mail as seen"


async def test_a_reader_that_was_killed_goes_on_after_the_last_committed_cursor(dovecot: Dovecot) -> None:
    dovecot.deliver(*(mail(number) for number in range(5)))
    async with opened(dovecot) as client:
        cursor = (await read_until(client, [f"number {number}" for number in range(5)]))[-1].cursor
    dovecot.stop()
    dovecot.start()
    dovecot.deliver(mail(5))
    async with opened(dovecot) as client:
        await read_until(client, ["number 5"], cursor)


async def test_a_server_that_restarts_while_we_wait_is_asked_again(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    async with opened(dovecot) as client:
        async with aclosing(client.read("messages", None)) as reading, asyncio.timeout(PATIENCE):
            await anext(reading)
            waiting = asyncio.ensure_future(anext(reading))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(dovecot.stop)
            with pytest.raises(SourceUnavailableError, match="cannot be reached"):
                await waiting
        dovecot.start()
        await client.check()


async def test_new_uids_for_the_same_mail_bring_the_same_records(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    async with opened(dovecot) as client:
        before = await read_until(client, ["number 1", "number 2"])
    dovecot.stop()
    dovecot.give_new_uids()
    dovecot.start()
    async with opened(dovecot) as client:
        after = await read_until(client, ["number 1", "number 2"], before[-1].cursor)
    assert before[-1].cursor != after[-1].cursor
    assert {one.external_id: one.body for one in before[-1].records} == {
        one.external_id: one.body for one in after[-1].records
    }


async def test_folders_are_read_side_by_side_and_a_copy_is_the_same_record(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(1), mail(2, sender="help@shop.example"), folder=encode_folder("Gesendet & mehr ü"))
    async with opened(dovecot, folders=["INBOX", "Gesendet & mehr ü"]) as client:
        batches = await read_until(client, ["number 1", "number 1", "number 2"])
        cursor = batches[-1].cursor
        async with aclosing(client.read("messages", cursor)) as reading, asyncio.timeout(PATIENCE):
            waiting = asyncio.ensure_future(anext(reading))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(dovecot.deliver, mail(3), folder=encode_folder("Gesendet & mehr ü"))
            assert seen([await waiting]) == ["number 3"]
    records = [record for batch in batches for record in batch.records]
    assert len({record.external_id for record in records}) == 2
    ways = {record.body["subject"]: record.body["direction"] for record in records if record.body}
    assert ways == {"number 1": "inbound", "number 2": "outbound"}


async def test_a_server_without_idle_is_asked_again_and_again() -> None:
    with run_dovecot(idle=False) as server:
        server.deliver(mail(1))
        async with (
            opened(server, poll_seconds=0.2) as client,
            aclosing(client.read("messages", None)) as reading,
            asyncio.timeout(PATIENCE),
        ):
            await anext(reading)
            waiting = asyncio.ensure_future(anext(reading))
            await asyncio.to_thread(server.deliver, mail(2))
            assert seen([await waiting]) == ["number 2"]


async def test_of_a_huge_mail_only_the_beginning_is_fetched(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1, text="word " * 600_000), mail(2))
    async with opened(dovecot) as client:
        batches = await read_until(client, ["number 1", "number 2"])
    huge = next(
        one.body
        for batch in batches
        for one in batch.records
        if one.body and one.body["subject"] == "number 1"
    )
    assert huge["size"] > 3_000_000
    assert f"only the first {MOST_BYTES:,} were read" in " ".join(huge["problems"])


async def test_mail_before_the_day_of_the_settings_is_left_alone(dovecot: Dovecot) -> None:
    with dovecot.hands() as hands:
        hands.append("INBOX", "", '"01-Jan-2020 10:00:00 +0000"', mail(1))
        hands.append("INBOX", "", '"01-Mar-2026 10:00:00 +0000"', mail(2))
    async with opened(dovecot, since="2026-01-01") as client:
        await read_until(client, ["number 2"])


async def test_wrong_words_are_told_so_that_a_person_can_mend_them(dovecot: Dovecot) -> None:
    async with opened(dovecot, password="wrong") as client:
        with pytest.raises(SourceRefusesError, match="refuses user and password"):
            await client.check()
    async with opened(dovecot, folders=["INBOX", "Nowhere"]) as client:
        with pytest.raises(SourceRefusesError, match="no folder “Nowhere”"):
            await client.check()
    async with opened(dovecot, encryption="starttls") as client:
        with pytest.raises(SourceRefusesError):
            await client.check()
    with pytest.raises(SettingsRefusedError, match="our_addresses"):
        open_mailbox({"host": "h", "user": "u", "password": "p"}, Surroundings("mail", SystemClock()))
    with pytest.raises(SettingsRefusedError, match="line break"):
        open_mailbox(
            dovecot.settings | {"user": "a@b.example\r\nA1 DELETE INBOX"}, Surroundings("mail", SystemClock())
        )


async def test_a_mail_that_the_server_cannot_give_holds_up_nothing(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail(1), mail(2), mail(3))
    sound = ImapSession.fetch

    def fetch(session: ImapSession, uids: Sequence[int]) -> dict[int, RawMail]:
        if 2 in uids:
            raise CommandDeniedError("the mail server refused FETCH")
        return sound(session, uids)

    monkeypatch.setattr(ImapSession, "fetch", fetch)
    async with opened(dovecot) as client, aclosing(client.read("messages", None)) as reading:
        batch = await anext(reading)
    assert [record.problem for record in batch.records] == [None, "the mail server refused FETCH", None]
    subjects = [record.body and record.body.get("subject") for record in batch.records]
    assert subjects == ["number 1", None, "number 3"]


async def test_a_command_hidden_in_a_folder_name_is_a_folder_name() -> None:
    assert encode_folder('a" b\\c') == 'a\\" b\\\\c'
    assert encode_folder("Entwürfe & 日本") == "Entw&APw-rfe &- &ZeVnLA-"


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
async def test_an_encrypted_mailbox_is_read_and_told_of_new_mail(encryption: str) -> None:
    with run_dovecot(encrypted=True) as server:
        server.deliver(mail(1, text="x" * 300_000))
        port = server.tls_port if encryption == "tls" else server.port
        async with opened(server, encryption=encryption, port=port) as client:
            with pytest.raises(SourceRefusesError, match=r"cannot be trusted .*fill in “ca”"):
                await client.check()
        signed = server.certificate.read_text()
        async with (
            opened(server, encryption=encryption, port=port, ca=signed[signed.index(BEGIN) :]) as client,
            aclosing(client.read("messages", None)) as reading,
            asyncio.timeout(PATIENCE),
        ):
            assert seen([await anext(reading)]) == ["number 1"]
            waiting = asyncio.ensure_future(anext(reading))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.deliver, mail(2))
            assert seen([await waiting]) == ["number 2"]
