"""Hotspot users of Mikhmon as vouchers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ronda.hotspot.rules.mikhmon import Held, State, Voucher, tag_of, voucher_of
from ronda.hotspot.rules.on_login import MikhmonPlan
from ronda.shop.rules.moving.drafts import Odd, Place, SaleDraft, VoucherDraft
from ronda.shop.rules.moving.texts import length_told, limits_of, utc_of

LONGEST_CODE = 64
LONGEST_TEXT = 120


def vouchers_of(
    held: Held,
    told: Mapping[str, MikhmonPlan],
    sales: Iterable[SaleDraft],
    offset: int,
    now: datetime,
    odd: Odd,
) -> tuple[list[VoucherDraft], int]:
    """Every user that is a voucher and can be taken, and how many users stay what they are.

    A name that is there on two servers is taken once.
    """
    reader = _Reader(told, sales, offset, now, odd)
    reader.hidden = not any("password" in row for row in held.users)
    found: dict[str, VoucherDraft] = {}
    left = 0
    for row in held.users:
        seen = voucher_of(row, held.clock)
        if seen is None:
            continue
        if not reader.is_voucher(seen):
            left += 1
            continue
        one = reader.read(row, seen)
        if one is not None and one.code in found:
            odd.setdefault("same-name", []).append(one.code)
        elif one is not None:
            found[one.code] = one
    return list(found.values()), left


class _Reader:
    def __init__(
        self,
        told: Mapping[str, MikhmonPlan],
        sales: Iterable[SaleDraft],
        offset: int,
        now: datetime,
        odd: Odd,
    ) -> None:
        self._told = told
        # Mikhmon removes what ended, and may give its code again: the newest sale is that of the present user.
        self._sold = {sale.user: sale for sale in sorted(sales, key=lambda one: one.at)}
        self._offset = offset
        self._now = now
        self._odd = odd
        self.hidden = False

    def is_voucher(self, seen: Voucher) -> bool:
        """A tag says so itself; without one, the profile must be a plan that ends its vouchers."""
        if seen.state is State.OTHER:
            return False
        plan = self._told.get(seen.profile)
        return tag_of(seen.batch) is not None or (plan is not None and bool(plan.mode))

    def read(self, row: Mapping[str, str], seen: Voucher) -> VoucherDraft | None:
        """The voucher; None where it cannot be taken, and why is noted."""
        server = row.get("server", "") or "all"
        password = row.get("password", "")
        if not _fits(seen.name, LONGEST_CODE) or not all(
            _fits(text, LONGEST_TEXT) for text in (seen.profile, server, password)
        ):
            self._note("unfit-user", seen.name[:80].replace("\x00", "?"))
            return None
        tag = tag_of(seen.batch)
        if self.hidden and tag is not None and tag.same_password:
            password = seen.name  # what "vc" means
        if not password:
            self._note("no-password", seen.name)
            return None
        sale = self._sale(seen)
        place, first, ends = self._life(seen, sale)
        return VoucherDraft(
            code=seen.name,
            password=None if password == seen.name else password,
            profile=seen.profile,
            server=server,
            place=place,
            batch=seen.batch or (sale.batch if sale else ""),
            limits=limits_of(row, blocked=seen.blocked),
            first_login_at=first,
            expires_at=ends,
        )

    def _sale(self, seen: Voucher) -> SaleDraft | None:
        """Its recorded sale; none that was before it was made, which is that of an earlier user of this name."""
        sale, tag = self._sold.get(seen.name), tag_of(seen.batch)
        if sale is None or tag is None or tag.made_on is None:
            return sale
        on = (sale.at + timedelta(minutes=self._offset)).date()
        return sale if on >= tag.made_on else None

    def _life(
        self, seen: Voucher, sale: SaleDraft | None
    ) -> tuple[Place, datetime | None, datetime | None]:
        """Where it is, its first login, and its end.

        The end of one that was used without it being written is reckoned from the recorded sale; where there
        is none, its time begins now.
        """
        if seen.state is State.UNUSED:
            return Place.READY, None, None
        first = sale.at if sale else None
        ends = None if seen.expires_at is None else utc_of(seen.expires_at, self._offset)
        length = length_told(self._told.get(seen.profile))
        if seen.blocked:
            return Place.ENDED, first, ends
        if ends is None and seen.expires_at is not None:
            self._note("no-clock-then", seen.name)
        if ends is None and length is not None:
            first = first or self._now
            ends = first + length
        elif ends is not None and first is None and length is not None:
            first = ends - length
        return Place.ACTIVE, first, ends

    def _note(self, code: str, name: str) -> None:
        self._odd.setdefault(code, []).append(name)


def _fits(text: str, most: int) -> bool:
    return len(text) <= most and "\x00" not in text
