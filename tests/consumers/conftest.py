"""The story as a database, and what its projections make of it."""

from tests.projections.conftest import connect, folded, log, rows, story, told

__all__ = ["connect", "folded", "log", "rows", "story", "told"]
