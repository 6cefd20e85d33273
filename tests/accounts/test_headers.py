"""What every page says to the browser, and that no page carries code in its text."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import Person
from ronda.app.doors import doors

pytestmark = pytest.mark.django_db

WANTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class InlineCode(HTMLParser):
    """Collects what a strict policy would not run: handlers, styles, scripts in the page, foreign hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "style" or (
            tag == "script" and "src" not in values and values.get("type") != "application/json"
        ):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            foreign = name in {"src", "href", "action"} and (value or "").startswith(
                ("http:", "https:", "//")
            )
            loads = foreign and tag not in {"a", "area"}
            if (
                name == "style"
                or name.startswith("on")
                or (value or "").startswith("javascript:")
                or loads
            ):
                self.found.append(f"<{tag} {name}={value!r}>")


def policy(header: str) -> dict[str, set[str]]:
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {part[0]: set(part[1:]) for part in parts}


@pytest.mark.parametrize("role", ["owner", None])
def test_every_page_is_strict_and_free_of_inline_code(
    people: dict[str, Person], role: str | None
) -> None:
    client = Client(raise_request_exception=False)
    if role:
        client.force_login(people[role])
    wrong: list[Any] = []
    seen = 0
    for door in doors():
        # Operations answer with JSON or files (tests/api/test_schema.py), and the description of them takes seconds.
        if door.operations or (door.is_api_document and door.path.endswith(".json")):
            continue
        answer = client.get(door.path)
        # An owner may see every page: of all roles this walk is theirs (tests/accounts/test_doors.py has the others).
        if role and not (door.is_open or door.is_allauth):
            signed_out = "/accounts/login/" in answer.headers.get("Location", "")
            if answer.status_code == 403 or answer.status_code >= 500 or signed_out:
                wrong.append((door.path, answer.status_code))
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        seen += 1
        missing = {name for name, value in WANTED.items() if answer.headers.get(name) != value}
        rules = policy(answer.headers.get("Content-Security-Policy", ""))
        if missing:
            wrong.append((door.path, missing))
        if (
            rules.get("default-src") != {"'self'"}
            or rules.get("frame-ancestors") != {"'none'"}
            or any("unsafe" in source for sources in rules.values() for source in sources)
        ):
            wrong.append((door.path, rules))
        inline = InlineCode()
        inline.feed(answer.content.decode())
        if inline.found:
            wrong.append((door.path, inline.found))
    assert wrong == []
    assert seen > 10


def test_the_checker_sees_inline_code() -> None:
    checker = InlineCode()
    checker.feed(
        '<p style="x"><a onclick="y" href="https://ok.example">z</a><script>1</script><style></style>'
        '<img src="//cdn.example/a"><a href="javascript:x">'
    )
    assert len(checker.found) == 6


def test_hsts_is_sent_where_people_come_by_https(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    answer = client.get("/setup/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_pages_about_people_are_kept_in_no_cache(people: dict[str, Person]) -> None:
    client = Client()
    client.force_login(people["owner"])
    for page in ("/people/", "/tokens/", "/audit/", "/profile/"):
        assert "no-store" in client.get(page).headers["Cache-Control"]
