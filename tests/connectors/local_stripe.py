"""localstripe, a stateful stand-in for Stripe, in a process of its own on the loopback interface."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.free_port import free_port
from tests.patience import PATIENCE

KEY = "sk_test_12345"
# Its own start command listens on all interfaces and keeps its state in a file that all runs would share.
_START = """
import sys
from aiohttp import web
from localstripe.resources import store
from localstripe.server import app
type(store).dump_to_disk = lambda self: None
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


class LocalStripe:
    """The running stand-in; `address` is where it listens."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self.address = address
        self._client = client

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """The object that a form made or changed."""
        answer = self._client.post(path, data=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def delete(self, path: str) -> None:
        """Remove an object."""
        assert self._client.delete(path).status_code == 200


@contextmanager
def run_local_stripe() -> Iterator[LocalStripe]:
    """The stand-in for as long as the block lasts."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", _START, str(port)], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=address, auth=(KEY, ""), timeout=60) as client:
            _wait(client, process)
            yield LocalStripe(address, client)
    finally:
        process.kill()
        process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "localstripe ended at its start"
        try:
            if client.get("/v1/customers").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("localstripe did not answer in time")
