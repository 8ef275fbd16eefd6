"""All projections there are."""

from typing import Any

from projections import caseload_rows, directory_rows, household_rows
from projections.projection import Projection

PROJECTIONS: tuple[Projection[Any], ...] = (
    household_rows.PROJECTION,
    directory_rows.PROJECTION,
    caseload_rows.PROJECTION,
)
