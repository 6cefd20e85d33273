"""A router's password, looked for everywhere a person or a program can look."""

import logging
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.routers.models import Router
from ronda.routers.rules.observed import to_json
from ronda.routers.service.credentials import target_of
from ronda.work import feed
from ronda.work.models import Job
from tests.devices.factories import make_site
from tests.routers.factories import CANARY
from tests.routers.test_router_api import OLDER
from tests.routers.test_rules_findings import FINE

pytestmark = pytest.mark.django_db


def test_the_password_is_in_no_page_answer_log_repr_audit_row_event_or_job(
    admin: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site = make_site()
    new = {"name": "Balai", "site_id": site.pk, "host": "192.0.2.1", "user": "ronda"}
    shown: list[Any] = [
        admin.post("/api/v1/routers", new | {"password": CANARY}, "application/json"),
        admin.post("/api/mikrotik/settings", OLDER, "application/json"),
    ]
    router = Router.objects.get(name="Balai")
    Router.objects.filter(pk=router.pk).update(report=to_json(FINE), reported_at=FINE.at)
    base = f"/routers/{router.pk}/"
    own = ("", "edit/", "delete/", "test/", "setup/", "password/")
    shown += [admin.get(base + path) for path in own]
    shown += [admin.post(base + "test/", follow=True), admin.post(base + "password/", follow=True)]
    shown += [admin.get(path) for path in (
        "/routers/", "/audit/", "/api/v1/audit", "/api/v1/routers", f"/api/v1/routers/{router.pk}",
        f"/api/v1/routers/{router.pk}/test", "/api/mikrotik/settings",
    )]  # fmt: skip
    shown.append(
        admin.patch(f"/api/v1/routers/{router.pk}", {"password": CANARY + "2"}, "application/json")
    )
    shown.append(admin.post(base + "edit/", {"name": "", "password": CANARY}))
    router.refresh_from_db()
    texts = [answer.content.decode() for answer in shown]
    assert all(answer.status_code < 500 for answer in shown)
    texts += [repr(router), str(router), repr(target_of(router)), caplog.text]
    texts += [str(row) for row in AuditRow.objects.values()]
    texts += [str(event.payload) for event in feed.read(0)] + [
        str(job) for job in Job.objects.values()
    ]
    texts += [str(row) for row in Router.objects.values()]
    assert len(texts) > 20
    for text in texts:
        assert CANARY not in text
        assert router.secret not in text or "'secret'" in text


def test_an_error_on_the_way_to_a_router_does_not_tell_it() -> None:
    router = Router(host="127.0.0.1", user="ronda", secret="nonsense")
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- whatever it is, its text is looked at
        target_of(router)
    assert "nonsense" not in str(caught.value)
