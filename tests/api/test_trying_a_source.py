"""A source that is tried and does not answer is told with what to do about it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from regard.api.connection_routes import _try
from regard.connectors.connector_contract import Connector, SourceUnavailableError, Surroundings
from regard.connectors.manifests.only_pushed_client import OnlyPushedClient
from regard.kit.clock import SetClock


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (TimeoutError("x"), "in time; check its address"),
        (ConnectionRefusedError("x"), "cannot be reached; check its address"),
        (socket.gaierror("x"), "cannot be reached; check its address"),
    ],
)
async def test_no_name_of_a_class_stands_in_for_the_reason(fault: OSError, told: str) -> None:
    class Away(OnlyPushedClient):
        async def check(self) -> None:
            raise fault

    def open_away(_settings: Mapping[str, Any], _around: Surroundings) -> Away:
        return Away()

    around = Surroundings("away", SetClock(datetime(2026, 6, 1, tzinfo=UTC)))
    with pytest.raises(SourceUnavailableError, match=told) as caught:
        await _try(Connector("away", "Away", open=open_away), {}, around)
    assert "rror" not in str(caught.value)
