"""The story as a database: told once, copied for each test that reads or folds it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from eventsourcing.utils import Environment
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.application import Rujukan
from infra.event_log.recorder import Recorder
from infra.keys.rehearsed import rehearsed
from infra.persistence import Factory, direct_session, persistence_environment
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.conftest import TEMPLATE, database_of, fresh
from tests.projections.story import tell

Connect = Callable[[], Connection[tuple[object, ...]]]
SEALER = rehearsed()


@contextmanager
def recorder_of(url: str) -> Iterator[Recorder]:
    factory = Factory(Environment("rujukan", persistence_environment(url)))
    recorder = factory.application_recorder()
    assert isinstance(recorder, Recorder)
    try:
        yield recorder
    finally:
        factory.close()


@pytest.fixture(scope="session")
def story(server: str) -> Iterator[str]:
    """URL of a database whose log holds the story; nothing is folded yet."""
    with fresh(server, TEMPLATE) as url:
        application = Rujukan(env=persistence_environment(url))
        tell(application, SEALER)
        application.close()
        yield url


@pytest.fixture
def told(server: str, story: str) -> Iterator[str]:
    """URL of the test's own copy of the story."""
    with fresh(server, database_of(story)) as url:
        yield url


@pytest.fixture
def log(told: str) -> Iterator[Recorder]:
    """The log of the story."""
    with recorder_of(told) as recorder:
        yield recorder


@pytest.fixture
def connect(told: str) -> Connect:
    """Sessions as the application's projections have them."""
    return lambda: direct_session(told, "rujukan projections")


@pytest.fixture
def folded(connect: Connect, log: Recorder) -> int:
    """The whole story folded by every projection; the position of its end."""
    reached = {Runner(connect, log, projection).catch_up() for projection in PROJECTIONS}
    assert reached == {log.head()}
    return log.head()


@pytest.fixture
def rows(told: str) -> Iterator[Connection[DictRow]]:
    """A connection as queries take it."""
    with psycopg.connect(told, row_factory=dict_row) as connection:
        yield connection
