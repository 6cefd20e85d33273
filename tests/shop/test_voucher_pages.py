"""The pages of vouchers and batches: who sees what, what is made, and what staff do."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.devices.service import scope
from ronda.hotspot.models import Instruction
from ronda.shop.models import Batch, Voucher
from ronda.shop.service import changing, ending, escapes, life, making
from tests.devices.factories import make_site
from tests.hotspot.scripted import PROFILE, USER
from tests.routers.factories import make_router
from tests.shop.test_ending import Shop
from tests.shop.vouchers_made import make_package, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
State = Voucher.State


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr("ronda.shop.views.vouchers.PATIENCE_S", 0.0)
    return Shop(monkeypatch)


def make(shop):
    work(shop.link, shop.router, shop.monkeypatch)


def test_a_batch_is_made_on_the_page_and_followed(as_, shop):
    admin = as_("admin")
    asked = {
        "package": shop.package.pk,
        "router": shop.router.pk,
        "count": 30,
        "alphabet": "digits",
        "length": 6,
        "begins": "W-",
        "note": "kios",
    }
    hard = admin.post("/shop/batches/resistance/", asked).content.decode()
    assert "One guess in 8,738" in hard
    refused = admin.post("/shop/batches/new/", asked | {"length": 4, "count": 4000})
    assert "2048" in refused.content.decode()
    answer = admin.post("/shop/batches/new/", asked)
    batch = Batch.objects.get()
    assert answer.url == f"/shop/batches/{batch.pk}/"
    making_page = admin.get(answer.url).content.decode()
    assert "<span data-work-done>0</span> of 30 made" in making_page
    assert f'data-work="{batch.job}"' in making_page
    make(shop)
    page = admin.get(answer.url).content.decode()
    assert "of 30 made" not in page
    assert "data-work=" not in page
    assert len(shop.link.menus[USER]) == 30
    assert f"#{batch.pk}" in admin.get("/shop/batches/").content.decode()
    assert 'value="W-"' in admin.get(f"/shop/batches/new/?like={batch.pk}").content.decode()


def test_the_unused_of_a_batch_are_ended_and_made_again(as_, shop):
    admin = as_("admin")
    batch = making.make_batch(shop.package, shop.router, 12)
    make(shop)
    sold = batch.vouchers.first()
    Voucher.objects.filter(pk=sold.pk).update(sold_at=timezone.now())
    before = shop.link.names(USER)
    assert "11 vouchers" in admin.get(f"/shop/batches/{batch.pk}/void/").content.decode()
    admin.post(f"/shop/batches/{batch.pk}/void/")
    shop.tell()
    assert shop.link.names(USER) == [sold.code]
    admin.post(f"/shop/batches/{batch.pk}/restore/")
    make(shop)
    assert shop.link.names(USER) == before
    assert batch.vouchers.filter(state=State.READY).count() == 12


def test_files_hold_the_codes_are_safe_and_are_told_in_the_trail(as_, shop):
    admin = as_("admin")
    shop.package = make_package(name="=cmd()")
    batch = making.make_batch(
        shop.package, shop.router, 2, separate_password=True, note='a"; /system reset $x'
    )
    voucher = batch.vouchers.first()
    csv = admin.get(f"/shop/batches/{batch.pk}/export.csv").content.decode("utf-8-sig")
    assert f"{voucher.code},{making.credentials(voucher).password},'=cmd()" in csv
    script = admin.get(f"/shop/batches/{batch.pk}/export.rsc").content.decode()
    assert '-a\\"; /system reset \\$x"' in script
    assert script.count(":do { add name=") == 2
    assert admin.get(f"/shop/batches/{batch.pk}/export.xlsx").content.startswith(b"PK")
    assert admin.get(f"/shop/batches/{batch.pk}/export.exe").status_code == 404
    assert AuditRow.objects.filter(action="voucher.export").count() == 3


def test_a_list_of_codes_is_taken_whole_or_not_at_all(as_, shop):
    admin = as_("admin")
    making.make(shop.package, shop.router, code="ada")

    def upload(text):
        file = SimpleUploadedFile("kode.csv", text.encode())
        asked = {"package": shop.package.pk, "router": shop.router.pk, "file": file}
        return admin.post("/shop/batches/import/", asked)

    assert "Line 3" in upload("kode;sandi\nk1;p1\nk 2;p2\nk1;x\n").content.decode()
    assert "ada" in upload("ada\nbaru\n").content.decode()
    assert not Batch.objects.exists()
    assert upload("kode;sandi\nk1;p1\nk2;k2\n").status_code == 302
    make(shop)
    users = {row["name"]: row["password"] for row in shop.link.menus[USER]}
    assert users == {"ada": "ada", "k1": "p1", "k2": "k2"}


def test_one_voucher_is_explained_from_making_to_its_end(as_, shop, people):
    cashier = as_("cashier")
    voucher = shop.sell(person=people["cashier"])
    shop.log_in(voucher)
    shop.read()
    ending.end_due(shop.now + timedelta(days=2))
    page = cashier.get(f"/shop/vouchers/{voucher.pk}/").content.decode()
    for said in ("Made", "Ready on Balai Desa", "First login", "Its valid time was over"):
        assert said in page
    listed = cashier.get(f"/shop/vouchers/?q={voucher.code[:3]}&state=ended").content.decode()
    assert voucher.code in listed
    assert voucher.code not in cashier.get("/shop/vouchers/?state=ready").content.decode()


def test_a_reseller_sees_only_what_is_theirs(as_, shop, people):
    mine = making.make_batch(shop.package, shop.router, 1, seller=people["reseller"])
    other = shop.sell()
    reseller = as_("reseller")
    page = reseller.get("/shop/vouchers/").content.decode()
    assert mine.vouchers.get().code in page
    assert other.code not in page
    assert reseller.get(f"/shop/vouchers/{other.pk}/").status_code == 404
    assert reseller.get(f"/shop/vouchers/{mine.vouchers.get().pk}/void/").status_code == 403


def test_staff_extend_change_move_end_and_bring_back(as_, shop):
    cashier = as_("cashier")
    voucher = shop.sell()
    at = f"/shop/vouchers/{voucher.pk}"
    assert "not begun" in cashier.post(f"{at}/extend/", {"span": "1d"}).content.decode()
    shop.log_in(voucher)
    shop.read()
    ends = shop.seen(voucher).expires_at
    cashier.post(f"{at}/extend/", {"span": "1d"})
    make(shop)
    assert shop.seen(voucher).expires_at == ends + timedelta(days=1)
    assert (voucher.state, shop.user(voucher)["limit-uptime"]) == (State.ACTIVE, "2d")

    shop.link.put(PROFILE, name="cepat")
    faster = make_package(profile="cepat", quota_bytes=500)
    cashier.post(f"{at}/package/", {"package": faster.pk})
    make(shop)
    assert (shop.user(voucher)["profile"], shop.user(voucher)["limit-bytes-total"]) == (
        "cepat",
        "500",
    )
    other = make_router("R2")
    cashier.post(f"{at}/move/", {"router": other.pk})
    assert (shop.seen(voucher).router, voucher.state) == (other, State.MAKING)
    cashier.post(f"{at}/void/", {"reason": "salah"})
    assert shop.seen(voucher).state == State.VOID
    assert "salah" in cashier.get(f"{at}/").content.decode()
    cashier.post(f"{at}/again/")
    assert shop.seen(voucher).state == State.MAKING


def test_one_that_ended_lives_again_with_what_is_added(shop, people):
    shop.package = make_package(online_s=3600)
    voucher = shop.sell()
    shop.user(voucher)["uptime"] = "1h"
    shop.read()
    shop.tell()
    with pytest.raises(changing.CannotChange):
        changing.extend(shop.seen(voucher), people["cashier"], quota_bytes=5)
    changing.extend(shop.seen(voucher), people["cashier"], online_s=1800)
    make(shop)
    assert shop.seen(voucher).state == State.ACTIVE
    # What was used went with the user; the least there can be is left of it.
    assert shop.user(voucher)["limit-uptime"] == "30m1s"


def test_what_escaped_is_found_and_put_right(as_, shop, people):
    admin = as_("admin")
    batch = making.make_batch(shop.package, shop.router, 3, note="kios")
    make(shop)
    loose, late, _right = batch.vouchers.order_by("pk")
    del shop.user(loose)["limit-uptime"]
    comment = shop.user(loose)["comment"]
    shop.link.put(USER, name="gratis", comment=comment)
    life.void(late, None)
    Voucher.objects.filter(pk=late.pk).update(
        enforced_at=None, ended_at=timezone.now() - timedelta(hours=1)
    )
    shop.read()
    assert [one.kind for one in escapes.find()] == ["unlimited", "still_there", "stranger"]
    assert "gratis" in admin.get("/shop/vouchers/escaped/").content.decode()
    elsewhere = make_router(name="Lain", site=make_site("Lain"))
    scope.set_sites(people["admin"], [elsewhere.site_id], by=None)
    narrowed = as_("admin")
    assert "gratis" not in narrowed.get("/shop/vouchers/escaped/").content.decode()
    narrowed.post("/shop/vouchers/escaped/")
    assert not Instruction.objects.filter(verb="disable").exists(), "of another site"
    scope.set_sites(people["admin"], None, by=None)
    admin = as_("admin")
    admin.post("/shop/vouchers/escaped/")
    assert Instruction.objects.filter(verb="disable").count() == 1
    make(shop)
    shop.tell()
    assert shop.user(loose)["limit-uptime"] == "1d"
    assert shop.user(late) is None


@pytest.mark.parametrize("count", [3, 60])
def test_a_page_asks_as_much_for_many_as_for_few(as_, shop, django_assert_max_num_queries, count):
    making.make_batch(shop.package, shop.router, count)
    cashier = as_("cashier")
    cashier.get("/shop/vouchers/")
    with django_assert_max_num_queries(10):
        cashier.get("/shop/vouchers/")
