"""The client of a vendor that is only received from: no credentials were given, only the webhook's secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SettingsRefusedError,
    SourceRefusesError,
    StreamSpec,
)


class OnlyPushedClient:
    """Has no streams; what a push merely names cannot be fetched."""

    async def check(self) -> None:
        """Nothing to reach."""

    async def streams(self) -> Sequence[StreamSpec]:
        """None."""
        return []

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Nothing; raises `SettingsRefusedError`."""
        raise SettingsRefusedError(f"“{stream}” cannot be read without credentials; fill them in")
        yield Batch(())

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """Raises `SourceRefusesError`: without credentials nothing can be asked for."""
        raise SourceRefusesError(
            "the sender names records without their content; fill in its credentials, so that they can be"
            " fetched"
        )

    async def close(self) -> None:
        """Nothing to give back."""
