"""One key wrapped under another: AES-256-GCM under a random nonce, for one place alone."""

import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.keys.encryption import KeyEncryptionError

KEY_BYTES = 32
NONCE_BYTES = 12


class Wrapping:
    """Wraps under one key. What is wrapped is `nonce (12) ‖ ciphertext ‖ tag (16)`, and opens at its own `place` only.

    A random nonce is safe for some four billion wrappings under one key, a hundred times as many as there are persons.
    """

    def __init__(self, key: bytes) -> None:
        """`key` is 32 random bytes; another length raises ValueError."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"A key must be {KEY_BYTES} bytes, not {len(key)}.")
        self._cipher = AESGCM(key)

    def wrap(self, key: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Raises `KeyEncryptionError` for another key, another place, and any change."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise KeyEncryptionError("A key was wrapped under another key or for another place, or changed.") from None


class MasterKey:
    """Implements `infra.keys.encryption.KeyEncryption` by 32 bytes out of a setting or a file."""

    def __init__(self, key: bytes) -> None:
        self._wrapping = Wrapping(key)
        self.name = f"master-key/{sha256(b'rujukan/master-key/' + key).hexdigest()[:16]}"

    def wrap(self, key: bytes) -> bytes:
        return self._wrapping.wrap(key, b"rujukan/intermediate")

    def unwrap(self, wrapped: bytes) -> bytes:
        return self._wrapping.unwrap(wrapped, b"rujukan/intermediate")
