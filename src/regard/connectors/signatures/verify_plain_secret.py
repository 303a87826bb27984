"""Secrets sent as they are: as a bearer token, as a Basic password, or as the last part of the address."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote, urlsplit

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    SignatureRefusedError,
    is_one_of,
    require_header,
    secrets_of,
    to_bytes,
)


def verify_bearer_token(request: WebhookRequest, secret: str) -> None:
    """`Authorization: Bearer` and the secret."""
    scheme, _, token = require_header(request, "authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureRefusedError(
            "missing_signature",
            "The header Authorization holds no bearer token; let the sender write “Bearer” and the secret.",
        )
    _require(token.strip(), secret, "the token that the sender was given")


def verify_basic_password(request: WebhookRequest, secret: str) -> None:
    """`Authorization: Basic` with the secret as password, or as `user:password`."""
    scheme, _, encoded = require_header(request, "authorization").partition(" ")
    try:
        pair = base64.b64decode(encoded.strip().encode("ascii"), validate=True).decode()
    except (UnicodeError, binascii.Error):
        pair = ""
    if scheme.lower() != "basic" or ":" not in pair:
        raise SignatureRefusedError(
            "missing_signature",
            "The header Authorization holds no user and password; set them at the sender.",
        )
    known = [to_bytes(one) for one in secrets_of(secret)]
    whole = is_one_of(pair, known)
    if not is_one_of(pair.partition(":")[2], known) and not whole:
        raise _wrong("the password at the sender")


def verify_secret_in_address(request: WebhookRequest, secret: str) -> None:
    """The secret as the last part of the address: `/hooks/{source}/{secret}`."""
    given = secret_in_address(request.url)
    if not given:
        raise SignatureRefusedError(
            "missing_signature",
            "The address ends without its secret; give the sender the whole address that the page of the"
            " source shows, /hooks/source/secret.",
        )
    _require(given, secret, "the end of the address that the sender was given")


def secret_in_address(url: str) -> str:
    """The secret of an address under /hooks, or nothing."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    secret = path.partition("/hooks/")[2].partition("/")[2]
    return unquote(secret, errors="replace")


def _require(given: str, secret: str, where: str) -> None:
    if not is_one_of(given, [to_bytes(one) for one in secrets_of(secret)]):
        raise _wrong(where)


def _wrong(where: str) -> SignatureRefusedError:
    return SignatureRefusedError(
        "wrong_signature", f"The secret does not fit. Compare the webhook secret of the source with {where}."
    )
