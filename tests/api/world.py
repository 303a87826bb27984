"""A whole product in one process: log, projector, door and HTTP face on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from regard.access.audit_reads import AuditWriter
from regard.access.create_users import DEMO_PASSWORD, UserDesk
from regard.access.hash_passwords import PasswordPool
from regard.access.load_roles import ROLE_NAMES
from regard.access.sign_in import SignIn
from regard.api.build_app import build_routes
from regard.api.guard_requests import RequestGuard
from regard.api.services import ApiSettings, Services
from regard.events.envelope import Event
from regard.identity.keep_models import ModelShelf
from regard.intake.append_in_groups import EventAppender
from regard.intake.receive_items import FrontDoor
from regard.intake.receive_webhooks import WebhookDoor
from regard.live.change_hub import ChangeHub
from regard.sources.ingest_keys import KeyDirectory
from regard.stewardship import manage_models, record_judgement
from regard.stewardship.manage_models import ModelDesk
from regard.stewardship.record_judgement import Bench
from regard.views.door import Door
from tests.laws.back_end import BackEnd
from tests.patience import PATIENCE, until

OWN_PAGE = {"X-Regard-Request": "1"}


class QuickBell:
    """Looks at the feed twenty times a second."""

    async def wait(self) -> bool:
        await asyncio.sleep(0.05)
        return False


class Listener:
    """A browser that holds a live stream open."""

    def __init__(self, app: ASGIApp, path: str, headers: dict[str, str]) -> None:
        self.body = b""
        self.status = 0
        self.finished = asyncio.Event()
        self._grown = asyncio.Event()
        self._gone = asyncio.Event()
        self._asked = False
        route, _, query = path.partition("?")
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": "GET", "scheme": "http", "path": route, "raw_path": route.encode(),
            "query_string": query.encode(), "headers": [(b"host", b"regard.test"), *raw], "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("regard.test", 80), "state": {},
        }  # fmt: skip
        self._app = app
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        await asyncio.wait_for(self._until(lambda: self.status != 0), PATIENCE)

    async def until(self, text: str) -> str:
        """All that was heard once `text` is in it."""
        await asyncio.wait_for(self._until(lambda: text.encode() in self.body), PATIENCE)
        return self.body.decode()

    async def close(self) -> str:
        """Leave, and give all that was heard."""
        self._gone.set()
        assert self._task is not None
        await asyncio.wait_for(self._task, PATIENCE)
        return self.body.decode()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._grown.clear()
            await self._grown.wait()

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self.finished.set()
            self.status = self.status or -1
            self._grown.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.body += message.get("body", b"")
        self._grown.set()


@dataclass
class World:
    """The product, and one signed-in client per role."""

    back_end: BackEnd
    services: Services
    routes: FastAPI
    app: ASGIApp
    signed_in: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, **kwargs: Any) -> httpx.AsyncClient:
        """A browser that nobody has signed in with."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url="http://regard.test", headers=OWN_PAGE, **kwargs
        )

    async def as_role(self, role: str) -> httpx.AsyncClient:
        """A browser signed in as the demo user of the role."""
        if role not in self.signed_in:
            client = self.client()
            answer = await client.post("/api/v1/session", json={"username": role, "password": DEMO_PASSWORD})
            assert answer.status_code == 200, answer.text
            self.signed_in[role] = client
        return self.signed_in[role]

    async def get(self, role: str, path: str, **kwargs: Any) -> httpx.Response:
        """The answer to a GET below /api/v1 as a role."""
        return await (await self.as_role(role)).get(f"/api/v1{path}", **kwargs)

    async def json(self, role: str, path: str, **kwargs: Any) -> Any:
        """The JSON of a successful GET."""
        answer = await self.get(role, path, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def listen(self, role: str, path: str, headers: dict[str, str] | None = None) -> Listener:
        """An open live stream as a role."""
        client = await self.as_role(role)
        sent = {"cookie": f"regard_session={client.cookies['regard_session']}", **(headers or {})}
        listener = Listener(self.app, f"/api/v1{path}", sent)
        await listener.start()
        return listener

    async def deliver(self, *events: Event) -> None:
        """Put events into the log and project them."""
        await self.back_end.deliver(events)

    async def all_told(self) -> None:
        """Return when the hub has told everything that has changed until now."""
        head = await self.back_end.pool.fetchval("SELECT position FROM pipeline.feed_head")

        async def told() -> bool:
            return self.services.hub._position >= head

        await until(told, "the hub's look at the feed")

    async def fetch(self, sql: str, *args: Any) -> Sequence[Any]:
        """Rows of a question the test asks the database itself."""
        return list(await self.back_end.pool.fetch(sql, *args))

    async def execute(self, sql: str, *args: Any) -> None:
        """Change something behind the product's back."""
        await self.back_end.pool.execute(sql, *args)

    async def add_source(self, slug: str, title: str) -> None:
        """Configure a source."""
        await self.execute(
            "INSERT INTO sources.source (slug, title, connector, created_at) VALUES ($1, $2, 'api', now())",
            slug,
            title,
        )


@contextmanager
def patient_desks() -> Iterator[None]:
    """A steward's answer waits for the projector as long as a busy machine may need."""
    with ExitStack() as stack:
        for desk in (record_judgement, manage_models):
            stack.enter_context(patch.object(desk, "_PATIENCE", PATIENCE))
        yield


@asynccontextmanager
async def open_world(back_end: BackEnd, folder: Path, *, demo: bool = True) -> AsyncIterator[World]:
    """The product on a back end; with the demo sign-ins unless told otherwise."""
    pool, keyring, clock = back_end.pool, back_end.keyring, back_end.clock
    # Hundreds of worlds are signed in to in a run: passwords that everybody knows are hashed lightly.
    passwords = PasswordPool(memory_kib=1024)
    sign_in = SignIn(pool, keyring, clock, passwords)
    users = UserDesk(pool, keyring, clock, passwords)
    audit = AuditWriter(pool, clock)
    appender = EventAppender(pool, keyring, clock)
    webhooks = WebhookDoor(pool, keyring, clock)
    await users.prepare_demo(demo=demo)
    try:
        async with ChangeHub(pool, QuickBell(), sign_in) as hub:
            services = Services(
                pool=pool,
                keyring=keyring,
                clock=clock,
                settings=ApiSettings(
                    folder, "0.0.test", demo=demo, ui_folder=folder / "ui", watched=(folder / "inbox",)
                ),
                sign_in=sign_in,
                users=users,
                door=Door(pool, clock, audit, keyring, ModelShelf(keyring)),
                hub=hub,
                bench=Bench(pool, clock, back_end.append),
                models=ModelDesk(pool, keyring, clock, back_end.append),
                append=back_end.append,
                intake=FrontDoor(pool, keyring, clock, EventAppender(pool, keyring, clock)),
                webhooks=webhooks,
                keys=KeyDirectory(pool, keyring.token_hash),
            )
            routes = build_routes(services)
            world = World(back_end, services, routes, RequestGuard(routes))
            with patient_desks():
                yield world
            for client in world.signed_in.values():
                await client.aclose()
    finally:
        await webhooks.close()
        await appender.close()
        await audit.close()
        passwords.close()


ALL_ROLES = ROLE_NAMES
SEEING_ROLES = tuple(role for role in ROLE_NAMES if role != "administrator")


def id_of(event: Event) -> UUID:
    """The id of the record an event is about, which names its customer."""
    return event.subject.record_id
