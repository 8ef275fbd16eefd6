"""Checkpoints of a log that a test wrote, signed with a key of the tests."""

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.auditing.attesting import Attesting
from domain.proof.checkpoint import Checkpoint
from infra.attestation.signing_key import PublicKey, SigningKey

ORIGIN = "rujukan.test/log"
SIGNS = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

KNOWN = (SIGNS.key, PublicKey(SIGNS.key))
"""By which it is known to be signed."""


def attest(url: str) -> Checkpoint:
    """Of the log as it is now."""
    attesting = Attesting(lambda: psycopg.connect(url, autocommit=True), SIGNS.key, SIGNS, KNOWN[1], [])
    with psycopg.connect(url, autocommit=True) as session:
        return attesting.attest(session)
