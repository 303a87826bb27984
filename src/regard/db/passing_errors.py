"""Failures of the database's surroundings: the same transaction may succeed a moment later."""

from __future__ import annotations

import asyncpg

PASSING: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What the driver raises when a connection breaks between two of its states.
    asyncpg.InternalClientError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    OSError,
    TimeoutError,
)
