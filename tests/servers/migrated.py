"""Databases with every table, made once for all runs and then copied.

Applying the migrations takes two seconds of a processor, and dozens of tests need an installation.
The copies are kept among the temporary files under a name that changes with any migration.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests.servers.postgres import MissingServer, Postgres, find_programs

ROOT = Path(__file__).parents[2]
MAKE = """
from ronda.app import boot
boot.django()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
"""


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a process of an installation in the folder `data`, with other settings at rest.

    Simulated routers and fake gateways are on this machine, so it may call itself.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    own = {"RONDA_DATA": str(data), "PYTHONPATH": str(ROOT / "src"), "RONDA_LOCAL_TARGETS": "true"}
    return kept | own | settings


def put_sqlite(data: Path, name: str = "ronda.sqlite3") -> None:
    """Put an empty database with every table into the data folder `data`."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_sqlite(), data / name)
    share_static(data)


def share_static(data: Path) -> None:
    """Let the web servers of the data folder `data` find the static files that others have compressed before."""
    kept = _kept() / "static"
    kept.mkdir(exist_ok=True)
    (data / "cache").mkdir(parents=True, exist_ok=True)
    # Without links, as on some systems, each compresses them for itself.
    with suppress(OSError):
        (data / "cache" / "static").symlink_to(kept, target_is_directory=True)


def postgres() -> Postgres:
    """A server of its own whose database has every table.

    Raises:
        MissingServer: PostgreSQL is not on this machine.
    """
    return Postgres(_cluster())


@cache
def _sqlite() -> Path:
    made = _kept() / "ronda.sqlite3"
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=_kept()) as scratch:
            _make(environment(Path(scratch)))
            # Whoever is first puts it there; what another put there meanwhile is the same.
            Path(scratch, "ronda.sqlite3").replace(made)
    return made


@cache
def _cluster() -> Path:
    made = _kept() / ("cluster-" + _short(str(find_programs())))
    if not made.exists():
        server = Postgres()
        try:
            with tempfile.TemporaryDirectory(dir=_kept()) as scratch:
                _make(environment(Path(scratch), RONDA_DATABASE_URL=server.url))
            server.end()
            half = made.with_name(f"{made.name}-{os.getpid()}")
            shutil.copytree(server.cluster, half)
            try:
                half.rename(made)
            except OSError:  # another process was quicker
                shutil.rmtree(half)
        finally:
            server.stop()
    return made


def _make(values: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", MAKE], env=values, check=True, cwd=ROOT)


@cache
def _kept() -> Path:
    """The folder of the databases of this version: nobody else's, and those of older versions go."""
    owner = os.getuid() if hasattr(os, "getuid") else 0
    whole = Path(tempfile.gettempdir(), f"ronda-test-databases-{owner}")
    whole.mkdir(mode=0o700, exist_ok=True)
    if whole.stat().st_uid != owner:
        raise PermissionError(f"{whole} belongs to somebody else; remove it")
    files = [
        ROOT / "requirements/dev.txt",
        ROOT / "src/ronda/app/settings.py",
        *sorted(ROOT.glob("src/ronda/*/migrations/*.py")),
    ]
    found = whole / _short("\0".join(file.read_text(encoding="utf-8") for file in files))
    found.mkdir(exist_ok=True)
    os.utime(found)
    for older in sorted(whole.iterdir(), key=lambda one: one.stat().st_mtime)[:-12]:
        shutil.rmtree(older, ignore_errors=True)
    return found


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    # Before the workers of a run, who would otherwise make them all at once.
    _sqlite()
    with suppress(MissingServer):
        _cluster()
