"""What a row of a transition table is. Aggregates decide by the rows; `actions` and refusals show them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from domain.values import Actor, Role

SENDERS = (Role.FACILITATOR, Role.REGIONAL_OFFICER, Role.PROGRAMME_OFFICER)
MINISTRY = (Role.PROGRAMME_OFFICER,)
OFFICERS = (Role.REGIONAL_OFFICER, Role.PROGRAMME_OFFICER)
AGENCIES = (Role.AGENCY_OFFICER, Role.AGENCY_SYSTEM)
CLOCK = (Role.CLOCK,)


@dataclass(frozen=True, slots=True)
class Condition:
    """One named reason for which a transition may be refused; `holds(record, subject)` is pure."""

    code: str
    meaning: str
    holds: Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One transition: the action (the verb of its route), the event's topic, who may take it, and when."""

    action: str
    event: str
    by: tuple[Role, ...]
    when: tuple[Condition, ...] = ()

    def failing(self, record: Any, subject: Any) -> Condition | None:
        return next((c for c in self.when if not c.holds(record, subject)), None)

    def open_to(self, actor: Actor) -> bool:
        return actor.role in self.by


def by_action(rules: Iterable[Rule]) -> dict[str, Rule]:
    return {rule.action: rule for rule in rules}


@dataclass(frozen=True, slots=True)
class Action:
    """An action open to a caller now; `subject` names what it can be taken on, such as a programme or a proposal."""

    action: str
    event: str
    subject: dict[str, str]
