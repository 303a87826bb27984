"""Who may change settings cannot have a kept secret sent to a place of their own, or over an open wire."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pytest
import yaml

from regard.api.ask_secrets_anew import ask_secrets_anew
from regard.connectors.connector_contract import SettingsRefusedError

_ADDRESSES = frozenset({"url_base", "url", "token_refresh_endpoint", "login_url"})
_SETTING = re.compile(r"""config(?:\[['"]|\.get\(['"]|\.(?!get))(\w+)""")


def places_of(node: Any) -> set[str]:
    """The settings that stand in addresses of a manifest."""
    if isinstance(node, list):
        return set().union(*map(places_of, node))
    if not isinstance(node, dict):
        return set()
    here = {name for key in _ADDRESSES & set(node) for name in _SETTING.findall(str(node[key]))}
    return here.union(*map(places_of, node.values()))


def places_of_manifests() -> list[str]:
    folder = resources.files("regard.connectors.manifests").joinpath("shipped")
    texts = [one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".yaml")]
    found = set().union(*(places_of(yaml.load(text, yaml.CSafeLoader)) for text in texts))
    return sorted(found - {"api_key"})  # the secret itself, which says at Mailchimp where it holds


OTHERS = ["host", "port", "servers", "token_url", "endpoint", "encryption", "sslmode", "ca", "security"]


@pytest.mark.parametrize("name", sorted({*places_of_manifests(), *OTHERS}))
def test_a_secret_is_asked_for_anew_when_its_way_changes(name: str) -> None:
    kept = {"password": "kept"}
    with pytest.raises(SettingsRefusedError, match=f"“{name}” changed"):
        ask_secrets_anew({name: "there"}, {name: "elsewhere"}, kept, {})
    ask_secrets_anew({name: "there"}, {name: "elsewhere"}, kept, {"password": "given again"})
    ask_secrets_anew({name: "there"}, {name: "there", "folders": ["INBOX"]}, kept, {})
