"""Databases for faults: a copy of the story, one with a day's work behind it; a server and a broker to be killed."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.faults.own_broker import OwnBroker
from tests.faults.own_server import OwnServer
from tests.faults.work import backlog as behind
from tests.projections.conftest import database_of, fresh, story, told

__all__ = ["story", "told"]

BACKLOG = 60
"""Lives of households behind the story, some 1,000 events."""


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("RUJUKAN_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed} (set RUJUKAN_TEST_SEED to repeat)")  # noqa: T201
    return random.Random(seed)


@pytest.fixture(scope="session")
def worked(server: str, story: str) -> Iterator[str]:
    """URL of a database with a backlog that nobody has folded yet."""
    with fresh(server, database_of(story)) as url:
        behind(url, BACKLOG)
        yield url


@pytest.fixture
def backlog(server: str, worked: str) -> Iterator[str]:
    """URL of the test's own copy of it."""
    with fresh(server, database_of(worked)) as url:
        yield url


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    with OwnServer() as server:
        yield server


@pytest.fixture(scope="session")
def own_broker() -> Iterator[OwnBroker]:
    """Its topics are made anew by each test."""
    with OwnBroker() as broker:
        yield broker
