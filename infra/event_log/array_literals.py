"""PostgreSQL's text form of arrays, put together at once: element by element, the driver takes longer than the server.

Source: PostgreSQL documentation, "Array Input and Output Syntax" and "bytea Hex Format".
"""

from collections.abc import Iterable
from uuid import UUID


def plain(values: Iterable[int | UUID | str]) -> str:
    """Of values whose text has no quotes, commas, braces, backslashes or spaces."""
    return "{" + ",".join(map(str, values)) + "}"


def quoted(values: Iterable[str]) -> str:
    return "{" + ",".join(['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]) + "}"


def binary(values: Iterable[bytes]) -> str:
    return "{" + ",".join([r'"\\x' + value.hex() + '"' for value in values]) + "}"
