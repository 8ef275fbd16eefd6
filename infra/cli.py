"""The command line of Rujukan: one verb for each thing that an operator does."""

from datetime import date, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from consumers.clock import Clock
from consumers.simulated_partner import Manner
from domain.codes import ErasureReason
from infra.commands import erase as erasing
from infra.commands import follow as following
from infra.commands import keys as keeping
from infra.commands import partners as sharing
from infra.commands import rebuild as rebuilding
from infra.commands import simulate as simulating
from infra.commands import simulate_partner as answering
from infra.commands import status as telling
from infra.commands import up as upping
from infra.commands.audit.app import audit
from infra.commands.opening import faults_told, given_settings, opened
from infra.commands.subject_report import Found, Reason, reported
from infra.commands.token import token
from infra.database import database, migrated
from infra.running import projection_names
from infra.sample_loading import Sample, ensure_sample
from infra.settings import Settings
from infra.terminal import bar, console, fail
from infra.time import WallClock
from projections.engine.shard import MOST

EARLIEST = 2000
"""The year from which lives can be laid back: their parents are born in the century before, as numbers take it."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Rujukan: referral and coordination for social protection, on an event log.\n\n"
    "Settings come from the environment: RUJUKAN_HOME (data directory, ./var), DATABASE_URL (a PostgreSQL server of"
    " your own; an embedded one otherwise), DATABASE_OWNER_URL (the login that migrates it, where that is another),"
    " KEYS_DATABASE_URL (the database of the keys, which goes with DATABASE_URL),"
    " RUJUKAN_PORT, RUJUKAN_ENV, RUJUKAN_MASTER_KEY, RUJUKAN_OIDC_ISSUER and RUJUKAN_OIDC_AUDIENCE (who signs tokens"
    " and for whom; in development an issuer of its own otherwise), KAFKA_BOOTSTRAP_SERVERS, KAFKA_SASL_USERNAME and"
    " KAFKA_SASL_PASSWORD (a Kafka cluster of your own; in development one that comes with Rujukan otherwise),"
    " HOLIDAYS_FILE.",
)
app.command()(token)

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day from which the sample is laid back."),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the sample; the same seed and day give the same sample.")]


@app.command()
def up(
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample where the log is empty.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port on 127.0.0.1 (8000).")] = None,
    sample_date: Day = None,
    seed: Seed = None,
    no_kafka: Annotated[bool, typer.Option("--no-kafka", help="Leave Kafka out.")] = False,
) -> None:
    """Run everything on this machine: PostgreSQL, Kafka, the API, the projections and the clock."""
    settings = given_settings(port=port)
    if sample:
        _invention_allowed(settings)
    upping.up(settings, sample=sample, seed=seed, sample_date=_past(sample_date), with_kafka=not no_kafka)


@app.command()
def status() -> None:
    """Show what runs and how far each projection is; start nothing."""
    telling.status(given_settings())


@app.command()
def migrate() -> None:
    """Bring the schemas of both databases up to this version."""
    settings = given_settings()
    with faults_told(), database(settings, console.print) as url:
        applied = migrated(settings, url)
    console.print(f"{len(applied)} migrations applied." if applied else "The databases are up to date.")


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help=f"Of {', '.join(projection_names())}; all unless given."),
]


@app.command()
def follow(
    names: Names = None,
    shards: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Divide each into so many shards first; kept unless given.")
    ] = None,
) -> None:
    """Keep projections up with the log, sharing their shards with `up` and with others that follow."""
    with opened() as whole:
        following.follow(whole, names or [], shards=shards)


@app.command()
def rebuild(
    names: Names = None,
    check: Annotated[bool, typer.Option("--check", help="Rebuild aside, compare row by row, change nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")] = 1,
) -> None:
    """Make projections anew from the log, or check that they are what the log says (exit 1 where not).

    The new tables are made beside the live ones, compared with them row by row, and take their place at once. Reading
    and following go on meanwhile. One that was killed goes on where it was when it is run again.
    """
    with opened() as whole:
        rebuilding.rebuild(whole, names or [], check=check, workers=workers)


@app.command()
def clock(
    now: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Take this for the present day, and look once."),
    ] = None,
) -> None:
    """Write the deadlines that have passed as events, once, and end; `up` does so by itself."""
    with opened(now=_day(now)) as whole:
        services = whole.services
        written = Clock(services.application, services.pool, services.time).tick()
    console.print(f"{written} events written.")


@app.command()
def sample(sample_date: Day = None, seed: Seed = None) -> None:
    """Load the sample into an empty log."""
    _invention_allowed(given_settings())
    with opened(make=True) as whole:
        with bar("Loading the sample") as progress:
            result = ensure_sample(whole, seed=seed, today=_past(sample_date), progress=progress)
        if result is Sample.OTHER:
            fail("The log holds other events; the sample goes into an empty log only.")
        console.print(f"The sample is there: the log holds {whole.recorder.head():,} events.")


@app.command()
def simulate(
    households: Annotated[int, typer.Option(help="How many; more of the same simulation can be added later.")],
    years: Annotated[int, typer.Option(help="Years of each life, up to the present day.")] = 2,
    seed: Annotated[int | None, typer.Option(help="The same seed, years and day give the same households.")] = None,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day from which the years are laid back."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; the cores unless given.")] = None,
) -> None:
    """Fill an empty log with simulated lives all over Indonesia, for measuring; or go on with a simulation."""
    _invention_allowed(given_settings())
    simulating.check(households, years, workers)
    today = _past(date, "--date")
    with opened(make=True) as whole:
        simulating.simulate(whole, households=households, years=years, seed=seed, today=today, workers=workers)


@app.command("subject-report")
def subject_report(
    by: Annotated[str, typer.Option(help="The opaque id of who makes the report; it is recorded as a reading.")],
    reason: Annotated[Reason, typer.Option(help="Why it is made.")],
    person: Annotated[UUID | None, typer.Option(help="A member's id.")] = None,
    household: Annotated[UUID | None, typer.Option(help="A household's id.")] = None,
    nik: Annotated[bool, typer.Option("--nik", help="Ask for the member's NIK.")] = False,
    kk: Annotated[bool, typer.Option("--kk", help="Ask for the number of the family card.")] = False,
    json: Annotated[
        Path | None, typer.Option(help="Write it to this new file, for its owner alone, instead of printing it.")
    ] = None,
) -> None:
    """Tell a person, or a family, everything held on them and everyone who read it.

    A number is asked for and never an argument, which other accounts of the machine could read.
    """
    found = Found.asked(person, household, nik=nik, kk=kk)
    with opened() as whole:
        reported(whole, found, by=by, reason=reason, file=json)


@app.command()
def erase(
    by: Annotated[
        str, typer.Option(help="The programme officer who asks or confirms: the opaque id of a token's `sub`.")
    ],
    person: Annotated[UUID | None, typer.Option(help="A member's id.")] = None,
    household: Annotated[
        UUID | None, typer.Option(help="A household's id: all of it, or with --person where that one is found.")
    ] = None,
    reason: Annotated[ErasureReason, typer.Option(help="Why.")] = ErasureReason.OWN_REQUEST,
    confirm: Annotated[bool, typer.Option("--confirm", help="Confirm what another asked for; never undone.")] = False,
) -> None:
    """Erase the personal data of a person or a household, for good: asked for by one officer, confirmed by another."""
    with opened() as whole:
        erasing.erase(whole, person=person, household=household, by=by, reason=reason, confirm=confirm)


keys = typer.Typer(no_args_is_help=True, help="Rotate keys, and destroy those whose erasure the log records.")
app.add_typer(keys, name="keys")


@keys.command()
def rotate(
    kek: Annotated[
        bool,
        typer.Option("--kek", help="The key-encryption key: RUJUKAN_MASTER_KEY_PREVIOUS holds the one in use."),
    ] = False,
    index: Annotated[bool, typer.Option("--index", help="The key by which numbers are looked up.")] = False,
) -> None:
    """Wrap all keys under a new intermediate key; or change the key-encryption key, or the index key.

    Requests go on meanwhile, and the same command goes on with a rotation that was cut short.
    """
    if kek and index:
        fail("--kek and --index are rotated one after the other.")
    if kek:
        settings = given_settings()
        with faults_told(), database(settings, console.print) as url:
            keeping.rotate_key_encryption_key(settings, url)
        return
    with opened() as whole:
        (keeping.rotate_index_key if index else keeping.rotate_intermediate)(whole)


@keys.command()
def reconcile() -> None:
    """Destroy every key whose erasure the log records, as after a restore; `up` does so when it starts."""
    with opened() as whole:
        keeping.reconcile(whole)


app.add_typer(audit, name="audit")

partners = typer.Typer(no_args_is_help=True, help="Let agencies read and answer by Kafka.")
app.add_typer(partners, name="partners")
Partner = Annotated[UUID, typer.Argument(metavar="AGENCY", help="The agency's id.")]


@partners.command("add")
def add_partner(
    agency: Partner,
    since: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="POSITION|DATE|now",
            help="Send what stands behind this position of the log, or was logged from this day on; one that was a"
            " partner before goes on where it was.",
        ),
    ] = "now",
) -> None:
    """Make an agency's topics, its principal and its rights, and show its secrets once."""
    with opened() as whole:
        sharing.add(whole, agency, since)


