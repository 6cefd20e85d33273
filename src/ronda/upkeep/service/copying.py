"""Copies of a router's configuration: made by the router, fetched over the connection, kept as files.

What each version allows (MikroTik manual, "Backup" and "Files"; argument lists of 7.9 to 7.24):

* A script (`/export file=`) is written on every version. It is fetched in pieces by `/file/read` from
  7.13 on, and below from the property `contents` of `/file`, which holds at most 4 KB on v6 and about
  60 KB on v7. Where it is larger, a listing of what the API shows takes its place, for comparing.
* The binary form (`/system/backup/save`) is fetched by `/file/read` only: from 7.13, over the API.
  REST carries text and would damage it.

A user without the policies `ftp` and `sensitive` may write neither; then the listing is kept too.
Nothing is left behind on the router.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.routeros.errors import (
    NotPermitted,
    RouterError,
    RouterFull,
    RouterRefused,
    UnknownToVersion,
)
from ronda.routeros.port import Link, Query, Row, Transport
from ronda.routeros.values import integer_of
from ronda.routeros.words import bytes_of
from ronda.routers.desk.port import Progress, lock_of
from ronda.routers.models import Router
from ronda.upkeep.models import Copy
from ronda.upkeep.rules.conditions import LIMITS, Kind
from ronda.upkeep.rules.listing import MENUS, listing
from ronda.upkeep.service import files, troubles
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "upkeep.copy"
EVERY = timedelta(hours=24)
#: Without a copy for so long, people are told.
TOO_OLD = timedelta(days=3)
READ_FROM = (7, 13, 0)
CHUNK = 32 * 1024
LARGEST = 32 * 1024 * 1024
WRITTEN_WITHIN = 60
Form = Copy.Form
_OURS = re.compile(r"(?:^|/)ronda-[0-9a-f]{8}\.(?:rsc|backup)$")


def ask(router: Router, person: Person | None, *, sensitive: bool = False, source: str = "") -> int:
    """Ask the desk for a copy now; the job, also when one is under way."""
    with transaction.atomic():
        audit.record(
            person, "router.copy", router.name, after={"with_passwords": sensitive}, source=source
        )
        return _enqueue(router.pk, by=person.username if person else "", sensitive=sensitive)


def ask_all() -> int:
    """Ask for a copy of every router in use, and tell of those that have none for days; how many."""
    now = timezone.now()
    routers = Router.objects.in_use()
    checked = dict(Copy.objects.order_by().values_list("router").annotate(newest=Max("checked_at")))
    for router in routers:
        _enqueue(router.pk)
        since = checked.get(router.pk, router.created_at)
        if now - since > TOO_OLD:
            with transaction.atomic():
                troubles.begin(router.pk, Kind.BACKUP, since, "")
    return len(routers)


def _enqueue(router: int, *, by: str = "", sensitive: bool = False) -> int:
    return jobs.enqueue(
        KIND,
        {"router": router, "by": by, "sensitive": sensitive},
        lock=lock_of(router),
        unique=f"{KIND}:{router}:{sensitive}",
        max_attempts=3,
    )


async def copy(link: Link, payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part: both forms where the version allows; what was made, and why one was not."""
    router, sensitive = payload["router"], bool(payload.get("sensitive"))
    try:
        await say(0, 2, "export")
        try:
            script, form = await _script(link, sensitive), Form.EXPORT
        except (UnknownToVersion, NotPermitted):
            script, form = await _listing(link), Form.LISTING
        made = {form.value: await _kept(link, router, form, script, payload)}
        await say(1, 2, "backup")
        binary = await _binary(link)
        if binary is not None:
            made["backup"] = await _kept(link, router, Form.BINARY, binary, payload)
    except RouterError as error:
        await in_thread(_judge, router, 1.0, error.text)
        raise
    except OSError as error:
        text = f"the copy could not be written here: {error.strerror}"
        await in_thread(_judge, router, 1.0, text)
        raise RouterError(text) from error
    await in_thread(_judge, router, 0.0, "")
    return made


