"""Tokens as `rujukan token` prints them, of the same keys, without a process for each."""

from datetime import datetime, timedelta

from domain.values import Actor
from infra.development_issuer.issuer import development_issuer
from infra.settings import Settings
from infra.time import WallClock

LIFETIME = timedelta(days=1)


def authorization(settings: Settings, actor: Actor, now: datetime | None = None) -> str:
    """The `Authorization` header by which an actor calls the Rujukan of these settings."""
    issuer = development_issuer(settings)
    return "Bearer " + issuer.token(actor, now=now or WallClock().now(), lifetime=LIFETIME)
