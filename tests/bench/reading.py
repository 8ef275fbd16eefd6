"""Reads at a million households: what the routes cost beside a look-up by primary key.

Two comparisons, each of the 95th percentile of what single requests took. Over SQL: the statements that the real
handler executes for a request, taken down while it answers and executed again alone, against
`SELECT * FROM read.households` by primary key, on connections alike, from one thread. Over HTTP: the API as
`rujukan up` serves it against a FastAPI route that answers with that look-up, through the same kind of pool, each in a
process of its own under the same uvicorn, asked by four clients on kept connections. What a client costs is in the
figures of both sides.

Requests are those of up to 400 different callers, chosen by chance, each with the scope that the role has in life.
Households are read with their personal data, sealed for them and opened in the answer, and each reading is recorded.
`known_at` is a past moment, another for each request; its bar is over HTTP. The country's figures, and
those of a region's facilitators, are remembered until an event changes anything about graduations, and nothing changes
here: what they cost when they are not is told apart, over SQL, as "first asked". The tables are made as follows.
"""

from dataclasses import replace
from statistics import median
from typing import Any
from uuid import UUID

from api.app import build
from infra.bootstrap import Composed, composed
from infra.keys.session import keys_session
from infra.postgres.names import beside
from projections.graduation_memory import CountMemory
from tests.bench import populating
from tests.bench.bench import Bench
from tests.bench.latency import FEWEST_MADE, of_http, of_sql
from tests.bench.logs import OnTheDay
from tests.bench.measure import Kind, Measurement, alternating
from tests.bench.moments import past_moments
from tests.bench.populating import populate, signed
from tests.bench.questions import Question, Request, callers, questions, questions_of_the_past
from tests.bench.resealing import reseal, reseal_officers
from tests.bench.serving import LOOK_UP, pool_like_ours, serving
from tests.bench.statements import Statement, statements_of

__doc__ = f"{__doc__}\n{(populating.__doc__ or '').partition(chr(10))[2].strip()}"

ROW = "reading"
BY_KEY = "a look-up by primary key"
SQL_BAR, HTTP_BAR, PAST_BAR = 5.0, 3.0, 150.0
SAMPLES, FEWEST, FEW = 400, 100, 8
Ask = tuple[Request, ...]
Line = tuple[Any, ...]
"""What a measurement is made of, but for the row and the unit."""


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_reading") as url, composed(bench.settings, url, time=OnTheDay()) as whole:
        many = populate(bench, whole)
        asking = callers(url, bench.seed, lambda actor: signed(whole, actor))
        reseal(url, [household for _, household in asking.led])
        reseal_officers(url)
        now, past = questions(asking), questions_of_the_past(asking, past_moments(url, bench.seed))
        look_ups = tuple(Request(f"/households/{household}", "") for _, household in asking.led)
        found = _over_sql(bench, whole, now, [household for _, household in asking.led])
        with serving(bench.home, url, ours=True) as our_port, serving(bench.home, url, ours=False) as their_port:
            found += _over_http(bench, our_port, their_port, now, look_ups)
            found += _past(bench, our_port, past)
    size = f"{many:,} households"
    return [Measurement(ROW, f"{name}; {size}", "ms", *rest) for name, *rest in found]


def _over_sql(bench: Bench, whole: Composed, asked: list[Question], households: list[UUID]) -> list[Line]:
    found: list[Line] = []
    app = build(replace(whole.services, counted=CountMemory()))
    with (
        pool_like_ours(whole.url) as pool,
        pool.connection() as connection,
        keys_session(beside(whole.url)) as keys,
    ):
        connection.execute("SET synchronous_commit = off")  # as the session has it that records who read
        sessions = {session.info.dbname: session for session in (connection, keys)}
        by_key = [[Statement(connection, LOOK_UP.encode(), [household])] for household in households]
        for question in asked:
            bench.tell(f"SQL: {question.name}")
            first = statements_of(app, question.requests, sessions)
            statements = statements_of(app, question.requests, sessions)
            measured = [(f"SQL of {question.name}", statements, question.barred)]
            if len(first[-1]) > len(statements[-1]):
                measured.append((f"{measured[0][0]}, first asked", first, False))
            for name, asking, barred in measured:
                both = _in_turn(bench, asking, by_key, _fewest(question))
                bar = (Kind.RATIO_AT_MOST, SQL_BAR) if barred else (Kind.TOLD, None)
                bench.tell(f"  {_milliseconds(both[0])}, a look-up {_milliseconds(both[1])}")
                found.append((name, *both, BY_KEY, *bar, (f"{len(asking[0])} statements a request",)))
    return found


def _in_turn(
    bench: Bench,
    ours: list[list[Statement]],
    theirs: list[list[Statement]],
    fewest: int,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """After each side once, unmeasured, so that statements are prepared and pages read."""
    samples = bench.many(SAMPLES, FEWEST)
    for side in (ours, theirs):
        of_sql(side, samples, fewest)
    return alternating(bench.rounds, lambda _: of_sql(ours, samples, fewest), lambda _: of_sql(theirs, samples))


def _over_http(bench: Bench, our_port: int, their_port: int, asked: list[Question], look_ups: Ask) -> list[Line]:
    found: list[Line] = []
    samples = bench.many(SAMPLES, FEWEST)
    of_http(their_port, look_ups, samples)
    for question in asked:
        bench.tell(f"HTTP: {question.name}")
        of_http(our_port, question.requests, samples, _fewest(question))
        both = alternating(
            bench.rounds,
            lambda _, q=question: of_http(our_port, q.requests, samples, _fewest(q)),
            lambda _: of_http(their_port, look_ups, samples),
        )
        bar = (Kind.RATIO_AT_MOST, HTTP_BAR) if question.barred else (Kind.TOLD, None)
        bench.tell(f"  {_milliseconds(both[0])}, a look-up {_milliseconds(both[1])}")
        found.append((f"HTTP: {question.name}", *both, f"a FastAPI route with {BY_KEY}", *bar))
    return found


def _past(bench: Bench, port: int, asked: list[Question]) -> list[Line]:
    found: list[Line] = []
    samples = bench.many(SAMPLES, FEWEST)
    for question in asked:
        bench.tell(f"known in the past: {question.name}")
        of_http(port, question.requests, samples, _fewest(question))
        took = tuple(of_http(port, question.requests, samples, _fewest(question)) for _ in range(bench.rounds))
        bar = (Kind.OURS_AT_MOST, PAST_BAR) if question.barred else (Kind.TOLD, None)
        bench.tell(f"  {_milliseconds(took)}")
        found.append((f"`known_at` in the past, {question.name}", took, (), "", *bar))
    return found


def _fewest(question: Question) -> int:
    """How many requests are made at least: few of those that may take seconds."""
    return FEWEST_MADE if question.barred else FEW


def _milliseconds(took: tuple[float, ...]) -> str:
    return f"{median(took):.3g} ms"
