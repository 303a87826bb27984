"""The contract between Regard and the code that reads a kind of outside system.

A connector says what it needs to know (`settings_schema`), opens a `SourceClient` for one configured source,
and hands over raw records as the source gave them. It never writes: who runs it commits each batch together
with the cursor that stands behind it, so that a run which was killed goes on exactly there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from regard.connectors.allow_networks import SourceNetworks
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Terminal, Transient

Settings = Mapping[str, Any]
Cursor = Mapping[str, Any]
"""Where reading goes on: a small JSON object that only its connector understands."""

Freshness = Literal["pushed", "seconds", "minutes"]


class SourceUnavailableError(RegardError, Transient):
    """The source does not answer as it should at the moment; `retry_after` in seconds when it said so."""

    code = "source_unavailable"
    status = 503

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class SourceRefusesError(RegardError, Terminal):
    """The source refuses us until a person changes something: credentials, rights, settings."""

    code = "source_refuses"
    status = 422


class SettingsRefusedError(RegardError, Terminal):
    """The settings of a source cannot be used; the message names the setting and the remedy."""

    code = "settings_refused"
    status = 422


class SourceMisbehavesError(RegardError, Terminal):
    """The source answers something that cannot be right, such as the same page for ever."""

    code = "source_misbehaves"
    status = 502


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as the source gave it. The same (stream, external id) again replaces it.

    `body` is its JSON object (None when deleted), numbers beyond 2^53 kept exactly; `updated_at` is when the
    source says it changed last, None when it does not say. `problem` says why it could not be read: then it
    goes into quarantine with that reason and with what `body` holds of it.
    """

    stream: str
    external_id: str
    body: Mapping[str, Any] | None
    updated_at: datetime | None = None
    problem: str | None = None

    @property
    def deleted(self) -> bool:
        """Whether the source no longer has the record."""
        return self.body is None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are committed together with the cursor behind them; either part may be empty.

    A source that knows its changes may still have to say everything again, or say that all is gone. `begins`
    names the streams of which everything follows from this batch on (this one included), `ends` those of
    which everything has been said with this batch: their records not seen since the beginning are gone. A
    stream in both, without records, has been emptied. Beginning and end may lie in different runs. `as_of` is
    when, by the source's clock, those records were gone; None: when Regard learnt it.

    `marks` are notes by name beside the cursor, kept with it, for what would make it too long (which files
    are done); None forgets one. `Surroundings.read_marks` gives them back.
    """

    records: Sequence[RawRecord]
    cursor: Cursor | None = None
    begins: Sequence[str] = ()
    ends: Sequence[str] = ()
    as_of: datetime | None = None
    marks: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One kind of record that a source has.

    `poll_seconds` is the pause between two readings; 0 for a stream that waits for news by itself (its `read`
    ends only when the connection does). `full_compare` says that the source cannot tell what changed: every
    reading gives all records, and those not seen in a reading that ended well are gone.
    """

    name: str
    title: str
    poll_seconds: float = 60.0
    full_compare: bool = False


