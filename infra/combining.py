"""Lets callers on many threads share one round trip: what they ask for at once is carried out together."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Turn(Generic[Item, Result]):
    """One caller's wish. `woken` is released when there is an answer, or when it is this caller's turn to lead."""

    __slots__ = ("answer", "item", "woken")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.answer: Result | BaseException | None = None
        self.woken = threading.Lock()
        self.woken.acquire()


class Combiner(Generic[Item, Result]):
    """One batch at a time: while it is carried out by the caller who leads, the next one gathers.

    `carry_out` answers each item of a batch, in order; an exception among the answers is raised to its caller alone,
    and one that `carry_out` raises to every caller of the batch. `admission` makes, for a new batch, the question
    whether an item may join those that it admitted before; one that may not leads the next batch.
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
            lead, self._led = not self._led, True
        if not lead:
            turn.woken.acquire()
        if turn.answer is None:
            self._lead()
        if isinstance(turn.answer, BaseException):
            raise turn.answer
        assert turn.answer is not None
        return turn.answer

    def _lead(self) -> None:
        """Carries out the batch that the caller's own item is the first of, and hands the lead on."""
        with self._guard:
            batch = self._gather()
        try:
            answers = self._carry_out([turn.item for turn in batch])
        except BaseException as error:
            answers = [error] * len(batch)
        with self._guard:
            self._led = bool(self._waiting)
            successor = self._waiting[0] if self._led else None
        for turn, answer in zip(batch, answers, strict=True):
            turn.answer = answer
        for turn in batch[1:]:
            turn.woken.release()
        if successor is not None:
            successor.woken.release()

    def _gather(self) -> list[_Turn[Item, Result]]:
        admitted = self._admission()
        batch: list[_Turn[Item, Result]] = []
        while self._waiting and (admitted(self._waiting[0].item) or not batch):
            batch.append(self._waiting.popleft())
        return batch
