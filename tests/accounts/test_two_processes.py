"""Sessions belong to the installation, not to a process: several web processes, and a restart."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from tests.servers import migrated
from tests.servers.postgres import MissingServer

pytestmark = [pytest.mark.slow]

GOOD = "tujuh-gajah-lewat"
SERVE = """
import socketserver, sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from ronda.app.wsgi import application
from ronda.accounts.service import tokens
from ronda.shop.service import receiving, status
# The doors' own bounds are tested where they are; here it is about who counts.
status.MOST_OF_ONE = receiving.MOST_WRONG = tokens.WRONG_PER_MINUTE = 4
class Threads(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
WSGIRequestHandler.address_string = lambda self: self.client_address[0]
server = make_server("127.0.0.1", int(sys.argv[1]), application, Threads)
print("ready", flush=True)
server.serve_forever()
"""


GATEWAY = """
from ronda.app import boot
boot.django()
from ronda.shop.models import PaymentMethod
from ronda.storage.sealing import keyring
secret = keyring().seal('{"server_key": "k"}')
shown = {"merchant_id": "G1", "client_key": "C1"}
print(PaymentMethod.objects.create(kind="midtrans", name="Midtrans", secret=secret, shown=shown).pk)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    base = migrated.environment(tmp_path)
    if request.param == "sqlite":
        migrated.put_sqlite(tmp_path)
        yield base
        return
    try:
        server = migrated.postgres()
    except MissingServer as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield base | {"RONDA_DATABASE_URL": server.url}
    server.stop()


@contextmanager
def web(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def user(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "ronda", "user", *arguments],
        env=environment,
        input=GOOD + "\n",
        text=True,
        check=True,
        capture_output=True,
    )


def status(
    browser: OpenerDirector, address: str | Request, data: dict[str, str] | None = None
) -> tuple[int, str]:
    try:
        with browser.open(address, urlencode(data).encode() if data else None) as answer:
            return answer.status, answer.url + "\n" + answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def sign_in(browser: OpenerDirector, address: str, password: str) -> str:
    _status, page = status(browser, f"{address}/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"login": "sari", "password": password, "csrfmiddlewaretoken": token[1]}
    return status(browser, f"{address}/accounts/login/", form | {"next": "/profile/"})[1]


def test_a_session_holds_in_every_process_and_after_a_restart(environment: dict[str, str]) -> None:
    user(environment, "add", "sari", "--role", "owner", "--password-file", "-")
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with web(environment) as first, web(environment) as second:
        assert sign_in(browser, first, GOOD).startswith(f"{first}/profile/")
        # A cookie is sent to every port of a host, so the second process gets it too.
        assert status(browser, f"{second}/profile/")[1].startswith(f"{second}/profile/")
    with web(environment) as again:
        assert status(browser, f"{again}/profile/")[1].startswith(f"{again}/profile/")
        # Another process ends the session, and this one knows at once.
        user(environment, "password", "sari", "--keep", "--password-file", "-")
        assert "/accounts/login/" in status(browser, f"{again}/profile/")[1].splitlines()[0]


def gateway(environment: dict[str, str]) -> int:
    """The number of a gateway whose calls are signed."""
    command = [sys.executable, "-c", GATEWAY]
    made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return int(made.stdout)


def voucher_check(address: str) -> int:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    _status, page = status(browser, f"{address}/voucher/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"code": "nobodys", "csrfmiddlewaretoken": token[1]}
    return status(browser, f"{address}/voucher/", form)[0]


def wrong_token(address: str) -> int:
    asked = Request(f"{address}/api/v1/me", headers={"Authorization": "Bearer rnd_wrong"})
    return status(build_opener(), asked)[0]


# On SQLite there is one web process, and it counts in its memory.
@pytest.mark.parametrize("environment", ["postgres"], indirect=True)
def test_several_processes_count_wrong_tries_together_at_every_door(
    environment: dict[str, str],
) -> None:
    user(environment, "add", "sari", "--role", "owner", "--password-file", "-")
    number = gateway(environment)

    def callback(address: str) -> int:
        told = {"order_id": "x", "status_code": "200", "gross_amount": "1.00"}
        body = json.dumps({**told, "transaction_status": "settlement", "signature_key": "no"})
        return status(build_opener(), Request(f"{address}/pay/{number}/callback", body.encode()))[0]

    with web(environment) as first, web(environment) as second:
        for turn in range(5):
            browser = build_opener(HTTPCookieProcessor(CookieJar()))
            sign_in(browser, (first, second)[turn % 2], "wrong-wrong-wrong")
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        assert sign_in(browser, second, GOOD).startswith(f"{second}/accounts/login/")
        for door in (voucher_check, callback, wrong_token):
            told = [door((first, second)[turn % 2]) for turn in range(6)]
            # Two of one process and two of the other, and then neither answers any more.
            assert [one == 429 for one in told] == [False] * 4 + [True] * 2, (door.__name__, told)
