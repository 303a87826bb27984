"""Serves the built web interface: its files under their hashed names, its page for any other address."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from regard.api.services import Services

_FOR_EVER = "public, max-age=31536000, immutable"
_MISSING = (
    "The web interface has not been built. Build it with `python hatch_build.py`, or install Regard from a"
    " package; the API under /api/v1 works without it."
)
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class UiFile:
    """One file in its encodings; `bodies` maps encoding ('' for none) to bytes."""

    bodies: dict[str, bytes]
    media_type: str
    etag: str


class WebUi:
    """The files of the interface, read once and kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, UiFile] = {}

    def find(self, path: str) -> UiFile | None:
        """The file at this path of the interface, only if it is one of its own."""
        if not self._files:
            self._files = read_ui(self._folder)
        return self._files.get(path)


def read_ui(folder: Path) -> dict[str, UiFile]:
    """All files below the folder by their path with slashes; empty when there is no `index.html`."""
    if not (folder / "index.html").is_file():
        return {}
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".br", ".gz"):
            files[path.relative_to(folder).as_posix()] = _read(path)
    return files


def routes(services: Services) -> list[Route]:
    """The last routes: whatever no other route has taken."""
    folder = services.settings.ui_folder or Path(__file__).resolve().parent.parent / "ui"
    ui = WebUi(folder)

    async def serve(request: Request) -> Response:
        path = request.path_params["path"]
        page = ui.find("index.html")
        if page is None:
            return PlainTextResponse(_MISSING, 503, {"retry-after": "30"})
        file = ui.find(path) if path else page
        if file is None and path.startswith("assets/"):
            return PlainTextResponse("There is no such file.", 404)
        lasting = _FOR_EVER if path.startswith("assets/") else "no-cache"
        return _answer(request, file or page, lasting)

    return [Route("/{path:path}", serve, name="web", methods=["GET"], include_in_schema=False)]


def _answer(request: Request, file: UiFile, lasting: str) -> Response:
    headers = {"cache-control": lasting, "etag": file.etag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    accepted = request.headers.get("accept-encoding", "")
    encoding = next((name for name, _ in _ENCODINGS if name in accepted and name in file.bodies), "")
    if encoding:
        headers["content-encoding"] = encoding
    return Response(file.bodies[encoding], headers=headers, media_type=file.media_type)


def _read(path: Path) -> UiFile:
    plain = path.read_bytes()
    bodies = {"": plain}
    for name, suffix in _ENCODINGS:
        sibling = path.with_name(path.name + suffix)
        if sibling.is_file():
            bodies[name] = sibling.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return UiFile(bodies, media_type, f'"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"')
