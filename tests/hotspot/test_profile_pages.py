"""Profiles: the list, the page of one, and the editor with its speed limit in parts."""

import re
from typing import Any

import pytest

from ronda.hotspot.models import Action, HotspotProfile, Instruction, Wanted
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

SPEEDS = {
    "upload": "1M",
    "download": "2M",
    "burst_upload": "2M",
    "burst_download": "4M",
    "threshold_upload": "512k",
    "threshold_download": "1M",
    "seconds_upload": "16",
    "seconds_download": "16",
    "priority": "5",
    "least_upload": "",
    "least_download": "",
}


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


def row_of(link: ScriptedLink, name: str) -> dict[str, str]:
    return next(row for row in link.menus[PROFILE] if row["name"] == name)


def profile(name: str) -> HotspotProfile:
    return HotspotProfile.objects.get(name=name)


def test_the_list_tells_speeds_as_the_customer_sees_them_and_where_used(
    as_: Any, router: Any, link: ScriptedLink, django_assert_num_queries: Any
) -> None:
    row_of(link, "1jam")["on-login"] = ':put (",remc,3000,1d,5000,,Enable,"); {}'
    row_of(link, "1hari")["rate-limit"] = "odd"
    read(link, router)
    client = as_("viewer")
    text = text_of(client.get("/hotspot/profiles/"))
    for word in ("1jam made by Mikhmon", "↓ 2,0 Mb/s", "↑ 1,0 Mb/s", "odd"):
        assert word.replace(",", ".") in text.replace(",", "."), word
    with django_assert_num_queries(11):
        client.get("/hotspot/profiles/")


def test_the_page_of_a_profile_shows_what_mikhmon_keeps_in_its_script(
    as_: Any, router: Any, link: ScriptedLink
) -> None:
    row_of(link, "1jam")["on-login"] = ':put (",remc,3000,1d,5000,,Enable,"); {}'
    read(link, router)
    text = text_of(as_("viewer").get(f"/hotspot/profiles/{profile('1jam').pk}/"))
    for word in (
        "Mikhmon wrote this script",
        "valid for 1d",
        "Rp5",
        "locked to one device",
        "rate-limit=1M/2M",
        "Users 2",
    ):
        assert word in text, word
    assert as_("viewer").get("/hotspot/profiles/99999/").status_code == 404


def test_a_profile_is_made_on_every_router_of_a_site(
    as_: Any, router: Any, link: ScriptedLink, done_at_once: Any
) -> None:
    other, there = make_router(name="Kedua", site=router.site), ScriptedLink()
    read(there, other)
    done_at_once({router.pk: link, other.pk: there})
    form = SPEEDS | {
        "place": f"site:{router.site_id}",
        "name": "Kantor",
        "shared_users": "",
        "session_timeout": "8h",
        "keepalive_timeout": "",
        "add_mac_cookie": "on",
    }
    answer = as_("admin").post("/hotspot/profiles/new/", form)
    assert answer.headers["Location"] == "/hotspot/profiles/"
    for one in (link, there):
        row = {name: text for name, text in row_of(one, "Kantor").items() if name != ".id"}
        assert row == {
            "name": "Kantor",
            "rate-limit": "1M/2M 2M/4M 512k/1M 16/16 5",
            "shared-users": "unlimited",
            "session-timeout": "8h",
            "keepalive-timeout": "none",
            "add-mac-cookie": "yes",
        }
    assert set(HotspotProfile.objects.filter(name="Kantor").values_list("standing", flat=True)) == {
        "ours"
    }


def test_editing_sends_what_changed(as_: Any, router: Any, link: ScriptedLink) -> None:
    pk = profile("1hari").pk
    client = as_("admin")
    html = client.get(f"/hotspot/profiles/{pk}/edit/").content.decode()
    for name, text in (("burst_download", "8M"), ("upload", "2M"), ("seconds_upload", "16")):
        assert re.search(
            rf'name="{name}"[^>]*value="{text}"|value="{text}"[^>]*name="{name}"', html
        ), name
    form = {
        "upload": "2M",
        "download": "6M",
        "shared_users": "3",
        "keepalive_timeout": "2m",
        "add_mac_cookie": "on",
    }
    client.post(f"/hotspot/profiles/{pk}/edit/", form)
    assert Action.objects.get().after == {"rate-limit": "2M/6M", "shared-users": "3"}
    assert row_of(link, "1hari")["rate-limit"] == "2M/6M"
    client.post(f"/hotspot/profiles/{pk}/edit/", form)
    assert Instruction.objects.count() == 1


def test_a_line_that_cannot_be_read_stays_unless_speeds_are_filled_in(
    as_: Any, router: Any, link: ScriptedLink
) -> None:
    row_of(link, "1jam")["rate-limit"] = "something odd"
    read(link, router)
    pk = profile("1jam").pk
    client = as_("admin")
    assert "something odd" in text_of(client.get(f"/hotspot/profiles/{pk}/edit/"))
    client.post(
        f"/hotspot/profiles/{pk}/edit/",
        {"shared_users": "2", "keepalive_timeout": "2m", "add_mac_cookie": "on"},
    )
    assert row_of(link, "1jam")["rate-limit"] == "something odd"
    assert row_of(link, "1jam")["shared-users"] == "2"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"upload": "fast"}, "is no speed"),
        ({"shared_users": "0"}, "Write a number from 1"),
        ({"session_timeout": "soon"}, "is no length of time"),
        ({"seconds_upload": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_does_not_fit_is_said(
    as_: Any, router: Any, values: dict[str, str], says: str
) -> None:
    form = {"place": f"router:{router.pk}", "name": "x"} | values
    assert says in text_of(as_("admin").post("/hotspot/profiles/new/", form))
    assert not Instruction.objects.exists()


def test_the_preview_explains_and_doubts(as_: Any) -> None:
    client = as_("admin")
    text = text_of(client.get("/hotspot/profiles/speed/", SPEEDS))
    assert "downloads at 2" in text
    assert "for about 4 s of download" in text
    assert "rate-limit=1M/2M 2M/4M 512k/1M 16/16 5" in text
    text = text_of(client.get("/hotspot/profiles/speed/", SPEEDS | {"burst_download": "1M"}))
    assert "not above the normal speed" in text
    assert "is no speed" in text_of(client.get("/hotspot/profiles/speed/", {"upload": "x"}))
    assert "not limited" in text_of(client.get("/hotspot/profiles/speed/"))


def test_deleting_a_profile_asks_and_is_undone(as_: Any, router: Any, link: ScriptedLink) -> None:
    client = as_("admin")
    pk = profile("1hari").pk
    assert "2 users of Balai Desa have it" in text_of(client.get(f"/hotspot/profiles/{pk}/delete/"))
    client.post(f"/hotspot/profiles/{pk}/delete/")
    assert Action.objects.get().code == "ProfileInUse"
    link.menus[USER].clear()
    client.post(f"/hotspot/profiles/{pk}/delete/")
    assert "1hari" not in link.names(PROFILE)
    client.post(f"/hotspot/instructions/{Instruction.objects.order_by('-pk')[0].pk}/undo/")
    assert row_of(link, "1hari")["rate-limit"] == "2M/4M 4M/8M 1M/2M 16/16"


def test_a_profile_is_taken_over(as_: Any, router: Any) -> None:
    as_("admin").post(f"/hotspot/profiles/{profile('1jam').pk}/adopt/")
    wanted = Wanted.objects.get()
    assert (wanted.kind, wanted.values["rate-limit"], wanted.values["keepalive-timeout"]) == (
        "profile",
        "1M/2M",
        "2m",
    )
    assert profile("1jam").standing == "ours"
