"""Every address of the HTTP interface is in the reference, and every address that a page names exists."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import MagicMock

import pytest
from starlette.routing import Route

from regard.api.build_app import build_routes
from tests.docs.pages import REFERENCE, ROOT, name_of, pages, read

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def app() -> Any:
    """The application with its routes; nothing is asked of it, so nothing stands behind it."""
    services = MagicMock()
    services.settings.version = "0.0.test"
    return build_routes(services)


@pytest.fixture(scope="module")
def addresses(app: Any) -> set[str]:
    """Method and path of every address, as `GET /health`, without the prefix and with `{}` for each part."""
    found = set()
    for path, operations in app.openapi()["paths"].items():
        for method in METHODS & set(operations):
            found.add(f"{method.upper()} {_plain(path.removeprefix('/api/v1'))}")
    return found


def _plain(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


def test_every_address_of_the_api_is_in_the_reference_and_no_other(addresses: set[str]) -> None:
    listed = re.findall(r"^\| `([A-Z]+ /[^`]*)`", read(REFERENCE / "http-api.md"), re.MULTILINE)
    assert {_plain(line) for line in listed} == addresses


def test_every_address_of_the_event_api_is_in_the_reference(app: Any) -> None:
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    outside = {path for path in paths if not path.startswith(("/api/v1/", "/api/{")) and _takes_events(path)}
    assert {"/v1/batch", "/batch/", "/sourceConfig/"} <= outside
    text = read(REFERENCE / "event-api.md")
    assert [path for path in sorted(outside) if f"{path}`" not in text] == []


def _takes_events(path: str) -> bool:
    starts = (
        "/v1/", "/sourceConfig", "/batch", "/capture", "/e", "/i", "/track", "/flags", "/decide", "/array",
        "/api/surveys", "/snowplow", "/com.",
    )  # fmt: skip
    return path.startswith(starts)


def test_every_address_that_a_page_asks_for_exists(addresses: set[str]) -> None:
    paths = {line.partition(" ")[2] for line in addresses} | {"/openapi.json"}
    patterns = [re.compile(re.escape(path).replace(r"\{\}", "[^/]+")) for path in paths]
    for page in pages():
        for asked in re.findall(r"/api/v1(/[A-Za-z0-9_${}./-]*[A-Za-z}])", read(page)):
            assert any(pattern.fullmatch(asked) for pattern in patterns), (name_of(page), asked)


def test_messages_of_the_product_name_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    for path in (ROOT / "src").rglob("*.py"):
        assert set(re.findall(r"`make ([a-z]+)`", read(path))) <= targets, name_of(path)
