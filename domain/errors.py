"""Why a command is not carried out. Every error has a stable `code`; the edges translate it, nobody parses the text."""

from collections.abc import Sequence
from uuid import UUID


class DomainError(Exception):
    """Base of all reasons; `code` is kebab-case and stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Invalid(DomainError):
    """A fault of form or content in what was asked (HTTP 422); `field` names the place where known."""

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(code, detail)
        self.field = field


class NotFound(DomainError):
    """There is no such record, or none that the caller may know of (HTTP 404)."""

    def __init__(self, what: str) -> None:
        super().__init__("not-found", f"There is no such {what}, or it is outside your scope.")


class Forbidden(DomainError):
    """The caller's role may not take this action (HTTP 403)."""

    def __init__(self, role: str, action: str) -> None:
        super().__init__("forbidden", f"The role {role} may not {action.replace('-', ' ')}.")


class Refused(DomainError):
    """A transition that the table does not allow (HTTP 409); it is kept in the table of refusals."""

    def __init__(self, code: str, detail: str, *, state: str, action: str, allowed: Sequence[str]) -> None:
        super().__init__(code, detail)
        self.state = state
        self.action = action
        self.allowed = tuple(allowed)


class Conflict(DomainError):
    """What was asked contradicts what is recorded, without being a transition (HTTP 409)."""


class AlreadyRegistered(Conflict):
    """The family card or identity number belongs to a registered household already."""

    def __init__(self, kind: str, household: UUID) -> None:
        super().__init__("already-registered", f"This {kind.upper()} is registered already.")
        self.kind = kind
        self.household = household


class KeyReused(Conflict):
    """Another command was stored under the same idempotency key while this one was being decided."""

    def __init__(self) -> None:
        super().__init__("in-progress", "A command under the same idempotency key was being carried out at once.")


class StaleVersion(DomainError):
    """The caller decided on an older state of the record than the current one (HTTP 412)."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__("stale-version", f"The record is at version {actual}, not at {expected}.")
        self.actual = actual


class NoWordsYet(DomainError):
    """What comes next is of a type that a newer process knows how to tell (HTTP 503, worth trying again)."""

    def __init__(self) -> None:
        super().__init__("no-contract", "What comes next is told by a newer version, which is on its way.")


class Contended(DomainError):
    """Others changed the same record each time that this command was tried (HTTP 409, worth trying again)."""

    def __init__(self) -> None:
        super().__init__("contended", "The record was being changed by others; please try again.")
