"""By what a rebuild is known to be the same one: the code that folds, and the form of the tables."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from projections.engine.projection import Projection

_FORM = """
SELECT 'column', attname, format_type(atttypid, atttypmod) || attcollation::text || attnotnull::text
FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %(table)s::regclass
UNION ALL
SELECT 'index', '', pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %(table)s::regclass
ORDER BY 1, 2, 3
"""


def mark_of(connection: Connection[Any], projection: Projection[Any], tables: Iterable[str], log: object) -> str:
    """Differs where the fold, the log's reader, anything of their packages, or one of the tables is not the same.

    `tables` are names with their schema. Code is compared by its text, all of it: that a change does not matter is not
    for a program to tell.
    """
    found = hashlib.blake2b(digest_size=16)
    for part in (*_code(projection, log), *_form(connection, tables)):
        found.update(part)
    return found.hexdigest()


def _code(projection: Projection[Any], log: object) -> Iterator[bytes]:
    yield f"{sys.version} {projection.fold.__qualname__} {projection.key.__qualname__}".encode()
    for module in (projection.fold.__module__, projection.key.__module__):
        yield Path(str(sys.modules[module].__file__)).read_bytes()
    packages = {type(log).__module__.partition(".")[0], __name__.partition(".")[0], "domain"}
    for package in sorted(packages):
        for folder in sys.modules[package].__path__:
            for file in sorted(Path(folder).rglob("*.py")):
                yield str(file.relative_to(folder)).encode()
                yield file.read_bytes()


def _form(connection: Connection[Any], tables: Iterable[str]) -> Iterator[bytes]:
    for table in tables:
        with connection.cursor(row_factory=tuple_row) as cursor:
            yield repr((table, cursor.execute(_FORM, {"table": table}).fetchall())).encode()
