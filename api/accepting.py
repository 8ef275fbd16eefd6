"""Which of the forms that an answer can have the caller would rather read (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence


def preferred(accept: Sequence[str], *offered: str) -> str:
    """The one of these media types that the `Accept` headers rank highest, one by its name above one by a wildcard; of
    equals, and where none is accepted, the first."""
    ranges = [_range(part) for header in accept for part in header.split(",")]
    return max(offered, key=lambda kind: _rank(kind, ranges))


def _rank(kind: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    wanted = [kind, f"{kind.partition('/')[0]}/*", "*/*"]
    for precision, name in zip((2, 1, 0), wanted, strict=True):
        weights = [weight for accepted, weight in ranges if accepted == name]
        if weights:
            return max(weights), precision if max(weights) else -1
    return 0.0, -1


def _range(part: str) -> tuple[str, float]:
    """What is no weight counts as none being given."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = next((p.partition("=")[2].strip() for p in parameters if p.partition("=")[0].strip() == "q"), "1")
    try:
        weight = float(given)
    except ValueError:
        return name, 1.0
    return name, weight if 0 <= weight <= 1 else 1.0
