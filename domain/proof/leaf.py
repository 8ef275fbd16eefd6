"""What the tree holds of an event: RFC 8785 JSON of where and when it stands in the log, and its digest."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Leaf:
    """Fields stand in the order of their names, as canonical JSON has them; no number is above 2^53."""

    logged_at: str
    position: int
    state_sha256: str
    stream: str
    topic: str
    version: int

    def is_of(self, state: bytes) -> bool:
        """Whether this is what is stored of the event."""
        return sha256(state).hexdigest() == self.state_sha256


def entry(position: int, logged_at: datetime, stream: UUID, version: int, topic: str, state: bytes) -> bytes:
    """The leaf of an event as bytes. `state` is what is stored, `logged_at` becomes RFC 3339 in UTC with microseconds,
    `state_sha256` is in lower hexadecimal digits; `topic` has no character that JSON escapes."""
    moment = logged_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return (
        f'{{"logged_at":"{moment}Z","position":{position},"state_sha256":"{sha256(state).hexdigest()}",'
        f'"stream":"{stream}","topic":"{topic}","version":{version}}}'
    ).encode()


def read_entry(found: bytes) -> Leaf:
    """Raises `ValueError` for what is no leaf, or is one in another form than `entry` gives it."""
    try:
        leaf = Leaf(**json.loads(found))
        canonical = json.dumps(asdict(leaf), separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        raise ValueError("The bytes are no leaf.") from None
    numbers = type(leaf.position) is type(leaf.version) is int
    texts = all(isinstance(text, str) for text in (leaf.logged_at, leaf.state_sha256, leaf.stream, leaf.topic))
    if canonical != found or not numbers or not texts:
        raise ValueError("The leaf is not in canonical form.")
    return leaf
