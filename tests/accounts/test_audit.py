"""The audit trail: complete, in the same transaction, and free of secrets."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory

from ronda.accounts.models import AuditRow
from ronda.accounts.service import audit

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_row_says_who_did_what_to_what_and_from_where(people: dict[str, Any]) -> None:
    audit.record(
        people["noc"], "ont.edit", "Pos Ronda (XM000001)", {"name": "A"}, {"name": "B"}, "10.0.0.7"
    )
    row = AuditRow.objects.get()
    assert (row.person, row.actor, row.action, row.subject, row.before, row.after, row.source) == (
        people["noc"],
        "wayan",
        "ont.edit",
        "Pos Ronda (XM000001)",
        {"name": "A"},
        {"name": "B"},
        "10.0.0.7",
    )


def test_secrets_are_masked_however_deep_they_lie() -> None:
    values = {
        "name": "router",
        "password": "hunter2",
        "channel": {"bot_token": "123:abc", "chat": 5, "list": [{"secret_key": "s"}]},
        "must_change_password": True,
        "at": datetime(2026, 11, 21, tzinfo=UTC),
    }
    assert audit.masked(values) == {
        "name": "router",
        "password": "***",
        "channel": {"bot_token": "***", "chat": 5, "list": [{"secret_key": "***"}]},
        "must_change_password": True,
        "at": "2026-11-21T00:00:00+00:00",
    }


def test_a_row_vanishes_with_the_change_it_tells_of() -> None:
    def change_and_fail() -> None:
        with transaction.atomic():
            audit.record(None, "ont.edit", "x")
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    assert not AuditRow.objects.exists()


def test_what_nobody_did_is_written_to_the_system() -> None:
    audit.record(None, "backup.make", "x" * 500)
    row = AuditRow.objects.get()
    assert (row.actor, row.person, len(row.subject)) == ("system", None, 200)


def test_the_trail_outlives_the_person(people: dict[str, Any]) -> None:
    audit.record(people["noc"], "ont.delete", "x")
    people["noc"].delete()
    row = AuditRow.objects.get()
    assert (row.person, row.actor) == (None, "wayan")


def test_a_request_gives_person_and_address(people: dict[str, Any]) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.9")
    request.user = people["admin"]
    audit.record_request(request, "site.add", "Sleman")
    request.user = AnonymousUser()
    audit.record_request(request, "site.add", "Bantul")
    assert [(row.actor, row.subject, row.source) for row in audit.rows()] == [
        ("system", "Bantul", "192.0.2.9"),
        ("budi", "Sleman", "192.0.2.9"),
    ]


def test_a_forged_forward_header_is_not_believed(settings: Any) -> None:
    def source() -> str:
        factory = RequestFactory(REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR="10.1.1.1")
        return audit.source_of(factory.get("/"))

    assert source() == "192.0.2.9"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert source() == "10.1.1.1"


def test_rows_are_narrowed_by_who_what_and_when() -> None:
    for action, subject in (("person.add", "Tini"), ("ont.edit", "Pos Ronda"), ("ont.add", "tini")):
        audit.record(None, action, subject)
    assert [row.subject for row in audit.rows(action="ont")] == ["tini", "Pos Ronda"]
    assert [row.action for row in audit.rows(text="TINI")] == ["ont.add", "person.add"]
    assert audit.rows(actor="sari").count() == 0
    assert audit.rows(until=datetime(2020, 1, 1, tzinfo=UTC)).count() == 0
