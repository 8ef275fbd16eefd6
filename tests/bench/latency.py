"""How long single requests take, in milliseconds: the time that 95 of 100 do not exceed."""

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench.measure import percentile
from tests.bench.questions import Request
from tests.bench.statements import Statement

CLIENTS = 4
FEWEST_MADE, LONGEST = 40, 5.0
"""Requests that are always made, unless said otherwise, and seconds after which no more are begun."""
SHARE = 0.95
Clients = list[http.client.HTTPConnection]


def of_sql(requests: Sequence[Sequence[Statement]], samples: int, fewest: int = FEWEST_MADE) -> float:
    """One request after the other, each with all its statements and rows."""
    times: list[float] = []
    until = time.perf_counter() + LONGEST
    for number in range(samples):
        began = time.perf_counter()
        for statement in requests[number % len(requests)]:
            cursor = statement.session.execute(statement.text, statement.parameters)
            if cursor.description is not None:
                cursor.fetchall()
        times.append(time.perf_counter() - began)
        if time.perf_counter() > until and number >= fewest:
            break
    return percentile(times, SHARE) * 1000


@contextmanager
def _clients(port: int) -> Iterator[Clients]:
    """Connections that stay open from request to request; open already, as a server may close idle ones."""
    made = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(CLIENTS)]
    try:
        for connection in made:
            connection.connect()
        yield made
    finally:
        for connection in made:
            connection.close()


def of_http(port: int, requests: Sequence[Request], samples: int, fewest: int = FEWEST_MADE) -> float:
    """All clients at once, each its share of the requests, one after the other. Only 200 counts as an answer."""
    with _clients(port) as connections:
        return _of_all(connections, requests, samples, fewest)


def _of_all(connections: Clients, requests: Sequence[Request], samples: int, fewest: int) -> float:
    times: list[float] = []
    failed: list[Exception] = []
    until = time.perf_counter() + LONGEST

    def ask(number: int) -> None:
        try:
            for turn in range(number, samples, CLIENTS):
                times.append(_took(connections[number], requests[turn % len(requests)]))
                if failed or (time.perf_counter() > until and len(times) >= fewest):
                    break
        except Exception as fault:
            failed.append(fault)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return percentile(times, SHARE) * 1000


def _took(connection: http.client.HTTPConnection, request: Request) -> float:
    headers = {"Authorization": request.authorization} if request.authorization else {}
    began = time.perf_counter()
    connection.request("GET", request.path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200:
        raise RuntimeError(f"{request.path} was answered by {answer.status}: {body[:200]!r}")
    return took
