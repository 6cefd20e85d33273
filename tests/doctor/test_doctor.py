"""`ronda doctor`: every trouble it can see, each made here on purpose."""

import json
import os
import socket
import stat
import threading
from collections import namedtuple
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.utils import timezone
from pydantic import SecretStr

from ronda.accounts.service import people
from ronda.app.configuration import Configuration
from ronda.app.configuration import configuration as configuration_of_process
from ronda.cli import doctor as command
from ronda.cli.doctor import installation, machine
from ronda.cli.doctor.findings import Finding, State, fail, ok, warn
from ronda.monitoring.models import Poller
from ronda.probing.methods import Choice
from ronda.work.models import Cursor, Event, Schedule

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 -- the shape of shutil's
GOOD = "tujuh-gajah-lewat"


@pytest.fixture
def conf(tmp_path: Path) -> Configuration:
    return Configuration(data=tmp_path, database_url=None, _env_file=None)  # type: ignore[call-arg] # pydantic-settings' own


def with_(conf: Configuration, **changes: Any) -> Configuration:
    return conf.model_copy(update=changes)


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        (Choice("icmp-datagram", "", "", True, 9000), State.OK),
        (Choice("icmp-datagram", "no IPv6: refused", "", False, 9000), State.OK),
        (Choice("icmp-raw", "unprivileged ICMP is refused", "sysctl …", True, 9000), State.OK),
        (
            Choice("icmp-raw", "the receive buffer holds only 9 replies", "sysctl …", True, 9),
            State.WARN,
        ),
        (Choice("ping", "no ICMP socket: EPERM", "sysctl …", True, 0), State.WARN),
        (Choice("tcp", "no ICMP socket: EPERM", "sysctl …", True, 0), State.WARN),
    ],
)
def test_icmp_says_the_method_and_how_to_get_a_better_one(choice: Choice, state: State) -> None:
    finding = machine.icmp(choice)
    assert (finding.state, finding.fix) == (state, choice.better if state else "")
    assert choice.why in finding.text


def test_a_wall_clock_that_jumps_is_seen(
    conf: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([1_795_000_000.0, 1_795_000_001.0])
    monkeypatch.setattr(machine.time, "time", lambda: next(times))
    monkeypatch.setattr(machine.time, "sleep", lambda _s: None)
    (finding,) = machine.clock(conf)
    assert finding.state is State.WARN
    assert "+1000 ms" in finding.text


def test_a_clock_before_the_installation_fails(
    conf: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.time, "time", lambda: 0.0)
    monkeypatch.setattr(machine.time, "sleep", lambda _s: None)
    monkeypatch.setattr(machine, "CLOCK_TOLERANCE_S", 9.0)
    (finding,) = machine.clock(conf)
    assert (finding.state, "1970-01-01" in finding.text) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("kept", "state"), [(True, State.OK), (None, State.OK), (False, State.WARN)]
)
def test_a_clock_that_nobody_keeps_is_a_warning(
    conf: Configuration, monkeypatch: pytest.MonkeyPatch, kept: bool | None, state: State
) -> None:
    monkeypatch.setattr(machine, "synchronised", lambda: kept)
    monkeypatch.setattr(machine, "CLOCK_SAMPLE_S", 0.0)
    assert [finding.state for finding in machine.clock(conf)] == [state]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_data_folder_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert machine.data_folder(tmp_path).state is State.OK
    tmp_path.chmod(0o755)
    assert machine.data_folder(tmp_path).fix == f"chmod 700 {tmp_path}"
    assert machine.data_folder(tmp_path / "new").state is State.OK
    file = tmp_path / "file"
    file.touch()
    assert machine.data_folder(file).state is State.FAIL


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_key_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.touch(mode=0o600)
    assert machine.secrecy(key).state is State.OK
    key.chmod(0o640)
    assert machine.secrecy(key) == warn(
        "secrets", f"{key} can be read by others (mode 640)", f"chmod 600 {key}"
    )
    assert stat.S_IMODE(key.stat().st_mode) == 0o640  # looked at, not changed


@pytest.mark.parametrize(
    ("free_mb", "state"), [(100_000, State.OK), (1500, State.WARN), (300, State.FAIL)]
)
def test_a_disk_that_fills_up_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, state: State
) -> None:
    usage = Usage(200_000 << 20, 0, free_mb << 20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _p: usage)
    assert machine.disk(tmp_path / "not" / "yet").state is state


