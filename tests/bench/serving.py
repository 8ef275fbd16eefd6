"""HTTP servers to measure, each in a process of its own on 127.0.0.1: the API, and one route that does a look-up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from api.app import build
from infra.bootstrap import READERS, composed
from infra.collector import collect_seldom
from infra.http_server import server_of
from infra.persistence import reading_parameters
from tests.bench.bench import settings_of
from tests.bench.bookmark import LONGEST, PROCESSES
from tests.bench.logs import OnTheDay


@contextmanager
def serving(home: Path, url: str, *, ours: bool) -> Iterator[int]:
    """The port of a server that answers."""
    told: Queue[int] = PROCESSES.Queue()
    process = PROCESSES.Process(target=_serve, args=(home, url, ours, told), daemon=True)
    process.start()
    try:
        yield told.get(timeout=LONGEST)
    finally:
        process.terminate()
        process.join(LONGEST)


def _serve(home: Path, url: str, ours: bool, told: "Queue[int]") -> None:
    collect_seldom()
    bound = socket.create_server(("127.0.0.1", 0))
    if ours:
        with composed(settings_of(home), url, time=OnTheDay()) as whole:
            _run(build(whole.services), bound, told)
        return
    with pool_like_ours(url) as pool:
        _run(looking_up(pool), bound, told)


def _run(app: FastAPI, bound: socket.socket, told: "Queue[int]") -> None:
    """Configured as `rujukan up` configures it."""
    server = server_of(app)

    def tell() -> None:
        while not server.started:
            threading.Event().wait(0.02)
        told.put(bound.getsockname()[1])

    threading.Thread(target=tell, daemon=True).start()
    server.run(sockets=[bound])


def pool_like_ours(url: str) -> ConnectionPool[Connection[DictRow]]:
    """As `infra.bootstrap` makes it for reading."""
    session: dict[str, Any] = reading_parameters(url)
    return ConnectionPool(
        connection_class=Connection[DictRow], kwargs=session, min_size=1, max_size=READERS, open=False
    )


LOOK_UP = "SELECT * FROM read.households WHERE household = %s"


def looking_up(pool: ConnectionPool[Connection[DictRow]]) -> FastAPI:
    """The least that a FastAPI route can do with a table: answer with a row by its primary key."""
    app = FastAPI()

    @app.get("/households/{household}")
    def one(household: UUID) -> dict[str, Any]:
        with pool.connection() as connection:
            row = connection.execute(LOOK_UP, [household]).fetchone()
        if row is None:
            raise HTTPException(404)
        return row

    return app
