"""A Kafka of the tests' own, to be killed and revived as often as a test likes."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from consumers import topics
from infra.kafka.access import Access
from infra.kafka.administration import Administration, Shape
from infra.kafka.broker import embedded_broker
from infra.kafka.clients import administrator
from infra.kafka.processes import broker_process
from tests.faults.programs import eventually
from tests.kafka_clients import take_away

SHAPE = Shape(retention_days=1, replicas=1)


class OwnBroker:
    def __enter__(self) -> Self:
        with ExitStack() as stack:
            parent = stack.enter_context(tempfile.TemporaryDirectory(prefix="rj-", ignore_cleanup_errors=True))
            self.home = Path(parent).resolve() / "home"
            self._broker = stack.enter_context(embedded_broker(self.home))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def access(self) -> Access:
        return self._broker.access

    @property
    def client(self) -> dict[str, Any]:
        return self.access.client()

    def kill(self) -> None:
        """SIGKILL, with no warning."""
        process = broker_process(self.home / "kafka")
        assert process is not None
        process.kill()
        eventually(lambda: broker_process(self.home / "kafka") is None)

    def revive(self) -> None:
        before = self.access
        self._broker = self._broker.revive()
        assert self.access == before, "whoever was connected comes back to the same address"

    def add(self, *agencies: UUID) -> dict[UUID, dict[str, Any]]:
        """Makes their topics anew, with nothing in them; returns how a client of each is configured."""
        self.take_away(*(topic for agency in agencies for topic in topics.all_of(agency)))
        with administrator(self.access) as client:
            administration = Administration(client, self.access, SHAPE)
            made = {agency: administration.add(agency) for agency in agencies}
        return {agency: self.access.of(c.user, c.password).client() for agency, c in made.items()}

    def revoke(self, agency: UUID) -> None:
        with administrator(self.access) as client:
            Administration(client, self.access, SHAPE).revoke(agency)

    def take_away(self, *gone: str) -> None:
        take_away(self.access, *gone)
