"""Which projections an operator means."""

from collections.abc import Sequence
from typing import Any

from infra.terminal import fail
from projections.catalogue import PROJECTIONS
from projections.engine.projection import Projection


def named(names: Sequence[str]) -> list[Projection[Any]]:
    """All of them where none is named."""
    known = {projection.name: projection for projection in PROJECTIONS}
    unknown = [name for name in names if name not in known]
    if unknown:
        fail(f"There is no projection {unknown[0]!r}; there are {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] or list(PROJECTIONS)
