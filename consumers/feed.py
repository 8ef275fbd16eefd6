"""The feed: what Kafka brings to some agencies, for others to fetch; the same messages with the same ids."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from consumers.contracts import NoContract, referral_message
from consumers.taking_in.intake import Connect
from domain.errors import NoWordsYet
from projections import referral_feed


class Feed:
    """Each answer is read in one snapshot, on a session that is given back before it is returned."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def read(self, agency: UUID, after: int, limit: int) -> list[dict[str, Any]]:
        """Messages behind a position, in order: what the message holds, with its `id`, and `time` in RFC 3339.

        As in Kafka, those before one that no contract tells of come; where that is the next, raises `NoWordsYet`.
        """
        with self._connect() as connection:
            rows = referral_feed.read(connection, agency, after, limit)
        found: list[dict[str, Any]] = []
        for row in rows:
            try:
                found.append(_item(row))
            except NoContract:
                if not found:
                    raise NoWordsYet from None
                break
        return found

    def newest(self, agencies: Collection[UUID]) -> Mapping[UUID, int]:
        """The position of the last message of each; those are left out for whom there is none."""
        with self._connect() as connection:
            return referral_feed.newest(connection, agencies)


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    message = referral_message(row)
    return {"id": message.id, **message.data, "time": message.time}
