"""The log as auditors read it: every event as it is stored."""

from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow


def entries(connection: Connection[DictRow], after: int, limit: int) -> list[dict[str, Any]]:
    """Events after a position, in order and without gaps: `position`, `logged_at`, `stream`, `version`, `topic` and
    `state`, in which personal data is sealed."""
    return connection.execute(
        "SELECT position, logged_at, stream, version, topic, state FROM log"
        " WHERE position > %s ORDER BY position LIMIT %s",
        [after, limit],
    ).fetchall()
