"""Which series there are, and making the ones that readings need."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from ronda.devices.models import Site
from ronda.hotspot.models import SeriesKind, UsageSeries
from ronda.routers.models import Router

ALL = gettext_noop("All routers")
OLDER = gettext_noop("Older system's script")


def of_router(router: Router, now: datetime) -> UsageSeries:
    """The router's series, locked until the transaction ends; its name and site follow the router's."""
    UsageSeries.objects.get_or_create(
        router=router,
        defaults={
            "kind": SeriesKind.ROUTER,
            "name": router.name,
            "site_id": router.site_id,
            "made_at": now,
        },
    )
    series = UsageSeries.objects.select_for_update().get(router=router)
    if (series.name, series.site_id) != (router.name, router.site_id):
        series.name, series.site_id = router.name, router.site_id
        series.save(update_fields=["name", "site"])
    return series


def of_older(now: datetime) -> UsageSeries:
    """The series of what an older system's script sends, locked until the transaction ends."""
    UsageSeries.objects.get_or_create(
        kind=SeriesKind.OLDER, defaults={"name": OLDER, "made_at": now}
    )
    return UsageSeries.objects.select_for_update().get(kind=SeriesKind.OLDER)


def of_all(now: datetime) -> UsageSeries:
    """The sum of all routers."""
    found, _made = UsageSeries.objects.get_or_create(
        kind=SeriesKind.ALL, defaults={"name": ALL, "made_at": now}
    )
    return found


def of_site(site: Site, now: datetime) -> UsageSeries:
    """The sum of a site's routers."""
    found, _made = UsageSeries.objects.get_or_create(
        kind=SeriesKind.SITE, site=site, defaults={"name": site.name, "made_at": now}
    )
    return found
