"""Where the reader of an alert acts: the path of the page of what it tells, and the address before it."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.urls import reverse

from ronda.alerts.models import Occurrence, Told
from ronda.alerts.rules.occurrences import What
from ronda.work import tuning

Facts = Mapping[str, Any]


def public_address() -> str:
    """Where people open this installation, without a slash at the end; "" where nobody said so.

    What was set, else the first host name of the configuration, else the address of the web server where that
    is one that others reach.
    """
    said, conf = str(tuning.value("public_address")), settings.RONDA
    scheme = "https" if conf.https else "http"
    if said or conf.hosts:
        return said or f"{scheme}://{conf.hosts[0]}"
    return f"{scheme}://{conf.bind}" if _is_one_place(conf.bind) else ""


def _is_one_place(bind: str) -> bool:
    host = ip_address(bind.rpartition(":")[0].strip("[]"))
    return not host.is_loopback and not host.is_unspecified


def page(about: int | None) -> str:
    """The page of a letter's trouble; that of all one's notices where it tells of several."""
    rows = list(Told.objects.filter(letter=about or 0).select_related("occurrence")[:2])
    return of(rows[0].occurrence) if len(rows) == 1 else of_several()


def of_several() -> str:
    """The page of everything one was told."""
    return reverse("alerts:for-me")


def of(row: Occurrence) -> str:
    """The page where one acts on this trouble."""
    if row.what == What.REPEATED and row.facts.get("ont"):
        return reverse("devices:ont", args=[row.facts["ont"]])
    if row.incident is not None:
        return reverse("incidents:incident", args=[row.incident])
    return _PAGES.get(What(row.what), _of_router)(row.facts)


def _of_router(facts: Facts) -> str:
    router = facts.get("router")
    if router and facts.get("trouble") == "backup":
        return reverse("upkeep:copies", args=[router])
    return reverse("upkeep:router", args=[router]) if router else reverse("devices:backups")


def _of_use(facts: Facts) -> str:
    router = facts.get("router")
    return reverse("hotspot:of-router", args=[router]) if router else reverse("hotspot:users")


def _of_money(facts: Facts) -> str:
    number = facts.get("number")
    return reverse("shop:order", args=[number]) if number else reverse("shop:inbox")


_PAGES: Mapping[What, Callable[[Facts], str]] = {
    What.OUTAGE: lambda _facts: reverse("incidents:incidents"),
    What.MASS: lambda _facts: reverse("incidents:incidents"),
    What.USE: _of_use,
    What.LIMIT: _of_use,
    What.PAYMENT: _of_money,
    What.BLIND: lambda _facts: reverse("monitoring:health"),
}
