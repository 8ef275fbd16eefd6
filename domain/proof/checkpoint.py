"""A checkpoint: how long the log is and what its root is, in the form of C2SP `tlog-checkpoint`."""

import base64
from dataclasses import dataclass

from domain.proof.tree import Hash


class NoCheckpoint(ValueError):
    """The text is none."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`origin` names the log; `size` is its number of events, so the position of its last."""

    origin: str
    size: int
    root: Hash

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Lines behind the third are passed over, as the format asks. Raises `NoCheckpoint`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoCheckpoint("A checkpoint has an origin, a size and a root, each on a line.")
    origin, size, root = lines[:3]
    if not size.isascii() or not size.isdigit() or (size != "0" and size.startswith("0")) or len(size) > 19:
        raise NoCheckpoint(f"The size of a checkpoint is a decimal number, and not {size[:40]!r}.")
    try:
        decoded = base64.b64decode(root, validate=True)
    except ValueError:
        raise NoCheckpoint("The root of a checkpoint is in base 64.") from None
    if len(decoded) != 32:
        raise NoCheckpoint("The root of a checkpoint has 32 bytes.")
    return Checkpoint(origin, int(size), decoded)
