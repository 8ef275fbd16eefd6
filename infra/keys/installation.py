"""Ties a log, its keys and the key-encryption key to each other: none is ever used with another's."""

import secrets

import psycopg
from psycopg import Connection

from infra.keys.database import FINGERPRINT, INDEX, secret_place
from infra.keys.encryption import KeyEncryption, KeyEncryptionError
from infra.keys.session import keys_session
from infra.keys.wrapping import KEY_BYTES, Wrapping
from infra.settings import SettingsError

OTHER_KEYS = "The keys in KEYS_DATABASE_URL do not belong to this log: name the database that it was begun with."
NO_KEYS = (
    "The database in KEYS_DATABASE_URL holds no keys, but the log holds events that were sealed under some: name the"
    " database that the log was begun with, or restore it."
)
OF_DEVELOPMENT = (
    "This database was begun with the development keys of an earlier Rujukan, which cannot be erased. Begin anew:"
    " another RUJUKAN_HOME, or an empty database in DATABASE_URL."
)


def ensure_installed(log_url: str, keys_url: str, encryption: KeyEncryption) -> None:
    """Begins both databases where they are empty, and checks that they belong together.

    Raises `SettingsError` for a keys database of another log or none, another key-encryption key, and a log of
    development keys. One cut short is completed by the next.
    """
    with psycopg.connect(log_url, autocommit=True) as log, keys_session(keys_url) as keys:
        installation = _of_log(log)
        _check_pair(log, keys, installation)
        with keys.transaction():
            keys.execute("LOCK TABLE installation")
            _begin(keys, installation, encryption)
        _check_encryption(keys, encryption)


def _of_log(log: Connection) -> bytes:
    log.execute(
        "INSERT INTO installation (keys_id) VALUES (%s) ON CONFLICT DO NOTHING", [secrets.token_bytes(KEY_BYTES)]
    )
    row = log.execute("SELECT keys_id FROM installation").fetchone()
    if row is None or row[0] is None:
        raise SettingsError(OF_DEVELOPMENT)
    return bytes(row[0])


def _check_pair(log: Connection, keys: Connection, installation: bytes) -> None:
    row = keys.execute("SELECT id FROM installation").fetchone()
    if row is not None and bytes(row[0]) != installation:
        raise SettingsError(OTHER_KEYS)
    if row is None and log.execute("SELECT EXISTS (SELECT FROM rujukan_events)").fetchone() == (True,):
        raise SettingsError(NO_KEYS)


def _begin(keys: Connection, installation: bytes, encryption: KeyEncryption) -> None:
    """With the first intermediate key, and the keys that are nobody's; nothing where another process has done so."""
    if keys.execute("SELECT EXISTS (SELECT FROM installation)").fetchone() == (True,):
        return
    intermediate = secrets.token_bytes(KEY_BYTES)
    try:
        wrapped = encryption.wrap(intermediate)
    except KeyEncryptionError as error:
        raise SettingsError(f"The key-encryption key cannot be used: {error}") from error
    keys.execute("INSERT INTO installation (id) VALUES (%s)", [installation])
    keys.execute("INSERT INTO intermediate_keys VALUES (1, %s, %s)", [wrapped, encryption.name])
    for name in (INDEX, FINGERPRINT):
        secret = Wrapping(intermediate).wrap(secrets.token_bytes(KEY_BYTES), secret_place(name, 1))
        keys.execute("INSERT INTO secrets VALUES (%s, 1, 1, %s)", [name, secret])


def _check_encryption(keys: Connection, encryption: KeyEncryption) -> None:
    for number, wrapped, wrapped_by in keys.execute("SELECT number, wrapped, wrapped_by FROM intermediate_keys"):
        try:
            encryption.unwrap(bytes(wrapped))
        except KeyEncryptionError as error:
            raise SettingsError(
                f"Intermediate key {number} was wrapped by {wrapped_by}, which {encryption.name} does not unwrap"
                f" ({error}). Give the key that it was begun with, or that `rujukan keys rotate --kek` brought in last:"
                " as RUJUKAN_MASTER_KEY, as the file master.key of its data directory, or by RUJUKAN_VAULT_ADDR."
            ) from error
