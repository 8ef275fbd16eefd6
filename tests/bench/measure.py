"""What a line of the bench is: two sides measured in turn, and the bar that they are held to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Kind(StrEnum):
    """How a bar is meant; `RATIO` is ours divided by theirs."""

    RATIO_AT_LEAST = "ratio at least"
    RATIO_AT_MOST = "ratio at most"
    OURS_AT_MOST = "ours at most"
    TOLD = "told"
    """No bar: a figure that others are read against."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line: what each side came to in each round, in `unit`, and the bar, if there is one.

    Rounds are alternating (ours, theirs, ours, theirs, …), so that a machine that slows down slows both. Where
    `theirs` is empty, nothing is compared.
    """

    row: str
    name: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    against: str = ""
    kind: Kind = Kind.TOLD
    bar: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def our_median(self) -> float:
        return median(self.ours)

    @property
    def their_median(self) -> float | None:
        return median(self.theirs) if self.theirs else None

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs, of the medians; None where nothing is compared."""
        theirs = self.their_median
        return self.our_median / theirs if theirs else None

    @property
    def met(self) -> bool | None:
        """None where there is no bar. Raises `ValueError` for a bar on a ratio that is none."""
        if self.kind is Kind.TOLD or self.bar is None:
            return None
        if self.kind is Kind.OURS_AT_MOST:
            return self.our_median <= self.bar
        if self.ratio is None:
            raise ValueError(f"{self.name} has a bar on a ratio, but nothing to compare with.")
        return self.ratio >= self.bar if self.kind is Kind.RATIO_AT_LEAST else self.ratio <= self.bar


def alternating(
    rounds: int, ours: Callable[[int], float], theirs: Callable[[int], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What both come to, in turn; each is given the number of its round, from 0."""
    found = [(ours(number), theirs(number)) for number in range(rounds)]
    return tuple(a for a, _ in found), tuple(b for _, b in found)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed; `ValueError` for none."""
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ranked = sorted(values)
    return ranked[max(0, min(len(ranked) - 1, -int(-share * len(ranked) // 1) - 1))]
