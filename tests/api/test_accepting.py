"""Which form of an answer a caller would rather read."""

import pytest

from api.accepting import preferred

JSON, EVENTS = "application/json", "text/event-stream"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], JSON),
        (["*/*"], JSON),
        (["text/html, image/gif"], JSON),
        ([EVENTS], EVENTS),
        (["Text/Event-Stream"], EVENTS),
        ([f"{EVENTS}, */*"], EVENTS),
        ([f"*/*, {EVENTS}"], EVENTS),
        (["text/*"], EVENTS),
        ([f"{JSON}, {EVENTS}"], JSON),
        ([f"{EVENTS}, {JSON}"], JSON),
        ([f"{JSON};q=0.5, {EVENTS}"], EVENTS),
        ([f"{JSON}; charset=utf-8; Q = 0.5, {EVENTS};q=0.6"], EVENTS),
        ([JSON, f"{EVENTS};q=0.9"], JSON),
        ([f"{EVENTS};q=0"], JSON),
        ([f"{EVENTS};q=0, */*"], JSON),
        ([f"{EVENTS};q=many"], EVENTS),
        ([f"{EVENTS};q=nan, {JSON};q=0.5"], EVENTS),
        ([",;,;q=,"], JSON),
    ],
)
def test_the_form_that_is_ranked_highest_is_chosen_and_the_first_of_equals(accept: list[str], chosen: str) -> None:
    assert preferred(accept, JSON, EVENTS) == chosen
