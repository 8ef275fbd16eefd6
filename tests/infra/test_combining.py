"""Callers at once share a batch; each gets an answer of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.combining import Combiner


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


def test_an_interrupted_leader_leaves_the_lead_to_the_next() -> None:
    interrupted = threading.Event()

    def carry_out(items: Sequence[int]) -> list[int | BaseException]:
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt
        return list(items)

    combiner: Combiner[int, int] = Combiner(carry_out, everyone)
    with pytest.raises(KeyboardInterrupt):
        combiner.submit(1)
    assert combiner.submit(2) == 2
