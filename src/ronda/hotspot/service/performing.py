"""Doing on a router what was asked, and reading it again to know what is true now. No database here.

Everything asked is absolute ("limit is 4h", never "an hour more"), so that doing it again after a cut
line is harmless; what holds already is not done twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ronda.hotspot.models import Kind, Outcome, Part, Verb
from ronda.hotspot.rules.properties import TABLES, differing
from ronda.hotspot.rules.values import Unreadable, is_true, read_duration
from ronda.hotspot.service.reading import LISTS
from ronda.routeros.errors import NoSuchItem, RouterClosed, RouterError, RouterUnreachable
from ronda.routeros.errors import Outcome as Certainty
from ronda.routeros.port import Link, Query, Row

USER = LISTS[Part.USERS].menu
PROFILE = LISTS[Part.PROFILES].menu
ACTIVE = LISTS[Part.ACTIVE].menu
COOKIE = LISTS[Part.COOKIES].menu
BINDING = LISTS[Part.BINDINGS].menu

MENUS: Final = {Kind.USER: USER, Kind.PROFILE: PROFILE}
PARTS: Final = {Kind.USER: Part.USERS, Kind.PROFILE: Part.PROFILES}


@dataclass(frozen=True, slots=True)
class Task:
    """One item of an instruction. `values` are texts as they are sent; a password travels beside them.

    `ros_id` names a cookie or binding; users and profiles are found by name, and by server.
    `again`: it was begun before, so what is there already may be ours.
    """

    id: int
    verb: Verb
    kind: str
    name: str
    server: str = "all"
    values: Mapping[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)
    ros_id: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it: `held` is the item as it is now, None when it is not there.

    `code` is the kind of refusal (a class name of `routeros.errors`, or one of ours), `text` the
    router's own words.
    """

    outcome: Outcome
    held: Row | None = None
    code: str = ""
    text: str = ""
    password: str | None = field(default=None, repr=False)


class LineCut(Exception):
    """The connection failed during a task: `result` is what is known of it, `cause` what happened."""

    def __init__(self, result: Result, cause: RouterError) -> None:
        super().__init__(cause.text)
        self.result = result
        self.cause = cause


async def perform(link: Link, task: Task) -> Result:
    """Do one task and read what is true afterwards.

    Raises:
        LineCut: the connection failed; the task's outcome is unknown or, where it was certainly not
            done, still waiting.
    """
    try:
        return await _perform(link, task)
    except RouterError as error:
        if error.outcome is Certainty.UNKNOWN:
            raise LineCut(Result(Outcome.UNKNOWN, text=error.text), error) from error
        if isinstance(error, RouterUnreachable | RouterClosed):
            raise LineCut(Result(Outcome.WAITING, text=error.text), error) from error
        return Result(Outcome.REFUSED, None, type(error).__name__, error.text)


async def _perform(link: Link, task: Task) -> Result:
    if task.verb in {Verb.FORGET, Verb.UNBIND}:
        return await _remove_row(link, COOKIE if task.verb is Verb.FORGET else BINDING, task)
    return await _VERBS[task.verb](link, task)


async def find(link: Link, task: Task, *extra: str) -> Row | None:
    """The user or profile as the router holds it now; None when there is none."""
    kind = Kind(task.kind)
    properties = (*LISTS[PARTS[kind]].properties, *extra)
    rows = await link.print(MENUS[kind], query=Query((f"name={task.name}",)), properties=properties)
    for row in rows:
        if kind is Kind.PROFILE or (row.get("server") or "all") == task.server:
            return row
    return None


# Whoever is gone stays gone for the others: made anew without a password he would be an open door.
_MAKES = frozenset({Verb.CREATE, Verb.REPAIR})


async def _put(link: Link, task: Task) -> Result:
    """Make the item, or set it: whatever is needed that it is as wanted."""
    held = await find(link, task)
    if task.verb is Verb.CREATE and held is not None and (not task.again or _differs(task, held)):
        # Also one with the same limits is somebody else's: his password is not ours to set.
        return Result(Outcome.REFUSED, held, "AlreadyThere")
    values = dict(task.values)
    if task.password is not None:
        values["password"] = task.password
    if held is None:
        if task.verb not in _MAKES:
            return Result(Outcome.REFUSED, None, "NoSuchItem")
        if task.verb is Verb.REPAIR and task.kind == Kind.USER and task.password is None:
            return Result(Outcome.REFUSED, None, "NoPassword")
        first = {"name": task.name}
        if task.kind == Kind.USER and task.server != "all":
            first["server"] = task.server
        # An absent limit is no limit; an empty text would be refused by some versions.
        await link.add(
            MENUS[Kind(task.kind)], first | {name: text for name, text in values.items() if text}
        )
    else:
        changed = {
            name: text
            for name, text in values.items()
            if name == "password" or name in _differs(task, held)
        }
        if changed:
            await link.set(MENUS[Kind(task.kind)], unset(changed), id=held[".id"])
    return _proved(task, await find(link, task))


def unset(values: Mapping[str, str]) -> dict[str, str]:
    """Texts as they are set. A limit of nought is how RouterOS takes a limit away (measured on 7.24.4)."""
    empty = {"limit-uptime": "0s", "mac-address": "00:00:00:00:00:00", "disabled": "no"}
    empty |= dict.fromkeys(("limit-bytes-in", "limit-bytes-out", "limit-bytes-total"), "0")
    empty |= dict.fromkeys(("session-timeout",), "0s")
    empty |= dict.fromkeys(
        ("idle-timeout", "keepalive-timeout", "address-pool", "parent-queue"), "none"
    )
    return {name: text or empty.get(name, "") for name, text in values.items()}


