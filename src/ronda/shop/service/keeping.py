"""The profile of a package, kept on its routers as the package says: speed, devices and hours.

Time and data are limits of each user; RouterOS has none on profiles. Routers are asked by
`hotspot.service.asking`, so that whatever is done there is verified, and a change by others is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from ronda.accounts.models import Person
from ronda.hotspot.models import (
    AccessHours,
    Action,
    HotspotProfile,
    Instruction,
    Kind,
    Outcome,
    Part,
    Reading,
    Verb,
    Wanted,
)
from ronda.hotspot.rules.windows import Zone
from ronda.hotspot.service import adopting, asking, hours
from ronda.routers.models import Router
from ronda.shop.models import Package
from ronda.shop.rules.clocks import windows_from
from ronda.shop.rules.expiry import user_texts
from ronda.shop.rules.terms import Terms
from ronda.shop.service import packages

#: Where what is asked comes from when nobody pressed anything.
SOURCE = "package"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one router stands to a package's profile.

    `changes` is property -> text that it should hold and does not. `waiting` is an instruction
    that has not ended there.
    """

    router: Router
    read: bool
    held: HotspotProfile | None
    changes: dict[str, str]
    waiting: int | None
    hours_differ: bool

    @property
    def state(self) -> str:
        """One word: unread, waiting, missing, differs or same."""
        if self.waiting is not None:
            return "waiting"
        if not self.read:
            return "unread"
        if self.held is None:
            return "missing"
        return "differs" if self.changes or self.hours_differ else "same"


def texts_of(package: Package) -> dict[str, str]:
    """What the profile shall hold; without a speed of its own, the profile's stays as it is."""
    found = {"shared-users": str(package.devices)}
    if package.rate_limit:
        found["rate-limit"] = package.rate_limit
    return found


def user_limits(terms: Terms) -> dict[str, str]:
    """What is set on each router user of these limits: property -> text. Quotas are never a profile's."""
    return {name: text for name, text in user_texts(terms, "").items() if text}


def standings(package: Package) -> list[Standing]:
    """Each router of the package, by name: what its profile is, and what it should be."""
    routers = packages.routers_of(package)
    name, wished = package.profile, texts_of(package)
    held = {
        row.router_id: row for row in HotspotProfile.objects.filter(router__in=routers, name=name)
    }
    read = set(
        Reading.objects.filter(
            router__in=routers, part=Part.PROFILES, read_at__isnull=False
        ).values_list("router", flat=True)
    )
    open_ = Action.objects.filter(
        router__in=routers,
        kind=Kind.PROFILE,
        name=name,
        ended_at=None,
        outcome__in=(Outcome.WAITING, Outcome.UNKNOWN),
    )
    waiting = dict(open_.order_by("pk").values_list("router", "instruction"))
    stated = {
        row.router_id: row
        for row in AccessHours.objects.filter(router__in=routers, kind=Kind.PROFILE, name=name)
    }
    found = []
    for router in routers:
        row = held.get(router.pk)
        changes = wished if row is None else adopting.changes(Kind.PROFILE, row.values, wished)
        found.append(
            Standing(
                router,
                router.pk in read,
                row,
                changes,
                waiting.get(router.pk),
                _hours_differ(package, stated.get(router.pk)),
            )
        )
    return found


