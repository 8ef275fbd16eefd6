"""The ledger against a count made anew from the events, whatever happened in whatever order it was recorded."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import product
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aggregate import RecordedEvent
from domain.graduation_events import Graduated, GraduationRevoked
from domain.household_events import ReEnrolled
from projections import directories, graduations
from projections.engine.log import LoggedEvent
from tests.projections.figures import Figures
from tests.projections.story import named

FAMILIES = ("siti", "wati")
PROGRAMMES = ("pkh", "sembako")
KINDS = ("natural", "independent")
DAYS = st.dates(date(2024, 11, 1), date(2026, 3, 1)).map(date.isoformat)
REGIONS = ("33.24.04.2007", "33.24.04.2005", "33.25.01.2001")
FACILITATORS = ("sari", "joko", None)

graduating = st.tuples(
    st.just("graduate"),
    st.sampled_from(FAMILIES),
    DAYS,
    st.sets(st.sampled_from(PROGRAMMES), min_size=1).map(sorted),
    st.sampled_from(KINDS),
    st.sampled_from(FACILITATORS),
    st.sampled_from(REGIONS),
)
revoking = st.tuples(st.just("revoke"), st.integers(0, 9))
relapsing = st.tuples(st.just("relapse"), st.integers(0, 9), DAYS)
stories = st.lists(st.one_of(graduating, graduating, revoking, relapsing), min_size=1, max_size=14)


def tell(figures: Figures, steps: list[Any]) -> None:
    figures.appoint("sari")
    figures.appoint("joko", pillar="tksk", region="33.25")
    standing: list[tuple[str, str]] = []
    for number, step in enumerate(steps):
        match step:
            case ("graduate", family, on, programmes, kind, facilitator, region):
                name = f"graduation {number}"
                standing.append((family, name))
                figures.graduate(family, name, on, *programmes, kind=kind, facilitator=facilitator, region=region)
            case ("revoke", which) if standing:
                figures.revoke(*standing.pop(which % len(standing)), "2026-03-01")
            case ("relapse", which, on) if standing:
                figures.relapse(*standing[which % len(standing)], on)


def counted(
    events: list[LoggedEvent], known: int, year: int, as_of: date, programme: str | None, kind: str | None
) -> list[Graduated]:
    """Rule 7.1, word by word: the graduations that count."""
    seen = [e for e in events if e.position <= known]
    revoked = {e.event.graduation for e in seen if isinstance(e.event, GraduationRevoked)}
    fitting: dict[Any, list[tuple[date, int, Graduated]]] = {}
    for logged in seen:
        event: RecordedEvent = logged.event
        if (
            isinstance(event, Graduated)
            and event.graduation not in revoked
            and event.on.year == year
            and event.on <= as_of
            and (programme is None or programme in event.programmes)
            and (kind is None or kind == event.kind)
        ):
            fitting.setdefault(logged.stream, []).append((event.on, logged.position, event))
    return [min(found, key=lambda one: one[:2])[2] for found in fitting.values()]


def lasting(graduation: Graduated, events: list[LoggedEvent], known: int, as_of: date) -> str:
    """Rule 7.3: what has become of it."""
    year_later = graduation.on.replace(year=graduation.on.year + 1)
    relapses = [
        e.event.on
        for e in events
        if isinstance(e.event, ReEnrolled)
        and e.position <= known
        and e.event.graduation == graduation.graduation
        and e.event.on <= as_of
    ]
    if relapses and min(relapses) < year_later:
        return "relapsed"
    return "durable" if as_of >= year_later else "pending"


GROUPS: dict[str, Any] = {
    "kind": lambda g: g.kind,
    "month": lambda g: g.on.month,
    "region": lambda g: g.region[:5],
    "facilitator": lambda g: g.facilitator,
    "pillar": lambda g: {None: None, named("sari"): "pkh", named("joko"): "tksk"}[g.facilitator],
}


@contextmanager
def emptied(url: str) -> Iterator[Figures]:
    with psycopg.connect(url) as connection:
        folded = (graduations.PROJECTION, directories.PROJECTION)
        tables = [f"read.{name}" for p in folded for name in (f"{p.name}_state", *(t.name for t in p.tables))]
        connection.execute(f"TRUNCATE read.projection_position, {', '.join(tables)}")
    yield Figures(url)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=stories, share=st.integers(1, 100), as_of=st.dates(date(2024, 12, 1), date(2027, 4, 1)))
def test_every_figure_is_what_a_count_of_the_events_gives(
    database: str, steps: list[Any], share: int, as_of: date
) -> None:
    with emptied(database) as figures:
        tell(figures, steps)
        known = max(1, figures.head() * share // 100)
        year = as_of.year if as_of.year < 2027 else 2025
        asked: dict[str, Any] = {"known": known, "as_of": as_of.isoformat()}
        for programme, kind in product((None, *PROGRAMMES), (None, *KINDS)):
            expected = counted(figures.events, known, year, as_of, programme, kind)
            row = figures.total(year, programme=programme, kind=kind, **asked)
            now = Counter(lasting(g, figures.events, known, as_of) for g in expected)
            kinds = Counter(str(g.kind) for g in expected)
            assert row["count"] == len(expected)
            assert {k: row[k] for k in KINDS} == {k: kinds[k] for k in KINDS}
            states = ("pending", "durable", "relapsed")
            assert {s: row[s] for s in states} == {s: now[s] for s in states}
            for group, key in GROUPS.items():
                each = Counter(key(g) for g in expected if key(g) is not None)
                found = figures.by(group, year, programme=programme, kind=kind, **asked)
                assert {k: n for k, n in found.items() if n} == each
