"""Twilio: base64 HMAC-SHA1 over the public address and the sorted form; JSON by a hash in the address."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit, urlunsplit

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    as_base64,
    as_hex,
    is_one_of,
    mac,
    require_equal,
    require_header,
    secrets_of,
    sha256,
    to_bytes,
    wrong_signature,
)

_WHERE = (
    "the auth token of the Twilio account, and the address of the webhook there with the one under which"
    " Regard is reached from outside (REGARD_PUBLIC_URL)"
)
_PORTS = {"https": "443", "http": "80"}
_PORT = re.compile(r":[0-9]*$")


def verify_twilio(request: WebhookRequest, secret: str) -> None:
    """Raises `SignatureRefusedError` unless Twilio signed the request with the auth token of the account."""
    given = require_header(request, "x-twilio-signature")
    body_hash = _query(request.url).get("bodySHA256", [])
    form = b"" if body_hash else _sorted_form(request.body)
    expected = [
        as_base64(mac(to_bytes(token), to_bytes(address) + form, "sha1"))
        for token in secrets_of(secret)
        for address in addresses_of(request.url)
    ]
    require_equal([given], expected, _WHERE)
    if body_hash and not is_one_of(body_hash[0].lower(), [as_hex(sha256(request.body))]):
        raise wrong_signature(_WHERE)


def addresses_of(url: str) -> list[str]:
    """The address as it stands, and with and without its port: Twilio signs one or the other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url]
    host = _PORT.sub("", parts.netloc)
    hosts = [parts.netloc, host]
    if parts.scheme in _PORTS:
        hosts.append(f"{host}:{_PORTS[parts.scheme]}")
    found = [url, *(urlunsplit(parts._replace(netloc=one)) for one in hosts)]
    return list(dict.fromkeys(found))


def _sorted_form(body: bytes) -> bytes:
    """Names and values without anything between them; a name with several values brings each once, sorted."""
    fields = parse_qs(body.decode("latin-1"), keep_blank_values=True, errors="replace")
    return to_bytes("".join(name + one for name in sorted(fields) for one in sorted(set(fields[name]))))


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(url.partition("?")[2].partition("#")[0], errors="replace")
