"""What tests of alerts begin with: English words, a clock that is moved, servers outside, and callers of each role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.alerts import telling_world
from tests.alerts.outside import Outside, Post, outside, post_office
from tests.alerts.telling_world import Clock


@pytest.fixture
def in_english(data_folder: Any, settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def clock(people: dict[str, Any]) -> Iterator[Clock]:
    yield from telling_world.clock()


@pytest.fixture
def server() -> Iterator[Outside]:
    with outside() as told:
        yield told


@pytest.fixture
def office() -> Iterator[Post]:
    with post_office() as told:
        yield told


@pytest.fixture
def as_(people: dict[str, Any]) -> Callable[[str], Client]:
    """The browser of somebody of a role."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role])
        return client

    return sign_in


@pytest.fixture
def ask(as_: Callable[[str], Client]) -> Callable[..., Any]:
    """The answer of the API to somebody's question, or to what they send."""

    def send(role: str, path: str, data: Any = None, method: str = "") -> Any:
        call = getattr(as_(role), method or ("get" if data is None else "post"))
        return call(f"/api/v1{path}", data, content_type="application/json")

    return send
