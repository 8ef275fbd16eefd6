"""Kafka starts by the properties of the deployment in separate parts, and takes either side by its own listener."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from consumers import topics
from infra.kafka.access import Access, Mechanism, Protocol
from infra.kafka.administration import Shape, administration
from infra.kafka.clients import administrator, proves
from infra.kafka.configuration import ENVIRONMENT, call
from infra.kafka.distribution import distribution
from infra.kafka.making import new_cluster_id
from tests.end_to_end.conftest import free_port
from tests.kafka_clients import read, write

EXAMPLE = Path(__file__).parents[3] / "infra" / "compose" / "kafka.properties.example"
PASSWORD = "a-password-of-letters"
INSIDE, OUTSIDE = "localhost", "127.0.0.1"
"""What this machine has in place of `kafka`, and of the name that agencies use."""
WITHIN = 90.0


@dataclass(frozen=True)
class Deployed:
    internal: Access
    agencies: str


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("compose")
    authority = certified(folder)
    ports = {port: free_port() for port in ("9092", "9093", "9094")}
    text = EXAMPLE.read_text().replace("PASSWORD", PASSWORD).replace("kafka:", f"{INSIDE}:")
    for written, port in ports.items():
        text = text.replace(f":{written}", f":{port}")
    for written, place in (("/run/secrets", folder), ("/var/lib/kafka/data", folder / "data")):
        text = text.replace(str(written), str(place))
    (folder / "server.properties").write_text(text)
    found = distribution(print)
    environment = {**ENVIRONMENT, "AGENCIES_COME_TO": f"{OUTSIDE}:{ports['9094']}"}
    words = ("format", "--cluster-id", new_cluster_id(), "--config", "server.properties")
    (folder / "format.args").write_text(call(found, "kafka.tools.StorageTool", *words))
    (folder / "kafka.args").write_text(call(found, "kafka.Kafka", "server.properties"))
    subprocess.run([str(found.java), "@format.args"], cwd=folder, env=environment, check=True, timeout=WITHIN)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(found.java), "@kafka.args"], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            access = Access(
                (f"{INSIDE}:{ports['9092']}",), Protocol.SASL_SSL, Mechanism.PLAIN, "rujukan", PASSWORD, authority
            )
            deadline = time.monotonic() + WITHIN
            while not proves(access):
                assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
                time.sleep(0.2)
            yield Deployed(access, f"{OUTSIDE}:{ports['9094']}")
        finally:
            process.kill()
            process.wait()


def certified(folder: Path) -> Path:
    """The broker's key and certificate, for both of its names, and the authority's certificate, whose place it is."""
    now = datetime.now(UTC)

    def signed(name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")])
        builder = (
            x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            names: list[x509.GeneralName] = [x509.DNSName(INSIDE), x509.IPAddress(ip_address(OUTSIDE))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)

    authority, broker = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    (folder / "kafka_ca").write_bytes(signed("an authority", authority, authority, ca=True))
    private = broker.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "kafka_keystore").write_bytes(private + signed("a broker", broker, authority, ca=False))
    return folder / "kafka_ca"


def test_an_agency_is_made_by_the_inner_listener_and_works_by_the_outer(deployed: Deployed) -> None:
    agency = uuid4()
    with administration(deployed.internal, Shape(retention_days=1, replicas=1)) as administering:
        credential = administering.add(agency)
    outside = replace(
        deployed.internal.of(credential.user, credential.password),
        servers=(deployed.agencies,),
        mechanism=Mechanism.SCRAM_SHA_512,
    )
    assert brokers(outside) == [deployed.agencies]
    assert brokers(deployed.internal) == [*deployed.internal.servers]
    write(outside, topics.replies(agency), b"an answer")
    write(deployed.internal, topics.referrals(agency), b"a referral")
    assert read(outside, topics.referrals(agency), group=f"{agency}.desk") == [b"a referral"]
    assert read(deployed.internal, topics.replies(agency)) == [b"an answer"]


def test_nobody_comes_in_by_the_password_of_rujukan_from_outside(deployed: Deployed) -> None:
    assert not proves(replace(deployed.internal, servers=(deployed.agencies,)))


def brokers(access: Access) -> list[str]:
    """The addresses to which whoever comes by this way is sent on."""
    with administrator(access) as client:
        return [f"{broker['host']}:{broker['port']}" for broker in client.describe_cluster()["brokers"]]
