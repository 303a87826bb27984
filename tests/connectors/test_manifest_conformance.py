"""The conformance suite, run on a manifest with pages, parents and children."""

from __future__ import annotations

from typing import ClassVar

import httpx

from regard.connectors.connector_contract import SourceClient
from tests.connectors.conformance import ConnectorConformance, open_manifest

MANIFEST = """
version: 6.0.0
type: DeclarativeSource
check:
  type: CheckStream
  stream_names: [contacts]
definitions:
  requester:
    type: HttpRequester
    url_base: https://api.example.com/v1
    authenticator:
      type: BearerAuthenticator
      api_token: "{{ config['token'] }}"
  selector:
    extractor:
      field_path: [data]
  by_page:
    type: DefaultPaginator
    page_token_option: {inject_into: request_parameter, field_name: page}
    pagination_strategy: {type: PageIncrement, page_size: 2, start_from_page: 1}
  by_link:
    type: DefaultPaginator
    page_token_option: {type: RequestPath}
    pagination_strategy: {type: CursorPagination, cursor_value: "{{ response.next }}"}
streams:
  - type: DeclarativeStream
    $parameters: {name: contacts, path: contacts, primary_key: id}
    retriever:
      requester: {$ref: "#/definitions/requester"}
      record_selector: {$ref: "#/definitions/selector"}
      paginator: {$ref: "#/definitions/by_page"}
    incremental_sync:
      cursor_field: updated
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_datetime: "2026-01-01T00:00:00Z"
      start_time_option: {inject_into: request_parameter, field_name: since}
  - type: DeclarativeStream
    $parameters: {name: deals, path: deals, primary_key: id}
    retriever:
      requester: {$ref: "#/definitions/requester"}
      record_selector: {$ref: "#/definitions/selector"}
      paginator: {$ref: "#/definitions/by_link"}
  - type: DeclarativeStream
    name: notes
    primary_key: [id]
    retriever:
      requester:
        $ref: "#/definitions/requester"
        path: "contacts/{{ stream_partition.contact_id }}/notes"
      record_selector: {$ref: "#/definitions/selector"}
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - parent_key: id
            partition_field: contact_id
            stream: "#/streams/0"
    incremental_sync:
      cursor_field: at
      datetime_format: "%s"
      start_datetime: "2026-01-01T00:00:00Z"
      is_client_side_incremental: true
"""
CONTACTS = [{"id": number, "updated": f"2026-11-0{number}T00:00:00Z"} for number in range(1, 6)]
DEALS = [{"id": f"d{number}"} for number in range(1, 6)]


def recorded(request: httpx.Request) -> httpx.Response:
    parts = request.url.path.split("/")[2:]
    if parts == ["deals"]:
        start = int(request.url.params.get("start", 0))
        after = f"https://api.example.com/v1/deals?start={start + 2}" if start + 2 < len(DEALS) else None
        return httpx.Response(200, json={"data": DEALS[start : start + 2], "next": after})
    if parts == ["contacts"]:
        start = 2 * (int(request.url.params.get("page", 1)) - 1)
        since = request.url.params.get("since", "")
        found = [one for one in CONTACTS if one["updated"] >= since]
        return httpx.Response(200, json={"data": found[start : start + 2]})
    contact = int(parts[1])
    notes = [{"id": f"n{contact}.{number}", "at": 1_793_000_000 + contact} for number in range(contact % 3)]
    return httpx.Response(200, json={"data": notes})


class TestManifestConforms(ConnectorConformance):
    expected: ClassVar = {
        "contacts": {"1", "2", "3", "4", "5"},
        "deals": {"d1", "d2", "d3", "d4", "d5"},
        "notes": {"n1.0", "n2.0", "n2.1", "n4.0", "n5.0", "n5.1"},
    }

    def answer(self, request: httpx.Request) -> httpx.Response:
        return recorded(request)

    def open(self, transport: httpx.AsyncBaseTransport) -> SourceClient:
        return open_manifest(MANIFEST, {"token": "t"}, transport)
