"""Which address is probed under which key.

An address is probed once, however many ONTs have it: the key is the lowest number of these. Where
nobody shares, the key of an ONT is its own number.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple


class Member(NamedTuple):
    """One watched ONT: where it is probed and to which site its losses count."""

    ont: int
    address: str
    site: int


class Addresses:
    """The addresses of all members, each with its key."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}  # address -> the key it is probed under
        self.sharing: dict[int, list[int]] = {}  # key -> its ONTs, where there are several
        self._key_of: dict[int, int] = {}  # ONT -> key, where they differ

    def key(self, ont: int) -> int:
        """The key under which this ONT's address is probed."""
        return self._key_of.get(ont, ont)

    def onts(self, key: int) -> Sequence[int]:
        """The ONTs that have the address probed under this key."""
        return self.sharing.get(key) or (key,)

    def targets(self) -> dict[int, str]:
        """Key to address of everything to be probed, each address once."""
        return {key: address for address, key in self.keys.items()}

    def join(self, member: Member) -> int | None:
        """Take in an ONT; the key whose ONTs are others now, None where it is alone."""
        key = self.keys.get(member.address)
        if key is None:
            self.keys[member.address] = member.ont
            return None
        return self._share(member.address, sorted({*self.onts(key), member.ont}), key)

    def leave(self, member: Member) -> int | None:
        """Let an ONT go; the key of those that stay, None where nobody does."""
        key = self.keys.pop(member.address)
        onts = [ont for ont in self.sharing.pop(key, [key]) if ont != member.ont]
        self._key_of.pop(member.ont, None)
        return self._share(member.address, onts, key) if onts else None

    def _share(self, address: str, onts: list[int], old_key: int) -> int:
        key = onts[0]
        self.keys[address] = key
        self.sharing.pop(old_key, None)
        if len(onts) > 1:
            self.sharing[key] = onts
        for ont in onts:
            if ont == key:
                self._key_of.pop(ont, None)
            else:
                self._key_of[ont] = key
        return key

    def spread(self, rtts: array[int]) -> array[int]:
        """A sweep's column by ONT: those that share an address get the same value."""
        if not self.sharing:
            return rtts
        spread = array("I", rtts)
        longest = max(onts[-1] for onts in self.sharing.values()) + 1
        if longest > len(spread):
            spread.extend([0] * (longest - len(spread)))
        for key, onts in self.sharing.items():
            for ont in onts:
                spread[ont] = spread[key]
        return spread
