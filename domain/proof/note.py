"""Signed notes, by C2SP `signed-note`: a text, and below it lines by which who knows a key knows who signed it."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

ED25519 = b"\x01"
"""The kind of a signature, as it stands in a key."""
MARK = "— "
LONGEST = 1_000_000
"""Characters of a note that is looked at."""
MOST_SIGNATURES = 100


class NotSigned(ValueError):
    """The note is malformed, or no signature of it is by the key that is known."""


class Signer(Protocol):
    """Who holds a private key."""

    def sign(self, text: bytes) -> bytes: ...


class Verifier(Protocol):
    """Who holds a public one."""

    def verify(self, text: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class KeyName:
    """What a key is called, and the 32 bytes of its public half."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes, by which lines that are of other keys are passed over."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def text(self) -> str:
        """The verifier key as it is handed out: name, id and key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


def read_key(text: str) -> KeyName:
    """Raises `ValueError` for what is no verifier key, or one whose id is another's."""
    name, _, rest = text.strip().partition("+")
    id_, _, key = rest.partition("+")
    try:
        decoded = base64.b64decode(key, validate=True)
    except ValueError:
        decoded = b""
    found = KeyName(name, decoded[1:])
    well_named = name and not any(character.isspace() or character == "+" for character in name)
    if not well_named or len(decoded) != 33 or decoded[:1] != ED25519 or found.id.hex() != id_:
        raise ValueError("A verifier key is a name, eight hexadecimal digits and an Ed25519 key, joined by +.")
    return found


def signed(text: str, key: KeyName, signer: Signer) -> str:
    """The note of a text, which ends with a newline."""
    signature = base64.b64encode(key.id + signer.sign(text.encode())).decode()
    return f"{text}\n{MARK}{key.name} {signature}\n"


def text_of(note: str) -> str:
    """What stands above the signatures, of a note that one signed oneself: nothing is verified."""
    return note.rpartition("\n\n")[0] + "\n"


def opened(note: str, key: KeyName, verifier: Verifier) -> str:
    """The text of a note that this key signed, whoever else did.

    Raises `NotSigned`; so it does where one of two signatures of this key is false.
    """
    if len(note) > LONGEST:
        raise NotSigned("The note is too long.")
    text, found, lines = note.rpartition("\n\n")
    text += "\n"
    signatures = lines.split("\n")
    if not found or signatures.pop() or not signatures or len(signatures) > MOST_SIGNATURES:
        raise NotSigned("A note is a text, an empty line and signatures, each on a line.")
    ours = [signature for name, id_, signature in map(_signature, signatures) if (name, id_) == (key.name, key.id)]
    if not ours:
        raise NotSigned(f"The note is not signed by {key.name}.")
    if not all(verifier.verify(text.encode(), signature) for signature in ours):
        raise NotSigned(f"A signature of {key.name} is false.")
    return text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, rest = line.removeprefix(MARK).partition(" ")
    try:
        decoded = base64.b64decode(rest, validate=True)
    except ValueError:
        decoded = b""
    if not line.startswith(MARK) or not name or len(decoded) < 5:
        raise NotSigned("A line of signature is malformed.")
    return name, decoded[:4], decoded[4:]
