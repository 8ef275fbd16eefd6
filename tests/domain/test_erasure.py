"""Personal data is erased when one programme officer has asked for it and another confirmed it."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from domain.codes import ErasureReason, ErasureScope, MemberLeftReason, PasClass, VisitPurpose, VisitResult
from domain.household import Household
from domain.household_table import TABLE
from domain.values import Actor, Role
from tests.domain.given import (
    AGENCY_ID,
    HEAD,
    REGIONAL,
    SERVICE_ID,
    TODAY,
    VILLAGE,
    command,
    happened,
    member,
    refused,
    registered,
    satisfied,
    sealed,
    settled_down,
)

FIRST, SECOND = Actor("kemensos-1", Role.PROGRAMME_OFFICER), Actor("kemensos-2", Role.PROGRAMME_OFFICER)
SPOUSE = member("spouse")


def family() -> Household:
    household = registered()
    household.add_member(command(), SPOUSE)
    return settled_down(household)


def request(household: Household, who: UUID | None, by: Actor = FIRST) -> UUID:
    erasure = uuid4()
    household.request_erasure(command(by), erasure, member=who, reason=ErasureReason.OWN_REQUEST)
    return erasure


def confirm(household: Household, erasure: UUID) -> None:
    household.confirm_erasure(command(SECOND), erasure)


def erase(household: Household, who: UUID | None) -> tuple[UUID, ...]:
    household.confirm_erasure(command(SECOND), request(household, who))
    return tuple(household.pending_events[-1].keys)


def test_one_persons_key_goes_and_the_households_stays_for_the_others() -> None:
    household = family()
    assert erase(household, SPOUSE.id) == (SPOUSE.id,)
    assert household.pending_events[-1].scope is ErasureScope.PERSON
    assert household.erased == [SPOUSE.id]
    assert happened(household) == ["household.erasure_requested.v1", "household.personal_data_erased.v1"]


def test_the_households_key_goes_with_its_last_person() -> None:
    household = family()
    erase(household, HEAD.id)
    assert erase(household, SPOUSE.id) == (SPOUSE.id, household.id)
    assert household.all_erased


def test_a_whole_household_is_erased_with_everybody_who_ever_belonged_to_it() -> None:
    household = family()
    household.remove_member(command(), SPOUSE.id, reason=MemberLeftReason.MARRIED)
    erase(household, HEAD.id)
    assert set(erase(household, None)) == {SPOUSE.id, household.id}


def test_who_requested_it_cannot_confirm_it() -> None:
    household = family()
    erasure = request(household, HEAD.id)
    refused(household, "own-erasure", "confirm-erasure", lambda: household.confirm_erasure(command(FIRST), erasure))


def test_a_request_that_was_withdrawn_is_confirmed_by_nobody_and_may_be_made_again() -> None:
    household = family()
    erasure = request(household, HEAD.id)
    household.withdraw_erasure(command(FIRST), erasure)
    satisfied(household, lambda: household.withdraw_erasure(command(FIRST), erasure))
    refused(household, "no-such-erasure", "confirm-erasure", lambda: confirm(household, erasure))
    assert erase(household, HEAD.id) == (HEAD.id,)


def test_what_was_asked_for_twice_by_the_same_actor_is_recorded_once() -> None:
    household = family()
    erasure = request(household, HEAD.id)
    satisfied(household, lambda: request(household, HEAD.id))
    household.confirm_erasure(command(SECOND), erasure)
    satisfied(household, lambda: household.confirm_erasure(command(SECOND), erasure))
    assert household.keys_of(erasure) == (HEAD.id,)


def test_the_same_is_not_requested_by_two_nor_after_it_was_erased() -> None:
    household = family()
    request(household, HEAD.id)
    refused(household, "erasure-requested", "request-erasure", lambda: request(household, HEAD.id, SECOND))
    erase(household, SPOUSE.id)
    refused(household, "personal-data-erased", "request-erasure", lambda: request(household, SPOUSE.id))
    erase(household, None)
    for who in (None, HEAD.id):
        refused(household, "personal-data-erased", "request-erasure", lambda who=who: request(household, who))


def test_an_open_request_is_settled_when_another_covers_it() -> None:
    household = family()
    one, whole = request(household, HEAD.id), request(household, None)
    household.confirm_erasure(command(SECOND), whole)
    assert not household.erasures[one].open
    refused(household, "no-such-erasure", "confirm-erasure", lambda: confirm(household, one))


def test_somebody_who_never_belonged_to_it_is_not_erased() -> None:
    household = family()
    refused(household, "no-such-member", "request-erasure", lambda: request(household, uuid4()))


def test_nothing_personal_is_added_to_what_was_erased() -> None:
    household = family()
    erase(household, HEAD.id)

    def assess() -> object:
        details = SPOUSE.name
        return household.assess_member(command(), HEAD.id, details=details, pas_class=PasClass.GENERAL)

    refused(household, "personal-data-erased", "assess-member", assess)
    erase(household, None)
    refused(household, "personal-data-erased", "add-member", lambda: household.add_member(command(), member("new")))


def test_programme_officers_are_shown_what_they_may_erase_and_confirm_and_others_are_not() -> None:
    household = family()
    erasure = request(household, HEAD.id)

    def shown(actor: Actor) -> list[tuple[str, str | None]]:
        found = household.actions(actor, TODAY)
        return [(a.action, a.subject.get("member") or a.subject.get("erasure")) for a in found if "erasure" in a.action]

    asked = [("request-erasure", None), ("request-erasure", str(SPOUSE.id)), ("withdraw-erasure", str(HEAD.id))]
    assert shown(FIRST) == asked
    assert shown(SECOND) == [*asked, ("confirm-erasure", str(HEAD.id))]
    assert household.erasures[erasure].member == HEAD.id
    assert shown(REGIONAL) == []


@pytest.mark.parametrize("action", ["request-erasure", "confirm-erasure", "withdraw-erasure"])
def test_erasures_are_the_programme_officers_alone(action: str) -> None:
    assert TABLE[action].by == (Role.PROGRAMME_OFFICER,)


def test_a_visit_without_a_note_adds_nothing_personal() -> None:
    household = family()
    erase(household, None)
    settled_down(household)
    household.visit(command(), purpose=VisitPurpose.VERIFICATION, result=VisitResult.DONE, note=None)
    assert happened(household) == ["household.visited.v1"]


def test_no_text_no_address_and_no_referral_is_added_to_an_erased_household() -> None:
    household = family()
    erase(household, None)
    note = sealed("note")
    adding: dict[str, Callable[[], object]] = {
        "visit": lambda: household.visit(
            command(), purpose=VisitPurpose.VERIFICATION, result=VisitResult.DONE, note=note
        ),
        "move": lambda: household.move(command(), region=VILLAGE, address=sealed("address")),
        "assess": lambda: household.assess(command(), income=sealed("income"), note=None),
        "refer": lambda: refer(household, None),
    }
    for action, add in adding.items():
        refused(household, "personal-data-erased", action, add)


def test_a_person_who_was_erased_is_not_referred_while_the_others_are() -> None:
    household = family()
    erase(household, SPOUSE.id)
    refused(household, "personal-data-erased", "refer", lambda: refer(household, SPOUSE.id))
    settled_down(household)
    refer(household, HEAD.id)
    refer(household, None)
    assert happened(household) == ["household.referred.v1"] * 2


def refer(household: Household, who: UUID | None) -> object:
    return household.refer(command(), referral=uuid4(), agency=AGENCY_ID, service=SERVICE_ID, member=who)
