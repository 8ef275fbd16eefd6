"""The race that the event library's own function in the database loses, and Rujukan's door to the log does not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from tests.faults.appender import LIBRARY_TABLE, library_factory
from tests.faults.evidence import query
from tests.faults.programs import Program, eventually

PROCESSES, THREADS = 2, 4
"""Eight writers."""
EVENTS = 3000
"""That Rujukan's must log without a loss, or as many as the library's logged until its first, if that is more."""


@contextmanager
def racing(url: str, table: str, directory: Path, chance: Random, *words: str) -> Iterator[Path]:
    """Eight writers at work, and the file of a reader who follows them; at the end all have come to theirs."""
    seen = directory / f"{table}.seen"
    with ExitStack() as stack:
        reader = stack.enter_context(
            Program("reader", "--url", url, "--table", table, "--seen", seen, output=directory / f"{table}-reader.out")
        )
        eventually(seen.exists, otherwise=reader.said)
        writers = [
            stack.enter_context(appender(url, directory / f"{table}-{number}.out", chance, *words))
            for number in range(PROCESSES)
        ]
        yield seen
        for writer in writers:
            writer.stop()
        reader.stop()


def appender(url: str, output: Path, chance: Random, *words: str) -> Program:
    given = ("--url", url, "--threads", THREADS, "--seed", chance.randrange(10**6))
    return Program("appender", *given, *words, output=output)


def logged(url: str, table: str) -> list[int]:
    return [position for (position,) in query(url, f"SELECT notification_id FROM {table} ORDER BY 1")]


def positions(seen: Path) -> list[int]:
    text = seen.read_text()
    return [int(line.split()[0]) for line in text[: text.rfind("\n") + 1].splitlines()]


def missed(url: str, table: str, seen: Path) -> int:
    """How many events behind the reader's bookmark are logged by now that it never saw."""
    found = positions(seen)
    bookmark = found[-1] if found else 0
    ((there,),) = query(url, f"SELECT count(*) FROM {table} WHERE notification_id <= %s", bookmark)
    return int(there) - len(found)


def test_a_bookmark_misses_events_of_the_librarys_function_and_none_of_ours_under_the_same_load(
    database: str, tmp_path: Path, chance: Random
) -> None:
    library = library_factory(database, makes_its_table=True)
    library.application_recorder()
    library.close()
    with racing(database, LIBRARY_TABLE, tmp_path, chance, "--library") as seen:
        eventually(lambda: missed(database, LIBRARY_TABLE, seen))
    assert missed(database, LIBRARY_TABLE, seen)
    goal = max(EVENTS, len(logged(database, LIBRARY_TABLE)))
    with racing(database, "rujukan_events", tmp_path, chance) as seen:
        eventually(lambda: query(database, "SELECT max(notification_id) >= %s FROM rujukan_events", goal) == [(True,)])
    everything = logged(database, "rujukan_events")
    assert everything == list(range(1, len(everything) + 1))
    assert positions(seen) == everything
