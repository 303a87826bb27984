"""A small client of Regard's public HTTP interface: one kept connection, patient when the server is busy."""

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any

PREFIX = "/api/v1"
BUSY = (429, 503)
ATTEMPTS = 12


class ApiError(Exception):
    """The server refused a request; the text is its own reason."""

    def __init__(self, status: int, method: str, path: str, reason: str) -> None:
        """`reason` as the server's problem details say it."""
        super().__init__(f"{method} {path} was answered with {status}: {reason}")
        self.status = status


class ApiClient:
    """Speaks to one server; either signed in (cookie) or with an ingest key."""

    def __init__(self, host: str, port: int, key: str = "") -> None:
        """`key` is an ingest key; without it, `sign_in` first."""
        self._host, self._port = host, port
        self._headers = {"Accept": "application/json", "X-Regard-Request": "1"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self, username: str, password: str) -> dict[str, Any]:
        """Starts a session and keeps its cookie; gives what the server says about the user."""
        body = json.dumps({"username": username, "password": password}).encode()
        answer, headers = self._exchange("POST", f"{PREFIX}/session", body, "application/json")
        cookie = next((value for name, value in headers if name.lower() == "set-cookie"), "")
        self._headers["Cookie"] = cookie.partition(";")[0]
        return _as_object(answer)

    def get(self, path: str) -> dict[str, Any]:
        """GET below the prefix."""
        return _as_object(self._exchange("GET", PREFIX + path)[0])

    def post(self, path: str, body: object = None) -> dict[str, Any]:
        """POST of a JSON body below the prefix."""
        return self._send("POST", PREFIX + path, body)

    def put(self, path: str, body: object) -> dict[str, Any]:
        """PUT of a JSON body below the prefix."""
        return self._send("PUT", PREFIX + path, body)

    def post_batch(self, body: object) -> dict[str, Any]:
        """POST to the event API, which has its own address."""
        return self._send("POST", "/v1/batch", body)

    def post_raw(self, path: str, body: bytes, kind: str = "application/octet-stream") -> dict[str, Any]:
        """POST of bytes as they are below the prefix."""
        return _as_object(self._exchange("POST", PREFIX + path, body, kind)[0])

    def _send(self, method: str, path: str, body: object) -> dict[str, Any]:
        raw = json.dumps(body if body is not None else {}, ensure_ascii=False).encode()
        return _as_object(self._exchange(method, path, raw, "application/json")[0])

    def _exchange(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[bytes, list[tuple[str, str]]]:
        """Repeats what the server was too busy for, and what broke off: all our writes may come twice."""
        headers = self._headers | ({"Content-Type": kind} if kind else {})
        for attempt in range(ATTEMPTS):
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection(self._host, self._port, timeout=120)
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException):
                self.close()
                if attempt == ATTEMPTS - 1 or (attempt > 2 and method == "GET"):
                    raise
                time.sleep(0.2 * (attempt + 1))
                continue
            if response.status in BUSY and attempt < ATTEMPTS - 1:
                time.sleep(_pause(response.getheaders(), attempt))
                continue
            if response.status >= 400:
                raise ApiError(response.status, method, path, _reason(content))
            return content, response.getheaders()
        raise AssertionError

    def close(self) -> None:
        """Lets the connection go; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _as_object(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    parsed = json.loads(content)
    return parsed if isinstance(parsed, dict) else {"items": parsed}


def _pause(headers: Iterable[tuple[str, str]], attempt: int) -> float:
    wanted = next((value for name, value in headers if name.lower() == "retry-after"), "")
    return float(wanted) if wanted.isdigit() else min(0.2 * 2**attempt, 5.0)


def _reason(content: bytes) -> str:
    try:
        problem = json.loads(content)
    except ValueError:
        return content[:200].decode("utf-8", "replace")
    if isinstance(problem, dict):
        return str(problem.get("detail") or problem.get("title") or problem)[:500]
    return str(problem)[:500]
