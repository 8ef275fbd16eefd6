"""The development issuer's keys: a file made on first use, for its owner alone."""

import fcntl
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from infra.settings import SettingsError
from infra.whole_files import replace, write_once

ALGORITHM = "ES256"
SECRET_CHARACTERS = 43


@dataclass(frozen=True, slots=True)
class IssuerFiles:
    """`development-issuer.json` holds the key that signs and, public, the one before; `development-client-secret` the
    secret of all client ids."""

    home: Path

    @property
    def keys_file(self) -> Path:
        return self.home / "development-issuer.json"

    @property
    def secret_file(self) -> Path:
        return self.home / "development-client-secret"

    def ensure(self) -> None:
        """Makes what is not there; raises `SettingsError` for what cannot be used."""
        self.signing_key()
        self.client_secret()

    def signing_key(self) -> ECKey:
        """Raises `SettingsError` where the file holds none; it is not replaced."""
        listed = self._listed()
        try:
            key = ECKey.import_key(listed[0])
        except (JoseError, ValueError, TypeError, KeyError):
            raise self._at_fault() from None
        if not key.is_private or not key.kid:
            raise self._at_fault()
        return key

    def jwks(self) -> dict[str, Any]:
        """What is public of all that is kept."""
        return {"keys": [_public(jwk) for jwk in self._listed()]}

    def rotate(self) -> None:
        """Signs with a new key from now on. Tokens of the key before stay good; those of earlier ones do not."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "development-issuer.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self._listed()[0]
            replace(self.keys_file, _content(_new_key(), _public(before)))

    def client_secret(self) -> str:
        if not self.secret_file.exists():
            write_once(self.secret_file, secrets.token_urlsafe(32).encode() + b"\n")
        try:
            found = self.secret_file.read_text("ascii").strip()
        except (OSError, ValueError):
            found = ""
        if len(found) < SECRET_CHARACTERS:
            raise SettingsError(f"{self.secret_file} does not hold a secret; remove it, and a new one is made.")
        return found

    def _listed(self) -> list[dict[str, Any]]:
        if not self.keys_file.exists():
            write_once(self.keys_file, _content(_new_key()))
        try:
            found = json.loads(self.keys_file.read_bytes())["keys"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise self._at_fault() from None
        if not (isinstance(found, list) and found and all(isinstance(jwk, dict) for jwk in found)):
            raise self._at_fault()
        return found

    def _at_fault(self) -> SettingsError:
        return SettingsError(f"{self.keys_file} does not hold the issuer's keys; remove it, and new ones are made.")


def _new_key() -> dict[str, Any]:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return dict(key.as_dict(private=True))


def _public(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != "d"}


def _content(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}, indent=1).encode() + b"\n"
