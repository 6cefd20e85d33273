"""Each channel against a server that speaks real HTTP or SMTP: what it sends, and what each answer means."""

import contextlib
import hashlib
import hmac
import ipaddress
import logging
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ronda.alerts.channels import KINDS, calling, ntfy
from ronda.alerts.channels.port import ChannelError, Message, Settings
from tests.alerts.outside import Outside, Post

MESSAGE = Message("+62812345678", "Voucher", "Kode: abcd\nMasuk", "order:1:phone:1")


def settings(kind: str, *, local: bool = True, **values: str) -> Settings:
    usual = {one.name: one.default for one in KINDS[kind].settings}
    return Settings({**usual, **values}, local)


def send(kind: str, message: Message = MESSAGE, **values: Any) -> str:
    return KINDS[kind].send(settings(kind, **values), message)


def refused(kind: str, **values: Any) -> ChannelError:
    with pytest.raises(ChannelError) as found:
        send(kind, **values)
    return found.value


def meaning(error: ChannelError) -> tuple[bool, bool, bool, timedelta | None]:
    return error.permanent, error.whole, error.in_doubt, error.after


HTTP = {
    "gateway": {"token": "geheim"},
    "cloud": {"token": "geheim", "number_id": "99"},
    "telegram": {"token": "geheim"},
    "ntfy": {"token": "geheim"},
    "webhook": {"secret": "geheim"},
}


def test_a_gateway_gets_number_and_text_in_the_fields_that_were_set(server: Outside) -> None:
    server.say(200, {"status": True, "id": ["77"]})
    assert send("gateway", url=server.url + "/send", token="geheim") == "77"

    assert server.asked[0].path == "/send"
    assert server.asked[0].headers["authorization"] == "geheim"
    assert server.asked[0].form == {"target": "62812345678", "message": "Kode: abcd\nMasuk"}

    other = {"number_field": "phone", "text_field": "text", "travels": "field", "token_name": "key"}
    send("gateway", url=server.url, token="geheim", style="json", **other)
    assert server.asked[1].json == {
        "phone": "62812345678",
        "text": "Kode: abcd\nMasuk",
        "key": "geheim",
    }
    assert "authorization" not in server.asked[1].headers


def test_a_gateways_no_inside_a_200_is_a_no(server: Outside) -> None:
    server.say(200, {"status": False, "reason": "target invalid"})
    error = refused("gateway", url=server.url, token="geheim")

    assert meaning(error) == (True, False, False, None)
    assert "target invalid" in error.text


def test_the_cloud_api_gets_a_text_or_the_agreed_template(server: Outside) -> None:
    server.say(200, {"messages": [{"id": "wamid.1"}]})
    assert send("cloud", url=server.url, number_id="99", token="geheim") == "wamid.1"
    send("cloud", url=server.url, number_id="99", token="geheim", template="kode")

    first, second = server.asked
    assert first.path == "/99/messages"
    assert first.headers["authorization"] == "Bearer geheim"
    assert first.json["text"] == {"body": "Kode: abcd\nMasuk", "preview_url": False}
    assert second.json["template"]["language"] == {"code": "id"}
    assert second.json["template"]["components"][0]["parameters"] == [
        {"type": "text", "text": "Kode: abcd · Masuk"}
    ]


@pytest.mark.parametrize(
    ("status", "code", "means"),
    [
        (400, 131056, (False, False, False, timedelta(seconds=30))),
        (400, 130429, (False, True, False, timedelta(seconds=30))),
        (400, 131026, (True, False, False, None)),
        (401, 190, (True, True, False, None)),
    ],
)
def test_what_the_cloud_api_says_by_its_codes(
    server: Outside, status: int, code: int, means: Any
) -> None:
    server.say(status, {"error": {"code": code, "message": "why"}})

    assert meaning(refused("cloud", url=server.url, number_id="9", token="geheim")) == means


def telegram(server: Outside, message: Message = MESSAGE) -> str:
    return send("telegram", message, url=server.url, token="geheim")


