"""The topics of a partner, and its name to the broker."""

from uuid import UUID

REFERRALS, REPLIES, REJECTED = "referrals", "replies", "rejected"
VERSION = "v1"


def referrals(agency: UUID) -> str:
    """What the agency reads: what happened to the referrals sent to it."""
    return _topic(agency, REFERRALS)


def replies(agency: UUID) -> str:
    """What the agency writes: its answers. Whoever owns the topic is who answers."""
    return _topic(agency, REPLIES)


def rejected(agency: UUID) -> str:
    """What the agency reads of the answers that were refused."""
    return _topic(agency, REJECTED)


def all_of(agency: UUID) -> tuple[str, str, str]:
    return referrals(agency), replies(agency), rejected(agency)


def agency_of(topic: str) -> UUID:
    """The agency that a topic belongs to; `ValueError` for one of no agency."""
    prefix, agency, kind, version = topic.split(".")
    if (prefix, version) != ("rujukan", VERSION) or kind not in (REFERRALS, REPLIES, REJECTED):
        raise ValueError(f"{topic} is no topic of an agency.")
    return UUID(agency)


def principal(agency: UUID) -> str:
    """The name by which the agency logs in to the broker, and under which its answers are recorded."""
    return f"agency-{agency}"


def _topic(agency: UUID, kind: str) -> str:
    return f"rujukan.{agency}.{kind}.{VERSION}"