class SourceClient(Protocol):
    """An opened connector for one source.

    Its methods raise `SourceUnavailableError` (tried again with growing pauses) or a `Terminal` error (shown
    to a person, tried again rarely).
    """

    async def check(self) -> None:
        """Reach the source and use the credentials once; raises when that does not work."""

    async def streams(self) -> Sequence[StreamSpec]:
        """The streams that these settings give."""

    def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Batches after the cursor, until nothing new is known (or for ever, when `poll_seconds` is 0).

        When the iterator is asked for the next batch, the last one is committed: only then may the source
        be told that it was taken.
        """

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """The present state of single records, for webhooks that carry only ids."""

    async def close(self) -> None:
        """Give back connections and threads."""


@runtime_checkable
class Warns(Protocol):
    """A client that looks at its source from time to time, beside the reading."""

    async def warnings(self) -> Sequence[str]:
        """Sentences on what a person should look at, with the remedy; none when all is well."""


@runtime_checkable
class Leaves(Protocol):
    """A client that has made something in its source, such as a slot that holds the source's log."""

    async def leave(self) -> Sequence[str]:
        """Remove it, for the source is given up; sentences on what had to stay there.

        Raises `SourceUnavailableError`, with `retry_after` while somebody still reads.
        """


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client is opened with besides its settings.

    `time_zone` (IANA name) is the zone of times that carry none. `keep_settings` keeps what
    the source renewed of the settings (a refresh token that works once): it is given only that, nested as in
    the settings, lays it over what is kept, and returns once that is done.
    `programs` is the folder whose programs may be run as connectors; None: none may. `folders` are
    those below which files may be read, `networks` says where in the network a source may
    stand. `read_marks` gives the marks that batches of a stream left; without it, there are none.
    """

    source: str
    clock: Clock
    time_zone: str = "UTC"
    keep_settings: Callable[[Settings], Awaitable[None]] | None = None
    programs: Path | None = None
    folders: tuple[Path, ...] = ()
    networks: SourceNetworks = field(default_factory=SourceNetworks)
    read_marks: Callable[[str], Awaitable[Mapping[str, str]]] | None = None


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """Something that a source has, such as a table. `entry` is what the settings say to have it read."""

    title: str
    detail: str
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Discovery:
    """Looks what a source has before its settings are whole. `setting` is the list that takes the entries.

    `noun` is what people call them, in the plural. `sample` is an entry that stands in the list while none is
    known, so that the rest can be checked. `find` raises as a client's methods do.
    """

    setting: str
    noun: str
    sample: Mapping[str, Any]
    find: Callable[[Settings, Surroundings], Awaitable[Sequence[FoundEntry]]]


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request as it came: the address the sender used, headers in small letters, the raw bytes.

    `shows_secret`: the secret itself stands in it, so that its headers are as good as its body.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    shows_secret: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a webhook request brought: whole records, and ids to be fetched as (stream, external id).

    `answer` is what the sender wants to hear, such as the echo of a challenge: JSON or XML text.
    `delivery_id` is the sender's own name of this delivery, the same when it is sent again; "" without one.
    `by_text`: it has no name, and its text stands for one. The same text may be a copy or said anew.
    """

    records: Sequence[RawRecord] = ()
    fetch: Sequence[tuple[str, str]] = ()
    answer: str = "{}"
    delivery_id: str = ""
    by_text: bool = False


Verify = Callable[[WebhookRequest, str], None]
"""Raises `SignatureRefusedError` unless the request was signed with the secret, now."""

Translate = Callable[[WebhookRequest, Settings], Delivery]
"""What a genuine request says; pure. Raises `ItemRefusedError`."""

Trust = Callable[[WebhookRequest, str], WebhookRequest]
"""The genuine request without those names of deliveries that its proof leaves open, and `shows_secret`."""


def trust_all(request: WebhookRequest, _secret: str) -> WebhookRequest:
    """For schemes after which no header that is left open decides what happens."""
    return request


@dataclass(frozen=True, slots=True)
class Webhook:
    """How a kind of system pushes: who proves it (`scheme` names it for people), and what it says."""

    scheme: str
    verify: Verify
    translate: Translate
    trust: Trust = trust_all


@dataclass(frozen=True, slots=True)
class Connector:
    """A kind of source that a user may set up.

    `settings_schema` is a JSON schema (draft 2020-12); properties with `"writeOnly": true` are secrets, kept
    sealed and never shown again. `mappings` names the file of shipped mappings in `connectors/mappings`.
    """

    name: str
    title: str
    category: str = "Files and APIs"
    freshness: Freshness = "pushed"
    settings_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    open: Callable[[Settings, Surroundings], SourceClient] | None = None
    webhook: Webhook | None = None
    mappings: str | None = None
    discovery: Discovery | None = None
