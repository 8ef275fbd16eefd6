"""Reads JSON bodies strictly: UTF-8, no repeated names, no strange numbers, not deep, and text that can be stored."""

import json
from typing import Any, NoReturn

from api.problems import Refusal

DEEPEST = 16
"""How many levels of arrays and objects a body may have; none of ours has more than three."""

MOST = 5_000
"""How many values a body may hold; the longest of ours has some hundreds. Each may be a fault to tell of."""

BETWEEN_VALUES = b",[{"
"""A body has one of these for each value but the first. In texts they are counted too, which are never so long."""

TOO_MANY = f"The body holds more than {MOST:,} values."


def parse(body: bytes) -> Any:
    """Raises `Refusal`: 400 for what is not such JSON, 422 for text that holds NUL or half a surrogate pair."""
    if sum(body.count(sign) for sign in BETWEEN_VALUES) > MOST:
        raise Refusal(400, "malformed-body", TOO_MANY)
    try:
        found = json.loads(body.decode(), object_pairs_hook=_unrepeated, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refusal(400, "malformed-body", "The body is not UTF-8.") from None
    except RecursionError:
        raise Refusal(400, "malformed-body", "The body is nested too deeply.") from None
    except ValueError:
        raise Refusal(400, "malformed-body", "The body is not JSON.") from None
    _check(found)
    return found


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header says JSON, of whichever kind."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def storable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold this text."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal(400, "malformed-body", "The body has the same name twice in one object.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise Refusal(400, "malformed-body", f"The body is not JSON: {name} is no number of it.")


def _check(found: Any) -> None:
    level, count = [found], 0
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                if not (value.isascii() and value.isprintable()) and not storable(value):
                    raise Refusal(422, "text-not-storable", "A text holds a character that cannot be stored.")
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
        if not below:
            return
        count += len(below)
        if count > MOST:
            raise Refusal(400, "malformed-body", TOO_MANY)
        level = below
    raise Refusal(400, "malformed-body", f"The body is nested more than {DEEPEST} levels deep.")
