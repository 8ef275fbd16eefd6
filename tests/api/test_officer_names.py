"""Names in office are remembered once opened, and no longer told when their key is gone."""

from typing import Any
from uuid import uuid4

import pytest

from api.officer_names import OfficerNames
from tests.api.rig import ADMINISTRATOR, Rig


def rows(rig: Rig) -> list[dict[str, Any]]:
    with rig.services.pool.connection() as connection:
        return connection.execute("SELECT facilitator, name FROM read.facilitators ORDER BY facilitator").fetchall()


@pytest.fixture
def appointed(own_rig: Rig) -> list[dict[str, Any]]:
    for name in ("Siti Aminah", "Budi Santoso"):
        own_rig.post("/v1/facilitators", {"name": name, "pillar": "pkh", "region": "33.24"}, ADMINISTRATOR)
    own_rig.latest("/v1/facilitators", ADMINISTRATOR)
    return rows(own_rig)


def test_they_are_told_as_often_as_they_are_asked(own_rig: Rig, appointed: list[dict[str, Any]]) -> None:
    names = OfficerNames(own_rig.services.sealer, most=1)
    for _ in range(3):
        assert {row["name"] for row in names.opened(appointed)} == {"Siti Aminah", "Budi Santoso"}
    assert [row["name"] for row in names.opened([{**appointed[0], "name": None}])] == [None]


def test_one_whose_key_was_destroyed_is_not_told_though_it_was_remembered(
    own_rig: Rig, appointed: list[dict[str, Any]]
) -> None:
    names = OfficerNames(own_rig.services.sealer)
    before = [row["name"] for row in names.opened(appointed)]
    own_rig.services.destroyer.destroy_keys([appointed[0]["facilitator"]])
    assert [row["name"] for row in names.opened(appointed)] == [None, before[1]]


def test_a_box_that_was_put_into_another_row_is_not_told(own_rig: Rig, appointed: list[dict[str, Any]]) -> None:
    names = OfficerNames(own_rig.services.sealer)
    names.opened(appointed)
    one, other = appointed
    moved = [{**other, "name": one["name"]}, {**one, "facilitator": uuid4()}]
    assert [row["name"] for row in names.opened(moved)] == [None, None]
