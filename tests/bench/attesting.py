"""Growing the Merkle tree: from events in the log to tiles in the database, and a signed checkpoint of all.

The same on both sides: the events, read in batches of the same size on one session, as leaves of the same bytes. Theirs
hashes each leaf and keeps nothing. Ours hashes them, works out the tiles, stores them a transaction for each batch,
durably, and signs the root.
"""

import time
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.auditing.attesting import BATCH, Attesting
from domain.proof.tree import leaf_hash
from infra.attestation.signing_key import PublicKey, SigningKey
from infra.bootstrap import composed
from projections import log_tree
from tests.bench.bench import Bench
from tests.bench.measure import Kind, Measurement, alternating
from tests.bench.simulated import simulated_log

ROW = "attesting"
EVENTS = 400_000
BAR = 0.5


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_attesting") as url, composed(bench.settings, url) as whole:
        bench.tell("simulating")
        simulated_log(whole, bench.many(EVENTS, 20_000), bench.seed)
        head = whole.recorder.head()
        with whole.attesting_session() as session, psycopg.connect(url, autocommit=True) as owner:
            sides = alternating(bench.rounds, lambda _: _ours(session, owner, head), lambda _: _theirs(session, head))
    name, against = "Sealing the log into its Merkle tree", "reading the same rows and hashing each leaf"
    return [Measurement(ROW, name, "events/s", *sides, against, Kind.RATIO_AT_LEAST, BAR, (f"{head:,} events",))]


def _ours(session: Any, owner: Any, head: int) -> float:
    owner.execute("TRUNCATE log_tiles, checkpoints")
    signs = SigningKey("bench", Ed25519PrivateKey.generate())
    attesting = Attesting(lambda: session, signs.key, signs, PublicKey(signs.key), [])
    began = time.perf_counter()
    signed = attesting.attest(session)
    took = time.perf_counter() - began
    if signed.size != head:
        raise RuntimeError(f"{signed.size} of {head} events are in the tree.")
    return head / took


def _theirs(session: Any, head: int) -> float:
    began, read = time.perf_counter(), 0
    while read < head:
        read += len([leaf_hash(entry) for entry in log_tree.entries(session, read, BATCH)])
    return head / (time.perf_counter() - began)
