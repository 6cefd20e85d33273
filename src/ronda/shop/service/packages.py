"""Packages: what is sold, and the one way in which that changes; every change is in the audit trail."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import Sites, here, mine
from ronda.routers.models import Router
from ronda.shop.models import Package
from ronda.shop.rules.clocks import offset
from ronda.shop.rules.contradictions import Found, clashes
from ronda.shop.rules.terms import AtEnd, Span, Terms, split_span

#: What a person may set, in the order of the editor; `sites` and `routers` are lists of rows.
FIELDS = (
    "name",
    "description",
    "price_idr",
    "selling_price_idr",
    "reseller_price_idr",
    "popular",
    "active",
    "profile",
    "sold_by",
    "valid_for",
    "online_s",
    "quota_bytes",
    "quota_upload_bytes",
    "quota_download_bytes",
    "rate_limit",
    "devices",
    "windows",
    "zone",
    "at_end",
    "slow_profile",
    "auto_create",
    "sync",
)
PLACES = ("sites", "routers")


def terms_of(package: Package) -> Terms:
    """The limits of a package at this moment, to be kept with a voucher."""
    return Terms(
        profile=package.profile,
        valid_for=Span(*split_span(package.valid_for)) if package.valid_for else None,
        online_s=package.online_s,
        quota_bytes=package.quota_bytes,
        quota_upload_bytes=package.quota_upload_bytes,
        quota_download_bytes=package.quota_download_bytes,
        rate_limit=package.rate_limit,
        devices=package.devices,
        windows=package.windows,
        zone=package.zone,
        at_end=AtEnd(package.at_end),
        slow_profile=package.slow_profile,
    )


def last_day(package: Package) -> date | None:
    """The last day on which it is sold, in its zone; None where there is no such day."""
    if package.sold_by is None:
        return None
    local = package.sold_by.astimezone(offset(package.zone))
    return (local - timedelta(microseconds=1)).date()


def present() -> QuerySet[Package]:
    """Every package that was not deleted, in the order of the shop, as far as whoever asks sells it."""
    found = Package.objects.filter(deleted_at=None)
    return sold_within(found, here()).order_by("position", "selling_price_idr", "pk")


def sold_within(packages: QuerySet[Package], sites: Sites) -> QuerySet[Package]:
    """Those that are sold at a router of these sites; all for None."""
    if sites is None:
        return packages
    own = Package.routers.through.objects.filter(router__site__in=sites).values("package")
    placed = Package.sites.through.objects.filter(site__in=sites).values("package")
    bound = [
        table.objects.values("package")
        for table in (Package.routers.through, Package.sites.through)
    ]
    everywhere = ~Q(pk__in=bound[0]) & ~Q(pk__in=bound[1])
    return packages.filter(Q(pk__in=own) | Q(pk__in=placed) | everywhere)


def deleted() -> QuerySet[Package]:
    """Deleted packages, the last one first."""
    return sold_within(Package.objects.exclude(deleted_at=None), here()).order_by(
        "-deleted_at", "-pk"
    )


def on_sale(now: datetime | None = None) -> QuerySet[Package]:
    """Those that can be bought now, in the order of the shop."""
    moment = now or timezone.now()
    found = Package.objects.on_sale().filter(Q(sold_by=None) | Q(sold_by__gt=moment))
    return sold_within(found, here())


def routers_of(package: Package) -> list[Router]:
    """The routers in use at which it is sold, by name: its own, those of its sites; with neither, all."""
    sites = list(package.sites.values_list("pk", flat=True))
    own = list(package.routers.values_list("pk", flat=True))
    return routers_at(sites, own)


def routers_at(sites: Sequence[int], routers: Sequence[int]) -> list[Router]:
    """The routers in use among these and at these sites; all where neither is named."""
    found = mine(Router.objects.in_use().select_related("site")).order_by("name")
    if sites or routers:
        found = found.filter(Q(pk__in=routers) | Q(site__in=sites))
    return list(found)


def beside(
    sites: Sequence[int], routers: Sequence[int], package: Package | None = None
) -> list[tuple[str, Terms]]:
    """Name and limits of the other packages that are sold at one of the same routers or sites."""
    mine = {router.pk for router in routers_at(sites, routers)}
    others = present().prefetch_related("sites", "routers")
    if package is not None:
        others = others.exclude(pk=package.pk)
    placed = {router.pk: router.site_id for router in Router.objects.in_use()}
    found = []
    for other in others:
        at = {site.pk for site in other.sites.all()}
        own = {router.pk for router in other.routers.all()}
        everywhere = not (at or own)
        theirs = {pk for pk, site in placed.items() if everywhere or pk in own or site in at}
        if everywhere or not (sites or routers) or mine & theirs:
            found.append((other.name, terms_of(other)))
    return found


def create(values: Mapping[str, Any], person: Person | None, source: str = "") -> Package:
    """A new package, last in the shop."""
    with transaction.atomic():
        last = present().aggregate(last=Max("position"))["last"]
        package = Package(position=0 if last is None else last + 1)
        _set(package, values)
        audit.record(person, "package.create", package.name, None, facts_of(package), source)
    return package


def edit(
    package: Package, values: Mapping[str, Any], person: Person | None, source: str = ""
) -> Package:
    """Change what is given of a package; vouchers that were made of it keep what they have."""
    with transaction.atomic():
        before = facts_of(package)
        _set(package, values)
        after = facts_of(package)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            audit.record(
                person,
                "package.edit",
                package.name,
                {name: before[name] for name in changed},
                {name: after[name] for name in changed},
                source,
            )
    return package


def delete(package: Package, person: Person | None, source: str = "") -> None:
    """Take a package out of the shop; what was sold of it stays, and it can be restored."""
    with transaction.atomic():
        package.deleted_at = timezone.now()
        package.save(update_fields=["deleted_at", "updated_at"])
        audit.record(person, "package.delete", package.name, facts_of(package), None, source)


class NameTaken(ValueError):
    """Another package has this name by now."""


class Contradicts(ValueError):
    """It cannot be as it is; `found` says what contradicts what."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__(", ".join(one.clash for one in found))
        self.found = found


