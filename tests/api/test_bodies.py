"""Bodies that are no bodies: not JSON, too large, too deep, of another kind, or none."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.api.rig import ADMINISTRATOR, MINISTRY, OFFICER, Rig, registration

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"kk=1",
        b"{",
        b'{"kk": 1,}',
        b'{"kk": NaN}',
        b'{"kk": -Infinity}',
        b'{"kk": "1", "kk": "2"}',
        b'{"kk": "\xff"}',
        b"\xef\xbb\xbf{}",
        json.dumps({"kk": "1"}).encode("utf-16"),
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * 30 + b"]" * 30,
        b'{"kk": ' + b"9" * 5000 + b"}",
        b" ",
    ],
    ids=lambda body: body[:20],
)
def test_what_is_not_json_by_our_rules_is_malformed(rig: Rig, body: bytes) -> None:
    answer = rig.client.post("/v1/households", content=body, headers={**MINISTRY, **JSON})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-body")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"', b"true", b"{}", b'{"kk": "\\ud800"}'])
def test_json_that_is_no_registration_is_invalid(rig: Rig, body: bytes) -> None:
    assert rig.client.post("/v1/households", content=body, headers={**MINISTRY, **JSON}).status_code == 422


def test_a_body_that_is_no_object_is_at_fault_as_a_whole(rig: Rig) -> None:
    answer = rig.client.post("/v1/households", content=b"[]", headers={**MINISTRY, **JSON})
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


def test_a_body_that_is_needed_and_missing_is_invalid(rig: Rig) -> None:
    answer = rig.client.post("/v1/households", headers=MINISTRY)
    assert (answer.status_code, answer.json()["field"]) == (422, "body")
    assert answer.json()["errors"] == [{"field": "body", "code": "missing", "detail": "A JSON body is required"}]


def test_a_body_whose_fields_are_all_optional_may_be_left_out(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency))
    assert rig.client.post(f"/v1/referrals/{referral}/received", headers=officer).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_another_content_type_is_refused(rig: Rig, kind: str) -> None:
    content = json.dumps(registration()).encode()
    answer = rig.client.post("/v1/households", content=content, headers={**MINISTRY, "Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


def test_json_may_say_its_character_set(rig: Rig) -> None:
    content = json.dumps(registration()).encode()
    headers = {**MINISTRY, "Content-Type": "application/json; charset=utf-8"}
    assert rig.client.post("/v1/households", content=content, headers=headers).status_code == 201


@pytest.mark.parametrize("size", [1_000_001, 10_000_000, 40_000_000])
def test_a_body_above_a_megabyte_is_too_large(rig: Rig, size: int) -> None:
    before = rig.count_events()
    answer = rig.client.post("/v1/households", content=b'"' + b"x" * size, headers={**MINISTRY, **JSON})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert rig.count_events() == before


def test_a_body_above_a_megabyte_is_too_large_in_chunks_too(rig: Rig) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'"'
        for _ in range(2000):
            yield b"x" * 1000

    answer = rig.client.post("/v1/households", content=chunks(), headers={**MINISTRY, **JSON})
    assert answer.status_code == 413


def test_who_asks_first_whether_to_send_so_much_is_told_at_once(rig: Rig) -> None:
    headers = {**MINISTRY, **JSON, "Expect": "100-continue"}
    assert rig.client.post("/v1/households", content=b"x" * 1_000_001, headers=headers).status_code == 413


def test_a_body_just_below_is_read(rig: Rig) -> None:
    body = registration(address="x" * 900_000)
    assert rig.post("/v1/households", body, OFFICER, 422).json()["field"] == "address"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{" + b",".join(b'"a%d":0' % n for n in range(80_000)) + b"}", 400, "malformed-body"),
        (b'{"members":[' + b",".join([b"{}"] * 300_000) + b"]}", 400, "malformed-body"),
        (b'{"kk":[' + b",".join([b"1"] * 450_000) + b"]}", 400, "malformed-body"),
        (b"{" + b",".join([b'"a":0'] * 150_000) + b"}", 400, "malformed-body"),
        (b"[" + b"[]," * 330_000 + b"[]]", 400, "malformed-body"),
        (b'{"kk":' + b"1" + b"0" * 4200 + b"}", 422, "invalid"),
        (b'{"kk":1e400}', 422, "invalid"),
        (b'{"kk":0.' + b"1" * 900_000 + b"}", 422, "invalid"),
        (b'{"address":"' + b"\\u0041" * 150_000 + b'"}', 422, "invalid"),
        (b'{"' + b"k" * 900_000 + b'":1}', 422, "invalid"),
    ],
    ids=[
        "fields",
        "members",
        "numbers",
        "one name",
        "lists",
        "huge",
        "infinite",
        "long fraction",
        "escapes",
        "long name",
    ],
)
def test_bodies_made_to_be_costly_are_refused_at_little_cost(rig: Rig, body: bytes, status: int, code: str) -> None:
    began = time.thread_time()
    answer = rig.client.post("/v1/households", content=body, headers={**MINISTRY, **JSON})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.text) < 4000
    assert time.thread_time() - began < 1


def test_a_body_as_long_as_any_of_ours_is_read(rig: Rig) -> None:
    agency, _ = rig.agency()
    regions = [f"{province}.{regency:02}" for province in range(11, 22) for regency in range(1, 55)]
    body = {"agency": agency, "name": "Modal", "kind": "capital", "regions": regions, "response_days": 5}
    assert rig.post("/v1/services", body, ADMINISTRATOR, None).json()["code"] == "unknown-region"
