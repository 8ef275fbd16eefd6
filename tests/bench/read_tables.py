"""The tables of schema `read` between one measurement and the next: emptied, and compared."""

import psycopg
from psycopg import sql

from tests.bench.library import Library


def rows(url: str, table: str) -> list[str]:
    query = sql.SQL("SELECT (to_jsonb(t) - 'logged_at')::text FROM {} t ORDER BY 1").format(
        sql.Identifier("read", table)
    )
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(query)]


def empty(url: str) -> None:
    """All rows, states and positions, ours and the library's."""
    with psycopg.connect(url, autocommit=True) as connection:
        named = connection.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(*name) for name in named)))
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'library%_tracking'"):
            noted = sql.SQL("DELETE FROM {} WHERE application_name = %s").format(sql.Identifier(table))
            connection.execute(noted, [Library.name])


def let_commits_wait(url: str, wait: bool) -> None:
    """Holds for every session that begins afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = {}").format(
                sql.Identifier(connection.info.dbname), sql.SQL("on" if wait else "off")
            )
        )
