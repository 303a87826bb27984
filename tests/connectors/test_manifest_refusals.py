"""Manifests that cannot be run are refused with everything that stands in the way, and where."""

from __future__ import annotations

import pytest

from regard.connectors.connector_contract import SettingsRefusedError, Surroundings
from regard.connectors.manifests.manifest_connectors import (
    connector_of,
    load_shipped_manifests,
    manifest_connector,
)
from regard.connectors.manifests.read_manifest import ManifestRefusedError, read_manifest
from regard.connectors.manifests.settings_of_manifests import settings_schema
from regard.kit.clock import SystemClock

GOOD = """
streams:
  - type: DeclarativeStream
    name: good
    retriever:
      requester: {url_base: "https://api.example.com", path: good}
      record_selector: {extractor: {field_path: []}}
"""
CUSTOM = (
    GOOD
    + """
  - type: DeclarativeStream
    name: bad
    transformations:
      - {type: CustomTransformation, class_name: source_x.components.Twist}
    retriever:
      type: SimpleRetriever
      requester:
        type: CustomRequester
        class_name: source_x.components.Ask
      record_selector: {extractor: {type: MagicExtractor, field_path: []}}
    schema_loader: {type: CustomSchemaLoader, class_name: source_x.components.Schema}
"""
)


def open_own(manifest: str, **settings: object) -> object:
    connector = manifest_connector()
    assert connector.open is not None
    return connector.open({"manifest": manifest, **settings}, Surroundings("s", SystemClock()))


def test_every_custom_class_is_listed_with_its_place():
    with pytest.raises(ManifestRefusedError) as caught:
        open_own(CUSTOM)
    sentence = str(caught.value)
    assert "1 of 2 streams" in sentence
    assert "custom Python class source_x.components.Twist at bad.transformations[0]" in sentence
    assert "custom Python class source_x.components.Ask at bad.retriever.requester" in sentence
    assert (
        "component MagicExtractor, which is not supported at bad.retriever.record_selector.extractor"
        in sentence
    )
    assert "Schema" not in sentence


async def test_the_other_streams_run_when_the_refused_are_left_out():
    client = open_own(CUSTOM, leave_out=["bad"])
    assert [spec.name for spec in await client.streams()] == ["good"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no connector manifest"),
        ("just text", "no connector manifest"),
        ("a: [", "not YAML"),
        ("a: !!python/object/apply:os.system [id]\nstreams: [1]", "not YAML"),
        ("streams: ['#/nowhere']", "#/nowhere"),
        ("streams: ['#/a']\na: '#/b'\nb: '#/a'", "circles"),
        ("streams: ['#/a']\na: {b: {c: '#/a'}}", "circles"),
        ("streams: [7]", "not an object"),
        ("streams: &s [*s]", "circles or is nested too deep"),
        ("streams: [{type: DeclarativeStream, name: x}]", "without retriever"),
        (GOOD + GOOD.replace("streams:", ""), "two streams named"),
    ],
)
def test_what_is_no_manifest_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ManifestRefusedError, match=sentence):
        open_own(text)


def test_references_that_unfold_without_end_are_refused():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    with pytest.raises(ManifestRefusedError, match="circles or is nested"):
        open_own(bomb + "streams: [*a11]")


def test_secrets_become_write_only_also_when_they_stand_inside():
    manifest = read_manifest(GOOD + """
spec:
  connection_specification:
    $schema: http://json-schema.org/draft-07/schema#
    type: object
    required: [subdomain]
    properties:
      subdomain: {type: string}
      token: {type: string, airbyte_secret: true}
      credentials:
        type: object
        oneOf:
          - properties: {key: {type: string, airbyte_secret: true}}
""")  # fmt: skip
    schema = settings_schema(manifest)
    secret = {name for name, one in schema["properties"].items() if one.get("writeOnly")}
    assert secret == {"token", "credentials"}
    assert schema["required"] == ["subdomain"]
    assert "airbyte" not in str(schema)


async def test_secrets_and_settings_of_an_own_manifest_come_together():
    text = GOOD.replace(
        "https://api.example.com", "https://{{ config.site }}.example.com/{{ config.keys.a }}"
    )
    client = open_own(text, config={"site": "x", "keys": {"b": 1}}, secrets={"keys": {"a": "s"}})
    assert client._tools.templates.config == {"site": "x", "keys": {"b": 1, "a": "s"}}


def test_a_manifest_makes_a_connector_with_what_it_says_for_regard():
    hints = """
metadata:
  regard: {title: Example CRM, category: CRM, mappings: example}
"""
    connector = connector_of("example", GOOD + hints)
    assert (connector.name, connector.title, connector.category) == ("example", "Example CRM", "CRM")
    assert connector.mappings == "example"


def test_a_vendor_that_is_read_is_received_from_as_well():
    shipped = {connector.name: connector for connector in load_shipped_manifests()}
    stripe = shipped["stripe"]
    assert stripe.webhook is not None
    assert stripe.settings_schema["properties"]["webhook_secret"]["writeOnly"]
    assert stripe.settings_schema["anyOf"] == [{"required": ["secret_key"]}, {"required": ["webhook_secret"]}]


async def test_every_shipped_manifest_opens_and_names_its_streams():
    for connector in load_shipped_manifests():
        assert connector.open is not None
        names = connector.settings_schema["properties"]
        settings = {
            name: "https://x.example.com" if "url" in name else "x" for name in names if name != "leave_out"
        }
        try:
            client = connector.open(settings, Surroundings("s", SystemClock()))
        except SettingsRefusedError as refusal:
            pytest.fail(f"{connector.name}: {refusal}")
        await client.close()


SLIPS = """
streams:
  - type: DeclarativeStream
    name: slips
    incremental_sync: {type: DatetimeBasedCursor, datetime_format: "%Y-%m-%d"}
    transformations:
      - {field_pointers: [[a]]}
      - {type: AddFields, fields: [{path: [b]}]}
    retriever:
      requester: {url_base: "https://api.example.com", path: slips, authenticator: {api_token: t}}
      record_selector: {extractor: {field_path: data}}
      paginator: {pagination_strategy: {type: CursorPagination}, page_token_option: {field_name: page}}
      partition_router: {type: ListPartitionRouter, cursor_field: kind}
"""


def test_what_a_component_lacks_is_told_with_its_place_before_anything_is_asked():
    with pytest.raises(ManifestRefusedError) as caught:
        open_own(SLIPS)
    for slip in (
        "DatetimeBasedCursor without “cursor_field”, which it needs at slips.incremental_sync",
        "a component without a “type” at slips.transformations[0]",
        "a field to add without “path” and “value”, which it needs at slips.transformations[1].fields[0]",
        "“authenticator” of HttpRequester, which must be an object with a type",
        "“field_path” of DpathExtractor, which must be a list at slips.retriever.record_selector.extractor",
        "CursorPagination without “cursor_value”",
        "RequestOption without “inject_into”",
        "ListPartitionRouter without “values”, which it needs at slips.retriever.partition_router",
    ):
        assert slip in str(caught.value)


@pytest.mark.parametrize("part", ["spec: 7", "spec: {connection_specification: {properties: 7}}"])
def test_settings_of_another_form_are_refused(part: str):
    with pytest.raises(ManifestRefusedError, match="connection_specification"):
        open_own(f"{GOOD}\n{part}\n")
