"""What is forgotten cannot be found again, and every sum stays what it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db.models import Sum
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.cli import main
from ronda.hotspot.models import (
    PrivacyKey,
    UsageDay,
    UsageHour,
    UsageSample,
    UsageSession,
    UsageTotal,
)
from ronda.hotspot.rules.pseudonyms import is_pseudonym, pseudonym
from ronda.hotspot.service.usage import analytics, privacy, recording
from ronda.hotspot.service.usage.counts import Scope
from tests.hotspot.model import START, Model
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAY = timedelta(days=1)
KEEP = privacy.Keep(names=10 * DAY, sessions=20 * DAY, sums=60 * DAY)


def fill() -> Model:
    """Two users, three devices, two days."""
    model, router = Model(), make_router()
    for user in ("budi", "sari"):
        model.make(user)
    recording.record_router(router, model.read())
    for _ in range(2):
        model.login("10", "budi", "02:00:00:00:00:01")
        model.login("11", "sari", "02:00:00:00:00:02")
        model.login("12", "sari", "02:00:00:00:00:03")
        for _ in range(4):
            model.pass_time(300, 9000, 700)
            recording.record_router(router, model.read())
        for slot in ("10", "11", "12"):
            model.logout(slot)
        model.pass_time(86_400)
        recording.record_router(router, model.read())
    return model


def names() -> set[str]:
    found: set[str] = set()
    for model in (UsageSession, UsageDay):
        rows: Any = model._default_manager.values_list("user", "mac")
        for row in rows:
            found |= {text for text in row if text}
    return found


def figures() -> Any:
    zone = timezone.get_default_timezone()
    first = date(2026, 11, 1)
    found = analytics.analyse(Scope(), first, first + 40 * DAY, zone, START + 50 * DAY)
    used = found.used
    return used.bytes_in, used.bytes_out, used.seconds, used.sessions


def test_old_names_become_pseudonyms_that_still_tell_people_apart() -> None:
    fill()
    before = figures()
    assert privacy.forget(START + 9 * DAY, KEEP).renamed == 0
    done = privacy.forget(START + 20 * DAY, KEEP)
    assert done.renamed == UsageSession.objects.count() + UsageDay.objects.count()
    assert len(names()) == 5
    assert all(is_pseudonym(name) for name in names())
    assert not UsageSession.objects.exclude(address="").exists()
    assert not UsageSample.objects.filter(details__isnull=False).exists()
    assert figures() == before
    assert privacy.forget(START + 20 * DAY, KEEP).renamed == 0


def test_without_the_key_nobody_finds_the_name_again() -> None:
    fill()
    privacy.forget(START + 20 * DAY, KEEP)
    secret = privacy.key()
    assert pseudonym(secret, "user", "budi") in names()
    assert privacy.drop_key()
    assert not privacy.drop_key()
    assert pseudonym(privacy.key(), "user", "budi") not in names()


def test_a_session_that_lasts_keeps_its_name() -> None:
    model, router = Model(), make_router()
    model.make("budi")
    model.login("10", "budi", "02:00:00:00:00:01")
    recording.record_router(router, model.read())
    privacy.forget(START + 15 * DAY, KEEP)
    assert UsageSession.objects.get().user == "budi"


def test_days_become_totals_and_the_same_sums_come_out() -> None:
    fill()
    before = figures()
    done = privacy.forget(START + 30 * DAY, KEEP)
    assert done.folded > 0
    assert not UsageDay.objects.exists()
    assert not UsageSession.objects.exists()
    assert not UsageSample.objects.exists()
    assert UsageTotal.objects.aggregate(n=Sum("sessions"))["n"] == 6
    assert sorted(UsageTotal.objects.values_list("users", "devices")) == [(2, 3), (2, 3)]
    assert figures() == before


def test_sums_go_last() -> None:
    fill()
    privacy.forget(START + 30 * DAY, KEEP)
    assert UsageHour.objects.exists()
    privacy.forget(START + 90 * DAY, KEEP)
    assert not UsageHour.objects.exists()
    assert not UsageTotal.objects.exists()


def test_folding_twice_adds_what_came_late() -> None:
    fill()
    privacy.forget(START + 30 * DAY, KEEP)
    total = UsageTotal.objects.order_by("day").first()
    assert total is not None
    UsageDay.objects.create(
        series=total.series, day=total.day, user="x", profile="1jam", sessions=4
    )
    privacy.forget(START + 30 * DAY, KEEP)
    assert UsageTotal.objects.get(pk=total.pk).sessions == total.sessions + 4


def test_many_rows_are_forgotten_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "BATCH", 2)
    fill()
    privacy.forget(START + 20 * DAY, KEEP)
    assert all(is_pseudonym(name) for name in names())
    privacy.forget(START + 30 * DAY, KEEP)
    assert not UsageSession.objects.exists()


def test_pseudonyms_and_nothing_stay_as_they_are() -> None:
    made = pseudonym(b"k", "mac", "02:00:00:00:00:01")
    assert pseudonym(b"k", "mac", made) == made
    assert pseudonym(b"k", "mac", "") == ""
    assert pseudonym(b"k", "user", "02:00:00:00:00:01") != made
    assert not is_pseudonym("~~budi")


def test_the_command_drops_the_key_once_and_is_on_the_trail() -> None:
    privacy.key()
    runner = CliRunner()
    assert runner.invoke(main, ["hotspot", "drop-key"], input="n\n").exit_code == 1
    assert PrivacyKey.objects.exists()
    assert "Dropped" in runner.invoke(main, ["hotspot", "drop-key", "--yes"]).output
    assert not PrivacyKey.objects.exists()
    assert "no key" in runner.invoke(main, ["hotspot", "drop-key", "--yes"]).output
    assert AuditRow.objects.filter(action="hotspot.drop-key").count() == 1
