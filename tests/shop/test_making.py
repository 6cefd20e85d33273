"""Vouchers are made exactly as many as asked, on the router exactly once, whatever is cut in between."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronda.accounts.models import AuditRow
from ronda.hotspot.models import HotspotProfile, HotspotUser
from ronda.routeros.errors import Outcome, RouterError, RouterFull, RouterTimedOut
from ronda.shop.models import Batch, Voucher, VoucherEvent
from ronda.shop.rules.codes import Alphabet, BadCode, Look
from ronda.shop.service import asking, creating, life, making, placing
from ronda.work import jobs
from ronda.work.models import Job
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink
from tests.routers.factories import make_router
from tests.shop.vouchers_made import codes, make_package, work

pytestmark = pytest.mark.django_db
State = Voucher.State


def test_a_single_voucher_is_made_with_its_limits_and_then_ready(monkeypatch, people):
    router, link = make_router(), ScriptedLink()
    package = make_package(online_s=18_000, quota_bytes=1_073_741_824)
    told = []
    monkeypatch.setattr(life, "_listeners", {"test": lambda them: told.extend(them)})
    voucher = making.make(package, router, person=people["cashier"])
    work(link, router, monkeypatch)

    voucher.refresh_from_db()
    assert (voucher.state, told) == (State.READY, [])  # nobody ordered it
    (user,) = link.menus[USER]
    assert user["name"] == user["password"] == voucher.code == making.credentials(voucher).password
    assert user["limit-uptime"] == "5h"
    assert user["limit-bytes-total"] == "1073741824"
    assert user["comment"].startswith("vc-0-")
    assert AuditRow.objects.filter(action="voucher.make").count() == 1
    assert voucher.code not in str(list(Job.objects.values()))


def test_a_batch_has_exactly_so_many_users_with_passwords_of_their_own(monkeypatch, people):
    router, link = make_router(), ScriptedLink()
    look = Look(Alphabet.DIGITS, 4, "wr-")
    batch = making.make_batch(
        make_package(),
        router,
        40,
        look=look,
        separate_password=True,
        note="kios",
        seller=people["reseller"],
    )
    work(link, router, monkeypatch)

    assert len(link.menus[USER]) == 40 == batch.vouchers.filter(state=State.READY).count()
    assert all(row["password"] != row["name"] for row in link.menus[USER])
    voucher = batch.vouchers.first()
    held = next(row for row in link.menus[USER] if row["name"] == voucher.code)
    assert making.credentials(voucher).password == held["password"]
    assert held["password"] not in str(list(Voucher.objects.values())) + repr(
        making.credentials(voucher)
    )
    assert (voucher.holder, batch.job) == (people["reseller"], Job.objects.get().pk)
    assert making.resistance_of(look).one_in == 8**4 // 40


def test_too_many_for_the_letters_are_refused_and_nothing_is_made():
    with pytest.raises(BadCode):
        making.make_batch(make_package(), make_router(), 2049, look=Look(Alphabet.DIGITS, 4))
    with pytest.raises(BadCode):
        making.make_batch(make_package(name="2"), make_router("R2"), making.MOST + 1)
    assert not Batch.objects.exists()
    assert not Voucher.objects.exists()
    assert not Job.objects.exists()


def test_codes_differ_from_all_there_are_and_from_the_users_of_the_router(monkeypatch):
    router = make_router()
    drawn = iter(["k1", "k1", "k2", "k3", "k3", "k4", "k5"])
    monkeypatch.setattr(making, "_random", lambda look: next(drawn))
    HotspotUser.objects.create(router=router, ros_id="*1", name="k2", first_seen_at=timezone.now())
    making.make_batch(make_package(), router, 3)
    assert codes() == {"k1", "k3", "k4"}


def test_a_code_somebody_chose_is_his_or_refused(monkeypatch):
    router, package = make_router(), make_package()
    assert making.make(package, router, code="budi", password="rahasia1").code == "budi"
    with pytest.raises(making.CodeTaken):
        making.make(package, router, code="budi")
    with pytest.raises(BadCode):
        making.make(package, router, code="bu di")


def test_nobodys_user_is_taken_over_a_drawn_code_is_exchanged_and_a_chosen_one_says_so(monkeypatch):
    router, link = make_router(), ScriptedLink()
    package = make_package()
    drawn = making.make(package, router)
    chosen = making.make(package, router, code="budi")
    for name in (drawn.code, "budi"):
        link.put(USER, name=name, comment="pelanggan lama", password="lama")
    work(link, router, monkeypatch)

    before = drawn.code
    drawn.refresh_from_db()
    chosen.refresh_from_db()
    assert drawn.state == State.READY
    assert drawn.code != before
    assert (chosen.state, chosen.trouble) == (State.TROUBLE, "AlreadyThere")
    assert {row["password"] for row in link.menus[USER]} == {"lama", drawn.code}

    link.menus[USER] = [row for row in link.menus[USER] if row["name"] != "budi"]
    creating.retry(chosen)
    work(link, router, monkeypatch)
    chosen.refresh_from_db()
    assert chosen.state == State.READY


def test_a_user_sent_on_a_cut_line_that_arrives_after_it_was_looked_for_is_still_ours(monkeypatch):
    router, link = make_router(), ScriptedLink()
    voucher = making.make(make_package(), router)
    link.fail_at(0, RouterTimedOut("cut", outcome=Outcome.UNKNOWN), done=True)
    with pytest.raises(RouterTimedOut):
        work(link, router, monkeypatch)
    link.alive = True
    held = creating._held
    looks = iter([True])

    async def not_yet(link, wishes):
        return {} if next(looks, False) else await held(link, wishes)

    monkeypatch.setattr(creating, "_held", not_yet)
    work(link, router, monkeypatch)
    before = voucher.code
    voucher.refresh_from_db()
    assert (voucher.state, voucher.code) == (State.READY, before)
    assert link.names(USER) == [before]


def test_what_the_router_refuses_is_told_with_its_words(monkeypatch):
    router, link = make_router(), ScriptedLink()
    voucher = making.make(make_package(profile="tidak ada"), router)
    work(link, router, monkeypatch)
    voucher.refresh_from_db()
    assert voucher.state == State.TROUBLE
    assert "profile" in voucher.trouble
    assert VoucherEvent.objects.filter(what="trouble").exists()


def test_what_lacked_a_profile_is_made_as_soon_as_the_router_has_it(monkeypatch):
    router, link = make_router(), ScriptedLink()
    voucher = making.make(make_package(profile="harian"), router)
    work(link, router, monkeypatch)
    creating.look_after()
    voucher.refresh_from_db()
    assert voucher.state == State.TROUBLE

    link.put(PROFILE, name="harian")
    HotspotProfile.objects.create(router=router, ros_id="*7", name="harian")
    assert creating.look_after() == 0
    work(link, router, monkeypatch)
    voucher.refresh_from_db()
    assert voucher.state == State.READY


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 14), st.booleans()), max_size=4), full=st.booleans())
def test_whatever_is_cut_every_voucher_has_one_user(monkeypatch, cuts, full):
    Voucher.objects.all().delete()
    Job.objects.all().delete()
    link = ScriptedLink()
    package = make_package()
    router = make_router(f"R{package.pk}")
    making.make_batch(package, router, 5)
    for number, done in cuts:
        link.fail_at(number, RouterTimedOut("cut", outcome=Outcome.UNKNOWN), done=done)
        try:
            work(link, router, monkeypatch)
        except RouterError:
            link.alive = True
    if full:
        link.fail_at(2, RouterFull("action failed"))
    link.alive = True
    for _ in range(3):
        try:
            work(link, router, monkeypatch)
        except RouterError:
            link.alive = True
    for voucher in Voucher.objects.filter(state=State.TROUBLE):
        creating.retry(voucher)
    link.spare()
    work(link, router, monkeypatch)
    assert sorted(row["name"] for row in link.menus[USER]) == sorted(codes(state=State.READY))
    assert Voucher.objects.filter(state=State.READY).count() == 5


def test_a_voucher_that_has_no_job_any_more_is_asked_for_again(monkeypatch):
    router, link = make_router(), ScriptedLink()
    voucher = making.make(make_package(), router)
    assert creating.look_after() == 0
    Job.objects.update(state="unknown")
    router.active = False
    router.save()
    assert creating.look_after() == 0
    router.active = True
    router.save()
    assert creating.look_after() == 1
    work(link, router, monkeypatch)
    voucher.refresh_from_db()
    assert voucher.state == State.READY


def test_a_void_voucher_is_made_no_more_and_one_on_a_router_is_taken_away(monkeypatch, people):
    router, link = make_router(), ScriptedLink()
    package = make_package()
    early, late = making.make(package, router), making.make(package, router)
    life.void(early, people["cashier"], reason="salah")
    work(link, router, monkeypatch)
    late.refresh_from_db()
    life.void(late, None)

    assert [row["name"] for row in link.menus[USER]] == [late.code]
    assert jobs.newest(asking.END, f"router:{router.pk}") is not None
    assert (early.enforced_at, late.enforced_at is None) == (None, False)
    with pytest.raises(life.CannotVoid):
        life.void(late, None)


def test_a_sale_goes_to_a_router_on_which_the_package_is_sold():
    one, other = make_router("R1"), make_router("R2")
    package = make_package()
    assert placing.router_for(package) == one
    package.routers.add(other)
    assert placing.router_for(package) == placing.router_for(package, other.site) == other
    package.routers.clear()
    package.sites.add(other.site)
    assert placing.routers_of(package) == [r for r in (one, other) if r.site_id == other.site_id]
    other.active = one.active = False
    other.save()
    one.save()
    with pytest.raises(placing.NoRouter):
        placing.router_for(package)
