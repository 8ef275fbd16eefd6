"""What a partner may do on the cluster, and nothing else: all that no rule allows is refused."""

from uuid import UUID

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from consumers import topics

__all__ = ["ACL", "everything_of", "of"]

ANYWHERE = "*"


def of(agency: UUID) -> list[ACL]:
    """To read what is meant for it, to write its replies, and to keep its place in groups named after it."""
    reads, writes = ACLOperation.READ, ACLOperation.WRITE
    referrals, replies, rejected = topics.all_of(agency)
    given = [(referrals, reads), (rejected, reads), (replies, writes)]
    seen = [(topic, ACLOperation.DESCRIBE) for topic, _ in given]
    user = topics.principal(agency)
    groups = ResourcePattern(ResourceType.GROUP, f"{agency}.", ACLResourcePatternType.PREFIXED)
    return [
        *(_allowed(user, what, ResourcePattern(ResourceType.TOPIC, topic)) for topic, what in (*given, *seen)),
        _allowed(user, reads, groups),
    ]


def everything_of(user: str) -> ACLFilter:
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    return ACLFilter(_principal(user), None, ACLOperation.ANY, ACLPermissionType.ANY, anything)


def _allowed(user: str, what: ACLOperation, where: ResourcePattern) -> ACL:
    return ACL(_principal(user), ANYWHERE, what, ACLPermissionType.ALLOW, where)


def _principal(user: str) -> str:
    return f"User:{user}"