@partners.command("list")
def list_partners() -> None:
    """Show who is a partner, and how far each was sent what concerns it."""
    with opened() as whole:
        sharing.listing(whole)


@partners.command("rotate")
def rotate_partner(agency: Partner) -> None:
    """Give an agency new secrets, and show them once."""
    with opened() as whole:
        sharing.rotate(whole, agency)


@partners.command("revoke")
def revoke_partner(agency: Partner) -> None:
    """Take an agency's access to Kafka; its topics stay."""
    with opened() as whole:
        sharing.revoke(whole, agency)


@app.command("simulate-partner")
def simulate_partner(
    agency: Partner,
    accepts: Annotated[float, typer.Option(min=0, max=1, help="How likely it accepts a referral.")] = 0.8,
    completes: Annotated[float, typer.Option(min=0, max=1, help="How likely it completes one that it accepted.")] = 0.9,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same answers.")] = None,
    until_idle: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="End when nothing has come for so long.")
    ] = None,
) -> None:
    """Answer the referrals of an agency by Kafka, as its own system would, to try things out.

    The agency's password is asked for, or taken from RUJUKAN_PARTNER_PASSWORD.
    """
    settings = given_settings()
    _invention_allowed(settings)
    manner = Manner(accepts=accepts, completes=completes)
    answering.simulate_partner(settings, agency, manner=manner, seed=seed, until_idle=until_idle)


@partners.command("replay")
def replay_to_partner(
    agency: Partner,
    since: Annotated[
        str,
        typer.Option(
            "--from", metavar="POSITION|DATE", help="What stands behind this position, or was logged from this day on."
        ),
    ],
) -> None:
    """Send an agency again what it was sent, marked as a replay, with the same ids."""
    with opened() as whole:
        sharing.replay(whole, agency, since)


@app.command()
def version() -> None:
    """Show the version."""
    console.print(f"rujukan {installed_version('rujukan')}")


def _invention_allowed(settings: Settings) -> None:
    """What is in the log stays there: families that do not exist would count for ever."""
    if not settings.development:
        fail("What does not exist is not brought into a log with RUJUKAN_ENV=production.")


def _past(given: datetime | None, option: str = "--sample-date") -> date | None:
    """The day from which lives are laid back: what has not happened yet cannot be recorded."""
    day = _day(given)
    if day is not None and day > (today := WallClock().today()):
        fail(f"{option} {day} is in the future; today is {today}.")
    if day is not None and day.year < EARLIEST:
        fail(f"{option} {day} is too long ago; the first year is {EARLIEST}.")
    return day


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None
