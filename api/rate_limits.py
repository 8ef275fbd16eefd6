"""How much one caller may ask for: what is counted, and the refusal of whoever asks for more."""

import ipaddress
from collections.abc import Collection
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from api.problems import Refusal
from domain.values import Actor


class Limited(StrEnum):
    """What is counted."""

    REQUESTS = "requests"
    """Of one principal."""
    LOOK_UPS = "look-ups"
    """Of one principal, by number; a number found to be registered already when somebody is registered is one, too."""
    STRANGERS = "strangers"
    """Requests of one client address that do not prove who they are."""
    HOUSEHOLDS = "households"
    """Of which one principal opens personal data."""
    NUMBERS = "numbers"
    """Of cards and persons that one principal registers: each tells whether it was registered before."""


class RateLimits(Protocol):
    """The counters. All answer in how many seconds more will be allowed, or None where it is allowed now."""

    def hit(self, limited: Limited, who: str, many: int = 1) -> int | None:
        """Counts so many more. Never waits for anything where requests or strangers are counted."""
        ...

    def spent(self, limited: Limited, who: str) -> int | None:
        """Counts nothing, and looks whether one more is allowed."""
        ...

    def opened(self, who: str, households: Collection[UUID]) -> int | None:
        """Counts those of the households that this principal has not opened lately."""
        ...


DETAILS = {
    Limited.REQUESTS: "You have sent too many requests; please try again later.",
    Limited.LOOK_UPS: "You have looked up too many numbers; please try again later.",
    Limited.STRANGERS: "Too many requests came from your address without an identity; please try again later.",
    Limited.NUMBERS: "You have registered too many cards and persons; please try again later.",
    Limited.HOUSEHOLDS: "You have opened the data of too many households; please try again later.",
}
SUBNET = 64
"""Bits of an IPv6 address that belong to one subscriber, who may choose the rest at will."""


def check_requests(limits: RateLimits, actor: Actor) -> None:
    _refuse(Limited.REQUESTS, limits.hit(Limited.REQUESTS, actor.sub))


def check_look_up(limits: RateLimits, actor: Actor) -> None:
    """Counts first, so that who is refused learns nothing."""
    _refuse(Limited.LOOK_UPS, limits.hit(Limited.LOOK_UPS, actor.sub))


def check_registering(limits: RateLimits, actor: Actor, numbers: int) -> None:
    """For what looks numbers up only in passing: that is a look-up (`note_look_up`) where it told that one is there.
    That none of them is there is told by success, so there are only so many in a day."""
    _refuse(Limited.LOOK_UPS, limits.spent(Limited.LOOK_UPS, actor.sub))
    _refuse(Limited.NUMBERS, limits.hit(Limited.NUMBERS, actor.sub, numbers))


def note_look_up(limits: RateLimits, actor: Actor) -> None:
    limits.hit(Limited.LOOK_UPS, actor.sub)


def check_stranger(limits: RateLimits, address: str) -> None:
    _refuse(Limited.STRANGERS, limits.hit(Limited.STRANGERS, _subscriber(address)))


def check_opened(limits: RateLimits, actor: Actor, households: Collection[UUID]) -> None:
    _refuse(Limited.HOUSEHOLDS, limits.opened(actor.sub, households))


def _refuse(limited: Limited, seconds: int | None) -> None:
    if seconds is not None:
        headers = {"Retry-After": str(max(1, seconds))}
        raise Refusal(429, f"too-many-{limited}", DETAILS[limited], headers=headers)


def _subscriber(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, SUBNET), strict=False))
