"""Starts the programs of this folder, each in a process of its own, and ends them, kindly or not."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
STOP_LIMIT = 90.0


class Program:
    """`python -m tests.faults.NAME WORDS`; what it prints is in `output`."""

    def __init__(self, name: str, *words: object, output: Path) -> None:
        self.name = name
        self.output = output
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("RUJUKAN_", "DATABASE_URL", "KEYS_DATABASE_URL", "POSTGRES"))
        }
        with output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"tests.faults.{name}", *map(str, words)],
                cwd=ROOT,
                env=kept,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL, with no warning."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def stop(self) -> None:
        """As asked to, it ends what it is at; anything but success fails the test."""
        self.ready()
        self.process.terminate()
        self.succeeds()

    def succeeds(self) -> None:
        assert self.process.wait(STOP_LIMIT) == 0, self.said()

    def said(self) -> str:
        return f"{self.name}: {self.output.read_text()}"

    def running(self) -> bool:
        return self.process.poll() is None

    def ready(self) -> None:
        """Returns once it has printed that it is."""
        eventually(lambda: "ready\n" in self.output.read_text() or not self.running(), otherwise=self.said)
        assert self.running(), self.said()


def eventually(holds: Callable[[], object], within: float = 30.0, otherwise: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"it never came to it. {otherwise()}"
        time.sleep(0.04)
