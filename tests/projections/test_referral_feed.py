"""An agency's feed: what happened to its referrals, in order, and nothing of it ever passed over."""

import json
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from infra.event_log.recorder import Recorder
from projections import referral_feed
from projections.engine.runner import Connect, Runner
from projections.engine.shard import division
from projections.referral_rows import PROJECTION
from tests.projections.story import named


def called(*names: str) -> set[str]:
    return {str(named(name)) for name in names}


@pytest.mark.usefixtures("folded")
def test_a_feed_tells_an_agency_of_its_own_in_the_order_of_the_log(rows: Connection[DictRow]) -> None:
    messages = referral_feed.read(rows, named("centre"), 0, 100)
    positions = [message["position"] for message in messages]
    assert positions == sorted(positions)
    assert {message["referral"] for message in messages} == called("second", "fourth")
    assert [m["type"].removeprefix("rujukan.referral.") for m in messages if m["referral"] == str(named("second"))] == [
        "sent.v1", "accepted.v1", "cancellation_requested.v1", "cancellation_refused.v1", "failed.v1", "settled.v1",
    ]  # fmt: skip
    assert referral_feed.read(rows, named("centre"), positions[2], 2) == messages[3:5]
    assert referral_feed.read(rows, named("nobody"), 0, 100) == []


@pytest.mark.usefixtures("folded")
def test_a_feed_holds_codes_dates_and_ids_and_no_other_agencys_referral(rows: Connection[DictRow]) -> None:
    messages = referral_feed.read(rows, named("bank"), 0, 100) + referral_feed.read(rows, named("centre"), 0, 100)
    sent = next(m for m in messages if m["referral"] == str(named("second")))
    assert sent["codes"] == {
        "calendar": "official",
        "expires_on": "2026-03-20",
        "legal_basis": "statutory_duty",
        "region": "33.24.04.2005",
        "respond_by": "2026-02-20",
        "service": str(named("training")),
    }
    redirected = next(m for m in messages if m["type"].endswith("redirected.v1"))
    assert redirected["codes"] == {}
    assert "box" not in json.dumps([m["codes"] for m in messages])


@pytest.mark.usefixtures("folded")
def test_the_newest_of_each_agency_is_the_last_of_its_feed(rows: Connection[DictRow]) -> None:
    asked = [named(name) for name in ("bank", "centre", "nobody")]
    assert referral_feed.newest(rows, asked) == {
        agency: referral_feed.read(rows, agency, 0, 100)[-1]["position"] for agency in asked[:2]
    }
    assert referral_feed.newest(rows, []) == {}


def test_nothing_is_shown_before_anything_was_folded(rows: Connection[DictRow]) -> None:
    assert referral_feed.read(rows, named("bank"), 0, 100) == []
    assert referral_feed.newest(rows, [named("bank")]) == {}


def test_a_reader_that_follows_by_position_misses_nothing_of_a_shard_that_lags(
    connect: Connect, log: Recorder, rows: Connection[DictRow]
) -> None:
    behind, ahead = (Runner(connect, log, PROJECTION, shard=shard) for shard in division(2))
    ahead.catch_up()
    agencies = [row["agency"] for row in rows.execute("SELECT DISTINCT agency FROM read.referral_feed")]
    assert agencies
    assert referral_feed.newest(rows, agencies) == {}
    seen: dict[UUID, list[DictRow]] = {agency: [] for agency in agencies}
    reached = 0
    while reached < log.head():
        reached = behind.catch_up(reached + 10)
        rows.rollback()
        for agency, messages in seen.items():
            messages += referral_feed.read(rows, agency, messages[-1]["position"] if messages else 0, 100)
            last = messages[-1]["position"] if messages else None
            assert referral_feed.newest(rows, [agency]).get(agency) == last
            assert all(message["position"] <= reached for message in messages)
    assert seen == {agency: referral_feed.read(rows, agency, 0, 100) for agency in agencies}
