"""What somebody is told for whom there is no room."""

import json
from typing import Any

import pytest

from ronda.app.busy import AGAIN_S, busy, line_of
from ronda.web.serving import Line


def asked(path: str, method: str = "GET", cookie: str = "") -> dict[str, Any]:
    return {"path": path, "method": method, "headers": [(b"cookie", cookie.encode())]}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/pay/3/callback", Line.CALLBACK),
        ("/pay/3/callback/", Line.PAGE),
        ("/pay/3/picture", Line.PAGE),
        ("/accounts/login/", Line.DOOR),
        ("/static/1/web/shell.css", Line.DOOR),
        ("/onts/", Line.PAGE),
        ("/buy/1/", Line.BUYER),
    ],
)
def test_money_and_sign_in_go_first(path: str, line: Line) -> None:
    assert line_of(asked(path)) == line


def test_a_page_says_so_in_both_languages_and_tries_again_by_itself() -> None:
    headers, body = busy(asked("/onts/"))
    told = dict(headers)

    assert (told[b"retry-after"], told[b"refresh"]) == (b"%d" % AGAIN_S, b"%d" % AGAIN_S)
    assert told[b"content-length"] == b"%d" % len(body)
    assert b"frame-ancestors 'none'" in told[b"content-security-policy"]
    assert b"Sedang ramai" in body
    assert b"Busy right now" in body
    assert len(body) < 4000


def test_what_was_sent_is_not_sent_again_by_itself() -> None:
    assert b"refresh" not in dict(busy(asked("/voucher/", "POST"))[0])


@pytest.mark.parametrize(("cookie", "word"), [("django_language=en", "ask at once"), ("", "")])
def test_a_program_is_told_in_the_shape_of_every_other_refusal(cookie: str, word: str) -> None:
    headers, body = busy(asked("/api/v1/onts", cookie=cookie))
    problem = json.loads(body)["error"]

    assert dict(headers)[b"content-type"] == b"application/json"
    assert problem["code"] == "busy"
    assert word in problem["message"]
