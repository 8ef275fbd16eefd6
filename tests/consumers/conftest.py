"""The story as a database, what its projections make of it, the API on an empty log, and a broker to be killed."""

from collections.abc import Iterator

import pytest

from tests.api.rig import Rig, rig_on
from tests.faults.conftest import own_broker
from tests.projections.conftest import connect, folded, log, rows, story, told

__all__ = ["connect", "folded", "log", "own_broker", "rows", "story", "told"]


@pytest.fixture
def rig(database: str) -> Iterator[Rig]:
    with rig_on(database) as rig:
        yield rig
