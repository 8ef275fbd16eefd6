"""What a partner has on the cluster: three topics, a principal that proves itself by SCRAM, and its rights.

Each step may be repeated after any of them was cut short, and finds done what was done.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kafka.admin import (
    ConfigResource,
    KafkaAdminClient,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import for_code

from consumers import topics
from infra.kafka import rights
from infra.kafka.access import Access, Mechanism
from infra.kafka.clients import administrator, proves
from infra.kafka.errors import BrokerError

ALREADY_EXISTS = 36
"""Kafka's code of an error."""
ITERATIONS = 8192
SEEN_WITHIN = 15.0
"""Seconds in which what was ordered is known to the broker that is asked."""
BY_THE_BROKERS_CLOCK = {"message.timestamp.type": "LogAppendTime"}
"""How long a message is kept goes by when it came: by its sender's clock, one that is wrong would be deleted unread."""
DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Credential:
    """To be handed over once: the cluster keeps no password, and neither does Rujukan."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Existing:
    """What a partner has by now."""

    topics: frozenset[str]
    rights: frozenset[rights.ACL]
    credential: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the topics that are made; those that are there keep their own, but for the clock that they go by."""

    retention_days: int
    replicas: int
    partitions: int = 3

    def topic(self) -> dict[str, Any]:
        return {
            "num_partitions": self.partitions,
            "replication_factor": self.replicas,
            "configs": {
                "cleanup.policy": "delete",
                "retention.ms": str(self.retention_days * DAY),
                "min.insync.replicas": str(min(2, self.replicas)),
                **BY_THE_BROKERS_CLOCK,
            },
        }


class Administration:
    """Methods raise what kafka-python does, and `BrokerError` where the cluster refuses a part of an order."""

    def __init__(self, client: KafkaAdminClient, access: Access, shape: Shape) -> None:
        self._client = client
        self._access = access
        self._shape = shape

    def add(self, agency: UUID) -> Credential:
        """Everything that a partner has; where it was there already, its secret is another one now."""
        self._make_topics(agency)
        self._allow(agency)
        return self.rotate(agency)

    def rotate(self, agency: UUID) -> Credential:
        """A new secret; with the one before nobody connects any more."""
        user, password = topics.principal(agency), secrets.token_urlsafe(32)
        wanted = UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password, iterations=ITERATIONS)
        self._alter(user, wanted)
        self._see(lambda: self._is_taken(user, password))
        return Credential(user, password)

    def revoke(self, agency: UUID) -> None:
        """Takes the rights first, which ends what connections of old may do, and then the secret. The topics stay,
        with what is in them.

        The credential gets a secret that nobody is told: a broker of Kafka 4.4.0 that finds one made and deleted in
        its metadata as it starts takes nobody's.
        """
        user = topics.principal(agency)
        for _, _, fault in self._client.delete_acls([rights.everything_of(user)]):
            if fault.errno:
                raise BrokerError(f"Kafka does not take the rights of {user}: {fault.__name__}.")
        if self._has_credential(user):
            self.rotate(agency)
        self._see(lambda: not self._rights(user))

    def existing(self, agency: UUID) -> Existing:
        user = topics.principal(agency)
        found = frozenset(self._client.list_topics()) & frozenset(topics.all_of(agency))
        return Existing(found, frozenset(self._rights(user)), self._has_credential(user))

    def _make_topics(self, agency: UUID) -> None:
        wanted = topics.all_of(agency)
        made = self._client.create_topics({name: self._shape.topic() for name in wanted}, raise_errors=False)
        there = [topic["name"] for topic in made["topics"] if topic["error_code"] == ALREADY_EXISTS]
        for topic in made["topics"]:
            if topic["error_code"] not in (0, ALREADY_EXISTS):
                said = topic.get("error_message") or for_code(topic["error_code"]).__name__
                raise BrokerError(f"Kafka does not make the topic {topic['name']}: {said}")
        self._client.wait_for_topics(wanted)
        if there:
            self._set_the_clock(there)

    def _set_the_clock(self, names: list[str]) -> None:
        """Of topics that were made before, perhaps by somebody else."""
        done = self._client.alter_configs([ConfigResource("TOPIC", name, dict(BY_THE_BROKERS_CLOCK)) for name in names])
        for name, came in done["topic"].items():
            if came != "OK":
                raise BrokerError(f"Kafka does not let the topic {name} go by its own clock: {came}")

    def _allow(self, agency: UUID) -> None:
        user, wanted = topics.principal(agency), rights.of(agency)
        failed = self._client.create_acls(wanted)["failed"]
        if failed:
            raise BrokerError(f"Kafka does not give {user} its rights: {failed[0].__name__}.")
        self._see(lambda: set(wanted) <= set(self._rights(user)))

    def _rights(self, user: str) -> list[rights.ACL]:
        found, _ = self._client.describe_acls(rights.everything_of(user))
        return list(found)

    def _has_credential(self, user: str) -> bool:
        return bool(self._client.describe_user_scram_credentials([user])[user]["credential_infos"])

    def _is_taken(self, user: str, password: str) -> bool:
        """Partners may come by another way than Rujukan does, which then can only look whether there is a secret."""
        if self._access.protocol.asks_who and self._access.mechanism is Mechanism.SCRAM_SHA_512:
            return proves(self._access.of(user, password))
        return self._has_credential(user)

    def _alter(self, user: str, wanted: UserScramCredentialUpsertion) -> None:
        refused = self._client.alter_user_scram_credentials([wanted])[user]
        if refused is not None:
            raise BrokerError(f"Kafka does not change the secret of {user}: {refused}")

    @staticmethod
    def _see(done: Callable[[], bool]) -> None:
        """An order that was taken reaches the brokers a moment later."""
        deadline = time.monotonic() + SEEN_WITHIN
        while not done():
            if time.monotonic() > deadline:
                raise BrokerError("Kafka has taken an order and does not follow it.")
            time.sleep(0.05)


@contextmanager
def administration(access: Access, shape: Shape) -> Iterator[Administration]:
    """Raises `BrokerError` where the cluster does not answer or refuses, also from what is done inside."""
    with administrator(access) as client:
        yield Administration(client, access, shape)
