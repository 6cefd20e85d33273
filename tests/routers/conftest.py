"""What the tests of routers share: own keys, English texts, somebody signed in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def ground(db: None, data_folder: Any, settings: Any) -> Iterator[Any]:
    """A data folder with keys of its own, and texts as they stand in the code."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield data_folder


@pytest.fixture
def admin(ground: Any, people: dict[str, Any], client: Client) -> Client:
    """Budi, who may change routers."""
    client.force_login(people["admin"], backend=BACKEND)
    return client


@pytest.fixture
def noc(ground: Any, people: dict[str, Any]) -> Client:
    """Wayan, who may look at them."""
    client = Client()
    client.force_login(people["noc"], backend=BACKEND)
    return client
