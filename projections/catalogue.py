"""All projections there are."""

from typing import Any

from projections import (
    caseload_rows,
    directory_rows,
    follow_up_rows,
    graduations,
    history_rows,
    household_rows,
    referral_rows,
)
from projections.projection import Projection

PROJECTIONS: tuple[Projection[Any], ...] = (
    household_rows.PROJECTION,
    directory_rows.PROJECTION,
    caseload_rows.PROJECTION,
    referral_rows.PROJECTION,
    graduations.PROJECTION,
    follow_up_rows.PROJECTION,
    history_rows.PROJECTION,
)
