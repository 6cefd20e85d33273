"""What a buyer may know of a voucher by its code: nothing that helps to guess one.

Tries are counted in the database, so that every process counts the same: few wrong ones for an address
(guests of one hotspot share one), and a bound for all of them together. A code that is nobody's costs
the same questions as one that is.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from ronda.shop.models import Voucher
from ronda.shop.rules.terms import Terms
from ronda.shop.service import explaining, limits

#: Tries of one address, and of all addresses together, within `WITHIN`.
MOST_OF_ONE = 60
MOST_OF_ALL = 3_000
WITHIN = timedelta(minutes=10)
_NOBODY = "\0"


class TooMany(Exception):
    """Too many codes were tried; later again."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is told: no names, no devices, no router."""

    state: str
    standing: str
    package: str
    left: explaining.Left
    online_s: int | None
    quota_bytes: int | None
    first_login_at: datetime | None
    valid_for: str


def look(code: str, address: str) -> Status | None:
    """How the voucher with this code stands; None where there is none.

    Raises:
        TooMany: this address, or all together, tried too many codes.
    """
    mine = limits.allow("voucher-status", address, most=MOST_OF_ONE, within=WITHIN)
    ours = limits.allow("voucher-status-all", "", most=MOST_OF_ALL, within=WITHIN)
    if not (mine and ours):
        raise TooMany
    rows = Voucher.objects.select_related("package", "router")
    found = rows.filter(code=code[:64]).first()
    held = found if found is not None else Voucher(pk=0, code=_NOBODY, router_id=0, terms={})
    left = explaining.left_of(held)
    # Both ways end here after the same questions; the database may have compared without case.
    if found is None or not hmac.compare_digest(found.code.encode(), code.encode()):
        return None
    terms = Terms.from_json(found.terms)
    return Status(
        found.state,
        explaining.standing(found) if found.state != Voucher.State.TROUBLE else "",
        found.package.name,
        left,
        terms.online_s,
        terms.quota_bytes,
        found.first_login_at,
        str(terms.valid_for or ""),
    )
