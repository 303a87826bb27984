"""Reads a mailbox: all mail once, then new mail as soon as the server tells of it.

The cursor holds, per folder, the UIDVALIDITY under which uids hold and the last uid taken. When the server
gave its uids anew, the folder is read again; a mail that is known has the same id and body, and so nothing
happens. Mail deleted from the mailbox stays in the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar, TypeVarTuple, Unpack
from zoneinfo import ZoneInfo

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    Settings,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.mail.mail_settings import MailSettings, read_mail_settings
from regard.connectors.mail.parse_mail import STREAM, Reader, parse_mail
from regard.connectors.mail.renew_mail_token import MailTokens
from regard.connectors.mail.speak_imap import (
    MOST_BYTES,
    CommandDeniedError,
    ImapSession,
    Listed,
    TokenRefusedError,
)

# Below the 29 minutes of RFC 2177, and short enough to notice a connection that died without a word.
_IDLE_SECONDS = 240.0
_MOST_LISTED = 500
_MOST_MAILS = 100
_MOST_BATCH_BYTES = 8 * 1024 * 1024
_T = TypeVar("_T")
_Given = TypeVarTuple("_Given")


@dataclass(slots=True)
class _Folder:
    """One folder: its connection while there is one, and how far it was read."""

    name: str
    validity: int = 0
    last_uid: int = 0
    session: ImapSession | None = None
    waiting: asyncio.Future[bool] | None = None


class MailboxClient:
    """A mailbox as a source; each folder has a connection and a thread of its own."""

    def __init__(self, settings: MailSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._reader = Reader(settings.ours, ZoneInfo(surroundings.time_zone))
        self._threads = ThreadPoolExecutor(len(settings.folders) + 1, thread_name_prefix="imap")
        self._sessions: set[ImapSession] = set()
        self._tokens = MailTokens(settings.oauth, surroundings) if settings.oauth else None

    async def check(self) -> None:
        """Sign in and open every folder once."""

        def look() -> None:
            for folder in self._settings.folders:
                session.open_folder(folder)

        session = await self._sign_in()
        try:
            await self._apart(look)
        finally:
            session.close()

    async def streams(self) -> Sequence[StreamSpec]:
        """The one stream of all mail; it waits for news by itself."""
        return [StreamSpec(STREAM, "Mail", poll_seconds=0.0)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Mail after the cursor, then new mail for ever; a lost connection is opened anew once."""
        folders = [_read_place(name, cursor) for name in self._settings.folders]
        waiting: set[asyncio.Future[bool]] = set()
        try:
            while True:
                for folder in folders:
                    if folder.waiting is None or folder.waiting.done():
                        async for records in self._catch_up(folder):
                            yield Batch(records, _cursor(folders))
                        folder.waiting = self._start_waiting(folder)
                waiting = {folder.waiting for folder in folders if folder.waiting}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for folder in folders:
                self._drop(folder)
            await asyncio.gather(*waiting, return_exceptions=True)

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """Nothing: mail never changes, and nobody tells of single mails by their id."""
        return []

    async def close(self) -> None:
        """Cut all connections; threads that wait on them end."""
        for session in list(self._sessions):
            session.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._tokens is not None:
            await self._tokens.close()

    async def _catch_up(self, folder: _Folder) -> AsyncIterator[Sequence[RawRecord]]:
        """All mail of a folder beyond its place, which moves along."""
        if folder.waiting and folder.waiting.exception():
            self._drop(folder)
        try:
            uids = await self._list_news(folder)
        except SourceUnavailableError:
            # Servers close connections now and then; only a second failure is trouble.
            self._drop(folder)
            uids = await self._list_news(folder)
        for start in range(0, len(uids), _MOST_LISTED):
            some = uids[start : start + _MOST_LISTED]
            listed = await self._apart(_session(folder).list_sizes, some)
            for group in _group(listed):
                records = await self._apart(self._take, folder, group)
                folder.last_uid = group[-1].uid
                yield records
            if folder.last_uid < some[-1]:
                # The last ones were deleted between listing and reading.
                folder.last_uid = some[-1]
                yield ()

    async def _sign_in(self) -> ImapSession:
        """A new connection; a token that is refused before its end is renewed once."""
        if self._tokens is None:
            return await self._apart(ImapSession, self._settings, self._clock)
        token = await self._tokens.access_token()
        try:
            return await self._apart(ImapSession, self._settings, self._clock, token)
        except TokenRefusedError:
            token = await self._tokens.access_token(refused=token)
            return await self._apart(ImapSession, self._settings, self._clock, token)

    async def _list_news(self, folder: _Folder) -> list[int]:
        if folder.session is None:
            folder.session = await self._sign_in()
            self._sessions.add(folder.session)
            selected = await self._apart(folder.session.open_folder, folder.name)
            if selected.validity != folder.validity:
                folder.validity, folder.last_uid = selected.validity, 0
        return await self._apart(folder.session.list_uids, folder.last_uid)

    def _take(self, folder: _Folder, group: Sequence[Listed]) -> Sequence[RawRecord]:
        try:
            mails = _session(folder).fetch([one.uid for one in group])
        except CommandDeniedError as refusal:
            if len(group) > 1:
                return [record for one in group for record in self._take(folder, [one])]
            # One mail that is broken on the server must not hold up all behind it.
            place = {"folder": folder.name, "uid": group[0].uid, "size": group[0].size}
            named = f"{folder.name[:200]} {folder.validity} {group[0].uid}"
            return [RawRecord(STREAM, named, place, None, str(refusal))]
        return [parse_mail(mails[uid], self._reader) for uid in sorted(mails)]

    def _start_waiting(self, folder: _Folder) -> asyncio.Future[bool]:
        wait = _session(folder).wait
        return asyncio.get_running_loop().run_in_executor(self._threads, wait, _IDLE_SECONDS)

    async def _apart(self, work: Callable[[Unpack[_Given]], _T], *given: *_Given) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _drop(self, folder: _Folder) -> None:
        if folder.session is not None:
            with suppress(OSError):
                folder.session.close()
            self._sessions.discard(folder.session)
            folder.session = None


def open_mailbox(settings: Settings, surroundings: Surroundings) -> MailboxClient:
    """A mailbox with these settings; raises `SettingsRefusedError`."""
    read = replace(read_mail_settings(settings), networks=surroundings.networks)
    return MailboxClient(read, surroundings)


def _session(folder: _Folder) -> ImapSession:
    assert folder.session is not None
    return folder.session


def _read_place(name: str, cursor: Cursor | None) -> _Folder:
    place = (cursor or {}).get("folders", {}).get(name) or [0, 0]
    return _Folder(name, int(place[0]), int(place[1]))


def _cursor(folders: Sequence[_Folder]) -> Cursor:
    return {"folders": {folder.name: [folder.validity, folder.last_uid] for folder in folders}}


def _group(listed: Sequence[Listed]) -> Iterator[Sequence[Listed]]:
    """Mails that are fetched together: few enough to be held in memory at once."""
    group: list[Listed] = []
    room = _MOST_BATCH_BYTES
    for one in listed:
        size = min(one.size, MOST_BYTES)
        if group and (size > room or len(group) >= _MOST_MAILS):
            yield group
            group, room = [], _MOST_BATCH_BYTES
        group.append(one)
        room -= size
    if group:
        yield group
