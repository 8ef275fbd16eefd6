"""Sealing of personal data under keys derived from one master key."""

import hmac
import re
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Invalid
from domain.ports import Unopenable
from domain.values import LookupKey, Sealed

# Stored in every box and in every derived key: a change makes all that was sealed before unreadable.
VERSION = b"\x01"
INFO = b"rujukan/v1/"
BLOCK = 32
INDEX_VERSION = 1

NONCE_BYTES = 12
TAG_BYTES = 16
MASTER_BYTES = 32
DERIVED_KEYS_KEPT = 4096


class DevelopmentKeys:
    """Implements `domain.ports.Sealer`; the data key of each id is derived from the master key (HKDF-SHA256).

    A box is `version (1 byte) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM with associated data
    `stream/field/key`. The text is padded to whole blocks of 32 bytes (0x80, then zeros), so that the length of a box
    does not tell one code or one income from another.

    The nonce is synthetic, in the manner of RFC 5297: HMAC-SHA256, under a second key, of the associated data and the
    text, cut to 96 bits. A repeated command can so be recognised by comparing boxes, and no random source that fails
    can make two texts share a nonce. It reveals, to one who reads the log, that a field of one stream was given a text
    that it had before under the same key, and nothing across fields, streams or keys; and the number of blocks.

    Nothing can be erased while the master key exists: whoever holds it derives every key.
    """

    def __init__(self, master: bytes) -> None:
        """`master` is 32 random bytes; another length raises ValueError."""
        if len(master) != MASTER_BYTES:
            raise ValueError(f"The master key must be {MASTER_BYTES} bytes, not {len(master)}.")
        self._master = bytes(master)
        self._index_key = self._derive(b"index")
        self._fingerprint_key = self._derive(b"fingerprint")
        self._data_key = lru_cache(maxsize=DERIVED_KEYS_KEPT)(self._derive_data_key)

    def seal(self, text: str, *, key: UUID, stream: UUID, field: str) -> Sealed:
        """Raises `Invalid` (`text-not-unicode`) for a text that UTF-8 cannot hold, such as half a surrogate pair."""
        try:
            plain = text.encode()
        except UnicodeEncodeError:
            raise Invalid("text-not-unicode", "The text holds a character that is not Unicode.", field) from None
        cipher, nonce_key = self._data_key(key)
        place = _place(stream, field, key)
        nonce = hmac.digest(nonce_key, _framed(place) + _framed(plain), "sha256")[:NONCE_BYTES]
        return Sealed(key, VERSION + nonce + cipher.encrypt(nonce, _padded(plain), place))

    def open(self, sealed: Sealed, *, stream: UUID, field: str) -> str:
        """Raises `Unopenable` for another place, another master key, and any change of the box."""
        box = sealed.box
        if len(box) < len(VERSION) + NONCE_BYTES + BLOCK + TAG_BYTES or not box.startswith(VERSION):
            raise Unopenable("The box is not of a known form.")
        nonce, body = box[1 : 1 + NONCE_BYTES], box[1 + NONCE_BYTES :]
        cipher, _ = self._data_key(sealed.key)
        try:
            padded = cipher.decrypt(nonce, body, _place(stream, field, sealed.key))
        except InvalidTag:
            raise Unopenable("The box was sealed for another place or under another key, or was changed.") from None
        return padded.rstrip(b"\x00")[:-1].decode()

    def digest(self, kind: str, value: str) -> LookupKey:
        """HMAC-SHA256 under the index key; of a `kk` or `nik` the digits alone count, of other kinds the whole text."""
        if kind in ("kk", "nik"):
            value = re.sub("[^0-9]", "", value)
        digest = hmac.digest(self._index_key, _framed(kind.encode()) + _framed(value.encode()), "sha256")
        return LookupKey(kind, digest, INDEX_VERSION)

    def fingerprint(self, content: bytes) -> bytes:
        return hmac.digest(self._fingerprint_key, content, "sha256")

    def check_digest(self) -> bytes:
        """32 bytes that are the same for the same master key alone, and from which it cannot be found."""
        return self._derive(b"check")

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO + purpose).derive(self._master)

    def _derive_data_key(self, key: UUID) -> tuple[AESGCM, bytes]:
        return AESGCM(self._derive(b"seal/" + key.bytes)), self._derive(b"nonce/" + key.bytes)


def _place(stream: UUID, field: str, key: UUID) -> bytes:
    return f"{stream}/{field}/{key}".encode()


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(8) + part


def _padded(plain: bytes) -> bytes:
    marked = plain + b"\x80"
    return marked + bytes(-len(marked) % BLOCK)
