"""Callers at once share a batch; each gets an answer of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.event_log.combining import Combiner, _Turn


def everyone() -> Callable[[int], bool]:
    return lambda _: True


def ask_at_once(combiner: Combiner[int, int], items: Sequence[int]) -> list[int | Exception]:
    """What each caller got; all begin at the same moment."""
    barrier = threading.Barrier(len(items))

    def ask(item: int) -> int | Exception:
        barrier.wait()
        try:
            return combiner.submit(item)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(ask, items))


def test_one_batch_is_carried_out_at_a_time_and_those_who_wait_meanwhile_share_the_next() -> None:
    batches: list[list[int]] = []
    inside = threading.Semaphore(1)

    def doubled(items: Sequence[int]) -> list[int | BaseException]:
        assert inside.acquire(blocking=False), "two batches at once"
        batches.append(list(items))
        time.sleep(0.02)
        inside.release()
        return [item * 2 for item in items]

    assert ask_at_once(Combiner(doubled, everyone), range(32)) == [item * 2 for item in range(32)]
    assert sorted(item for batch in batches for item in batch) == list(range(32))
    assert len(batches) < 10


def test_a_lone_caller_waits_for_nobody() -> None:
    combiner: Combiner[int, int] = Combiner(lambda items: [item + 1 for item in items], everyone)
    assert [combiner.submit(item) for item in range(3)] == [1, 2, 3]


def test_an_exception_among_the_answers_is_raised_to_its_caller_alone() -> None:
    def odd_fail(items: Sequence[int]) -> list[int | BaseException]:
        return [ValueError(item) if item % 2 else item for item in items]

    found = ask_at_once(Combiner(odd_fail, everyone), range(16))
    assert [item for item in found if isinstance(item, int)] == list(range(0, 16, 2))
    assert [error.args[0] for error in found if isinstance(error, ValueError)] == list(range(1, 16, 2))


def test_a_batch_that_fails_fails_all_its_callers_and_the_next_goes_on() -> None:
    failing = threading.Event()
    failing.set()

    def carry_out(items: Sequence[int]) -> list[int | BaseException]:
        time.sleep(0.01)
        if failing.is_set():
            raise OSError("away")
        return list(items)

    combiner: Combiner[int, int] = Combiner(carry_out, everyone)
    assert all(isinstance(error, OSError) for error in ask_at_once(combiner, range(8)))
    failing.clear()
    assert ask_at_once(combiner, range(8)) == list(range(8))


def test_an_item_that_may_not_join_waits_for_the_next_batch() -> None:
    batches: list[list[int]] = []

    def two_at_most() -> Callable[[int], bool]:
        room = iter((True, True))
        return lambda _: next(room, False)

    def carry_out(items: Sequence[int]) -> list[int | BaseException]:
        batches.append(list(items))
        time.sleep(0.01)
        return list(items)

    assert sorted(map(int, ask_at_once(Combiner(carry_out, two_at_most), range(9)))) == list(range(9))  # type: ignore[arg-type]
    assert max(map(len, batches)) == 2


def test_one_that_nobody_admits_goes_alone() -> None:
    def nobody() -> Callable[[int], bool]:
        return lambda _: False

    combiner: Combiner[int, int] = Combiner(lambda items: list(items), nobody)
    assert ask_at_once(combiner, range(5)) == list(range(5))


def test_an_interrupted_leader_leaves_the_others_of_its_batch_to_the_next() -> None:
    """Interrupted in the middle of a batch of five: the other four are carried out all the same."""
    gathered = threading.Event()
    batches: list[list[int]] = []

    def carry_out(items: Sequence[int]) -> list[int | BaseException]:
        batches.append(list(items))
        if len(batches) == 1:
            assert gathered.wait(5)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return list(items)

    combiner: Combiner[int, int] = Combiner(carry_out, everyone)
    found: list[int | BaseException] = []

    def ask(item: int) -> None:
        try:
            found.append(combiner.submit(item))
        except BaseException as error:
            found.append(error)

    callers = [threading.Thread(target=ask, args=(item,), daemon=True) for item in range(6)]
    for caller in callers:
        caller.start()
    while len(combiner._waiting) < 5:
        time.sleep(0.001)
    gathered.set()
    for caller in callers:
        caller.join(5)
    interrupted = [item for item in found if isinstance(item, KeyboardInterrupt)]
    assert len(interrupted) == 1
    assert sorted(item for item in found if isinstance(item, int)) == sorted(
        item for item in range(6) if item != batches[1][0]
    )
    assert combiner.submit(7) == 7


def test_one_who_is_interrupted_while_waiting_leaves_the_others_and_hands_the_lead_on() -> None:
    class Interrupted:
        """In place of a lock whose holder is interrupted while waiting for it."""

        def acquire(self) -> None:
            time.sleep(0.1)
            raise KeyboardInterrupt

        def release(self) -> None: ...

    go_on = threading.Event()

    def carry_out(items: Sequence[int]) -> list[int | BaseException]:
        assert go_on.wait(5)
        return list(items)

    combiner: Combiner[int, int] = Combiner(carry_out, everyone)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(combiner.submit, 1)
        while not combiner._led:
            time.sleep(0.001)
        turn = _Turn[int, int](2)
        turn.woken = Interrupted()  # type: ignore[assignment]
        combiner._waiting.append(turn)
        waiting = pool.submit(combiner._wait, turn)
        while len(combiner._waiting) < 1:
            time.sleep(0.001)
        behind = pool.submit(combiner.submit, 3)
        time.sleep(0.02)
        go_on.set()
        assert first.result(5) == 1
        with pytest.raises(KeyboardInterrupt):
            waiting.result(5)
        assert behind.result(5) == 3
