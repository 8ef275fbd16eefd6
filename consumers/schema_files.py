"""The schemas of the contract, by the type of the message."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

_FOLDER = files("consumers.schemas")
_END = ".json"


def types() -> tuple[str, ...]:
    """Of the messages that agencies read and of the answers that they write, in order."""
    names = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_END) for name in names if name.endswith(_END)))


@cache
def schema(type_: str) -> dict[str, Any]:
    """All callers share it and change nothing. Raises `FileNotFoundError` for a type that is in no contract."""
    found: dict[str, Any] = json.loads(_FOLDER.joinpath(type_ + _END).read_text("utf-8"))
    return found
