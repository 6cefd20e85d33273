"""The pages of routers: entered, changed, deleted, and never with a password in them."""

import re
from typing import Any

import pytest
from django.test import Client

from ronda.routers.models import Router
from ronda.routers.service.credentials import password_of
from tests.devices.factories import make_site
from tests.routers.factories import CANARY, make_router
from tests.routers.test_rules_older import SAMPLE

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def entered(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Balai Desa",
        "site": make_site().pk,
        "host": "192.0.2.10",
        "user": "ronda",
        "password": CANARY,
        "way": "auto",
        "trust": "pin",
        "timeout_ms": "10000",
        "poll_s": "300",
        "active": "on",
    } | changes


def test_a_router_is_entered_and_its_page_shown(admin: Client) -> None:
    answer = admin.post("/routers/new/", entered(), follow=True)
    router = Router.objects.get()
    assert password_of(router) == CANARY
    assert answer.redirect_chain == [(f"/routers/{router.pk}/", 302)]
    assert "stored, sealed" in text_of(answer)
    assert CANARY not in answer.content.decode()


def test_wrong_entries_are_explained_and_the_password_is_not_sent_back(admin: Client) -> None:
    wrong = entered(host="10.0.0.01", way="api-ssl", port="8728")
    page = admin.post("/routers/new/", wrong).content.decode()
    assert "Write an IP address" in page
    assert "Take port 8729" in page
    assert CANARY not in page
    assert not Router.objects.exists()


def test_a_name_that_is_taken_is_said_beside_the_field(admin: Client) -> None:
    make_router()
    assert "exists" not in text_of(admin.get("/routers/new/"))
    assert "There is a router Balai Desa already" in text_of(admin.post("/routers/new/", entered()))


def test_an_edit_keeps_the_password_unless_a_new_one_is_typed(admin: Client) -> None:
    router = make_router()
    page = admin.get(f"/routers/{router.pk}/edit/").content.decode()
    assert CANARY not in page
    assert router.secret not in page
    admin.post(f"/routers/{router.pk}/edit/", entered(password="", default_profile="1jam"))
    router.refresh_from_db()
    assert (password_of(router), router.default_profile) == (CANARY, "1jam")
    admin.post(f"/routers/{router.pk}/edit/", entered(password=" new "))
    router.refresh_from_db()
    assert password_of(router) == " new "


def test_an_edit_of_what_somebody_else_just_changed_is_refused(admin: Client) -> None:
    router = make_router()
    seen = router.updated_at.isoformat()
    admin.post(f"/routers/{router.pk}/edit/", entered(password="", name="Posko"))
    late = admin.post(f"/routers/{router.pk}/edit/", entered(password="", version=seen))
    assert "changed by someone else" in text_of(late)
    assert Router.objects.get().name == "Posko"


def test_deleting_asks_and_can_be_undone(admin: Client) -> None:
    router = make_router()
    assert "Delete Balai Desa?" in text_of(admin.get(f"/routers/{router.pk}/delete/"))
    answer = admin.post(f"/routers/{router.pk}/delete/", follow=True)
    assert "There is no router yet" in text_of(answer)
    assert f'href="/routers/{router.pk}/"' in answer.content.decode()
    assert "was deleted" in text_of(admin.get(f"/routers/{router.pk}/"))
    assert "is back" in text_of(admin.post(f"/routers/{router.pk}/restore/", follow=True))
    assert admin.post(f"/routers/{router.pk}/restore/").status_code == 404


def test_a_router_is_left_alone_and_taken_into_use_again(admin: Client) -> None:
    router = make_router()
    page = admin.post(f"/routers/{router.pk}/active/", {"active": "0"}, follow=True)
    assert "It is left alone" in text_of(page)
    admin.post(f"/routers/{router.pk}/active/", {"active": "1"})
    assert Router.objects.in_use().exists()


def test_a_replaced_router_is_found_out_again(admin: Client) -> None:
    router = make_router(pin="ab" * 32, facts={"transport": "api-ssl"})
    admin.post(f"/routers/{router.pk}/forget/")
    router.refresh_from_db()
    assert (router.pin, router.facts) == ("", {})


def test_the_manuals_sample_is_taken_over_with_its_contradiction_explained(admin: Client) -> None:
    make_site()
    answer = admin.post("/routers/import/", {"text": SAMPLE})
    page = answer.content.decode()
    assert "Take port 8729" in page
    assert 'value="8729"' in page
    assert 'value="mljnet-api"' in page
    assert "secure-api-password" not in page
    assert not Router.objects.exists()
    refused = text_of(admin.post("/routers/import/", {"text": "{\n a: run()\n}"}))
    assert "Line 2 cannot be read" in refused


def test_without_a_site_the_way_to_one_is_shown(admin: Client) -> None:
    assert "Make a site" in text_of(admin.get("/routers/new/"))


def test_an_operator_sees_routers_and_changes_nothing(noc: Client) -> None:
    router = make_router()
    page = noc.get(f"/routers/{router.pk}/").content.decode()
    assert "/edit/" not in page
    assert noc.get(f"/routers/{router.pk}/edit/").status_code == 403
    assert noc.post(f"/routers/{router.pk}/delete/").status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_asks_the_database_no_more_for_many(
    admin: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        make_router(f"Router {number}")
    admin.get("/routers/")
    with django_assert_num_queries(4):
        admin.get("/routers/")
    router = Router.objects.first()
    assert router is not None
    with django_assert_num_queries(4):
        admin.get(f"/routers/{router.pk}/")
