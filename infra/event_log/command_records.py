"""What commands leave beside events: look-up rows, receipts and refusals."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from domain.errors import Refused
from domain.values import Actor, LookupKey, Receipt
from infra.event_log.appends import Release
from infra.event_log.reader import LogReader
from infra.event_log.reconnecting import reconnecting

RECEIPTS_KEPT = "30 days"
CLAIMING_CONNECTIONS = 40
"""As many as requests are carried out at once, on sessions of their own: commands never wait for those who wait for
commands. Each holds one while its command runs."""


class CommandRecords(LogReader):
    """The tables `identity_index`, `idempotency` and `refusals`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        session: Any = self.datastore.pool.kwargs
        self._claiming: ConnectionPool[Connection[DictRow]] = ConnectionPool(
            kwargs={**session, "autocommit": True}, min_size=0, max_size=CLAIMING_CONNECTIONS, open=False
        )

    def find_identity(self, key: LookupKey) -> Release | None:
        """Whose a family card or identity number is: the household, and the member for the latter."""
        rows = self._rows(
            "SELECT i.household, i.member FROM unnest(%s::bytea[], %s::int[]) AS k (digest, version)"
            " JOIN identity_index i ON i.kind = %s AND i.digest = k.digest AND i.key_version = k.version LIMIT 1",
            [one.digest for one in key.all],
            [one.version for one in key.all],
            key.kind,
        )
        return (rows[0]["household"], rows[0]["member"]) if rows else None

    def erased_keys(self, after: int) -> list[tuple[int, list[UUID]]]:
        """The keys to be destroyed by each erasure logged behind this position, with its own; by an index of few."""
        rows = self._rows(
            "SELECT notification_id, convert_from(state, 'UTF8')::jsonb -> 'keys' AS keys FROM rujukan_events"
            " WHERE topic = 'household.personal_data_erased.v1' AND notification_id > %s ORDER BY notification_id",
            after,
        )
        return [(row["notification_id"], [UUID(key) for key in row["keys"]]) for row in rows]

    def receipt(self, caller: str, route: str, key: str) -> Receipt | None:
        """What an earlier command under this idempotency key left, for 30 days."""
        rows = self._rows(
            "SELECT caller, route, key, fingerprint, status, location, ids, position, version FROM idempotency"
            f" WHERE caller = %s AND route = %s AND key = %s AND created_at > now() - interval '{RECEIPTS_KEPT}'",
            caller,
            route,
            key,
        )
        return Receipt(**{**rows[0], "fingerprint": bytes(rows[0]["fingerprint"])}) if rows else None

    def forget_receipts(self) -> int:
        """Removes receipts past their time and returns how many there were."""
        return self._number("SELECT forget_receipts() AS number")

    @contextmanager
    def claiming(self, caller: str, route: str, key: str) -> Iterator[bool]:
        """Whether this idempotency key is ours while inside; False where a command under it is being carried out.

        Holds across processes. Should the connection be lost meanwhile, the receipt's own key still keeps a second
        command out.
        """
        text = f"{caller}\0{route}\0{key}".encode()
        number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)
        self._claiming.open()
        connection, ours = reconnecting(self._claiming, lambda: self._try_lock(number))
        try:
            yield ours
        finally:
            if ours:
                with suppress(psycopg.Error):  # a connection that was lost has given the lock up by that
                    connection.execute("SELECT pg_advisory_unlock(%s::bigint)", [number])
            self._claiming.putconn(connection)

    def _try_lock(self, number: int) -> tuple[Connection[DictRow], bool]:
        connection = self._claiming.getconn()
        try:
            row = connection.execute("SELECT pg_try_advisory_lock(%s::bigint) AS ours", [number]).fetchone()
        except BaseException:
            self._claiming.putconn(connection)
            raise
        return connection, bool(row and row["ours"])

    def record_refusal(self, actor: Actor, stream: UUID, kind: str, refused: Refused) -> None:
        """Keeps an attempt that the tables do not allow; `kind` is `household` or `referral`."""
        self._carry_out(
            lambda cursor: cursor.execute(
                "INSERT INTO refusals (actor, role, stream, kind, state, action, code, allowed, position)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, coalesce((SELECT notification_id FROM rujukan_events"
                " WHERE originator_id = %s ORDER BY originator_version DESC LIMIT 1), 0))",
                [actor.sub, actor.role.value, stream, kind, refused.state, refused.action, refused.code,
                 list(refused.allowed), stream],
            )
        )  # fmt: skip

    def close_sessions(self) -> None:
        super().close_sessions()
        self._claiming.close()
