"""The story as a database, what its projections make of it, and a broker to be killed."""

from tests.faults.conftest import own_broker
from tests.projections.conftest import connect, folded, log, rows, story, told

__all__ = ["connect", "folded", "log", "own_broker", "rows", "story", "told"]
