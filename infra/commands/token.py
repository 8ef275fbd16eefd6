"""`rujukan token`: a token for development, printed."""

from datetime import timedelta
from typing import Annotated

import typer

from api.actors import LONGEST, fits, is_subject
from domain.values import Actor, Role
from infra.development_issuer.issuer import development_issuer
from infra.place import announcement
from infra.settings import Mode, SettingsError, load_settings
from infra.terminal import fail
from infra.time import WallClock

ROLES = tuple(role for role in Role if role is not Role.CLOCK)
SCOPES = {
    Role.FACILITATOR: "the facilitator's id, or none where the subject is that id",
    Role.REGIONAL_OFFICER: "a region such as 33.24",
    Role.AGENCY_OFFICER: "the agency's id",
    Role.AGENCY_SYSTEM: "the agency's id",
}
MOST_MINUTES = 366 * 24 * 60


def token(
    role: Annotated[str, typer.Option(help=f"Of {', '.join(ROLES)}.")],
    sub: Annotated[str, typer.Option(help="The opaque id under which the caller's acts are recorded.")],
    scope: Annotated[
        str, typer.Option(help="A facilitator's or an agency's id, or a region such as 33.24; as the role has it.")
    ] = "",
    minutes: Annotated[int, typer.Option(min=1, max=MOST_MINUTES, help="How long it is good for.")] = 8 * 60,
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="Sign with a new key; tokens of the key before stay good, older ones do not."),
    ] = False,
) -> None:
    """Print a token for the API, in development: anybody's, signed by the issuer of this data directory."""
    try:
        settings = load_settings()
        if settings.env is Mode.PRODUCTION:
            fail(
                "`rujukan token` is for development: with RUJUKAN_ENV=production tokens come from RUJUKAN_OIDC_ISSUER."
            )
        if not settings.issues_tokens:
            fail("RUJUKAN_OIDC_ISSUER names another issuer: tokens come from there.")
        actor = _actor(sub, role, scope)
        running = announcement(settings.home) or {}
        issuer = development_issuer(settings, running.get("port"))
        if rotate:
            issuer.files.rotate()
        typer.echo(issuer.token(actor, now=WallClock().now(), lifetime=timedelta(minutes=minutes)))
    except SettingsError as fault:
        fail(str(fault))


def _actor(sub: str, role: str, scope: str) -> Actor:
    if role not in ROLES:
        fail(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    known = Role(role)
    if not is_subject(sub):
        fail(f"--sub must be a text of 1 to {LONGEST} characters that can be printed, with no white space around it.")
    if not fits(known, scope):
        fail(f"--scope does not fit the role {known}: it must be {SCOPES.get(known, 'left out')}.")
    return Actor(sub, known, scope)
