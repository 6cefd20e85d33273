"""Passkeys in a real browser with Chromium's virtual authenticator, under the strict CSP."""

import json
import os
import shutil
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from ronda.accounts.models import Person, SignIn
from ronda.accounts.service import people as service
from tests.journeys.place import FLAGS

GOOD = "tujuh-gajah-lewat"


def is_complaint(said: Any) -> bool:
    """Errors of the console, less those about live data, which this server does not have."""
    return said.type == "error" and "/live/" not in str(said.location)


@pytest.mark.journey
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_signs_in_alone_and_is_taken_off_by_an_administrator(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = os.environ.get("RONDA_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("Chromium is missing: apt-get install chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cache.clear()
    service.add("sari", "owner", password=GOOD)
    wayan = service.add("wayan", "noc", password=GOOD)
    url = live_server.url
    assert url.startswith("http://localhost:")  # a secure context, as https is
    expect.set_options(timeout=60_000)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        context = chromium.new_context(locale="en-GB")
        context.add_cookies([{"name": "django_language", "value": "en", "url": url}])
        context.set_default_timeout(60_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda said: complaints.append(said.text) if is_complaint(said) else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        tool = context.new_cdp_session(page)
        tool.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        tool.send("WebAuthn.addVirtualAuthenticator", {"options": options})

        page.goto(f"{url}/accounts/login/?next=/accounts/2fa/webauthn/add/")
        page.fill("input[name=login]", "wayan")
        page.fill("input[name=password]", GOOD)
        page.locator("form[action='/accounts/login/'] button[type=submit]").click()
        page.wait_for_url("**/accounts/reauthenticate/**")  # the password once more
        page.fill("input[name=password]", GOOD)
        page.locator("main form button[type=submit]").first.click()
        page.fill("input[name=name]", "Work phone")
        expect(page.get_by_label("Sign in with it alone")).to_be_checked()
        page.click("#mfa_webauthn_add")
        page.wait_for_url("**/2fa/recovery-codes/")
        page.goto(f"{url}/accounts/2fa/webauthn/")
        expect(page.get_by_text("Work phone")).to_be_visible()

        page.goto(f"{url}/accounts/logout/")
        page.locator("main button[type=submit]").last.click()
        page.goto(f"{url}/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(lambda at: "/accounts/login/" not in at)
        page.goto(f"{url}/profile/")
        expect(page.get_by_role("heading", name="wayan")).to_be_visible()
        newest = SignIn.objects.order_by("-id").first()
        assert newest
        assert (newest.person, newest.way, newest.outcome) == (wayan, "passkey", "good")

        owner = Client()
        owner.force_login(Person.objects.get(username="sari"))
        owner.post(f"/people/{wayan.pk}/second-step-off/", {"why": "lost the key"})
        assert not Authenticator.objects.exists()
        page.goto(f"{url}/accounts/logout/")
        page.locator("main button[type=submit]").last.click()
        page.goto(f"{url}/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_load_state()
        expect(page.locator("input[name=login]")).to_be_visible()
        chromium.close()
    assert complaints == []


PARTS = {
    "id": "eA",
    "rawId": "eA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "authenticatorData": "eA",
        "signature": "eA",
        "userHandle": "MQ",
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "credential",
    [
        {},
        [],
        "x",
        {"id": "x"},
        PARTS,
        PARTS | {"response": None},
        PARTS | {"response": {**PARTS["response"], "authenticatorData": "A" * 50}},
        PARTS | {"rawId": 5},
    ],
)
def test_a_credential_that_is_none_lets_nobody_in(client: Client, credential: Any) -> None:
    cache.clear()
    service.add("sari", "owner", password=GOOD)
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(credential)})
    assert answer.headers["Location"] == "/accounts/login/"
    assert client.get("/profile/").status_code == 302
