"""The Ed25519 key that signs checkpoints: of a file, made on first use; whoever has it can sign a false history."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from domain.proof.note import KeyName
from infra.settings import Settings, SettingsError
from infra.whole_files import write_once


class SigningKey:
    """Implements `domain.proof.note.Signer`."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = KeyName(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: bytes) -> bytes:
        return self._private.sign(text)


class PublicKey:
    """Implements `domain.proof.note.Verifier`."""

    def __init__(self, key: KeyName) -> None:
        self._public = Ed25519PublicKey.from_public_bytes(key.public)

    def verify(self, text: bytes, signature: bytes) -> bool:
        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class NoKey(SettingsError):
    """There is none, and none may be made."""


def signing_key(settings: Settings, *, make: bool = False) -> SigningKey:
    """That of `attestation.key` under the data directory, made where there is none and it may be.

    `NoKey` where there is none. `SettingsError` where the file cannot be read as a key: it is never replaced, as
    auditors know the log by it.
    """
    file = settings.home / "attestation.key"
    if not file.exists() and not make:
        raise NoKey(f"There is no key in {file}: `rujukan up` makes one for a new log, and no other for one it signed.")
    if not file.exists():
        made = Ed25519PrivateKey.generate()
        write_once(file, made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    try:
        return SigningKey(settings.log_origin, Ed25519PrivateKey.from_private_bytes(file.read_bytes()))
    except (ValueError, OSError) as error:
        raise SettingsError(f"{file} does not hold a key to sign with: {error}") from None
