"""Keeps a kept secret from being sent to another place than the one it was given for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.connector_contract import SettingsRefusedError

# What decides where a secret is sent, whether others can read it on its way, or as whom it is used.
_PLACES = (
    "host", "port", "servers", "base_url", "url", "token_url", "endpoint", "account", "subdomain", "domain",
    "shop", "site", "company", "database", "user", "manifest", "config",
    "encryption", "sslmode", "security", "ca",
)  # fmt: skip


def ask_secrets_anew(
    before: Mapping[str, Any], now: Mapping[str, Any], kept: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Raises `SettingsRefusedError` when the source is at another place and a kept secret would go along.

    Whoever may change settings need not know the secrets; at a place of their own they would read them.
    `before` and `now` are the settings, `kept` the secrets there are, `given` those that were sent along.
    """
    missing = sorted(name for name in kept if given.get(name) in (None, ""))
    changed = [one for one in _PLACES if (before.get(one) or None) != (now.get(one) or None)]
    if missing and changed:
        raise SettingsRefusedError(
            f"The setting “{changed[0]}” changed, and what is kept as “{missing[0]}” was given for the place"
            f" before; fill in “{missing[0]}” again."
        )
