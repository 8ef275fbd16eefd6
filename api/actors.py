"""Which subject, role and scope make a caller; decision 10 says what a scope means."""

import re
from uuid import UUID

from domain.transitions import AGENCIES
from domain.values import Role

LONGEST = 200
"""Characters of a subject or a scope."""
REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")

NIK = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")


def is_subject(text: str) -> bool:
    """What is printable can be stored as well: neither NUL nor half a surrogate pair is. White space around it would
    make two of one person, who could then confirm what they asked for themselves. And who acted is kept in the clear
    for ever: nothing with an identity number in it."""
    return 0 < len(text) <= LONGEST and text.isprintable() and text == text.strip() and not NIK.search(text)


def fits(role: Role, scope: str) -> bool:
    """The clock is Rujukan itself, and no caller; an agency's scope is its id, a regional officer's a region. Who works
    for the whole country has none: who was given one was meant to see less."""
    if role is Role.CLOCK or len(scope) > LONGEST or not scope.isprintable():
        return False
    if role is Role.REGIONAL_OFFICER:
        return REGION.fullmatch(scope) is not None
    if role in AGENCIES or (role is Role.FACILITATOR and scope):
        return _is_uuid(scope)
    return not scope


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
