"""Ronda is gone and the clock goes on: the router ends vouchers by itself, on version 6 and 7 alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from ronda.shop.models import Fallback, Voucher, VoucherEvent
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import Span, SpanUnit
from ronda.shop.service import asking, changing, ending, escapes, fallback
from ronda.work.models import Job
from tests.hotspot.doing import Calls
from tests.routers.factories import make_router
from tests.shop.selling import person
from tests.shop.test_vouchers_on_routers import PHONES, Village
from tests.shop.vouchers_made import no_progress
from tests.simulator.routers.test_life import HOUR, rows

pytestmark = pytest.mark.django_db
SCHEDULER = "/system/scheduler"


class Alone(Village):
    """A village whose Ronda comes and goes."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.simulated.clock.now().timestamp(), UTC)

    def allow(self, *, on: bool = True) -> Fallback:
        """An administrator allows it, and the job is done."""
        fallback.set_wanted(self.router, person(f"admin{on}", "admin"), on=on)
        return self.refresh()

    def refresh(self) -> Fallback:
        calls = Calls()
        self.monkeypatch.setattr(f"{fallback.__name__}.in_thread", calls.in_thread)
        run = partial(fallback.run, clock=self.now)
        for job in Job.objects.filter(kind=asking.FALLBACK, state="waiting"):
            calls.run(run(self.link, job.payload, no_progress))
            Job.objects.filter(pk=job.pk).update(state="done")
        return Fallback.objects.get(router=self.router)

    def begun(self, **terms: Any) -> Voucher:
        """A voucher whose buyer is online, as Ronda saw last."""
        voucher = self.sell(**{"valid_for": "3h", "at_end": "block"} | terms)
        Voucher.objects.filter(pk=voucher.pk).update(ready_at=self.see() - timedelta(hours=1))
        self.come(voucher)
        self.simulated.clock.advance(60)
        self.see()
        voucher.refresh_from_db()
        assert voucher.state == Voucher.State.ACTIVE
        return voucher

    def entries(self) -> list[dict[str, str]]:
        return [row for row in rows(self.simulated, SCHEDULER) if row["name"].startswith("ronda-")]


@pytest.fixture
def village(monkeypatch: pytest.MonkeyPatch) -> Alone:
    return Alone("v7.24", monkeypatch)


