"""A bucket of an S3-compatible store as a place of files, by way of `obstore` (an extra of Regard)."""

from __future__ import annotations

import asyncio
import importlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, Any, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx

from regard.connectors.allow_networks import Find, SourceNetworks, find_addresses, reach_host
from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.folder.describe_files import FoundFile
from regard.connectors.folder.folder_settings import BucketSettings
from regard.connectors.folder.look_into_folder import MOST_FILES
from regard.connectors.folder.name_streams import DONE, is_wanted
from regard.connectors.http.check_addresses import host_of, port_of
from regard.connectors.http.pinned_way import PinnedWay

_T = TypeVar("_T")
_CHUNK = 4 * 1024 * 1024


def load_obstore() -> ModuleType:
    """The library; raises `SettingsRefusedError` with the remedy where it is not installed."""
    try:
        importlib.import_module("obstore.store")
        return importlib.import_module("obstore")
    except ImportError:
        raise SettingsRefusedError(
            "buckets need the library obstore, which is not installed; run: pip install 'regard[s3]'"
        ) from None


def open_store(settings: BucketSettings, retries: int = 3, proxy: str = "") -> Any:  # noqa: ANN401 - loaded at run time
    """The store of a bucket; nothing is asked of it yet. `proxy` is the address of the way there."""
    options: dict[str, Any] = {
        "region": settings.region,
        "client_options": {"timeout": "60s"},
        "retry_config": {"max_retries": retries},
    }
    if settings.endpoint:
        options["endpoint"] = str(_url_of(settings)).rstrip("/")
        options["client_options"]["allow_http"] = settings.endpoint.startswith("http://")
    if proxy:
        options["client_options"]["proxy_url"] = proxy
    if settings.access_key:
        options |= {"access_key_id": settings.access_key, "secret_access_key": settings.secret_key or ""}
    else:
        # Otherwise the library takes the keys of the machine, be it from a metadata service.
        options["skip_signature"] = True
    if settings.prefix:
        options["prefix"] = settings.prefix
    obstore = load_obstore()
    try:
        return obstore.store.S3Store(settings.bucket, **options)
    except (obstore.exceptions.BaseError, ValueError) as problem:
        raise SettingsRefusedError(f"the settings of the bucket cannot be used: {problem}") from None


def open_shelf(
    settings: BucketSettings, pattern: str, networks: SourceNetworks, find: Find = find_addresses
) -> BucketShelf:
    """The bucket, reached at addresses that were checked; raises `SettingsRefusedError`.

    Where the environment names a proxy for the host, that resolves the name, after it was checked here once.
    """
    url = _url_of(settings)
    host, port = host_of(url), port_of(url)
    reach = partial(reach_host, host, port, networks, find=find)
    place = f"bucket “{settings.bucket}”"
    if getproxies().get(url.scheme) and not proxy_bypass(host):
        return BucketShelf(open_store(settings), place, pattern, reach)
    way = PinnedWay(host, port, reach)
    try:
        store = open_store(settings, proxy=way.url)
    except SettingsRefusedError:
        way.discard()
        raise
    return BucketShelf(store, place, pattern, reach, way)


def _url_of(settings: BucketSettings) -> httpx.URL:
    """The address of the store, its host as requests name it."""
    try:
        return httpx.URL(settings.endpoint or f"https://s3.{settings.region}.amazonaws.com")
    except (httpx.InvalidURL, ValueError):
        raise SettingsRefusedError("“endpoint” must be an address like https://s3.shop.example") from None


class BucketShelf:
    """A bucket; `store` is one of obstore's, so that tests may use one without a network."""

    def __init__(
        self,
        store: Any,  # noqa: ANN401 - see open_store
        place: str,
        pattern: str,
        reach: Callable[[], object] = tuple,
        way: PinnedWay | None = None,
    ) -> None:
        """`reach` is called before the store is asked anything, and raises when its host is not allowed.

        `way` is the proxy that the store was told to use.
        """
        self._obstore = load_obstore()
        self._store = store
        self._place = place
        self._pattern = pattern
        self._reach = reach
        self._way = way

    async def close(self) -> None:
        """Give back the way."""
        if self._way is not None:
            await self._way.close()

    async def look(self) -> Sequence[FoundFile]:
        """All wanted objects, the eldest first."""
        try:
            found = await self._apart(self._look)
        except FileNotFoundError:
            raise SourceRefusesError(f"there is no {self._place}; correct “bucket”") from None
        return sorted(found, key=lambda file: (file.changed_at, file.name))

    @asynccontextmanager
    async def borrow(self, file: FoundFile) -> AsyncIterator[Path]:
        """A copy of the object, written piece by piece; empty when it is gone by now."""
        with tempfile.NamedTemporaryFile(prefix="regard-bucket-") as copy:
            with suppress(FileNotFoundError):
                await self._apart(lambda: self._copy(file.name, copy))
            yield Path(copy.name)

    async def is_same(self, file: FoundFile) -> bool:
        """Whether the object has the same mark."""
        try:
            meta = await self._apart(lambda: self._obstore.head(self._store, file.name))
        except FileNotFoundError:
            return False
        return _describe(meta).mark == file.mark

    async def put_away(self, file: FoundFile) -> None:
        """Move the object below `done/`."""
        with suppress(FileNotFoundError):
            await self._apart(lambda: self._obstore.rename(self._store, file.name, f"{DONE}/{file.name}"))

    def _look(self) -> list[FoundFile]:
        found: list[FoundFile] = []
        for metas in self._obstore.list(self._store):
            found += [_describe(meta) for meta in metas if is_wanted(meta["path"], self._pattern)]
            if len(found) > MOST_FILES:
                raise SourceRefusesError(
                    f"{self._place} holds more than {MOST_FILES:,} files; choose to move files that were read"
                )
        return found

    def _copy(self, name: str, copy: IO[bytes]) -> None:
        for chunk in self._obstore.get(self._store, name).stream(min_chunk_size=_CHUNK):
            copy.write(chunk)
        copy.flush()

    async def _apart(self, work: Callable[[], _T]) -> _T:
        """Do something with the store, in a thread: what goes wrong says whether trying again may help."""
        errors = self._obstore.exceptions
        try:
            await asyncio.to_thread(self._reach)
            if self._way is not None:
                await self._way.start()
            return await asyncio.to_thread(work)
        except FileNotFoundError:
            raise
        except (PermissionError, errors.PermissionDeniedError, errors.UnauthenticatedError):
            raise SourceRefusesError(
                f"{self._place} refuses the keys; correct them, and give them the right to list and read"
                " (and to write, if files are to be moved)"
            ) from None
        except (OSError, errors.BaseError) as problem:
            if "NoSuchBucket" in str(problem):
                raise FileNotFoundError from None
            raise SourceUnavailableError(
                f"{self._place} does not answer as it should; check “endpoint” and “region”, and whether this"
                " machine may reach it. It is tried again later"
            ) from None


def _describe(meta: dict[str, Any]) -> FoundFile:
    changed: datetime = meta["last_modified"]
    mark = f"{meta['size']}-{meta.get('e_tag') or changed.isoformat()}"
    return FoundFile(meta["path"], mark, int(meta["size"]), changed.astimezone(UTC))
