"""Lets callers on many threads share one round trip: what they ask for at once is carried out together."""

import threading
from collections import deque
from collections.abc import Callable, Sequence, Sized
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Turn(Generic[Item, Result]):
    """One caller's wish. `woken` is released when there is an answer, or when it is this caller's turn to lead."""

    __slots__ = ("answer", "item", "leads", "woken")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.answer: Result | BaseException | None = None
        self.leads = False
        self.woken = threading.Lock()
        self.woken.acquire()


class Combiner(Generic[Item, Result]):
    """One batch at a time: while it is carried out by the caller who leads, the next one gathers.

    `carry_out` answers each item of a batch, in order; an exception among the answers is raised to its caller alone,
    and one that `carry_out` raises to every caller of the batch. It may be asked for the same item again, and must bear
    that: when the caller who leads is interrupted, the others of the batch are gathered anew. `admission` makes, for a
    new batch, the question whether an item may join those that it admitted before; one that may not leads the next.
    """

    def __init__(
        self,
        carry_out: Callable[[Sequence[Item]], Sequence[Result | BaseException]],
        admission: Callable[[], Callable[[Item], bool]],
    ) -> None:
        self._carry_out = carry_out
        self._admission = admission
        self._guard = threading.Lock()
        self._waiting: deque[_Turn[Item, Result]] = deque()
        self._led = False

    def submit(self, item: Item) -> Result:
        """The answer to this item, carried out alone or in company."""
        turn: _Turn[Item, Result] = _Turn(item)
        with self._guard:
            self._waiting.append(turn)
            if not self._led:
                self._led = turn.leads = True
        if not turn.leads:
            self._wait(turn)
        if turn.answer is None:
            self._lead()
        if isinstance(turn.answer, BaseException):
            raise turn.answer
        assert turn.answer is not None
        return turn.answer

    def _wait(self, turn: _Turn[Item, Result]) -> None:
        try:
            turn.woken.acquire()
        except BaseException:
            with self._guard:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    if turn.leads:
                        self._hand_on()
            raise

    def _lead(self) -> None:
        """Carries out the batch that the caller's own item is the first of, and hands the lead on."""
        with self._guard:
            batch = self._gather()
        answered = batch
        try:
            answers = self._carry_out([turn.item for turn in batch])
        except Exception as error:
            answers = [error] * len(batch)
        except BaseException as interruption:
            answers, answered = [interruption], batch[:1]
        with self._guard:
            self._waiting.extendleft(reversed(batch[len(answered) :]))
            for turn, answer in zip(answered, answers, strict=True):
                turn.answer = answer
            self._hand_on()
        for turn in answered[1:]:
            turn.woken.release()

    def _hand_on(self) -> None:
        self._led = bool(self._waiting)
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].woken.release()

    def _gather(self) -> list[_Turn[Item, Result]]:
        admitted = self._admission()
        batch: list[_Turn[Item, Result]] = []
        while self._waiting and (admitted(self._waiting[0].item) or not batch):
            batch.append(self._waiting.popleft())
        return batch


def up_to(most: int) -> Callable[[], Callable[[Sized], bool]]:
    """An admission for items that are several things each: as many of these as `most` in one batch, unless one caller
    alone asks for more."""

    def admission() -> Callable[[Sized], bool]:
        room = most

        def admits(item: Sized) -> bool:
            nonlocal room
            room -= len(item)
            return room >= 0

        return admits

    return admission
