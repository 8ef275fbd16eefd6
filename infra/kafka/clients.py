"""Who administers a cluster, and what is said where it refuses."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.admin import KafkaAdminClient
from kafka.errors import AuthorizationError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

from consumers.clients import client
from infra.kafka.access import Access
from infra.kafka.errors import BrokerError

PATIENCE = 15.0
"""Seconds for the cluster to answer at all."""


@contextmanager
def administrator(access: Access, patience: float | None = None) -> Iterator[KafkaAdminClient]:
    """Raises `BrokerError` where the cluster does not answer, refuses whoever this is, or what it is asked to do."""
    try:
        given = {**access.client(), "bootstrap_timeout_ms": int((patience or PATIENCE) * 1000)}
        with client(KafkaAdminClient, given) as administering:
            yield administering
    except SaslAuthenticationFailedError:
        raise BrokerError(f"Kafka at {access} refuses the user {access.user} or its password.") from None
    except AuthorizationError as fault:
        raise BrokerError(f"Kafka at {access} does not allow that to {access.user}: {_told(fault)}") from None
    except KafkaTimeoutError:
        raise BrokerError(_silence(access)) from None
    except KafkaError as fault:
        raise BrokerError(f"Kafka at {access} does not do it: {_told(fault)}") from None


def proves(access: Access) -> bool:
    """Whether a broker answers and takes who this is."""
    try:
        check(access, patience=2.0)
    except BrokerError:
        return False
    return True


def check(access: Access, patience: float | None = None) -> None:
    """Raises `BrokerError`, which says what is the matter, where no broker answers or takes who this is."""
    with administrator(access, patience):
        pass


def _silence(access: Access) -> str:
    """The library does not read a refusal that comes together with the end of the connection, as a broker's does; all
    it says is that it got nowhere."""
    if access.protocol.asks_who and any(is_open(server) for server in access.servers):
        return f"Kafka at {access} ends the connection: it refuses the user {access.user} or its password."
    return f"Kafka at {access} does not answer."


def is_open(server: str) -> bool:
    """Whether anything takes connections at this `host:port`."""
    host, _, port = server.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1.0).close()
    except OSError:
        return False
    return True


def _told(fault: KafkaError) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0]
