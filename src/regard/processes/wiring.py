"""The composition root: puts the rooms together into what each program works with."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from regard.access.create_users import UserDesk
from regard.access.hash_passwords import PasswordPool
from regard.db.migrate import migrate
from regard.db.pool import Pool, open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.seal_bodies import Keyring
from regard.identity.keep_models import shipped_model
from regard.intake.cleanse_source import CleansingWorker
from regard.intake.run_imports import ImportWorker
from regard.kit.clock import Clock, SystemClock
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.run_model_jobs import ModelJobs
from regard.pipeline.run_projector import Projector
from regard.processes.settings import Settings
from regard.processes.tend_model_jobs import ModelJobTender, start_in_child

LOG_CHANNEL = "regard_log"


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every program stands on."""

    settings: Settings
    url: str
    pool: Pool
    keyring: Keyring
    clock: Clock


@asynccontextmanager
async def open_foundation(settings: Settings, url: str, program: str) -> AsyncIterator[Foundation]:
    """Pool, keyring and clock on a migrated database, closed at the end of the block."""
    pool = await open_pool(url, max_size=settings.database_connections, application_name=f"regard {program}")
    try:
        async with pool.acquire() as connection:
            keyring = await open_keyring(connection, settings.key_path)
        yield Foundation(settings, url, pool, keyring, SystemClock())
        await pool.close()
    finally:
        pool.terminate()


@asynccontextmanager
async def open_user_desk(foundation: Foundation) -> AsyncIterator[UserDesk]:
    """Where users are made."""
    passwords = PasswordPool()
    try:
        yield UserDesk(foundation.pool, foundation.keyring, foundation.clock, passwords)
    finally:
        passwords.close()


def make_projector(foundation: Foundation) -> Projector:
    """The part that turns the log into customers."""
    return Projector(foundation.pool, foundation.keyring, foundation.clock, Resolver(shipped_model()))


def make_import_worker(foundation: Foundation) -> ImportWorker:
    """The part that runs the imports people start in the browser."""
    folder = foundation.settings.home / "imports"
    owner = f"{socket.gethostname()} {os.getpid()}"
    return ImportWorker(foundation.pool, foundation.keyring, foundation.clock, folder, owner)


def make_cleansing_worker(foundation: Foundation) -> CleansingWorker:
    """The part that corrects the values of a source, and takes that back."""
    owner = f"{socket.gethostname()} {os.getpid()}"
    return CleansingWorker(foundation.pool, foundation.keyring, foundation.clock, owner)


def make_model_jobs(foundation: Foundation, owner: str) -> ModelJobs:
    """The part that learns and compares weights."""
    return ModelJobs(foundation.pool, foundation.keyring, foundation.clock, owner)


def make_model_tender(foundation: Foundation) -> ModelJobTender:
    """The part that starts a program for each job on weights."""
    owner = f"{socket.gethostname()} {os.getpid()} models"
    environment = {"REGARD_DATABASE_URL": foundation.url, "REGARD_HOME": str(foundation.settings.home)}
    return ModelJobTender(make_model_jobs(foundation, owner), owner, start_in_child(environment))


async def migrate_database(url: str) -> list[str]:
    """Bring the tables up to date; gives the names of the files applied."""
    pool = await open_pool(url, max_size=2, application_name="regard migrate")
    try:
        return await migrate(pool)
    finally:
        await pool.close()


async def prepare_installation(settings: Settings, url: str) -> str | None:
    """Tables, key and users ready for a start; gives the one-time code when no administrator exists yet."""
    await migrate_database(url)
    async with open_foundation(settings, url, "prepare") as foundation, open_user_desk(foundation) as desk:
        await desk.prepare_demo(demo=settings.demo)
        if settings.demo or not await desk.setup_needed():
            return None
        return await desk.new_setup_code()