async def _kept(
    link: Link, router: int, form: Form, content: bytes, payload: Mapping[str, Any]
) -> dict[str, Any]:
    row, new = await in_thread(
        files.keep,
        router,
        form,
        content,
        version=link.facts.version,
        by=payload.get("by", ""),
        sensitive=form == Form.BINARY or (form == Form.EXPORT and bool(payload.get("sensitive"))),
    )
    return {"copy": row.pk, "name": row.name, "new": new}


def _judge(router: int, failed: float, text: str) -> None:
    with transaction.atomic():
        troubles.judge(
            router,
            {Kind.BACKUP: (failed, LIMITS[Kind.BACKUP])},
            timezone.now(),
            {Kind.BACKUP: text},
        )


async def _script(link: Link, sensitive: bool) -> bytes:
    seven = link.facts.capabilities.version >= (7, 0, 0)
    # v6 shows passwords unless told not to, v7 hides them unless told otherwise.
    wish = {"show-sensitive": ""} if seven and sensitive else {}
    if not seven and not sensitive:
        wish = {"hide-sensitive": ""}
    name = _name()
    try:
        await link.call("/export", {"file": name, **wish}, within=float(WRITTEN_WITHIN))
        return await _fetched(link, f"{name}.rsc")
    finally:
        await _remove(link)


async def _listing(link: Link) -> bytes:
    """What the API shows of the configuration."""
    menus: list[tuple[str, list[Row]]] = []
    for menu in MENUS:
        try:
            menus.append((menu, await link.print(menu, within=30.0)))
        except RouterRefused:
            # Not every board and version has every menu.
            continue
    return listing(menus).encode(errors="replace")


async def _binary(link: Link) -> bytes | None:
    """The binary form, None where it cannot be had over this connection or by this user."""
    if not _can_read(link) or link.facts.transport in {Transport.REST, Transport.REST_TLS}:
        return None
    name = _name()
    try:
        values = {"name": name, "dont-encrypt": "yes"}
        await link.call("/system/backup/save", values, within=float(WRITTEN_WITHIN))
        return await _fetched(link, f"{name}.backup")
    except NotPermitted:
        return None
    finally:
        await _remove(link)


def _name() -> str:
    return f"ronda-{secrets.token_hex(4)}"


def _can_read(link: Link) -> bool:
    return link.facts.capabilities.version >= READ_FROM


async def _fetched(link: Link, name: str) -> bytes:
    row = await _written(link, name)
    size = integer_of(row.get("size", "")) or 0
    if size > LARGEST:
        raise RouterFull(f"{name} has {size} bytes, more than is fetched")
    if not _can_read(link):
        content = bytes_of(row.get("contents", ""))
        if len(content) < size:
            raise UnknownToVersion(
                f"RouterOS {link.facts.version} gives at most {len(content)} of the {size} bytes of a "
                "file over the API; from 7.13 on it gives all of it"
            )
        return content
    fetched = bytearray()
    while len(fetched) < size:
        values = {"file": name, "offset": str(len(fetched)), "chunk-size": str(CHUNK)}
        reply = await link.call("/file/read", values, within=30.0)
        piece = bytes_of(reply.rows[0].get("data", "") if reply.rows else reply.ret or "")
        if not piece:
            raise RouterFull(f"the router gave only {len(fetched)} of the {size} bytes of {name}")
        fetched += piece
    return bytes(fetched)


async def _written(link: Link, name: str) -> Row:
    """The file's row once it has its final size; routers write it after the command has ended."""
    former = None
    for _try in range(WRITTEN_WITHIN * 2):
        properties = ("name", "size") if _can_read(link) else ("name", "size", "contents")
        rows = await link.print("/file", query=Query.equal(name=name), properties=properties)
        size = rows[0].get("size") if rows else None
        if size is not None and size != "0" and size == former:
            return rows[0]
        former = size
        await asyncio.sleep(0.5 if former is None else 0.2)
    raise RouterFull(f"the router did not write {name} within {WRITTEN_WITHIN} seconds")


async def _remove(link: Link) -> None:
    """Take our files off the router; when the line is gone, the next copy finds and removes them."""
    try:
        rows = await link.print("/file", properties=(".id", "name"))
        ours = [row[".id"] for row in rows if _OURS.search(row.get("name", "")) and ".id" in row]
        if ours:
            await link.remove("/file", ours)
    except RouterError:
        return
