"""What may name a caller: one text for one person, and not another that looks the same."""

import pytest

from api.actors import LONGEST, is_subject


@pytest.mark.parametrize("text", ["ministry-1", "Siti Nurjanah", "f:1:ministry", "é", "x" * LONGEST])
def test_a_text_that_can_be_told_from_others_names_a_caller(text: str) -> None:
    assert is_subject(text)


@pytest.mark.parametrize(
    "text", ["", " ", "ministry-1 ", " ministry-1", "ministry-1\u00a0", "\tministry-1", "a\nb", "x" * (LONGEST + 1)]
)
def test_white_space_around_a_name_makes_no_second_person(text: str) -> None:
    assert not is_subject(text)


def test_a_number_of_sixteen_digits_may_be_somebodys_and_longer_ones_are_an_issuers() -> None:
    assert not is_subject("3324040101209901")
    assert is_subject("110169484474386276334")
