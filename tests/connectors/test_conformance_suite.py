"""A connector's test that fills in nothing says so instead of passing."""

from __future__ import annotations

import pytest

from tests.connectors.conformance import ConnectorConformance


def test_the_suite_cannot_be_run_without_a_recorded_source() -> None:
    class Empty(ConnectorConformance):
        pass

    with pytest.raises(TypeError, match=r"answer.*open"):
        Empty()  # type: ignore[abstract]
