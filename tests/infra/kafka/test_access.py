"""How clients are told where Kafka is and who they are."""

from pathlib import Path

from infra.kafka.access import Access, Mechanism, Protocol


def test_a_client_with_a_password_is_told_who_it_is() -> None:
    access = Access(("a:1", "b:2"), Protocol.SASL_SSL, user="rujukan", password="hidden", ca_file=Path("/ca.pem"))
    assert access.client() == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "rujukan",
        "sasl_plain_password": "hidden",
        "ssl_cafile": "/ca.pem",
    }


def test_what_a_protocol_has_no_use_for_is_left_out() -> None:
    assert Access(("a:1",), Protocol.SSL).client() == {"bootstrap_servers": ["a:1"], "security_protocol": "SSL"}
    told = Access(("a:1",), Protocol.SASL_PLAINTEXT, Mechanism.PLAIN, "u", "p", Path("/ca.pem")).client()
    assert "ssl_cafile" not in told
    assert told["sasl_mechanism"] == "PLAIN"


def test_a_password_is_not_written_out() -> None:
    access = Access(("a:1",), Protocol.SASL_SSL, user="rujukan", password="hidden")
    assert "hidden" not in repr(access) + str(access)
    assert access.of("agency-1", "other").client()["sasl_plain_password"] == "other"
