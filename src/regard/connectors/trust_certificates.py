"""How a database or mail server proves who it is: the settings for it, and what drivers are given.

Where the certificate of an authority is given, the server must prove its name by it unless another way was
chosen: whoever gives one means it.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from regard.connectors.connector_contract import Settings, SettingsRefusedError

SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
CA_PROPERTY: Mapping[str, Any] = {
    "type": "string",
    "format": "textarea",
    "title": "Certificate of the authority",
    "description": "The text from -----BEGIN CERTIFICATE----- on. Needed for a server whose certificate was"
    " signed by your own authority, or by itself. With it the certificate must name the server.",
}
SSLMODE_PROPERTY: Mapping[str, Any] = {
    "type": "string",
    "title": "Encryption",
    "description": "“prefer” encrypts when the server can, “require” always, “verify-full” also checks that"
    " the certificate is the server's. Left out: “verify-full” with the certificate of an authority, else"
    " “prefer”.",
    "enum": list(SSL_MODES),
}


def read_ca(settings: Settings) -> str | None:
    """The certificates of authorities as PEM; raises `SettingsRefusedError` for what holds none."""
    text = str(settings.get("ca") or "").strip()
    if not text:
        return None
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        raise SettingsRefusedError(
            "The setting “ca” holds no certificate that can be read; paste the whole text from"
            " -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----."
        ) from None
    return text + "\n"


def read_sslmode(settings: Settings, ca: str | None) -> str:
    """The way of encryption that was chosen or follows; raises `SettingsRefusedError`."""
    mode = str(settings.get("sslmode") or ("verify-full" if ca else "prefer"))
    if mode not in SSL_MODES:
        raise SettingsRefusedError(f"The setting “sslmode” must be one of {', '.join(SSL_MODES)}.")
    return mode


@contextmanager
def lend_ca(ca: str | None) -> Iterator[str | None]:
    """The path of a file with the certificates, for drivers that take nothing else; gone at the end."""
    if ca is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", prefix="regard-ca-", suffix=".pem") as file:
        file.write(ca)
        file.flush()
        yield file.name


def make_tls_context(sslmode: str, ca: str | None) -> ssl.SSLContext | None:
    """What a driver that takes a context is given; None: no proof is asked for, nor that it encrypts."""
    if sslmode in ("disable", "prefer"):
        return None
    context = ssl.create_default_context(cadata=ca)
    context.check_hostname = sslmode == "verify-full"
    if sslmode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context
