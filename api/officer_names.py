"""The names of facilitators, who are named in office: whoever may know people reads them, and it is not recorded.

Reports name hundreds at a time, the same again and again. So what was opened is remembered, and told for as long as the
key that it was sealed under is there: each time it is asked.
"""

import base64
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any
from uuid import UUID

from domain.ports import Sealer, Unopenable
from domain.values import Sealed

MOST = 50_000
"""Names remembered, some 20 MB: all 33,000 in office, and those of before."""

Row = Mapping[str, Any]
Place = tuple[str, str, str]
"""Whose name it is, and the box's key and content as they are stored: a box that was put elsewhere is not told."""


class OfficerNames:
    """One for all requests of a process."""

    def __init__(self, sealer: Sealer, most: int = MOST) -> None:
        self._sealer = sealer
        self._most = most
        self._opened: dict[Place, tuple[UUID, str | None]] = {}
        self._lock = Lock()

    def opened(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The same rows, each of a `facilitator`, with the `name` opened; None where its key is gone."""
        places = [
            None if (box := row["name"]) is None else (str(row["facilitator"]), box["key"], box["box"]) for row in rows
        ]
        keys = [None if place is None else self._key(place) for place in places]
        gone = self._sealer.fetch_keys(key for key in keys if key is not None)
        return [
            {**row, "name": None if key is None or place is None else self._name(place, key, gone)}
            for row, place, key in zip(rows, places, keys, strict=True)
        ]

    def _key(self, place: Place) -> UUID:
        found = self._opened.get(place)
        return UUID(place[1]) if found is None else found[0]

    def _name(self, place: Place, key: UUID, gone: set[UUID]) -> str | None:
        if key in gone:
            with self._lock:
                self._opened.pop(place, None)
            return None
        found = self._opened.get(place)
        return self._open(place, key) if found is None else found[1]

    def _open(self, place: Place, key: UUID) -> str | None:
        try:
            box = Sealed(key, base64.b64decode(place[2]))
            name: str | None = self._sealer.open(box, stream=UUID(place[0]), field="name")
        except Unopenable:  # it is not of this place, and will not be
            name = None
        with self._lock:
            if len(self._opened) >= self._most:
                self._opened.clear()
            self._opened[place] = key, name
        return name
