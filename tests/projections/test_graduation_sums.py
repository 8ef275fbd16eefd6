"""What is kept added up says the same as the ledger, whichever of the two is asked, and however it was folded."""

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import Actor, Role
from projections import graduations
from projections.graduation_counts import CountQuestion, counts
from projections.graduation_question import LEVELS
from projections.graduation_rows import FIGURES_SUMMED
from projections.graduation_state import durable_on, old_enough
from tests.projections.figures import AUDITOR, VILLAGE, Figures, Row
from tests.projections.story import named
from tests.projections.test_graduation_ledger import emptied, stories, tell

OFFICER = Actor("officer", Role.REGIONAL_OFFICER, "33.24")
JOKO = Actor("joko", Role.FACILITATOR, str(named("joko")))
ASKED: list[dict[str, Any]] = [
    {},
    {"by": "kind"},
    {"by": "programme"},
    {"by": "facilitator"},
    {"by": "pillar"},
    {"by": "month"},
    *({"by": "region", "level": level} for level in LEVELS),
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"month": 2},
    {"programme": "pkh"},
    {"kind": "natural"},
    {"region": "33"},
    {"region": "33.24"},
    {"region": "33.24.04"},
    {"facilitator": named("sari")},
    {"region": "33.24", "kind": "independent"},
]
QUESTIONS = st.tuples(
    st.sampled_from((AUDITOR, OFFICER, JOKO)),
    st.sampled_from((2024, 2025, 2026)),
    st.dates(date(2024, 12, 1), date(2027, 4, 1)),
    st.sampled_from(ASKED),
    st.sampled_from(FILTERS),
)


def set_targets(figures: Figures) -> None:
    figures.target(2024, 1, "natural", "independent")
    figures.target(2025, 2)
    figures.target(2026, 1, "natural")
    figures.target(2025, 1, pillar="tksk")


@settings(max_examples=60)
@given(steps=stories, questions=st.lists(QUESTIONS, min_size=10, max_size=20, unique_by=repr))
def test_sums_and_ledger_give_one_answer_to_every_question_on_every_date(
    database: str, steps: list[Any], questions: list[tuple[Actor, int, date, dict[str, Any], dict[str, Any]]]
) -> None:
    with emptied(database) as figures:
        tell(figures, steps)
        set_targets(figures)
        figures.retire("joko", "2026-02-01")
        figures.fold()
        with figures.connect() as connection:
            for actor, year, as_of, asked, narrowed in questions:
                question = CountQuestion(year, as_of, **asked, **narrowed)
                assert counts(connection, actor, question) == counts(connection, actor, question, figures.head())


@settings(max_examples=40)
@given(steps=stories)
def test_no_lens_counts_a_family_twice_and_the_sums_are_those_of_the_ledger(database: str, steps: list[Any]) -> None:
    with emptied(database) as figures:
        tell(figures, steps)
        figures.fold()
        ledger = table(figures, "graduation_ledger")
        entries: Counter[Any] = Counter()
        totals: Counter[Any] = Counter()
        credited: Counter[Any] = Counter()
        for e in ledger:
            lens = (e["programme"], e["kinds"], e["year"])
            entries[e["household"], *lens] += e["sign"]
            credited[*lens, e["facilitator"]] += e["sign"] if e["facilitator"] else 0
            fell = e["relapsed_on"] is not None and e["relapsed_on"] < e["durable_on"]
            days = [("counted", e["on"])] + [("fell", e["on"])] * fell
            if e["relapsed_on"] is not None:
                days.append(("relapsed" if fell else "relapsed_later", max(e["on"], e["relapsed_on"])))
            for what, day in days:
                for level, area in enumerate(("", e["region"][:2], e["region"][:5])):
                    for span, begins in (("day", day), ("month", day.replace(day=1))):
                        totals[*lens, e["kind"], e["on"].month, level, area, span, begins, what] += e["sign"]
        assert set(entries.values()) <= {0, 1}
        keys = ("year", "kind", "month", "level", "area", "span", "day")
        assert +totals == +Counter(
            {
                (row["programme"], kinds, *(row[name] for name in keys), what): row[what + suffix]
                for row in table(figures, "graduation_totals")
                for kinds, suffix in (("*", ""), (row["kind"], "_of_kind"))
                for what in FIGURES_SUMMED
            }
        )
        assert +credited == +Counter(
            {
                (r["programme"], r["kinds"], r["year"], r["facilitator"]): r["counted"]
                for r in table(figures, "graduation_credits")
            }
        )


@settings(max_examples=20)
@given(steps=stories, batch=st.integers(1, 7))
def test_the_rows_are_the_same_in_whatever_batches_they_were_folded(
    database: str, steps: list[Any], batch: int
) -> None:
    found = []
    for size in (2000, batch):
        with emptied(database) as figures:
            tell(figures, steps)
            figures.fold(size)
            found.append([table(figures, t.name) for t in graduations.PROJECTION.tables])
    assert found[0] == found[1]


def test_a_day_is_old_enough_just_when_what_happened_on_it_is_durable() -> None:
    for number in range(date(2019, 1, 1).toordinal(), date(2033, 1, 1).toordinal()):
        old = old_enough(date.fromordinal(number))
        assert durable_on(old).toordinal() <= number < durable_on(date.fromordinal(old.toordinal() + 1)).toordinal()


def test_a_figure_names_the_position_that_its_rows_stand_at(database: str) -> None:
    figures = Figures(database)
    assert figures.count() == 0
    figures.graduate("siti", "one", "2025-03-15", region=VILLAGE)
    assert figures.count() == 1


def table(figures: Figures, name: str) -> list[Row]:
    with figures.connect() as connection:
        rows = connection.execute(f"SELECT * FROM read.{name}").fetchall()
    return sorted(rows, key=repr)
