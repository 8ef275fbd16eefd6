"""The root of a tree whose leaves pass by one after another: what is held is a hash for each power of two."""

from domain.proof.tree import EMPTY, Hash, Subtree, node_hash


class Growing:
    """A tree that is only added to (RFC 6962)."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[Hash] = []

    @classmethod
    def of(cls, size: int, subtree: Subtree) -> "Growing":
        """One that has `size` leaves already, by its complete subtrees."""
        found, first = cls(), 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                found._whole.append(subtree(height, first >> height))
                first += 1 << height
        found.size = size
        return found

    def add(self, leaf: Hash) -> None:
        found, at = leaf, self.size
        while at & 1:
            found = node_hash(self._whole.pop(), found)
            at >>= 1
        self._whole.append(found)
        self.size += 1

    @property
    def root(self) -> Hash:
        if not self._whole:
            return EMPTY
        found = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            found = node_hash(left, found)
        return found
