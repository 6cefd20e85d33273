"""A throwaway PostgreSQL for a test run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

INSTALL = "install it with: apt-get install postgresql (Debian, Ubuntu)"


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
    """A running server; `url` opens its database, `stop` ends it and removes its files."""

    def __init__(self) -> None:
        programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="ronda-postgres-"))
        self.port = free_port()
        self._as = self._other_user()
        cluster = self.folder / "cluster"
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                cluster,
                "-A",
                "trust",
                "-U",
                "ronda",
                "--no-sync",
                "-E",
                "UTF8",
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as,
        )
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
                programs / "postgres",
                "-D",
                cluster,
                *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )
        self.url = f"postgres://ronda@127.0.0.1:{self.port}/postgres"
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

        for _ in range(200):
            try:
                psycopg.connect(self.url, connect_timeout=1).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("PostgreSQL did not answer within 10 s")

    def stop(self) -> None:
        """End the server at once and remove its files."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