def telegram_refuses(server: Outside, status: int, body: Any) -> ChannelError:
    server.answers[:] = []
    server.say(status, body)
    return refused("telegram", url=server.url, token="geheim")


def test_telegram_gets_the_chat_and_plain_text(server: Outside) -> None:
    server.say(200, {"ok": True, "result": {"message_id": 5}})

    assert telegram(server) == "5"
    assert server.asked[0].path == "/botgeheim/sendMessage"
    assert server.asked[0].json == {
        "chat_id": MESSAGE.to,
        "text": MESSAGE.text,
        "link_preview_options": {"is_disabled": True},
    }


def test_what_telegram_says(server: Outside) -> None:
    def meant(status: int, **body: Any) -> tuple[Any, ...]:
        error = telegram_refuses(server, status, body)
        return *meaning(error), error.gone, error.moved_to

    wait = timedelta(seconds=17)
    assert meant(429, parameters={"retry_after": 17}) == (False, False, False, wait, False, "")
    day = timedelta(days=1)
    assert meant(429, parameters={"retry_after": 10**20})[3] == day
    pause = timedelta(seconds=5)
    assert meant(429, parameters="x") == (False, False, False, pause, False, "")
    for status, told in (
        (403, "Forbidden: bot was kicked from the group chat"),
        (403, "Forbidden: bot was blocked by the user"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
    ):
        assert meant(status, description=told) == (True, False, False, None, True, "")
    moved = {"description": "group chat was upgraded", "parameters": {"migrate_to_chat_id": -1009}}
    assert meant(400, **moved) == (False, False, False, None, False, "-1009")
    assert meant(404, description="Not Found") == (True, True, False, None, False, "")
    # A portal that says 200 to everything has sent nothing.
    assert meant(200, hello="portal") == (False, False, True, None, False, "")


def test_telegram_answers_or_changes_the_first_message_of_a_thread(server: Outside) -> None:
    server.say(200, {"ok": True, "result": {"message_id": 6}})
    assert telegram(server, replace(MESSAGE, first="5", thread="incident:1")) == "6"
    assert telegram(server, replace(MESSAGE, first="5", edits=True)) == "5"

    answered, edited = server.asked
    assert answered.json["reply_parameters"] == {
        "message_id": 5,
        "allow_sending_without_reply": True,
    }
    assert edited.path == "/botgeheim/editMessageText"
    assert (edited.json["message_id"], edited.json["text"]) == (5, MESSAGE.text)


def test_a_telegram_message_that_cannot_be_changed_is_left_as_it_is(server: Outside) -> None:
    server.say(400, {"description": "Bad Request: message to edit not found"})
    with pytest.raises(ChannelError) as refused:
        telegram(server, replace(MESSAGE, first="5", edits=True))
    assert (refused.value.permanent, refused.value.gone) == (True, False)
    assert len(server.asked) == 1

    server.answers[:] = []
    server.say(400, {"description": "Bad Request: message is not modified: specified new …"})
    assert telegram(server, replace(MESSAGE, first="5", edits=True)) == "5"

    server.answers[:] = []
    server.say(403, {"description": "Forbidden: bot was blocked by the user"})
    with pytest.raises(ChannelError) as found:
        telegram(server, replace(MESSAGE, first="5", edits=True))
    assert found.value.gone


def test_ntfy_gets_topic_priority_tag_and_address(server: Outside) -> None:
    server.say(200, {"id": "abc"})
    alert = replace(MESSAGE, to="ronda-joko", severity="danger", link="https://ronda.example/x")
    assert send("ntfy", alert, url=server.url, token="geheim") == "abc"
    assert (
        send("ntfy", replace(alert, first="abc", edits=True, severity=""), url=server.url) == "abc"
    )

    first, second = server.asked
    assert first.headers["authorization"] == "Bearer geheim"
    assert first.json == {
        "topic": "ronda-joko",
        "title": "Voucher",
        "message": "Kode: abcd\nMasuk",
        "priority": 4,
        "tags": ["rotating_light"],
        "click": "https://ronda.example/x",
    }
    assert "authorization" not in second.headers
    assert (second.json["sequence_id"], second.json["priority"]) == ("abc", 2)


@pytest.mark.parametrize(
    ("status", "body", "means", "gone"),
    [
        (403, {"error": "forbidden"}, (True, False, False, None), True),
        (404, {}, (True, True, False, None), False),
        (429, {"error": "limit"}, (False, True, False, timedelta(seconds=30)), False),
        (200, {"hello": "portal"}, (False, False, True, None), False),
    ],
)
def test_what_ntfy_says(server: Outside, status: int, body: Any, means: Any, gone: bool) -> None:
    server.say(status, body)
    error = refused("ntfy", url=server.url)
    assert (meaning(error), error.gone) == (means, gone)


def test_a_long_text_for_ntfy_is_cut_between_letters() -> None:
    assert ntfy.fitting("pendek", 4096) == "pendek"
    cut = ntfy.fitting("é" * 100, 20)
    assert cut == "é" * 8 + "…"
    assert len(cut.encode()) <= 20


@pytest.mark.parametrize(
    ("reason", "means", "gone"),
    [
        ("token invalid", (True, True, False, None), False),
        ("disconnected device", (False, True, False, timedelta(minutes=1)), False),
        ("target invalid", (True, False, False, None), True),
        ("quota exceeded", (True, False, False, None), False),
    ],
)
def test_what_a_gateway_says_inside_a_200(
    server: Outside, reason: str, means: Any, gone: bool
) -> None:
    server.say(200, {"status": False, "reason": reason})
    error = refused("gateway", url=server.url, token="geheim")
    assert (meaning(error), error.gone) == (means, gone)


def test_a_number_that_whatsapp_does_not_reach_is_gone(server: Outside) -> None:
    server.say(400, {"error": {"code": 131026, "message": "undeliverable"}})
    server.say(200, {"hello": "portal"})
    values = {"url": server.url, "number_id": "9", "token": "geheim"}
    assert refused("cloud", **values).gone
    assert meaning(refused("cloud", **values)) == (False, False, True, None)


def test_a_webhook_is_signed_and_carries_its_key(server: Outside) -> None:
    server.say(204)
    send("webhook", url=server.url, secret="geheim")

    asked = server.asked[0]
    stamp, digest = (
        part.partition("=")[2] for part in asked.headers["x-ronda-signature"].split(",")
    )
    wanted = hmac.new(b"geheim", f"{stamp}.".encode() + asked.body, hashlib.sha256).hexdigest()
    assert digest == wanted
    assert asked.headers["idempotency-key"] == MESSAGE.key
    assert asked.json["text"] == MESSAGE.text


@pytest.mark.parametrize("kind", HTTP)
@pytest.mark.parametrize(
    ("status", "means"),
    [
        (401, (True, True, False, None)),
        (400, (True, False, False, None)),
        (429, (False, True, False, timedelta(seconds=9))),
        (503, (False, True, False, timedelta(seconds=9))),
        (500, (False, False, True, timedelta(seconds=9))),
        (302, (True, False, False, timedelta(seconds=9))),
    ],
)
def test_what_every_status_means(server: Outside, kind: str, status: int, means: Any) -> None:
    headers = {"Retry_After": "9"} if means[3] else {}
    server.say(status, {}, Location="http://127.0.0.1:1/", **headers)

    error = refused(kind, url=server.url, **HTTP[kind])
    if (kind, status) == ("telegram", 429):
        means = (False, False, False, timedelta(seconds=9))  # a chat's own limit
    assert meaning(error) == means
    assert not error.gone
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", HTTP)
def test_a_line_that_breaks_after_the_message_was_taken_leaves_doubt(
    server: Outside, kind: str
) -> None:
    server.break_off()

    assert meaning(refused(kind, url=server.url, **HTTP[kind])) == (False, False, True, None)


def test_a_server_that_never_answers_is_not_waited_for(
    server: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_S", 0.05)
    server.slow = True
    server.say(200)

    assert refused("gateway", url=server.url, token="geheim").in_doubt


def test_nobody_there_is_certain(server: Outside) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refused("gateway", url=f"http://127.0.0.1:{free.getsockname()[1]}", token="geheim")
    assert meaning(error) == (False, False, False, None)


@pytest.mark.parametrize("kind", HTTP)
def test_this_machine_is_called_only_where_an_owner_allowed_it(server: Outside, kind: str) -> None:
    server.say(200)
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        error = refused(kind, url=url, local=False, **HTTP[kind])
        assert meaning(error) == (True, True, False, None)
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "fd00:ec2::254", "240.0.0.1"],
)
def test_metadata_and_nonsense_are_never_called(address: str) -> None:
    found = ipaddress.ip_address(address)

    assert not calling.is_allowed(found, local=True)
    assert not calling.is_allowed(found, local=False)


