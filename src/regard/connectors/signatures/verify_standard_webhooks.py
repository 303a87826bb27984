"""Standard Webhooks (Svix and many others): HMAC-SHA256 (v1) or Ed25519 (v1a) over `id.timestamp.body`."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    SecretUnusableError,
    as_base64,
    is_one_of,
    mac,
    require_header,
    require_recent,
    secrets_of,
    to_bytes,
    wrong_signature,
)

_SHARED, _PUBLIC = "whsec_", "whpk_"
_PUBLIC_BYTES = 32
_WHERE = "the signing secret (whsec_…) or public key (whpk_…) that the sender shows"


def verify_standard_webhooks(request: WebhookRequest, secret: str) -> None:
    """Raises `SignatureRefusedError` unless the request was signed with the secret or its private half, now.

    A secret is `whsec_` and base64, or `whpk_` and a base64 Ed25519 public key.
    """
    message_id = require_header(request, "webhook-id", "svix-id")
    stamp = require_header(request, "webhook-timestamp", "svix-timestamp")
    given = require_header(request, "webhook-signature", "svix-signature").split()
    message = to_bytes(f"{message_id}.{stamp}.") + request.body
    if not any(_fits(one, given, message) for one in secrets_of(secret)):
        raise wrong_signature(_WHERE)
    require_recent(stamp, request)


def _fits(secret: str, given: list[str], message: bytes) -> bool:
    if secret.startswith(_PUBLIC):
        key = _public_key_of(secret.removeprefix(_PUBLIC))
        signatures = [one.removeprefix("v1a,") for one in given if one.startswith("v1a,")]
        return any(_is_signed(key, one, message) for one in signatures)
    expected = b"v1," + as_base64(mac(_key_of(secret.removeprefix(_SHARED)), message))
    return any(is_one_of(one, [expected]) for one in given)


def _key_of(text: str) -> bytes:
    try:
        key = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        key = b""
    if not key:
        raise SecretUnusableError(
            "The webhook secret of the source is not base64, as this scheme wants it; copy the whole secret,"
            " beginning with whsec_ or whpk_, from the sender once more."
        )
    return key


def _public_key_of(text: str) -> bytes:
    key = _key_of(text)
    if len(key) != _PUBLIC_BYTES:
        raise SecretUnusableError(
            "The public key of the source (whpk_…) has not the length of one; copy the whole of it from the"
            " sender once more."
        )
    return key


def _is_signed(key: bytes, signature: str, message: bytes) -> bool:
    try:
        raw = base64.b64decode(to_bytes(signature), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(raw, message)
    except (binascii.Error, InvalidSignature, ValueError):
        return False
    return True
