"""What a new password may not be: words of the place, and, where it is switched on, what leaks have told."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from ronda.accounts.errors import WeakPassword
from ronda.accounts.models import Person
from ronda.accounts.service import people
from ronda.app import passwords
from ronda.devices.models import Site
from ronda.work import tuning
from tests.alerts.outside import Outside, outside

pytestmark = pytest.mark.django_db
GOOD = "tujuh-gajah-lewat"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    tuning.change("breached_passwords", True, by="sari")
    with outside() as server:
        monkeypatch.setattr(passwords, "RANGE", f"{server.url}/range/")
        yield server


def refused(password: str) -> str:
    with pytest.raises(WeakPassword) as found:
        people.check_password(password, Person(username="tini", email="tini@example.net"))
    return str(found.value)


def test_names_of_the_place_and_of_the_trade_are_no_passwords(settings: Any) -> None:
    Site.objects.create(name="Sumberwringin Kidul")
    tuning.change("site_name", "Gempita Net", by="sari")
    settings.RONDA = settings.RONDA.model_copy(update={"hosts": ["pantau.gempita.example"]})
    for password in (
        "mikrotik-2026!",
        "Sumberwringin1",
        "gempita.kidul.99",
        "M1kr0t1kw1f1",
        "pantau-pantau",
    ):
        assert "anybody who knows this place" in refused(password)
    people.check_password("gempita dengan gajah ungu", Person(username="tini"))


def test_a_leaked_password_is_refused_and_nobody_outside_learns_it(asked: Outside) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    asked.say(200, f"{'0' * 35}:3\r\n{digest[5:]}:12\r\n")
    assert "known from leaks" in refused(GOOD)
    (call,) = asked.asked
    assert call.path == f"/range/{digest[:5]}"
    assert call.headers["add-padding"] == "true"
    assert digest[5:].lower() not in str(call).lower()


@pytest.mark.parametrize("answer", [(200, f"{'0' * 35}:3\r\n"), (503, "busy"), None], ids=str)
def test_what_is_in_no_leak_or_cannot_be_asked_is_taken(asked: Outside, answer: Any) -> None:
    asked.say(*answer) if answer else asked.break_off()
    people.check_password(GOOD, Person(username="tini"))
    # A row with the count 0 only fills the answer up.
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    asked.answers[:] = [(200, {}, f"{digest[5:]}:0\r\n")]
    people.check_password(GOOD, Person(username="tini"))


def test_nobody_is_asked_unless_the_owner_says_so(asked: Outside, settings: Any) -> None:
    asked.say(200, "")
    tuning.change("breached_passwords", False, by="sari")
    people.check_password(GOOD, Person(username="tini"))
    tuning.change("breached_passwords", True, by="sari")
    settings.RONDA = settings.RONDA.model_copy(update={"outside_places": ["api.telegram.org"]})
    people.check_password(GOOD, Person(username="tini"))
    assert asked.asked == []
