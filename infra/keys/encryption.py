"""What stands above all keys: the key-encryption key, of which Rujukan knows no more than it must."""

from typing import Protocol


class KeyEncryptionError(Exception):
    """What was wrapped cannot be unwrapped, or the key-encryption key cannot be reached; the text says why."""


class KeyEncryption(Protocol):
    """Wraps the few intermediate keys. It is asked once for each of them when Rujukan starts, not for each box."""

    @property
    def name(self) -> str:
        """Tells this key from others without telling anything of it; stored with what it wrapped."""
        ...

    def wrap(self, key: bytes) -> bytes:
        """Raises `KeyEncryptionError`."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises `KeyEncryptionError`, also where another key wrapped it or it was changed."""
        ...
