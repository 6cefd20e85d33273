"""One paid order is one router user and one entry in the books; nothing else ever is, whatever crashes."""

import asyncio
import json
import os
import random  # noqa: TID251 -- seeded
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import Sum
from django.utils import timezone

from ronda.accounts.service import audit
from ronda.routeros.errors import (
    Outcome,
    RouterError,
    RouterFull,
    RouterTimedOut,
    RouterUnreachable,
)
from ronda.routers.models import Router
from ronda.shop.models import Entry, Invoice, Line, Member, Order, PaymentEvent, Sale, Voucher
from ronda.shop.service import (
    asking,
    creating,
    inbox,
    making,
    members,
    ordering,
    providing,
    reaching,
    renewals,
    sales,
)
from ronda.work import feed
from ronda.work.loops import close_threads
from ronda.work.models import Job
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink
from tests.rounds import ROUNDS
from tests.shop.money_story import PRICE, Crash, Crashes, play, tell
from tests.shop.orders_made import make_method, make_order, make_package, make_router
from tests.shop.vouchers_made import no_progress

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database,
    pytest.mark.usefixtures("in_english"),
]

#: Orders, each with an interleaving of its own; two workers tell of their money at once.
ORDERS = 10 * ROUNDS
AT_ONCE = 100
FOLDER = Path(__file__).parents[2]
SEED = 20261121


class Desk(threading.Thread):
    """The routers' desk, the lines of which are cut at random; it dies and is started anew."""

    def __init__(self, links: dict[int, ScriptedLink], crashes: Crashes, seed: int) -> None:
        super().__init__()
        self.links, self.crashes, self.chance = links, crashes, random.Random(seed)
        self.stop, self.calm, self.faults = threading.Event(), False, []

    def run(self) -> None:
        try:
            while not self.stop.wait(0.002):
                for router, link in self.links.items():
                    if self.calm or self.chance.random() < 0.8:  # else it is away
                        self.turn(router, link)
        except BaseException as fault:  # noqa: BLE001 -- told by the test's own thread
            self.faults.append(fault)
        finally:
            connection.close()

    def turn(self, router: int, link: ScriptedLink) -> None:
        """Do what waits for one router, as one job that may be cut; what was cut waits again."""
        waiting = Job.objects.filter(kind=asking.MAKE, lock=f"router:{router}", state="waiting")
        pks = list(waiting.values_list("pk", flat=True))
        if not pks:
            return
        link.alive, link._failures = True, {}
        if not self.calm:
            self.break_something(link)
        payload = {"router": router, "batch": None, "voucher": None}
        try:
            asyncio.run(creating.run(link, payload, no_progress))
        except (RouterError, Crash, OperationalError):
            return
        Job.objects.filter(pk__in=pks).update(state="done")

    def break_something(self, link: ScriptedLink) -> None:
        if self.chance.random() < 0.6:
            error: RouterError = self.chance.choice(
                (
                    RouterTimedOut("cut", outcome=Outcome.UNKNOWN),
                    RouterUnreachable("no route"),
                    RouterFull("no space"),
                )
            )
            link.fail_at(self.chance.randrange(12), error, done=self.chance.random() < 0.5)


