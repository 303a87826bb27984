"""What a mailbox has to be told, as the form people fill in and as the values the reader works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import urlsplit

from regard.connectors.allow_networks import SourceNetworks, read_address
from regard.connectors.connector_contract import Settings, SettingsRefusedError
from regard.connectors.mail.judge_mail import OurAddresses, read_ours
from regard.connectors.trust_certificates import CA_PROPERTY, read_ca

Encryption = Literal["tls", "starttls", "none"]
_ENCRYPTIONS: dict[str, tuple[Encryption, int]] = {
    "tls": ("tls", 993), "starttls": ("starttls", 143), "none": ("none", 143),
}  # fmt: skip
_MOST_FOLDERS = 10

MAIL_SETTINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["host", "user"],
    "additionalProperties": False,
    "properties": {
        "host": {"type": "string", "title": "Mail server", "examples": ["imap.shop.example"], "minLength": 1},
        "port": {
            "type": "integer", "title": "Port", "minimum": 1, "maximum": 65535,
            "description": "Left out: 993 with TLS, 143 otherwise.",
        },
        "encryption": {
            "type": "string", "title": "Encryption", "enum": ["tls", "starttls", "none"], "default": "tls",
            "description": "“none” sends the password readably; only for a server on the same machine.",
        },
        "ca": CA_PROPERTY,
        "user": {"type": "string", "title": "User", "minLength": 1},
        "password": {
            "type": "string", "title": "Password", "writeOnly": True,
            "description": "Many providers want an app password here, not that of the person. Not needed with"
            " a refresh token.",
        },
        "token_url": {
            "type": "string", "title": "OAuth: address that renews tokens", "format": "uri",
            "examples": ["https://oauth2.googleapis.com/token"],
            "description": "Only for providers that let programs in by OAuth; with the three settings below.",
        },
        "client_id": {"type": "string", "title": "OAuth: client id"},
        "client_secret": {
            "type": "string", "title": "OAuth: client secret", "writeOnly": True,
            "description": "Left out: the provider gave the application none.",
        },
        "refresh_token": {"type": "string", "title": "OAuth: refresh token", "writeOnly": True},
        "folders": {
            "type": "array", "title": "Folders", "items": {"type": "string", "minLength": 1},
            "default": ["INBOX"], "minItems": 1, "maxItems": _MOST_FOLDERS,
            "description": "Add the folder of sent mail, so that answers are seen too.",
        },
        "our_addresses": {
            "type": "array", "title": "Our own addresses and domains", "items": {"type": "string"},
            "examples": [["shop.example", "team@partner.example"]],
            "description": "What comes from these is outgoing. Left out: the domain of the user.",
        },
        "since": {
            "type": "string", "format": "date", "title": "Only mail since",
            "description": "Mail that arrived before this day is not read.",
        },
        "poll_seconds": {
            "type": "number", "title": "Seconds between two looks", "minimum": 5, "default": 30,
            "description": "Only for servers that do not tell of new mail by themselves (IDLE).",
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MailOAuth:
    """How access tokens are had from the provider of a mailbox."""

    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The settings of one mailbox, checked."""

    host: str
    port: int
    encryption: Encryption
    user: str
    password: str
    folders: tuple[str, ...]
    ours: OurAddresses
    since: date | None
    poll_seconds: float
    ca: str | None = None
    oauth: MailOAuth | None = None
    networks: SourceNetworks = field(default_factory=SourceNetworks)


def read_mail_settings(settings: Settings) -> MailSettings:
    """The checked settings; raises `SettingsRefusedError`."""
    encryption, port = _encryption(settings.get("encryption", "tls"))
    user = _text(settings, "user")
    oauth = _oauth(settings)
    return MailSettings(
        host=_text(settings, "host"),
        port=int(settings.get("port") or port),
        encryption=encryption,
        user=user,
        password="" if oauth else _text(settings, "password"),
        folders=_folders(settings.get("folders") or ["INBOX"]),
        ours=_ours(settings.get("our_addresses") or [], user),
        since=_since(settings.get("since")),
        poll_seconds=float(settings.get("poll_seconds") or 30),
        ca=read_ca(settings),
        oauth=oauth,
    )


def _text(settings: Settings, name: str) -> str:
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SettingsRefusedError(f"the mailbox needs “{name}”; fill it in")
    if any(sign in value for sign in "\r\n\0"):
        raise SettingsRefusedError(f"“{name}” of the mailbox holds a line break; write it in one line")
    return value if name == "password" else value.strip()


def _oauth(settings: Settings) -> MailOAuth | None:
    if not settings.get("refresh_token"):
        return None
    url = _text(settings, "token_url")
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and read_address(parts.hostname or "").is_loopback
    except ValueError:
        plain, parts = False, urlsplit("")
    if parts.scheme != "https" and not plain:
        raise SettingsRefusedError(
            "“token_url” of the mailbox must begin with https://, for secrets are sent there"
        )
    secret = settings.get("client_secret") or ""
    return MailOAuth(url, _text(settings, "client_id"), str(secret), _text(settings, "refresh_token"))


def _encryption(value: object) -> tuple[Encryption, int]:
    if not isinstance(value, str) or value not in _ENCRYPTIONS:
        raise SettingsRefusedError("“encryption” of the mailbox must be tls, starttls or none")
    return _ENCRYPTIONS[value]


def _folders(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        raise SettingsRefusedError("“folders” of the mailbox must be a list of names, such as INBOX, Sent")
    folders = tuple(dict.fromkeys(listed))
    if not 0 < len(folders) <= _MOST_FOLDERS or any(set(name) & set("\r\n\0") for name in folders):
        raise SettingsRefusedError(f"“folders” of the mailbox must be 1 to {_MOST_FOLDERS} plain names")
    return folders


def _ours(value: object, user: str) -> OurAddresses:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsRefusedError("“our_addresses” must be a list of addresses and domains")
    ours = read_ours(value or ([user.rpartition("@")[2]] if "@" in user else []))
    if not ours.addresses and not ours.domains:
        raise SettingsRefusedError(
            "nothing tells our own mail from that of customers; fill in “our_addresses”, such as shop.example"
        )
    return ours


def _since(value: object) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SettingsRefusedError("“since” of the mailbox must be a day like 2026-01-31") from None
