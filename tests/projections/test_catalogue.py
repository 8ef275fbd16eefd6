"""The contract of every projection: the same rows however its events come, and rows made of codes and ids alone."""

import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from psycopg import Connection, sql
from psycopg.rows import DictRow

from infra.event_log.recorder import Recorder
from projections.catalogue import PROJECTIONS
from projections.engine.folding import fold_batch, keyed
from projections.engine.projection import Projection
from projections.engine.rebuild import check, rebuild
from projections.engine.runner import Connect, Runner
from projections.engine.tables import state_table

Dump = dict[str, list[Any]]
every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)


def dump(connect: Connect, projection: Projection[Any]) -> Dump:
    with connect() as connection:
        return {
            table.name: connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} t ORDER BY to_jsonb(t)").format(sql.Identifier("read", table.name))
            ).fetchall()
            for table in (state_table(projection), *projection.tables)
        }


def forget(connect: Connect, projection: Projection[Any]) -> None:
    with connect() as connection:
        for table in (state_table(projection), *projection.tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("read", table.name)))
        connection.execute("DELETE FROM read.projection_position WHERE name = %s", [projection.name])


def test_projections_have_names_and_tables_of_their_own() -> None:
    names = [projection.name for projection in PROJECTIONS]
    tables = [table.name for projection in PROJECTIONS for table in projection.tables]
    assert len(set(names)) == len(names)
    assert len(set(tables)) == len(tables)


@every_projection
def test_rows_are_the_same_by_any_size_of_batch_and_any_restart(
    projection: Projection[Any], connect: Connect, log: Recorder
) -> None:
    Runner(connect, log, projection, batch=1000).catch_up()
    expected = dump(connect, projection)
    assert all(rows for name, rows in expected.items() if not name.endswith("_state"))
    for batch in (1, 7):
        forget(connect, projection)
        Runner(connect, log, projection, batch=batch).catch_up()
        assert dump(connect, projection) == expected
    forget(connect, projection)
    for position in range(1, log.head() + 3, 3):
        Runner(connect, log, projection).catch_up(position)
    assert dump(connect, projection) == expected


@every_projection
def test_a_rebuild_finds_nothing_to_change_and_changes_nothing(
    projection: Projection[Any], connect: Connect, log: Recorder
) -> None:
    Runner(connect, log, projection, batch=7).catch_up()
    expected = dump(connect, projection)
    assert check(connect, log, [projection], lambda *_: None) == []
    rebuild(connect, log, [projection], lambda *_: None)
    assert dump(connect, projection) == expected


@every_projection
def test_a_fold_changes_neither_the_state_it_is_given_nor_anything_else(
    projection: Projection[Any], log: Recorder
) -> None:
    states: dict[Any, Any] = {}
    for key, event in keyed(projection, log.read(0, 10_000)):
        given = states.get(key)
        before = deepcopy(given)
        folded = projection.fold(given, event)
        assert given == before
        assert projection.fold(given, event) == folded
        states[key] = folded[0]


@every_projection
def test_a_state_is_the_same_after_being_stored(projection: Projection[Any], log: Recorder) -> None:
    folded = fold_batch(projection, keyed(projection, log.read(0, 10_000)), {})
    for state in folded.states.values():
        stored = msgspec.json.encode(state)
        assert msgspec.json.decode(stored, type=projection.state) == state


@every_projection
def test_a_state_holds_no_sets_for_their_order_is_not_the_same_in_every_process(projection: Projection[Any]) -> None:
    assert "SetType(" not in repr(msgspec.inspect.type_info(projection.state))


@pytest.mark.usefixtures("folded")
@pytest.mark.parametrize(
    "plain",
    ["332404010190", "332404100124", "siti-head", "Krajan", "Modal untuk", "primary_school", "1990-01-01", "Sari"],
)
def test_no_row_holds_personal_data_in_the_clear(plain: str, connect: Connect) -> None:
    held = json.dumps([dump(connect, projection) for projection in PROJECTIONS], default=str)
    assert plain not in held


@pytest.mark.usefixtures("folded")
def test_every_row_table_has_a_natural_key_and_no_default(rows: Connection[DictRow]) -> None:
    made_up = rows.execute(
        "SELECT table_name, column_name, column_default FROM information_schema.columns"
        " WHERE table_schema = 'read' AND (column_default IS NOT NULL OR is_identity = 'YES')"
    ).fetchall()
    assert made_up == []
    keys = {
        row["table"]: set(row["columns"])
        for row in rows.execute(
            "SELECT c.relname AS table, array_agg(a.attname::text) AS columns FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (indkey)"
            " WHERE i.indisprimary AND c.relnamespace = 'read'::regnamespace GROUP BY c.relname"
        )
    }
    for projection in PROJECTIONS:
        for table in (state_table(projection), *projection.tables):
            assert keys[table.name] == set(table.key)
