"""Every setting there is; the only place that reads the environment."""

import base64
import binascii
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.addresses import addresses
from infra.kafka.access import Access, Mechanism, Protocol
from infra.oidc.algorithms import Algorithm
from infra.oidc.urls import trusted_url
from infra.postgres.names import beside


class SettingsError(Exception):
    """A setting that cannot be used; the text names it and says what is expected, on one line."""


DEVELOPMENT_ISSUER = "/development-issuer"
"""The path under which the development issuer answers."""


KAFKA = frozenset(
    {
        "kafka_security_protocol",
        "kafka_sasl_mechanism",
        "kafka_sasl_username",
        "kafka_sasl_password",
        "kafka_ssl_cafile",
        "kafka_partner_servers",
    }
)
"""Settings that say how the cluster is reached."""


SERVER = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]+\]):[0-9]{1,5}")


class Mode(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


Days = Annotated[int, Field(ge=1, le=3650)]
Often = Annotated[int, Field(ge=1, le=100_000_000)]
WorkingDays = Annotated[int, Field(ge=1, le=2000)]
AbsolutePath = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
TrustedUrl = Annotated[str, AfterValidator(trusted_url)]
Servers = Annotated[tuple[str, ...], NoDecode]
HostName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]{0,252})|\[[0-9a-f:.]+\])$")]
VaultName = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,100}$")]
ClaimName = Annotated[str, Field(min_length=1, max_length=200)]


