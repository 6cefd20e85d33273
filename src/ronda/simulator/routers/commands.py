"""From the words of a sentence to what a router does: which command, may he, with which arguments.

A handler takes a `Call` and gives an outcome: an `Answer`, or a `Watch` or `Repeat` that goes on
until it is cancelled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ronda.simulator.routers import passwords, traps
from ronda.simulator.routers.queries import NotAQuery, Test, compiled
from ronda.simulator.routers.schema import Property
from ronda.simulator.routers.sessions import Session
from ronda.simulator.routers.store import Menu, Row

if TYPE_CHECKING:
    from ronda.simulator.routers.router import VirtualRouter

# What the API itself takes with every command, beside the arguments of the menu.
OF_THE_API = {".id", ".proplist", "numbers"}
OF_PRINT = {"count-only", "detail", "interval", "once", "stats", "terse", "without-paging", "file"}
Rows = Sequence[Row | Mapping[str, str]]


@dataclass(frozen=True)
class Answer:
    """Rows, then `!done` with `ret` where there is one.

    `properties` is what of each row is wanted, in this order (None: all), `hide` what is not shown.
    """

    rows: Rows = ()
    ret: str | None = None
    properties: tuple[str, ...] | None = None
    hide: frozenset[str] = frozenset()
    listing: bool = False  # a print: without rows 7.18 and later say !empty

    def dicts(self) -> list[dict[str, str]]:
        """The rows as plain mappings."""
        return [shown(row, self.properties, self.hide) for row in self.rows]


@dataclass(frozen=True)
class Watch:
    """`listen`: every change of these rows from now on, removed ones as `.dead`."""

    menu: Menu
    test: Test
    properties: tuple[str, ...] | None = None
    hide: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Repeat:
    """The same question again every so many seconds, `times` times or until cancelled."""

    every: float
    ask: Callable[[], Answer]
    times: int | None = None


Outcome = Answer | Watch | Repeat


@dataclass
class Call:
    """One command with everything a handler needs to do it."""

    router: "VirtualRouter"
    menu: Menu
    verb: str
    values: dict[str, str]
    queries: list[str]
    session: Session
    _test: Test | None = field(default=None, repr=False)

    @property
    def test(self) -> Test:
        """What the query asks of a row.

        Raises:
            Trap: the query words are none.
        """
        if self._test is None:
            try:
                self._test = compiled(self.queries)
            except NotAQuery as wrong:
                raise traps.Trap(f"unknown query {wrong}", traps.ARGUMENT) from wrong
        return self._test

    @property
    def proplist(self) -> tuple[str, ...] | None:
        """The properties asked for, None for all."""
        asked = self.values.get(".proplist", self.values.get("proplist"))
        return tuple(name for name in asked.split(",") if name) if asked else None

    @property
    def hide(self) -> frozenset[str]:
        """The properties this session may not see, or did not ask to see from 7.21 on."""
        asked = "show-sensitive" in self.values or not self.router.profile.since(7, 21)
        if self.session.policies is None or (asked and self.session.may("sensitive")):
            return frozenset()
        known = self.menu.schema.properties.values()
        return frozenset(one.name for one in known if one.kind.name == "secret")

    def chosen(self) -> list[Row]:
        """The rows that `.id` or `numbers` name, by id or by name, a comma between them.

        Raises:
            Trap: none are named, or one of them is not there.
        """
        menu = self.menu
        if menu.schema.single:
            return list(menu.rows.values())
        named = self.values.get(".id", self.values.get("numbers"))
        if not named:
            raise traps.missing(".id")
        return [self._row(text) for text in named.split(",")]

    def _row(self, text: str) -> Row:
        row = self.menu.rows.get(text)
        if row is None and "name" in self.menu.schema.properties:
            row = self.menu.find(name=text)
        if row is None:
            raise traps.no_such_item(self.router.profile.version)
        return row

    def taken(self, one: Property, value: str) -> str:
        """A value as this property keeps it.

        Raises:
            Trap: it is no value of its type.
        """
        menus = self.router.menus

        def exists(path: str, name: str) -> bool:
            return path not in menus or menus[path].find(name=name) is not None

        return one.kind.taken(one.name, value, exists, self.router.profile.major)


Handler = Callable[[Call], Outcome]


def shown(
    row: Row | Mapping[str, str], properties: Sequence[str] | None, hide: frozenset[str]
) -> dict[str, str]:
    """A row as it is sent."""
    names = row if properties is None else properties
    return {name: row[name] for name in names if name in row and name not in hide}


def parsed(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Arguments and query words of a sentence; `=name` alone is an empty value."""
    values: dict[str, str] = {}
    queries: list[str] = []
    for word in words:
        if word.startswith("?"):
            queries.append(word[1:])
        elif word.startswith("="):
            name, _, value = word[1:].partition("=")
            values[name] = value
    return values, queries


def execute(
    router: "VirtualRouter", command: str, words: Sequence[str], session: Session
) -> Outcome:
    """Do one command.

    Raises:
        Trap: the router refuses.
    """
    if command == passwords.COMMAND:
        passwords.change(router, parsed(words)[0], session)
        return Answer()
    path, _, verb = command.rpartition("/")
    menu = router.menus.get(path)
    if menu is None:
        raise traps.no_such_menu()
    arguments = menu.schema.commands.get(verb)
    if arguments is None:
        raise traps.no_such_command()
    session.check(path, verb)
    values, queries = parsed(words)
    known = OF_PRINT if verb in {"print", "getall", "listen", "monitor-traffic"} else set()
    for name in values:
        if name not in arguments and name not in OF_THE_API and name not in known:
            raise traps.unknown_parameter(name)
    call = Call(router, menu, verb, values, queries, session)
    for guard in router.guards.get(command, ()):
        guard(call)
    handler = router.handlers.get(command) or router.handlers.get(verb)
    if handler is None:
        raise traps.action_failed()
    return handler(call)
