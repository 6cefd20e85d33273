"""When vouchers begin and end, and that the router is told of it, whatever is cut in between."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ronda.hotspot.models import Kind
from ronda.hotspot.rules.values import is_true
from ronda.hotspot.rules.windows import Window, Zone
from ronda.hotspot.service import hours
from ronda.routeros.errors import Outcome, RouterError, RouterTimedOut
from ronda.shop.models import Voucher
from ronda.shop.rules.terms import Span, SpanUnit
from ronda.shop.service import asking, changing, creating, ending, enforcing, life, making
from ronda.work.models import Job
from tests.hotspot.factories import read
from tests.hotspot.scripted import ACTIVE, COOKIE, PROFILE, USER, ScriptedLink
from tests.routers.factories import make_router
from tests.shop.vouchers_made import make_package, work

pytestmark = pytest.mark.django_db
State, Clock = Voucher.State, Voucher.Clock
DAY = timedelta(days=1)


class Shop:
    """A router, its vouchers, and time that passes."""

    def __init__(self, monkeypatch, **terms):
        self.router, self.link = make_router(), ScriptedLink()
        self.link.put(PROFILE, name="lambat")
        self.package = make_package(**terms)
        self.monkeypatch = monkeypatch
        self.now = timezone.now() + timedelta(minutes=10)

    def sell(self, **given):
        voucher = making.make(self.package, self.router, **given)
        work(self.link, self.router, self.monkeypatch)
        return self.seen(voucher)

    def user(self, voucher):
        found = [row for row in self.link.menus[USER] if row["name"] == voucher.code]
        return found[0] if found else None

    def log_in(self, voucher, uptime="10m"):
        self.link.put(COOKIE, user=voucher.code, mac_address="02:00:00:00:00:01")
        self.link.put(ACTIVE, user=voucher.code, server="hs1", uptime=uptime)

    def read(self, after=timedelta()):
        self.now += after
        read(self.link, self.router, self.now)

    def tell(self):
        work(self.link, self.router, self.monkeypatch, asking.END, enforcing.run)

    def seen(self, voucher):
        voucher.refresh_from_db()
        return voucher


def test_the_first_sighting_dates_the_login_back_and_the_calendar_ends_it(monkeypatch):
    shop = Shop(monkeypatch)
    voucher = shop.sell()
    shop.log_in(voucher, "3m")
    shop.read()
    assert shop.seen(voucher).state == State.ACTIVE
    assert voucher.first_login_at == shop.now - timedelta(minutes=3)
    assert voucher.expires_at == voucher.first_login_at + DAY

    assert ending.end_due(voucher.expires_at - timedelta(seconds=1)) == 0
    assert ending.end_due(voucher.expires_at) == 1
    shop.tell()
    shop.seen(voucher)
    assert (voucher.state, voucher.ended_by) == (State.ENDED, Clock.VALIDITY)
    assert (voucher.ended_at, voucher.enforced_at) == (voucher.expires_at, None)
    assert not shop.link.menus[USER] + shop.link.menus[ACTIVE] + shop.link.menus[COOKIE]


def test_one_who_was_online_while_nobody_looked_began_no_later_than_his_time_online_tells(
    monkeypatch,
):
    shop = Shop(monkeypatch)
    voucher = shop.sell()
    shop.user(voucher)["uptime"] = "5m"
    shop.read()
    assert shop.seen(voucher).first_login_at == shop.now - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("terms", "used", "clock"),
    [
        ({"online_s": 3600}, {"uptime": "1h"}, Clock.ONLINE),
        ({}, {"uptime": "1d"}, Clock.VALIDITY),
        ({"quota_bytes": 1000}, {"uptime": "1m", "bytes-in": "1", "bytes-out": "999"}, Clock.QUOTA),
        ({"quota_upload_bytes": 10}, {"uptime": "1m", "bytes-in": "10"}, Clock.QUOTA),
        ({"quota_download_bytes": 10}, {"uptime": "1m", "bytes-out": "11"}, Clock.QUOTA),
    ],
)
def test_time_and_data_that_are_used_up_end_it(monkeypatch, terms, used, clock):
    shop = Shop(monkeypatch, **terms)
    voucher = shop.sell()
    shop.user(voucher).update(used)
    shop.read()
    assert (shop.seen(voucher).state, voucher.ended_by) == (State.ENDED, clock)
    shop.tell()
    assert shop.user(voucher) is None


@pytest.mark.parametrize("slow", ["lambat", "tidak ada"])
def test_one_is_moved_to_the_slow_profile_and_blocked_where_there_is_none(monkeypatch, slow):
    shop = Shop(monkeypatch, at_end="slow", slow_profile=slow, quota_bytes=5)
    voucher = shop.sell()
    shop.user(voucher).update({"uptime": "1m", "bytes-in": "9"})
    shop.log_in(voucher)
    shop.read()
    shop.tell()
    user = shop.user(voucher)
    assert (user["profile"], user.get("disabled")) == (
        (slow, None) if slow == "lambat" else ("default", "yes")
    )
    assert shop.seen(voucher).enforced_at is None
    assert (shop.link.names(ACTIVE), shop.link.names(COOKIE)) == ([], [voucher.code])


def test_one_is_blocked_and_one_only_told(monkeypatch):
    shop = Shop(monkeypatch, at_end="block")
    blocked = shop.sell()
    shop.package = make_package(at_end="notice")
    told = shop.sell()
    for voucher in (blocked, told):
        shop.log_in(voucher)
    shop.read()
    ending.end_due(shop.now + 2 * DAY)
    shop.tell()
    assert shop.user(blocked)["disabled"] == "yes"
    assert "disabled" not in shop.user(told)
    assert shop.link.names(ACTIVE) == [told.code]
    assert shop.seen(told).state == State.ENDED


def test_what_was_not_sold_in_time_ends_and_what_was_sold_stays(monkeypatch):
    shop = Shop(monkeypatch, sold_by=timezone.now() + DAY)
    stock, sold = shop.sell(), shop.sell()
    Voucher.objects.filter(pk=sold.pk).update(sold_at=timezone.now())
    ending.end_due(timezone.now() + 2 * DAY)
    shop.tell()
    assert shop.seen(stock).ended_by == Clock.UNSOLD
    assert shop.link.names(USER) == [sold.code]


def test_one_that_somebody_removed_from_the_router_is_told_so(monkeypatch):
    shop = Shop(monkeypatch)
    voucher = shop.sell()
    shop.link.menus[USER].clear()
    shop.read()
    assert (shop.seen(voucher).state, voucher.ended_by) == (State.ENDED, Clock.GONE)
    assert not Job.objects.filter(kind=asking.END).exists()


def test_what_a_router_lost_with_all_the_others_comes_back(monkeypatch):
    shop = Shop(monkeypatch)
    vouchers = [shop.sell() for _ in range(6)]
    shop.log_in(vouchers[0])
    shop.read()
    shop.link.menus[USER].clear()
    shop.link.menus[ACTIVE].clear()
    shop.read()
    assert {shop.seen(one).state for one in vouchers} == {State.MAKING}

    work(shop.link, shop.router, monkeypatch)
    assert shop.link.names(USER) == sorted(one.code for one in vouchers)
    assert [shop.seen(one).state for one in vouchers] == [State.ACTIVE] + 5 * [State.READY]
    assert vouchers[0].expires_at == vouchers[0].first_login_at + DAY
    assert vouchers[0].events.filter(what="lost").count() == 1


def test_however_many_a_router_lost_all_of_them_come_back(monkeypatch):
    monkeypatch.setattr(ending, "AT_ONCE", 2)
    shop = Shop(monkeypatch)
    vouchers = [shop.sell() for _ in range(7)]
    shop.link.menus[USER].clear()
    shop.read()
    assert {shop.seen(one).state for one in vouchers} == {State.MAKING}


def test_one_that_is_ended_while_its_first_login_is_read_stays_ended(monkeypatch):
    shop = Shop(monkeypatch)
    voucher = shop.sell()
    shop.log_in(voucher)

    def hold():
        """What another process commits while the books are waited for."""
        Voucher.objects.filter(pk=voucher.pk).update(state=State.VOID, ended_by=Clock.STAFF)

    monkeypatch.setattr(ending.ledger, "hold", hold)
    shop.read()
    assert (shop.seen(voucher).state, voucher.first_login_at) == (State.VOID, None)


def test_one_that_is_ended_while_its_job_is_on_the_way_is_never_made(monkeypatch):
    shop = Shop(monkeypatch)
    kept, voucher = (making.make(shop.package, shop.router) for _ in range(2))
    wishes = creating.wishes_of

    def then_ended(*which):
        """The job reads what waits; then somebody ends one of them."""
        found = wishes(*which)
        if Voucher.objects.get(pk=voucher.pk).state == State.MAKING:
            life.void(voucher, None)
        return found

    monkeypatch.setattr(creating, "wishes_of", then_ended)
    work(shop.link, shop.router, monkeypatch)
    assert shop.link.names(USER) == [kept.code]
    assert (shop.seen(kept).state, shop.seen(voucher).state) == (State.READY, State.VOID)


def test_hours_that_open_let_nobody_in_whose_voucher_ended_while_they_were_closed(monkeypatch):
    shop = Shop(monkeypatch, profile="lambat", valid_for="12h", at_end="block")
    voucher, other = shop.sell(), shop.sell()
    shop.log_in(voucher)
    shop.read()
    day = Window(frozenset(range(7)), 8 * 60, 22 * 60)
    hours.set_hours(shop.router, Kind.PROFILE, "lambat", "all", Zone.WIB, [day], None)

    def keep(hour):
        at = datetime(2026, 12, 1, hour - 7, tzinfo=UTC)
        kept = asyncio.run(hours.keep(shop.link, hours.hours_at(shop.router.pk), at))
        hours.note(shop.router.pk, kept)
        shop.read()

    keep(10)
    keep(23)
    assert is_true(shop.user(other)["disabled"])
    ending.end_due(shop.seen(voucher).expires_at)
    shop.tell()
    keep(9)
    assert is_true(shop.user(voucher)["disabled"])
    assert not is_true(shop.user(other)["disabled"])

    keep(23)
    changing.extend(shop.seen(voucher), None, span=Span(1, SpanUnit.DAY))
    work(shop.link, shop.router, monkeypatch)
    keep(23)
    keep(9)
    assert not is_true(shop.user(voucher)["disabled"])


def test_a_reading_older_than_the_voucher_tells_nothing(monkeypatch):
    shop = Shop(monkeypatch)
    shop.now = timezone.now()
    voucher = shop.sell()
    shop.link.menus[USER].clear()
    shop.read()
    assert shop.seen(voucher).state == State.READY


@pytest.mark.parametrize("count", [3, 40])
def test_whatever_is_cut_every_end_reaches_the_router_and_nobody_elses_user_is_touched(
    monkeypatch, count
):
    shop = Shop(monkeypatch)
    making.make_batch(shop.package, shop.router, count)
    work(shop.link, shop.router, monkeypatch)
    shop.link.put(USER, name="tamu", comment="pelanggan")
    for voucher in Voucher.objects.all():
        shop.log_in(voucher)
    shop.link.put(ACTIVE, user="tamu", server="hs1", uptime="1m")
    shop.read()
    ending.end_due(shop.now + 2 * DAY)
    for call in range(6):
        shop.link.fail_at(call, RouterTimedOut("cut", outcome=Outcome.UNKNOWN), done=call % 2 == 0)
        with contextlib.suppress(RouterError):
            shop.tell()
        shop.link.alive = True
        shop.link.spare()
    shop.tell()
    assert shop.link.names(USER) == shop.link.names(ACTIVE) == ["tamu"]
    assert not Voucher.objects.exclude(enforced_at=None).exists()


def test_what_was_not_told_is_told_later_and_a_void_one_never_made_takes_nobodys_user(monkeypatch):
    shop = Shop(monkeypatch)
    voucher = making.make(shop.package, shop.router, code="budi")
    shop.link.put(USER, name="budi", comment="pelanggan lama")
    work(shop.link, shop.router, monkeypatch)
    life.void(shop.seen(voucher), None)
    Job.objects.filter(kind=asking.END).update(state="failed")
    assert enforcing.look_after() == 0
    Voucher.objects.update(enforced_at=timezone.now() - timedelta(minutes=5))
    assert enforcing.look_after() == 1
    shop.tell()
    assert shop.link.names(USER) == ["budi"]
    assert shop.seen(voucher).enforced_at is None
