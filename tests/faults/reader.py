"""Follows the log by a bookmark until told to stop, and writes down each event in the order seen.

Lines of position, stream and version. A reader that begins on a file of an earlier one goes on behind its last line.
Once told to stop it goes on to the end of the log.
"""

import argparse
import threading
import time
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg import sql

from tests.faults.stopping import told_to_stop

PAUSE = 0.005
PAUSE_WHILE_AWAY = 0.05


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--seen", type=Path, required=True)
    parser.add_argument("--table", default="rujukan_events")
    given = parser.parse_args()
    stop = told_to_stop()
    bookmark = last_whole_line(given.seen)
    with given.seen.open("a") as seen:
        while bookmark is not None:
            try:
                with psycopg.connect(given.url, autocommit=True) as connection:
                    bookmark = follow(connection, given.table, bookmark, seen, stop)
            except psycopg.OperationalError:
                time.sleep(PAUSE_WHILE_AWAY)
                bookmark = last_whole_line(given.seen)


def follow(connection: psycopg.Connection, table: str, bookmark: int, seen: TextIO, stop: threading.Event) -> None:
    """Returns at the end of the log, once told to stop."""
    query = sql.SQL(
        "SELECT notification_id, originator_id, originator_version FROM {}"
        " WHERE notification_id > %s ORDER BY notification_id"
    ).format(sql.Identifier(table))
    while True:
        last_round = stop.is_set()
        found = connection.execute(query, [bookmark]).fetchall()
        for position, stream, version in found:
            seen.write(f"{position} {stream} {version}\n")
            bookmark = position
        seen.flush()
        if not found:
            if last_round:
                return
            time.sleep(PAUSE)


def last_whole_line(seen: Path) -> int:
    """The position on it, 0 where there is none; what a killed reader left of a line behind it is cut off."""
    if not seen.exists():
        return 0
    text = seen.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        seen.write_text(whole)
    return int(whole.splitlines()[-1].split()[0]) if whole else 0


if __name__ == "__main__":
    main()
