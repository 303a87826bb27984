"""For senders that are not known by name: every proof of the secret that the request offers is judged."""

from __future__ import annotations

from collections.abc import Callable

from regard.connectors.connector_contract import Verify, WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    SecretUnusableError,
    SignatureRefusedError,
    as_base64,
    as_hex,
    is_one_of,
    mac,
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
    """Hex or base64 HMAC-SHA256 (or SHA-512) of the body in a header named signature or hmac.

    A word and “=” before it, such as `sha256=`, may stand or not.
    """
    given = [value.strip() for value in _headers_with(request, _SIGNING_WORDS)]
    # Base64 ends in “=” itself, so the text with and without what stands before its first “=” is tried.
    given += [value.partition("=")[2] for value in given]
    expected = []
    for one in secrets_of(secret):
        for made in (mac(to_bytes(one), request.body), mac(to_bytes(one), request.body, "sha512")):
            expected += [as_hex(made), as_base64(made)]
    fits = [is_one_of(one, expected) or is_one_of(one.lower(), expected) for one in given]
    if not any(fits):
        raise wrong_signature("the one at the sender")


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
    (lambda request: bool(_headers_with(request, _SIGNING_WORDS)), verify_body_hash),
    (lambda request: bool(secret_in_address(request.url)), verify_secret_in_address),
    (lambda request: _scheme_is(request, "bearer"), verify_bearer_token),
    (lambda request: _scheme_is(request, "basic"), verify_basic_password),
    (lambda request: bool(_headers_with(request, _SECRET_WORDS)), verify_token_header),
)
