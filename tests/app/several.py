"""Two machines of one installation, as real processes on one PostgreSQL and one Redis."""

import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen

from ronda.storage.sealing import new_key
from tests.servers import migrated
from tests.servers.postgres import Postgres, free_port
from tests.servers.redis import Redis

#: A machine three times slower than the slowest misses nothing.
PATIENCE_S = 120
PASSWORD = "tujuh-gajah-lewat"
FURNISH = """
import sys, json
from ronda.app import boot
boot.django()
from ronda.accounts.service import people, tokens
from ronda.devices.models import Ont, Site
from tests.shop.orders_made import make_method, make_package, make_router
for name in ("sari", "budi"):
    person = people.add(name, "owner", password=sys.argv[1])
token = tokens.make(person, "test", "owner")[1]
site = Site.objects.create(name="Sleman")
onts = [
    Ont.objects.create(
        site=site, customer_id=f"K{n}", name=f"Niron {n}", address=f"127.0.7.{n}", monitored=n < 9
    ).pk
    for n in range(1, 11)
]
make_router()
make_method()
print(json.dumps({"token": token, "onts": onts, "package": make_package().pk}))
"""


def until(question: Callable[[], Any], what: str) -> Any:
    """The first answer that is not empty."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


class Installation:
    """The servers, what is in the database, and the processes that were started."""

    def __init__(self, folder: Path, database: Postgres, redis: Redis) -> None:
        self.folder, self.database, self.redis = folder, database, redis
        self.shared = {
            "RONDA_DATABASE_URL": database.url,
            "RONDA_REDIS_URL": redis.url,
            "RONDA_SECRET_KEY": secrets.token_hex(32),
            "RONDA_SEAL_KEYS": new_key(),
            "RONDA_LANGUAGE": "en",
            "RONDA_INTERVAL_S": "5",
            "RONDA_CANARIES": "127.0.0.1",
            "RONDA_NOTICE_HOLD_S": "0",
            "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.facts: dict[str, Any] = self.told(FURNISH, PASSWORD)

    def told(self, script: str, *arguments: str) -> Any:
        """What a script of this installation says, as JSON."""
        environment = self.environment("first")
        environment["PYTHONPATH"] += f":{migrated.ROOT}"
        made = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return json.loads(made.stdout)

    def environment(self, machine: str, **more: str) -> dict[str, str]:
        return migrated.environment(self.folder / machine, **self.shared, **more)

    def start(self, part: str, machine: str, **more: str) -> "subprocess.Popen[bytes]":
        with Path(self.folder, f"{machine}-{part}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ronda", part],
                env=self.environment(machine, **more), stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def said(self, part: str, machine: str) -> str:
        return Path(self.folder, f"{machine}-{part}.log").read_text(encoding="utf-8")

    def web(self, machine: str) -> "Web":
        port = free_port()
        process = self.start("web", machine, RONDA_BIND=f"127.0.0.1:{port}")
        return Web(f"http://127.0.0.1:{port}", process, self.facts["token"])

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def killed(process: "subprocess.Popen[bytes]") -> None:
    """As if the machine had lost its power."""
    process.kill()
    process.wait()


class Web:
    """One web process, as browsers and programs meet it."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]", token: str) -> None:
        self.address, self.process, self.token = address, process, token

    def api(self, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """Status and document of a call with a token."""
        request = Request(
            f"{self.address}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token or self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def ready(self) -> bool:
        try:
            return self.api("/me")[0] == 200
        except OSError:
            return False

    def page(
        self, browser: OpenerDirector, path: str, form: dict[str, Any] | None = None
    ) -> tuple[str, str]:
        """Where the browser ended and what it read there."""
        if form is not None:
            before = self.page(browser, path)[1]
            secret = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', before)
            assert secret
            form = form | {"csrfmiddlewaretoken": secret[1]}
        data = None if form is None else urlencode(form).encode()
        try:
            with browser.open(self.address + path, data, timeout=PATIENCE_S) as answer:
                return answer.url.removeprefix(self.address), answer.read().decode()
        except HTTPError as error:
            with error:
                return str(error.code), error.read().decode()

    def sign_in(self, name: str, password: str) -> tuple[OpenerDirector, str]:
        """A new browser, and where it is after trying."""
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        form = {"login": name, "password": password, "next": "/profile/"}
        return browser, self.page(browser, "/accounts/login/", form)[0]

    def stream(self, since: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """What a page hears."""
        query = "" if since is None else f"?since={since}"
        request = Request(
            f"{self.address}/live/stream{query}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urlopen(request, timeout=PATIENCE_S) as answer:
            kind = ""
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)
