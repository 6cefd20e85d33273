"""On which router a new user is made: the site's stated rule, over what is known of its routers now."""

from django.db.models import Count
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.models import Site
from ronda.hotspot.models import ActiveUser, HotspotUser, Placement, UsageSeries
from ronda.hotspot.rules.balancing import Candidate, Choice, NoRouter, Rule, choose
from ronda.routers.models import Router, Status


def rule_of(site: Site) -> tuple[Rule, Router | None]:
    """The rule of a site, and its fixed router where it has one; least loaded unless it was set."""
    row = Placement.objects.filter(site=site).select_related("fixed").first()
    return (Rule(row.rule), row.fixed) if row else (Rule.LEAST_LOADED, None)


def set_rule(
    site: Site, rule: Rule, fixed: Router | None, person: Person | None, source: str = ""
) -> None:
    """State where new users of a site are made."""
    before, old = rule_of(site)
    Placement.objects.update_or_create(
        site=site,
        defaults={
            "rule": rule,
            "fixed": fixed if rule is Rule.FIXED else None,
            "changed_at": timezone.now(),
            "changed_by": person,
        },
    )
    audit.record(
        person,
        "hotspot-placement.edit",
        site.name,
        {"rule": before, "router": old.name if old else ""},
        {"rule": rule, "router": fixed.name if fixed else ""},
        source,
    )


def candidates(site: Site) -> list[Candidate]:
    """The routers in use at a site, with how many are online at each and what their licence allows."""
    routers = list(Router.objects.in_use().filter(site=site))
    online = _counts(ActiveUser, routers)
    users = _counts(HotspotUser, routers)
    licences = _licences(routers)
    return [
        Candidate(
            router.pk,
            router.connection_status == Status.CONNECTED,
            online.get(router.pk, 0),
            users.get(router.pk, 0),
            licences.get(router.pk),
        )
        for router in routers
    ]


def place(site: Site) -> tuple[list[Router], Choice]:
    """The routers on which a new user of a site is made, those that are away included, and the choice.

    Raises:
        NoRouter: the site has no router in use.
    """
    rule, fixed = rule_of(site)
    choice = choose(rule, candidates(site), fixed.pk if fixed else None)
    found = Router.objects.in_bulk([*choice.now, *choice.later])
    return [found[pk] for pk in (*choice.now, *choice.later)], choice


def _counts(model: type[ActiveUser] | type[HotspotUser], routers: list[Router]) -> dict[int, int]:
    rows = model.objects.filter(router__in=routers).values_list("router")
    return dict(rows.annotate(count=Count("id")).order_by())


def _licences(routers: list[Router]) -> dict[int, int]:
    """How many users at once each licence allows, where it is known and not any number."""
    rows = UsageSeries.objects.filter(router__in=routers).values_list("router", "capacity")
    return {pk: kept["licence"] for pk, kept in rows if kept and kept.get("licence")}


__all__ = ["NoRouter", "Rule", "candidates", "place", "rule_of", "set_rule"]
