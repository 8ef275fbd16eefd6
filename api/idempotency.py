"""`Idempotency-Key`: a command repeated under the same key, by the same caller on the same route, is done once."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel

from api.problems import Refusal
from api.services import Records
from domain.values import Actor, Receipt

KEY = re.compile(r"[\x21-\x7e]{1,200}")

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Of the caller's choice, 1 to 200 visible ASCII characters; kept 30 days.",
        json_schema_extra={"pattern": f"^{KEY.pattern}$"},
    ),
]


def route_of(method: str, path: str) -> str:
    """One for each record, however its id is spelt: UUIDs may come in capitals, in braces, or as `urn:uuid:`."""
    return f"{method} {'/'.join(_canonical(part) for part in path.split('/'))}"


def _canonical(part: str) -> str:
    try:
        return str(UUID(part))
    except ValueError:
        return part


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an idempotent command leaves its receipt; `fingerprint` is of its body."""

    caller: str
    route: str
    key: str
    fingerprint: bytes

    def receipt(self, status: int, location: str | None) -> Receipt:
        return Receipt(self.caller, self.route, self.key, self.fingerprint, status, location)

    def earlier(self, records: Records) -> Receipt | None:
        """What an equal command left before; 422 where it was another under this key."""
        found = records.receipt(self.caller, self.route, self.key)
        if found is not None and found.fingerprint != self.fingerprint:
            detail = "This idempotency key was used for another body."
            raise Refusal(422, "idempotency-key-reused", detail, field="Idempotency-Key")
        return found

    @contextmanager
    def claimed(self, records: Records) -> Iterator[None]:
        """409 while another command under this key is being carried out, in whichever process."""
        with records.claiming(self.caller, self.route, self.key) as ours:
            if not ours:
                raise in_progress()
            yield


def slot(
    key: str | None, actor: Actor, route: str, body: BaseModel, fingerprint: Callable[[bytes], bytes]
) -> Slot | None:
    """None without a key; 400 where it is malformed. The body counts as it was understood, not as it was spelt."""
    if key is None:
        return None
    if not KEY.fullmatch(key):
        detail = "Idempotency-Key must be 1 to 200 visible ASCII characters."
        raise Refusal(400, "malformed-idempotency-key", detail, field="Idempotency-Key")
    canonical = json.dumps(body.model_dump(mode="json"), sort_keys=True, ensure_ascii=False).encode()
    who = json.dumps([actor.sub, actor.role.value, actor.scope], ensure_ascii=False)
    return Slot(who, route, key, fingerprint(canonical))


def in_progress() -> Refusal:
    detail = "A command under this idempotency key is being carried out."
    return Refusal(409, "in-progress", detail, headers={"Retry-After": "1"})
