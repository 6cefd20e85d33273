"""Entering a list of members: all of it, or nothing where a line is wrong."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.routers.models import Router
from ronda.shop.models import Member, Package
from ronda.shop.rules import members as rules
from ronda.shop.rules.member_files import Problem, names_of, read_list
from ronda.shop.service import members


@transaction.atomic
def enter(text: str, person: Person | None, source: str = "") -> tuple[int, list[Problem]]:
    """Enter the members of a CSV; how many, or what is wrong with it and nothing is entered.

    Beside the file's own problems: `router` and `package` for names that do not exist, `taken` for users who
    are members already.
    """
    entries, problems = read_list(text)
    routers = {
        row.name.lower(): row
        for row in Router.objects.present()
        .annotate(low=Lower("name"))
        .filter(low__in=names_of(entries, "router"))
    }
    packages = {
        row.name.lower(): row
        for row in Package.objects.filter(deleted_at=None)
        .annotate(low=Lower("name"))
        .filter(low__in=names_of(entries, "package"))
    }
    taken = set(
        Member.objects.exclude(state=Member.State.ENDED)
        .filter(router__in=routers.values(), server="all")
        .values_list("router_id", "user")
    )
    for entry in entries:
        router = routers.get(entry.router.lower())
        if router is None:
            problems.append(Problem(entry.line, "router", entry.router))
        elif (router.pk, entry.user) in taken:
            problems.append(Problem(entry.line, "taken", entry.user))
        if entry.package.lower() not in packages:
            problems.append(Problem(entry.line, "package", entry.package))
    if problems:
        return 0, sorted(problems, key=lambda one: one.line)
    now = timezone.now()
    for entry in entries:
        package = packages[entry.package.lower()]
        values = {
            "name": entry.name,
            "phone": entry.phone,
            "address": entry.address,
            "router": routers[entry.router.lower()],
            "user": entry.user,
            "package": package,
            "price_idr": entry.price_idr,
            "zone": package.zone,
            "slow_profile": entry.slow_profile,
            "note": entry.note,
        }
        starts = entry.starts or entry.until or rules.day_in(package.zone, now)
        members.add(values, starts, person, until=entry.until, source=source)
    return len(entries), []
