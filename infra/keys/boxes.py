"""The box that holds a sealed text, and how a data key makes and opens it.

A box is `version (1 byte) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM with associated data `stream/field/key`.
The text is padded to whole blocks of 32 bytes (0x80, then zeros), so that the length of a box does not tell one code or
one income from another.

The nonce is synthetic, in the manner of RFC 5297: HMAC-SHA256, under a second key, of the associated data and the text,
cut to 96 bits. A repeated command can so be recognised by comparing boxes, and no random source that fails can make two
texts share a nonce. It reveals, to one who reads the log, that a field of one stream was given a text that it had
before under the same key, and nothing across fields, streams or keys; and the number of blocks.
"""

import hmac
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.ports import Unopenable

# Stored in every box, or what boxes hang on: a change makes all that was sealed before unreadable.
VERSION = b"\x02"
SEAL, NONCE = b"rujukan/v2/seal", b"rujukan/v2/nonce"
BLOCK = 32

NONCE_BYTES = 12
TAG_BYTES = 16
SHORTEST = len(VERSION) + NONCE_BYTES + BLOCK + TAG_BYTES


def sealed_box(data_key: bytes, plain: bytes, *, key: UUID, stream: UUID, field: str) -> bytes:
    place = _place(stream, field, key)
    nonce = hmac.digest(_expanded(data_key, NONCE), framed(place) + framed(plain), "sha256")[:NONCE_BYTES]
    return VERSION + nonce + AESGCM(_expanded(data_key, SEAL)).encrypt(nonce, _padded(plain), place)


def _check_form(box: bytes) -> None:
    """Raises `Unopenable` for what is no box."""
    if len(box) < SHORTEST or not box.startswith(VERSION):
        raise Unopenable("The box is not of a known form.")


class BoxOpener:
    """Opens the boxes of one data key, which is expanded once for all of them."""

    def __init__(self, data_key: bytes, key: UUID) -> None:
        self._cipher = AESGCM(_expanded(data_key, SEAL))
        self._key = str(key)

    def __call__(self, box: bytes, *, stream: UUID, field: str) -> str:
        """Raises `Unopenable` for what is no box, for another place or key, and for any change of the box."""
        _check_form(box)
        nonce, body = box[1 : 1 + NONCE_BYTES], box[1 + NONCE_BYTES :]
        try:
            padded = self._cipher.decrypt(nonce, body, _place(stream, field, self._key))
        except InvalidTag:
            raise Unopenable("The box was sealed for another place or under another key, or was changed.") from None
        return padded.rstrip(b"\x00")[:-1].decode()


def framed(part: bytes) -> bytes:
    """With its length before it, so that parts put together are told apart."""
    return len(part).to_bytes(8) + part


def _expanded(data_key: bytes, purpose: bytes) -> bytes:
    """HKDF-Expand (RFC 5869) to one block of SHA-256; a data key is random, so nothing is to be extracted first."""
    return hmac.digest(data_key, purpose + b"\x01", "sha256")


def _place(stream: UUID, field: str, key: UUID | str) -> bytes:
    return f"{stream}/{field}/{key}".encode()


def _padded(plain: bytes) -> bytes:
    marked = plain + b"\x80"
    return marked + bytes(-len(marked) % BLOCK)
