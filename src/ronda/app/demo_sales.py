"""Who sold what in the demo: weeks of invented sales, a reseller with a balance, a drawer."""

from datetime import datetime, timedelta
from random import Random  # noqa: TID251 -- seeded

from django.utils import timezone

from ronda.accounts.models import Person, Role
from ronda.accounts.service import people
from ronda.routers.models import Router
from ronda.shop.models import Package
from ronda.shop.rules.accounts import Via
from ronda.shop.service import rehearsing, resellers
from ronda.shop.service.rehearsing import Told

DAYS = 45
#: Nobody can sign in as them: they have no password.
SELLERS = (
    ("kasir.ratna", Role.CASHIER),
    ("warung.slamet", Role.RESELLER),
    ("warung.tini", Role.RESELLER),
)
TOP_UP_IDR = 1_500_000


def enter(seed: int = 7) -> None:
    """The sellers and their sales, unless anything was ever sold."""
    router = Router.objects.in_use().order_by("pk").first()
    offered = list(Package.objects.on_sale())
    if router is None or not offered or not rehearsing.is_untouched():
        return
    sellers = [_person(name, role) for name, role in SELLERS]
    for seller in sellers[1:]:
        asked = resellers.ask_top_up(seller, TOP_UP_IDR, note="setoran awal")
        resellers.decide(asked, True, sellers[0], source="demo")
    resellers.ask_top_up(sellers[2], 200_000, note="transfer, menunggu")
    rehearsing.tell(story(offered, sellers, timezone.now(), seed), router)


def _person(name: str, role: Role) -> Person:
    return Person.objects.filter(username=name).first() or people.add(name, role, source="demo")


def story(offered: list[Package], sellers: list[Person], now: datetime, seed: int) -> list[Told]:
    """A few sales every day, more at weekends, each by one of the doors."""
    chance = Random(seed)  # noqa: S311 -- a story, the same every time
    doors: list[tuple[Person | None, Via]] = [
        (sellers[0], Via.COUNTER),
        (sellers[0], Via.COUNTER),
        (sellers[1], Via.RESELLER),
        (sellers[2], Via.RESELLER),
        (None, Via.SHOP),
    ]
    told: list[Told] = []
    for day in range(DAYS, 0, -1):
        midnight = now - timedelta(days=day)
        for _ in range(chance.randint(1, 3) + (2 if midnight.weekday() > 4 else 0)):
            seller, via = chance.choice(doors)
            at = midnight + timedelta(minutes=chance.randrange(12 * 60))
            code = f"DEMO{len(told):04}"
            told.append(Told(at, chance.choice(offered), seller, via, code))
    return sorted(told, key=lambda one: one.at)
