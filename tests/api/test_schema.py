"""The API against its own description: schemathesis sends what the OpenAPI document allows and forbids.

A real `ronda web` on a fresh folder with a small list, over HTTP, with a bearer token.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.servers import migrated

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
SECONDS = int(os.environ.get("RONDA_TEST_SCHEMA_S", "60"))
# Valid by the schema and still refused, as it should be: an unknown id, a taken name, a lower role;
# and many wrong tokens get 429 (that every operation answers 401 is in tests/accounts/test_doors.py).
LEFT_OUT = "positive_data_acceptance,ignored_auth"
# It would revoke the very token that the run signs in with.
OWN_TOKEN = "/api/v1/tokens/{pk}"
ONTS = [
    {"id": n, "id_ccbs": f"XM{n:06}", "name": f"Dusun RW {n}", "lokasi": "Pos Ronda",
     "latitude": -7.7 - n / 1000, "longitude": 110.3, "ip": f"192.0.2.{n}"}
    for n in range(1, 6)
]  # fmt: skip

#: One process for all: each start of the product costs seconds.
MAKE_TOKENS = """
from ronda.app import boot
boot.django()
from ronda.accounts.service import people, tokens
from ronda.kernel.roles import INCLUDES
for role in INCLUDES:
    if role != "owner":
        print(f"{role}:{tokens.make(people.add(f'a-{role}', role), 'schema', role)[1]}")
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("schema")
    migrated.put_sqlite(folder)
    return migrated.environment(folder, RONDA_BIND=f"127.0.0.1:{port}")


def ronda(environment: dict[str, str], *arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "ronda", *arguments],
        env=environment,
        cwd=environment["RONDA_DATA"],
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()


@pytest.fixture(scope="module")
def token(environment: dict[str, str]) -> str:
    file = Path(environment["RONDA_DATA"]) / "list.json"
    file.write_text(json.dumps(ONTS), encoding="utf-8")
    ronda(environment, "user", "add", "sari", "--role", "owner")
    ronda(environment, "import", str(file), "--site", "Sleman")
    return ronda(environment, "user", "token", "sari")


@pytest.fixture(scope="module")
def tokens(environment: dict[str, str], token: str) -> str:
    """`role:token` of everybody, the owner's first."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TOKENS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return f"owner:{token} {made.stdout.strip()}"


@pytest.fixture(scope="module")
def server(environment: dict[str, str], token: str) -> Iterator[str]:
    address = f"http://{environment['RONDA_BIND']}"
    log = Path(environment["RONDA_DATA"]) / "web.log"
    with log.open("wb") as output:
        # Our end of the pipe closes with this process, and the server ends with it.
        process = subprocess.Popen(
            [sys.executable, "-m", "ronda", "web", "--with-parent"],
            env=environment,
            cwd=environment["RONDA_DATA"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, environment["RONDA_BIND"], log)
            yield address
        finally:
            process.terminate()
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:  # a request that hangs is not what this is about
                process.kill()
                process.communicate()


def _wait(process: "subprocess.Popen[bytes]", bind: str, log: Path) -> None:
    host, _, port = bind.rpartition(":")
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(log.read_text(encoding="utf-8"))
        try:
            with socket.create_connection((host, int(port)), timeout=5):
                return
        except OSError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail("the server did not listen within 120 s")


def test_the_api_keeps_what_its_document_promises_to_every_role(
    server: str, environment: dict[str, str], token: str, tokens: str, tmp_path: Path
) -> None:
    # Describing itself takes the server a while the first time; schemathesis waits ten seconds for it.
    with urlopen(
        Request(f"{server}/api/v1/openapi.json", headers={"X-API-Key": token}), timeout=120
    ) as answer:
        document = tmp_path / "openapi.json"
        document.write_bytes(answer.read())
    # Reading the document counts as time too: a busy machine gets more, until everybody had a turn.
    for seconds in (SECONDS, 4 * SECONDS, 16 * SECONDS):
        answer = schemathesis(document, server, tokens, seconds)
        assert answer.returncode == 0, answer.stdout[-20_000:]
        assert " 0 tested" not in answer.stdout
        if not (silent := without_a_turn(environment)):
            break
    assert silent == []


def schemathesis(
    document: Path, server: str, tokens: str, seconds: int
) -> "subprocess.CompletedProcess[str]":
    """Its run against the server, as everybody of `tokens` in turn."""
    program = Path(sys.executable).parent / "st"
    return subprocess.run(
        [
            str(program), "run", str(document), "--url", server,
            "--checks", "all", "--exclude-checks", LEFT_OUT,
            "--exclude-path", OWN_TOKEN,
            "--phases", "examples,coverage,fuzzing",
            "--max-examples", "10", "--max-time", str(seconds), "--seed", "1",
            "--request-timeout", "60", "--continue-on-failure", "--warnings", "off",
        ],
        cwd=document.parent, capture_output=True, text=True, check=False,
        env=os.environ | {
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            "SCHEMATHESIS_HOOKS": "tests.api.roles_in_turn", "RONDA_TEST_TOKENS": tokens,
        },
    )  # fmt: skip


def without_a_turn(environment: dict[str, str]) -> list[str]:
    """The roles whose tokens nobody has used."""
    (file,) = Path(environment["RONDA_DATA"]).glob("*.sqlite3")
    with closing(sqlite3.connect(file)) as database:
        unused = "SELECT role FROM accounts_apitoken WHERE used_at IS NULL AND name = 'schema'"
        return [role for (role,) in database.execute(unused)]


def test_every_operation_declares_what_may_go_wrong(server: str, token: str) -> None:
    request = Request(f"{server}/api/v1/openapi.json", headers={"X-API-Key": token})
    with urlopen(request, timeout=120) as answer:
        document = json.load(answer)
    wanted = {"401", "403", "404", "409", "422", "429"}
    missing = {
        f"{method.upper()} {path}": sorted(wanted - set(operation["responses"]))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if wanted - set(operation["responses"])
    }
    assert missing == {}
    assert len(document["paths"]) > 15
