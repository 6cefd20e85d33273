"""Monthly members of the demo: people of the village whose hotspot users live on its first router."""

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from ronda.accounts.models import Person, Role
from ronda.routers.models import Router
from ronda.shop.models import Member, Package
from ronda.shop.rules.members import day_in
from ronda.shop.service import members, renewals

PRICE_IDR = 150_000
ZONE = "WIB"
#: In how many days the paid time of each ends; the last is over, also the days of grace.
ENDS = (24, 17, 6, 2, 0, -2, -9)


def enter(users: Collection[str]) -> None:
    """So many of these hotspot users become members, some paid at the counter; once."""
    router = Router.objects.in_use().order_by("pk").first()
    package = Package.objects.on_sale().order_by("-selling_price_idr").first()
    if router is None or package is None or Member.objects.exists():
        return
    cashier = Person.objects.filter(role=Role.CASHIER).order_by("pk").first()
    today = day_in(ZONE, timezone.now())
    for place, (user, days) in enumerate(zip(sorted(users), ENDS, strict=False)):
        values = {
            "name": user.replace(".", " ").replace("-", " ").title(),
            "phone": f"+62812000010{place:02}",
            "router": router,
            "user": user,
            "package": package,
            "price_idr": PRICE_IDR,
            "zone": ZONE,
            "grace_days": 3,
        }
        until = today + timedelta(days=days)
        member = members.add(values, until - timedelta(days=92), None, until=until, source="demo")
        if days > 20:
            renewals.renew(member, 1, cashier, token=f"demo-{place}", source="demo")
