"""Colours and language are chosen without signing in, and never lead away from this server."""

import pytest
from django.test import Client


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_a_theme_is_remembered(visitor: Client) -> None:
    response = visitor.post("/display/theme", {"theme": "dark", "next": "/map/"})
    assert (response.status_code, response["Location"]) == (302, "/map/")
    assert response.cookies["theme"].value == "dark"


def test_an_unknown_theme_or_language_changes_nothing(visitor: Client) -> None:
    assert not visitor.post("/display/theme", {"theme": '"><script>'}).cookies
    assert not visitor.post("/display/language", {"language": "xx"}).cookies


def test_a_language_is_remembered(visitor: Client) -> None:
    response = visitor.post("/display/language", {"language": "en"})
    assert response.cookies["django_language"].value == "en"


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_server(visitor: Client, target: str) -> None:
    response = visitor.post("/display/theme", {"theme": "dark", "next": target})
    assert response["Location"] == "/"


def test_looking_changes_nothing(visitor: Client) -> None:
    assert visitor.get("/display/theme").status_code == 405