class Settings(BaseSettings):
    """Settings and their defaults. A field `x` is set by `RUJUKAN_X`, but for `DATABASE_URL`, `DATABASE_OWNER_URL`,
    `KEYS_DATABASE_URL`, `HOLIDAYS_FILE` and those of the Kafka cluster, which begin with `KAFKA_`."""

    model_config = SettingsConfigDict(
        env_prefix="RUJUKAN_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    home: AbsolutePath = Path("var")
    """Data directory: the embedded database, key file, logs."""
    database_url: str | None = Field(default=None, repr=False, validation_alias="DATABASE_URL")
    """A PostgreSQL server of one's own; none stands for the embedded one under `home`."""
    database_owner_url: str | None = Field(default=None, repr=False, validation_alias="DATABASE_OWNER_URL")
    """The same database for who owns the log and migrates it, where the login of `DATABASE_URL` does not."""
    keys_database_url: str | None = Field(default=None, repr=False, validation_alias="KEYS_DATABASE_URL")
    """The database of the keys, another one than the log's; in development, where it is not given, the one beside the
    log's, named like it with `_keys`, which is made where it is missing."""
    env: Mode = Mode.DEVELOPMENT
    port: int = Field(default=8000, ge=1, le=65535)
    master_key: SecretStr | None = None
    """Base64 of the 32 bytes that wrap the intermediate keys: the key-encryption key, where it is no Vault's."""
    master_key_previous: SecretStr | None = None
    """The one before, for `rujukan keys rotate --kek` alone."""
    vault_addr: TrustedUrl | None = None
    """HashiCorp Vault, or OpenBao, whose transit engine holds the key-encryption key in place of `master_key`."""
    vault_token_file: AbsolutePath | None = None
    """Where the token is by which it is asked; read anew each time."""
    vault_key: VaultName = "rujukan"
    """The name of the key in the transit engine."""
    vault_mount: VaultName = "transit"
    """The path of the transit engine."""
    holidays_file: AbsolutePath | None = Field(default=None, validation_alias="HOLIDAYS_FILE")
    """An administrator's holidays, beside those that Rujukan knows."""

    oidc_issuer: TrustedUrl | None = None
    """The identity provider, as its tokens name it in `iss`; in development one of its own unless given."""
    oidc_audience: Annotated[str, Field(max_length=200)] | None = None
    """What tokens for Rujukan hold in `aud`."""
    oidc_jwks_url: TrustedUrl | None = None
    """Where the issuer's keys are; found by OpenID Connect discovery unless given."""
    oidc_algorithms: Annotated[frozenset[Algorithm], NoDecode, Field(min_length=1)] = frozenset(
        {Algorithm.RS256, Algorithm.PS256, Algorithm.ES256, Algorithm.EDDSA}
    )
    """The signatures accepted, with commas between them."""
    oidc_role_claim: ClaimName = "rujukan_role"
    """The claim that holds the role, or a path to it with dots; it may be a list in which one role is."""
    oidc_scope_claim: ClaimName = "rujukan_scope"
    """The claim that holds the scope: facilitator id, region prefix or agency id, as the role has it."""
    oidc_leeway_seconds: int = Field(default=30, ge=0, le=300)
    """By how much the issuer's clock may differ."""

    kafka_bootstrap_servers: Servers | None = Field(default=None, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    """A Kafka cluster of one's own, `host:port` with commas between them; in development one that comes with Rujukan
    unless given."""
    kafka_security_protocol: Protocol = Field(default=Protocol.SASL_SSL, validation_alias="KAFKA_SECURITY_PROTOCOL")
    kafka_sasl_mechanism: Mechanism = Field(default=Mechanism.SCRAM_SHA_512, validation_alias="KAFKA_SASL_MECHANISM")
    kafka_sasl_username: str | None = Field(default=None, validation_alias="KAFKA_SASL_USERNAME")
    """Rujukan's own principal: it writes and reads all agencies' topics, and makes them for `rujukan partners`."""
    kafka_sasl_password: SecretStr | None = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD")
    kafka_ssl_cafile: AbsolutePath | None = Field(default=None, validation_alias="KAFKA_SSL_CAFILE")
    """The authorities that sign for the cluster; the system's unless given."""
    kafka_partner_servers: Servers | None = Field(default=None, validation_alias="KAFKA_PARTNER_SERVERS")
    """The addresses by which agencies reach the cluster, where they are not those by which Rujukan does."""
    kafka_retention_days: Days = 30
    """Calendar days for which a new partner's topics keep a message."""
    kafka_replication: int | None = Field(default=None, ge=1, le=9)
    """How many brokers hold each message of a new partner's topics; 3 unless given, and 1 of the broker that comes with
    Rujukan."""

    requests_per_minute: Often = 1_200
    """Requests of one principal that each process of the API answers."""
    look_ups_per_hour: Often = 300
    """Look-ups by number of one principal, with registrations that met a number registered already."""
    households_per_hour: Often = 5_000
    """Households of which one principal opens personal data; the same again within the hour is not counted."""
    numbers_per_day: Often = 2_000
    """Cards and persons that one principal registers: whoever registers learns that nobody had done so before."""
    strangers_per_minute: Often = 120
    """Requests of one client address that do not prove who they are, before they are told to wait."""
    trusted_proxies: Annotated[str, AfterValidator(addresses)] | None = None
    """Addresses or networks of the proxies whose `X-Forwarded-For` names the client, with commas between them."""
    allowed_hosts: Annotated[frozenset[HostName], NoDecode] = frozenset()
    """The names by which callers may come, with commas between them; any unless given, which production needs."""

    partner_password: SecretStr | None = None
    """An agency's secret at the broker, for `rujukan simulate-partner` alone; asked for unless given."""

    log_origin: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9./-]{0,200}$")] = "rujukan"
    """What the log is called in the checkpoints signed of it, such as `rujukan.kemensos.go.id/log`: never changed."""

    unconnected_after_days: Days = 14
    """Calendar days after a graduation by which the household is to be connected."""
    expires_after_days: Days = 30
    """Calendar days after `respond_by` at which a referral without an answer expires."""
    progress_working_days: WorkingDays = 20
    """Working days within which an accepted referral is to be scheduled or started."""
    service_days: Days = 90
    """Calendar days within which a service begun is to be completed."""
    cancel_working_days: WorkingDays = 5
    """Working days that an agency has to answer a request for cancellation."""
    proposal_due_days: Days = 14
    """Calendar days in which a graduation proposal is to be dealt with."""
    redirect_due_days: Days = 14
    """Calendar days in which a declined, failed or expired referral is to be redirected or settled."""
    agency_retention_days: Days = 90
    """Calendar days after the end of an agency's part in which it still reads the personal data of a referral."""

    @field_validator(
        "database_url", "database_owner_url", "keys_database_url", "master_key", "master_key_previous", "holidays_file",
        "oidc_issuer", "oidc_audience", "oidc_jwks_url", "trusted_proxies",
        "vault_addr", "vault_token_file",
        "kafka_bootstrap_servers", "kafka_sasl_username", "kafka_sasl_password", "kafka_ssl_cafile", mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("oidc_algorithms", mode="before")
    @classmethod
    def _with_commas(cls, value: object) -> object:
        return [name.strip() for name in value.split(",")] if isinstance(value, str) else value

    @field_validator("kafka_bootstrap_servers", "kafka_partner_servers", mode="before")
    @classmethod
    def _servers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        servers = [server.strip() for server in value.split(",") if server.strip()]
        if not all(SERVER.fullmatch(server) for server in servers):
            raise ValueError("must be host:port, with commas between them")
        return servers or None

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return [n.strip().lower() for n in value.split(",") if n.strip()] if isinstance(value, str) else value

    @field_validator("database_url", "database_owner_url", "keys_database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        if value is not None and not _is_understood(value):
            raise ValueError(
                "must be a URL of PostgreSQL; signs in a password such as % / @ are written as %25 %2F %40"
            )
        return value

    @field_validator("master_key", "master_key_previous")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decode_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _production_needs_a_key(self) -> "Settings":
        if self.env is Mode.PRODUCTION and self.master_key is None and self.vault_addr is None:
            raise ValueError("RUJUKAN_MASTER_KEY must be given when RUJUKAN_ENV=production, or RUJUKAN_VAULT_ADDR")
        if self.vault_addr is not None and self.master_key is not None:
            raise ValueError("RUJUKAN_MASTER_KEY is of no use with RUJUKAN_VAULT_ADDR: give one of them")
        if (self.vault_addr is None) != (self.vault_token_file is None):
            raise ValueError("RUJUKAN_VAULT_ADDR and RUJUKAN_VAULT_TOKEN_FILE are given together")
        return self

    @model_validator(mode="after")
    def _keys_are_apart(self) -> "Settings":
        if self.env is Mode.PRODUCTION and self.database_url is not None and self.keys_database_url is None:
            raise ValueError("KEYS_DATABASE_URL must be given when RUJUKAN_ENV=production: keys are kept apart")
        if self.database_url is not None and _place(self.database_url) == _place(self.keys_database_url):
            raise ValueError("KEYS_DATABASE_URL must name another database than DATABASE_URL")
        return self

    @model_validator(mode="after")
    def _production_needs_an_issuer(self) -> "Settings":
        if self.env is Mode.PRODUCTION and self.oidc_issuer is None:
            raise ValueError("RUJUKAN_OIDC_ISSUER must be given when RUJUKAN_ENV=production")
        if self.env is Mode.PRODUCTION and (self.oidc_issuer or "").rstrip("/").endswith(DEVELOPMENT_ISSUER):
            raise ValueError("RUJUKAN_OIDC_ISSUER must not be a development issuer when RUJUKAN_ENV=production")
        if self.oidc_issuer is not None and self.oidc_audience is None:
            raise ValueError("RUJUKAN_OIDC_AUDIENCE must be given with RUJUKAN_OIDC_ISSUER")
        if self.oidc_jwks_url is not None and self.oidc_issuer is None:
            raise ValueError("RUJUKAN_OIDC_JWKS_URL is of no use without RUJUKAN_OIDC_ISSUER")
        return self

    @model_validator(mode="after")
    def _production_needs_a_name(self) -> "Settings":
        if self.env is Mode.PRODUCTION and not self.allowed_hosts:
            raise ValueError("RUJUKAN_ALLOWED_HOSTS must be given when RUJUKAN_ENV=production")
        return self

    @model_validator(mode="after")
    def _kafka_fits(self) -> "Settings":
        if self.kafka_bootstrap_servers is None:
            for name in KAFKA & self.model_fields_set:
                if getattr(self, name) is not None:
                    raise ValueError(f"{name.upper()} is of no use without KAFKA_BOOTSTRAP_SERVERS")
            return self
        protocol = self.kafka_security_protocol
        told = f"KAFKA_SECURITY_PROTOCOL={protocol}"
        user, password = self.kafka_sasl_username, self.kafka_sasl_password
        if self.env is Mode.PRODUCTION and not protocol.encrypts:
            raise ValueError("KAFKA_SECURITY_PROTOCOL must be SASL_SSL or SSL when RUJUKAN_ENV=production")
        if protocol.asks_who and (user is None or password is None):
            raise ValueError(f"KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be given with {told}")
        if not protocol.asks_who and (user is not None or password is not None):
            raise ValueError(f"KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are of no use with {told}")
        if not protocol.encrypts and self.kafka_ssl_cafile is not None:
            raise ValueError(f"KAFKA_SSL_CAFILE is of no use with {told}")
        if self.kafka_ssl_cafile is not None and not self.kafka_ssl_cafile.is_file():
            raise ValueError("KAFKA_SSL_CAFILE: there is no such file")
        return self

    @property
    def kafka_access(self) -> Access | None:
        """Of the cluster that is set; None stands for the broker that comes with Rujukan."""
        if self.kafka_bootstrap_servers is None:
            return None
        password = self.kafka_sasl_password
        return Access(
            servers=self.kafka_bootstrap_servers,
            protocol=self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            user=self.kafka_sasl_username,
            password=None if password is None else password.get_secret_value(),
            ca_file=self.kafka_ssl_cafile,
        )

    @property
    def kafka_replicas(self) -> int:
        return self.kafka_replication or (1 if self.kafka_bootstrap_servers is None else 3)

    def owner_url(self, url: str) -> str:
        """By which the database of this URL is migrated."""
        return self.database_owner_url or url

    def keys_url(self, url: str) -> str:
        """The database of the keys to the log of this URL: the one that is set, else the one beside it."""
        return self.keys_database_url or beside(url)

    @property
    def development(self) -> bool:
        return self.env is Mode.DEVELOPMENT

    @property
    def issues_tokens(self) -> bool:
        """Whether Rujukan is its own identity provider: never in production."""
        return self.development and self.oidc_issuer is None


def _is_understood(url: str) -> bool:
    """What the library says of a fault repeats part of the URL, be it of the password: one with a `/` in it is taken
    for the port, for example."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        return False
    ports = str(given.get("port") or "").split(",")
    return all(not port or port.isdecimal() for port in ports)


def _place(url: str | None) -> tuple[object, ...]:
    """Server and database, whoever logs in."""
    given = conninfo_to_dict(url or "")
    return tuple(given.get(name) for name in ("host", "hostaddr", "port", "dbname"))


def decode_key(text: str) -> bytes:
    """The 32 bytes of a master key in base64; `ValueError` where the text is not that."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64 of 32 bytes") from None
    if len(key) != 32:
        raise ValueError("must be base64 of 32 bytes")
    return key


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, with those given here before it; `SettingsError` on the first fault."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        place = "_".join(part for part in fault["loc"] if isinstance(part, str))
        name = place if place.isupper() else f"RUJUKAN_{place.upper()}" if place else ""
        message = fault["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {message}" if name else message) from None
    return settings
