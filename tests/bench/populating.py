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
That the API then counts so many times the graduations of the sample is checked.
"""

import psycopg
from psycopg import Connection
from starlette.testclient import TestClient

from api.app import build
from domain.values import Actor
from infra.bootstrap import Composed
from infra.sample.identities import PROGRAMME_OFFICER
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.bench.bench import Bench
from tests.bench.copying import HELPERS, copy, one, regencies
from tests.bench.logs import DAY, load_sample
from tests.development import authorization

HOUSEHOLDS, FACILITATORS = 1_000_000, 33_000
READ = ("households", "directories", "referrals", "graduations", "follow_up")
"""Projections whose tables the measured routes read."""
AS_THEY_ARE = frozenset({"referral_feed", "programmes", "targets", "graduation_targets"})

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
    of_sample = _graduated(whole)
    with psycopg.connect(whole.url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(HELPERS)
        families = one(connection, "SELECT count(*) FROM read.households")
        copies = -(-bench.many(HOUSEHOLDS) // families)
        width = max(1, copies * families // events)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench.regency VALUES (%s, %s)", list(enumerate(regencies())))
        bench.tell(f"a log of {events * width:,} events")
        _replace_log(connection, width)
        for table in (t for p in PROJECTIONS if p.name in READ for t in p.tables if t.name not in AS_THEY_ARE):
            bench.tell(f"{copies:,} copies of {table.name}")
            copy(connection, table, copies, width, bench.many(FACILITATORS))
        connection.execute(
            "UPDATE read.projection_position SET (position, changed, changed_at) = (%s, %s, now())",
            [events * width] * 2,
        )
        connection.execute("CHECKPOINT")
        connection.execute("VACUUM")  # rows are not known to be visible to all before their commits are on disk
        many = one(connection, "SELECT count(*) FROM read.households")
    found = _graduated(whole)
    if many != copies * families or found != [copies * each for each in of_sample]:
        raise RuntimeError(f"{many} households and {found} graduations are not {copies} times those of the sample.")
    return many


def _graduated(whole: Composed) -> list[int]:
    """How many graduated in each year, as the API tells it."""
    client = TestClient(build(whole.services), base_url="http://127.0.0.1:8000")
    header = {"Authorization": signed(whole, PROGRAMME_OFFICER)}
    answers = [client.get(f"/v1/graduations?year={DAY.year - ago}", headers=header).json() for ago in range(3)]
    return [answer["rows"][0]["count"] for answer in answers]


def signed(whole: Composed, actor: Actor) -> str:
    """The `Authorization` header by which an actor calls the API, on the day that everything is measured on."""
    return authorization(whole.settings, actor, whole.services.time.now())


def _replace_log(connection: Connection, width: int) -> None:
    """Allowed to the owner of a database that is thrown away."""
    with connection.transaction():
        connection.execute("ALTER TABLE rujukan_events DISABLE TRIGGER USER")
        connection.execute("TRUNCATE rujukan_events")
        connection.execute("ALTER TABLE rujukan_events ENABLE TRIGGER USER")
        connection.execute(LOG, {"width": width})
    connection.execute("VACUUM ANALYZE rujukan_events")
