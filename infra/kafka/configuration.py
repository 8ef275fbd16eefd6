"""What the broker that comes with Rujukan is told: its settings, and how Java is called.

Who has no password has no way in: neither clients nor the controller, which is in the same process and which Kafka
reaches over a connection of its own all the same. That one takes PLAIN, since SCRAM needs what the controller keeps;
both listen on this machine alone.
"""

from dataclasses import dataclass, field

from infra.kafka.distribution import Distribution
from infra.kafka.ports import HOST, Ports

ADMINISTRATOR = "rujukan"
"""Rujukan's own principal, to which everything is allowed."""
NODE = 1
SETTINGS = "broker.properties"
CALL = "java.args"
LOGS = "data"
"""Names in the data directory, in which every Java is started."""
JAVA = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Small, and up with half of the work: a broker for one machine has little to win by code that is compiled better."""

ENVIRONMENT = {"LANG": "C.UTF-8"}
"""All that a Java is given: no options of others, and no secrets."""

_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True, slots=True)
class Secrets:
    administrator: str = field(repr=False)
    controller: str = field(repr=False)


def settings(ports: Ports, secrets: Secrets) -> str:
    """The text of a properties file. Secrets are letters, digits, `-` and `_`."""
    own = f'{_SCRAM} required username="{ADMINISTRATOR}" password="{secrets.administrator}";'
    controller = (
        f'{_PLAIN} required username="{ADMINISTRATOR}" password="{secrets.controller}"'
        f' user_{ADMINISTRATOR}="{secrets.controller}";'
    )
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": NODE,
            "controller.quorum.voters": f"{NODE}@{HOST}:{ports.controller}",
            "listeners": f"CLIENTS://{HOST}:{ports.clients},CONTROLLER://{HOST}:{ports.controller}",
            "advertised.listeners": f"CLIENTS://{HOST}:{ports.clients}",
            "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "CLIENTS",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.clients.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": own,
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": controller,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "broker.heartbeat.interval.ms": 1000,
            "broker.session.timeout.ms": 6000,  # one that was killed is waited for so long before it comes in anew
            "super.users": f"User:{ADMINISTRATOR}",
            "auto.create.topics.enable": "false",
            "log.dirs": LOGS,
            "default.replication.factor": 1,
            "min.insync.replicas": 1,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0,
            "log.cleaner.dedupe.buffer.size": 8 << 20,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
            "log.index.size.max.bytes": 1 << 20,  # of Kafka's 10 MB, the first page took each partition up to 40 ms
        }
    )


def call(distribution: Distribution, program: str, *words: str) -> str:
    """The text of an argument file of Java: what stands in one is not seen in the list of processes."""
    class_path = ":".join(str(jar) for jar in distribution.jars)
    options = [
        *JAVA, "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
    ]  # fmt: skip
    return "".join(f"{_quoted(word)}\n" for word in (*options, "-cp", class_path, program, *words))


def _lines(told: dict[str, str | int]) -> str:
    return "".join(f"{name}={value}\n" for name, value in told.items())


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
