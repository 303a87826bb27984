"""Seals event bodies with AES-256-GCM under one key per source record.

Destroying the key of a source record makes all its events unreadable, wherever copies of the log lie.
Format of a sealed text: version byte 1, 12 bytes nonce, ciphertext with its 16-byte tag (NIST SP 800-38D).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from regard.kit.errors import RegardError, Terminal

_VERSION = b"\x01"
_NONCE = 12
_CACHED_KEYS = 100_000


class SealBrokenError(RegardError, Terminal):
    """A sealed text cannot be opened: another key, or altered bytes."""

    code = "seal_broken"


class RootKeyUnusableError(RegardError):
    """The root key file is missing, unreadable, or not the one this database was sealed with."""

    code = "root_key_unusable"


def seal(key: AESGCM, plain: bytes, context: bytes) -> bytes:
    """Seal `plain` so that it opens only with the same key and context; adds 29 bytes."""
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + key.encrypt(nonce, plain, context)


def unseal(key: AESGCM, sealed: bytes, context: bytes) -> bytes:
    """Open what `seal` made; raises `SealBrokenError`."""
    if sealed[:1] != _VERSION:
        raise SealBrokenError("the sealed text has an unknown format")
    try:
        return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context)
    except InvalidTag:
        raise SealBrokenError("the sealed text was altered, or belongs to another key") from None


class Keyring:
    """Wraps and opens the keys of source records under the installation's root key."""

    def __init__(self, root_key: bytes) -> None:
        self._wrapping = AESGCM(_derive(root_key, b"regard wrap subject keys"))
        self._digest_key = _derive(root_key, b"regard content digests")
        self._lookup_key = _derive(root_key, b"regard lookup tokens")
        self._known: OrderedDict[UUID, AESGCM] = OrderedDict()

    def new_wrapped_key(self, subject: UUID) -> bytes:
        """A fresh subject key, wrapped for storage."""
        return seal(self._wrapping, os.urandom(32), subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> AESGCM:
        """The key of a subject from its stored form; raises `SealBrokenError`."""
        return AESGCM(unseal(self._wrapping, wrapped, subject.bytes))

    def remembered(self, subject: UUID) -> AESGCM | None:
        """The key of a subject if it was used lately."""
        key = self._known.get(subject)
        if key is not None:
            self._known.move_to_end(subject)
        return key

    def remember(self, keys: dict[UUID, AESGCM]) -> None:
        """Keep keys at hand; only for keys whose rows are committed."""
        self._known.update(keys)
        while len(self._known) > _CACHED_KEYS:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Drop the keys at hand, as when keys were destroyed."""
        self._known.clear()

    def digest(self, content: bytes) -> bytes:
        """A keyed digest of content, to tell equal from different without keeping it."""
        return hashlib.blake2b(content, key=self._digest_key, digest_size=16).digest()

    def token_hash(self, token: str) -> bytes:
        """What is stored of a secret token (ingest key, session): HMAC-SHA-256."""
        return hmac.new(self._lookup_key, token.encode(), hashlib.sha256).digest()

    def check_text(self) -> bytes:
        """A sealed constant, stored once, that tells whether a root key fits a database."""
        return seal(self._wrapping, b"regard", b"check")

    def fits(self, check_text: bytes) -> bool:
        """Whether the stored constant was sealed with this root key."""
        try:
            return unseal(self._wrapping, check_text, b"check") == b"regard"
        except SealBrokenError:
            return False


def load_root_key(path: Path) -> bytes:
    """The 32-byte root key from its file, made at the first start with mode 0600.

    Raises `RootKeyUnusableError` with the remedy when the file is there but no key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise RootKeyUnusableError(
            f"{path} cannot be read as a key ({error}); restore it from your backup"
        ) from None
    if len(key) != 32:
        raise RootKeyUnusableError(f"{path} does not hold a 32-byte key; restore it from your backup")
    return key


def _derive(root_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(root_key)
