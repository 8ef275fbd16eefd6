"""What may happen on the way of an append: faults for a `Relay`."""

import select
import threading
from collections.abc import Callable
from random import Random

from tests.faults.relay import Session, asking

DISK_FULL = ("53100", "could not extend file: No space left on device")
DISK_BROKEN = ("58030", "could not write to file: Input/output error")
SHUT_DOWN = ("57P01", "terminating connection due to administrator command")


class Sometimes:
    """Every so many-th request that `concerns` is befallen by `befall`; `times` counts them."""

    def __init__(
        self, chance: Random, share: float, concerns: Callable[[Session], bool], befall: Callable[[Session], None]
    ) -> None:
        self.times = 0
        self.share = share
        self._chance = chance
        self._concerns = concerns
        self._befall = befall
        self._one_at_a_time = threading.Lock()

    def __call__(self, session: Session) -> None:
        with self._one_at_a_time:
            hit = self._concerns(session) and self._chance.random() < self.share
            self.times += hit
        if hit:
            self._befall(session)
        else:
            session.pass_on()


def lose_the_reply(session: Session) -> None:
    """It is carried out and committed; nobody hears of it."""
    session.carry_out(session.request)
    session.cut()


def be_shut_down(session: Session) -> None:
    """The server ends the session before it does anything."""
    session.answer(*SHUT_DOWN, severity="FATAL")
    session.cut()


def refused(sqlstate: str, text: str) -> Callable[[Session], None]:
    """It fails at once; what the transaction did before is rolled back by the client."""
    return lambda session: session.answer(sqlstate, text)


def refused_in_the_end(sqlstate: str, text: str) -> Callable[[Session], None]:
    """All is done but the commit, which fails: the server rolls it back."""

    def befall(session: Session) -> None:
        if not session.commits:
            session.carry_out(asking("BEGIN"))
            session.carry_out(session.request)
        session.carry_out(asking("ROLLBACK"))
        session.answer(sqlstate, text)

    return befall


class Stall:
    """The first append is carried out but for its commit; then its client says nothing more, for a minute at most."""

    def __init__(self) -> None:
        self.held = threading.Event()
        """Set once the append is made, and its locks are held."""
        self.released = threading.Event()
        self.cut_by_server = threading.Event()

    def __call__(self, session: Session) -> None:
        if not session.appends or self.held.is_set():
            session.pass_on()
            return
        if session.status == b"I":
            session.carry_out(asking("BEGIN"))
        session.carry_out(session.request)
        self.held.set()
        for _ in range(1200):
            if self.released.wait(0.05):
                break
            if select.select([session.server], [], [], 0)[0]:
                self.cut_by_server.set()
                session.pass_back()
        session.cut()
