"""The set-up guide's page: choices in, commands out, and its password only where a person puts it."""

import re
from typing import Any

import pytest
from django.test import Client

from ronda.routers.models import Router
from ronda.routers.rules.observed import to_json
from ronda.routers.service.credentials import password_of
from tests.routers.factories import make_router
from tests.routers.test_router_pages import text_of
from tests.routers.test_rules_findings import FINE

pytestmark = pytest.mark.django_db


def chosen(**changes: Any) -> dict[str, Any]:
    return {
        "version": "v7",
        "host": "192.168.88.1",
        "server": "192.168.88.250",
        "user": "ronda",
        "tls": "on",
        "more": ["password"],
        "time_zone": "Asia/Jakarta",
        "hotspot": "on",
        "interface": "bridge hotspot",
        "gateway": "10.5.50.1/24",
        "hotspot_name": "hotspot1",
        "profiles": "1jam, 1, 512k/2M, 1h",
    } | changes


def commands(answer: Any) -> str:
    page = answer.content.decode()
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    return "\n".join(blocks).replace("&quot;", '"').replace("&amp;", "&")


def test_the_commands_come_in_order_with_a_new_password_each_time(admin: Client) -> None:
    first = admin.post("/routers/setup/", chosen())
    text = commands(first)
    assert text.index("/certificate sign") < text.index("certificate=ronda-api")
    assert text.index("/ip hotspot profile add") < text.index("/ip hotspot add")
    assert 'interface="bridge hotspot"' in text
    assert "policy=read,write,api,test,password" in text
    password = re.search(r"password=(\S+)", text)
    assert password
    assert len(password[1]) == 24
    assert password[1] not in commands(admin.post("/routers/setup/", chosen()))
    assert "no-store" in first["Cache-Control"]
    assert not Router.objects.exists()


def test_what_cannot_be_is_said_beside_its_field(admin: Client) -> None:
    wrong = chosen(
        host="a b", server="x", interface="", gateway="10.5.50.0/24", profiles="1jam, cepat"
    )
    answer = admin.post("/routers/setup/", wrong)
    for text in ("host name", "10.5.50.1/24", "Line 1: cepat cannot be read", "Fill this in."):
        assert text in text_of(answer)
    assert commands(answer) == ""
    for gateway in ("x", "10.5.50.1/30", "10.5.50.255/24"):
        assert commands(admin.post("/routers/setup/", chosen(gateway=gateway))) == ""
    assert commands(admin.post("/routers/setup/", chosen(user="a\x01b"))) == ""


def test_a_name_cannot_smuggle_a_command_in(admin: Client) -> None:
    text = commands(admin.post("/routers/setup/", chosen(interface='x"; /system reset')))
    assert 'interface="x\\"; /system reset"' in text.replace("&#x27;", "'")


def test_the_guide_of_a_router_knows_its_facts_and_stores_the_password_on_request(
    admin: Client,
) -> None:
    router = make_router(report=to_json(FINE), facts={"release": [6, 49, 10]})
    page = admin.get(f"/routers/{router.pk}/setup/").content.decode()
    assert 'value="192.168.88.250"' in page
    assert '<option value="v6" selected>' in page
    answer = admin.post(f"/routers/{router.pk}/setup/", chosen(user="baru"))
    hidden = re.search(r'name="use_password" value="([^"]+)"', answer.content.decode())
    assert hidden
    done = {"use_password": hidden[1], "user": "baru"}
    admin.post(f"/routers/{router.pk}/setup/", done)
    router.refresh_from_db()
    assert (password_of(router), router.user) == (hidden[1], "baru")
    admin.post(f"/routers/{router.pk}/setup/", {"use_password": "short"})
    admin.post(f"/routers/{router.pk}/setup/", {"use_password": "x" * 20, "user": "u" * 200})
    router.refresh_from_db()
    assert password_of(router) == hidden[1]


def test_only_administrators_see_the_guide(noc: Client) -> None:
    assert noc.get("/routers/setup/").status_code == 403
