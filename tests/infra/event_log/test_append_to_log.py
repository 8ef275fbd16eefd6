"""The door to the log itself: who may use it, what it lets through, and what nobody may do beside it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import OperationalError, StoredEvent
from psycopg import Connection, IsolationLevel
from psycopg.rows import DictRow, dict_row

from domain.values import Claim, LookupKey
from infra.event_log.appends import APPEND, Append, answers, parameters
from infra.persistence import session_parameters


def events(stream: UUID, *versions: int, state: bytes = b"{}") -> Append:
    return Append([StoredEvent(stream, version, "test.happened.v1", state) for version in versions])


def outcomes(connection: Connection[DictRow], *group: Append) -> dict[int, str]:
    rows = connection.execute(APPEND, parameters(group)).fetchall()
    return {row["append"]: row["outcome"] for row in rows}


@pytest.fixture
def application(database: str) -> Iterator[Connection[DictRow]]:
    """A session as the application's are."""
    session: Any = session_parameters(database)
    with psycopg.connect(**session, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO rujukan_events VALUES (gen_random_uuid(), 1, 't', '{}', 1, now())",
        "UPDATE rujukan_events SET state = '{}'",
        "DELETE FROM rujukan_events",
        "TRUNCATE rujukan_events",
        "COPY rujukan_events FROM PROGRAM 'true'",
        "ALTER TABLE rujukan_events DISABLE TRIGGER ALL",
        "DROP TABLE rujukan_events",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION append_to_log() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION append_to_log",
        "SELECT last_positions('{}', '{}', 0)",
        "INSERT INTO snapshots VALUES (gen_random_uuid(), 1, 't', '{}')",
        "INSERT INTO identity_index VALUES ('kk', '', 1, gen_random_uuid())",
        "INSERT INTO idempotency VALUES ('c', 'r', 'k', '', 201, 1, 1, NULL, '{}')",
        "DELETE FROM identity_index",
        "DELETE FROM refusals",
        "DELETE FROM idempotency",
        "LOCK TABLE idempotency",
        "LOCK TABLE rujukan_events",
    ],
)
def test_beside_the_door_the_application_can_neither_add_to_the_log_nor_take_from_it(
    application: Connection[DictRow], statement: str
) -> None:
    assert outcomes(application, events(uuid4(), 1)) == {0: "appended"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
        application.execute(statement)


def test_no_other_role_may_use_the_door(database: str, application: Connection[DictRow]) -> None:
    stranger = f"stranger_{uuid4().hex[:8]}"
    with psycopg.connect(database, row_factory=dict_row) as connection:
        connection.execute(f"CREATE ROLE {stranger}")
        connection.execute(f"SET LOCAL ROLE {stranger}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            outcomes(connection, events(uuid4(), 1))
        connection.rollback()


def test_a_table_of_the_callers_own_takes_nothing_from_the_log(application: Connection[DictRow], database: str) -> None:
    application.execute("CREATE TEMP TABLE rujukan_events (LIKE public.rujukan_events INCLUDING ALL)")
    application.execute("SET search_path = pg_temp, public")
    assert outcomes(application, events(uuid4(), 1)) == {0: "appended"}
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM rujukan_events").fetchone() == (1,)


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_an_append_that_could_not_see_those_before_it_is_refused(
    application: Connection[DictRow], level: IsolationLevel
) -> None:
    application.isolation_level = level
    with pytest.raises(psycopg.errors.InvalidTransactionState, match="READ COMMITTED"), application.transaction():
        outcomes(application, events(uuid4(), 1))


@pytest.mark.parametrize("versions", [(2,), (1, 3), (0, 1), (1, 1), (2, 1)], ids=str)
def test_versions_of_a_stream_follow_each_other(application: Connection[DictRow], versions: tuple[int, ...]) -> None:
    assert outcomes(application, events(uuid4(), *versions)) == {0: "version-taken"}
    assert application.execute("SELECT count(*) AS n FROM rujukan_events").fetchone() == {"n": 0}


def test_of_a_group_those_that_pass_are_stored_and_the_others_are_told_why(
    application: Connection[DictRow],
) -> None:
    taken = uuid4()
    assert outcomes(application, events(taken, 1)) == {0: "appended"}
    group = [
        events(uuid4(), 1, 2),
        events(taken, 1, state=b'{"other":1}'),
        events(uuid4(), 1),
        events(taken, 1),
    ]
    found = outcomes(application, *group[:3])
    assert found == {0: "appended", 1: "version-taken", 2: "appended"}
    assert outcomes(application, group[3]) == {0: "repeated"}
    rows = application.execute("SELECT notification_id FROM rujukan_events ORDER BY 1").fetchall()
    assert [row["notification_id"] for row in rows] == [1, 2, 3, 4]


def test_two_appends_of_one_stream_in_a_group_are_refused_whole(application: Connection[DictRow]) -> None:
    stream = uuid4()
    with pytest.raises(psycopg.errors.UniqueViolation):
        outcomes(application, events(stream, 1), events(stream, 1), events(uuid4(), 1))
    assert application.execute("SELECT count(*) AS n FROM rujukan_events").fetchone() == {"n": 0}


def test_who_goes_silent_with_the_lock_is_cut_off_before_others_give_up(database: str) -> None:
    session: Any = session_parameters(database)
    silent: Connection[DictRow] = psycopg.connect(**session, row_factory=dict_row)
    assert outcomes(silent, events(uuid4(), 1)) == {0: "appended"}
    with psycopg.connect(**session, autocommit=True, row_factory=dict_row) as other:
        assert outcomes(other, events(uuid4(), 1)) == {0: "appended"}
        assert other.execute("SELECT max(notification_id) AS head FROM rujukan_events").fetchone() == {"head": 1}
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        silent.execute("SELECT 1")
    silent.close()


def test_everything_that_can_be_made_again_belongs_to_the_application(database: str) -> None:
    with psycopg.connect(database) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname LIKE 'read%'")
        assert owners.fetchall() == [("rujukan_application",)]


def test_the_log_belongs_to_another_than_the_application(database: str) -> None:
    with psycopg.connect(database) as connection:
        owners = connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert ("rujukan_application",) not in owners


def test_nothing_is_written_beside_an_append_without_events(application: Connection[DictRow]) -> None:
    household = uuid4()
    for beside in (
        Append([], claims=[Claim(LookupKey("kk", b"d", 1), household)]),
        Append([], releases=[(household, None)]),
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            outcomes(application, beside, events(uuid4(), 1))
    snapshot = StoredEvent(household, 1, "household.snapshot.v2", b"{}")
    outcomes(application, Append([], snapshots=[snapshot]), events(uuid4(), 1))
    foreign = Append(events(uuid4(), 1).events, snapshots=[snapshot])
    ahead = Append(events(household, 1).events, snapshots=[StoredEvent(household, 2, snapshot.topic, b"{}")])
    assert set(outcomes(application, foreign, ahead).values()) == {"appended"}
    assert application.execute("SELECT count(*) AS n FROM snapshots").fetchone() == {"n": 0}


def test_who_claims_what_another_of_the_group_releases_is_told_whose_it_still_was(
    application: Connection[DictRow],
) -> None:
    number, old, new, member = LookupKey("nik", b"n", 1), uuid4(), uuid4(), uuid4()
    outcomes(application, Append(events(old, 1).events, claims=[Claim(number, old, member)]))
    leaving = Append(events(old, 2).events, releases=[(old, member)])
    joining = Append(events(new, 1).events, claims=[Claim(number, new, uuid4())])
    rows = application.execute(APPEND, parameters([leaving, joining])).fetchall()
    found = {row["append"]: (row["outcome"], row["household"]) for row in rows}
    assert found == {0: ("appended", None), 1: ("identity-taken", old)}
    assert outcomes(application, joining) == {0: "appended"}


def test_every_append_with_events_has_an_answer() -> None:
    (answer,) = answers([events(uuid4(), 1)], [])
    assert isinstance(answer, OperationalError)
