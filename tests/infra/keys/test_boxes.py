"""Sealed boxes open in their own place alone, and say no more than that a text was repeated."""

import hmac
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.codes import Component, PasGroup
from domain.errors import Invalid
from domain.ports import Sealer, Unopenable
from domain.values import Sealed
from infra.keys.rehearsed import rehearsed

SEED = bytes(range(32))
KEY = UUID("6f0d3a52-6a0e-4d0c-8f52-0a6f6b9a1c01")
STREAM = UUID("0b6f5d7e-94f1-4c0b-9a53-5d1f2b8c7e02")
NIK = "3324044507900001"

keys: Sealer = rehearsed(SEED)
texts = st.text(st.characters(exclude_categories=["Cs"]))
fields = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def seal(text: str, field: str = "name") -> Sealed:
    return keys.seal(text, key=KEY, stream=STREAM, field=field)


@given(texts, st.uuids(), st.uuids(), fields)
@example("", KEY, STREAM, "note")
@example("a\x00\x00", KEY, STREAM, "note")
@example("\x80\x00", KEY, STREAM, "note")
@example("x" * 31, KEY, STREAM, "note")
@example("x" * 32, KEY, STREAM, "note")
def test_what_is_sealed_opens_in_its_place(text: str, key: UUID, stream: UUID, field: str) -> None:
    sealed = keys.seal(text, key=key, stream=stream, field=field)
    assert sealed.key == key
    assert keys.open(sealed, stream=stream, field=field) == text


@given(texts)
def test_equal_text_in_the_same_place_gives_an_equal_box_in_any_process(text: str) -> None:
    again = rehearsed(SEED).seal(text, key=KEY, stream=STREAM, field="name")
    assert seal(text) == again


@given(texts, texts)
def test_different_texts_give_different_boxes_and_nonces(one: str, other: str) -> None:
    assert (seal(one).box == seal(other).box) == (one == other)
    assert (seal(one).box[1:13] == seal(other).box[1:13]) == (one == other)


@given(texts)
def test_equal_text_elsewhere_shares_nothing_with_the_box(text: str) -> None:
    boxes = [
        seal(text),
        seal(text, "address"),
        keys.seal(text, key=KEY, stream=uuid4(), field="name"),
        keys.seal(text, key=uuid4(), stream=STREAM, field="name"),
        rehearsed().seal(text, key=KEY, stream=STREAM, field="name"),
    ]
    assert len({sealed.box[1:13] for sealed in boxes}) == len(boxes)
    assert len({sealed.box[13:] for sealed in boxes}) == len(boxes)


def test_the_stored_form_of_a_box_stays_readable() -> None:
    """What was stored once must open for ever, so this box is written out."""
    box = bytes.fromhex(
        "0233f7457013739d26a52b555ad5709e016c9a4e554bf745302070c469a85f"
        "c7c1b86cd4221b22a8ccc6ebbf9602187a68777b805815fdf2da21b59e78"
    )
    assert seal(NIK, "nik").box == box
    assert keys.open(Sealed(KEY, box), stream=STREAM, field="nik") == NIK


def test_the_stored_digests_stay_the_same() -> None:
    """They find what was registered, and recognise a repeated command."""
    assert keys.digest("nik", NIK).digest.hex() == "f5373343ef8a304ba8e11ac685990ddf04dbc028a790cca808b7421a8dbc39e5"
    assert keys.fingerprint(b"{}").hex() == "46b2ed423bd94c03c232e4e67414b2a0f85a346c2eddc084dd9107435608e049"


@pytest.mark.parametrize(
    ("key", "stream", "field"),
    [(KEY, STREAM, "birth_date"), (KEY, uuid4(), "name"), (uuid4(), STREAM, "name")],
    ids=["another field", "another stream", "another key"],
)
def test_a_box_does_not_open_in_another_place(key: UUID, stream: UUID, field: str) -> None:
    with pytest.raises(Unopenable):
        keys.open(Sealed(key, seal("Sri Wahyuni").box), stream=stream, field=field)


def test_a_box_does_not_open_under_another_data_key() -> None:
    with pytest.raises(Unopenable):
        rehearsed().open(seal("Sri Wahyuni"), stream=STREAM, field="name")


@pytest.mark.parametrize("bit", range(8))
def test_a_change_of_any_byte_is_noticed(bit: int) -> None:
    box = seal("Sri Wahyuni").box
    for place in range(len(box)):
        changed = bytearray(box)
        changed[place] ^= 1 << bit
        with pytest.raises(Unopenable):
            keys.open(Sealed(KEY, bytes(changed)), stream=STREAM, field="name")


def test_a_box_cut_short_or_made_longer_is_noticed() -> None:
    box = seal("Sri Wahyuni").box
    for spoiled in [box[:length] for length in range(len(box))] + [box + b"\x00"]:
        with pytest.raises(Unopenable):
            keys.open(Sealed(KEY, spoiled), stream=STREAM, field="name")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_unopenable(box: bytes) -> None:
    with pytest.raises(Unopenable):
        keys.open(Sealed(KEY, box), stream=STREAM, field="name")


def test_an_error_says_nothing_of_the_text() -> None:
    with pytest.raises(Invalid) as fault:
        seal(NIK + "\ud800", "note")
    assert fault.value.code == "text-not-unicode"
    assert fault.value.field == "note"
    assert NIK not in repr(fault.value) + fault.value.detail
    assert fault.value.__suppress_context__


@pytest.mark.parametrize("codes", [PasGroup, Component])
def test_the_length_of_a_box_does_not_tell_codes_apart(codes: type[PasGroup] | type[Component]) -> None:
    assert len({len(seal(code.value, "pas_group").box) for code in codes}) == 1


def test_a_box_does_not_hold_its_text() -> None:
    assert NIK.encode() not in seal(NIK, "nik").box


def test_threads_may_seal_and_open_at_once_under_one_key() -> None:
    def round_trip(number: int) -> bool:
        text = f"family {number}" * 20
        return keys.open(seal(text), stream=STREAM, field="name") == text

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(4000)))


def test_a_number_has_one_look_up_key_however_it_is_written() -> None:
    assert keys.digest("nik", NIK) == keys.digest("nik", " 332404-450790.0001 ")
    assert keys.digest("nik", NIK).version == 1
    assert len(keys.digest("nik", NIK).digest) == 32


def test_look_up_keys_differ_by_kind_number_and_index_key() -> None:
    digests = {
        keys.digest("nik", NIK).digest,
        keys.digest("kk", NIK).digest,
        keys.digest("nik", NIK[:-1] + "2").digest,
        rehearsed().digest("nik", NIK).digest,
    }
    assert len(digests) == 4


@given(st.binary())
def test_a_fingerprint_is_repeatable_and_is_no_plain_digest(content: bytes) -> None:
    fingerprint = keys.fingerprint(content)
    assert fingerprint == rehearsed(SEED).fingerprint(content)
    assert fingerprint not in (sha256(content).digest(), hmac.digest(SEED, content, "sha256"))
    assert fingerprint != keys.fingerprint(content + b".")
