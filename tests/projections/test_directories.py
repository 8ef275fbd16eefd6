"""Programmes, agencies, services, facilitators and targets."""

from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from projections import directories
from tests.projections.teller import ADMINISTRATOR, BANK, JOKO, MINISTRY, OFFICER, SARI, day, named

pytestmark = pytest.mark.usefixtures("folded")


def test_programmes_have_the_terms_in_force_and_their_version(rows: Connection[DictRow]) -> None:
    found = {row["code"]: row for row in directories.programmes(rows)}
    assert list(found) == ["pena", "pkh", "sembako"]
    sembako = found["sembako"]
    assert (sembako["rule_version"], sembako["version"], sembako["decile_limit"]) == (2, 2, 5)
    assert sembako["defined_on"] == day("2024-01-01")
    assert {code: (row["graduable"], row["steps"]) for code, row in found.items()} == {
        "pkh": (True, 2),
        "sembako": (True, 1),
        "pena": (False, 1),
    }


def test_agencies_are_listed_and_found(rows: Connection[DictRow]) -> None:
    assert [row["name"] for row in directories.agencies(rows)] == ["Bank Rakyat", "Sentra Terpadu"]
    bank = directories.agency(rows, named("bank"))
    assert bank is not None
    assert bank["kind"] == "state_enterprise"
    assert directories.agency(rows, named("nobody")) is None


def test_services_are_filtered_and_withdrawn_ones_shown_only_when_asked_for(rows: Connection[DictRow]) -> None:
    def names(**filters: Any) -> list[str]:
        return [row["name"] for row in directories.services(rows, **filters)]

    assert names() == ["KUR mikro", "Pelatihan usaha"]
    assert names(include_withdrawn=True) == ["KUR mikro", "Tabungan", "Pelatihan usaha"]
    assert names(agency=named("bank")) == ["KUR mikro"]
    assert names(kind="training") == ["Pelatihan usaha"]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("33.24.04.2007", ["KUR mikro", "Tabungan", "Pelatihan usaha"]),
        ("33", ["KUR mikro", "Tabungan", "Pelatihan usaha"]),
        ("33.25", ["Tabungan", "Pelatihan usaha"]),
        ("33.2", ["Tabungan", "Pelatihan usaha"]),
        ("34", ["Tabungan"]),
    ],
)
def test_services_of_a_region_are_those_offered_there_or_in_part_of_it(
    region: str, expected: list[str], rows: Connection[DictRow]
) -> None:
    found = directories.services(rows, region=region, include_withdrawn=True)
    assert [row["name"] for row in found] == expected


def test_a_service_is_found_with_its_agency_also_when_withdrawn(rows: Connection[DictRow]) -> None:
    savings = directories.service(rows, named("savings"))
    assert savings is not None
    assert (savings["agency_name"], savings["withdrawn_on"], savings["regions"]) == (
        "Bank Rakyat",
        day("2024-06-01"),
        [],
    )
    training = directories.service(rows, named("training"))
    assert training is not None
    assert (training["capacity"], training["response_days"], training["max_decile"]) == (20, 10, None)


def test_facilitators_have_their_latest_plans_and_their_end_of_office(rows: Connection[DictRow]) -> None:
    sari = directories.facilitator(rows, MINISTRY, named("sari"))
    assert sari is not None
    assert [(plan["year"], plan["measure"], plan["planned"]) for plan in sari["plans"]] == [
        (2026, "graduations", 14),
        (2026, "visits", 900),
    ]
    assert sari["name"].keys() == {"key", "box"}
    dewi = directories.facilitator(rows, MINISTRY, named("dewi"))
    assert dewi is not None
    assert (sari["retired_on"], dewi["retired_on"]) == (None, day("2026-03-01"))


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (SARI, {"sari"}),
        (JOKO, {"joko"}),
        (OFFICER, {"sari", "joko"}),
        (Actor("officer-2", Role.REGIONAL_OFFICER, "33.24.04"), {"sari"}),
        (Actor("officer-3", Role.REGIONAL_OFFICER), set()),
        (MINISTRY, {"sari", "joko", "dewi"}),
        (ADMINISTRATOR, {"sari", "joko", "dewi"}),
        (BANK, set()),
    ],
)
def test_facilitators_are_listed_within_the_callers_scope(
    actor: Actor, expected: set[str], rows: Connection[DictRow]
) -> None:
    found = directories.facilitators(rows, actor)
    assert [row["facilitator"] for row in found] == sorted(map(named, expected))
    one_by_one = {who for who in ("sari", "joko", "dewi") if directories.facilitator(rows, actor, named(who))}
    assert one_by_one == expected


def test_facilitators_are_filtered_and_paged(rows: Connection[DictRow]) -> None:
    def listed(**filters: Any) -> list[Any]:
        return [row["facilitator"] for row in directories.facilitators(rows, MINISTRY, **filters)]

    assert listed(region="33.25") == [named("dewi")]
    assert listed(pillar="tksk") == []
    everyone = listed()
    assert listed(limit=1) == everyone[:1]
    assert listed(after=everyone[0], limit=2) == everyone[1:]


def test_of_a_target_the_last_revision_holds_and_earlier_ones_at_earlier_positions(
    rows: Connection[DictRow], log: Recorder
) -> None:
    settings = [logged.position for logged in log.read(0, 10_000) if logged.topic == "target.set.v1"]
    assert [(row["year"], row["minimum"]) for row in directories.targets(rows)] == [(2025, 10), (2026, 10)]
    assert [(row["year"], row["kinds"]) for row in directories.targets(rows, 2025)] == [(2025, ["independent"])]
    at = [
        [(row["year"], row["revision"], row["minimum"]) for row in directories.targets(rows, at_position=position)]
        for position in (settings[0] - 1, *settings)
    ]
    assert at == [[], [(2025, 1, 8)], [(2025, 2, 10)], [(2025, 2, 10), (2026, 1, 10)]]
