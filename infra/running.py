"""What runs in one `rujukan up` beside the HTTP server: projections, clock, erasures, checkpoints, and what
partners are sent and answer, each on a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import KafkaError

from consumers.auditing.attesting import Attesting
from consumers.clock import Clock
from consumers.erasing import Erasing
from consumers.publishing.publisher import Publisher, left_out
from consumers.taking_in.reading import ReplyReader
from infra.attestation.kafka_keeper import kafka_keeper
from infra.attestation.signing_key import NoKey
from infra.bootstrap import Composed
from infra.kafka.beside import Kafka
from infra.terminal import console
from projections import log_signing
from projections.catalogue import PROJECTIONS
from projections.engine.follower import Follower

CLOCK_EVERY = 30.0
"""Seconds between looks for deadlines that have passed."""
ERASE_EVERY = 2.0
"""Seconds between looks for erasures whose keys are still there: as a rule whoever confirmed one has destroyed them."""
AGAIN_AFTER = 5.0
"""Seconds until a cluster that did not answer is asked again."""
LONGEST_STOP = 20.0


@contextmanager
def followers(composed: Composed, erasing: Erasing, kafka: Kafka) -> Iterator[None]:
    """Runs this process's share of all of these until left; each ends what it is at. Partners are sent nothing, and not
    heard, until there is a broker."""
    stop = threading.Event()
    services = composed.services
    clock = Clock(services.application, services.pool, services.time)
    follower = Follower(composed.connect, composed.recorder, PROJECTIONS)
    attesting = _attesting(composed)
    threads = [
        threading.Thread(target=follower.run, args=(stop,), name="follower", daemon=True),
        threading.Thread(target=clock.run, args=(stop, CLOCK_EVERY), name="clock", daemon=True),
        threading.Thread(target=erasing.run, args=(stop, ERASE_EVERY), name="erasing", daemon=True),
        threading.Thread(target=_attest, args=(attesting, composed, kafka, stop), name="attesting", daemon=True),
        threading.Thread(target=_publish, args=(composed, kafka, stop), name="publisher", daemon=True),
        threading.Thread(target=_take_in, args=(composed, kafka, stop), name="intake", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(LONGEST_STOP)


def _publish(composed: Composed, kafka: Kafka, stop: threading.Event) -> None:
    access = kafka.access(stop)
    if access is not None:
        Publisher(composed.publishing_session, access.client()).run(stop)
    elif not stop.is_set():
        with composed.publishing_session() as session:
            left_out(session)


def _attesting(composed: Composed) -> Attesting | None:
    """None where the key is gone by which the log was signed: that is told, and everything else goes on."""
    try:
        return composed.attesting()
    except NoKey as gone:
        console.print(f"Nothing is signed. {gone}", markup=False, soft_wrap=True)
        with composed.attesting_session() as session:
            log_signing.tell(session, str(gone))
        return None


def _attest(attesting: Attesting | None, composed: Composed, kafka: Kafka, stop: threading.Event) -> None:
    """Where there is Kafka, nothing is signed that it does not keep."""
    if attesting is None:
        return
    access, settings = kafka.access(stop), composed.settings
    if access is None:
        attesting.run(stop)
        return
    while not stop.is_set():
        try:
            with kafka_keeper(access, settings.log_origin, settings.kafka_replicas) as keeper:
                attesting.beside(keeper).run(stop)
        except KafkaError as fault:
            attesting.failed(fault)
            stop.wait(AGAIN_AFTER)


def _take_in(composed: Composed, kafka: Kafka, stop: threading.Event) -> None:
    access = kafka.access(stop)
    if access is not None:
        connect, numbers = composed.services.pool.connection, composed.numbers
        ReplyReader(composed.intake(), connect, access.client(), numbers=numbers).run(stop)


def projection_names() -> list[str]:
    return [projection.name for projection in PROJECTIONS]
