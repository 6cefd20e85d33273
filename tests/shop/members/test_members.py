"""Members are entered, renewed, reminded, shut out and let in again; money and router follow, once each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from ronda.hotspot.models import Instruction, Outcome, Verb
from ronda.hotspot.service import asking
from ronda.hotspot.service.asking import Target
from ronda.kernel.periods import month_of
from ronda.shop.events import MEMBER_DUE, MEMBER_STATE
from ronda.shop.models import Entry, Invoice, Line, Member, Reminder, Sale, SaleDay, SaleSum
from ronda.shop.rules.accounts import Account
from ronda.shop.rules.sums import Basis, Sums
from ronda.shop.service import checking, ledger, member_days, members, renewals, reports
from ronda.work import feed
from tests.hotspot.doing import do
from tests.hotspot.factories import read
from tests.hotspot.scripted import ACTIVE, COOKIE, USER, ScriptedLink
from tests.routers.factories import make_router
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOON = datetime(2026, 12, 10, 5, tzinfo=UTC)


def make_member(**values: Any) -> Member:
    given = {
        "name": "Bu Siti",
        "router": values.pop("router", None) or make_router(),
        "user": "siti",
        "package": values.pop("package", None) or make_package(selling_price_idr=150_000),
        "price_idr": 0,
        "grace_days": 3,
    }
    starts = values.pop("starts", date(2026, 11, 15))
    until = values.pop("until", date(2026, 12, 15))
    return members.add({**given, **values}, starts, None, until=until)


def at(day: int, month: int = 12, hour: int = 5) -> Any:
    return time_machine.travel(datetime(2026, month, day, hour, tzinfo=UTC), tick=False)


def told(topic: str) -> list[dict[str, Any]]:
    return [dict(event.payload) for event in feed.read(0, topics={topic})]


@pytest.fixture
def december() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.usefixtures("december")
def test_a_renewal_is_money_an_invoice_and_a_month_all_at_once(people: dict[str, Any]) -> None:
    member, dewi = make_member(), people["cashier"]
    invoice = renewals.renew(member, 1, dewi, token="a")
    again = renewals.renew(member, 1, dewi, token="a")
    assert again == invoice
    assert (invoice.amount_idr, str(invoice)) == (150_000, "2026-000001")
    assert (invoice.begins, invoice.until) == (date(2026, 12, 15), date(2027, 1, 15))
    member.refresh_from_db()
    assert (member.until, member.state) == (date(2027, 1, 15), "active")
    assert ledger.balance(Account.CASH, dewi.pk) == 150_000
    assert Entry.objects.get().reference == "invoice:2026-000001"
    assert sum(Line.objects.values_list("amount_idr", flat=True)) == 0
    transfer = renewals.renew(member, 3, dewi, token="b", cash=False)
    assert (str(transfer), transfer.amount_idr) == ("2026-000002", 450_000)
    assert ledger.balance(Account.CASH, dewi.pk) == 150_000
    assert checking.check() == []
    month = month_of(date(2026, 12, 1), ZoneInfo("Asia/Jakarta"))
    for basis in Basis:
        found = reports.report(month, basis)
        assert found.total == Sums(2, 0, 600_000)
        assert [(row.key, row.sums.sold) for row in found.groups["via"]] == [("member", 2)]
        assert [row.name for row in found.groups["seller"]] == [dewi.username]


@pytest.mark.usefixtures("december")
def test_what_is_paid_while_somebody_edits_the_member_stays_paid(people: dict[str, Any]) -> None:
    member = make_member()
    as_read = Member.objects.get()
    renewals.renew(member, 1, people["cashier"], token="a")
    members.edit(as_read, {"note": "rumah biru"}, people["admin"])
    kept = Member.objects.get()
    assert (kept.until, kept.note) == (date(2027, 1, 15), "rumah biru")


@pytest.mark.usefixtures("december")
def test_what_members_paid_before_it_was_counted_is_counted(people: dict[str, Any]) -> None:
    renewals.renew(make_member(), 1, people["cashier"], token="a")
    for table in (Sale, SaleDay, SaleSum):
        table.objects.all().delete()
    assert {finding.what for finding in checking.check()} == {"sales"}
    moving = import_module("ronda.shop.migrations.0011_sums_of_reports")
    moving.take_in_members(apps, None)
    moving.add_up(apps, None)
    assert checking.check() == []


@pytest.mark.usefixtures("december")
def test_numbers_have_no_gap_where_something_was_rolled_back(people: dict[str, Any]) -> None:
    member = make_member()
    with transaction.atomic():
        renewals.renew(member, 1, people["cashier"], token="a")
        transaction.set_rollback(True)
    issued = renewals.issue(member, 1, people["cashier"], token="b")
    assert renewals.issue(member, 1, people["cashier"], token="c") == issued
    paid = renewals.renew(member, 2, people["cashier"], token="d")
    assert (paid.pk, paid.amount_idr) == (issued.pk, 300_000)
    other = renewals.renew(
        make_member(name="Pak Joko", user="joko", router=member.router), 1, None, token="e"
    )
    assert [str(one) for one in (paid, other)] == ["2026-000001", "2026-000002"]
    with time_machine.travel(datetime(2026, 12, 31, 17, tzinfo=UTC), tick=False):
        assert str(renewals.renew(member, 1, None, token="f")) == "2027-000001", "it is 2027 in WIB"


def test_members_of_a_router_that_is_away_do_not_keep_the_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(member_days, "GROUP", 1)
    with at(1):
        away, here = make_member(), make_member(user="joko", router=make_router(name="Kedua"))
        asked = [
            asking.ask(Verb.EDIT, [Target(one.router, one.user, after={"disabled": "true"})], None)
            for one in (away, here)
        ]
        for member, instruction in zip((away, here), asked, strict=True):
            member.asked, member.asked_at, member.confirmed = instruction, timezone.now(), False
            member.save()
        asked[1].actions.update(outcome=Outcome.DONE, ended_at=timezone.now())
        member_days.look_after()
    assert list(Member.objects.order_by("pk").values_list("confirmed", flat=True)) == [False, True]


def test_everybody_is_reminded_once_of_each_end() -> None:
    with at(1):
        member = make_member()
    for day in range(1, 15):
        for hour in (1, 13, 20):
            with at(day, hour=hour):
                member_days.look_after()
    due = told(MEMBER_DUE)
    assert [one["days"] for one in due] == [7, 3, 1]
    assert {one["until"] for one in due} == {"2026-12-15"}
    assert Reminder.objects.count() == 3
    with at(14):
        renewals.renew(member, 1, None, token="a")
    with at(8, month=12):
        member_days.look_after()
    assert len(told(MEMBER_DUE)) == 3


def test_a_reminder_that_was_missed_is_not_told_late_beside_a_nearer_one() -> None:
    with at(1):
        make_member()
    with at(13):
        member_days.look_after()
    assert [one["days"] for one in told(MEMBER_DUE)] == [3]
    assert set(Reminder.objects.values_list("days", "told")) == {(7, False), (3, True)}


def test_who_does_not_pay_is_shut_out_after_the_grace_and_let_in_by_paying(
    people: dict[str, Any],
) -> None:
    link = ScriptedLink()
    link.put(USER, name="siti", profile="default", password="x")
    link.put(ACTIVE, user="siti", address="10.5.0.2", mac_address="AA:BB:CC:00:00:02", server="hs1")
    link.put(COOKIE, user="siti", mac_address="AA:BB:CC:00:00:02")
    router = read(link)
    with at(10):
        member = make_member(router=router)
    for day, state in ((14, "active"), (15, "grace"), (17, "grace"), (18, "suspended")):
        with at(day):
            member_days.look_after()
        member.refresh_from_db()
        assert member.state == state, day
    assert [one["state"] for one in told(MEMBER_STATE)] == ["grace", "suspended"]
    assert (member.reach, member.confirmed) == ("shut", False)
    with at(18):
        do(_newest(), router.pk, link)
        assert link.menus[USER][-1]["disabled"] == "true"
        assert link.menus[ACTIVE], "disabling alone ends no session"
        member_days.look_after()
        do(_newest(), router.pk, link)
    member.refresh_from_db()
    assert (member.confirmed, member.trouble) == (True, "")
    assert not link.menus[ACTIVE]
    assert not link.menus[COOKIE]
    with at(20):
        invoice = renewals.renew(member, 1, people["cashier"], token="late")
        assert (invoice.begins, invoice.until) == (date(2026, 12, 20), date(2027, 1, 20))
        do(_newest(), router.pk, link)
        member_days.look_after()
    member.refresh_from_db()
    assert (member.state, member.reach, member.confirmed) == ("active", "open", True)
    assert link.menus[USER][-1]["disabled"] == "false"
    assert member_days.look_after(datetime(2026, 12, 20, 6, tzinfo=UTC)) == 0


def test_a_user_who_is_not_on_the_router_is_not_made_but_told() -> None:
    link = ScriptedLink()
    router = read(link)
    with at(1):
        member = make_member(router=router, until=date(2026, 11, 1))
        assert member.state == "suspended"
        do(_newest(), router.pk, link)
        member_days.look_after()
        member.refresh_from_db()
        assert (member.confirmed, member.trouble) == (False, "NoSuchItem")
        member_days.look_after()
        assert Instruction.objects.count() == 1
    with at(1, hour=7):
        member_days.look_after()
        assert Instruction.objects.count() == 2, (
            "it is asked again, since somebody may have made the user"
        )
    assert link.names(USER) == []


@pytest.mark.usefixtures("december")
def test_an_ended_member_is_shut_out_and_cannot_be_renewed() -> None:
    member = make_member()
    members.end(member, None)
    member.refresh_from_db()
    assert (member.state, member.reach) == ("ended", "shut")
    with pytest.raises(renewals.Over):
        renewals.renew(member, 1, None, token="a")
    assert not Invoice.objects.exists()
    assert not members.present().exists()
    assert make_member(router=member.router).pk != member.pk, "the user is free again"


@pytest.mark.usefixtures("december")
def test_a_user_has_one_member_and_prices_come_from_the_package() -> None:
    member = make_member()
    with pytest.raises(members.UserTaken):
        make_member(name="Lain", router=member.router)
    assert member.price_idr == 150_000
    changed = members.edit(member, {"price_idr": 100_000, "note": "warung"}, None)
    assert (changed.price_idr, changed.until) == (100_000, date(2026, 12, 15))
    assert list(members.matching("siti", "active")) == [member]


def _newest() -> Instruction:
    found = Instruction.objects.order_by("-pk").first()
    assert found is not None
    assert asking.actions_of(found).filter(outcome=Outcome.WAITING).exists()
    return found
