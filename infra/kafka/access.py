"""How a client reaches a Kafka cluster and proves who it is."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any


class Protocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def encrypts(self) -> bool:
        return self in (Protocol.SSL, Protocol.SASL_SSL)

    @property
    def asks_who(self) -> bool:
        return self in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)


class Mechanism(StrEnum):
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


@dataclass(frozen=True, slots=True)
class Access:
    """Each of `servers` is `host:port`. User, password and mechanism go with the SASL protocols alone; without a file
    of authorities the system's are trusted."""

    servers: tuple[str, ...]
    protocol: Protocol
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def client(self) -> dict[str, Any]:
        """Arguments of each of kafka-python's clients."""
        given: dict[str, Any] = {"bootstrap_servers": list(self.servers), "security_protocol": str(self.protocol)}
        if self.protocol.asks_who:
            given["sasl_mechanism"] = str(self.mechanism)
            given["sasl_plain_username"] = self.user
            given["sasl_plain_password"] = self.password
        if self.protocol.encrypts and self.ca_file is not None:
            given["ssl_cafile"] = str(self.ca_file)
        return given

    def of(self, user: str, password: str) -> "Access":
        """The same cluster for somebody else."""
        return replace(self, user=user, password=password)

    def __str__(self) -> str:
        return ", ".join(self.servers)