def check(package: Package) -> None:
    """Whether a package is sound, alone and beside the others.

    Raises:
        Contradicts: it is not.
    """
    sites = list(package.sites.values_list("pk", flat=True))
    own = list(package.routers.values_list("pk", flat=True))
    found = clashes(terms_of(package), sync=package.sync, others=beside(sites, own, package))
    if found:
        raise Contradicts(found)


def restore(package: Package, person: Person | None, source: str = "") -> None:
    """Bring a deleted package back.

    Raises:
        NameTaken: another one has its name by now.
        Contradicts: it contradicts another one by now.
    """
    if name_taken(package.name, package):
        raise NameTaken(package.name)
    check(package)
    with transaction.atomic():
        package.deleted_at = None
        package.save(update_fields=["deleted_at", "updated_at"])
        audit.record(person, "package.restore", package.name, None, facts_of(package), source)


def reorder(pks: Sequence[int], person: Person | None, source: str = "") -> None:
    """Put the packages in this order; those that are not named come after, as they stood."""
    with transaction.atomic():
        found = {package.pk: package for package in present()}
        named = [found.pop(pk) for pk in dict.fromkeys(pks) if pk in found]
        before = [package.name for package in present()]
        after = [*named, *found.values()]
        for place, package in enumerate(after):
            package.position = place
        Package.objects.bulk_update(after, ["position"])
        names = [package.name for package in after]
        if names != before:
            audit.record(
                person, "package.reorder", "packages", {"order": before}, {"order": names}, source
            )


def name_taken(name: str, package: Package | None = None) -> bool:
    """Whether another package that is there has this name, whatever its case."""
    # Also one that whoever asks does not see has its name.
    found = Package.objects.filter(deleted_at=None, name__iexact=name)
    return found.exclude(pk=package.pk).exists() if package else found.exists()


def facts_of(package: Package) -> dict[str, Any]:
    """What a package is, as the audit trail and programs read it; places by name."""
    told = {name: getattr(package, name) for name in FIELDS}
    for name in PLACES:
        rows: Iterable[Any] = getattr(package, name).order_by("name")
        told[name] = [row.name for row in rows]
    return told


def _set(package: Package, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(package, name, values[name])
    package.save()
    for name in PLACES:
        if name in values:
            getattr(package, name).set(values[name])
