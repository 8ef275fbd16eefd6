"""Keys of erased persons are destroyed until it is done, by whoever follows the log, and no others are."""

import threading
from collections.abc import Iterable
from uuid import UUID, uuid4

from consumers.erasing import Erasing

SITI, BUDI, WATI, TONO = (uuid4() for _ in range(4))


class Log:
    """The erasures of a log, by position."""

    def __init__(self, **erasures: Iterable[UUID]) -> None:
        self.erasures = [(int(at.removeprefix("at_")), list(keys)) for at, keys in erasures.items()]
        self.asked: list[int] = []

    def erased_keys(self, after: int) -> list[tuple[int, list[UUID]]]:
        self.asked.append(after)
        return [(at, keys) for at, keys in self.erasures if at > after]


class Keys:
    """Destroys, unless it is out of reach."""

    def __init__(self, *gone: UUID) -> None:
        self.gone = set(gone)
        self.back: set[UUID] = set()
        self.away = 0
        self.calls: list[set[UUID]] = []

    def destroy_keys(self, ids: Iterable[UUID]) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError
        self.calls.append(set(ids))
        self.gone |= self.calls[-1]
        self.back -= self.calls[-1]

    def destroyed_keys(self) -> set[UUID]:
        return self.gone

    def returned_keys(self) -> set[UUID]:
        return set(self.back)


def test_it_goes_on_behind_what_it_has_done() -> None:
    log, keys = Log(at_3=[SITI], at_9=[BUDI, WATI]), Keys()
    erasing = Erasing(log, keys)
    assert erasing.carry_out() == 3
    assert erasing.carry_out() == 0
    log.erasures.append((12, [TONO]))
    assert erasing.carry_out() == 1
    assert (log.asked, keys.calls[-1]) == ([0, 9, 9], {TONO})


def test_a_round_that_failed_is_made_again() -> None:
    keys = Keys()
    keys.away = 3
    stop = threading.Event()
    following = threading.Thread(target=Erasing(Log(at_3=[SITI]), keys).run, args=(stop, 0.01))
    following.start()
    while SITI not in keys.gone:
        stop.wait(0.01)
    stop.set()
    following.join()
    assert keys.away == 0


def test_reconciling_destroys_what_is_left_tells_of_the_unknown_and_is_gone_on_from() -> None:
    log, keys = Log(at_3=[SITI], at_9=[BUDI, WATI]), Keys(SITI, TONO)
    erasing = Erasing(log, keys)
    found = erasing.reconcile()
    assert (found.destroyed, found.unknown) == ({BUDI, WATI}, {TONO})
    assert keys.calls[0] == {BUDI, WATI}
    assert erasing.carry_out() == 0
    again = erasing.reconcile()
    assert (again.destroyed, again.unknown) == (set(), {TONO})


def test_reconciling_destroys_again_what_came_back_whether_the_log_knows_of_it_or_not() -> None:
    keys = Keys(SITI, BUDI, TONO)
    keys.back = {SITI, TONO}
    found = Erasing(Log(at_3=[SITI, BUDI]), keys).reconcile()
    assert (found.destroyed, found.returned, found.unknown) == (set(), {SITI, TONO}, {TONO})
    assert keys.back == set()