@pytest.mark.parametrize("address", ["::ffff:127.0.0.1", "::1", "127.9.9.9"])
def test_loopback_is_known_in_every_spelling(address: str) -> None:
    assert not calling.is_allowed(ipaddress.ip_address(address), local=False)
    assert calling.is_allowed(ipaddress.ip_address(address), local=True)


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.5",
        "10.0.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "fd12::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_networks_that_are_not_everybodys_are_called_only_where_an_owner_allowed_it(
    address: str,
) -> None:
    assert not calling.is_allowed(ipaddress.ip_address(address), local=False)
    assert calling.is_allowed(ipaddress.ip_address(address), local=True)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_world_is_called(address: str) -> None:
    assert calling.is_allowed(ipaddress.ip_address(address), local=False)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "[::ffff:7f00:1]",
    ],
)
def test_no_spelling_of_this_machine_gets_through(server: Outside, host: str) -> None:
    server.say(200)
    url = f"http://{host}:{server.port}/"
    error = refused("webhook", url=url, secret="geheim", local=False)

    assert (error.permanent, server.asked) == (True, [])


def test_a_name_that_changes_its_mind_reaches_only_what_was_checked(
    server: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1"])

    def look_up(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        found = next(answers) if host == "rebind.example" else host
        return [(2, 1, 6, "", (found, int(port)))]

    monkeypatch.setattr(calling.socket, "getaddrinfo", look_up)
    server.say(200)
    send("webhook", url=f"http://rebind.example:{server.port}/", secret="geheim")

    assert len(server.asked) == 1
    assert server.asked[0].headers["host"] == f"rebind.example:{server.port}"


def test_a_name_with_one_bad_address_among_good_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [(2, 1, 6, "", (found, 443)) for found in ("8.8.8.8", "169.254.169.254")]
    monkeypatch.setattr(calling.socket, "getaddrinfo", lambda *_, **__: rows)
    assert refused("webhook", url="https://mixed.example/", secret="x", local=False).whole


@pytest.mark.parametrize("url", ["ftp://a/", "http://", "http://user:x@127.0.0.1/", "nonsense"])
def test_what_is_no_address_is_refused(url: str) -> None:
    assert refused("gateway", url=url, token="geheim").permanent


def test_a_date_says_when_to_come_back() -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    read = calling.read_retry_after
    assert read("Sat, 21 Nov 2026 12:01:00 GMT", now) == timedelta(minutes=1)
    assert read("Sat, 21 Nov 2020 12:01:00 GMT", now) == timedelta()
    assert read("120", now) == timedelta(minutes=2)
    assert read("soon", now) is None
    assert read("²", now) is None
    assert read("9" * 5000, now) == read("Sat, 21 Nov 2099 12:00:00 GMT", now) == timedelta(days=1)
    assert read("", now) is None


def test_who_answers_a_byte_now_and_then_does_not_hold_us_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "WHOLE_S", 0.2)
    stop = threading.Event()

    def drip(door: socket.socket) -> None:
        with door.accept()[0] as line, contextlib.suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
            while not stop.wait(0.02):
                line.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as door:
        other = threading.Thread(target=drip, args=(door,))
        other.start()
        try:
            error = refused("ntfy", url=f"http://127.0.0.1:{door.getsockname()[1]}")
        finally:
            stop.set()
            other.join()
    assert meaning(error) == (False, False, True, None)


def test_no_token_reaches_a_log(server: Outside, caplog: pytest.LogCaptureFixture) -> None:
    server.say(200, {"ok": True, "result": {"message_id": 5}})
    with caplog.at_level(logging.INFO):
        send("telegram", url=server.url, token="canary-token")
        for kind, values in HTTP.items():
            found = settings(kind, url=server.url, **values)
            assert "geheim" not in repr(found)

    assert "canary-token" not in caplog.text


def mail(office: Post, **values: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": str(office.port),
        "security": "none",
        "sender": "Warung <shop@example.net>",
        **values,
    }


BUYER = Message("buyer@example.net", "Voucher\nBcc: x@y", "Kode: abcd", "order:1:email:1")


def test_a_mail_is_sent_with_the_same_id_at_every_try(office: Post) -> None:
    values = mail(office, user="shop", password="geheim")
    assert send("mail", BUYER, **values) == send("mail", BUYER, **values)

    text = office.mails[0]
    assert "Subject: Voucher Bcc: x@y" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "To: buyer@example.net" in text
    assert "Kode: abcd" in text
    ids = {
        line for one in office.mails for line in one.splitlines() if line.startswith("Message-ID")
    }
    assert len(ids) == 1


def test_a_mail_of_a_thread_answers_the_first(office: Post) -> None:
    first = send("mail", BUYER, **mail(office))
    later = replace(BUYER, key="2", subject="Back", first=first, first_subject="Down")
    send("mail", later, **mail(office))

    text = office.mails[1]
    for line in (f"In-Reply-To: {first}", f"References: {first}", "Subject: Re: Down"):
        assert line in text


def test_a_mailbox_that_is_not_there_is_gone_and_a_policy_is_not(office: Post) -> None:
    def gone(told: str) -> bool:
        office.refuse["RCPT"] = told
        with pytest.raises(ChannelError) as found:
            send("mail", BUYER, **mail(office))
        return found.value.gone

    assert gone("550 5.1.1 no such user")
    assert not gone("550 5.7.1 relaying denied")
    assert not gone("450 later")


def test_a_mail_server_that_changes_its_name_is_called_where_it_was_checked(
    office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1"])

    def look_up(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        found = next(answers) if host == "mail.example" else host
        return [(2, 1, 6, "", (found, int(port)))]

    monkeypatch.setattr(calling.socket, "getaddrinfo", look_up)
    send("mail", BUYER, **mail(office, host="mail.example"))
    assert len(office.mails) == 1


@pytest.mark.parametrize(
    ("verb", "words", "means"),
    [
        ("AUTH", "535 no", (True, True, False, None)),
        ("RCPT", "550 no such user", (True, False, False, None)),
        ("RCPT", "450 later", (False, False, False, None)),
        ("MAIL", "451 later", (False, False, False, None)),
        ("DATA", "", (False, False, True, None)),
        ("EHLO", "", (False, False, False, None)),
    ],
)
def test_what_the_mail_server_says(office: Post, verb: str, words: str, means: Any) -> None:
    office.refuse[verb] = words
    with pytest.raises(ChannelError) as found:
        send("mail", BUYER, **mail(office, user="shop", password="geheim"))

    assert meaning(found.value) == means


def test_a_mail_server_without_encryption_is_not_trusted_with_a_password(office: Post) -> None:
    with pytest.raises(ChannelError) as found:
        send("mail", BUYER, **mail(office, security="starttls"))

    assert found.value.whole
    assert office.mails == []
