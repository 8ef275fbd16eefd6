"""Checkpoints as they were kept, in several places, and whether each follows from what is there now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.proof.checkpoint import Checkpoint, NoCheckpoint, read_checkpoint
from domain.proof.note import KeyName, NotSigned, Verifier, opened
from domain.proof.tree import Hash


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not follow; `position` is the first that differs, where that can be said."""

    what: str
    position: int | None = None
    differs: bool = True
    """Whether it is of what is there; else of a note with which nothing could be compared."""


@dataclass(frozen=True, slots=True)
class KeptNote:
    """`where` it comes from, as words in a sentence, and who kept it: what one keeper has bears out nothing that
    another has, as whoever changed the log may have changed what one of them keeps too."""

    note: str
    where: str
    keeper: str
    under: int | None = None
    """The size under which it was kept, where that is told apart."""


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    checkpoint: Checkpoint
    where: str
    keeper: str

    @property
    def size(self) -> int:
        return self.checkpoint.size


def signed_checkpoint(note: str, where: str, key: KeyName, verifier: Verifier) -> Checkpoint | Finding:
    """What a note says, if this key signed it of its own log; `where` it comes from, as words in a sentence."""
    try:
        kept = read_checkpoint(opened(note, key, verifier))
    except (NotSigned, NoCheckpoint) as fault:
        return Finding(f"{begun(where)} is not signed by {key.name}: {fault}", differs=False)
    if kept.origin != key.name:
        return Finding(f"{begun(where)} is of another log, {kept.origin}.", differs=False)
    return kept


def sorted_out(
    notes: Sequence[KeptNote], key: KeyName, verifier: Verifier
) -> tuple[list[KeptCheckpoint], list[Finding]]:
    """Those that this key signed of its own log, and of each keeper the first other, with how many more there are."""
    checkpoints: list[KeptCheckpoint] = []
    others: dict[str, list[Finding]] = {}
    for kept in notes:
        found = signed_checkpoint(kept.note, kept.where, key, verifier)
        if not isinstance(found, Finding) and kept.under not in (None, found.size):
            found = Finding(f"{begun(kept.where)} is of {found.size}.", differs=False)
        if isinstance(found, Finding):
            others.setdefault(kept.keeper, []).append(found)
        else:
            checkpoints.append(KeptCheckpoint(found, kept.where, kept.keeper))
    return checkpoints, [_and_more(findings) for findings in others.values()]


def _and_more(findings: Sequence[Finding]) -> Finding:
    first, more = findings[0], len(findings) - 1
    told = f"{first.what} So it is with {more:,} more of the same place."
    return Finding(told, differs=False) if more else first


def against_checkpoints(
    checkpoints: Sequence[KeptCheckpoint], what: str, size: int, root_of: Callable[[int], Hash]
) -> Iterator[Finding]:
    """Of each keeper the first that does not follow from the log, or from what else has `size` events and gives roots
    of its beginnings, up to where there is one of the same keeper that does, and how many larger ones do not either.

    That one was signed of the beginning as it is says nothing of whether that was so when the other was: who signed
    a changed log signed its beginnings too.
    """
    for _, group in groupby(sorted(checkpoints, key=lambda kept: (kept.keeper, kept.size)), lambda kept: kept.keeper):
        of_one = list(group)
        sound: list[KeptCheckpoint] = []
        differing: list[KeptCheckpoint] = []
        for kept in of_one:
            if kept.size <= size and root_of(kept.size) == kept.checkpoint.root:
                sound.append(kept)
            elif kept.size <= size:
                differing.append(kept)
        yield from _first(differing, what, sound)
        beyond = [kept for kept in of_one if kept.size > size]
        if beyond:
            told = f"{begun(beyond[0].where)} is of {beyond[0].size} events; the {what} has {size}"
            yield Finding(told + _others(beyond[1:]), size + 1)


def _first(differing: Sequence[KeptCheckpoint], what: str, sound: Sequence[KeptCheckpoint]) -> Iterator[Finding]:
    """`sound` are those that follow; both are in the order of their sizes."""
    of_none = [kept for kept in differing if kept.size == 0]
    if of_none:
        yield Finding(f"{begun(of_none[0].where)} is of no events, and has another root than a {what} without any.")
    others = differing[len(of_none) :]
    if others:
        first = others[0]
        told = f"Up to position {first.size} the {what} is another than {first.where} says"
        smaller = [kept for kept in sound if 0 < kept.size < first.size]
        if smaller:
            told += f", and up to {smaller[-1].size} as {smaller[-1].where} says"
        yield Finding(told + _others(others[1:]))


def _others(further: Sequence[KeptCheckpoint]) -> str:
    many = len(further)
    if not many:
        return "."
    return f"; nor {'does' if many == 1 else 'do'} {counted(many, 'larger one')} of the same place follow."


def begun(words: str) -> str:
    """As they begin a sentence."""
    return words[:1].upper() + words[1:]


def counted(many: int, what: str) -> str:
    """`1 event`, `2 events`."""
    return f"{many:,} {what}" + ("" if many == 1 else "s")
