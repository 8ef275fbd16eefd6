"""Read-your-writes: a GET with `?after=POSITION` is answered once what it reads has come so far."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from api.problems import Refusal
from api.services import Services
from projections.engine.positions import wait_until

LONGEST_WAIT = 5.0
"""Seconds."""
LARGEST_POSITION = 2**63 - 1

After = Annotated[
    int | None,
    Query(ge=0, le=LARGEST_POSITION, description="A `Rujukan-Position`: the answer holds everything up to it."),
]


def wait_for(services: Services, names: Sequence[str], after: int | None) -> None:
    """Waits for these projections; 400 beyond the end of the log, 503 where they do not come so far in time."""
    if after is None:
        return
    check_is_there(services, after, "after")
    wait_until_folded(services, names, after)


def check_is_there(services: Services, position: int, field: str) -> None:
    """400 beyond the end of the log, which is a place in another log than this."""
    head = services.log.head()
    if position > head:
        raise Refusal(400, "position-beyond-log", f"The log ends at position {head}.", field=field)


def wait_until_folded(services: Services, names: Sequence[str], position: int) -> None:
    """The same for a position that the log is known to have."""
    if not wait_until(services.pool.connection, names, position, LONGEST_WAIT):
        detail = "What this answer is read from has not come to that position yet; please try again."
        raise Refusal(503, "behind", detail, headers={"Retry-After": "1"})
