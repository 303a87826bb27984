"""What the HTTP face works with; made by `processes/wiring.py`, handed to every route file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regard.access.create_users import UserDesk
from regard.access.sign_in import SignIn
from regard.connectors.allow_networks import SourceNetworks
from regard.db.pool import Pool
from regard.eventlog.append_events import Outcome
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.receive_items import FrontDoor
from regard.intake.receive_webhooks import WebhookDoor
from regard.kit.clock import Clock
from regard.live.change_hub import ChangeHub
from regard.sources.ingest_keys import KeyDirectory
from regard.stewardship.manage_models import ModelDesk
from regard.stewardship.record_judgement import Bench
from regard.views.door import Door

AppendEvents = Callable[[Sequence[Event]], Awaitable[list[Outcome]]]
"""Appends a batch to the log in one transaction; durable when it returns."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The settings the HTTP face needs, as values.

    `home` is the data folder (uploads lie below it), `ui_folder` the built web interface or None
    for the one that comes with the package, `secure_cookies` is set when users come through https,
    `demo` makes the demo sign-ins known to everybody, `import_most_bytes` is how large a file may be,
    `public_url` is the address under which outside systems reach us, when it differs from what they ask for,
    `watched` are the folders below which sources may watch for files, `networks` says where they may stand.
    """

    home: Path
    version: str
    demo: bool = False
    secure_cookies: bool = False
    ui_folder: Path | None = None
    import_most_bytes: int = 20 * 1024**3
    public_url: str | None = None
    watched: tuple[Path, ...] = ()
    networks: SourceNetworks = field(default_factory=SourceNetworks)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a route may use. Customer data leaves through `door` only."""

    pool: Pool
    keyring: Keyring
    clock: Clock
    settings: ApiSettings
    sign_in: SignIn
    users: UserDesk
    door: Door
    hub: ChangeHub
    bench: Bench
    models: ModelDesk
    append: AppendEvents
    intake: FrontDoor
    webhooks: WebhookDoor
    keys: KeyDirectory