def test_inodes_that_run_out_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.inodes(tmp_path).state is State.OK
    Facts = namedtuple("Facts", "f_files f_favail")  # noqa: PYI024 -- the shape of os.statvfs
    monkeypatch.setattr(machine.os, "statvfs", lambda _p: Facts(1_000_000, 10))
    assert machine.inodes(tmp_path).state is State.FAIL


def test_a_taken_port_is_told_from_our_own_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        head = [b"HTTP/1.0 200 OK\r\n\r\nhello"]

        def answer() -> None:
            for _ in range(2):
                line, _address = other.accept()
                with line:
                    line.recv(1000)
                    line.sendall(head[0])

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert machine.port(f"127.0.0.1:{number}").state is State.FAIL
        head[0] = (
            b"HTTP/1.0 302 Found\r\nContent-Language: id\r\n"
            b"Content-Security-Policy: frame-ancestors 'none'\r\n\r\n"
        )
        assert machine.port(f"127.0.0.1:{number}") == ok(
            "port", f"Ronda answers on 127.0.0.1:{number}"
        )
        thread.join(2)
    assert "is free" in machine.port(f"127.0.0.1:{number}").text


def test_the_base_map_is_looked_at(conf: Configuration, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pmtiles", tmp_path / "bad.pmtiles"
    good.write_bytes(b"PMTiles\x03")
    bad.write_bytes(b"<html>")
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    states = [
        machine.tiles(with_(conf, **changes)).state
        for changes in (
            {},
            {"pmtiles": good},
            {"pmtiles": bad},
            {"pmtiles": tmp_path / "none"},
            {"tiles_url": tiles},
            {"tiles_url": tiles, "tiles_attribution": "© somebody"},
        )
    ]
    assert states == [State.OK, State.OK, State.FAIL, State.FAIL, State.WARN, State.OK]


def test_a_redis_that_is_away_is_a_warning_and_one_that_is_not_wanted_is_nothing(
    conf: Configuration,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = SecretStr(f"redis://:rahasia@127.0.0.1:{closed.getsockname()[1]}/0")
        (finding,) = installation.shared_cache(with_(conf, redis_url=url))

    assert finding.state is State.WARN
    assert "rahasia" not in finding.text
    assert installation.shared_cache(conf) == []


def test_a_damaged_database_fails_and_a_missing_one_does_not(conf: Configuration) -> None:
    assert installation.database(conf).state is State.OK
    conf.sqlite.write_bytes(b"no database")
    finding = installation.database(conf)
    assert (finding.state, "restores the newest good backup" in finding.fix) == (State.FAIL, True)
    assert conf.sqlite.read_bytes() == b"no database"


@pytest.mark.django_db
@pytest.mark.database
class TestInstallation:
    """Checks that read the database of a running installation."""

    def test_an_owner_is_asked_for(self, conf: Configuration) -> None:
        open_to_all = with_(conf, bind="0.0.0.0:8000")
        assert installation.owner(conf)[0].state is State.WARN
        assert installation.reach(conf)[0].state is State.OK
        assert installation.reach(open_to_all)[0].state is State.FAIL
        people.add("sari", "owner", password=GOOD)
        assert installation.owner(conf) == [ok("owner", "there is one")]
        named = with_(open_to_all, hosts=["ronda.example"])
        assert [
            installation.reach(c)[0].state for c in (open_to_all, named, with_(named, https=True))
        ] == [State.FAIL, State.WARN, State.OK]

    def test_waiting_migrations_are_named(
        self, conf: Configuration, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert installation.migrations(conf)[0].state is State.OK
        from django.db.migrations.executor import MigrationExecutor

        monkeypatch.setattr(
            MigrationExecutor, "migration_plan", lambda _self, _t: [("devices.0009_x", False)]
        )
        assert "devices.0009_x" in installation.migrations(conf)[0].text

    def test_backups_must_be_there_and_fresh(self, conf: Configuration) -> None:
        assert installation.backups(conf)[0].state is State.WARN
        conf.backups.mkdir()
        file = conf.backups / "ronda-20261121-030000.tar.gz"
        file.touch()
        assert installation.backups(conf)[0].state is State.OK
        old = (timezone.now() - timedelta(days=3)).timestamp()
        os.utime(file, (old, old))
        finding = installation.backups(conf)[0]
        assert (finding.state, "72 h old" in finding.text) == (State.WARN, True)

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({}, State.OK),
            ({"alive_at": timedelta(minutes=-5)}, State.FAIL),
            ({"blind_since": timedelta(minutes=-5)}, State.WARN),
            ({"trouble": "the prober died"}, State.WARN),
        ],
    )
    def test_the_watch_must_be_alive_and_see(
        self, conf: Configuration, changes: dict[str, Any], state: State
    ) -> None:
        now = timezone.now()
        moved = {k: now + v if isinstance(v, timedelta) else v for k, v in changes.items()}
        facts = {"started_at": now, "alive_at": now, "swept_from": now, "swept_to": now}
        Poller.objects.create(name="main", interval_s=30, targets=372, **(facts | moved))
        assert [finding.state for finding in installation.watch(conf)] == [state]

    def test_a_watch_that_never_ran_is_a_warning(self, conf: Configuration) -> None:
        assert installation.watch(conf)[0].state is State.WARN

    def test_failing_tasks_and_readers_behind_are_named(self, conf: Configuration) -> None:
        assert installation.work(conf)[0].state is State.OK
        Schedule.objects.create(name="backup", failures=3, trouble="Traceback\nOSError: disk full")
        Event.objects.create(id=20_000, at=timezone.now(), topic="x", payload={})
        Cursor.objects.create(consumer="alerts", last_id=5)
        texts = [finding.text for finding in installation.work(conf)]
        assert texts == [
            "failed 3 times in a row: OSError: disk full",
            "alerts is 19,995 events behind",
        ]

    def test_rows_from_the_future_tell_that_the_clock_went_back(self, conf: Configuration) -> None:
        assert installation.time_of_rows(conf) == []
        Event.objects.create(at=timezone.now() + timedelta(hours=1), topic="x", payload={})
        assert installation.time_of_rows(conf)[0].state is State.FAIL

    def test_the_database_in_use_is_sound(self, conf: Configuration) -> None:
        if connection.vendor == "postgresql":
            finding = installation._postgres()
        else:
            path = Path(str(connection.settings_dict["NAME"]))
            (conf.data / "ronda.sqlite3").symlink_to(path)
            finding = installation.database(conf)
        assert (finding.state, finding.fix) == (State.OK, "")


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    def found(list_: list[Finding]) -> None:
        monkeypatch.setattr(command, "examine", lambda _conf: list_)

    return found


def test_status_and_document_follow_the_worst_finding(
    findings: Callable[[list[Finding]], None],
) -> None:
    good, so_so, bad = (
        ok("disk", "much"),
        warn("icmp", "ping", "sysctl"),
        fail("port", "taken", "move"),
    )
    runs = []
    for found, options in (([good], []), ([good, so_so], []), ([so_so], ["--strict"]), ([bad], [])):
        findings(found)
        runs.append(CliRunner().invoke(command.doctor, options).exit_code)
    assert runs == [0, 0, 1, 1]
    findings([good, bad])
    document = json.loads(CliRunner().invoke(command.doctor, ["--json"]).output)
    assert document == {
        "state": "fail",
        "checks": [
            {"check": "disk", "state": "ok", "text": "much", "fix": ""},
            {"check": "port", "state": "fail", "text": "taken", "fix": "move"},
        ],
    }


def test_wrong_settings_are_named_and_status_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONDA_INTERVAL_S", "1")
    configuration_of_process.cache_clear()
    try:
        answer = CliRunner().invoke(command.doctor)
    finally:
        monkeypatch.undo()
        configuration_of_process.cache_clear()
    assert (answer.exit_code, "RONDA_INTERVAL_S" in answer.output) == (2, True)


def test_nothing_is_made_by_looking(conf: Configuration, tmp_path: Path) -> None:
    away = with_(conf, data=tmp_path / "not" / "yet")
    assert {f.name for f in command.examine(away)} >= {"icmp", "disk", "database"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("postgres://ronda:x@127.0.0.1/ronda", True),
        ("postgres:///ronda", True),
        ("redis://localhost:6379/0", True),
        ("rediss://cache.example/0", True),
        ("postgres://ronda:x@db.example/ronda?sslmode=verify-full", True),
        ("postgres://ronda:x@db.example/ronda?sslmode=prefer", False),
        ("redis://10.0.0.9:6379/0", False),
    ],
)
def test_rows_and_passwords_in_clear_between_machines_are_a_warning(url: str, safe: bool) -> None:
    field = "redis_url" if url.startswith("redis") else "database_url"
    conf = configuration_of_process().model_copy(
        update={"redis_url": None, "database_url": None, field: SecretStr(url)}
    )
    assert installation.is_safe_line(url) is safe
    assert [found.state for found in installation.lines(conf)] == ([] if safe else [State.WARN])
