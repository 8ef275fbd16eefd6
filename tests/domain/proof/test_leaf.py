"""A leaf is the canonical JSON of where and when an event stands, and of what it says."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.proof.leaf import entry, read_entry

STREAM = UUID("78a709ee-09de-40ed-ae75-2b8e70c95590")


def test_a_leaf_is_written_out() -> None:
    at = datetime(2026, 6, 30, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=7)))
    assert entry(7, at, STREAM, 2, "household.visited.v1", b"{}") == (
        b'{"logged_at":"2026-06-30T05:00:00.000001Z","position":7,'
        b'"state_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",'
        b'"stream":"78a709ee-09de-40ed-ae75-2b8e70c95590","topic":"household.visited.v1","version":2}'
    )


@given(st.integers(1, 2**53), st.datetimes(timezones=st.just(UTC)), st.uuids(), st.integers(1, 2**53), st.binary())
def test_a_leaf_is_read_back(position: int, at: datetime, stream: UUID, version: int, state: bytes) -> None:
    leaf = read_entry(entry(position, at, stream, version, "a.b.v1", state))
    assert (leaf.position, leaf.stream, leaf.version) == (position, str(stream), version)
    assert leaf.state_sha256 == sha256(state).hexdigest()
    assert datetime.fromisoformat(leaf.logged_at) == at


@pytest.mark.parametrize(
    "found", [b"", b"{}", b"[]", b'{"position": 1}', entry(1, datetime.now(UTC), STREAM, 1, "a", b"") + b" "]
)
def test_what_is_no_leaf_in_this_form_is_refused(found: bytes) -> None:
    with pytest.raises(ValueError):
        read_entry(found)
