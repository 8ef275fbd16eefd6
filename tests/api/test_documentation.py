"""The documentation: whole on a network that reaches no one else, and plain in what it says of each route."""

import re
from typing import Any, cast

import pytest

from api.app import build
from api.problems import title
from api.services import Services
from tests.api.rig import Rig

DESCRIBED = build(cast(Services, None)).openapi()
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
}


def test_the_documentation_page_loads_nothing_from_elsewhere(own_rig: Rig) -> None:
    page = own_rig.get("/docs", {}).text
    assert "Rujukan" in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    sources = re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page)
    assert len(sources) >= 2
    for source in sources:
        assert own_rig.get(source, {}).content


def test_every_route_has_a_summary_of_its_own() -> None:
    summaries = [operation["summary"] for operation in OPERATIONS.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(" " in summary and not summary.endswith(".") for summary in summaries)


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_every_query_parameter_is_described(route: str) -> None:
    parameters = [p for p in OPERATIONS[route].get("parameters", []) if p["in"] == "query"]
    assert [p["name"] for p in parameters if not p.get("description")] == []


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("kk-format", "KK format"),
        ("nik-repeated", "NIK repeated"),
        ("malformed-if-match", "Malformed If-Match"),
        ("idempotency-key-reused", "Idempotency-Key reused"),
        ("malformed-known-at", "Malformed known_at"),
        ("not-found", "Not found"),
    ],
)
def test_titles_of_problems_spell_names_as_they_are(code: str, shown: str) -> None:
    assert title(code) == shown
