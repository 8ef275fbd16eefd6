"""`rujukan simulate-partner`: answers the referrals of one agency, as its system would."""

import random
from uuid import UUID

import typer
from kafka.errors import KafkaError

from consumers.simulated_partner import Manner, SimulatedPartner
from consumers.topics import principal
from infra.kafka.access import Access
from infra.kafka.broker import running
from infra.kafka.clients import check
from infra.kafka.errors import BrokerError
from infra.settings import Settings
from infra.terminal import console, fail
from infra.time import WallClock
from infra.told_to_stop import told_to_stop


def simulate_partner(
    settings: Settings, agency: UUID, *, manner: Manner, seed: int | None, until_idle: float | None
) -> None:
    """Runs until Ctrl-C or SIGTERM, or until nothing has come for a while, with the agency's own rights."""
    access = _access(settings, agency)
    try:
        check(access)
    except BrokerError as fault:
        fail(str(fault))
    chosen = random.SystemRandom().randrange(10**6) if seed is None else seed
    partner = SimulatedPartner(agency, access.client(), manner, chosen, WallClock().today())
    console.print(f"Answering for {agency} on {access}, with seed {chosen}. Ctrl-C stops it.")
    try:
        with told_to_stop() as stop:
            partner.run(stop, until_idle=until_idle)
    except KafkaError as fault:
        fail(f"Kafka at {access} does not let {access.user} read or answer: {type(fault).__name__}.")
    console.print(f"{partner.received:,} messages came, {partner.repeated:,} again; {partner.answered:,} answered.")


def _access(settings: Settings, agency: UUID) -> Access:
    access = settings.kafka_access or running(settings.home)
    if access is None:
        fail("Kafka does not run: `rujukan up` starts it, or KAFKA_BOOTSTRAP_SERVERS names one.")
    given = settings.partner_password
    password = given.get_secret_value() if given else typer.prompt("The agency's password", hide_input=True)
    return access.of(principal(agency), password)
