"""The whole suite's ground: a data folder of its own, the chosen database, three people.

`RONDA_TEST_DATABASE=postgres` runs the suite on a PostgreSQL that is started here; the default is
SQLite. A missing server skips with the install command, and fails where CI=true.
"""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import HealthCheck, settings

# pytest-django reads the settings once this file is loaded, so the environment is made here.
for _name in [name for name in os.environ if name.startswith("RONDA_") and "_TEST_" not in name]:
    del os.environ[_name]
_FOLDER = tempfile.TemporaryDirectory(prefix="ronda-tests-", ignore_cleanup_errors=True)
os.environ["RONDA_DATA"] = _FOLDER.name
# Tests read texts as they stand in the code; the journeys see them in Bahasa Indonesia.
os.environ["RONDA_LANGUAGE"] = "en"
# Simulated routers and fake gateways are on this machine.
os.environ["RONDA_LOCAL_TARGETS"] = "true"
os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
_SERVERS: list[Any] = []


def _start_postgres() -> None:
    """One server for the run: its workers get the address from the process that started it."""
    if url := os.environ.get("RONDA_TEST_POSTGRES"):
        os.environ["RONDA_DATABASE_URL"] = url
        return
    from tests.servers import migrated
    from tests.servers.postgres import MissingServer

    try:
        server = migrated.postgres()
    except MissingServer as missing:
        pytest.exit(str(missing), returncode=1 if os.environ.get("CI") == "true" else 0)
    _SERVERS.append(server)
    os.environ["RONDA_DATABASE_URL"] = os.environ["RONDA_TEST_POSTGRES"] = server.url


if os.environ.get("RONDA_TEST_DATABASE") == "postgres":
    _start_postgres()

django.setup()

# A busy machine makes no example wrong.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# The collected tests and the product's modules stay to the end: walking them again and again for what may
# be freed took a tenth of a run.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """What lives now is never looked through again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Stop what was started."""
    while _SERVERS:
        _SERVERS.pop().stop()
        del os.environ["RONDA_TEST_POSTGRES"]
    _FOLDER.cleanup()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A database of this process's own: a copy of one that was migrated before (tests/servers/migrated.py)."""
    from django.db import connection

    from tests.servers import migrated

    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    with django_db_blocker.unblock():
        former = connection.settings_dict["NAME"]
        name = f"test_{worker}"
        if connection.vendor == "postgresql":
            # Django's own connection holds the database that is copied, and so would block the copy.
            connection.close()
            _copy_database(os.environ["RONDA_DATABASE_URL"], former, name)
            migrated.share_static(Path(_FOLDER.name))
        else:
            migrated.put_sqlite(Path(_FOLDER.name), f"{name}.sqlite3")
            name = str(Path(_FOLDER.name, f"{name}.sqlite3"))
        connection.close()
        connection.settings_dict["NAME"] = name
        _let_tests_empty_the_trail(connection)
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = former


def _let_tests_empty_the_trail(connection: Any) -> None:
    """Tests with real transactions empty every table afterwards, which the trail's guard would refuse."""
    from ronda.accounts import guard

    empty = connection.ops.execute_sql_flush

    def unguarded(statements: Any) -> None:
        guard.remove(connection)
        empty(statements)
        guard.put(connection)

    connection.ops.execute_sql_flush = unguarded


def _copy_database(url: str, source: str, name: str) -> None:
    import psycopg

    with psycopg.connect(f"{url.rsplit('/', 1)[0]}/template1", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    """Tests with transactions of their own leave every table empty, and no more than that.

    Django would write its list of permissions again, which nobody here asks for (a quarter of a second for
    each such test), and on PostgreSQL make every table anew.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    def delete_all(_operations: Any, _style: Any, tables: list[str], **_options: Any) -> list[str]:
        without_keys = "SET LOCAL session_replication_role = replica"
        return [without_keys, *(f'DELETE FROM "{table}"' for table in tables)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_positional, **_named: None)
        patch.setattr(DatabaseOperations, "sql_flush", delete_all)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Argon2 stays, but cheap: the tests hash hundreds of passwords."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "time_cost", 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 64)
        patch.setattr(Argon2PasswordHasher, "parallelism", 1)
        yield


@pytest.fixture(autouse=True)
def untuned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test begins with no setting changed, and nobody asks again until one is: steady queries."""
    from ronda.work import tuning

    remembered = tuning.Remembered()
    remembered.until = float("inf")
    monkeypatch.setattr(tuning, "FRESH_S", float("inf"))
    monkeypatch.setattr(tuning, "remembered", remembered)


@pytest.fixture(autouse=True)
def refusals_off_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a refusal is written depends on those of the last quarter of an hour, so on other tests."""
    from ronda.accounts.service import refusals

    monkeypatch.setattr(refusals, "MOST", 0)


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Every test client starts a server of its own; the package's files are the same for all."""
    from ronda.web.static_files import CompressedStaticFiles

    find = CompressedStaticFiles.add_files_from_finders
    found: dict[str, Any] = {}

    def once(server: CompressedStaticFiles) -> None:
        if not found:
            find(server)
            found.update(server.files)
        server.files = dict(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompressedStaticFiles, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def every_change_on_record() -> Iterator[None]:
    """Whatever a request of a test changes is in the audit trail, or excused in tests/recorded.py."""
    from tests import recorded

    with recorded.every_request_watched(recorded.refuse):
        yield


@pytest.fixture(scope="session")
def redis_url() -> Any:
    """Address of a real Redis of this run."""
    from tests.servers.postgres import MissingServer
    from tests.servers.redis import Redis

    try:
        server = Redis()
    except MissingServer as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield server.url
    server.stop()


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """One person of each role: owner Sari, admin Budi, noc Wayan, viewer Tini, technician Joko, cashier Dewi,
    reseller Umar."""
    from ronda.accounts.models import Person

    made = {}
    for name, role in (
        ("sari", "owner"),
        ("budi", "admin"),
        ("wayan", "noc"),
        ("tini", "viewer"),
        ("joko", "technician"),
        ("dewi", "cashier"),
        ("umar", "reseller"),
    ):
        made[role] = Person.objects.create(username=name, email=f"{name}@example.net", role=role)
    return made


@pytest.fixture
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder for one test, where backups and uploads go."""
    settings.RONDA = settings.RONDA.model_copy(update={"data": tmp_path})
    return tmp_path
