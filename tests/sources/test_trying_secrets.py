"""Trying the settings of a source says when its webhook secret can prove nothing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.signatures.check_webhook_secret import check_webhook_secret
from regard.connectors.webhooks.webhook_catalogue import WEBHOOKS
from tests.intake.conftest import Door

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GOOD = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()


@pytest.mark.parametrize("name", sorted(WEBHOOKS))
def test_a_secret_that_a_sender_could_use_is_usable(name: str) -> None:
    check_webhook_secret(WEBHOOKS[name], GOOD, NOW)
    check_webhook_secret(WEBHOOKS[name], "no base64 at all!", NOW)


@pytest.mark.parametrize("name", sorted(WEBHOOKS))
def test_without_a_secret_nothing_can_be_proved(name: str) -> None:
    with pytest.raises(SettingsRefusedError, match="no webhook secret yet"):
        check_webhook_secret(WEBHOOKS[name], " \n", NOW)


async def test_trying_a_webhook_source_tells_of_its_secret(door: Door) -> None:
    client = await door.world.as_role("administrator")
    made = await client.post(
        "/api/v1/sources", json={"slug": "pay", "title": "Pay", "connector": "webhook"}
    )
    assert made.status_code == 201, made.text
    path = "/api/v1/sources/pay/connection/check"
    for secret in ("whsec_not base64!", "whpk_" + base64.b64encode(b"short").decode()):
        tried = (await client.post(path, json={"secrets": {"webhook_secret": secret}})).json()
        assert tried["works"] is False
        assert "once more" in tried["detail"]
    tried = (await client.post(path, json={"secrets": {"webhook_secret": GOOD}})).json()
    assert (tried["works"], tried["notes"]) == (True, [])
