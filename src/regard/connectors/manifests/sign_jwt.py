"""JSON web tokens (RFC 7519) signed with the algorithms of RFC 7518 §3 and RFC 8037."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from regard.connectors.connector_contract import SettingsRefusedError

_DIGESTS: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512,
}  # fmt: skip


def sign_jwt(
    headers: Mapping[str, Any],
    payload: Mapping[str, Any],
    key: str,
    algorithm: str,
    passphrase: str | None = None,
) -> str:
    """The compact token. `key` is the shared secret (HS…) or a private key in PEM."""
    whole_headers = {"alg": algorithm, "typ": "JWT", **headers}
    signed = f"{_pack_json(whole_headers)}.{_pack_json(payload)}"
    try:
        signature = _sign(signed.encode(), key, algorithm, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsRefusedError(
            f"the key of the source cannot sign with {algorithm}; paste the whole private key (PEM)"
        ) from None
    return f"{signed}.{_pack(signature)}"


def _sign(text: bytes, key: str, algorithm: str, passphrase: str | None) -> bytes:
    bits = algorithm[2:5]
    if algorithm.startswith("HS"):
        return hmac.new(key.encode(), text, getattr(hashlib, f"sha{bits}")).digest()
    private = load_pem_private_key(
        key.replace("\\n", "\n").encode(), passphrase.encode() if passphrase else None
    )
    if isinstance(private, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return private.sign(text)
    digest = _DIGESTS[bits]() if bits in _DIGESTS else hashes.SHA256()
    if isinstance(private, rsa.RSAPrivateKey):
        if algorithm.startswith("PS"):
            return private.sign(text, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return private.sign(text, padding.PKCS1v15(), digest)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        size = (private.curve.key_size + 7) // 8
        first, second = decode_dss_signature(private.sign(text, ec.ECDSA(digest)))
        return first.to_bytes(size, "big") + second.to_bytes(size, "big")
    raise ValueError("unknown kind of key")


def _pack_json(value: Mapping[str, Any]) -> str:
    return _pack(json.dumps(value, separators=(",", ":")).encode())


def _pack(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
