"""Whether it lives, whether it can serve, and its numbers; for anyone who asks on this machine."""

from dataclasses import replace

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from api.app import build
from projections import log_signing
from tests.api.rig import MINISTRY, Rig, client_of


def test_it_lives_and_is_ready_with_every_projection_in_its_place(own_rig: Rig) -> None:
    rig = own_rig
    assert rig.get("/livez", {}).json() == {"status": "alive"}
    rig.household()
    rig.latest("/v1/households")
    found = rig.get("/readyz", {}).json()
    assert (found["status"], found["database"], found["head"]) == ("ready", True, 2)
    assert {place["name"] for place in found["projections"]} >= {"households", "graduations", "referrals", "follow_up"}


def test_it_is_not_ready_while_a_projection_stands_still(own_rig: Rig) -> None:
    rig = own_rig
    rig.get("/readyz", {})
    with psycopg.connect(rig.url) as connection:
        connection.execute(
            "INSERT INTO read.projection_position"
            " (name, position, changed, changed_at, moved_at, error, stopped_at_position, shard, shards,"
            " events_per_second) VALUES ('other', 1, 1, now(), now(), 'it cannot be read', 2, 0, 1, 0)"
        )
    found = rig.get("/readyz", {}, 503).json()
    assert (found["status"], [p["name"] for p in found["projections"] if p["error"]]) == ("not-ready", ["other"])
    assert [p["stopped_at_position"] for p in found["projections"] if p["error"]] == [2]
    numbers = rig.get("/metrics", {}).text
    assert 'rujukan_projection_stopped{projection="other"} 1.0' in numbers
    for name in ("position", "lag", "lag_seconds", "rate", "shards"):
        assert f'rujukan_projection_{name}{{projection="other"}} ' in numbers


def test_few_events_that_nobody_folds_are_not_served_for_long(own_rig: Rig) -> None:
    rig = own_rig
    rig.household()
    with psycopg.connect(rig.url) as connection:
        connection.execute("ALTER TABLE rujukan_events DISABLE TRIGGER rujukan_events_append_only")
        connection.execute("UPDATE rujukan_events SET logged_at = logged_at - interval '2 minutes'")
        connection.execute(
            "INSERT INTO read.projection_position VALUES ('other', 1, now(), NULL, NULL, 0, 1, 0, 1, now())"
        )
    found = rig.get("/readyz", {}, 503).json()
    assert [p["name"] for p in found["projections"] if p["lag_seconds"] > 60] == ["other"]


def test_a_divided_projection_is_as_ready_as_the_last_of_its_shards(own_rig: Rig) -> None:
    rig = own_rig
    rig.household()
    with psycopg.connect(rig.url) as connection:
        for shard, position in ((0, 2), (1, 1)):
            connection.execute(
                "INSERT INTO read.projection_position (name, position, changed, changed_at, moved_at, shard, shards,"
                " events_per_second)"
                " VALUES ('other', %s, 0, now(), now(), %s, 2, 40)",
                [position, shard],
            )
    (place,) = [p for p in rig.get("/readyz", {}).json()["projections"] if p["name"] == "other"]
    assert (place["position"], place["lag"], place["shards"]) == (1, 1, 2)
    assert 0 < place["lag_seconds"] < 600
    numbers = rig.get("/metrics", {}).text
    assert 'rujukan_projection_shards{projection="other"} 2.0' in numbers
    assert 'rujukan_projection_rate{projection="other"} 40.0' in numbers


def test_a_log_that_is_not_signed_is_served_and_told_of(own_rig: Rig) -> None:
    rig = own_rig
    rig.household()
    with psycopg.connect(rig.url) as connection:
        assert rig.get("/readyz", {}).json()["signing"]["refused"] is False
        connection.execute("INSERT INTO checkpoints (size, note) VALUES (1, E'of\\n1\\nsigned')")
        log_signing.tell(connection, "the log is another")
    found = rig.get("/readyz", {}).json()["signing"]
    assert (found["position"], found["lag"], found["refused"]) == (1, 1, True)
    assert 0 < found["lag_seconds"] < 60
    numbers = rig.get("/metrics", {}).text
    assert "the log is another" not in numbers
    for line in ("signed_position 1.0", "signed_lag 1.0", "signed_lag_seconds ", "signing_refused 1.0"):
        assert f"\nrujukan_{line}" in numbers


def test_it_is_not_ready_without_its_database_and_says_so_everywhere(rig: Rig) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    kwargs = {"row_factory": dict_row}
    with ConnectionPool(away, min_size=0, max_size=2, timeout=0.5, kwargs=kwargs) as pool:
        services = replace(rig.services, pool=pool)
        with client_of(build(services)) as client:
            assert client.get("/livez").status_code == 200
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["database"]) == (503, False)
            answer = client.get("/v1/programmes", headers=MINISTRY)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
            assert "Retry-After" in answer.headers
            assert client.get("/metrics").status_code == 503


def test_requests_are_counted_by_route_and_never_by_path(rig: Rig) -> None:
    household = rig.household()
    rig.latest(f"/v1/households/{household}")
    rig.get(f"/v1/nothing/{household}", expect=404)
    numbers = rig.get("/metrics", {}).text
    assert 'rujukan_http_requests_total{method="GET",route="/v1/households/{id}",status="200"}' in numbers
    assert 'route="none",status="404"' in numbers
    assert household not in numbers
    assert "rujukan_log_position" in numbers


def test_the_description_is_there_for_people_and_machines(rig: Rig) -> None:
    assert rig.get("/docs", {}).headers["Content-Type"].startswith("text/html")
    found = rig.get("/openapi.json", {}).json()
    assert "Problem" in found["components"]["schemas"]
    (scheme,) = found["components"]["securitySchemes"].items()
    assert (scheme[0], scheme[1]["type"], scheme[1]["scheme"]) == ("Bearer", "http", "bearer")
    assert found["paths"]["/v1/households"]["get"]["security"] == [{"Bearer": []}]
