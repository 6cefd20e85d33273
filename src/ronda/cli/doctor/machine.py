"""Checks of the machine: ICMP, clock, folder, disk, port. None of them needs the database."""

import os
import shutil
import socket
import stat
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import ronda
from ronda.app.configuration import Configuration, split_bind
from ronda.cli.doctor.findings import Finding, fail, ok, warn
from ronda.probing import methods
from ronda.storage.sealing import FILE as SEAL_KEYS

MEGABYTE = 1 << 20
# Below this SQLite's log or a backup may no longer fit.
LEAST_FREE = 500 * MEGABYTE
LITTLE_FREE = 2048 * MEGABYTE
# The two clocks may differ by what a sample costs; more means that the wall clock is being set.
CLOCK_SAMPLE_S = 0.2
CLOCK_TOLERANCE_S = 0.05


def examine(conf: Configuration) -> list[Finding]:
    """Every finding about the machine."""
    return [
        icmp(methods.diagnose()),
        *clock(conf),
        data_folder(conf.data),
        *(
            secrecy(path)
            for path in (conf.data / "secret.key", conf.data / SEAL_KEYS, Path(".env"))
            if path.exists()
        ),
        disk(conf.data),
        inodes(conf.data),
        port(conf.bind),
        tiles(conf),
    ]


def icmp(choice: methods.Choice) -> Finding:
    """Which way of probing this user may use."""
    words = {
        "icmp-datagram": "ICMP by an unprivileged socket",
        "icmp-raw": "ICMP by a raw socket",
        "ping": "no ICMP socket; the system's ping is used (one process per probe: slow)",
        "tcp": "no ICMP socket and no ping; TCP is used (ONTs that answer neither look silent)",
    }
    text = f"{words[choice.method]}, as user {_user()}" + (f"; {choice.why}" if choice.why else "")
    # A raw socket is as fast as an unprivileged one; only a small buffer or no socket is worth a fix.
    if choice.method in {"ping", "tcp"} or "buffer" in choice.why:
        return warn("icmp", text, choice.better)
    return ok("icmp", text)


def clock(conf: Configuration) -> list[Finding]:
    """Whether the wall clock runs, is plausible, and is kept right by somebody."""
    wall, even = time.time(), time.monotonic()
    time.sleep(CLOCK_SAMPLE_S)
    drift = (time.time() - wall) - (time.monotonic() - even)
    now = datetime.fromtimestamp(wall, UTC)
    local = now.astimezone(ZoneInfo(conf.time_zone))
    shown = f"{local:%Y-%m-%d %H:%M:%S %Z} (RONDA_TIME_ZONE {conf.time_zone})"
    set_right = (
        "set the clock and let systemd-timesyncd or chrony keep it: timedatectl set-ntp true"
    )
    if abs(drift) > CLOCK_TOLERANCE_S:
        text = f"the wall clock jumped {drift * 1000:+.0f} ms against the monotonic clock just now"
        return [warn("clock", text, set_right)]
    installed = datetime.fromtimestamp(Path(ronda.__file__).stat().st_mtime, UTC)
    if now < installed - timedelta(days=1):
        return [fail("clock", f"{shown} is before this program was installed", set_right)]
    kept = synchronised()
    if kept is False:
        return [warn("clock", f"{shown}; nobody keeps it right", set_right)]
    return [ok("clock", shown if kept is None else f"{shown}, kept by the network's time")]


def synchronised() -> bool | None:
    """Whether the system says that its clock follows a time server; None where it cannot tell."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 -- a fixed command line
            [program, "show", "-p", "NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())


def data_folder(folder: Path) -> Finding:
    """Whether the data folder can be used, and only by us."""
    name, shown = "data folder", str(folder.absolute())
    if not folder.exists():
        parent = next(p for p in folder.absolute().parents if p.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return ok(name, f"{shown} will be made at the first start")
        return fail(
            name,
            f"{shown} does not exist and {parent} is not ours to write",
            "make it and give it to the user that runs Ronda, or set RONDA_DATA",
        )
    if not folder.is_dir():
        return fail(name, f"{shown} is no folder", "move it away or set RONDA_DATA")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return fail(
            name,
            f"this user may not write to {shown}",
            f"chown it to the user that runs Ronda: chown -R USER {shown}",
        )
    if os.name == "posix":
        foreign = _not_ours(folder)
        if foreign:
            return fail(
                name,
                f"{foreign} belongs to another user",
                f"chown -R {_user()} {shown} (was Ronda run as root once?)",
            )
        if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~0o050:
            return warn(
                name, f"others may read {shown}, which holds customers' names", f"chmod 700 {shown}"
            )
    return ok(name, shown)


def secrecy(path: Path) -> Finding:
    """Whether only we can read a file with secrets."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        return warn(
            "secrets", f"{path} can be read by others (mode {mode:03o})", f"chmod 600 {path}"
        )
    return ok("secrets", f"{path} is ours alone")


