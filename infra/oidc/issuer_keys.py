"""The issuer's keys as they are known here: kept, renewed beside the requests, and asked for again only so often.

A key that the issuer no longer publishes is not accepted from the next renewal on. While the issuer cannot be reached
those known last are good for a while.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog

from api.tokens import IssuerAway
from infra.oidc.key_set import Keys, PublicKey, keys_of

_log = structlog.get_logger("security")


class Unfetched(Exception):
    """The keys were not had; the text says why on one line, and holds nothing that the other side sent."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: after how long keys are renewed, how long they are good without, the least time between two attempts,
    whatever kids are asked for, and how long one request waits for an attempt."""

    renewed_after: float = 300.0
    kept: float = 3600.0
    between: float = 10.0
    waited: float = 6.0


class IssuerKeys:
    """`fetch` blocks and gives a JWK set, or raises `Unfetched`; it runs on a thread of its own, one at a time."""

    def __init__(
        self,
        fetch: Callable[[], Any],
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._patience = patience or Patience()
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._away = False
        self._attempt: Future[None] | None = None

    def current(self) -> Keys:
        """Those that are good now; begins to renew them where they are old, without waiting."""
        if self._fetched_at is None:
            return {}
        age = self._clock() - self._fetched_at
        if age > self._patience.renewed_after:
            self._begin()
        return self._keys if age <= self._patience.kept else {}

    async def find(self, kid: str) -> PublicKey | None:
        """None where the issuer has no such key; raises `IssuerAway` where that cannot be found out."""
        found = self.current().get(kid)
        if found is not None:
            return found
        attempt = self._begin()
        if attempt is not None:
            try:
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(attempt)), self._patience.waited)
            except TimeoutError:
                raise IssuerAway from None
        keys = self.current()
        if kid not in keys and (self._away or not keys):
            raise IssuerAway
        return keys.get(kid)

    def _begin(self) -> "Future[None] | None":
        """The attempt that is under way or begun now; None where the last one was too lately."""
        with self._lock:
            if self._attempt is not None and not self._attempt.done():
                return self._attempt
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < self._patience.between:
                return None
            self._tried_at, self._attempt = now, Future()
            threading.Thread(target=self._try, args=(self._attempt,), name="issuer-keys", daemon=True).start()
            return self._attempt

    def _try(self, attempt: "Future[None]") -> None:
        try:
            self._keys = keys_of(self._fetch())
            self._fetched_at, self._away = self._clock(), False
        except Exception as fault:
            self._away = True
            reason = str(fault) if isinstance(fault, Unfetched | ValueError) else type(fault).__name__
            _log.error("issuer-keys-not-had", reason=reason, known=len(self._keys))
        finally:
            attempt.set_result(None)