@pytest.mark.parametrize("version", ["v6.49.10", "v7.24"])
def test_a_voucher_ends_at_its_calendar_though_ronda_is_gone(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = Alone(version, monkeypatch)
    voucher = village.begun()
    # Other than time online, which goes on only while somebody is there: this one comes back late.
    village.simulated.execute(
        "/ip/hotspot/user/set", [f"=numbers={voucher.code}", "=limit-uptime=0s"]
    )
    kept = village.allow()
    assert (kept.entries, kept.users, kept.why, kept.trouble) == (1, 1, "", "")
    (entry,) = village.entries()
    assert ("/" in entry["start-date"]) is (not village.simulated.profile.since(7, 10))
    assert village.refresh().entries == len(village.entries()) == 1
    village.simulated.clock.advance(2 * HOUR)
    assert village.online() == [voucher.code]
    village.simulated.clock.advance(3 * HOUR)
    assert village.online() == []
    village.come(voucher, PHONES[1])
    assert village.online() == []
    assert village.link.user(voucher.code)["disabled"] == "true"
    ending.end_due(village.now())
    village.tell()
    voucher.refresh_from_db()
    assert (voucher.ended_by, voucher.enforced_at) == (Voucher.Clock.VALIDITY, None)
    assert escapes.overstayed(village.now()) == []
    fallback.look_after(village.now() + timedelta(minutes=5))
    assert (village.refresh().entries, village.entries()) == (0, [])


def test_a_router_that_was_off_at_that_moment_ends_it_within_the_next_hour(village: Alone) -> None:
    voucher = village.begun()
    village.simulated.execute(
        "/ip/hotspot/user/set", [f"=numbers={voucher.code}", "=limit-uptime=0s"]
    )
    village.allow()
    village.simulated.clock.advance(2 * HOUR)
    village.simulated.reboot(clock_lost=False)
    village.simulated.clock.advance(4 * HOUR)
    assert village.link.user(voucher.code)["disabled"] == "true"


def test_who_escaped_a_router_that_lost_its_clock_is_found_and_told(village: Alone) -> None:
    voucher = village.begun()
    village.simulated.execute(
        "/ip/hotspot/user/set", [f"=numbers={voucher.code}", "=limit-uptime=0s"]
    )
    village.allow()
    village.simulated.reboot(clock_lost=True)
    village.simulated.clock.advance(30 * HOUR)
    assert village.link.user(voucher.code).get("disabled") != "true"
    village.monkeypatch.setattr("ronda.shop.service.enforcing.timezone.now", village.now)
    ending.end_due(village.now())
    village.tell()
    village.tell()
    (told,) = escapes.overstayed(village.now())
    assert (told.voucher.code, told.detail["late_s"] // HOUR) == (voucher.code, 27)
    assert village.link.user(voucher.code)["disabled"] == "true"
    assert fallback.look_after(village.now()) == 1
    kept = village.refresh()
    assert (kept.entries, village.entries()) == (0, [])
    village.life.world.arrive(PHONES[0], "hotspot1")
    village.begun()
    fallback.look_after(village.now() + timedelta(hours=2))
    kept = village.refresh()
    assert (kept.why, kept.entries, kept.left_out) == ("clock", 0, 1)


def test_who_was_extended_meanwhile_is_let_in_again(village: Alone) -> None:
    voucher = village.begun()
    village.allow()
    village.simulated.clock.advance(2 * HOUR)
    changing.extend(voucher, person("adm", "admin"), span=Span(2, SpanUnit.DAY))
    Voucher.objects.filter(pk=voucher.pk).update(state=Voucher.State.ACTIVE)
    village.simulated.clock.advance(3 * HOUR)
    assert village.link.user(voucher.code)["disabled"] == "true"
    fallback.look_after(village.now())
    assert village.refresh().users == 1
    assert village.link.user(voucher.code).get("disabled") != "true"
    assert VoucherEvent.objects.filter(voucher=voucher, what=What.REPAIRED).exists()


def test_what_nobody_allows_any_more_is_taken_away_and_nothing_else(village: Alone) -> None:
    village.begun()
    words = ["=name=cadangan", "=interval=1d", "=on-event=:put hai"]
    village.simulated.execute(f"{SCHEDULER}/add", words)
    assert village.allow().entries == 1
    assert fallback.look_after(village.now()) == 0
    assert village.allow(on=False).entries == 0
    assert [row["name"] for row in rows(village.simulated, SCHEDULER)] == ["cadangan"]
    assert fallback.look_after(village.now() + timedelta(days=1)) == 0


def test_a_refusal_is_kept_in_the_routers_words(village: Alone) -> None:
    village.begun()

    async def refused(*_: Any, **__: Any) -> Any:
        raise fallback.RouterRefused("failure: not allowed by device-mode")

    village.link.add = refused  # type: ignore[method-assign]
    kept = village.allow()
    assert (kept.why, kept.trouble) == ("refused", "failure: not allowed by device-mode")
    assert fallback.look_after(village.now() + timedelta(minutes=30)) == 0
    assert fallback.look_after(village.now() + timedelta(minutes=70)) == 1


def test_an_administrator_reads_what_each_router_does_and_changes_it(as_: Any) -> None:
    admin = as_("admin")
    pages = {}
    for name, values in (
        ("Balai", {"wanted": True, "users": 7, "entries": 2, "left_out": 1}),
        ("Jam Rusak", {"wanted": True, "why": "clock"}),
        ("Rumahan", {"wanted": True, "why": "refused", "trouble": "failure: device-mode"}),
    ):
        Fallback.objects.create(router=make_router(name), checked_at=timezone.now(), **values)
    other = make_router("Baru")
    pages["before"] = admin.get("/shop/vouchers/away/").content.decode()
    for words in (
        "7 vouchers",
        "2 entries",
        "1 ends only",
        "clock is wrong",
        "failure: device-mode",
    ):
        assert words in pages["before"]
    told = admin.post(f"/shop/vouchers/away/{other.pk}/", {"on": "yes"}, follow=True)
    assert "Baru gets its entries" in told.content.decode()
    assert Fallback.objects.get(router=other).wanted
    assert Job.objects.filter(kind=asking.FALLBACK, lock=f"router:{other.pk}").count() == 1
    admin.post(f"/shop/vouchers/away/{other.pk}/", {"on": "no"})
    assert not Fallback.objects.get(router=other).wanted
    assert as_("cashier").get("/shop/vouchers/away/").status_code == 403
