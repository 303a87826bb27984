"""Connectors made of manifests: the ones that come with Regard, and one for a manifest that a user brings.

A manifest of our own is a file `shipped/<name>.yaml` in the low-code language (docs/reference/
manifest-language.md lists what is supported; no `Custom…` classes). `load_shipped_manifests()` makes a
`Connector` of each. Its name is the file's, and a webhook of that name is received too. Its settings are
`spec.connection_specification` (`airbyte_secret: true` marks secrets). What only Regard needs stands in the
free part of the language:

    metadata:
      regard:
        title: Example CRM
        category: CRM
        mappings: example            # connectors/mappings/example.yaml; without it: none
        streams:
          contacts:
            title: Contacts
            poll_seconds: 30          # else 60 by changes, 900 by changes in parts, 3600 for whole streams
            full_compare: true        # else true for streams without incremental_sync
            updated_at: modified      # when a record changed, where there is no incremental_sync
            deleted_when: "{{ record.deleted }}"
            fetch: {path: "contacts/{{ external_id }}", field_path: [data]}

To test one against recorded payloads, subclass `ConnectorConformance` in tests/connectors/conformance.py: it
checks connection, streams, a full reading, going on from every cursor, and what the source must not do to us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import Any

from regard.connectors.connector_contract import Connector, Settings, SourceClient, Surroundings
from regard.connectors.manifests.manifest_client import ManifestClient, ManifestOptions
from regard.connectors.manifests.only_pushed_client import OnlyPushedClient
from regard.connectors.manifests.read_manifest import Component, read_manifest
from regard.connectors.manifests.settings_of_manifests import LEAVE_OUT, config_of, settings_schema
from regard.connectors.merge_settings import merge
from regard.connectors.webhooks.webhook_catalogue import SECRET, SECRET_SETTINGS, WEBHOOKS

_OWN_SETTINGS: dict[str, Any] = {
    "type": "object",
    "required": ["manifest"],
    "additionalProperties": False,
    "properties": {
        "manifest": {
            "type": "string",
            "title": "Manifest",
            "description": "The whole manifest file (YAML).",
            "contentMediaType": "application/yaml",
        },
        "config": {
            "type": "object",
            "title": "Settings of the manifest",
            "description": "The settings that the manifest asks for, without the secret ones.",
            "default": {},
        },
        "secrets": {
            "type": "object",
            "title": "Secret settings of the manifest",
            "description": "Keys, tokens and passwords that the manifest asks for; kept sealed.",
            "writeOnly": True,
        },
        "leave_out": LEAVE_OUT,
    },
}


def load_shipped_manifests() -> tuple[Connector, ...]:
    """The connectors of `shipped/`, in the order of their names."""
    folder = resources.files(__package__).joinpath("shipped")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(
        _with_webhook(connector_of(one.name.removesuffix(".yaml"), one.read_text("utf-8"))) for one in files
    )


def _with_webhook(connector: Connector) -> Connector:
    """The connector, receiving as well when its vendor can push.

    The webhook's secret may be left empty. With it, the credentials may: then it is only received from.
    """
    webhook = WEBHOOKS.get(connector.name)
    if webhook is None:
        return connector
    schema = dict(connector.settings_schema)
    properties = {**schema["properties"], **SECRET_SETTINGS}
    required = schema.pop("required", [])
    if required:
        titles = ", ".join(properties[name].get("title", name) for name in required)
        schema["anyOf"] = [{"required": required}, {"required": [SECRET]}]
        schema["description"] = f"fill in {titles}, or the webhook secret alone"
    assert connector.open is not None
    return replace(
        connector,
        webhook=webhook,
        settings_schema={**schema, "properties": properties},
        open=partial(_open_or_wait, connector.open, connector.settings_schema),
    )


def _open_or_wait(
    opening: Callable[[Settings, Surroundings], SourceClient],
    schema: Mapping[str, Any],
    settings: Settings,
    surroundings: Surroundings,
) -> SourceClient:
    """Without any credential there is nothing to be read."""
    secret = [name for name, one in schema["properties"].items() if one.get("writeOnly")]
    if settings.get(SECRET) and not any(settings.get(name) for name in secret):
        return OnlyPushedClient()
    return opening(settings, surroundings)


def connector_of(name: str, text: str) -> Connector:
    """The connector that a manifest describes; raises `ManifestRefusedError`."""
    manifest = read_manifest(text)
    hints = (manifest.get("metadata") or {}).get("regard") or {}
    schema = settings_schema(manifest)
    return Connector(
        name=name,
        title=str(hints.get("title") or name.replace("_", " ").capitalize()),
        category=str(hints.get("category") or "Other systems"),
        freshness="seconds",
        settings_schema=schema,
        open=partial(_open, manifest, schema),
        mappings=hints.get("mappings"),
    )


def manifest_connector() -> Connector:
    """The connector for a manifest that a user brings."""
    return Connector(
        name="manifest",
        title="Any API, by a connector manifest (Airbyte low-code YAML)",
        category="Other systems",
        freshness="seconds",
        settings_schema=_OWN_SETTINGS,
        open=_open_own,
    )


def _open(
    manifest: Component, schema: Mapping[str, Any], settings: Settings, surroundings: Surroundings
) -> SourceClient:
    leave_out = frozenset(map(str, settings.get("leave_out") or ()))
    options = ManifestOptions(leave_out, surroundings.keep_settings)
    return ManifestClient(manifest, config_of(settings, schema), surroundings, options)


def _open_own(settings: Settings, surroundings: Surroundings) -> SourceClient:
    """Raises `ManifestRefusedError` with the list of what cannot be run."""
    manifest = read_manifest(str(settings["manifest"]))
    given = merge(settings.get("config") or {}, settings.get("secrets") or {})
    config = config_of(given, settings_schema(manifest))
    keep = surroundings.keep_settings

    async def keep_own(renewed: Mapping[str, Any]) -> None:
        # Everything renewed may be a secret.
        if keep is not None:
            await keep({"secrets": dict(renewed)})

    leave_out = frozenset(map(str, settings.get("leave_out") or ()))
    return ManifestClient(manifest, config, surroundings, ManifestOptions(leave_out, keep_own))
