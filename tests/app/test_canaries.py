"""A known secret of every kind, looked for in everything that a person, a program or a log gets to see."""

import json
import logging
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from ronda.accounts.models import AuditKey, AuditRow, Person
from ronda.accounts.service import chain, setup, tokens
from ronda.alerts.models import Address, Channel
from ronda.app.doors import doors
from ronda.hotspot.models import Wanted
from ronda.shop.models import PaymentMethod
from ronda.storage.sealing import FILE, keyring
from ronda.work import feed
from ronda.work.models import Job
from tests.routers.factories import make_router
from tests.shop.orders_made import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "kenari-orang-4711"


def sealed(**secrets: str) -> str:
    return keyring().seal(json.dumps(secrets))


@pytest.fixture
def secrets(people: dict[str, Person], data_folder: Any, settings: Any) -> dict[str, str]:
    """Every kind of secret, with what it is; the rows have the numbers that the walk asks for."""
    settings.RONDA = settings.RONDA.model_copy(
        update={
            "database_url": SecretStr("postgres://ronda:kenari-postgres@db.example/ronda"),
            "redis_url": SecretStr("redis://:kenari-redis@cache.example/0"),
        }
    )
    owner = people["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    router = make_router(pk=1, password="kenari-router", secret_next=keyring().seal("kenari-next"))
    Wanted.objects.create(
        router=router,
        kind="user",
        name="x",
        secret=keyring().seal("kenari-hotspot"),
        since=timezone.now(),
    )
    PaymentMethod.objects.create(
        pk=1,
        kind="midtrans",
        name="Midtrans",
        secret=sealed(server_key="kenari-gateway"),
        shown={"merchant_id": "G1", "client_key": "C1"},
    )
    channel = Channel.objects.create(
        pk=1,
        kind="mail",
        name="Surel",
        values={"host": "mail.example", "port": 587, "user": "u", "security": "starttls"},
        secret=sealed(password="kenari-smtp", token="kenari-channel"),
    )
    Address.objects.create(
        pk=1,
        person=owner,
        channel=channel,
        to="sari@example.net",
        secret=sealed(auth="kenari-browser"),
        made_at=timezone.now(),
    )
    make_order(router=router, wanted_password="kenari-wished")
    Authenticator.objects.create(
        user=owner,
        type=Authenticator.Type.TOTP,
        data={"secret": keyring().seal("KENARITOTP234567")},
    )
    _token, token = tokens.make(owner, "skrip", "viewer")
    link = setup.link_for(people["viewer"], by=owner)
    chain.link()
    key = AuditKey.objects.get()
    return {
        "password of a person": PASSWORD,
        "password of a router": "kenari-router",
        "next password of a router": "kenari-next",
        "password of a hotspot user": "kenari-hotspot",
        "key of a gateway": "kenari-gateway",
        "password of the mail server": "kenari-smtp",
        "token of a channel": "kenari-channel",
        "keys of a browser": "kenari-browser",
        "password a buyer wished": "kenari-wished",
        "seed of an authenticator": "KENARITOTP234567",
        "API token": token,
        "set-up link": link.strip("/").rpartition("/")[2],
        "seal key": (data_folder / FILE).read_text().split()[0],
        "secret key": django_settings.SECRET_KEY,
        "key of the trail": chain.opened(key).hex(),
        "sealed key of the trail": key.secret,
        "sealed password of a router": router.secret,
        "database address": "kenari-postgres",
        "Redis address": "kenari-redis",
    }


def test_no_secret_of_any_kind_is_seen_anywhere(
    people: dict[str, Person], secrets: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Client(raise_request_exception=False)
    browser.force_login(people["owner"])
    session = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    seen: dict[str, str] = {}
    opened = 0
    for door in doors():
        answer = browser.get(door.path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        seen[door.path] = f"{headers} {body.decode(errors='replace')}"
        opened += answer.status_code == 200
    wrong = browser.post("/accounts/login/", {"login": "sari", "password": PASSWORD + "!"})
    seen["a wrong sign-in"] = wrong.content.decode()
    seen["the log"] = caplog.text
    seen["the trail"] = str(list(AuditRow.objects.values()))
    seen["jobs"] = str(list(Job.objects.values()))
    seen["the feed"] = str([event.payload for event in feed.read(0)])
    seen["the settings"] = repr(django_settings.RONDA)
    assert any("Balai Desa" in text for text in seen.values())  # the walk does see what lies there
    assert opened > 60
    found = [
        (what, where)
        for what, secret in {**secrets, "session": session}.items()
        for where, text in seen.items()
        if secret in text
    ]
    assert found == []
