"""The settings of an installation: environment variables with the prefix REGARD_."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from regard.connectors.allow_networks import EVERYWHERE, SourceNetworks, read_networks
from regard.kit.errors import RegardError
from regard.processes.list_own_services import list_own_services


class SettingsError(RegardError):
    """A setting has a value that cannot be used."""

    code = "settings"


def default_home() -> Path:
    """Where data is kept unless told otherwise: the system's place for root, the user's for others."""
    if os.geteuid() == 0:
        return Path("/var/lib/regard")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "regard"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "regard"


class Settings(BaseSettings):
    """What an installation can be told; the reference page is made from these descriptions."""

    model_config = SettingsConfigDict(env_prefix="REGARD_", extra="ignore", validate_default=True)

    home: Path = Field(
        default_factory=default_home,
        description="Folder of all data: the embedded database, the root key, uploaded files.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(default=8360, ge=1, le=65535, description="Port that the web server listens on.")
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL of your own (15 or later) as postgresql://user:password@host:port/database."
        " Unset: the embedded PostgreSQL, with its data in the data folder.",
    )
    database_connections: int = Field(
        default=10, ge=3, le=200, description="Most connections to the database that one process opens."
    )
    root_key_file: Path | None = Field(
        default=None,
        description="File with the key that seals all event bodies. Unset: `root.key` in the data folder,"
        " made at the first start. Keep a copy of it apart from the database's backups.",
    )
    import_most_bytes: int = Field(
        default=20 * 1024**3, ge=1, description="Largest file in bytes that may be uploaded for import."
    )
    ingest_events_per_second: int = Field(
        default=0,
        ge=0,
        description="Events that one ingest key may send per second on average, ten seconds' worth at once;"
        " above it clients are told 429 and when to come back. 0: no limit. Counted per process.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which outside systems reach this installation, such as"
        " https://customers.example.com. Some senders of webhooks sign it. Unset: the address they ask for.",
    )
    watch_folders: str = Field(
        default="",
        description="Folders, separated by colons, below which sources may watch for files besides `inbox` in"
        " the data folder.",
    )
    source_networks: str = Field(
        default=EVERYWHERE,
        description="Where in the network sources may stand: `public`, `private` (the company's own network),"
        " `loopback` (this machine) and networks such as `10.20.0.0/16`, separated by commas. Never allowed:"
        " Regard's own services, link-local addresses and the metadata services of clouds.",
    )
    demo: bool = Field(
        default=False,
        description="Whether this is a demo: its sign-ins are shown to everybody. Never with real data.",
    )
    secure_cookies: bool = Field(
        default=False,
        description="Whether browsers send the session cookie over https only. Set it behind https.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="How log lines look: auto means console on a terminal and json elsewhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important log lines to write."
    )

    @field_validator("home", "root_key_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @field_validator("database_url", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("it must begin with postgresql://")
        return value

    @field_validator("public_url", mode="before")
    @classmethod
    def _empty_address_means_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://unset")
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("it must begin with https:// or http:// and a host")
        return value

    @field_validator("source_networks")
    @classmethod
    def _names_networks(cls, value: str) -> str:
        read_networks(value)
        return value

    @property
    def networks(self) -> SourceNetworks:
        """Where sources may stand, and what is Regard's own."""
        url = self.database_url.get_secret_value() if self.database_url else None
        return read_networks(self.source_networks, list_own_services(self.host, self.port, url))

    @property
    def watched(self) -> tuple[Path, ...]:
        """The folders below which sources may watch for files, the inbox first."""
        more = (
            Path(one).expanduser().absolute() for one in self.watch_folders.split(os.pathsep) if one.strip()
        )
        return (self.home / "inbox", *more)

    @property
    def key_path(self) -> Path:
        """Where the root key is."""
        return self.root_key_file or self.home / "root.key"

    @property
    def address(self) -> str:
        """What a person opens in the browser."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


def read_settings() -> Settings:
    """The settings of this environment; raises `SettingsError` naming each wrong variable."""
    try:
        return Settings()
    except ValidationError as problem:
        wrong = [
            f"REGARD_{str(error['loc'][0]).upper()}: {error['msg']}"
            for error in problem.errors(include_input=False)
        ]
        raise SettingsError("These settings cannot be used. " + "; ".join(wrong)) from None
