"""Published reports, as an auditor reads them."""

import hashlib
import json
from datetime import date

import psycopg

from projections import published_reports
from projections.reports import GRADUATIONS
from tests.api.rig import AUDITOR, Rig

FIGURES = {("2026", "all", "count"): 2, ("2026", "33.24", "count"): 2, ("2026", "all", "natural"): 0}


def test_they_are_told_as_they_were_published_with_a_digest_that_anybody_works_out(own_rig: Rig) -> None:
    with psycopg.connect(own_rig.url) as session:
        for report, position in (("graduations", 7), ("coverage", 9)):
            published_reports.keep(session, report, position, date(2026, 6, 15), FIGURES, "a note")
    found = own_rig.get("/v1/audit/reports", AUDITOR).json()["items"]
    assert [(row["report"], row["position"]) for row in found] == [("graduations", 7), ("coverage", 9)]
    (row,) = own_rig.get("/v1/audit/reports", AUDITOR, report=GRADUATIONS.name).json()["items"]
    assert row["figures"] == {"2026/33.24/count": 2, "2026/all/count": 2}
    told = {name: row[name] for name in ("as_of", "figures", "position", "report")}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert row["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (row["as_of"], row["checkpoint"]) == ("2026-06-15", "a note")
