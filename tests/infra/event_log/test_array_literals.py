"""Arrays reach the server as they are, whatever is in them."""

from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from infra.event_log.array_literals import binary, plain, quoted

texts = some.text(some.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(
    some.lists(texts),
    some.lists(some.binary()),
    some.lists(some.uuids()),
    some.lists(some.integers(-(2**63), 2**63 - 1)),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_sent_is_what_arrives(
    server: str, words: list[str], states: list[bytes], ids: list[UUID], numbers: list[int]
) -> None:
    with psycopg.connect(server) as connection:
        row = connection.execute(
            "SELECT %s::text[], %s::bytea[], %s::uuid[], %s::bigint[]",
            [quoted(words), binary(states), plain(ids), plain(numbers)],
        ).fetchone()
    assert row == (words, states, ids, numbers)
