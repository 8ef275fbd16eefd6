"""Sealed values whose key was destroyed: nothing opens them again, so no row keeps them."""

from collections.abc import Collection
from uuid import UUID

from domain.values import Sealed


def kept(box: Sealed | None, keys: Collection[UUID]) -> Sealed | None:
    """The box, unless its key is one of these."""
    return None if box is not None and box.key in keys else box
