"""The operator's own words: in each language, with a preview, and never without what the message is about."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronda.accounts.models import AuditRow, Person
from ronda.alerts.channels import KINDS
from ronda.alerts.channels.port import Settings
from ronda.alerts.models import OwnNotice, Wording
from ronda.alerts.service import addresses, sending, wordings
from ronda.alerts.service.wordings import Told, WordingRefused
from ronda.app import wiring
from ronda.work.worker import Worker
from tests.alerts.outside import Outside, Post

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_words_are_shown_kept_used_and_taken_back_on_the_page(
    people: dict[str, Person], as_: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = as_("admin"), "/channels/words/alert/id/"
    assert "the usual ones" in client.get("/channels/words/").content.decode()
    values = {"subject": "[{network}] {title}", "text": "{text}\nHubungi 0812 <b>"}
    page = client.post(url, {**values, "look": "1"}).content.decode()
    assert "Hubungi 0812 &lt;b&gt;" in page
    assert not Wording.objects.exists()
    bad = client.post(url, {**values, "text": "{txt}", "save": "1"}).content.decode()
    assert "Line 1: there is no field “txt”." in bad
    assert client.post(url, {**values, "save": "1"}).status_code == 302
    assert "your own" in client.get("/channels/words/").content.decode()

    monkeypatch.setitem(sending._words, "alert", lambda about: ("Putus", "Dukuh 3"))
    joko = people["technician"]
    for language in ("id", "en"):
        Person.objects.filter(pk=joko.pk).update(language=language)
        (inside,) = addresses.of(joko)
        sending.post(inside.channel, inside.to, "alert", None, language)
        Worker(wiring.jobs_without_router()).step()
    told = [(row.subject, row.text) for row in OwnNotice.objects.order_by("id")]
    assert told == [("[Ronda] Putus", "Dukuh 3\nHubungi 0812 <b>"), ("Putus", "Dukuh 3")]

    client.post(url, {"reset": "1"})
    assert not Wording.objects.exists()
    assert [row.action for row in AuditRow.objects.filter(action__startswith="wording")] == [
        "wording.reset",
        "wording.edit",
    ]
    assert client.get("/channels/words/eat/id/").status_code == 404
    assert as_("noc").get(url).status_code == 403


@pytest.mark.parametrize("text", ["{title}", "{?link}{text}{/link}", "{text} {", "x" * 2000])
def test_no_wording_loses_what_a_message_is_about(text: str) -> None:
    with pytest.raises(WordingRefused):
        wordings.save("alert", "en", "{title}", text, None)


def test_a_wording_that_is_broken_since_is_left_aside() -> None:
    Wording.objects.create(
        what="alert", language="en", subject="{gone}", text="{text}", changed_at=NOON
    )
    assert wordings.worded("alert", "en", Told("a", "b")) == ("a", "b")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Jakarta", "12:00 WIB"),
        ("Asia/Makassar", "13:00 WITA"),
        ("Asia/Jayapura", "14:00 WIT"),
    ],
)
def test_times_name_their_zone(zone: str, shown: str) -> None:
    with timezone.override(zone):
        _, text = wordings.filled("{title}", "{text} {time}", Told("a", "b"), NOON)
    assert text.endswith(shown)


def test_a_text_is_cut_to_what_its_channel_takes() -> None:
    assert sending.shortened("a" * 10, 10) == "a" * 10
    assert sending.shortened("a" * 11, 10) == "a" * 9 + "…"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60))
def test_the_name_of_an_ont_is_never_markup(server: Outside, office: Post, name: str) -> None:
    from ronda.alerts.channels.port import Message

    shown = Told(f"Down: {name}", f"{name} is down.")
    subject, text = wordings.filled("{title}", "{text}", shown, NOON)
    server.answers[:], server.asked[:], office.mails[:] = [], [], []
    server.say(200, {"ok": True, "result": {"message_id": 1}, "id": "1"})
    chat = Message("1", subject, text, "k")
    KINDS["telegram"].send(Settings({"url": server.url, "token": "x"}, local=True), chat)
    KINDS["ntfy"].send(Settings({"url": server.url}, local=True), chat)
    values = {"host": "127.0.0.1", "port": str(office.port), "security": "none", "sender": "r@x.y"}
    mail = Message("a@b.example", subject, text, "k")
    KINDS["mail"].send(Settings(values, local=True), mail)

    telegram, ntfy = (asked.json for asked in server.asked)
    assert set(telegram) == {"chat_id", "text", "link_preview_options"}
    assert telegram["text"] == text
    assert "markdown" not in ntfy
    assert "\n" not in ntfy["title"]
    heads = office.mails[0].replace("\r\n", "\n").partition("\n\n")[0]
    fields = [line.partition(":")[0] for line in heads.split("\n") if line[:1] not in " \t"]
    assert sorted(fields) == sorted(set(fields))
    assert "Content-Type: text/plain" in heads
    assert "Bcc" not in fields
