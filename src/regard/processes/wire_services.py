"""The composition root of the web server: what its routes work with.

Apart from `wiring.py`, so that the other programs need not load the web's parts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import metadata

from regard.access.audit_reads import AuditWriter
from regard.access.create_users import UserDesk
from regard.access.hash_passwords import PasswordPool
from regard.access.sign_in import SignIn
from regard.api.services import ApiSettings, Services
from regard.db.notify import Bell
from regard.db.pool import Pool
from regard.eventlog.append_events import Outcome, append_events
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.identity.keep_models import ModelShelf
from regard.intake.append_in_groups import EventAppender
from regard.intake.meter_pushes import PushMeter
from regard.intake.receive_items import FrontDoor
from regard.intake.receive_webhooks import WebhookDoor
from regard.live.change_hub import ChangeHub
from regard.processes.settings import Settings
from regard.processes.wiring import open_foundation
from regard.sources.ingest_keys import KeyDirectory
from regard.stewardship.manage_models import ModelDesk
from regard.stewardship.record_judgement import Bench
from regard.views.door import Door

CHANGE_CHANNEL = "regard_change"


@asynccontextmanager
async def open_services(settings: Settings, url: str) -> AsyncIterator[Services]:
    """What the web server's routes work with."""
    passwords = PasswordPool()
    try:
        async with open_foundation(settings, url, "api") as ground:
            sign_in = SignIn(ground.pool, ground.keyring, ground.clock, passwords)
            audit = AuditWriter(ground.pool, ground.clock)
            log = _LogWriter(ground.pool, ground.keyring)
            appender = EventAppender(ground.pool, ground.keyring, ground.clock)
            meter = PushMeter(settings.ingest_events_per_second)
            webhooks = WebhookDoor(ground.pool, ground.keyring, ground.clock)
            async with Bell(url, CHANGE_CHANNEL) as bell, ChangeHub(ground.pool, bell, sign_in) as hub:
                yield Services(
                    pool=ground.pool,
                    keyring=ground.keyring,
                    clock=ground.clock,
                    settings=_api_settings(settings),
                    sign_in=sign_in,
                    users=UserDesk(ground.pool, ground.keyring, ground.clock, passwords),
                    door=Door(ground.pool, ground.clock, audit, ground.keyring, ModelShelf(ground.keyring)),
                    hub=hub,
                    bench=Bench(ground.pool, ground.clock, log.append),
                    models=ModelDesk(ground.pool, ground.keyring, ground.clock, log.append),
                    append=log.append,
                    intake=FrontDoor(ground.pool, ground.keyring, ground.clock, appender, meter),
                    webhooks=webhooks,
                    keys=KeyDirectory(ground.pool, ground.keyring.token_hash),
                )
            await webhooks.close()
            await appender.close()
            await audit.close()
    finally:
        passwords.close()


def _api_settings(settings: Settings) -> ApiSettings:
    return ApiSettings(
        home=settings.home,
        version=metadata.version("regard"),
        demo=settings.demo,
        secure_cookies=settings.secure_cookies,
        import_most_bytes=settings.import_most_bytes,
        public_url=settings.public_url,
        watched=settings.watched,
        networks=settings.networks,
    )


class _LogWriter:
    """Appends to the log, each batch on a connection of its own."""

    def __init__(self, pool: Pool, keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring

    async def append(self, events: Sequence[Event]) -> list[Outcome]:
        """One transaction; durable when it returns."""
        async with self._pool.acquire() as connection:
            return await append_events(connection, self._keyring, events)
