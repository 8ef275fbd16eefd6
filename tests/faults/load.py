"""Writers and a reader with a bookmark, at work while a fault happens."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from typing import Self

from tests.faults.evidence import (
    Account,
    account,
    assert_each_command_is_there_once_or_not_at_all,
    assert_positions_are_dense_and_moments_in_order,
    assert_seen_in_order_without_gap,
    query,
)
from tests.faults.programs import Program, eventually


class Load:
    """Inside, they are at work on one database.

    `through` is the URL that writers use where it is another than that of `url`, such as a relay's; `pause` is how many
    seconds they wait between two commands.
    """

    def __init__(
        self,
        url: str,
        directory: Path,
        chance: Random,
        *,
        writers: int = 2,
        through: str | None = None,
        pause: float = 0.01,
    ) -> None:
        self.url = url
        self.through = through or url
        self.pause = pause
        self.directory = directory
        self.chance = chance
        self.writers: list[Program] = []
        self.seen = directory / "seen"
        self._numbers = count(1)
        self._killed: list[Program] = []
        self._first = writers

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._kill_all)
            self.reader = self._read()
            for _ in range(self._first):
                self.add_writer()
            eventually(self.at_work, otherwise=self._said)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _kill_all(self) -> None:
        for program in [*self.writers, self.reader]:
            program.kill()

    def at_work(self) -> bool:
        """Everyone has got something done."""
        for program in [*self.writers, self.reader]:
            assert program.running(), program.said()
        return all(self.acknowledged([w]) for w in self.writers) and self.seen.exists()

    # Faults

    def add_writer(self, through: str | None = None) -> Program:
        number = next(self._numbers)
        file = self.directory / f"writer-{number}.account"
        given = {
            "--url": through or self.through,
            "--account": file,
            "--number": number,
            "--seed": self.chance.randrange(10**6),
            "--pause": self.pause,
        }
        words = [word for pair in given.items() for word in pair]
        writer = Program("writer", *words, output=self.directory / f"writer-{number}.out")
        self.writers.append(writer)
        return writer

    def kill_writer(self, writer: Program) -> None:
        writer.kill()
        self.writers.remove(writer)
        self._killed.append(writer)

    def kill_reader(self) -> None:
        """Another goes on from its bookmark."""
        self.reader.kill()
        self.reader = self._read()

    # Afterwards

    def accounts(self, writers: Sequence[Program] | None = None) -> list[Account]:
        """Of these, or of all there ever were."""
        return [account(self._account(w)) for w in self._named(writers)]

    def acknowledged(self, writers: Sequence[Program] | None = None) -> int:
        """How many commands."""
        return self._count("done", writers)

    def failed(self, writers: Sequence[Program] | None = None) -> int:
        return self._count("failed", writers)

    def failures(self, writers: Sequence[Program] | None = None) -> list[str]:
        return [error for a in self.accounts(writers) for error in a.failed.values()]

    def goes_on(self, commands: int = 10, within: float = 30.0, writers: Sequence[Program] | None = None) -> None:
        """Every writer gets another so many commands acknowledged."""
        goals = {w: self.acknowledged([w]) + commands for w in (writers or self.writers)}
        eventually(lambda: all(self.acknowledged([w]) >= goal for w, goal in goals.items()), within, self._said)

    def end(self) -> None:
        """Ends everyone kindly, and finds the log and what was seen of it to be right."""
        for writer in self.writers:
            writer.process.terminate()
        for writer in self.writers:
            writer.succeeds()
        self.reader.stop()
        assert_positions_are_dense_and_moments_in_order(self.url)
        assert_each_command_is_there_once_or_not_at_all(self.url, self.accounts())
        assert_seen_in_order_without_gap(self.url, self.seen)

    def assert_nothing_is_there_of_what_failed(self) -> None:
        failed = [command for a in self.accounts() for command in a.failed]
        assert query(self.url, "SELECT position FROM log WHERE state ->> 'caused_by' = ANY (%s)", failed) == []

    def _count(self, what: str, writers: Sequence[Program] | None) -> int:
        files = [self._account(w) for w in self._named(writers)]
        return sum(file.read_text().count(f'{{"{what}"') for file in files if file.exists())

    def _named(self, writers: Sequence[Program] | None) -> Sequence[Program]:
        return [*self.writers, *self._killed] if writers is None else writers

    def _read(self) -> Program:
        output = self.directory / f"reader-{next(self._numbers)}.out"
        return Program("reader", "--url", self.url, "--seen", self.seen, output=output)

    def _account(self, writer: Program) -> Path:
        return writer.output.with_suffix(".account")

    def _said(self) -> str:
        return "\n".join(program.said() for program in [*self.writers, self.reader])
