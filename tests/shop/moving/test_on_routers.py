"""A router of Mikhmon is looked at, taken over, cut over and put back, of every version and fork."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.routeros.errors import RouterError
from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Target, Transport
from ronda.shop.models import (
    Batch,
    CutOver,
    Entry,
    Package,
    Sale,
    SaleDay,
    Voucher,
    VoucherEvent,
)
from ronda.shop.service.making import credentials
from ronda.shop.service.moving import cutting, looking, taking
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.mikhmon import VARIANTS, furnish, specs
from tests.hotspot.doing import Calls
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db

PARTS = {"parts": ["vouchers", "sales"], "on_sale": False, "person": None}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Database work in the test's own transaction."""
    made = Calls()
    for module in (looking, taking, cutting):
        monkeypatch.setattr(module, "in_thread", made.in_thread)
    return made


async def _silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody watches."""


def opened(name: str) -> SimulatedRouters:
    return SimulatedRouters(
        *specs((name,)), clock=Clock(start=timezone.now()), furnish=[furnish(1)]
    )


def visited(calls: Calls, handle: Handle, story: Callable[[Link], Awaitable[Any]]) -> Any:
    """What a story gives that has a link to the router."""
    where = Target(
        handle.host, handle.user, handle.password, transport=Transport.API, port=handle.ports["api"]
    )

    async def told() -> Any:
        link = await open_link(where)
        try:
            return await story(link)
        finally:
            await link.close()

    return calls.run(told())


def state_of(handle: Handle) -> dict[str, Any]:
    """What Mikhmon keeps there, counters and runs left out."""
    wanted = {
        "/ip/hotspot/user/profile": ("name", "on-login", "rate-limit"),
        "/ip/hotspot/user": ("name", "comment", "profile", "limit-uptime"),
        "/system/scheduler": ("name", "comment", "on-event", "disabled", "interval"),
        "/system/script": ("name", "owner", "source"),
    }
    return {
        menu: [{name: row.get(name) for name in names} for row in handle.rows(menu)]
        for menu, names in wanted.items()
    }


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "v3-new-dates" else pytest.mark.slow)
        for name in VARIANTS
    ],
)
def test_a_router_moves_and_can_be_put_back_whatever_mikhmon_it_had(
    calls: Calls, name: str
) -> None:
    with opened(name) as routers:
        handle = routers[0]
        router = make_router(name=f"Mikhmon {name}")
        payload = {"router": router.pk, **PARTS}
        before = state_of(handle)

        async def story(link: Link) -> dict[str, Any]:
            told = {"look": await looking.run(link, payload, _silent)}
            told["take"] = await taking.run(link, payload, _silent)
            told["again"] = await taking.run(link, payload, _silent)
            told["untouched"] = state_of(handle)
            told["cut"] = await cutting.cut(link, payload, _silent)
            told["between"] = state_of(handle)
            told["after"] = await taking.run(link, payload, _silent)
            told["look after"] = await looking.run(link, payload, _silent)
            told["back"] = await cutting.put_back(link, payload, _silent)
            return told

        told = visited(calls, handle, story)
        assert told["untouched"] == before
        assert state_of(handle) == before

    taken, look = told["take"], told["look"]["take"]
    assert [look[key] for key in ("packages", "vouchers", "sales")] == [4, 51, 44]
    assert [taken[key] for key in ("packages", "vouchers", "sales", "refused")] == [4, 51, 44, 0]
    again = told["again"]
    assert [again[key] for key in ("packages", "batches", "vouchers", "updated", "sales")] == [
        0
    ] * 5
    assert again["same"] == 51
    assert told["after"] == again
    assert told["look after"]["packages"] == told["look"]["packages"]
    assert told["look after"]["cut_over"] == []
    assert Counter(Voucher.objects.values_list("state", flat=True)) == {
        "ready": 34,
        "active": 16,
        "ended": 1,
    }
    assert Sale.objects.count() == Entry.objects.count() == 44
    assert VoucherEvent.objects.filter(what="taken").count() == 51
    assert Batch.objects.count() == taken["batches"]
    assert sum(Batch.objects.values_list("count", flat=True)) == (
        Voucher.objects.exclude(batch=None).count()
    )
    # Three monitors, or the one of v4, and the five scripts with a plan.
    assert told["cut"] == {"done": 6 if name == "v4" else 8, "left_alone": []}
    assert told["back"] == told["cut"]
    _assert_cut(told["between"], before)
    cut = CutOver.objects.get()
    assert cut.done_at is not None
    assert cut.put_back_at is not None
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"mikhmon.take", "mikhmon.cut-over", "mikhmon.put-back"} <= actions


def _assert_cut(between: dict[str, Any], before: dict[str, Any]) -> None:
    scripts = {row["name"]: row["on-login"] for row in between["/ip/hotspot/user/profile"]}
    assert scripts["harian"].startswith("# ronda")
    assert "mac-address" in scripts["harian"]
    assert scripts["3jam"] == "# ronda"
    running = [row for row in between["/system/scheduler"] if row["disabled"] == "false"]
    assert [row["interval"] for row in running] == ["1d"], "only the cut-off login is left"
    for menu in ("/ip/hotspot/user", "/system/script"):
        assert between[menu] == before[menu]


def test_what_is_taken_is_what_mikhmon_sold(calls: Calls) -> None:
    with opened("v3") as routers:
        router = make_router()
        rows = {row["name"]: row for row in routers[0].rows("/ip/hotspot/user")}
        visited(
            calls,
            routers[0],
            lambda link: taking.run(link, {"router": router.pk, **PARTS}, _silent),
        )
    harian = Package.objects.get(profile="harian")
    assert (harian.name, harian.price_idr, harian.selling_price_idr) == ("harian", 3_000, 5_000)
    assert (harian.valid_for, harian.devices, harian.at_end) == ("1d", 1, "remove")
    assert (harian.active, harian.sync, list(harian.routers.all())) == (False, False, [router])
    weekly = Package.objects.get(profile="mingguan")
    assert (weekly.valid_for, weekly.devices, weekly.at_end) == ("7d", 2, "block")
    assert Package.objects.get(profile="3jam").online_s == 3 * 3600
    assert Package.objects.get(profile="kuota-1gb").quota_bytes == 1 << 30
    for voucher in Voucher.objects.all():
        told = credentials(voucher)
        assert told.password == rows[told.code].get("password", told.code)
        if voucher.password:
            assert told.password not in voucher.password
    sale = Sale.objects.filter(package=harian, voucher__isnull=False).first()
    assert sale is not None
    assert (sale.price_idr, sale.cost_idr, sale.via) == (5_000, 3_000, "mikhmon")
    assert sale.voucher is not None
    assert sale.voucher.sold_at == sale.at == sale.voucher.first_login_at
    used = sale.voucher.expires_at
    assert used is not None
    assert (used - sale.at).days == 1
    days = SaleDay.objects.filter(basis="sale")
    assert sum(day.price_idr for day in days) == sum(row.price_idr for row in Sale.objects.all())
    assert sum(day.sold for day in days) == 44


@pytest.mark.slow
def test_a_line_that_is_cut_in_the_middle_of_the_cut_over_loses_nothing(calls: Calls) -> None:
    with opened("fork-compact") as routers:
        handle = routers[0]
        router = make_router()
        payload = {"router": router.pk, **PARTS}
        before = state_of(handle)
        visited(calls, handle, lambda link: taking.run(link, payload, _silent))
        handle.fault(
            "close", command="/ip/hotspot/user/profile/set", after=2, count=1, at="before-reply"
        )
        with pytest.raises(RouterError):
            visited(calls, handle, lambda link: cutting.cut(link, payload, _silent))
        assert 0 < CutOver.objects.get().items.exclude(outcome="").count() < 8
        assert cutting.present(router.pk) is not None
        cut = visited(calls, handle, lambda link: cutting.cut(link, payload, _silent))
        assert cut == {"done": 8, "left_alone": []}
        visited(calls, handle, lambda link: cutting.put_back(link, payload, _silent))
        assert state_of(handle) == before
        assert cutting.present(router.pk) is None


@pytest.mark.slow
def test_what_somebody_else_changed_is_left_alone_and_named(calls: Calls) -> None:
    with opened("v3") as routers:
        handle = routers[0]
        router = make_router()
        payload = {"router": router.pk, **PARTS}
        visited(calls, handle, lambda link: taking.run(link, payload, _silent))
        visited(calls, handle, lambda link: cutting.cut(link, payload, _silent))
        handle.ask(
            "execute",
            command="/ip/hotspot/user/profile/set",
            words=["=numbers=harian", "=on-login=:log info punya-saya"],
        )
        handle.ask("execute", command="/system/scheduler/remove", words=["=numbers=3jam"])
        told = visited(calls, handle, lambda link: cutting.put_back(link, payload, _silent))
        assert told == {"done": 6, "left_alone": ["harian", "3jam"]}
        scripts = {
            row["name"]: row.get("on-login") for row in handle.rows("/ip/hotspot/user/profile")
        }
        assert scripts["harian"] == ":log info punya-saya"


@pytest.mark.slow
def test_a_voucher_that_went_on_between_two_takings_is_brought_on(calls: Calls) -> None:
    with opened("v4") as routers:
        handle = routers[0]
        router = make_router()
        payload = {"router": router.pk, **PARTS}
        visited(calls, handle, lambda link: taking.run(link, payload, _silent))
        fresh = Voucher.objects.filter(state="ready", package__profile="harian").first()
        assert fresh is not None
        handle.ask(
            "execute",
            command="/ip/hotspot/user/set",
            words=[f"=numbers={fresh.code}", "=comment=jan/02/2099 08:00:00 X"],
        )
        told = visited(calls, handle, lambda link: taking.run(link, payload, _silent))
        assert (told["updated"], told["vouchers"]) == (1, 0)
        fresh.refresh_from_db()
        assert (fresh.state, fresh.expires_at.year if fresh.expires_at else 0) == ("active", 2099)


@pytest.mark.slow
def test_a_second_router_with_the_same_plans_shares_packages_and_refuses_known_codes(
    calls: Calls,
) -> None:
    with opened("v3") as routers:
        first, second = make_router(), make_router(name="Cabang")
        for router in (first, second):
            told = visited(
                calls,
                routers[0],
                lambda link, router=router: taking.run(
                    link, {"router": router.pk, **PARTS}, _silent
                ),
            )
    assert (told["packages"], told["refused"], told["vouchers"]) == (0, 51, 0)
    assert Package.objects.count() == 4
    assert set(Package.objects.get(profile="harian").routers.all()) == {first, second}
    assert told["sales"] == 0, "the serial number is the same: they are the same sales"


def test_a_cut_over_wants_a_taking_before_and_putting_back_a_cut_over(db: None) -> None:
    router = make_router()
    with pytest.raises(cutting.NothingTaken):
        cutting.ask_cut(router.pk, None)
    with pytest.raises(cutting.NothingToPutBack):
        cutting.ask_back(router.pk, None)
