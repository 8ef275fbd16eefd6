"""What the page of a report shows of texts that others wrote: never a command to the terminal, nor a forged line."""

from typing import Any

import pytest

from infra.subject_report_text import text_of

FORGED = "7  2026-06-01  Keluarga menyetujui"


def page(note: str, told: str = "Catatan") -> str:
    event: dict[str, Any] = {
        "position": 6, "on": "2026-05-01", "id": told, "topic": "Noted",
        "values": {"note": note, "more": {"part": note}},
    }  # fmt: skip
    now = {"members": [], "enrolments": [], "graduations": [], "assignments": [], "programmes": [note]}
    plain = {"status": None, "region": None, "registered_on": None, "decile": None}
    heading = {"household": "h", "member": None, "made_at": "t", "made_by": "dpo-1", "reason": "review", "known_at": 6}
    lists = {"assistance": [], "referrals": [{"agency_name": note}], "readings": []}
    return text_of({**heading, "held": [event], "now": {**plain, **now}, **lists})


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("\x1b", "\\x1b"), ("\x07", "\\x07"), ("\r", "\\r"), ("\t", "\\t"), ("\x0b", "\\x0b"), ("\x7f", "\\x7f"),
        ("\x9b", "\\x9b"), ("\x85", "\\x85"), ("\u2028", "\\u2028"), ("\u202e", "\\u202e"), ("\u2066", "\\u2066"),
        ("\u200f", "\\u200f"), ("\u061c", "\\u061c"),
    ],
)  # fmt: skip
def test_what_would_steer_a_terminal_is_shown(sign: str, shown: str) -> None:
    text = page(f"a{sign}b", f"c{sign}d")
    assert sign not in text
    assert text.count(f"a{shown}b") == 4
    assert f"c{shown}d" in text


def test_no_line_of_a_value_is_taken_for_a_line_of_the_report() -> None:
    text = page(f"baik\n{FORGED}", f"Catatan\r\n{FORGED}")
    assert text.count(FORGED) == 5
    assert all(line.startswith(" " * 8) for line in text.split("\n") if line.lstrip().startswith(FORGED))


def test_names_in_other_letters_are_as_they_are() -> None:
    assert "Siti Nurjanah é 家" in page("Siti Nurjanah é 家")
