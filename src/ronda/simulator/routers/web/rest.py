"""From a REST request to a command of the router, and from its answer to JSON.

Every value is text, the `error` of an error body alone is a number. Lists come from
GET on a menu, one item from GET on `/menu/*ID` or `/menu/name`; PUT adds, PATCH sets, DELETE
removes, POST does any command. A menu that is one item is set by POST to its `set` only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ronda.simulator.routers.commands import Answer, Outcome, Repeat, Watch
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.sessions import Session
from ronda.simulator.routers.traps import Trap
from ronda.simulator.routers.web.http import Request, Response, error

PREFIX = "/rest"
LONGEST_CONTENTS = 61_440
TOO_LONG = "failure: contents too long"


class Refused(Exception):
    """The request is answered with this error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True)
class Order:
    """What a request asks of the router: a command with its words, and the form of the answer."""

    command: str
    words: tuple[str, ...]
    form: str  # of the answer: "list", "one" of it, the item "changed" or "added", "nothing"
    menu: str
    item: str = ""


@dataclass(frozen=True)
class Endless:
    """The command goes on: for ever, or for so many seconds before `answer` is there."""

    seconds: float | None
    answer: Answer


def understood(router: VirtualRouter, request: Request) -> Order:
    """The order that a request under `/rest` is.

    Raises:
        Refused: it is none.
    """
    parts = [part for part in request.path.removeprefix(PREFIX).split("/") if part]
    menu, rest = _menu(router, parts)
    makers = {"GET": _get, "PUT": _put, "PATCH": _patch, "DELETE": _delete, "POST": _post}
    make = makers.get(request.method)
    if make is None:
        raise Refused(error(405))
    return make(router, menu, rest, request)


def carried_out(router: VirtualRouter, order: Order, session: Session) -> Response | Endless:
    """Do it, and say how it went; a command that does not end by itself is left to the caller."""
    try:
        outcome = router.execute(order.command, order.words, session)
        if order.form in ("changed", "added"):
            item = order.item or (outcome.ret if isinstance(outcome, Answer) else None) or ""
            words = [f"?{_reference(item)}={item}"]
            outcome = router.execute(f"{order.menu}/print", words, session)
    except Trap as trap:
        return refused(trap, adding=order.form == "added")
    return answered(outcome, order)


def answered(outcome: Outcome, order: Order) -> Response | Endless:
    """The response to a command that was done."""
    if isinstance(outcome, Watch):
        return Endless(None, Answer())
    if isinstance(outcome, Repeat):
        if outcome.times is None:
            return Endless(None, Answer())
        return Endless(outcome.every * outcome.times, outcome.ask())
    rows = outcome.dicts()
    if any(len(row.get("contents", "")) > LONGEST_CONTENTS for row in rows):
        return error(400, TOO_LONG)
    if order.form == "nothing":
        return Response(204)
    if order.form in ("one", "changed", "added"):
        if not rows:
            return error(404)
        return Response(201 if order.form == "added" else 200, rows[0])
    if outcome.ret is not None:
        return Response(200, {"ret": outcome.ret})
    return Response(200, rows)


def refused(trap: Trap, *, adding: bool = False) -> Response:
    """A trap as an error: the same text, and a status by its kind."""
    message = trap.message
    if message.startswith("no such item"):
        return error(404)
    if message.startswith("not enough permissions"):
        return error(500, message)
    if "device-mode" in message and adding:
        return error(500, message)
    return error(400, message)


def _menu(router: VirtualRouter, parts: Sequence[str]) -> tuple[str, list[str]]:
    """The longest path that is a menu, and what comes after it."""
    known = router.menus.keys()
    for length in range(len(parts), 0, -1):
        path = "/" + "/".join(parts[:length])
        if path in known:
            return path, list(parts[length:])
    strange = _stranger(known, parts)
    raise Refused(error(400, f"no such command or directory ({strange})"))


def _stranger(known: Any, parts: Sequence[str]) -> str:
    """The first word that leads nowhere."""
    path = ""
    for part in parts:
        path += f"/{part}"
        if not any(menu == path or menu.startswith(path + "/") for menu in known):
            return part
    return parts[-1] if parts else ""


def _get(router: VirtualRouter, menu: str, rest: list[str], request: Request) -> Order:
    words = [
        f"=.proplist={value}" if name == ".proplist" else f"?{name}={value}"
        for name, value in request.query
    ]
    single = router.menus[menu].schema.single
    if not rest:
        return Order(f"{menu}/print", tuple(words), "one" if single else "list", menu)
    if len(rest) > 1 or single:
        raise Refused(error(400, f"no such command or directory ({rest[-1]})"))
    return Order(f"{menu}/print", (*words, f"?{_reference(rest[0])}={rest[0]}"), "one", menu)


def _put(router: VirtualRouter, menu: str, rest: list[str], request: Request) -> Order:
    if rest or router.menus[menu].schema.single:
        raise Refused(error(400, "no such command or directory (add)"))
    return Order(f"{menu}/add", _words(_object(request)), "added", menu)


def _patch(router: VirtualRouter, menu: str, rest: list[str], request: Request) -> Order:
    if router.menus[menu].schema.single:
        raise Refused(error(500, "not an item"))
    item = _item(rest)
    schema = router.menus[menu].schema
    values = {
        name: schema.property(name).default if value is None else value
        for name, value in _object(request).items()
    }
    return Order(f"{menu}/set", (f"=.id={item}", *_words(values)), "changed", menu, item)


def _delete(router: VirtualRouter, menu: str, rest: list[str], request: Request) -> Order:
    item = _item(rest)
    return Order(f"{menu}/remove", (f"=.id={item}",), "nothing", menu, item)


def _post(router: VirtualRouter, menu: str, rest: list[str], request: Request) -> Order:
    if len(rest) != 1:
        raise Refused(error(400, f"no such command or directory ({(rest or [menu])[-1]})"))
    verb = rest[0]
    if verb not in router.menus[menu].schema.commands or verb == "unset":
        raise Refused(error(400, f"no such command or directory ({verb})"))
    values = _object(request)
    queries = values.pop(".query", [])
    if not isinstance(queries, list):
        raise Refused(error(400, "invalid value for argument .query"))
    words = (*_words(values), *(f"?{query}" for query in queries))
    return Order(f"{menu}/{verb}", words, "list", menu)


def _reference(item: str) -> str:
    return ".id" if item.startswith("*") else "name"


def _item(rest: Sequence[str]) -> str:
    if len(rest) != 1:
        raise Refused(error(400, "no such command or directory"))
    return rest[0]


def _object(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(error(415))
    try:
        found = json.loads(request.body)
    except ValueError:
        raise Refused(error(400, "invalid JSON")) from None
    if not isinstance(found, dict):
        raise Refused(error(400, "invalid JSON"))
    return found


def _words(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"={name}={_text(value)}" for name, value in values.items())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    return str(value)
