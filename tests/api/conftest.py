"""One API for all tests of a worker, each of which makes its own households; and a fresh one where that matters."""

from collections.abc import Iterator

import pytest

from tests.api.rig import Day, Rig, rig_on
from tests.conftest import TEMPLATE, fresh


@pytest.fixture(scope="session")
def shared_rig(server: str) -> Iterator[Rig]:
    with fresh(server, TEMPLATE) as url, rig_on(url) as rig:
        yield rig


@pytest.fixture
def rig(shared_rig: Rig) -> Iterator[Rig]:
    """Its day is set back after each test."""
    yield shared_rig
    shared_rig.time.day = Day().day


@pytest.fixture
def own_rig(database: str) -> Iterator[Rig]:
    """One that no other test writes to."""
    with rig_on(database) as rig:
        yield rig