@pytest.fixture
def crashes(monkeypatch: pytest.MonkeyPatch) -> Crashes:
    """The places in the middle of a transaction where a process may end."""
    found = Crashes(0.12)
    for module, name in (
        (making, "make"),
        (sales, "record"),
        (sales, "of_member"),
        (renewals, "renew"),
        (reaching, "bring"),
        (sales, "take_back"),
        (asking, "make"),
        (feed, "append"),
        (audit, "record"),
        (providing, "provide"),
    ):
        monkeypatch.setattr(module, name, found.around(getattr(module, name)))
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_interleavings_lose_nothing_and_double_nothing(
    people: dict[str, Any], crashes: Crashes
):
    chance = random.Random(SEED)
    package, method = make_package(profile="1hari"), make_method()
    routers: list[Router] = []
    links: dict[int, ScriptedLink] = {}
    for number in range(3):
        link = ScriptedLink()
        link.put(PROFILE, name="1hari")
        routers.append(make_router(f"R{number}"))
        links[routers[-1].pk] = link
    desk = Desk(links, crashes, SEED)
    desk.start()
    stories = []
    try:
        for _ in range(ORDERS // AT_ONCE):
            orders = [
                make_order(package, router=chance.choice(routers), phone="") for _ in range(AT_ONCE)
            ]
            orders += [monthly(package, chance.choice(routers)) for _ in range(AT_ONCE // 10)]
            some = [tell(order, method, people["admin"], chance) for order in orders]
            play(some, crashes, workers=2, seed=chance.randrange(2**31))
            stories += some
        mend(desk, people["admin"])
    finally:
        desk.stop.set()
        desk.join()
        close_threads()
    assert desk.faults == []
    assert crashes.count > ORDERS / 50
    check(stories, links)


def monthly(package: Any, router: Router) -> Order:
    """An order of somebody who pays by the month."""
    number = Member.objects.count()
    values = {"name": f"W{number}", "user": f"w{number}", "router": router, "package": package}
    today = timezone.localdate()
    member = members.add({**values, "price_idr": 0}, today, None, until=today + timedelta(days=9))
    return ordering.place_for_member(member, 1)[0]


def mend(desk: Desk, person: Any) -> None:
    """The lines hold, staff try again what lies in the inbox, and everything that can be made is."""
    desk.calm = True
    for _ in range(200):
        for order in inbox.orders():
            inbox.retry(order, person)
        providing.recheck()
        busy = Order.objects.filter(state__in=("paid", "provisioning")).exists()
        if desk.faults or (not busy and not inbox.orders().exists()):
            return
        desk.stop.wait(0.05)


def check(stories: list[Any], links: dict[int, ScriptedLink]) -> None:
    """What must hold however it came."""
    on_routers = {
        pk: Counter(row["name"] for row in link.menus.get(USER, [])) for pk, link in links.items()
    }
    orders = Order.objects.select_related("voucher", "member").in_bulk(
        [story.order.pk for story in stories]
    )
    heard = dict(PaymentEvent.objects.values_list("event_id", "amount_idr"))
    assert heard == {event: amount for story in stories for event, amount in story.words.items()}
    for story in stories:
        order = orders[story.order.pk]
        served = PaymentEvent.objects.filter(order=order, settled_as="served").count()
        assert served == (order.paid_at is not None), order.number
        if order.paid_at is None:
            assert order.voucher is None
            assert PRICE not in story.words.values() or order.state in (
                "attention",
                "refunded",
                "cancelled",
            )
            continue
        assert order.state in ("delivered", "refunded"), (order.number, order.state, order.trouble)
        if order.member is not None:
            check_member(order, order.member)
        elif order.voucher is not None:
            held = on_routers[order.router_id][order.voucher.code]
            # A void voucher that had been begun is taken off the router by a job of its own.
            assert held == 1 if order.state == "delivered" else held <= 1
        else:
            assert order.state == "refunded"
    everywhere = sum(sum(names.values()) for names in on_routers.values())
    served = [order for order in orders.values() if order.state == "delivered"]
    delivered = [order for order in served if order.member is None]
    begun = Voucher.objects.filter(state="void", begun=True).count()
    assert len(delivered) <= everywhere <= len(delivered) + begun
    sold = Sale.objects.exclude(via="member").count()
    assert Voucher.objects.count() == sold == Entry.objects.filter(kind="sale").count()
    months = Invoice.objects.filter(paid_at__isnull=False).count()
    assert months == Sale.objects.filter(via="member").count()
    assert months == Entry.objects.filter(kind="member").count()
    assert Voucher.objects.filter(order=None).count() == 0
    books = Line.objects.filter(account="clearing").aggregate(sum=Sum("amount_idr"))["sum"] or 0
    assert books == sum(order.paid_idr for order in served)
    assert (Line.objects.aggregate(sum=Sum("amount_idr"))["sum"] or 0) == 0


def check_member(order: Order, member: Member) -> None:
    """One paid order is one paid invoice and one month, and none once the money was given back."""
    paid = list(Invoice.objects.filter(member=member, paid_at__isnull=False))
    assert len(paid) == 1 or order.state == "refunded", order.number
    kept = [invoice for invoice in paid if invoice.returned_at is None]
    assert len(kept) == (order.state == "delivered"), order.number
    until = kept[0].until if kept else member.starts + timedelta(days=9)
    assert member.until == until, order.number


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_process_killed_while_it_takes_money_leaves_all_or_nothing(tmp_path: Path):
    package, router = make_package(), make_router()
    make_method()
    orders = [make_order(package, router=router, phone="") for _ in range(60)]
    words = [(order.pk, f"{order.number}-1:paid:{PRICE}", PRICE) for order in orders]
    for lines in (7, 23, None):
        program = live(tmp_path, words)
        assert program.stdout is not None
        for number, _line in enumerate(program.stdout, 1):
            if number == lines:
                program.kill()
                break
        program.stdout.close()
        program.wait()
        paid = Order.objects.filter(paid_at__isnull=False)
        assert paid.count() == PaymentEvent.objects.count() >= (lines or len(orders))
        assert paid.filter(voucher=None).count() == 0
        assert Voucher.objects.count() == Sale.objects.count() == paid.count()
        assert Entry.objects.count() == Job.objects.filter(kind=asking.MAKE).count() == paid.count()


def live(folder: Path, words: list[Any]) -> "subprocess.Popen[str]":
    """The program on the database of the test."""
    database = connection.settings_dict
    values = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    values |= {
        "RONDA_DATA": str(folder),
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{FOLDER / 'src'}{os.pathsep}{FOLDER}",
    }
    if connection.vendor == "postgresql":
        whole = settings.RONDA.database_url.get_secret_value()
        values["RONDA_DATABASE_URL"] = f"{whole.rsplit('/', 1)[0]}/{database['NAME']}"
    elif not (file := folder / "ronda.sqlite3").exists():
        file.symlink_to(database["NAME"])
    program = [sys.executable, str(Path(__file__).with_name("mortal_payer.py")), json.dumps(words)]
    return subprocess.Popen(program, env=values, stdout=subprocess.PIPE, text=True)
