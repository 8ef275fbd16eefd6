"""`rujukan partners`: agencies that read and answer by Kafka, what each has there, and its secrets, shown once."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec
from uuid import UUID

from kafka.errors import KafkaError

from api.known_at import JAKARTA, end_of
from consumers import partners, topics
from consumers.contracts import NoContract
from consumers.leading import takes_the_lead
from consumers.publishing import replaying
from domain.agency import Agency
from domain.errors import NotFound
from domain.values import Role
from infra.bootstrap import Composed
from infra.commands.reaching import kafka_reached
from infra.development_issuer.issuer import development_issuer
from infra.kafka.access import Access
from infra.kafka.administration import Administration, Credential, Shape, administration
from infra.place import HOST, announcement
from infra.settings import DEVELOPMENT_ISSUER, Settings
from infra.terminal import bar, console, fail
from infra.whole_files import replace
from projections.engine.runner import lock_number
from projections.partners import Partner, standings

NOW = "now"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CLIENT = Path(__file__).parents[1] / "keycloak" / "agency-client.json"
P = ParamSpec("P")


def _alone(
    command: Callable[Concatenate[Composed, UUID, P], None],
) -> Callable[Concatenate[Composed, UUID, P], None]:
    """Looks how an agency stands, and changes that, while no other such command does."""

    @wraps(command)
    def alone(whole: Composed, agency: UUID, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with closing(whole.publishing_session()) as session:
            if not takes_the_lead(session, lock_number(f"partner {agency}")):
                fail(f"Another command is at {agency}; try again when it has ended.")
            command(whole, agency, *args, **kwargs)

    return alone


@_alone
def add(whole: Composed, agency: UUID, since: str) -> None:
    """Ends with what is wrong on one line; where it was cut short it may be called again."""
    name = _name(whole, agency)
    earlier = _partner(whole, agency)
    if earlier is not None and earlier.revoked_at is None:
        fail(f"{name} is a partner already; `rujukan partners rotate {agency}` gives it a new secret.")
    position = whole.recorder.head() if since == NOW else _day_or_position(whole, since)
    with kafka_reached(whole.settings) as access, _administering(whole.settings, access) as administering:
        credential = administering.add(agency)
    with whole.services.pool.connection() as connection:
        partners.add(connection, agency, position)
    console.print(f"{name} is a partner, and is sent what stands behind position {_since(earlier, position):,}.")
    _hand_over(whole.settings, agency, access, credential)


@_alone
def rotate(whole: Composed, agency: UUID) -> None:
    name = _name(whole, agency)
    earlier = _partner(whole, agency)
    if earlier is None or earlier.revoked_at is not None:
        fail(f"{name} is no partner; `rujukan partners add {agency}` makes it one.")
    with kafka_reached(whole.settings) as access, _administering(whole.settings, access) as administering:
        credential = administering.rotate(agency)
    console.print(f"{name} has a new secret; with the one before it connects no more.")
    _hand_over(whole.settings, agency, access, credential)


@_alone
def revoke(whole: Composed, agency: UUID) -> None:
    """Also where nothing is left to be taken, which takes what somebody gave by other means."""
    name = _name(whole, agency)
    partner = _partner(whole, agency)
    if partner is None:
        fail(f"{name} never was a partner.")
    with kafka_reached(whole.settings) as access, _administering(whole.settings, access) as administering:
        administering.revoke(agency)
    with whole.services.pool.connection() as connection:
        partners.revoke(connection, agency)
    if partner.revoked_at is not None:
        console.print(
            f"{name} was revoked already, on {_day(partner.revoked_at)}; it has no access and is sent nothing."
        )
        return
    console.print(f"{name} has no access to Kafka any more, and is sent nothing; its topics stay.")
    if whole.settings.issues_tokens:
        console.print("By HTTP it still reads and answers: tokens on this machine are given to the systems of all.")
    else:
        console.print(
            f"By HTTP it reads and answers until its client {agency} is removed at {whole.settings.oidc_issuer}."
        )


def replay(whole: Composed, agency: UUID, since: str) -> None:
    """What a partner lost, or wants to see once more."""
    name = _name(whole, agency)
    partner = _partner(whole, agency)
    if partner is None or partner.revoked_at is not None:
        fail(f"{name} is no partner.")
    after = _day_or_position(whole, since)
    with kafka_reached(whole.settings) as access, bar("Replaying") as progress:
        session = whole.publishing_session()
        try:
            sent = replaying.replay(session, access.client(), agency, after, progress)
        except KafkaError as fault:
            fail(f"Not all messages arrived ({type(fault).__name__}); the same command begins anew.")
        except NoContract as fault:
            fail(f"Something happened that this version has no message of ({fault}); what stands before it was sent.")
        except replaying.NotToldYet as fault:
            fail(f"{fault} `rujukan status` shows how far the projection of referrals is.")
        finally:
            session.close()
    console.print(f"{name} was sent {sent:,} messages again, up to position {partner.position:,}.")


def listing(whole: Composed) -> None:
    """Each on lines of its own, which a narrow terminal shows whole."""
    with whole.services.pool.connection() as connection:
        found = standings(connection)
    if not found:
        console.print("Nobody is a partner.")
    for partner in found:
        console.print(partner.name or "(of no name yet)", markup=False)
        console.print(f"  {partner.agency}  {_state(partner)}", markup=False)
        console.print(f"  sent up to {partner.position:,}; {_waits(partner)}", markup=False)


def _state(partner: Partner) -> str:
    if partner.revoked_at is not None:
        return f"revoked on {_day(partner.revoked_at)}"
    return f"blocked: {partner.error}" if partner.error else "reached"


def _waits(partner: Partner) -> str:
    if partner.messages == 0:
        return "nothing waits"
    return f"{partner.messages:,} wait, the first for {partner.seconds:,.0f} s"


def _day(moment: datetime) -> date:
    return moment.astimezone(JAKARTA).date()


def _name(whole: Composed, agency: UUID) -> str:
    try:
        return whole.services.application.load(Agency, agency).name
    except NotFound:
        fail(f"There is no agency {agency}.")


def _partner(whole: Composed, agency: UUID) -> Partner | None:
    with whole.services.pool.connection() as connection:
        return next((partner for partner in standings(connection) if partner.agency == agency), None)


def _position(whole: Composed, since: str) -> int:
    head = whole.recorder.head()
    if int(since) > head:
        fail(f"--from {since} is beyond the end of the log, which is at {head}.")
    return int(since)


def _day_or_position(whole: Composed, since: str) -> int:
    """A day stands for the last position before it, in Asia/Jakarta."""
    if _is_number(since):
        return _position(whole, since)
    try:
        day = date.fromisoformat(since) if DAY.fullmatch(since) else None
    except ValueError:
        day = None
    if day is None:
        fail("--from must be a position of the log, or a date such as 2026-03-31.")
    if day > whole.services.time.today():
        fail(f"--from {since} is a day to come: nothing is from then on.")
    return whole.recorder.position_at(end_of(day - timedelta(days=1)))


def _is_number(since: str) -> bool:
    return since.isascii() and since.isdigit()


def _since(earlier: Partner | None, position: int) -> int:
    """One that was a partner before goes on where it was."""
    return position if earlier is None else earlier.position


@contextmanager
def _administering(settings: Settings, access: Access) -> Iterator[Administration]:
    shape = Shape(retention_days=settings.kafka_retention_days, replicas=settings.kafka_replicas)
    with administration(access, shape) as administering:
        yield administering


def _hand_over(settings: Settings, agency: UUID, access: Access, credential: Credential) -> None:
    """As settings by the names that docs/partners.md has for them."""
    handed = {
        "AGENCY": str(agency),
        "KAFKA": ",".join(settings.kafka_partner_servers or access.servers),
        "PROTOCOL": str(access.protocol),
        "SECRET": credential.password,
    }
    api, beside = (_of_this_machine if settings.issues_tokens else _of_a_client)(settings, agency)
    for name, value in {**handed, **api}.items():
        console.print(f"  {name}={value}", markup=False)
    for line in (
        f"docs/partners.md begins with these. To Kafka it is {credential.user},",
        "by SCRAM-SHA-512, which",
        f"  reads {topics.referrals(agency)}",
        f"  reads {topics.rejected(agency)}",
        f"  writes {topics.replies(agency)}",
        f"  in groups {agency}.…, by any name that begins so.",
    ):
        console.print(line, markup=False)
    console.print(beside, markup=False)
    console.print("SECRET is shown this once, and is kept nowhere in the clear.")


def _of_this_machine(settings: Settings, agency: UUID) -> tuple[dict[str, str], str]:
    """The development issuer has one secret for the systems of all agencies."""
    running = announcement(settings.home)
    address = f"http://{HOST}:{running['port'] if running else settings.port}"
    words = f"--role {Role.AGENCY_SYSTEM} --sub {topics.principal(agency)} --scope {agency}"
    return {
        "RUJUKAN": address,
        "TOKEN_URL": f"{address}{DEVELOPMENT_ISSUER}/token",
        "API_SECRET": development_issuer(settings).files.client_secret(),
    }, f"API_SECRET is one for the systems of all agencies on this machine. A token by hand: rujukan token {words}"


def _of_a_client(settings: Settings, agency: UUID) -> tuple[dict[str, str], str]:
    """Of Keycloak, to be imported into the realm; its name is the agency's id."""
    secret = secrets.token_urlsafe(32)
    client = json.loads(CLIENT.read_text("utf-8").replace("AGENCY", str(agency)))
    file = settings.home / "partners" / f"{agency}.json"
    replace(file, json.dumps({**client, "secret": secret}, indent=2).encode())
    names = sorted(name for name in settings.allowed_hosts if name != HOST)
    return {
        "RUJUKAN": f"https://{names[0]}" if len(names) == 1 else "https://…, by which callers reach this API",
        "TOKEN_URL": f"the token_endpoint of {settings.oidc_issuer}/.well-known/openid-configuration",
        "API_SECRET": secret,
    }, f"Import {file} into the realm of {settings.oidc_issuer}, and delete it: it holds the secret."
