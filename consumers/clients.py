"""Clients of Kafka, closed whatever happens."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient

Client = TypeVar("Client")


@contextmanager
def client(kind: Callable[..., Client], given: Mapping[str, Any], **closing: Any) -> Iterator[Client]:
    """A client of this kind, so configured, until left; `closing` is how it is closed.

    The library leaves a thread and its sockets behind where it cannot reach anybody.
    """
    opened: list[KafkaNetClient] = []

    def remembered(**told: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**told))
        return opened[-1]

    try:
        made: Any = kind(**{**given, "kafka_client": remembered})
        try:
            yield made
        finally:
            made.close(**closing)
    finally:
        for network in opened:
            network.close()
