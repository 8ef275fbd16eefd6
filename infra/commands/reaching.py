"""How a command reaches Kafka: the cluster that is set, or in development the broker beside the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.kafka.access import Access
from infra.kafka.broker import embedded_broker
from infra.settings import Settings
from infra.terminal import console, fail


@contextmanager
def kafka_reached(settings: Settings) -> Iterator[Access]:
    if settings.kafka_access is not None:
        yield settings.kafka_access
    elif not settings.development:
        fail("KAFKA_BOOTSTRAP_SERVERS must be given when RUJUKAN_ENV=production.")
    else:
        with embedded_broker(settings.home, tell=console.print) as broker:
            yield broker.access
