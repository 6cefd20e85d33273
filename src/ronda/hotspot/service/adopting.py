"""Taking over what routers hold: from then on it is wanted as it is, and a change of it is seen."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.models import HotspotProfile, HotspotUser, Kind, Wanted
from ronda.hotspot.rules.properties import TABLES, differing, whole
from ronda.hotspot.service import drifting
from ronda.routers.models import Router


def changes(kind: str, held: Mapping[str, str], wished: Mapping[str, str]) -> dict[str, str]:
    """Of what is wished, the properties that mean something else than what is held."""
    return {name: wished[name] for name in differing(TABLES[kind], wished, held)}


def adopt(
    rows: Iterable[HotspotUser | HotspotProfile], person: Person | None, source: str = ""
) -> int:
    """Want these users and profiles as their routers hold them now; how many.

    What was wanted of them before is replaced; a password that is kept stays. Differences are over.
    """
    now = timezone.now()
    actor = person.username if person else audit.SYSTEM
    touched: dict[int, Router] = {}
    count = 0
    with transaction.atomic():
        for row in rows:
            kind = Kind.USER if isinstance(row, HotspotUser) else Kind.PROFILE
            name, server = drifting.key_of(row)
            values = whole(kind, drifting.values_of(row))
            item, made = Wanted.objects.get_or_create(
                router=row.router,
                kind=kind,
                name=name,
                server=server,
                defaults={"values": values, "since": now, "actor": actor},
            )
            before = None if made else dict(item.values)
            item.values, item.since, item.actor = values, now, actor
            item.save()
            audit.record(
                person,
                f"hotspot-{kind}.adopt",
                f"{name} @ {row.router.name}",
                before,
                values,
                source,
            )
            touched[row.router_id] = row.router
            count += 1
        for router in touched.values():
            for kind in Kind:
                drifting.look(router, kind, now)
    return count


def forget(item: Wanted, person: Person | None, source: str = "") -> None:
    """Want this item no longer; what the router holds stays and counts as not from Ronda."""
    with transaction.atomic():
        audit.record(
            person,
            f"hotspot-{item.kind}.unwant",
            f"{item.name} @ {item.router.name}",
            item.values,
            None,
            source,
        )
        router, kind = item.router, item.kind
        item.delete()
        drifting.look(router, kind, timezone.now())