def _differs(task: Task, held: Row) -> dict[str, tuple[str, str]]:
    return differing(TABLES[task.kind], task.values, held)


def _proved(task: Task, held: Row | None) -> Result:
    if held is not None and not _differs(task, held):
        return Result(Outcome.DONE, held)
    return Result(Outcome.REFUSED, held, "HeldOtherwise" if held else "NoSuchItem")


async def _disable(link: Link, task: Task) -> Result:
    """Disabling ends no session by itself (RouterOS), so the session and the cookie go too."""
    result = await _put(link, task)
    if result.outcome is Outcome.DONE:
        await end_sessions(link, task.name, task.server)
    return result


async def _kick(link: Link, task: Task) -> Result:
    keep = task.verb is Verb.RELOGIN
    ended = await end_sessions(link, task.name, task.server, keep_cookies=keep)
    held = await find(link, task)
    again = [
        row
        for row in await link.print(
            ACTIVE, query=Query((f"user={task.name}",)), properties=(".id", "uptime")
        )
        # Somebody may be back within a second; that is another session with a young uptime.
        if row[".id"] in ended and _age(row) > ended[row[".id"]]
    ]
    if again:
        return Result(Outcome.REFUSED, held, "StillThere")
    return Result(Outcome.DONE, held)


async def end_sessions(
    link: Link, user: str, server: str = "all", *, keep_cookies: bool = False
) -> dict[str, int]:
    """Remove the cookies and sessions of a user, cookies first; ids and uptimes of what was ended.

    The sessions only of the user's own hotspot server, where he has one; cookies name no server.
    """
    query = Query((f"user={user}",))
    if not keep_cookies:
        cookies = await link.print(COOKIE, query=query, properties=(".id",))
        await _remove_all(link, COOKIE, cookies)
    sessions = [
        row
        for row in await link.print(ACTIVE, query=query, properties=(".id", "uptime", "server"))
        if server in ("all", row.get("server", server))
    ]
    await _remove_all(link, ACTIVE, sessions)
    return {row[".id"]: _age(row) for row in sessions}


async def _remove_all(link: Link, menu: str, rows: list[Row]) -> None:
    for row in rows:
        try:
            await link.remove(menu, [row[".id"]])
        except NoSuchItem:
            continue  # it ended by itself meanwhile


def _age(row: Row) -> int:
    try:
        return read_duration(row.get("uptime", "")) or 0
    except Unreadable:
        return 0


async def _reset(link: Link, task: Task) -> Result:
    held = await find(link, task)
    if held is None:
        return Result(Outcome.REFUSED, None, "NoSuchItem")
    await link.call(f"{USER}/reset-counters", {".id": held[".id"]})
    held = await find(link, task)
    if held is None or held.get("bytes-out", "0") != "0" or _age(held):
        return Result(Outcome.REFUSED, held, "HeldOtherwise")
    return Result(Outcome.DONE, held)


async def _delete(link: Link, task: Task) -> Result:
    held = await find(link, task, "password")
    password = None
    if held is not None:
        if is_true(held.get("default")):
            return Result(Outcome.REFUSED, held, "BelongsToRouter")
        if task.kind == Kind.PROFILE and await _in_use(link, task.name):
            return Result(Outcome.REFUSED, held, "ProfileInUse")
        # What the router tells is what makes undoing possible; newer ones may hide it.
        password = held.get("password")
        await link.remove(MENUS[Kind(task.kind)], [held[".id"]])
    if task.kind == Kind.USER:
        await end_sessions(link, task.name, task.server)
    held = await find(link, task)
    if held is not None:
        return Result(Outcome.REFUSED, held, "StillThere")
    return Result(Outcome.DONE, None, password=password)


async def _in_use(link: Link, profile: str) -> bool:
    rows = await link.print(USER, query=Query((f"profile={profile}",)), properties=(".id",))
    return bool(rows)


async def _remove_row(link: Link, menu: str, task: Task) -> Result:
    await _remove_all(link, menu, [{".id": task.ros_id}])
    rows = await link.print(menu, properties=(".id",))
    if any(row[".id"] == task.ros_id for row in rows):
        return Result(Outcome.REFUSED, None, "StillThere")
    return Result(Outcome.DONE)


async def _nothing(link: Link, task: Task) -> Result:
    return Result(Outcome.DONE)


_VERBS: Mapping[Verb, Callable[[Link, Task], Awaitable[Result]]] = {
    Verb.CREATE: _put,
    Verb.EDIT: _put,
    Verb.REPAIR: _put,
    Verb.MOVE: _put,
    Verb.EXTEND: _put,
    Verb.ENABLE: _put,
    Verb.DISABLE: _disable,
    Verb.KICK: _kick,
    Verb.RELOGIN: _kick,
    Verb.RESET: _reset,
    Verb.DELETE: _delete,
    Verb.REFRESH: _nothing,
}

#: After these the lists of sessions and cookies are read again.
TOUCH_SESSIONS = frozenset({Verb.KICK, Verb.RELOGIN, Verb.DISABLE, Verb.DELETE})
#: After these the list itself is read again.
REREAD: Mapping[Verb, tuple[Part, ...]] = {
    Verb.FORGET: (Part.COOKIES,),
    Verb.UNBIND: (Part.BINDINGS,),
    Verb.REFRESH: tuple(LISTS),
}
