"""Writers and a reader with a bookmark, at work while a fault happens."""

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
)
from tests.faults.programs import Program, eventually


class Load:
    """Inside, they are at work on one database.

    `through` is the URL that writers use where it is another than that of `url`, such as a relay's.
    """

    def __init__(
        self, url: str, directory: Path, chance: Random, *, writers: int = 2, through: str | None = None
    ) -> None:
        self.url = url
        self.through = through or url
        self.directory = directory
        self.chance = chance
        self.writers: list[Program] = []
        self.seen = directory / "seen"
        self._numbers = count(1)
        self._killed: list[Program] = []
        self._first = writers

    def __enter__(self) -> Self:
        self.reader = self._read()
        for _ in range(self._first):
            self.add_writer()
        eventually(self.at_work, otherwise=self._said)
        return self

    def __exit__(self, *_: object) -> None:
        for program in [*self.writers, self.reader]:
            program.kill()

    def at_work(self) -> bool:
        """Everyone has got something done."""
        return all(self._done(w) for w in self.writers) and self.seen.exists() and self.seen.stat().st_size > 0

    # Faults

    def add_writer(self) -> Program:
        number = next(self._numbers)
        file = self.directory / f"writer-{number}.account"
        words = ("--url", self.through, "--account", file, "--number", number, "--seed", self.chance.randrange(10**6))
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

    def accounts(self) -> list[Account]:
        return [account(self._account(writer)) for writer in [*self.writers, *self._killed]]

    def acknowledged(self) -> int:
        return sum(len(a.done) for a in self.accounts())

    def failures(self) -> list[str]:
        return [error for a in self.accounts() for error in a.failed.values()]

    def goes_on(self, commands: int = 10, within: float = 30.0) -> None:
        """Every writer gets another so many commands acknowledged."""
        goals = {writer: len(self._done(writer)) + commands for writer in self.writers}
        eventually(lambda: all(len(self._done(w)) >= goal for w, goal in goals.items()), within, self._said)

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

    def _read(self) -> Program:
        return Program("reader", "--url", self.url, "--seen", self.seen, output=self.directory / "reader.out")

    def _account(self, writer: Program) -> Path:
        return writer.output.with_suffix(".account")

    def _done(self, writer: Program) -> dict[str, int]:
        return account(self._account(writer)).done

    def _said(self) -> str:
        return "\n".join(program.said() for program in [*self.writers, self.reader])
