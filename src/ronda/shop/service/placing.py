"""Which router a sale goes to: those the package names, and among several the rule of their site."""

from ronda.devices.models import Site
from ronda.hotspot.rules.balancing import Candidate, NoRouter, Rule, choose
from ronda.hotspot.service import placing
from ronda.routers.models import Router
from ronda.shop.models import Package
from ronda.shop.service.packages import routers_of

__all__ = ["NoRouter", "router_for", "routers_of"]


def router_for(package: Package, site: Site | None = None) -> Router:
    """The router on which the next voucher of a package is made, where it matters one of this site.

    One site: its stated rule. Several: the least loaded of all, the reachable ones first. A voucher is
    made on one router only, so that "on all" chooses as "least loaded" does.

    Raises:
        NoRouter: the package is sold on no router in use (of this site).
    """
    sold = {
        router.pk: router
        for router in routers_of(package)
        if site is None or router.site_id == site.pk
    }
    sites = {router.site for router in sold.values()}
    found: list[Candidate] = []
    for one in sites:
        found += [held for held in placing.candidates(one) if held.id in sold]
    rule, fixed = placing.rule_of(sites.pop()) if len(sites) == 1 else (Rule.LEAST_LOADED, None)
    if rule is Rule.ALL:
        rule = Rule.LEAST_LOADED
    choice = choose(rule, found, fixed.pk if fixed and fixed.pk in sold else None)
    return sold[(*choice.now, *choice.later)[0]]
