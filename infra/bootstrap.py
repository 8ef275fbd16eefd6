"""Composes Rujukan from its settings and a database; everything that runs, and every test of the whole, comes here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from api.services import Services
from consumers.auditing.attesting import Attesting
from consumers.feed import Feed
from consumers.taking_in.counting import CountedIntake, Numbers
from consumers.taking_in.filed import FiledReplies
from consumers.taking_in.intake import Intake
from domain.answering import Answering
from domain.application import Rujukan
from domain.deadlines import Days
from domain.ports import Calendar, Time
from infra.attestation.file_keeper import FileKeeper
from infra.attestation.signing_key import PublicKey, signing_key
from infra.collector import collect_seldom
from infra.development_issuer.issuer import development_issuer
from infra.event_log.bulk import Bulk
from infra.event_log.recorder import Recorder
from infra.indonesia import Indonesia
from infra.keys.database import KeyDatabase
from infra.keys.encryption import KeyEncryption
from infra.keys.gathered import GatheredKeys
from infra.keys.installation import ensure_installed
from infra.keys.master_key import master_key
from infra.keys.sealer import Keys
from infra.keys.wrapping import MasterKey
from infra.oidc.fetching import fetching
from infra.oidc.issuer_keys import IssuerKeys, Patience
from infra.oidc.terms import Terms
from infra.oidc.verifier import OidcVerifier
from infra.persistence import direct_session, persistence_environment, reading_parameters
from infra.rate_limits.counters import Bounds, Counters
from infra.readings import Readings
from infra.settings import Settings, SettingsError
from infra.time import WallClock
from infra.working_days import WorkingDays
from projections import log_tree

FROM_A_FILE = Patience(renewed_after=5.0, between=1.0)
READERS = 20
"""Connections for reading; with the recorder's and the projections' own they stay under the server's limit."""


@dataclass(frozen=True)
class Composed:
    """Rujukan on one migrated database. `connect` opens a direct session for a projection or a rebuild; `numbers` are
    the intake's, whichever way answers come in."""

    services: Services
    numbers: Numbers
    recorder: Recorder
    keys: KeyDatabase
    sealer: Keys
    url: str
    settings: Settings

    def connect(self) -> psycopg.Connection[Any]:
        return direct_session(self.url, "rujukan projections")

    def publishing_session(self) -> psycopg.Connection[dict[str, Any]]:
        """Commits by itself, without waiting for the disk, and gives rows as dictionaries.

        Where a server loses power, the positions of the last half second are lost, and what they tell of goes out
        again: as it may at any fault.
        """
        session = direct_session(self.url, "rujukan publisher")
        session.autocommit, session.row_factory = True, dict_row
        session.execute("SET synchronous_commit = off")
        set_json_loads(msgspec.json.decode, session)
        return session

    def attesting(self) -> Attesting:
        """Checkpoints are kept in a file. Raises `NoKey` where that by which the log was signed is gone, and
        `SettingsError` for one that cannot be read."""
        signs = signing_key(self.settings, make=not self._is_signed())
        return Attesting(self.attesting_session, signs.key, signs, PublicKey(signs.key), [self.kept_checkpoint()])

    def _is_signed(self) -> bool:
        with self.attesting_session() as session:
            return log_tree.newest_note(session) is not None or self.kept_checkpoint().last() is not None

    def kept_checkpoint(self) -> FileKeeper:
        return FileKeeper(self.settings.home / "attestation" / "checkpoint")

    def attesting_session(self) -> psycopg.Connection[Any]:
        """Commits by itself."""
        session = direct_session(self.url, "rujukan attesting")
        session.autocommit = True
        return session

    def intake(self) -> Intake:
        """What takes the answers of agencies in, whichever way they come."""
        services = self.services
        return _intake(
            services.application,
            self.recorder,
            services.calendar,
            services.days,
            services.pool,
            services.time,
            self.numbers,
        )

    def bulk(self) -> tuple[Bulk, GatheredKeys]:
        """The application for loading much at once, which the caller closes, and what it seals with."""
        keys = GatheredKeys(self.keys)
        return Bulk(persistence_environment(self.url), before=keys.store), keys