def disk(folder: Path) -> Finding:
    """Whether there is room for the database, its log and backups."""
    usage = shutil.disk_usage(_existing(folder))
    share = usage.free / usage.total if usage.total else 0.0
    text = f"{usage.free / MEGABYTE:,.0f} MB free ({share:.0%}) where the data is"
    fix = "make room, or move the data folder (RONDA_DATA) to a larger disk"
    if usage.free < LEAST_FREE:
        return fail("disk", text, fix)
    if usage.free < LITTLE_FREE or share < 0.05:
        return warn("disk", text, fix)
    return ok("disk", text)


def inodes(folder: Path) -> Finding:
    """Whether the file system can hold more files."""
    if not hasattr(os, "statvfs"):
        return ok("inodes", "not counted on this system")
    facts = os.statvfs(_existing(folder))
    if facts.f_files == 0:
        return ok("inodes", "not limited on this file system")
    share = facts.f_favail / facts.f_files
    text = f"{share:.0%} of the file system's inodes are free"
    if facts.f_favail < 1000 or share < 0.02:
        return fail("inodes", text, "delete what makes very many small files; df -i shows where")
    return ok("inodes", text)


def port(bind: str) -> Finding:
    """Whether the web server can listen, or listens already."""
    host, number = split_bind(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except PermissionError:
            return fail(
                "port",
                f"this user may not listen on port {number}",
                "choose a port above 1023 (RONDA_BIND) and put a reverse proxy in front",
            )
        except OSError as error:
            if _ronda_answers(host, number):
                return ok("port", f"Ronda answers on {bind}")
            return fail(
                "port",
                f"cannot listen on {bind}: {error.strerror}",
                "stop the other program, or choose another address with RONDA_BIND",
            )
    return ok("port", f"{bind} is free (Ronda's web server does not run)")


def tiles(conf: Configuration) -> Finding:
    """Whether the base map that was chosen can be shown."""
    if conf.pmtiles is not None:
        try:
            with conf.pmtiles.open("rb") as file:
                start = file.read(7)
        except OSError as error:
            return fail(
                "map",
                f"cannot read {conf.pmtiles}: {error.strerror}",
                "check RONDA_PMTILES and who may read the file",
            )
        if start != b"PMTiles":
            return fail(
                "map",
                f"{conf.pmtiles} is no PMTiles file",
                "make an extract of your district with the pmtiles program",
            )
        return ok("map", f"base map from {conf.pmtiles}")
    if conf.tiles_url and not conf.tiles_attribution:
        return warn(
            "map",
            f"tiles from {conf.tiles_url} without a named source",
            "set RONDA_TILES_ATTRIBUTION to the text that their owner asks for",
        )
    if conf.tiles_url:
        return ok("map", f"tiles from {conf.tiles_url}")
    return ok("map", "no base map; ONTs are drawn on a plain ground")


def _ronda_answers(host: str, number: int) -> bool:
    request = f"GET /setup/ HTTP/1.0\r\nHost: localhost:{number}\r\n\r\n".encode()
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- compared, not bound
    try:
        with socket.create_connection((here, number), timeout=3) as line:
            line.sendall(request)
            answer = b""
            while len(answer) < 4096 and (part := line.recv(4096)):
                answer += part
    except OSError:
        return False
    # No page of another program sends these two together.
    head = answer.lower()
    return b"content-language:" in head and b"frame-ancestors 'none'" in head


def _not_ours(folder: Path) -> Path | None:
    mine = os.geteuid()
    if mine == 0:
        return None  # root may do everything; who the service runs as is not known here
    return next((p for p in (folder, *folder.iterdir()) if p.stat().st_uid != mine), None)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.geteuid()) if hasattr(os, "geteuid") else "?"


def _existing(folder: Path) -> Path:
    return next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
