"""What taking a router over from Mikhmon brings: packages, vouchers and sales, before any is written.

Prices are whole rupiah, times aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ronda.shop.rules.terms import AtEnd, Span

#: Code of an oddity, and the names it is about.
Odd = dict[str, list[str]]


class Place(StrEnum):
    """Where a voucher is in its life."""

    READY = "ready"
    ACTIVE = "active"
    ENDED = "ended"


class Limits(NamedTuple):
    """What RouterOS counts for one user; seconds online, and bytes. None is no limit."""

    online_s: int | None = None
    quota_bytes: int | None = None
    quota_upload_bytes: int | None = None
    quota_download_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A profile that is sold, as a package; `lock`: a voucher stays with its first device."""

    profile: str
    mode: str
    price_idr: int
    selling_price_idr: int
    valid_for: Span | None
    limits: Limits
    rate_limit: str
    devices: int
    at_end: AtEnd
    lock: bool


@dataclass(frozen=True, slots=True)
class VoucherDraft:
    """A hotspot user, as a voucher; `password` is None where it is the code itself.

    `batch` is the comment that its batch shares, "" where none is known.
    """

    code: str
    password: str | None = field(repr=False)
    profile: str
    server: str
    place: Place
    batch: str
    limits: Limits
    first_login_at: datetime | None = None
    expires_at: datetime | None = None


class SaleDraft(NamedTuple):
    """A sale that Mikhmon recorded; `key` tells it from every other one of its router for good.

    `plan` is "" where the record names none (v2); the time is that of the first login.
    """

    key: str
    at: datetime
    user: str
    plan: str
    price_idr: int
    cost_idr: int
    batch: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of one router. `left` users stay what they are; `zone` is the Indonesian one of its clock."""

    plans: list[PlanDraft]
    vouchers: list[VoucherDraft]
    sales: list[SaleDraft]
    odd: Odd
    left: int
    zone: str
