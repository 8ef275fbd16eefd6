"""The key-encryption key in HashiCorp Vault, or in OpenBao: its transit engine wraps by it and never shows it."""

import base64
import binascii
from pathlib import Path
from typing import Any

import hvac
import requests
from hvac.exceptions import VaultError

from infra.keys.encryption import KeyEncryptionError

PATIENCE = 10
"""Seconds for one answer."""


class VaultTransit:
    """Implements `infra.keys.encryption.KeyEncryption` by a key of Vault's transit engine.

    The token is read anew each time, as an agent beside Rujukan renews the file; its policy needs `update` on
    `MOUNT/encrypt/KEY` and `MOUNT/decrypt/KEY`, and nothing else. What is wrapped is Vault's own text
    (`vault:v1:…`), which tells the version of the key: one that Vault has rotated still unwraps.
    """

    def __init__(self, address: str, token_file: Path, key: str, mount: str) -> None:
        self._address = address
        self._token_file = token_file
        self._key = key
        self._mount = mount
        self.name = f"vault/{mount}/{key}"

    def wrap(self, key: bytes) -> bytes:
        answer = self._ask("encrypt", plaintext=base64.b64encode(key).decode())
        return str(answer["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        if not wrapped.startswith(b"vault:"):
            raise KeyEncryptionError("it was not wrapped by Vault")
        answer = self._ask("decrypt", ciphertext=wrapped.decode("ascii", "replace"))
        try:
            return base64.b64decode(answer["plaintext"], validate=True)
        except (binascii.Error, TypeError) as error:
            raise KeyEncryptionError("Vault did not answer with a key") from error

    def _ask(self, what: str, **content: str) -> dict[str, Any]:
        """The data of Vault's answer; what it is told in an error is on one line, and holds no token."""
        client = hvac.Client(url=self._address, token=self._token(), timeout=PATIENCE)
        try:
            ask = getattr(client.secrets.transit, f"{what}_data")
            data: dict[str, Any] = ask(name=self._key, mount_point=self._mount, **content)["data"]
        except (VaultError, requests.RequestException, KeyError, TypeError, ValueError) as error:
            raise KeyEncryptionError(f"Vault at {self._address} did not {what}: {_told(error)}") from error
        finally:
            client.adapter.close()
        return data

    def _token(self) -> str:
        try:
            return self._token_file.read_text("ascii").strip()
        except (OSError, ValueError) as error:
            raise KeyEncryptionError(f"{self._token_file} holds no token of Vault's") from error


def _told(error: Exception) -> str:
    """Vault's own words on one line, or the kind of what kept it from answering."""
    text = str(error) if isinstance(error, VaultError) else ""
    return (text.splitlines() or [type(error).__name__])[0]
