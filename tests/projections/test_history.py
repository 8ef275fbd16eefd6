"""A household's story in words."""

import enum
import json
import re
import typing
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from domain.events import event_classes
from domain.household_event import HouseholdEvent
from domain.referral_events import ReferralEvent
from domain.referral_table import State
from projections import history
from projections.code_words import CODES
from projections.history_words import SENTENCES, sentence
from projections.wording import day, listed, period, rupiah, same
from tests.projections.story import named

TOLD = {topic: cls for topic, cls in event_classes().items() if issubclass(cls, HouseholdEvent | ReferralEvent)}
UNTOLD_FIELDS = {"pas_class"}


def codes_in(hint: Any) -> set[str]:
    """The codes that a field of this type can hold."""
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {str(member) for member in hint}
    return {code for part in typing.get_args(hint) for code in codes_in(part)}


def regions(code: str) -> str | None:
    return {"33.24.04.2007": "Curugsewu", "33.24.04.2005": "Pagersari"}.get(code)


def story(rows: Connection[DictRow], household: str, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    return history.story(rows, named(household), after, limit, region_name=regions)


def test_every_topic_of_households_and_referrals_has_words_and_no_other() -> None:
    assert set(SENTENCES) == set(TOLD)


@pytest.mark.parametrize("topic", sorted(TOLD))
def test_words_speak_of_the_events_own_facts(topic: str) -> None:
    made = {"as_head", "decile", "has_business", "criteria", "amount", "agency", "service"}
    fields = set(typing.get_type_hints(TOLD[topic]))
    for text in SENTENCES[topic]:
        assert text.endswith(".")
        assert set(re.findall(r"{(\w+)}", text)) <= fields | made


def test_every_code_of_an_event_has_words_in_both_languages() -> None:
    found = {
        code
        for cls in TOLD.values()
        for name, hint in typing.get_type_hints(cls).items()
        if name not in UNTOLD_FIELDS and typing.get_origin(hint) is not typing.ClassVar
        for code in codes_in(hint)
    } | {str(state) for state in State}
    assert found == set(CODES)
    assert all(words.id and words.en for words in CODES.values())


@pytest.mark.usefixtures("folded")
def test_a_story_begins_with_the_registration_and_tells_each_event_once(rows: Connection[DictRow]) -> None:
    told = story(rows, "siti")
    positions = [row["position"] for row in told]
    assert positions == sorted(set(positions))
    first = told[0]
    assert (first["topic"], first["on"].isoformat()) == ("household.registered.v1", "2024-01-10")
    assert first["id"] == "Keluarga terdaftar di Curugsewu."
    assert first["en"] == "The family was registered in Curugsewu."
    logged = rows.execute(
        "SELECT count(*) AS n FROM log WHERE stream = %s OR state ->> 'household' = %s",
        [named("siti"), str(named("siti"))],
    ).fetchone()
    assert logged == {"n": len(told)}


@pytest.mark.usefixtures("folded")
def test_a_story_is_told_in_two_languages_with_the_names_of_programmes_agencies_and_services(
    rows: Connection[DictRow],
) -> None:
    told = {row["topic"]: (row["id"], row["en"]) for row in story(rows, "siti")}
    assert told["household.graduated.v1"] == (
        "Selamat! Keluarga lulus dari Sembako dengan graduasi alamiah.",
        "Congratulations! The family graduated from Sembako (natural graduation).",
    )
    assert told["household.assisted.v1"] == (
        "Bantuan dari Sembako untuk Juli 2025 (Rp200.000) diterima melalui Kartu Keluarga Sejahtera pada 5 Juli 2025.",
        "Assistance from Sembako for July 2025 (Rp200,000) was received through the family welfare card"
        " on 5 July 2025.",
    )
    assert told["household.assessed.v1"][0] == (
        "Keluarga dinilai: belum memiliki usaha, penghasilan sebulan di bawah Rp1 juta."
    )
    assert told["household.re_enrolled.v1"][1] == "The family joined PKH again after its graduation."
    assert told["household.referred.v1"][1] == "The family was referred to Bank Rakyat for KUR mikro."
    assert told["referral.completed.v1"] == (
        "Rujukan ke Bank Rakyat (KUR mikro) selesai: modal disalurkan (Rp5.000.000).",
        "The referral to Bank Rakyat (KUR mikro) was completed: capital was disbursed (Rp5,000,000).",
    )


@pytest.mark.usefixtures("folded")
def test_no_sentence_leaves_a_gap_or_an_id(rows: Connection[DictRow]) -> None:
    for household in ("siti", "wati", "budi", "rina", "yuni"):
        for row in story(rows, household):
            for text in (row["id"], row["en"]):
                assert not re.search(r"[{}]|[0-9a-f]{8}-|None|_|  |\.\.| ,| \.", text), text


@pytest.mark.usefixtures("folded")
def test_a_story_holds_nothing_sealed_and_nothing_of_a_members_class(rows: Connection[DictRow]) -> None:
    for household in ("siti", "wati", "budi"):
        text = json.dumps([row["facts"] for row in story(rows, household)])
        assert "box" not in text
        assert "pas_class" not in text


@pytest.mark.usefixtures("folded")
def test_a_story_goes_on_after_a_position(rows: Connection[DictRow]) -> None:
    told = story(rows, "budi")
    assert story(rows, "budi", told[3]["position"], 2) == told[4:6]
    assert story(rows, "nobody") == []


@pytest.mark.usefixtures("folded")
def test_what_has_no_name_is_told_by_its_code(rows: Connection[DictRow]) -> None:
    assert history.story(rows, named("siti"), 0, 1)[0]["en"] == "The family was registered in 33.24.04.2007."


def test_a_name_that_says_what_it_is_doubles_no_word() -> None:
    kinds = {"program", "programme", "layanan", "service", "bantuan", "assistance", "kegiatan", "pelayanan"}
    for topic, words in SENTENCES.items():
        for text in words:
            for before in re.findall(r"(\w+) {(?:programmes?|service)}", text):
                assert before.lower() not in kinds, topic
    names = {"pkh": "Program Keluarga Harapan", "puskesmas": "Layanan Puskesmas"}
    assert sentence("household.enrolled.v1", {"programme": "pkh"}, lambda _, code: names[code]) == (
        "Keluarga menjadi peserta Program Keluarga Harapan.", "The family joined Program Keluarga Harapan.",
    )  # fmt: skip
    started = {"agency": "puskesmas", "service": "puskesmas"}
    assert sentence("referral.service_started.v1", started, lambda _, code: names[code]).id == (
        "Layanan Puskesmas mulai memberikan Layanan Puskesmas."
    )


def test_articles_agree_with_what_follows_them() -> None:
    for role, told in (("lead", "a lead facilitator"), ("helper", "an assisting facilitator")):
        facts = {"role": role, "effective": "2026-08-17"}
        said = sentence("household.assigned.v1", facts, lambda _, code: code)
        assert said.en == f"The family has {told} from 17 August 2026."
    for text in [words.en for words in (*SENTENCES.values(), *CODES.values())]:
        assert not re.search(r"\b(a [aeio]|an [^aeiou]|an? {)", text, re.IGNORECASE), text


def test_another_reason_points_to_the_note_and_other_information_is_something_else() -> None:
    declined = sentence("referral.declined.v1", {"agency": "x", "reason": "other"}, lambda _, code: "BRI")
    assert declined.en == "BRI declined the referral: another reason, given in the note."
    asked = sentence("referral.information_requested.v1", {"agency": "x", "information": ["other"]}, lambda *_: "BRI")
    assert asked.en == "BRI asked for information: something else."


def test_assistance_is_received_in_the_words_of_its_channel() -> None:
    facts = {"programme": "pbi", "period": "2026-03", "paid_on": "2026-03-05"}
    told = [
        sentence("household.assisted.v1", {**facts, "channel": c}, lambda _, code: "PBI JK")
        for c in ("in_kind", "premium")
    ]
    assert [words.en for words in told] == [
        "Assistance from PBI JK for March 2026 was received in kind on 5 March 2026.",
        "Assistance from PBI JK for March 2026 was received as a premium paid for the family on 5 March 2026.",
    ]


def test_an_unknown_topic_has_no_words() -> None:
    with pytest.raises(KeyError):
        sentence("household.danced.v1", {}, lambda _, code: code)


def test_figures_are_written_as_people_write_them() -> None:
    assert rupiah(1_250_000) == ("Rp1.250.000", "Rp1,250,000")
    assert day("2026-08-17") == ("17 Agustus 2026", "17 August 2026")
    assert [period(text).id for text in ("2026", "2026-Q1", "2026-03")] == [
        "tahun 2026", "triwulan 1 tahun 2026", "Maret 2026",
    ]  # fmt: skip
    assert [period(text).en for text in ("2026", "2026-Q1", "2026-03")] == ["2026", "quarter 1 of 2026", "March 2026"]
    assert listed([same("a"), same("b"), same("c")]) == ("a, b dan c", "a, b and c")
    assert listed([same("a")]) == ("a", "a")
    assert listed([]) == ("", "")
