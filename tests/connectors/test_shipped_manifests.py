"""The manifests that come with Regard, on small copies of the vendors' interfaces: read, resumed, mapped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import httpx
import pytest

from regard.connectors.connector_contract import (
    RawRecord,
    SettingsRefusedError,
    SourceClient,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.manifests.manifest_connectors import load_shipped_manifests
from regard.connectors.manifests.read_manifest import read_manifest
from regard.intake.keep_connections import check_settings
from regard.kit.clock import SetClock
from tests.connectors.conformance import NOW, open_shipped
from tests.connectors.describe_items import describe, items_of
from tests.connectors.shipped_payloads import PAYLOADS, load, name_of, open_stub, read_all, streams_of
from tests.connectors.vendor_stubs_money import STUBS

CONNECTORS = {connector.name: connector for connector in load_shipped_manifests()}


def test_every_shipped_manifest_has_its_copy_and_its_mapping() -> None:
    assert set(CONNECTORS) == set(STUBS)
    assert all(connector.mappings == name for name, connector in CONNECTORS.items())


@pytest.mark.parametrize("name", CONNECTORS)
def test_secrets_are_sealed_and_every_setting_is_named(name: str) -> None:
    properties: Mapping[str, Any] = CONNECTORS[name].settings_schema["properties"]
    secret = {setting for setting, one in properties.items() if one.get("writeOnly")}
    telling = ("token", "secret", "password", "api_key")
    named = {
        one for one in properties if one.endswith(telling) and one not in {"channel_token", "consumer_key"}
    }
    assert secret >= named - ({"api_key"} if name == "twilio" else set())
    assert all(one.get("title") for one in properties.values())


@pytest.mark.parametrize("name", CONNECTORS)
async def test_every_stream_that_is_read_has_a_mapping_and_a_title(name: str) -> None:
    client = open_stub(name, load(name))
    specs = await client.streams()
    await client.close()
    assert {spec.name for spec in specs} == set(streams_of(name))
    assert all(spec.title for spec in specs)


def bare(line: str) -> str:
    """Without what is kept beside the fields: a manifest asks for what is mapped, and adds what it must."""
    return line.partition(" | kept:")[0]


@pytest.mark.parametrize("name", CONNECTORS)
async def test_what_is_read_says_what_the_payloads_say(name: str) -> None:
    data = load(name)
    client = open_stub(name, data)
    said, due = {bare(line) for line in (PAYLOADS / f"{name}.txt").read_text("utf-8").splitlines()}, 0
    for stream in streams_of(name):
        async for record in read_all(client, stream):
            # A raw record that is newer than its body says so; the body's own words are compared.
            lines = describe(items_of(name, RawRecord(record.stream, record.external_id, record.body)))
            assert {bare(f"  {line}") for line in lines} <= said, f"{stream} {record.external_id}"
            due += len(lines)
    await client.close()
    assert due > 0


NOW_CHANGED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "hubspot": ("deals", {"updatedAt": "2026-11-22T11:00:00Z"}),
    "salesforce": ("Contact", {"SystemModstamp": "2026-11-22T11:00:00.000+0000"}),
    "pipedrive": ("notes", {"update_time": "2026-11-22 11:00:00"}),
    "zendesk": ("tickets", {"generated_timestamp": 1_795_345_200}),
    "freshdesk": ("tickets", {"updated_at": "2026-11-22T11:00:00Z"}),
    "intercom": ("conversations", {"updated_at": 1_795_345_200}),
    "shopify": ("orders", {"updated_at": "2026-11-22T11:00:00Z"}),
    "woocommerce": ("orders", {"date_modified_gmt": "2026-11-22T11:00:00"}),
    "vendure": ("orders", {"updatedAt": "2026-11-22T11:00:00.000Z"}),
    "medusa": ("orders", {"updated_at": "2026-11-22T11:00:00.000Z"}),
    "xero": ("contacts", {"UpdatedDateUTC": "/Date(1795345200000+0000)/"}),
    "chargebee": ("transactions", {"updated_at": 1_795_345_200}),
    "mailchimp": ("members", {"last_changed": "2026-11-22T11:00:00+00:00"}),
    "klaviyo": ("events", {"attributes": {"datetime": "2026-11-22 11:00:00+00:00"}}),
    "twilio": ("calls", {"start_time": "Sun, 22 Nov 2026 11:00:00 +0000"}),
}


@pytest.mark.parametrize("name", NOW_CHANGED)
async def test_from_the_cursor_on_only_what_changed_is_read(name: str) -> None:
    stream, change = NOW_CHANGED[name]
    data = load(name)
    client = open_stub(name, data)
    cursor = [batch.cursor async for batch in client.read(stream, None)][-1]
    changed = data[stream][-1]
    inside = change.get("attributes")
    change = {"attributes": {**changed["attributes"], **inside}} if isinstance(inside, dict) else change
    data[stream][-1] = {**changed, **change}
    found = [record.external_id async for record in read_all(client, stream, cursor)]
    again = [record.external_id async for record in read_all(client, stream, None)]
    await client.close()
    assert name_of(stream, changed) in found
    assert len(found) <= len(again)
    assert len(again) == len(data[stream])


def hints_of(name: str) -> Mapping[str, Any]:
    """What the manifest says to Regard alone about each stream."""
    text = (
        resources.files("regard.connectors.manifests").joinpath("shipped", f"{name}.yaml").read_text("utf-8")
    )
    hints: Mapping[str, Any] = read_manifest(text)["metadata"]["regard"]["streams"]
    return hints


FETCHED = [(name, stream) for name in STUBS for stream, hint in hints_of(name).items() if "fetch" in hint]


@pytest.mark.parametrize(("name", "stream"), FETCHED)
async def test_a_record_that_a_webhook_names_is_fetched_as_it_is_read(name: str, stream: str) -> None:
    data = load(name)
    client = open_stub(name, data)
    wanted = data[stream][0]
    [fetched] = await client.fetch(stream, [name_of(stream, wanted)])
    [gone] = await client.fetch(stream, ["404404"])
    read = {record.external_id: record async for record in read_all(client, stream)}
    await client.close()
    assert fetched.body is not None
    whole = read[fetched.external_id].body
    assert whole is not None
    # A search does not tell associations; how a record is fetched adds what the manifest adds.
    same = (fetched.body.keys() & whole.keys()) - {"associations"}
    assert len(same) > 2
    assert {key: fetched.body[key] for key in same} == {key: whole[key] for key in same}
    assert gone.deleted


async def test_what_cannot_be_fetched_singly_is_not_taken_for_gone() -> None:
    client = open_stub("intercom", load("intercom"))
    with pytest.raises(SourceUnavailableError, match="next reading"):
        await client.fetch("companies", ["c77"])
    await client.close()


def wait_for_pushes(name: str) -> SourceClient:
    opening = CONNECTORS[name].open
    assert opening is not None
    return opening({"webhook_secret": "s"}, Surroundings("test", SetClock(NOW)))


PUSHING = [name for name, connector in CONNECTORS.items() if connector.webhook is not None]


@pytest.mark.parametrize("name", PUSHING)
async def test_a_vendor_may_be_received_from_without_being_read(name: str) -> None:
    check_settings(CONNECTORS[name], {"webhook_secret": "s"}, "UTC")
    client = wait_for_pushes(name)
    await client.check()
    assert await client.streams() == []
    with pytest.raises(SourceRefusesError, match="credentials"):
        await client.fetch("customers", ["1"])


def test_settings_that_neither_read_nor_receive_say_what_is_wanted() -> None:
    with pytest.raises(SettingsRefusedError, match="Shop, Admin API access token, or the webhook secret"):
        check_settings(CONNECTORS["shopify"], {}, "UTC")


async def test_customers_deleted_at_stripe_are_gone() -> None:
    data = load("stripe")
    client = open_stub("stripe", data)
    cursor = [batch.cursor async for batch in client.read("customers", None)][-1]
    changes = {record.external_id: record.deleted async for record in read_all(client, "customers", cursor)}
    await client.close()
    assert changes == {"cus_WWGbjqjebEOSJ9": False, "cus_gone": True}


async def test_a_search_at_hubspot_goes_on_by_ids_and_asks_for_own_properties() -> None:
    seen: list[httpx.Request] = []
    stub, settings = STUBS["hubspot"]
    data = load("hubspot", {"contacts": 450})

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return stub(request, data)

    client = open_shipped(
        "hubspot", {**settings, "more_properties": "shoe_size"}, httpx.MockTransport(answer)
    )
    count = len([record async for record in read_all(client, "contacts")])
    await client.close()
    asked = [json.loads(request.content) for request in seen]
    assert (count, len(asked)) == (450, 3)
    assert all("after" not in one and one["properties"][-1] == "shoe_size" for one in asked)