@contextmanager
def composed(settings: Settings, url: str, *, time: Time | None = None) -> Iterator[Composed]:
    """Raises `SettingsError` for keys or a holidays file that do not fit."""
    collect_seldom()
    encryption = encryption_of(settings)
    ensure_installed(url, settings.keys_url(url), encryption)
    keys = KeyDatabase(settings.keys_url(url), encryption)
    sealer = Keys(keys)
    clock, calendar, days = time or WallClock(), WorkingDays(settings.holidays_file), days_of(settings)
    application = Rujukan(env=persistence_environment(url))
    recorder = application.recorder
    if not isinstance(recorder, Recorder):
        raise TypeError(f"The log is kept by {type(recorder).__name__}.")
    pool: ConnectionPool[Any] = ConnectionPool(kwargs=reading_parameters(url), min_size=1, max_size=READERS, open=False)
    readings = Readings(lambda: direct_session(url, "rujukan readings"))
    numbers = Numbers()
    try:
        with pool:
            services = Services(
                application=application,
                sealer=sealer,
                destroyer=sealer,
                registry=Indonesia(),
                calendar=calendar,
                time=clock,
                pool=pool,
                log=recorder,
                readings=readings,
                limits=Counters(bounds_of(settings), pool),
                days=days,
                tokens=verifier_of(settings, clock),
                feed=Feed(pool.connection),
                replies=FiledReplies(_intake(application, recorder, calendar, days, pool, clock, numbers)),
                intake=numbers,
            )
            yield Composed(services, numbers, recorder, keys, sealer, url, settings)
    finally:
        readings.close()
        application.close()
        keys.close()


def _intake(
    application: Rujukan,
    recorder: Recorder,
    calendar: Calendar,
    days: Days,
    pool: ConnectionPool[Any],
    time: Time,
    numbers: Numbers,
) -> Intake:
    return CountedIntake(Answering(application, calendar, days), recorder, pool.connection, time, numbers=numbers)


def encryption_of(settings: Settings) -> KeyEncryption:
    """Vault's where one is set, else the master key of the settings or of the data directory."""
    if settings.vault_addr is None or settings.vault_token_file is None:
        return MasterKey(master_key(settings))
    try:
        from infra.keys.vault import VaultTransit  # an extra, of which few have need
    except ImportError:
        raise SettingsError("RUJUKAN_VAULT_ADDR needs the extra `vault`: install rujukan[vault].") from None
    return VaultTransit(settings.vault_addr, settings.vault_token_file, settings.vault_key, settings.vault_mount)


def verifier_of(settings: Settings, time: Time) -> OidcVerifier:
    """Of the issuer that is set, whose keys are fetched when the first token comes; in development else of its own,
    whose keys are read from the file that it keeps them in."""
    if settings.issues_tokens:
        issuer = development_issuer(settings)
        return OidcVerifier(issuer.terms, IssuerKeys(issuer.files.jwks, FROM_A_FILE), time)
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        raise SettingsError("RUJUKAN_OIDC_ISSUER and RUJUKAN_OIDC_AUDIENCE must be given.")
    terms = Terms(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=settings.oidc_algorithms,
        role_claim=settings.oidc_role_claim,
        scope_claim=settings.oidc_scope_claim,
        leeway=settings.oidc_leeway_seconds,
    )
    return OidcVerifier(terms, IssuerKeys(fetching(settings.oidc_issuer, settings.oidc_jwks_url)), time)


def bounds_of(settings: Settings) -> Bounds:
    return Bounds(
        requests_per_minute=settings.requests_per_minute,
        look_ups_per_hour=settings.look_ups_per_hour,
        strangers_per_minute=settings.strangers_per_minute,
        households_per_hour=settings.households_per_hour,
        numbers_per_day=settings.numbers_per_day,
    )


def days_of(settings: Settings) -> Days:
    return Days(
        expires_after_days=settings.expires_after_days,
        progress_working_days=settings.progress_working_days,
        service_days=settings.service_days,
        cancel_working_days=settings.cancel_working_days,
        unconnected_after_days=settings.unconnected_after_days,
        proposal_due_days=settings.proposal_due_days,
        redirect_due_days=settings.redirect_due_days,
        agency_retention_days=settings.agency_retention_days,
    )
