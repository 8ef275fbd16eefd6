"""The score of a candidate is the sum of its reasons."""

import pytest

from domain.codes import Criterion, IncomeBand
from projections.candidate_score import REASONS, reasons_for, score

NOTHING: dict[str, object] = {
    "has_business": None,
    "decile": None,
    "earlier_decile": None,
    "income_band": None,
    "criteria": (),
}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, []),
        ({"has_business": False}, []),
        ({"has_business": True}, ["has_business"]),
        ({"criteria": (Criterion.OWN_BUSINESS,)}, ["has_business"]),
        ({"has_business": True, "criteria": (Criterion.OWN_BUSINESS,)}, ["has_business"]),
        ({"decile": 3}, []),
        ({"decile": 4}, ["decile_4"]),
        ({"decile": 5}, ["decile_5_or_above"]),
        ({"decile": 10}, ["decile_5_or_above"]),
        ({"decile": 2, "earlier_decile": 1}, ["decile_risen"]),
        ({"decile": 1, "earlier_decile": 2}, []),
        ({"decile": 2, "earlier_decile": 2}, []),
        ({"decile": None, "earlier_decile": 2}, []),
        ({"income_band": IncomeBand.UNDER_1M}, []),
        ({"income_band": IncomeBand.FROM_1M_TO_2M}, []),
        ({"income_band": IncomeBand.FROM_2M_TO_3M}, ["income_2m_to_3m"]),
        ({"income_band": IncomeBand.FROM_3M_TO_5M}, ["income_3m_to_5m"]),
        ({"income_band": IncomeBand.OVER_5M}, ["income_over_5m"]),
    ],
)
def test_reasons_are_those_that_hold(known: dict[str, object], expected: list[str]) -> None:
    assert reasons_for(**{**NOTHING, **known}) == expected  # type: ignore[arg-type]


def test_every_criterion_is_a_reason() -> None:
    found = reasons_for(**{**NOTHING, "criteria": tuple(Criterion)})  # type: ignore[arg-type]
    assert len(found) == len(Criterion)


def test_the_score_is_the_sum_of_points_and_every_reason_has_points_and_words_in_both_languages() -> None:
    assert score([]) == 0
    assert score(["has_business", "decile_4", "savings"]) == 50
    assert all(reason.points > 0 and reason.id and reason.en for reason in REASONS.values())
