"""All projections there are."""

from dataclasses import replace
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
from projections.engine.projection import Projection

PROJECTIONS: tuple[Projection[Any], ...] = (
    household_rows.PROJECTION,
    directory_rows.PROJECTION,
    caseload_rows.PROJECTION,
    referral_rows.PROJECTION,
    replace(graduations.PROJECTION, classes=graduations.MATTERS),
    follow_up_rows.PROJECTION,
    history_rows.PROJECTION,
)
