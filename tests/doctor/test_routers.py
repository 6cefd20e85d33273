"""`ronda doctor` and the routers: each trouble made on purpose."""

from typing import Any

import pytest

from ronda.cli.doctor.findings import State
from ronda.cli.doctor.routers import routers
from ronda.routers.models import Router, Status
from ronda.routers.service.credentials import seal
from ronda.storage.sealing import FILE
from tests.routers.factories import CANARY, make_router

pytestmark = pytest.mark.django_db


def looked(settings: Any) -> list[tuple[State, str]]:
    return [(finding.state, finding.text) for finding in routers(settings.RONDA)]


def test_without_routers_nothing_is_said_and_connected_ones_are_well(
    data_folder: Any, settings: Any
) -> None:
    assert looked(settings) == []
    make_router(connection_status=Status.CONNECTED)
    make_router("Pasar", active=False)
    assert looked(settings) == [(State.OK, "1 in use, each connected")]


def test_each_router_that_needs_somebody_is_named(data_folder: Any, settings: Any) -> None:
    make_router("Balai", connection_status=Status.FAILED, error="refused")
    make_router("Pasar")
    make_router("Posko", secret_next=seal("baru"))
    assert looked(settings) == [
        (State.WARN, "Balai: refused"),
        (State.WARN, "Pasar: not connected to yet"),
        (State.WARN, "Posko: its password is being changed"),
    ]


def test_a_lost_or_other_key_file_fails_and_none_is_made(data_folder: Any, settings: Any) -> None:
    make_router()
    (data_folder / FILE).unlink()
    ((state, text),) = looked(settings)
    assert (state, "is gone" in text) == (State.FAIL, True)
    assert not (data_folder / FILE).exists()
    other = seal(CANARY)
    assert Router.objects.get().secret != other
    ((state, text),) = looked(settings)
    assert (state, text.endswith("keys of this installation")) == (State.FAIL, True)
    assert CANARY not in text
