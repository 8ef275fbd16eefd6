"""A part of all households, so that several runners can divide a projection among themselves."""

from dataclasses import dataclass
from uuid import UUID

MOST = 256
"""Shards of one projection at most."""
LAST_BYTES = 2
"""A key's last bytes say whose it is: they are random in every kind of id that there is."""


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """The shard `number`, counted from 0, `of` so many. Every key is held by exactly one of them."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not (0 <= self.number < self.of <= MOST):
            raise ValueError(f"There is no shard {self.number} of {self.of}; there may be {MOST}.")

    def holds(self, key: UUID) -> bool:
        return int.from_bytes(key.bytes[-LAST_BYTES:], "big") % self.of == self.number

    def __str__(self) -> str:
        """As people count: from 1."""
        return f"{self.number + 1}/{self.of}"


WHOLE = Shard(0, 1)


def division(into: int) -> tuple[Shard, ...]:
    """All shards of so many; raises `ValueError` for none or too many."""
    if not 0 < into <= MOST:
        raise ValueError(f"A projection has 1 to {MOST} shards, not {into}.")
    return tuple(Shard(number, into) for number in range(into))
