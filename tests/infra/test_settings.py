"""Settings and the master key: read once, checked, and explained on one line."""

import base64
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.deadlines import Days
from infra.bootstrap import bounds_of, days_of
from infra.kafka.access import Access, Mechanism, Protocol
from infra.keys.master_key import master_key
from infra.oidc.algorithms import Algorithm
from infra.rate_limits.counters import Bounds
from infra.settings import Mode, Settings, SettingsError, load_settings

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("RUJUKAN_")]:
        monkeypatch.delenv(name)
    for name in [name for name in os.environ if name.startswith("KAFKA_")]:
        monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL", "HOLIDAYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield


def test_without_an_environment_the_defaults_stand(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / "var"
    assert (settings.database_url, settings.env, settings.port) == (None, Mode.DEVELOPMENT, 8000)
    assert days_of(settings) == Days()
    assert (settings.oidc_issuer, settings.issues_tokens) == (None, True)
    assert settings.oidc_algorithms == {Algorithm.RS256, Algorithm.PS256, Algorithm.ES256, Algorithm.EDDSA}
    assert (settings.kafka_access, settings.kafka_retention_days, settings.kafka_replicas) == (None, 30, 1)


def test_every_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.touch()
    for name, value in {
        "RUJUKAN_HOME": "/srv/rujukan", "DATABASE_URL": "postgresql://u@h/d", "RUJUKAN_ENV": "production",
        "KEYS_DATABASE_URL": "postgresql://k@h/keys",
        "RUJUKAN_PORT": "9000", "RUJUKAN_MASTER_KEY": KEY, "HOLIDAYS_FILE": "holidays.toml",
        "RUJUKAN_UNCONNECTED_AFTER_DAYS": "1", "RUJUKAN_EXPIRES_AFTER_DAYS": "2",
        "RUJUKAN_PROGRESS_WORKING_DAYS": "3", "RUJUKAN_SERVICE_DAYS": "4", "RUJUKAN_CANCEL_WORKING_DAYS": "5",
        "RUJUKAN_PROPOSAL_DUE_DAYS": "6", "RUJUKAN_REDIRECT_DUE_DAYS": "7",
        "RUJUKAN_OIDC_ISSUER": "https://id.test/realms/a", "RUJUKAN_OIDC_AUDIENCE": "desk",
        "RUJUKAN_OIDC_JWKS_URL": "http://127.0.0.1:9/keys", "RUJUKAN_OIDC_ALGORITHMS": "ES256, EdDSA",
        "RUJUKAN_OIDC_ROLE_CLAIM": "realm_access.roles", "RUJUKAN_OIDC_SCOPE_CLAIM": "area",
        "RUJUKAN_OIDC_LEEWAY_SECONDS": "5",
        "RUJUKAN_REQUESTS_PER_MINUTE": "8", "RUJUKAN_LOOK_UPS_PER_HOUR": "9", "RUJUKAN_STRANGERS_PER_MINUTE": "10",
        "RUJUKAN_HOUSEHOLDS_PER_HOUR": "11", "RUJUKAN_NUMBERS_PER_DAY": "12",
        "RUJUKAN_TRUSTED_PROXIES": "10.0.0.7, fd00::/8",
        "RUJUKAN_ALLOWED_HOSTS": "Rujukan.example.go.id, 127.0.0.1,",
        "KAFKA_BOOTSTRAP_SERVERS": "kafka-1.test:9093, [fd00::2]:9093,", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256", "KAFKA_SASL_USERNAME": "rujukan", "KAFKA_SASL_PASSWORD": "hidden",
        "KAFKA_SSL_CAFILE": str(authorities), "RUJUKAN_KAFKA_RETENTION_DAYS": "13", "RUJUKAN_KAFKA_REPLICATION": "5",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.home, settings.port, settings.development) == (Path("/srv/rujukan"), 9000, False)
    assert settings.database_url == "postgresql://u@h/d"
    assert settings.keys_url("postgresql://u@h/d") == "postgresql://k@h/keys"
    assert settings.holidays_file == Path.cwd() / "holidays.toml"
    assert master_key(settings) == bytes(range(32))
    assert (settings.oidc_issuer, settings.oidc_audience) == ("https://id.test/realms/a", "desk")
    assert settings.oidc_jwks_url == "http://127.0.0.1:9/keys"
    assert settings.oidc_algorithms == {Algorithm.ES256, Algorithm.EDDSA}
    assert (settings.oidc_role_claim, settings.oidc_scope_claim) == ("realm_access.roles", "area")
    assert (settings.oidc_leeway_seconds, settings.issues_tokens) == (5, False)
    assert (settings.trusted_proxies, settings.allowed_hosts) == (
        "10.0.0.7/32,fd00::/8",
        {"rujukan.example.go.id", "127.0.0.1"},
    )
    assert bounds_of(settings) == Bounds(8, 9, 10, 11, 12)
    assert settings.kafka_access == Access(
        ("kafka-1.test:9093", "[fd00::2]:9093"), Protocol.SASL_SSL, Mechanism.SCRAM_SHA_256, "rujukan", "hidden",
        authorities,
    )  # fmt: skip
    assert (settings.kafka_retention_days, settings.kafka_replicas) == (13, 5)
    assert "hidden" not in repr(settings)
    days = days_of(settings)
    assert (days.unconnected_after_days, days.expires_after_days, days.progress_working_days) == (1, 2, 3)
    assert (days.service_days, days.cancel_working_days, days.proposal_due_days, days.redirect_due_days) == (4, 5, 6, 7)


def test_what_a_command_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUJUKAN_PORT", "9000")
    assert load_settings(port=9001, home=None).port == 9001


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RUJUKAN_PORT", "http", "RUJUKAN_PORT: Input should be a valid integer"),
        ("RUJUKAN_PORT", "70000", "RUJUKAN_PORT: Input should be less than or equal to 65535"),
        ("RUJUKAN_ENV", "test", "RUJUKAN_ENV: Input should be 'development' or 'production'"),
        ("RUJUKAN_SERVICE_DAYS", "0", "RUJUKAN_SERVICE_DAYS: Input should be greater than or equal to 1"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "DATABASE_URL: must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://u:secret%@h/d", "DATABASE_URL: must be a URL of PostgreSQL"),
        ("DATABASE_URL", "postgresql://u:secret/x@h/d", "DATABASE_URL: must be a URL of PostgreSQL"),
        ("DATABASE_URL", "postgresql://u:p@h/d?secret=1", "DATABASE_URL: must be a URL of PostgreSQL"),
        ("KEYS_DATABASE_URL", "secret", "KEYS_DATABASE_URL: must begin with postgresql://"),
        ("RUJUKAN_MASTER_KEY", "secret!", "RUJUKAN_MASTER_KEY: must be base64 of 32 bytes"),
        ("RUJUKAN_MASTER_KEY", "c2VjcmV0", "RUJUKAN_MASTER_KEY: must be base64 of 32 bytes"),
        ("RUJUKAN_ENV", "production", "RUJUKAN_MASTER_KEY must be given when RUJUKAN_ENV=production, or"),
        ("RUJUKAN_VAULT_ADDR", "https://vault.test", "RUJUKAN_VAULT_ADDR and RUJUKAN_VAULT_TOKEN_FILE are given"),
        ("RUJUKAN_VAULT_ADDR", "http://vault.test", "RUJUKAN_VAULT_ADDR: must begin with https://"),
        ("RUJUKAN_VAULT_KEY", "a/../secret", "RUJUKAN_VAULT_KEY: String should match pattern"),
        ("RUJUKAN_OIDC_ISSUER", "https://id.test", "RUJUKAN_OIDC_AUDIENCE must be given with RUJUKAN_OIDC_ISSUER"),
        ("RUJUKAN_OIDC_ISSUER", "http://id.test", "RUJUKAN_OIDC_ISSUER: must begin with https://"),
        ("RUJUKAN_OIDC_ISSUER", "http://127.0.0.1.id.test", "RUJUKAN_OIDC_ISSUER: must begin with https://"),
        ("RUJUKAN_OIDC_ISSUER", "secret", "RUJUKAN_OIDC_ISSUER: must be a URL"),
        ("RUJUKAN_OIDC_ISSUER", "https://a:secret@id.test", "RUJUKAN_OIDC_ISSUER: must be a URL without user"),
        ("RUJUKAN_OIDC_ISSUER", "https://id.test:secret", "RUJUKAN_OIDC_ISSUER: must be a URL"),
        ("RUJUKAN_OIDC_ISSUER", "https://id.test/?secret", "RUJUKAN_OIDC_ISSUER: must be a URL without user"),
        ("RUJUKAN_OIDC_JWKS_URL", "https://id.test/keys", "RUJUKAN_OIDC_JWKS_URL is of no use without"),
        ("RUJUKAN_LOOK_UPS_PER_HOUR", "0", "RUJUKAN_LOOK_UPS_PER_HOUR: Input should be greater than or equal to 1"),
        ("RUJUKAN_TRUSTED_PROXIES", "*", "RUJUKAN_TRUSTED_PROXIES: must be addresses or networks"),
        ("RUJUKAN_TRUSTED_PROXIES", "secret", "RUJUKAN_TRUSTED_PROXIES: must be addresses or networks"),
        ("RUJUKAN_ALLOWED_HOSTS", "*.secret", "RUJUKAN_ALLOWED_HOSTS"),
        ("RUJUKAN_ALLOWED_HOSTS", "https://secret", "RUJUKAN_ALLOWED_HOSTS"),
        ("RUJUKAN_OIDC_ALGORITHMS", "HS256", "RUJUKAN_OIDC_ALGORITHMS"),
        ("RUJUKAN_OIDC_ALGORITHMS", "RS256,none", "RUJUKAN_OIDC_ALGORITHMS"),
        ("RUJUKAN_OIDC_ALGORITHMS", "", "RUJUKAN_OIDC_ALGORITHMS"),
        ("RUJUKAN_OIDC_ROLE_CLAIM", "", "RUJUKAN_OIDC_ROLE_CLAIM: String should have at least 1 character"),
        ("RUJUKAN_OIDC_LEEWAY_SECONDS", "301", "RUJUKAN_OIDC_LEEWAY_SECONDS: Input should be less than or equal"),
        ("KAFKA_BOOTSTRAP_SERVERS", "secret", "KAFKA_BOOTSTRAP_SERVERS: must be host:port, with commas between them"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:9092;secret:9092", "KAFKA_BOOTSTRAP_SERVERS: must be host:port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:9092", "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be given with"),
        ("KAFKA_SECURITY_PROTOCOL", "secret", "KAFKA_SECURITY_PROTOCOL: Input should be"),
        ("KAFKA_SASL_MECHANISM", "secret", "KAFKA_SASL_MECHANISM: Input should be"),
        ("KAFKA_SASL_PASSWORD", "secret", "KAFKA_SASL_PASSWORD is of no use without KAFKA_BOOTSTRAP_SERVERS"),
        ("RUJUKAN_KAFKA_RETENTION_DAYS", "0", "RUJUKAN_KAFKA_RETENTION_DAYS: Input should be greater than or equal"),
        ("RUJUKAN_KAFKA_REPLICATION", "0", "RUJUKAN_KAFKA_REPLICATION: Input should be greater than or equal to 1"),
    ],
)
def test_a_setting_at_fault_is_named_on_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    assert text.startswith(message)
    assert "\n" not in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kafka_sasl_username": "u"}, "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be given with"),
        (
            {"kafka_security_protocol": "SSL", "kafka_sasl_username": "u"},
            "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are of no use with KAFKA_SECURITY_PROTOCOL=SSL",
        ),
        (
            {"kafka_security_protocol": "PLAINTEXT", "kafka_ssl_cafile": "ca.pem"},
            "KAFKA_SSL_CAFILE is of no use with KAFKA_SECURITY_PROTOCOL=PLAINTEXT",
        ),
        ({"kafka_security_protocol": "SSL", "kafka_ssl_cafile": "ca.pem"}, "KAFKA_SSL_CAFILE: there is no such file"),
    ],
)
def test_settings_of_a_cluster_that_do_not_fit_are_told_on_one_line(given: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(kafka_bootstrap_servers="a:9092", **given)
    assert str(caught.value).startswith(message)


PRODUCTION = {
    "env": "production",
    "master_key": KEY,
    "oidc_issuer": "https://id.test",
    "oidc_audience": "rujukan",
    "allowed_hosts": "rujukan.test",
    "kafka_bootstrap_servers": "a:9092",
}


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT"])
def test_in_production_nothing_goes_to_a_cluster_in_the_clear(protocol: str) -> None:
    known = {"kafka_sasl_username": "u", "kafka_sasl_password": "p"} if protocol == "SASL_PLAINTEXT" else {}
    load_settings(kafka_bootstrap_servers="a:9092", kafka_security_protocol=protocol, **known)
    with pytest.raises(SettingsError, match=r"^KAFKA_SECURITY_PROTOCOL must be SASL_SSL or SSL when"):
        load_settings(**PRODUCTION, kafka_security_protocol=protocol, **known)
    load_settings(**PRODUCTION, kafka_sasl_username="u", kafka_sasl_password="p")


def test_a_cluster_keeps_three_copies_unless_another_number_is_given() -> None:
    cluster = {"kafka_bootstrap_servers": "a:9092", "kafka_security_protocol": "SSL"}
    assert load_settings(**cluster).kafka_replicas == 3
    assert load_settings(**cluster, kafka_replication=1).kafka_replicas == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "RUJUKAN_OIDC_ISSUER must be given when RUJUKAN_ENV=production"),
        ({"oidc_issuer": "https://id.test"}, "RUJUKAN_OIDC_AUDIENCE must be given with RUJUKAN_OIDC_ISSUER"),
        (
            {"oidc_issuer": "https://id.test", "oidc_audience": "rujukan"},
            "RUJUKAN_ALLOWED_HOSTS must be given when RUJUKAN_ENV=production",
        ),
        (
            {"oidc_issuer": "http://127.0.0.1:8000/development-issuer/", "oidc_audience": "rujukan"},
            "RUJUKAN_OIDC_ISSUER must not be a development issuer when RUJUKAN_ENV=production",
        ),
    ],
)
def test_production_needs_an_issuer_that_is_none_of_development_and_a_name(given: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(env="production", master_key=KEY, **given)
    assert str(caught.value) == message


def test_no_key_or_password_shows_where_settings_are_printed() -> None:
    url = "postgresql://u:geheim@h/d"
    settings = load_settings(master_key=KEY, database_url=url, database_owner_url=url, keys_database_url=f"{url}_keys")
    assert settings.database_url == url
    for shown in (repr(settings), str(settings), f"{settings.master_key}"):
        assert KEY not in shown
        assert "geheim" not in shown


@pytest.mark.parametrize("env", [Mode.DEVELOPMENT, Mode.PRODUCTION])
def test_keys_are_never_in_the_database_of_the_log(env: Mode) -> None:
    given = {"oidc_issuer": "https://id.test", "oidc_audience": "desk", "master_key": KEY, "env": env}
    with pytest.raises(SettingsError) as caught:
        load_settings(database_url="postgresql://u@h/d", keys_database_url="postgres://k:secret@h/d", **given)
    assert str(caught.value) == "KEYS_DATABASE_URL must name another database than DATABASE_URL"


def test_in_production_the_keys_database_is_named() -> None:
    with pytest.raises(SettingsError, match="KEYS_DATABASE_URL must be given when RUJUKAN_ENV=production"):
        load_settings(
            database_url="postgresql://u@h/d", master_key=KEY, env=Mode.PRODUCTION,
            oidc_issuer="https://id.test", oidc_audience="desk",
        )  # fmt: skip
    assert load_settings(database_url="postgresql://u@h/d").keys_database_url is None


def test_in_development_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(master_key, [settings] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    file = settings.home / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(settings.home.iterdir()) == [file]


@pytest.mark.parametrize("content", ["", "not a key", "c2hvcnQ=\n"])
def test_a_key_file_at_fault_is_never_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "master.key"
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"master\.key does not hold a master key") as caught:
        master_key(Settings(home=tmp_path))
    assert "\n" not in str(caught.value)
    assert file.read_text() == content
