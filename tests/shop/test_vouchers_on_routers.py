"""Vouchers we made, on simulated routers of both generations: what was sold is what one gets, and no more."""

from datetime import UTC, datetime, timedelta

import pytest

from ronda.hotspot.models import Kind
from ronda.hotspot.rules.windows import Window, Zone
from ronda.hotspot.service import hours
from ronda.hotspot.service.performing import ACTIVE, PROFILE
from ronda.shop.models import Voucher
from ronda.shop.service import asking, ending, enforcing, making
from ronda.simulator.routers.life import Life
from tests.hotspot.doing import Calls
from tests.hotspot.factories import read
from tests.routers.factories import make_router
from tests.shop.direct_link import DirectLink
from tests.shop.vouchers_made import make_package, work
from tests.simulator.routers.test_life import HOUR, add, rows, with_hotspot

pytestmark = pytest.mark.django_db
PHONES = [f"02:00:00:00:00:0{number}" for number in range(1, 5)]
MB = 1024**2
WEEKDAYS = [Window(frozenset(range(5)), 8 * 60, 16 * 60)]


class Village:
    """A hotspot with guests, and our vouchers on it."""

    def __init__(self, version, monkeypatch):
        self.simulated = with_hotspot(version)
        self.life = Life(self.simulated)
        self.link = DirectLink(self.simulated)
        self.router = make_router()
        self.monkeypatch = monkeypatch
        add(self.simulated, PROFILE, name="dua", shared_users="2", keepalive_timeout="none")
        for phone in PHONES:
            self.life.world.arrive(phone, "hotspot1")

    def sell(self, **terms):
        package = make_package(**({"profile": "dua", "devices": 2} | terms))
        voucher = making.make(package, self.router)
        work(self.link, self.router, self.monkeypatch)
        voucher.refresh_from_db()
        assert voucher.state == Voucher.State.READY
        self.simulated.execute("/ip/hotspot/user/set", [f"=numbers={voucher.code}", "=password="])
        return voucher

    def come(self, voucher, phone=PHONES[0]):
        self.life.world.log_in(phone, voucher.code, "")

    def online(self):
        return [row["user"] for row in rows(self.simulated, ACTIVE)]

    def see(self):
        now = datetime.fromtimestamp(self.simulated.clock.now().timestamp(), UTC)
        read(self.link, self.router, now)
        return now

    def see_now(self):
        return datetime.fromtimestamp(self.simulated.clock.now().timestamp(), UTC)

    def until(self, weekday, hour):
        """Let time pass to an hour of the router's next such day; devices come back that went away."""
        now = self.simulated.now()
        then = now.replace(hour=hour, minute=0, second=1, microsecond=0)
        then += timedelta(days=(weekday - now.weekday()) % 7)
        then += timedelta(days=7) if then <= now else timedelta(0)
        self.simulated.clock.advance((then - now).total_seconds())
        self.online()
        for phone in PHONES:
            self.life.world.arrive(phone, "hotspot1")

    def tell(self):
        work(self.link, self.router, self.monkeypatch, asking.END, enforcing.run)


@pytest.fixture(params=["v6.49.10", "v7.24"])
def village(request, monkeypatch):
    return Village(request.param, monkeypatch)


def test_data_and_time_online_end_when_they_are_used_up_and_not_before(village):
    quota = village.sell(quota_bytes=10 * MB)
    village.come(quota)
    village.life.world.spend(PHONES[0], bytes_out=9 * MB)
    village.simulated.clock.advance(60)
    assert village.online() == [quota.code]
    village.life.world.spend(PHONES[0], bytes_in=2 * MB)
    village.simulated.clock.advance(60)
    assert village.online() == []
    village.come(quota)
    assert village.online() == []

    online = village.sell(online_s=HOUR)
    for _ in range(2):
        village.come(online, PHONES[1])
        village.simulated.clock.advance(HOUR // 2 - 60)
        assert village.online() == [online.code]
        village.life.world.log_out(PHONES[1])
    village.come(online, PHONES[1])
    village.simulated.clock.advance(180)
    assert village.online() == []
    village.come(online, PHONES[1])
    assert village.online() == []


def test_no_more_devices_at_once_than_were_sold(village):
    voucher = village.sell()
    for phone in PHONES:
        village.come(voucher, phone)
    assert village.online() == [voucher.code] * 2


def test_without_ronda_a_voucher_still_ends_and_a_power_cut_frees_nobody(village):
    voucher = village.sell(valid_for="2h")
    village.come(voucher)
    village.simulated.clock.advance(HOUR)
    village.simulated.reboot(clock_lost=True)
    village.simulated.clock.advance(120)
    assert village.link.user(voucher.code)["limit-uptime"] == "2h"
    village.life.world.arrive(PHONES[0], "hotspot1")
    village.come(voucher)
    village.simulated.clock.advance(2 * HOUR + 60)
    assert village.online() == []


def test_the_calendar_ends_it_though_little_was_used(village):
    voucher = village.sell(valid_for="1d")
    Voucher.objects.update(ready_at=village.see() - timedelta(hours=1))
    village.come(voucher)
    village.simulated.clock.advance(600)
    seen = village.see()
    voucher.refresh_from_db()
    assert voucher.first_login_at == seen - timedelta(minutes=10)
    village.simulated.clock.advance(24 * HOUR)
    ending.end_due(seen + timedelta(days=1))
    village.tell()
    assert village.online() == []
    assert village.link.user(voucher.code) is None


def test_office_hours_hold_for_who_is_logged_in_and_so_do_quota_and_devices(village):
    voucher = village.sell(quota_bytes=10 * MB, valid_for="30d")
    hours.set_hours(village.router, Kind.PROFILE, "dua", "all", Zone.WIB, WEEKDAYS, None)
    kept = Calls().run(
        hours.keep(
            village.link, hours.hours_at(village.router.pk), village.see(), clock=village.see_now
        )
    )
    assert [(one.keeper, one.trouble) for one in kept] == [("router", "")]

    village.until(weekday=0, hour=7)
    village.come(voucher)
    assert village.online() == []
    village.until(weekday=0, hour=9)
    for phone in PHONES:
        village.come(voucher, phone)
    assert village.online() == [voucher.code] * 2
    village.life.world.spend(PHONES[0], bytes_out=6 * MB)
    village.until(weekday=0, hour=17)
    assert village.online() == []
    village.come(voucher)
    assert village.online() == []

    village.until(weekday=5, hour=10)
    village.come(voucher)
    assert village.online() == []
    village.until(weekday=0, hour=10)
    village.come(voucher)
    assert village.online() == [voucher.code]
    village.life.world.spend(PHONES[0], bytes_out=5 * MB)
    village.simulated.clock.advance(60)
    assert village.online() == []
    village.come(voucher)
    assert village.online() == []
