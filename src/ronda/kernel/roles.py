"""Which jobs there are, and whose rights each of them includes: pure.

Two ladders meet at the administrator: those who look after the network (noc, technician, viewer)
and those who sell (cashier, reseller). Nobody of one sees the pages of the other.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: The right of everybody who is signed in.
ANYONE = "anyone"

_NETWORK = frozenset({"noc", "technician", "viewer"})
_SALES = frozenset({"cashier", "reseller"})

#: Role -> the roles whose rights its people have, its own included; highest first.
INCLUDES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "owner": _NETWORK | _SALES | {"owner", "admin"},
        "admin": _NETWORK | _SALES | {"admin"},
        "noc": _NETWORK,
        "technician": frozenset({"technician", "viewer"}),
        "cashier": _SALES,
        "reseller": frozenset({"reseller"}),
        "viewer": frozenset({"viewer"}),
    }
)


def holds(role: str, needed: str) -> bool:
    """Whether someone of `role` has the rights of `needed`; an unknown role has none."""
    rights = INCLUDES.get(role)
    return rights is not None and (needed == ANYONE or needed in rights)


def shared(one: str, other: str) -> str:
    """The role that gives no more than either of both; "" where they have nothing in common."""
    for lower, higher in ((one, other), (other, one)):
        if holds(higher, lower):
            return lower
    return ""
