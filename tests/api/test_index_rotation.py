"""While the index key is rotated every number is found, and none is given to a second household."""

from contextlib import closing
from typing import Any

import psycopg
import pytest

from infra.keys import index_rotation
from infra.keys.database import KeyDatabase
from infra.keys.index_rotation import rotate_index
from infra.keys.sealer import Keys
from infra.postgres.names import beside
from tests.api.rig import MASTER_KEY, MINISTRY, OFFICER, Rig, a_member, identity, registration
from tests.api.test_erasures import erased


class CutShort(BaseException):
    pass


def rotate(rig: Rig, progress: Any = lambda _done, _total: None) -> tuple[int, int]:
    services: Any = rig.services
    return rotate_index(rig.url, beside(rig.url), MASTER_KEY, services.sealer, services.log, progress)


def each_belongs_to_one_household(rig: Rig, cards: list[dict[str, Any]]) -> None:
    for card in cards:
        nik = card["members"][0]["nik"]
        for sought in ({"kk": card["kk"]}, {"nik": nik}):
            rig.post("/v1/households/lookup", sought, MINISTRY, 200)
        for again in (registration(kk=card["kk"]), registration(members=[a_member(nik=nik)])):
            assert rig.post("/v1/households", again, OFFICER, 409).json()["code"] == "already-registered"


def rows(url: str) -> list[tuple[int, int]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT key_version, count(*) FROM identity_index GROUP BY 1 ORDER BY 1").fetchall()


def test_numbers_are_found_and_taken_before_within_and_after(own_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rotation, "BATCH", 2)
    cards = [registration() for _ in range(5)]
    for card in cards:
        own_rig.post("/v1/households", card)
    seen = []

    def within(done: int, total: int) -> None:
        cards.append(registration())
        own_rig.post("/v1/households", cards[-1])
        each_belongs_to_one_household(own_rig, cards)
        seen.append((done, total))

    assert rotate(own_rig, within) == (10, 0)
    assert seen[-1] == (5, 5)
    each_belongs_to_one_household(own_rig, cards)
    assert rows(own_rig.url) == [(2, 2 * len(cards))]
    assert rotate(own_rig)[0] == 2 * len(cards)
    each_belongs_to_one_household(own_rig, cards)
    assert rows(own_rig.url) == [(3, 2 * len(cards))]


def test_a_process_that_read_the_keys_just_before_finds_numbers_after(own_rig: Rig) -> None:
    card, services = registration(), own_rig.services
    own_rig.post("/v1/households", card)
    with closing(KeyDatabase(beside(own_rig.url), MASTER_KEY)) as store:
        rotating: Any = services
        sealer = Keys(store)
        services.sealer.digest("kk", card["kk"])
        rotate_index(own_rig.url, beside(own_rig.url), MASTER_KEY, sealer, rotating.log, lambda _done, _total: None)
        each_belongs_to_one_household(own_rig, [card])


def test_one_that_was_cut_short_is_gone_on_with(own_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rotation, "BATCH", 2)
    cards = [registration() for _ in range(5)]
    for card in cards:
        own_rig.post("/v1/households", card)

    def cut_short(done: int, _total: int) -> None:
        raise CutShort

    with pytest.raises(CutShort):
        rotate(own_rig, cut_short)
    assert rows(own_rig.url) == [(1, 10), (2, 4)]
    each_belongs_to_one_household(own_rig, cards)
    assert rotate(own_rig) == (6, 0)
    assert rows(own_rig.url) == [(2, 10)]
    each_belongs_to_one_household(own_rig, cards)


def test_a_process_that_has_not_heard_of_the_new_key_claims_nothing(own_rig: Rig) -> None:
    card = registration()
    own_rig.post("/v1/households", registration())
    with psycopg.connect(own_rig.url, autocommit=True) as connection:
        connection.execute("INSERT INTO index_keys VALUES (1), (2)")
        answer = own_rig.post("/v1/households", card, MINISTRY, 409)
        assert (answer.json()["code"], answer.headers["Retry-After"]) == ("contended", "1")
        connection.execute("DELETE FROM index_keys")
    own_rig.post("/v1/households", card)


def test_numbers_of_whom_was_erased_are_not_entered_anew(own_rig: Rig) -> None:
    one, other = registration(), registration()
    household = str(own_rig.post("/v1/households", one).json()["id"])
    own_rig.post("/v1/households", other)
    erased(own_rig, household)
    assert rotate(own_rig) == (2, 0)
    each_belongs_to_one_household(own_rig, [other])
    own_rig.post("/v1/households/lookup", {"kk": one["kk"]}, identity("ministry-3", "programme_officer"), 404)
