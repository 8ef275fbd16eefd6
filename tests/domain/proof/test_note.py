"""A note says who signed its text; what is altered, cut short or of another key says nothing."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.proof.note import KeyName, NotSigned, opened, read_key, signed
from infra.attestation.signing_key import PublicKey, SigningKey

OURS = SigningKey("rujukan.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHERS = SigningKey("witness.test", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
TEXT = "rujukan.test/log\n7\nroot\n"
NOTE = signed(TEXT, OURS.key, OURS)
KNOWN = PublicKey(OURS.key)


def test_a_note_is_opened_by_whoever_knows_the_key() -> None:
    assert opened(NOTE, OURS.key, KNOWN) == TEXT


def test_others_may_have_signed_it_too() -> None:
    also = signed(TEXT, OTHERS.key, OTHERS).rpartition("\n\n")[2]
    assert opened(NOTE + also, OURS.key, KNOWN) == TEXT
    assert opened(NOTE.replace("\n\n", f"\n\n{also}"), OURS.key, KNOWN) == TEXT


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_other_note_is_opened(at: int, character: str) -> None:
    """But one that differs in a bit of base 64 that stands for nothing."""
    other = NOTE[:at] + character + NOTE[at + 1 :]
    try:
        assert opened(other, OURS.key, KNOWN) == TEXT
    except NotSigned:
        return
    assert other.rpartition("\n\n")[0] == NOTE.rpartition("\n\n")[0]


@pytest.mark.parametrize(
    "note",
    ["", "\n\n", TEXT, f"{TEXT}\n", NOTE[:-1], NOTE + "\n", NOTE + "— x AAAAAAAA", NOTE + "- x AAAAAAAA\n", NOTE * 2000,
     f"{TEXT}\n" + "— x AAAAAAAA\n" * 101, f"{TEXT}\n— rujukan.test/log AAAA\n", NOTE.replace("\n\n", "\n")],
)  # fmt: skip
def test_what_is_no_note(note: str) -> None:
    with pytest.raises(NotSigned):
        opened(note, OURS.key, KNOWN)


def test_a_note_of_another_key_by_our_name() -> None:
    impostor = SigningKey(OURS.key.name, Ed25519PrivateKey.generate())
    with pytest.raises(NotSigned, match="not signed by"):
        opened(signed(TEXT, impostor.key, impostor), OURS.key, KNOWN)
    with pytest.raises(NotSigned, match="is false"):
        opened(signed(TEXT, OURS.key, impostor), OURS.key, KNOWN)


def test_a_key_is_handed_out_as_text() -> None:
    assert read_key(OURS.key.text() + "\n") == OURS.key
    name, id_, key = OURS.key.text().split("+", 2)
    assert (name, len(id_), base64.b64decode(key)[:1]) == ("rujukan.test/log", 8, b"\x01")


@pytest.mark.parametrize("text", ["", "+", "++", "x", OURS.key.text()[:-4], OURS.key.text().replace("rujukan", "other"),
                                  " " + KeyName("a b", bytes(32)).text(), KeyName("", bytes(32)).text()])  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError):
        read_key(text)
