"""Kafka as `rujukan up` has it: a cluster of one's own, the broker that comes with Rujukan, or none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from infra.kafka.access import Access
from infra.kafka.broker import Broker, embedded_broker
from infra.kafka.errors import Abandoned, BrokerError
from infra.settings import Settings
from infra.threads import on_a_thread

Tell = Callable[[str], None]

LOOK_EVERY = 1.0
"""Seconds."""
LONGEST_STOP = 90.0

_log = structlog.get_logger("kafka-broker")


class Kafka:
    """What is known of it: it comes up beside everything else, which does not wait for it."""

    def __init__(self) -> None:
        self._access: Access | None = None
        self._known = threading.Event()

    def access(self, stop: threading.Event | None = None) -> Access | None:
        """How Rujukan reaches it, waited for; None where Kafka is left out, or whoever waits is told to stop."""
        while not self._known.wait(0.1):
            if stop is not None and stop.is_set():
                return None
        return self._access

    def is_there(self, access: Access) -> None:
        self._access = access
        self._known.set()

    def comes_no_more(self) -> None:
        self._known.set()


def left_out() -> Kafka:
    found = Kafka()
    found.comes_no_more()
    return found


@contextmanager
def kafka(settings: Settings, tell: Tell, *, wanted: bool = True) -> Iterator[Kafka]:
    """Where it cannot be had that is told on one line, and everything else runs without."""
    if not wanted:
        yield left_out()
    elif settings.kafka_access is not None:
        found = Kafka()
        found.is_there(settings.kafka_access)
        yield found
    elif not settings.development:
        tell("Kafka is left out: KAFKA_BOOTSTRAP_SERVERS is not given.")
        yield left_out()
    else:
        found = Kafka()
        with _embedded(settings, tell, found):
            yield found


@contextmanager
def _embedded(settings: Settings, tell: Tell, found: Kafka) -> Iterator[None]:
    def keep(stop: threading.Event) -> None:
        _Keeper(settings, tell, found, stop).run()

    with on_a_thread(keep, "kafka-broker", longest_stop=LONGEST_STOP):
        yield


class _Keeper:
    """Holds the broker from its start to its stop, on a thread of its own."""

    def __init__(self, settings: Settings, tell: Tell, found: Kafka, stop: threading.Event) -> None:
        self._settings = settings
        self._tell = tell
        self._found = found
        self._stop = stop

    def run(self) -> None:
        try:
            with embedded_broker(self._settings.home, tell=self._tell, abandon=self._stop) as broker:
                self._found.is_there(broker.access)
                self._tell(f"Kafka is ready on {broker.access}.")
                self._keep(broker)
        except Abandoned:
            pass
        except BrokerError as fault:
            self._leave_out(str(fault))
        except Exception as fault:
            _log.exception("broker-failed")
            self._leave_out((str(fault).splitlines() or [type(fault).__name__])[0])
        finally:
            self._found.comes_no_more()

    def _keep(self, broker: Broker) -> None:
        while not self._stop.wait(LOOK_EVERY):
            if broker.listens():
                continue
            self._tell("Kafka has ended; it is started anew.")
            _log.warning("ended")
            revived = self._revived(broker)
            if revived is not None:
                broker = revived
                self._tell(f"Kafka is ready again on {broker.access}.")
                _log.warning("revived")

    def _revived(self, broker: Broker) -> Broker | None:
        """Tried until it is done, and told of once where it is not; None where that is not waited for."""
        told: str | None = None
        while not self._stop.is_set():
            try:
                return broker.revive()
            except Abandoned:
                return None
            except (BrokerError, OSError) as fault:
                if str(fault) != told:
                    told = str(fault)
                    self._tell(f"Kafka is tried again and again: {told}")
                    _log.error("not-revived", reason=told)
            self._stop.wait(LOOK_EVERY)
        return None

    def _leave_out(self, reason: str) -> None:
        _log.warning("left-out", reason=reason)
        self._tell(f"Kafka is left out: {reason}")
