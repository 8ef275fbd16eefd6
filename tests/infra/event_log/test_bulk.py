"""Loading much at once: the same log as one command at a time, or nothing of a batch at all."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from domain.application import Rujukan
from domain.codes import MemberLeftReason, VisitPurpose, VisitResult
from domain.errors import AlreadyRegistered, Forbidden, Refused
from domain.values import Actor, Claim, Command, NewMember, Receipt, Role
from infra.event_log.bulk import BatchAborted, Bulk
from infra.keys.rehearsed import rehearsed
from infra.persistence import persistence_environment

OFFICER = Actor("officer", Role.PROGRAMME_OFFICER)
DAY = date(2026, 3, 2)
KEYS = rehearsed()


@pytest.fixture
def bulk(database: str) -> Iterator[Bulk]:
    application = Bulk(persistence_environment(database))
    yield application
    application.close()


@pytest.fixture
def ordinary(database: str) -> Iterator[Rujukan]:
    application = Rujukan(persistence_environment(database))
    yield application
    application.close()


def command(actor: Actor = OFFICER, receipt: Receipt | None = None) -> Command:
    return Command(uuid4(), actor, DAY, DAY, receipt=receipt)


def member(household: UUID, nik: str, *, head: bool = True) -> NewMember:
    new = uuid4()

    def sealed(text: str, field: str) -> Any:
        return KEYS.seal(text, key=new, stream=household, field=field)

    claim = Claim(KEYS.digest("nik", nik), household, new)
    return NewMember(new, sealed(nik, "nik"), sealed("N", "name"), sealed("1990-01-01", "birth_date"), head, claim)


def register(application: Rujukan, kk: str, nik: str, *others: str) -> tuple[UUID, list[NewMember]]:
    household = uuid4()
    members = [member(household, nik), *(member(household, other, head=False) for other in others)]
    application.register_household(
        household,
        command(),
        region="33.24.04.2007",
        kk=KEYS.seal(kk, key=household, stream=household, field="kk"),
        kk_key=KEYS.digest("kk", kk),
        address=KEYS.seal("A", key=household, stream=household, field="address"),
        members=tuple(members),
    )
    return household, members


def visit(application: Rujukan, household: UUID, result: VisitResult = VisitResult.DONE) -> Any:
    return application.visit(household, command(), purpose=VisitPurpose.USE_OF_AID, result=result)


def one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def events(url: str) -> int:
    return int(one(url, "SELECT count(*) FROM rujukan_events"))


def test_nothing_is_stored_before_a_batch_is_full_and_whole_commands_then(database: str) -> None:
    with Bulk(persistence_environment(database), batch=5) as bulk:
        register(bulk, "1", "1", "2")
        assert events(database) == 0
        register(bulk, "2", "3", "4")
        assert events(database) == 6
        household, _ = register(bulk, "3", "5")
        assert visit(bulk, household).position == 0
        assert events(database) == 6
    assert events(database) == 9


def test_what_is_done_together_lands_in_one_append(database: str, bulk: Bulk) -> None:
    bulk = Bulk(persistence_environment(database), batch=2)
    with bulk.together():
        household, _ = register(bulk, "1", "1")
        visit(bulk, household)
        assert events(database) == 0
    assert events(database) == 3
    assert one(database, "SELECT count(DISTINCT logged_at) FROM rujukan_events") == 1
    bulk.close()


def test_flush_answers_with_the_last_position_and_says_it_again_when_there_is_nothing_new(bulk: Bulk) -> None:
    assert bulk.flush() == 0
    household, _ = register(bulk, "1", "1")
    visit(bulk, household)
    assert bulk.flush() == 3
    assert bulk.flush() == 3
    assert bulk.appended == 3


def test_a_repeated_command_makes_no_second_event(bulk: Bulk, database: str) -> None:
    household, _ = register(bulk, "1", "1")
    first, second = visit(bulk, household), visit(bulk, household)
    assert (first.satisfied, second.satisfied) == (False, True)
    bulk.flush()
    assert events(database) == 3


def test_a_refusal_is_kept_and_raised_and_stores_nothing_of_its_batch(bulk: Bulk, database: str) -> None:
    register(bulk, "1", "1")
    bulk.flush()
    household, _ = register(bulk, "2", "2")
    with pytest.raises(Refused):
        bulk.remove_member(household, command(), uuid4(), reason=MemberLeftReason.MARRIED)
    with pytest.raises(BatchAborted):
        visit(bulk, household)
    with pytest.raises(BatchAborted):
        bulk.flush()
    assert events(database) == 2
    assert one(database, "SELECT action FROM refusals") == "remove-member"


def test_an_error_in_the_midst_of_a_load_leaves_its_batch_out_and_reaches_the_caller(database: str) -> None:
    with pytest.raises(ZeroDivisionError), Bulk(persistence_environment(database)) as bulk:
        register(bulk, "1", "1")
        raise ZeroDivisionError
    assert events(database) == 0


def test_an_error_among_things_done_together_aborts_them_all(bulk: Bulk, database: str) -> None:
    with pytest.raises(Forbidden), bulk.together():
        household, _ = register(bulk, "1", "1")
        visit_by_analyst = command(Actor("analyst", Role.ANALYST))
        bulk.visit(household, visit_by_analyst, purpose=VisitPurpose.USE_OF_AID, result=VisitResult.DONE)
    with pytest.raises(BatchAborted):
        bulk.flush()
    assert events(database) == 0


def test_another_writer_of_the_same_household_fails_the_whole_batch(
    bulk: Bulk, ordinary: Rujukan, database: str
) -> None:
    household, _ = register(ordinary, "1", "1")
    register(bulk, "2", "2")
    visit(bulk, household)
    visit(ordinary, household, VisitResult.NOT_AT_HOME)
    with pytest.raises(IntegrityError):
        bulk.flush()
    with pytest.raises(BatchAborted):
        visit(bulk, household)
    assert events(database) == 3


def test_a_family_card_of_a_stored_household_fails_the_whole_batch(
    bulk: Bulk, ordinary: Rujukan, database: str
) -> None:
    stored, _ = register(ordinary, "1", "1")
    register(bulk, "2", "2")
    register(bulk, "1", "3")
    with pytest.raises(AlreadyRegistered) as caught:
        bulk.flush()
    assert (caught.value.kind, caught.value.household) == ("kk", stored)
    assert events(database) == 2


def test_a_number_given_twice_in_one_batch_is_refused_at_once(bulk: Bulk) -> None:
    household, _ = register(bulk, "1", "1")
    with pytest.raises(AlreadyRegistered) as caught:
        register(bulk, "2", "1")
    assert (caught.value.kind, caught.value.household) == ("nik", household)


@pytest.mark.parametrize("flushed", [False, True], ids=["in one batch", "after a flush"])
def test_a_member_who_left_is_free_to_join_another_household(bulk: Bulk, database: str, flushed: bool) -> None:
    first, members = register(bulk, "1", "1", "2")
    if flushed:
        bulk.flush()
    bulk.remove_member(first, command(), members[1].id, reason=MemberLeftReason.MARRIED)
    second, _ = register(bulk, "2", "2")
    bulk.flush()
    owner = f"SELECT household FROM identity_index WHERE digest = '\\x{KEYS.digest('nik', '2').digest.hex()}'"
    assert one(database, owner) == second
    assert one(database, "SELECT count(*) FROM identity_index") == 4


def test_a_command_with_a_receipt_is_not_taken(bulk: Bulk, database: str) -> None:
    household, _ = register(bulk, "1", "1")
    receipt = Receipt("caller", "POST /v1/x", "key", b"f", 201)
    with pytest.raises(ValueError, match="receipts"):
        bulk.visit(household, command(receipt=receipt), purpose=VisitPurpose.USE_OF_AID, result=VisitResult.DONE)
    bulk.flush()
    assert events(database) == 2


def test_what_is_loaded_together_is_decided_on_without_another_query(database: str) -> None:
    with Bulk(persistence_environment(database)) as first:
        households = [register(first, f"{n:016}", f"9{n:015}")[0] for n in range(1200)]
    with Bulk(persistence_environment(database)) as application:
        loading = application.recorder._loading  # type: ignore[attr-defined]
        application.preload([*households, uuid4()])
        queries = loading.executed
        assert queries == 2, "a thousand in one"
        for household in households:
            visit(application, household)
        assert loading.executed == queries
        application.forget()
        assert visit(application, households[0]).satisfied
        assert loading.executed == queries + 1
