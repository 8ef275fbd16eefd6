"""A proof that one event stands in a log at its place: all there is to check it by, but the key of who signed."""

import base64
import json
from dataclasses import asdict, dataclass

from domain.proof.checkpoint import read_checkpoint
from domain.proof.leaf import Leaf, read_entry
from domain.proof.note import KeyName, Verifier, opened
from domain.proof.tree import leaf_hash
from domain.proof.verifying import Unproven, verify_inclusion

LONGEST_PATH = 64


@dataclass(frozen=True, slots=True)
class EventProof:
    """`entry` is the leaf as text, `state` what is stored of the event in base 64, `path` the hashes from the leaf
    upwards in hexadecimal digits, `checkpoint` the signed note."""

    entry: str
    state: str
    path: list[str]
    checkpoint: str


def proof_text(proof: EventProof) -> bytes:
    """As it is written to a file."""
    return json.dumps(asdict(proof), indent=2, ensure_ascii=False).encode() + b"\n"


def read_proof(text: bytes) -> EventProof:
    """Raises `Unproven` for what is none."""
    try:
        proof = EventProof(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        raise Unproven("The file holds no proof.") from None
    texts = [proof.entry, proof.state, proof.checkpoint]
    if not isinstance(proof.path, list) or not all(isinstance(text, str) for text in [*texts, *proof.path]):
        raise Unproven("The file holds no proof.")
    return proof


def check(proof: EventProof, key: KeyName, verifier: Verifier) -> Leaf:
    """What is proved: where and when the event stands, in a log of which this key signed a checkpoint.

    Raises `Unproven`.
    """
    try:
        kept = read_checkpoint(opened(proof.checkpoint, key, verifier))
        leaf = read_entry(proof.entry.encode())
    except UnicodeEncodeError:
        raise Unproven("The file holds what is no text.") from None
    except ValueError as fault:
        raise Unproven(str(fault)) from None
    try:
        state = base64.b64decode(proof.state, validate=True)
    except ValueError:
        raise Unproven("What is stored of the event is not in base 64.") from None
    try:
        path = [bytes.fromhex(hash_) for hash_ in proof.path[: LONGEST_PATH + 1]]
    except ValueError:
        raise Unproven("A hash of the path is not in hexadecimal digits.") from None
    if kept.origin != key.name:
        raise Unproven(f"The checkpoint is of another log, {kept.origin}.")
    if not leaf.is_of(state):
        raise Unproven("The event is not the one that the tree holds.")
    verify_inclusion(leaf_hash(proof.entry.encode()), leaf.position - 1, kept.size, path, kept.root)
    return leaf
