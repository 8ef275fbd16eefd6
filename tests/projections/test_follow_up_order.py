"""Read off indices or gathered and sorted, a list of what waits is the same."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from domain.values import Actor, Role
from projections.follow_up import cursor_of, listing
from projections.follow_up_order import KINDS, FollowUpDays
from tests.projections.story import named

MINISTRY = Actor("ministry", Role.PROGRAMME_OFFICER)
REGION = Actor("officer", Role.REGIONAL_OFFICER, "33")
FIRST = date(2026, 6, 1)
ids = st.integers(1, 30).map(lambda n: UUID(int=n))
days = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))
items = st.lists(
    st.tuples(ids, st.sampled_from(KINDS), ids, days, st.one_of(st.none(), days), st.sampled_from(["bank", "centre"])),
    max_size=30,
    unique_by=lambda item: item[1:3],
)


@settings(max_examples=60)
@given(
    waiting=items,
    after_days=st.tuples(*[st.integers(0, 15)] * 3),
    limit=st.integers(1, 7),
    kind=st.sampled_from((None, *KINDS)),
    overdue=st.sampled_from((None, True, False)),
    as_of=days,
    agency=st.sampled_from((None, "bank")),
)
def test_pages_in_order_are_those_of_everything_sorted(
    database: str,
    waiting: list[Any],
    after_days: tuple[int, int, int],
    limit: int,
    kind: str | None,
    overdue: bool | None,
    as_of: date,
    agency: str | None,
) -> None:
    unconnected, proposal, redirect = after_days
    later = {"unconnected": unconnected, "proposal": proposal, "referral": redirect}
    asked: dict[str, Any] = {
        "kind": kind,
        "overdue": overdue,
        "as_of": as_of,
        "agency": agency and named(agency),
        "days": FollowUpDays(unconnected, proposal, redirect),
    }
    with psycopg.connect(database, row_factory=dict_row) as connection:
        connection.execute("TRUNCATE read.follow_up")
        waiting = [(*item[:4], item[4] if item[1] == "referral" else None, item[5]) for item in waiting]
        for household, of, item, since, due, by in waiting:
            connection.execute(
                "INSERT INTO read.follow_up (household, kind, item, region, stage, who, agency, since, due)"
                " VALUES (%s, %s, %s, '33.24', 'waits', 'agency', %s, %s, %s)",
                [household, of, item, named(by), since, due],
            )
        sought = [
            (due or since + timedelta(days=later[of]), of, item)
            for _, of, item, since, due, by in waiting
            if kind in (None, of) and agency in (None, by)
        ]
        expected = sorted(one for one in sought if overdue in (None, one[0] < as_of))
        for actor in (MINISTRY, REGION):
            found: list[dict[str, Any]] = []
            while page := listing(
                connection, actor, FIRST, after=cursor_of(found[-1]) if found else None, limit=limit, **asked
            ):
                found += page
            shown = [(row["due"], row["kind"], UUID(row["referral"] or row["graduation"])) for row in found]
            assert shown == expected