def keep(
    package: Package,
    person: Person | None,
    source: str = "",
    *,
    hours_before: Sequence[object] = (),
) -> list[Instruction]:
    """Ask the package's routers for its profile; what they hold already is not asked for.

    A profile that somebody else made is taken over first. A router that was never read is left for
    `catch_up`. Hours that a package no longer has are taken away only where it had some before.
    """
    if not package.sync:
        return []
    create, edit = [], []
    wished = texts_of(package)
    with transaction.atomic():
        for one in standings(package):
            if package.windows or hours_before:
                _keep_hours(package, one, person, source)
            if not one.read and one.held is None:
                continue
            if one.held is None:
                if one.waiting is None:
                    create.append(
                        asking.Target(one.router, package.profile, Kind.PROFILE, after=wished)
                    )
                else:
                    # It is being made; what was changed since comes after.
                    edit.append(
                        asking.Target(
                            one.router, package.profile, Kind.PROFILE, before={}, after=wished
                        )
                    )
                continue
            _take_over(one, person, source)
            changes = wished if one.waiting is not None else one.changes
            if changes:
                edit.append(asking.target_of(one.held, changes))
        return [
            asking.ask(verb, targets, person, source=source)
            for verb, targets in ((Verb.CREATE, create), (Verb.EDIT, edit))
            if targets
        ]


def catch_up() -> int:
    """Ask routers that came later for the profiles and hours they lack; how many were asked for a profile.

    Only what was never wanted of them: what somebody changed or removed there is a difference for
    people to decide.
    """
    asked = 0
    for package in packages.present().filter(sync=True, active=True):
        with transaction.atomic():
            found = standings(package)
            wanted = _having(Wanted, package)
            stated = _having(AccessHours, package)
            for one in found:
                if one.hours_differ and one.router.pk not in stated:
                    _keep_hours(package, one, None, SOURCE)
            targets = [
                asking.Target(one.router, package.profile, Kind.PROFILE, after=one.changes)
                for one in found
                if one.state == "missing"
                and one.router.pk not in wanted
                and not _tried(one, package)
            ]
            if targets:
                asking.ask(Verb.CREATE, targets, None, source=SOURCE)
                asked += len(targets)
    return asked


def _having(model: type[Wanted] | type[AccessHours], package: Package) -> set[int]:
    found = model.objects.filter(kind=Kind.PROFILE, name=package.profile)
    return set(found.values_list("router", flat=True))


def _tried(one: Standing, package: Package) -> bool:
    """Whether it was asked before; a router that refused is not asked for ever."""
    return Action.objects.filter(
        router=one.router, kind=Kind.PROFILE, name=package.profile, verb=Verb.CREATE
    ).exists()


def _take_over(one: Standing, person: Person | None, source: str) -> None:
    wanted = Wanted.objects.filter(router=one.router, kind=Kind.PROFILE, name=one.held.name)  # type: ignore[union-attr] # asked only where it is held
    if not wanted.exists():
        adopting.adopt([one.held], person, source)  # type: ignore[list-item] # the same


def _hours_differ(package: Package, stated: AccessHours | None) -> bool:
    if not package.windows:
        return False
    if stated is None:
        return True
    return (windows_from(stated.windows), stated.zone) != (
        windows_from(package.windows),
        package.zone,
    )


def _keep_hours(package: Package, one: Standing, person: Person | None, source: str) -> None:
    stated = AccessHours.objects.filter(
        router=one.router, kind=Kind.PROFILE, name=package.profile
    ).first()
    if package.windows and not _hours_differ(package, stated):
        return
    if not package.windows and (stated is None or not stated.windows):
        return
    hours.set_hours(
        one.router,
        Kind.PROFILE,
        package.profile,
        "all",
        Zone(package.zone),
        windows_from(package.windows),
        person,
        source,
    )


def profiles_known() -> list[str]:
    """The names of the profiles that routers in use hold, each once."""
    found = HotspotProfile.objects.filter(router__deleted_at=None, router__active=True)
    return sorted(set(found.values_list("name", flat=True)))


def routers_without(package_profile: str, routers: Sequence[Router]) -> list[Router]:
    """Of these routers, those that were read and do not hold a profile of this name."""
    have = set(
        HotspotProfile.objects.filter(router__in=routers, name=package_profile).values_list(
            "router", flat=True
        )
    )
    read = set(
        Reading.objects.filter(
            Q(router__in=routers), part=Part.PROFILES, read_at__isnull=False
        ).values_list("router", flat=True)
    )
    return [router for router in routers if router.pk in read and router.pk not in have]
