"""A throwaway PostgreSQL for a test run."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

INSTALL = "install it with: apt-get install postgresql (Debian, Ubuntu)"


class StoppedAtOnce(Exception):
    """The server ended before anybody could connect."""


class MissingServer(Exception):
    """The server's program is not on this machine; the text says how to install it."""


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_programs() -> Path:
    """The folder of initdb and postgres: the newest one found.

    Raises:
        MissingServer: there is none.
    """
    folders = [Path(os.environ["PGBIN"])] if "PGBIN" in os.environ else []
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for pattern in ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin"):
        folders += sorted(Path("/").glob(pattern), key=_version, reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingServer(f"PostgreSQL is not installed; {INSTALL}")


def _version(folder: Path) -> int:
    digits = "".join(c for c in folder.parent.name if c.isdigit())
    return int(digits or 0)


class Postgres:
    """A running server; `url` opens its database, `stop` ends it and removes its files.

    It is a copy of the `cluster` of another one that was ended, or new and empty.
    """

    def __init__(self, cluster: Path | None = None) -> None:
        self._programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="ronda-postgres-"))
        self._as = self._other_user()
        self.cluster = self.folder / "cluster"
        if cluster is None:
            self._found()
        else:
            shutil.copytree(cluster, self.cluster)
            if "user" in self._as:
                for path in (self.cluster, *self.cluster.rglob("*")):
                    os.chown(path, self._as["user"], self._as["group"])
        # A port that was free may be somebody else's a moment later.
        for tries_left in (2, 1, 0):
            try:
                self._start()
            except StoppedAtOnce:
                if not tries_left:
                    raise
            else:
                break

    def _found(self) -> None:
        """Make an empty cluster."""
        make = [self._programs / "initdb", "-D", self.cluster, "-A", "trust", "-U", "ronda"]
        subprocess.run(
            [*make, "--no-sync", "-E", "UTF8"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as,
        )

    def _start(self) -> None:
        self.port = free_port()
        self.url = f"postgres://ronda@127.0.0.1:{self.port}/postgres"
        options = {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "max_connections": "200",
        }
        self.process = subprocess.Popen(
            [
                self._programs / "postgres",
                "-D",
                self.cluster,
                *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )
        self._wait()

    def _other_user(self) -> dict[str, object]:
        """PostgreSQL refuses to run as root: become postgres, else nobody."""
        if os.name != "posix" or os.geteuid() != 0:
            return {}
        for name in ("postgres", "nobody"):
            try:
                account = pwd.getpwnam(name)
            except KeyError:
                continue
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        raise MissingServer(
            "PostgreSQL cannot run as root and there is neither postgres nor nobody"
        )

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    raise StoppedAtOnce(f"PostgreSQL ended: {self.process.returncode}") from None
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise TimeoutError("PostgreSQL did not answer within 90 s")

    def end(self) -> None:
        """End the server without waiting for whoever is connected; its files stay."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End the server and remove its files."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)
