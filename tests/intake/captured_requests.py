"""Requests that unmodified clients sent to a recording server, as they were on the wire."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CONNECTION = {"host", "connection", "content-length", "accept-encoding"}
FILES = (
    "segment-browser-1.84.3", "segment-node-3.1.0-retries", "segment-node-3.1.0", "segment-python-2.4.0-400",
    "segment-python-2.4.0-gzip", "segment-python-2.4.0-retries-503-429-500-200", "segment-python-2.4.0",
    "rudder-browser-3.34.1", "rudder-node-3.0.13-retries", "rudder-node-3.0.13", "rudder-python-2.1.9-gzip",
    "rudder-python-2.1.9-retries",
)  # fmt: skip


@dataclass(frozen=True)
class CapturedRequest:
    """One request; `text` is its body before compression, `answered` what the recorder answered."""

    method: str
    path: str
    headers: dict[str, str]
    text: bytes
    answered: str

    @property
    def body(self) -> bytes:
        """The body as it was sent: the recordings keep it unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return gzip.compress(self.text, mtime=0) if packed else self.text

    def calls(self) -> Iterator[dict[str, object]]:
        if not self.text:
            return
        body = json.loads(self.text)
        yield from body.get("batch", [body])


def read_requests(folder: Path, name: str) -> list[CapturedRequest]:
    """The requests of one client, in the order they came."""
    requests = []
    for line in (folder / "sdk_captures" / f"{name}.jsonl").read_text().splitlines():
        kept = json.loads(line)
        headers = {
            name.lower(): value for name, value in kept["h"].items() if name.lower() not in _CONNECTION
        }
        requests.append(
            CapturedRequest(kept["m"], kept["p"], headers, kept["b"].encode(), str(kept["answered"]))
        )
    return requests
