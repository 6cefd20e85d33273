"""Routers entered, changed, deleted and brought back; their passwords sealed all the while."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.accounts.service import seal_keys
from ronda.routeros.port import Capabilities, Facts, Transport, Trust
from ronda.routers.models import Router
from ronda.routers.rules.settings import RouterSettings
from ronda.routers.service import routers, state
from ronda.routers.service.credentials import PasswordUnreadable, password_of, target_of
from ronda.routers.service.errors import Gone, NameTaken, PasswordMissing, WrongSettings
from ronda.storage.resealing import Resealed
from ronda.storage.sealing import FILE
from ronda.work import feed
from tests.devices.factories import make_site
from tests.routers.factories import CANARY, make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BALAI = RouterSettings(name="Balai Desa", host="192.0.2.10", user="ronda")
SEEN = Facts(
    "balai",
    "7.21.2 (stable)",
    "hAP ax2",
    "HEX123",
    Capabilities((7, 21, 2), True, True, True),
    Transport.API_TLS,
    "ab" * 32,
)


@pytest.fixture(autouse=True)
def _ground(data_folder: Any) -> None:
    """Each test has its own keys."""


def told() -> list[tuple[list[int], str]]:
    return [(e.payload["routers"], e.payload["kind"]) for e in feed.read(0)]


def test_a_router_is_added_with_its_password_sealed(people: dict[str, Any]) -> None:
    made = routers.add(BALAI, CANARY, make_site(), people["admin"], source="192.0.2.1")
    row = Router.objects.get()
    assert CANARY not in str({**row.__dict__, "_state": ""})
    assert target_of(row).password == CANARY
    assert CANARY not in repr(target_of(row))
    audit = AuditRow.objects.get()
    assert (audit.action, audit.subject, audit.actor) == ("router.add", "Balai Desa", "budi")
    assert audit.after["host"] == "192.0.2.10"
    assert told() == [([made.pk], "add")]


def test_what_is_entered_is_tidied() -> None:
    messy = replace(BALAI, name="  Balai   Desa ", host=" Router.Example.NET. ", transport="api")
    made = routers.add(messy, CANARY, make_site(), None)
    assert (made.name, made.host, made.transport) == ("Balai Desa", "router.example.net", "")


def test_wrong_settings_are_refused_with_a_text_for_each_and_nothing_is_stored() -> None:
    wrong = replace(BALAI, name=" ", port=70_000, host="10.0.0.01")
    with pytest.raises(WrongSettings) as caught:
        routers.add(wrong, CANARY, make_site(), None)
    assert set(caught.value.fields) == {"name", "port", "host"}
    with pytest.raises(PasswordMissing):
        routers.add(BALAI, "", make_site(), None)
    assert not Router.objects.exists()
    assert told() == []


def test_two_present_routers_never_share_a_name_whatever_its_case() -> None:
    first = make_router()
    other = make_router("Posko")
    with pytest.raises(NameTaken):
        routers.add(replace(BALAI, name="balai desa"), CANARY, make_site(), None)
    with pytest.raises(NameTaken):
        routers.edit(
            other.pk, replace(routers.settings_of(other), name="BALAI DESA"), other.site, None
        )
    routers.delete(first.pk, None)
    routers.add(BALAI, CANARY, make_site(), None)
    with pytest.raises(NameTaken):
        routers.restore(first.pk, None)


def test_an_edit_records_only_what_changed_and_never_the_password(people: dict[str, Any]) -> None:
    router = make_router()
    new = replace(routers.settings_of(router), timeout_ms=15_000)
    routers.edit(router.pk, new, router.site, people["admin"], password="other-" + CANARY)
    row = AuditRow.objects.get()
    assert row.before == {"timeout_ms": 10_000, "password": "***"}
    assert row.after == {"timeout_ms": 15_000, "password": "***"}
    router.refresh_from_db()
    assert password_of(router) == "other-" + CANARY
    assert told() == [([router.pk], "edit")]


def test_an_edit_without_change_and_without_password_does_nothing() -> None:
    router = make_router()
    routers.edit(router.pk, routers.settings_of(router), router.site, None)
    assert not AuditRow.objects.exists()
    assert told() == []
    assert password_of(router) == CANARY


def test_a_new_password_alone_keeps_what_was_learnt_and_a_new_address_forgets_it() -> None:
    router = make_router()
    state.connected(router.pk, SEEN)
    routers.edit(router.pk, routers.settings_of(router), router.site, None, password="baru")
    router.refresh_from_db()
    assert router.pin == "ab" * 32
    assert told()[-1] == ([router.pk], "password")
    moved = replace(routers.settings_of(router), host="192.0.2.11")
    routers.edit(router.pk, moved, router.site, None)
    router.refresh_from_db()
    assert (router.pin, router.facts, router.connection_status) == ("", {}, "never")


def test_a_router_is_disabled_and_enabled() -> None:
    router = make_router()
    routers.set_active(router.pk, False, None)
    assert not Router.objects.in_use().exists()
    routers.set_active(router.pk, True, None)
    assert Router.objects.in_use().get() == router
    assert [kind for _ids, kind in told()] == ["active", "active"]


def test_a_deleted_router_comes_back_with_its_password_for_thirty_days() -> None:
    router = make_router()
    routers.delete(router.pk, None)
    assert not routers.routers().exists()
    with pytest.raises(Gone):
        routers.delete(router.pk, None)
    assert routers.forget_deleted() == 0
    assert password_of(routers.restore(router.pk, None)) == CANARY
    with pytest.raises(Gone):
        routers.restore(router.pk, None)
    routers.delete(router.pk, None)
    assert routers.forget_deleted(timezone.now() + timedelta(days=31)) == 1
    assert Router.objects.get().secret == ""


def test_the_first_certificate_is_pinned_and_a_second_one_never_takes_its_place() -> None:
    router = make_router()
    state.connected(router.pk, SEEN)
    state.connected(router.pk, replace(SEEN, certificate="cd" * 32))
    router.refresh_from_db()
    assert router.pin == "ab" * 32
    assert router.facts["identity"] == "balai"
    assert router.connection_status == "connected"


def test_after_tls_no_plain_connection_is_tried_by_itself() -> None:
    router = make_router()
    assert target_of(router).transport is None
    state.connected(router.pk, SEEN)
    router.refresh_from_db()
    assert target_of(router).transport is Transport.API_TLS
    assert target_of(router).trust is Trust.PIN
    state.connected(router.pk, replace(SEEN, transport=Transport.API))
    router.refresh_from_db()
    assert target_of(router).transport is None
    router.port = 18728
    assert target_of(router).transport is Transport.API


def test_a_failure_is_kept_with_its_beginning() -> None:
    router = make_router()
    begin = timezone.now()
    state.failed(router.pk, "refused", begin)
    state.failed(router.pk, "silent", begin + timedelta(minutes=1))
    router.refresh_from_db()
    assert (router.connection_status, router.status_since, router.error) == (
        "failed",
        begin,
        "silent",
    )


def test_a_new_key_reseals_every_password(data_folder: Any) -> None:
    make_router(secret_next="")
    make_router("Posko", deleted_at=timezone.now())
    before = set(Router.objects.values_list("secret", flat=True))
    assert seal_keys.renew()["routers.Router.secret"].count == 2
    assert not before & set(Router.objects.values_list("secret", flat=True))
    assert [password_of(router) for router in Router.objects.all()] == [CANARY, CANARY]
    assert len((data_folder / FILE).read_text().split()) == 2


def test_without_its_key_a_password_is_unreadable_and_the_rest_goes_on(data_folder: Any) -> None:
    router = make_router()
    (data_folder / FILE).unlink()
    with pytest.raises(PasswordUnreadable) as caught:
        target_of(router)
    assert CANARY not in str(caught.value)
    assert seal_keys.renew()["routers.Router.secret"] == Resealed(0, 1)
