"""An agency's feed by cursor: the messages that Kafka brings to others, whole and in order."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.app import build
from consumers.contracts import CODES
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from projections.engine.shard import division
from projections.referral_rows import PROJECTION
from tests.api.rig import ADMINISTRATOR, Day, Rig, client_of, services_on
from tests.api.test_rendering import held_to


@pytest.fixture
def unfolded(database: str) -> Iterator[Rig]:
    """A rig whose projections the test itself runs."""
    time = Day()
    with services_on(database, time) as services:
        app = build(services)
        with client_of(app) as client:
            yield Rig(client, services, time, app, database)


def items(rig: Rig, who: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    return list(rig.get("/v1/feed", who, **query).json()["items"])


def fold(rig: Rig, *names: str) -> None:
    for projection in PROJECTIONS:
        if projection.name in names:
            Runner(lambda: psycopg.connect(rig.url), rig.services.log, projection).catch_up()  # type: ignore[arg-type]


def test_a_message_is_what_its_schema_says_with_what_its_contract_lists(rig: Rig) -> None:
    agency, officer = rig.agency()
    service = rig.service(agency)
    referral = rig.referral(rig.household(), service)
    rig.latest("/v1/referrals")
    answer = rig.get("/v1/feed", officer)
    (sent,) = answer.json()["items"]
    assert (sent["type"], sent["referral"], sent["service"], sent["on"], sent["state"]) == (
        "rujukan.referral.sent.v1", referral, service, "2026-06-15", "sent",
    )  # fmt: skip
    assert sent["id"] == f"{sent['position']}.{sent['type']}.{agency}"
    assert sent["codes"] == {
        "legal_basis": "consent",
        "region": "33.24.04.2007",
        "respond_by": "2026-06-23",
        "expires_on": "2026-07-23",
        "calendar": "official",
    }
    assert set(sent["codes"]) <= set(CODES[sent["type"]])
    with psycopg.connect(rig.url) as connection:
        (moment,) = connection.execute(
            "SELECT to_char(logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || 'Z' FROM rujukan_events"
            " WHERE notification_id = %s",
            [sent["position"]],
        ).fetchone() or [""]
    assert sent["time"] == moment


def test_what_stands_before_a_message_without_a_contract_is_read_and_then_it_is_said(rig: Rig) -> None:
    agency, officer = rig.agency()
    referrals = [rig.referral(rig.household(), rig.service(agency)) for _ in range(3)]
    rig.latest("/v1/referrals")
    of_tomorrow = "UPDATE read.referral_feed SET type = 'rujukan.of.tomorrow' WHERE referral = %s"
    with psycopg.connect(rig.url) as connection:
        connection.execute(of_tomorrow, [referrals[1]])
    page = rig.get("/v1/feed", officer).json()
    assert [item["referral"] for item in page["items"]] == referrals[:1]
    answer = rig.client.get("/v1/feed", params={"after": page["next_after"]}, headers=officer)
    assert (answer.status_code, answer.json()["code"], "Retry-After" in answer.headers) == (503, "no-contract", True)


def test_the_feed_and_its_stream_are_of_one_form(rig: Rig) -> None:
    from api.feed import Feed

    agency, officer = rig.agency()
    rig.referral(rig.household(), rig.service(agency))
    rig.latest("/v1/referrals")
    held_to(Feed, rig.get("/v1/feed", officer))


def test_a_reader_by_cursor_loses_nothing_of_a_shard_that_lags(unfolded: Rig) -> None:
    rig = unfolded
    agency, officer = rig.agency()
    service = rig.service(agency)
    fold(rig, "directories")
    ahead, behind = division(2)
    homes: dict[bool, str] = {}
    while len(homes) < 2:
        home = rig.household()
        homes.setdefault(ahead.holds(UUID(home)), home)
    late, early = rig.referral(homes[False], service), rig.referral(homes[True], service)
    first, second = (
        Runner(lambda: psycopg.connect(rig.url), rig.services.log, PROJECTION, shard=shard)  # type: ignore[arg-type]
        for shard in (ahead, behind)
    )
    first.catch_up()
    answer = rig.get("/v1/feed", officer).json()
    assert answer == {"items": [], "next_after": 0}
    second.catch_up()
    assert [item["referral"] for item in items(rig, officer, after=answer["next_after"])] == [late, early]


def test_the_last_event_received_wins_over_the_cursor(rig: Rig) -> None:
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    for _ in range(3):
        rig.referral(household, service)
    rig.latest("/v1/referrals")
    positions = [item["position"] for item in items(rig, officer)]
    found = rig.get("/v1/feed", {**officer, "Last-Event-ID": str(positions[1])}, after=0).json()
    assert [item["position"] for item in found["items"]] == positions[2:]
    found = rig.get("/v1/feed", {**officer, "Last-Event-ID": str(positions[2])}, after=0).json()
    assert found == {"items": [], "next_after": positions[2]}


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("given", ["", "abc", "-1", "1.0", "0x1", "²", "1 2", "1,2", str(2**63), "9" * 30])
def test_a_last_event_that_is_no_position_is_malformed(rig: Rig, given: str, accept: str) -> None:
    _, officer = rig.agency()
    headers = [*officer.items(), ("Last-Event-ID", given.encode("latin-1")), ("Accept", accept)]
    answer = rig.client.get("/v1/feed", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        400, "malformed-last-event-id", "Last-Event-ID",
    )  # fmt: skip
    if given:
        assert given not in answer.text.replace("Last-Event-ID", "")


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("given", ["after", "Last-Event-ID"])
def test_a_place_beyond_the_end_of_the_log_is_refused_and_the_end_itself_is_not(
    own_rig: Rig, given: str, accept: str
) -> None:
    rig = own_rig
    _, officer = rig.agency()
    rig.latest("/v1/referrals")
    head = rig.services.log.head()

    def read(position: int) -> httpx.Response:
        if given == "after":
            return rig.client.get("/v1/feed", headers={**officer, "Accept": accept}, params={"after": position})
        headers = {**officer, "Accept": accept, "Last-Event-ID": str(position)}
        return rig.client.get("/v1/feed", headers=headers, params={"after": 0})

    problem = read(head + 1)
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert (problem.status_code, problem.json()["code"], problem.json()["field"]) == (400, "position-beyond-log", given)
    assert problem.json()["detail"] == f"The log ends at position {head}."
    if accept == "application/json":
        assert read(head).json() == {"items": [], "next_after": head}
    else:
        rig.services.streams.end()
        assert read(head).status_code == 200


def test_two_last_events_are_none(rig: Rig) -> None:
    _, officer = rig.agency()
    headers = [*officer.items(), ("Last-Event-ID", "1"), ("Last-Event-ID", "2")]
    assert rig.client.get("/v1/feed", headers=headers).status_code == 400


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_only_agencies_have_a_feed(rig: Rig, accept: str) -> None:
    rig.get("/v1/feed", {**ADMINISTRATOR, "Accept": accept}, 403)
    rig.get("/v1/feed", {"Accept": accept}, 401)
