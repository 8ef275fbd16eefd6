"""Tokens that were verified lately, so that a caller's next request costs a digest and a look-up."""

import hashlib
import threading
from dataclasses import dataclass

from domain.values import Actor

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose token it is, by which key, and between which moments (seconds since 1970)."""

    actor: Actor
    kid: str
    thumbprint: str
    since: float
    until: float


class SeenTokens:
    """Holds the digests of so many tokens, the oldest giving way; only verified ones come in."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: dict[bytes, Seen] = {}
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> Seen | None:
        return self._seen.get(digest)

    def put(self, digest: bytes, seen: Seen) -> None:
        with self._lock:
            while len(self._seen) >= self._most:
                del self._seen[next(iter(self._seen))]
            self._seen[digest] = seen


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
