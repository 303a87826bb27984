"""For senders that are not known by name: every proof of the secret that the request offers is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from regard.connectors.connector_contract import Verify, WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    Digest,
    SecretUnusableError,
    SignatureRefusedError,
    as_base64,
    as_hex,
    is_one_of,
    mac,
    require_recent_text,
    secrets_of,
    to_bytes,
    wrong_signature,
)
from regard.connectors.signatures.verify_plain_secret import (
    secret_in_address,
    verify_basic_password,
    verify_bearer_token,
    verify_secret_in_address,
)
from regard.connectors.signatures.verify_standard_webhooks import verify_standard_webhooks

_SIGNING_WORDS = ("signature", "hmac")
_BETWEEN = re.compile(r"[,;]")
_HASH = re.compile(
    r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128}|[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}=="
)
_DIGESTS: tuple[Digest, ...] = ("sha256", "sha512", "sha1")
_LONGEST, _LONGEST_STAMP, _MOST_STAMPS = 500, 40, 4
_SECRET_WORDS = ("token", "secret", "api-key", "apikey")


def verify_any_scheme(request: WebhookRequest, secret: str) -> None:
    """Standard Webhooks, a keyed hash of the body, a token, a password, or the secret in the address.

    One that fits is enough, for each proves the secret. Raises `SignatureRefusedError`.
    """
    refusals: list[SignatureRefusedError] = []
    for is_offered, verify in _SCHEMES:
        if is_offered(request):
            try:
                verify(request, secret)
            except SignatureRefusedError as error:
                refusals.append(error)
            else:
                return
    if refusals:
        # A secret that Standard Webhooks cannot use may be right for another, unless it says it is theirs.
        named = all(one.startswith(("whsec_", "whpk_")) for one in secrets_of(secret))
        raise min(refusals, key=lambda refusal: isinstance(refusal, SecretUnusableError) is not named)
    raise SignatureRefusedError(
        "missing_signature",
        "The request carries no proof of the secret. Let the sender sign it (Standard Webhooks, or"
        " HMAC-SHA256 of the body in a header whose name has “signature” in it), send the secret as a bearer"
        " token, or give it the address /hooks/source/secret.",
    )


def verify_body_hash(request: WebhookRequest, secret: str) -> None:
    """Hex or base64 HMAC (SHA-256, SHA-512, SHA-1) of the body in any header.

    A word and “=” before it, such as `sha256=`, may stand or not. A stamp may be signed with the body: beside
    the hash (`t=…,v1=…`, `ts=…;h1=…`) or in a header of its own whose name has timestamp in it; it must be
    fresh then. Or the address before the body.
    """
    found = [sign for value in request.headers.values() if len(value) <= _LONGEST for sign in _signs(value)]
    keys = [to_bytes(one) for one in secrets_of(secret)]
    if _fits(found, keys, [request.body, to_bytes(request.url) + request.body]):
        return
    for stamp in _stamps(request):
        text = to_bytes(stamp)
        if _fits(found, keys, [text + between + request.body for between in (b".", b":", b"")]):
            require_recent_text(stamp, request)
            return
    raise wrong_signature("the one at the sender")


def _signs(value: str) -> list[str]:
    """What may be a hash in a header: the whole of it, and what stands behind “=” in each of its parts."""
    parts = [part.strip() for part in _BETWEEN.split(value)]
    # Base64 ends in “=” itself, so the text with and without what stands before its first “=” is tried.
    return [value.strip(), *(part.partition("=")[2] for part in parts)]


def _stamps(request: WebhookRequest) -> list[str]:
    """The times that may be signed with the body, in the header of the hash or in one of their own."""
    found = [value.strip() for value in _headers_with(request, ("timestamp",))]
    for value in _headers_with(request, _SIGNING_WORDS):
        for part in _BETWEEN.split(value):
            name, _, rest = part.strip().partition("=")
            if name in {"t", "ts", "timestamp"} and rest:
                found.append(rest)
    return [one for one in found if len(one) <= _LONGEST_STAMP][:_MOST_STAMPS]


def _fits(given: Sequence[str], keys: Sequence[bytes], messages: Sequence[bytes]) -> bool:
    made = [mac(key, message, digest) for key in keys for message in messages for digest in _DIGESTS]
    expected = [*map(as_hex, made), *map(as_base64, made)]
    # All are looked at: the answer must not tell by its time how many were tried.
    fits = [is_one_of(one, expected) or is_one_of(one.lower(), expected) for one in given]
    return any(fits)


def _looks_signed(request: WebhookRequest) -> bool:
    return bool(_headers_with(request, _SIGNING_WORDS)) or any(
        _HASH.fullmatch(sign)
        for value in request.headers.values()
        if len(value) <= _LONGEST
        for sign in _signs(value)
    )


def verify_token_header(request: WebhookRequest, secret: str) -> None:
    """The secret itself in a header whose name has token, secret or api-key in it."""
    known = [to_bytes(one) for one in secrets_of(secret)]
    if not any(is_one_of(value.strip(), known) for value in _headers_with(request, _SECRET_WORDS)):
        raise wrong_signature("the token at the sender")


def _headers_with(request: WebhookRequest, words: tuple[str, ...]) -> list[str]:
    return [value for name, value in request.headers.items() if any(word in name for word in words)]


def _is_standard(request: WebhookRequest) -> bool:
    return "webhook-signature" in request.headers or "svix-signature" in request.headers


def _scheme_is(request: WebhookRequest, word: str) -> bool:
    return request.headers.get("authorization", "").lower().startswith(word)


_SCHEMES: tuple[tuple[Callable[[WebhookRequest], bool], Verify], ...] = (
    (_is_standard, verify_standard_webhooks),
    (_looks_signed, verify_body_hash),
    (lambda request: bool(secret_in_address(request.url)), verify_secret_in_address),
    (lambda request: _scheme_is(request, "bearer"), verify_bearer_token),
    (lambda request: _scheme_is(request, "basic"), verify_basic_password),
    (lambda request: bool(_headers_with(request, _SECRET_WORDS)), verify_token_header),
)
