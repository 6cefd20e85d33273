"""Who looks, and a way to let an instruction happen at a scripted router without a desk."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from ronda.hotspot.models import Instruction
from tests.hotspot.doing import do


@pytest.fixture
def in_english(data_folder: Any, settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def as_(people: dict[str, Any]) -> Callable[[str], Client]:
    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(
            people[role], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return sign_in


@pytest.fixture
def done_at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What pages ask is done while they wait, at the routers given by id."""
    from ronda.hotspot.service import asking

    def use(links: dict[int, Any]) -> None:
        def wait(instruction: Instruction, within: float) -> None:
            for router, link in links.items():
                do(instruction, router, link)

        monkeypatch.setattr(asking, "wait", wait)

    return use
