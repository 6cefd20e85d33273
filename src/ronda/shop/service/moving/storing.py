"""What is written of a router that is taken over from Mikhmon: packages, batches, vouchers and sales.

What was taken before is recognised: packages by the profile, batches by comment and profile, vouchers by their code,
sales by the router's serial number and the script's name.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.rules.mikhmon import tag_of
from ronda.hotspot.rules.windows import Zone
from ronda.hotspot.service.secrets import seal
from ronda.routers.models import Router
from ronda.shop.models import Batch, Moved, Package, Sale, Voucher, VoucherEvent
from ronda.shop.rules.accounts import Via
from ronda.shop.rules.life import What
from ronda.shop.rules.moving.drafts import Draft, Place, PlanDraft, VoucherDraft
from ronda.shop.rules.terms import Terms
from ronda.shop.service import history, packages
from ronda.shop.service.history import LONGEST_MEMO, Historic

GROUP = 500
State = Voucher.State
_STATES = {Place.READY: State.READY, Place.ACTIVE: State.ACTIVE, Place.ENDED: State.ENDED}


@dataclass
class Counts:
    """What one taking wrote; `same` vouchers were there already, `refused` have a code of another router."""

    packages: int = 0
    batches: int = 0
    vouchers: int = 0
    updated: int = 0
    same: int = 0
    refused: int = 0
    sales: int = 0
    odd: dict[str, int] = field(default_factory=dict)


class Store:
    """One taking of a router, in the transaction of the caller."""

    def __init__(
        self, router: Router, person: Person | None, zone: str, counts: Counts, *, on_sale: bool
    ) -> None:
        self._router = router
        self._person = person
        self._zone = zone
        self._counts = counts
        self._on_sale = on_sale
        self._packages: dict[str, Package] = {}
        self._terms: dict[str, Terms] = {}

    def plans(self, plans: Iterable[PlanDraft]) -> None:
        """A package for every plan."""
        for plan in plans:
            self._package(plan)

    def _package(self, plan: PlanDraft) -> Package:
        before = Moved.objects.filter(
            router=self._router, what=Moved.What.PACKAGE, key=plan.profile
        ).select_related("package")
        for moved in before:
            if moved.package is not None:
                return self._keep(plan.profile, moved.package)
        values = self._values(plan)
        package = self._alike(plan.profile, values)
        if package is None:
            package = packages.create(
                {
                    **values,
                    "name": self._free_name(plan.profile),
                    "active": self._on_sale,
                    # The profile is as it was until somebody says otherwise.
                    "sync": False,
                    "routers": [self._router],
                },
                self._person,
                "mikhmon",
            )
            self._counts.packages += 1
        else:
            package.routers.add(self._router)
        Moved.objects.create(
            router=self._router, what=Moved.What.PACKAGE, key=plan.profile, package=package
        )
        return self._keep(plan.profile, package)

    def _values(self, plan: PlanDraft) -> dict[str, Any]:
        return {
            "price_idr": plan.price_idr,
            "selling_price_idr": plan.selling_price_idr,
            "reseller_price_idr": plan.selling_price_idr,
            "profile": plan.profile,
            "valid_for": str(plan.valid_for or ""),
            **plan.limits._asdict(),
            "rate_limit": plan.rate_limit,
            "devices": plan.devices,
            "zone": self._zone,
            "at_end": plan.at_end.value,
        }

    def _keep(self, profile: str, package: Package) -> Package:
        self._packages[profile] = package
        self._terms[profile] = packages.terms_of(package)
        return package

    def _alike(self, name: str, values: Mapping[str, Any]) -> Package | None:
        """The package that the same plan of another router became."""
        found = packages.present().filter(name__iexact=name[:80], **values).first()
        if found is None or not Moved.objects.filter(package=found).exists():
            return None
        return found

    def _free_name(self, wanted: str) -> str:
        wanted = wanted[:80]
        numbered = (f"{wanted[:70]} ({number})" for number in range(2, 10_000))
        for name in (wanted, f"{wanted[:40]} ({self._router.name[:36]})", *numbered):
            if not packages.name_taken(name):
                return name
        raise ValueError(wanted)

    def vouchers(self, drafts: list[VoucherDraft]) -> None:
        """New vouchers with their batches; of those taken before, what has changed since."""
        known: dict[str, Voucher] = {}
        for group in _groups([one.code for one in drafts]):
            rows = Voucher.objects.filter(code__in=group)
            known |= {row.code: row for row in rows}
        new, later = [], []
        for one in drafts:
            present = known.get(one.code)
            if present is None:
                new.append(one)
            elif present.router_id != self._router.pk:
                self._counts.refused += 1
            elif self._brought_on(present, one):
                later.append(present)
            else:
                self._counts.same += 1
        Voucher.objects.bulk_update(
            later, ["state", "first_login_at", "expires_at", "ended_at", "ended_by"], GROUP
        )
        self._counts.updated = len(later)
        for what, state in ((What.LOGIN, State.ACTIVE), (What.ENDED, State.ENDED)):
            self._note([row for row in later if row.state == state], what)
        self._make(new)

    def _make(self, drafts: list[VoucherDraft]) -> None:
        batches = self._batches(drafts)
        now = timezone.now()
        rows = [self._row(one, batches.get((one.batch, one.profile)), now) for one in drafts]
        made = Voucher.objects.bulk_create(rows, GROUP)
        self._counts.vouchers = len(made)
        self._note(made, What.TAKEN)

    def _row(self, one: VoucherDraft, batch: Batch | None, now: datetime) -> Voucher:
        package = self._packages[one.profile]
        made_at = batch.made_at if batch else one.first_login_at or now
        ended = one.place is Place.ENDED
        terms = {**self._terms[one.profile].as_json(), **one.limits._asdict()}
        return Voucher(
            code=one.code,
            password=seal(one.password) if one.password else "",
            package=package,
            terms=terms,
            batch=batch,
            router=self._router,
            server=one.server,
            state=_STATES[one.place],
            begun=True,
            made_at=made_at,
            ready_at=made_at,
            first_login_at=one.first_login_at,
            expires_at=one.expires_at,
            ended_at=(one.expires_at or now) if ended else None,
            ended_by=Voucher.Clock.VALIDITY if ended else "",
        )

    def _brought_on(self, row: Voucher, one: VoucherDraft) -> bool:
        """Whether Mikhmon went on with a voucher that was taken earlier; `row` is set accordingly."""
        further = {State.READY: 0, State.ACTIVE: 1, State.ENDED: 2}
        state = _STATES[one.place]
        if further.get(State(row.state), 9) >= further[state]:
            return False
        row.state = state
        row.first_login_at = row.first_login_at or one.first_login_at
        row.expires_at = row.expires_at or one.expires_at
        if state is State.ENDED:
            row.ended_at = one.expires_at or timezone.now()
            row.ended_by = Voucher.Clock.VALIDITY
        return True

    def _note(self, rows: list[Voucher], what: What) -> None:
        now = timezone.now()
        actor = self._person.get_username() if self._person else audit.SYSTEM
        VoucherEvent.objects.bulk_create(
            (
                VoucherEvent(
                    voucher=row, at=now, what=what, detail={"from": "Mikhmon"}, actor=actor
                )
                for row in rows
            ),
            GROUP,
        )

    def _batches(self, drafts: list[VoucherDraft]) -> dict[tuple[str, str], Batch]:
        """Batches by comment and profile: Mikhmon has no other key."""
        sizes = Counter((one.batch, one.profile) for one in drafts if one.batch)
        first = {(one.batch, one.profile): one for one in reversed(drafts)}
        found = {}
        for (comment, profile), count in sizes.items():
            key = hashlib.sha256(f"{comment}\0{profile}".encode(errors="replace")).hexdigest()
            moved = Moved.objects.filter(
                router=self._router, what=Moved.What.BATCH, key=key
            ).select_related("batch")
            present = moved.first()
            if present is not None and present.batch is not None:
                Batch.objects.filter(pk=present.batch.pk).update(count=F("count") + count)
                found[comment, profile] = present.batch
                continue
            batch = self._batch(comment, first[comment, profile], count)
            Moved.objects.create(router=self._router, what=Moved.What.BATCH, key=key, batch=batch)
            self._counts.batches += 1
            found[comment, profile] = batch
        return found

    def _batch(self, comment: str, example: VoucherDraft, count: int) -> Batch:
        tag = tag_of(comment)
        made_at = timezone.now()
        if tag is not None and tag.made_on is not None:
            ahead = timedelta(minutes=Zone(self._zone).minutes)
            made_at = datetime.combine(tag.made_on, time(12), UTC) - ahead
        note = (tag.note if tag else "") or comment
        return Batch.objects.create(
            package=self._packages[example.profile],
            router=self._router,
            count=count,
            alphabet="mixed",
            length=len(example.code),
            separate_password=example.password is not None,
            note=note[:120].replace("\x00", ""),
            made_at=made_at,
            made_by=self._person,
        )

    def sales(self, found: Draft) -> None:
        """The recorded sales, joined to their vouchers where these are there.

        Of several of one code the newest is the voucher's, unless it was before the voucher was made: Mikhmon
        gives a code again once its user was removed.
        """
        users = {sale.user for sale in found.sales}
        vouchers: dict[str, Voucher] = {}
        for group in _groups(sorted(users)):
            rows = Voucher.objects.filter(code__in=group, router=self._router, sale=None)
            columns = ("code", "sold_at", "package_id", "made_at", "first_login_at")
            vouchers |= {row.code: row for row in rows.only(*columns)}
        sales = sorted(found.sales, key=lambda one: one.at)
        newest = {sale.user: sale for sale in sales}
        sold, told = [], []
        for sale in sales:
            voucher = vouchers.get(sale.user) if newest[sale.user] is sale else None
            if voucher is not None and sale.at < _made(voucher):
                voucher = None
            package = self._packages.get(sale.plan)
            told.append(
                Historic(
                    reference=f"mikhmon:{sale.key}",
                    at=sale.at,
                    package=package.pk if package else self._of_old(sale.plan, voucher),
                    router=self._router.pk,
                    voucher=voucher.pk if voucher else None,
                    price_idr=sale.price_idr,
                    cost_idr=sale.cost_idr,
                    memo=sale.user.replace("\x00", "")[:LONGEST_MEMO],
                )
            )
            if voucher is not None and voucher.sold_at is None:
                voucher.sold_at = sale.at
                sold.append(voucher)
        self._counts.sales = history.record(self._not_of_another_board(told), self._person)
        Voucher.objects.bulk_update(sold, ["sold_at"], GROUP)

    def _not_of_another_board(self, told: list[Historic]) -> list[Historic]:
        """Those that were not taken while this router was another board, whose configuration it was given since."""
        before = Sale.objects.filter(router=self._router, via=Via.MIKHMON.value)
        known = {
            (at, memo): reference
            for at, memo, reference in before.values_list("at", "entry__memo", "entry__reference")
        }
        return [
            one for one in told if known.get((one.at, one.memo), one.reference) == one.reference
        ]

    def _of_old(self, plan: str, voucher: Voucher | None) -> int:
        """The package of a sale whose plan is not there any more, or was not recorded (v2)."""
        if voucher is not None:
            return voucher.package_id
        name = plan.replace("\x00", "")[:100]
        if name not in self._packages:
            key = f"#{name}"
            moved = Moved.objects.filter(router=self._router, what=Moved.What.PACKAGE, key=key)
            present = moved.select_related("package").first()
            if present is None:
                package = packages.create(
                    {
                        "name": self._free_name(name or f"Mikhmon {self._router.name}"),
                        "selling_price_idr": 0,
                        "reseller_price_idr": 0,
                        "active": False,
                        "sync": False,
                        "routers": [self._router],
                    },
                    self._person,
                    "mikhmon",
                )
                present = Moved.objects.create(
                    router=self._router, what=Moved.What.PACKAGE, key=key, package=package
                )
            assert present.package is not None  # noqa: S101 -- packages are never deleted for good
            self._packages[name] = present.package
        return self._packages[name].pk


def _made(voucher: Voucher) -> datetime:
    """Before this it was not there; a tag tells only the day, so a day is left."""
    return min(voucher.made_at, voucher.first_login_at or voucher.made_at) - timedelta(days=1)


def _groups(items: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(items), GROUP):
        yield items[start : start + GROUP]
