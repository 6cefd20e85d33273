"""One user, made, edited and taken over; and the page of what differs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.hotspot.models import Action, Drift, HotspotUser, Instruction, Placement, Wanted
from ronda.hotspot.service import drifting, placing, secrets
from ronda.hotspot.service.reading import Part
from tests.devices.factories import make_site
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import USER, ScriptedLink

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def link() -> ScriptedLink:
    return furnish()


@pytest.fixture
def router(link: ScriptedLink, done_at_once: Any) -> Any:
    router = read(link)
    done_at_once({router.pk: link})
    return router


def new(router: Any, **values: Any) -> dict[str, Any]:
    return {"place": f"router:{router.pk}", "name": "baru", "profile": "1jam"} | values


def row_of(link: ScriptedLink, name: str) -> dict[str, str]:
    return next(row for row in link.menus[USER] if row["name"] == name)


def test_a_new_user_is_made_with_limits_on_the_user_and_the_password_sealed(
    as_: Any, router: Any, link: ScriptedLink
) -> None:
    form = new(
        router,
        password="rahasia sekali",
        limit_uptime="1d",
        limit_bytes_total="500MB",
        comment="ok",
    )
    answer = as_("admin").post("/hotspot/users/new/", form)
    assert answer.headers["Location"] == "/hotspot/users/"
    row = row_of(link, "baru")
    assert {name: text for name, text in row.items() if name != ".id"} == {
        "name": "baru",
        "password": "rahasia sekali",
        "profile": "1jam",
        "limit-uptime": "1d",
        "limit-bytes-total": "524288000",
        "comment": "ok",
    }
    assert HotspotUser.objects.get(name="baru").standing == "ours"
    assert "rahasia" not in Wanted.objects.get().secret
    everything = str(list(AuditRow.objects.values())) + str(list(Action.objects.values()))
    assert "rahasia" not in everything


def test_without_a_password_it_is_the_name(as_: Any, router: Any, link: ScriptedLink) -> None:
    as_("admin").post("/hotspot/users/new/", new(router, name="007b"))
    assert row_of(link, "007b")["password"] == "007b"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"profile": "1jm"}, "Did you mean 1jam?"),
        ({"profile": "zzz"}, "create the profile there"),
        ({"name": " x"}, "space at its beginning or end"),
        ({"name": ""}, "required"),
        ({"limit_uptime": "soon"}, "is no length of time"),
        ({"limit_bytes_total": "much"}, "is no amount of data"),
        ({"mac_address": "xx"}, "valid"),
        ({"place": "router:99999"}, "valid choice"),
    ],
)
def test_what_does_not_fit_is_said_and_no_router_is_asked(
    as_: Any, router: Any, values: dict[str, Any], says: str
) -> None:
    answer = as_("admin").post("/hotspot/users/new/", new(router, **values))
    assert says in text_of(answer)
    assert not Instruction.objects.exists()


def test_a_site_with_several_routers_takes_users_by_its_rule(
    as_: Any, router: Any, link: ScriptedLink, people: Any
) -> None:
    other = make_router(name="Kedua", site=router.site)
    read(ScriptedLink(), other)
    read(furnish(ScriptedLink()), other)
    type(router).objects.update(connection_status="connected")
    site = router.site
    text = text_of(as_("admin").get("/hotspot/users/new/"))
    assert "Sleman (by its rule)" in text
    placing.set_rule(site, placing.Rule.FIXED, other, people["admin"])
    assert [one.name for one in placing.place(site)[0]] == ["Kedua"]
    other.connection_status = "failed"
    other.save()
    routers, choice = placing.place(site)
    assert ([one.name for one in routers], choice.stood_in) == (["Balai Desa"], True)
    placing.set_rule(site, placing.Rule.ALL, None, people["admin"])
    as_("admin").post("/hotspot/users/new/", new(router, place=f"site:{site.pk}"))
    actions = Action.objects.filter(name="baru").values_list("router__name", "outcome")
    assert dict(actions) == {"Balai Desa": "done", "Kedua": "waiting"}
    assert Placement.objects.get().fixed is None
    with pytest.raises(placing.NoRouter):
        placing.place(make_site("Kosong"))


def test_editing_sends_only_what_changed_and_can_take_a_limit_away(
    as_: Any, router: Any, link: ScriptedLink
) -> None:
    user = HotspotUser.objects.get(name="budi")
    client = as_("admin")
    assert 'value="1h"' in client.get(f"/hotspot/users/{user.pk}/edit/").content.decode()
    client.post(
        f"/hotspot/users/{user.pk}/edit/",
        {"profile": "1jam", "limit_uptime": "", "comment": "lunas"},
    )
    row = row_of(link, "budi")
    assert (row["limit-uptime"], row["comment"], "password" in row) == ("0s", "lunas", False)
    action = Action.objects.get()
    assert action.before == {"limit-uptime": "1h", "comment": ""}
    client.post(f"/hotspot/users/{user.pk}/edit/", {"profile": "1jam", "comment": "lunas"})
    assert Action.objects.count() == 1


def test_the_page_of_one_user(as_: Any, router: Any, django_assert_num_queries: Any) -> None:
    user = HotspotUser.objects.get(name="budi")
    client = as_("admin")
    text = text_of(client.get(f"/hotspot/users/{user.pk}/"))
    for word in ("budi", "active", "40 min", "10.5.0.2", "not from Ronda", "Take over", "of 1 h"):
        assert word in text
    with django_assert_num_queries(11):
        client.get(f"/hotspot/users/{user.pk}/")
    assert client.get("/hotspot/users/999999/").status_code == 404


def test_what_was_taken_over_is_watched_and_what_differs_is_decided(
    as_: Any, router: Any, link: ScriptedLink
) -> None:
    client = as_("admin")
    ids = list(HotspotUser.objects.values_list("pk", flat=True))
    client.post("/hotspot/users/adopt/", {"row": ids})
    assert set(HotspotUser.objects.values_list("standing", flat=True)) == {"ours"}
    row_of(link, "budi")["profile"] = "1hari"
    row_of(link, "007")["limit-uptime"] = "3h"
    link.menus[USER].remove(row_of(link, "sari"))
    then = timezone.now() - timedelta(hours=2)
    read(link, router, at=then)
    drifting.explain(
        router.pk, [{"time": "10:02:11", "message": "hotspot user budi changed by admin"}]
    )
    assert not drifting.unexplained(router.pk)
    text = text_of(client.get("/hotspot/differences/"))
    for word in (
        "budi",
        "wanted 1jam, router has 1hari",
        "admin, 10:02:11",
        "wanted none, router has 3h",
        "missing",
    ):
        assert word in text, word
    drifts = {row.wanted.name: row.pk for row in Drift.objects.select_related("wanted")}
    client.post(
        "/hotspot/differences/decide/", {"row": [drifts["budi"], drifts["sari"]], "side": "ronda"}
    )
    assert row_of(link, "budi")["profile"] == "1jam"
    assert "sari" not in link.names(USER), "nobody knows the password of one that was taken over"
    Wanted.objects.filter(name="sari").update(secret=secrets.seal("rahasia"))
    client.post("/hotspot/differences/decide/", {"row": [drifts["sari"]], "side": "ronda"})
    made = row_of(link, "sari")
    assert (made["profile"], made["password"]) == ("1hari", "rahasia")
    client.post("/hotspot/differences/decide/", {"row": [drifts["007"]], "side": "router"})
    assert Wanted.objects.get(name="007").values["limit-uptime"] == "3h"
    assert "Nothing differs" in text_of(client.get("/hotspot/differences/"))


def test_what_is_missing_may_stay_missing(as_: Any, router: Any, link: ScriptedLink) -> None:
    client = as_("admin")
    client.post("/hotspot/users/adopt/", {"row": HotspotUser.objects.get(name="sari").pk})
    link.menus[USER].remove(row_of(link, "sari"))
    read(link, router)
    client.post("/hotspot/differences/decide/", {"row": Drift.objects.get().pk, "side": "router"})
    assert not Wanted.objects.exists()
    assert not Drift.objects.exists()


def test_reading_again_is_asked_for(as_: Any, router: Any) -> None:
    answer = as_("noc").post("/hotspot/refresh/", {"router": router.pk, "back": "/hotspot/users/"})
    assert answer.headers["Location"] == "/hotspot/users/"
    assert Instruction.objects.get().verb == "refresh"
    assert Part.USERS == "users"
    assert as_("viewer").post("/hotspot/refresh/").status_code == 403
