"""Ties a database to the master key that it was begun with."""

import psycopg

from infra.settings import SettingsError


def check_master_key(url: str, check: bytes) -> None:
    """Remembers the key's check value in an empty installation; `SettingsError` where it is another key's.

    Under another key nothing that was sealed could be opened, and nothing that was registered would be found.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO installation (master_key_check) VALUES (%s) ON CONFLICT DO NOTHING", [check])
        row = connection.execute("SELECT master_key_check FROM installation").fetchone()
    if row is None or bytes(row[0]) != check:
        raise SettingsError(
            "This database was begun with another master key. Give its key as RUJUKAN_MASTER_KEY, or restore the"
            " file master.key of its data directory."
        )
