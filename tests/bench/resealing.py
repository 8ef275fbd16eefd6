"""Personal data of copied households, and names of copied facilitators, sealed anew: a box opens in its own place."""

import base64
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from domain.ports import Sealer
from domain.values import Sealed
from tests.bench.logs import keys_of

OF_HOUSEHOLD, OF_MEMBER = ("kk", "address"), ("nik", "name", "birth_date", "details")


def reseal(url: str, households: Iterable[UUID]) -> None:
    """Gives these households the boxes that they would have had, with members and keys of their own."""
    with keys_of(url) as keys, psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT household, kk, address, members FROM read.households WHERE household = ANY(%s)", [list(households)]
        ).fetchall()
        keys.make_keys(new for row in rows for new in (row["household"], *(_member(row, m) for m in row["members"])))
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE read.households SET kk = %s, address = %s, members = %s WHERE household = %s",
                [[*map(Jsonb, _anew(row, keys)), row["household"]] for row in rows],
            )
        keys.store()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE read.households")


def reseal_officers(url: str) -> None:
    """Gives all facilitators the boxes of their names that they would have had, under keys of their own."""
    with keys_of(url) as keys, psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT facilitator, name FROM read.facilitators WHERE name->>'key' <> facilitator::text"
        ).fetchall()
        keys.make_keys(row["facilitator"] for row in rows)
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE read.facilitators SET name = %s WHERE facilitator = %s",
                [[Jsonb(_name(row, keys)), row["facilitator"]] for row in rows],
            )
        keys.store()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE read.facilitators")


def _name(row: dict[str, Any], keys: Sealer) -> dict[str, str]:
    """The key of a facilitator's name is the id of the one whom it was sealed for."""
    old, new = UUID(row["name"]["key"]), row["facilitator"]
    sealed = Sealed(old, base64.b64decode(row["name"]["box"]))
    again = keys.seal(keys.open(sealed, stream=old, field="name"), key=new, stream=new, field="name")
    return {"key": str(again.key), "box": base64.b64encode(again.box).decode()}


def _member(row: dict[str, Any], member: dict[str, Any]) -> UUID:
    return uuid5(row["household"], member["member"])


def _anew(row: dict[str, Any], keys: Sealer) -> tuple[Any, Any, list[dict[str, Any]]]:
    """The key of a household's own boxes is the id of the household they were sealed for."""
    new, old = row["household"], UUID(row["kk"]["key"])

    def box(found: dict[str, str] | None, field: str, key: UUID) -> dict[str, str] | None:
        if found is None:
            return None
        sealed = Sealed(UUID(found["key"]), base64.b64decode(found["box"]))
        again = keys.seal(keys.open(sealed, stream=old, field=field), key=key, stream=new, field=field)
        return {"key": str(again.key), "box": base64.b64encode(again.box).decode()}

    members = []
    for member in row["members"]:
        id_ = _member(row, member)
        boxes = {field: box(member[field], field, id_) for field in OF_MEMBER}
        members.append({**member, "member": str(id_), **boxes})
    return box(row["kk"], "kk", new), box(row["address"], "address", new), members
