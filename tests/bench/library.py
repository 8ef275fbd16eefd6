"""The event library as it comes: its own recorder, under its own names, in a database of ours."""

from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.utils import Environment, EnvType
from psycopg.conninfo import conninfo_to_dict

from infra.event_log.mapper import EventMapper

MAPPER = f"{EventMapper.__module__}:{EventMapper.__qualname__}"


def library_environment(url: str, **more: str) -> dict[str, str]:
    """`eventsourcing.postgres` with its defaults, but for the pool, which is as large as ours so that no caller waits
    for a connection, and the mapper, which is ours: without many transcodings of one's own the library's cannot store
    these events, and ours is the faster."""
    given = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": MAPPER,
        "POSTGRES_DBNAME": str(given.get("dbname") or ""),
        "POSTGRES_HOST": str(given.get("host") or ""),
        "POSTGRES_PORT": str(given.get("port") or ""),
        "POSTGRES_USER": str(given.get("user") or ""),
        "POSTGRES_PASSWORD": str(given.get("password") or ""),
        "POSTGRES_POOL_SIZE": "4",
        "POSTGRES_MAX_OVERFLOW": "28",
        **more,
    }


class Library(Application[UUID]):
    """An application of the library, with nothing added. Its table is `library_events`."""

    name = "library"

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """What this machine's environment happens to hold changes no measurement."""
        return Environment(name, {**type(self).env, **(env or {})})
