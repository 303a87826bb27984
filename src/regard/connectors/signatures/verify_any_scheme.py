"""For senders that are not known by name: every proof of the secret that the request offers is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from regard.connectors.connector_contract import Verify, WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    Digest,
    SecretUnusableError,
    SignatureRefusedError,
    as_base64,
    as_hex,
    is_one_of,
    mac,
    require_header,
    require_recent,
    require_recent_text,
    secrets_of,
    sha256,
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

DELIVERY_NAMES = ("webhook-id", "svix-id")
"""Headers of Standard Webhooks with the name of a delivery, which only that scheme signs."""

_SIGNING_WORDS = ("signature", "hmac")
_BETWEEN = re.compile(r"[,;]")
# What a hash looks like in full; its length tells which one it is.
_HASHES: Mapping[Digest, re.Pattern[str]] = {
    "sha1": re.compile(r"[0-9a-fA-F]{40}|[A-Za-z0-9+/]{27}="),
    "sha256": re.compile(r"[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}="),
    "sha512": re.compile(r"[0-9a-fA-F]{128}|[A-Za-z0-9+/]{86}=="),
}
_LONGEST, _LONGEST_STAMP, _MOST_STAMPS, _MOST_SIGNS = 500, 40, 4, 16
_CLOCK = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d{8}T\d{6}Z?"
# A stamp before the body as senders sign it: `stamp.body`, `stamp:body`, `stampbody`, `word:stamp:body`.
_BEGINS_WITH_STAMP = re.compile(rb"(?:[\w-]{1,80}[.:](?=[^&=]{9,40}[.:]))?(" + _CLOCK + rb"|\d{9,13})")
_MILLISECONDS_FROM = 12
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


def trust_signed_id(request: WebhookRequest, secret: str) -> WebhookRequest:
    """The genuine request; the name of its delivery is in it only if that was signed.

    That of Standard Webhooks is. A stamp signed with the body names it too, for a copy has the same.
    """
    headers = {name: value for name, value in request.headers.items() if name not in DELIVERY_NAMES}
    if name := _signed_name(request, secret):
        headers[DELIVERY_NAMES[0]] = name
    shown = any(is_offered(request) and _proves(verify, request, secret) for is_offered, verify in _PLAIN)
    return replace(request, headers=headers, shows_secret=shown)


def _signed_name(request: WebhookRequest, secret: str) -> str:
    if _is_standard(request) and _proves(verify_standard_webhooks, request, secret):
        return require_header(request, *DELIVERY_NAMES)
    try:
        stamp = _read_stamp(request, secret)
    except SignatureRefusedError:
        return ""
    return f"signed {stamp} {sha256(request.body).hex()}" if stamp else ""


def _proves(verify: Verify, request: WebhookRequest, secret: str) -> bool:
    try:
        verify(request, secret)
    except SignatureRefusedError:
        return False
    return True


def verify_body_hash(request: WebhookRequest, secret: str) -> None:
    """Hex or base64 HMAC (SHA-256, SHA-512, SHA-1) of the body in any header.

    A word and “=” before it, such as `sha256=`, may stand or not. A stamp may be signed with the body: beside
    the hash (`t=…,v1=…`, `ts=…;h1=…`) or in a header of its own whose name has timestamp in it; it must be
    fresh then. Or the address before the body.
    """
    _read_stamp(request, secret)


def _read_stamp(request: WebhookRequest, secret: str) -> str:
    """The stamp that was signed with the body; "" if the hash is that of the body alone."""
    found = list(islice(_signs(request), _MOST_SIGNS))
    keys = [to_bytes(one) for one in secrets_of(secret)]
    if _fits(found, keys, [request.body, to_bytes(request.url) + request.body]):
        # Without its header, a stamp that was signed with a body would be the beginning of one.
        if stamped := _BEGINS_WITH_STAMP.match(request.body):
            _require_fresh(stamped[1].decode("ascii"), request)
        return ""
    for stamp in _stamps(request) if found else ():
        text = to_bytes(stamp)
        if _fits(found, keys, [text + between + request.body for between in (b".", b":", b"")]):
            _require_fresh(stamp, request)
            return stamp
    raise wrong_signature("the one at the sender")


def _require_fresh(stamp: str, request: WebhookRequest) -> None:
    if stamp.isascii() and stamp.isdigit() and len(stamp) >= _MILLISECONDS_FROM:
        require_recent(stamp, request, per_second=1_000)
    else:
        require_recent_text(stamp, request)


def _signs(request: WebhookRequest) -> Iterator[tuple[Digest, str]]:
    """What may be a hash in the headers, by its look alone; headers that say so by their name come first."""
    values = dict.fromkeys([*_headers_with(request, _SIGNING_WORDS), *request.headers.values()])
    for value in (one for one in values if len(one) <= _LONGEST):
        # Base64 ends in “=” itself, so a part is tried with and without what stands before its first “=”.
        parts = [part.strip() for part in _BETWEEN.split(value)]
        for text in dict.fromkeys([value.strip(), *(part.partition("=")[2] for part in parts)]):
            yield from ((digest, text) for digest, look in _HASHES.items() if look.fullmatch(text))


def _stamps(request: WebhookRequest) -> list[str]:
    """The times that may be signed with the body, in the header of the hash or in one of their own."""
    found = [value.strip() for value in _headers_with(request, ("timestamp",))]
    for value in _headers_with(request, _SIGNING_WORDS):
        for part in _BETWEEN.split(value[:_LONGEST]):
            name, _, rest = part.strip().partition("=")
            if name in {"t", "ts", "timestamp"} and rest:
                found.append(rest)
    return [one for one in found if len(one) <= _LONGEST_STAMP][:_MOST_STAMPS]


def _fits(given: Sequence[tuple[Digest, str]], keys: Sequence[bytes], messages: Sequence[bytes]) -> bool:
    """Whether one of the hashes is that of a message; only the kinds of hash that were given are made."""
    made = {
        digest: [mac(key, message, digest) for key in keys for message in messages]
        for digest in {digest for digest, _ in given}
    }
    # All are looked at: the answer must not tell by its time how many were tried.
    fits = [
        is_one_of(text.lower(), map(as_hex, made[digest]))
        if len(text) == 2 * len(made[digest][0])
        else is_one_of(text, map(as_base64, made[digest]))
        for digest, text in given
    ]
    return any(fits)


def _looks_signed(request: WebhookRequest) -> bool:
    return bool(_headers_with(request, _SIGNING_WORDS)) or any(True for _ in _signs(request))


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


_Schemes = tuple[tuple[Callable[[WebhookRequest], bool], Verify], ...]
_PLAIN: _Schemes = (
    (lambda request: bool(secret_in_address(request.url)), verify_secret_in_address),
    (lambda request: _scheme_is(request, "bearer"), verify_bearer_token),
    (lambda request: _scheme_is(request, "basic"), verify_basic_password),
    (lambda request: bool(_headers_with(request, _SECRET_WORDS)), verify_token_header),
)
_SCHEMES: _Schemes = ((_is_standard, verify_standard_webhooks), (_looks_signed, verify_body_hash), *_PLAIN)
