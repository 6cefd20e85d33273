"""Every address of the product and who may pass it, read from Django's own list of addresses.

`ronda doors` prints it as docs/doors.md, and tests try every row of it as every role.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import Operation

from ronda.accounts.middleware import is_operation
from ronda.accounts.roles import SAFE_METHODS
from ronda.app.scoped import OPEN
from ronda.app.scoping import name_of, rule_of
from ronda.kernel.roles import ANYONE, INCLUDES, holds

SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "path": "x",
}
#: Addresses of allauth that answer 404 to everybody.
SHUT = ("/accounts/signup/", "/accounts/email/", "/accounts/password/", "/accounts/confirm-email/")
STRANGER = "stranger"
#: In the order of the table's columns.
VISITORS = (*INCLUDES, STRANGER)
#: The right that opens a door to everybody, without signing in.
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Door:
    """One address with a value in each place, and what stands behind it."""

    path: str
    name: str
    view: Callable[..., Any]
    route: str = ""

    @property
    def is_open(self) -> bool:
        """Whether no sign-in is asked for."""
        return not getattr(self.view, "login_required", True)

    @property
    def is_api_document(self) -> bool:
        """The OpenAPI document and its page, which whoever is signed in may read."""
        return getattr(self.view, "func", self.view).__module__ == "ninja.openapi.views"

    @property
    def read_role(self) -> str | None:
        """The least role that may look; None where nothing was said."""
        return ANYONE if self.is_api_document else getattr(self.view, "needed_role", None)

    @property
    def write_role(self) -> str | None:
        """The least role that may change something."""
        return ANYONE if self.is_api_document else getattr(self.view, "write_role", None)

    @property
    def operations(self) -> list[Operation]:
        """What the JSON API does here, one for each set of methods; empty for a page."""
        if not is_operation(self.view):
            return []
        cells = [cell.cell_contents for cell in self.view.__closure__ or ()]
        found: list[Operation] = next(c for c in cells if hasattr(c, "operations")).operations
        return found

    @property
    def is_allauth(self) -> bool:
        """Whether it is one of the sign-in library's own."""
        return self.view.__module__.startswith("allauth.")

    @property
    def methods(self) -> tuple[str, ...]:
        """What a page answers to, of GET and POST."""
        allowed = {"GET"} if self.is_api_document else _methods_of(self.view) or {"GET", "POST"}
        return tuple(method for method in ("GET", "POST") if method in allowed)


def _methods_of(view: Any) -> set[str]:
    """The methods that a decorator of Django's lets through to a view; empty where none stands before it."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            place = code.co_freevars.index("request_method_list")
            return set(view.__closure__[place].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return set()


def doors() -> list[Door]:
    """Every address of the product once; where two patterns share one, the first is what answers."""
    found: dict[str, Door] = {}
    for door in _walk(get_resolver().url_patterns, "/", ""):
        found.setdefault(door.path, door)
    return list(found.values())


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + _route(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield Door(filled(route, {}), space + (pattern.name or ""), pattern.callback, route)


def _route(pattern: URLPattern | URLResolver) -> str:
    route = str(pattern.pattern)
    if pattern.pattern.__class__.__name__ == "RegexPattern":
        route = re.sub(r"\(\?:(.*)\)\?", r"\1", route.strip("^$"))  # optional parts are there
        return re.sub(r"\(\?P<\w+>[^()]*\)", "x", route)
    return route


def filled(route: str, values: Mapping[str, Any]) -> str:
    """An address with these values in its places, and a sample where there is none."""

    def value(match: re.Match[str]) -> str:
        return str(values.get(match[2], SAMPLES.get(match[1] or "str", "x")))

    return re.sub(r"<(?:(\w+):)?(\w+)>", value, route)


@dataclass(frozen=True)
class Row:
    """One line of the table: an address with a method, and the right that it needs."""

    section: str
    method: str
    route: str
    needed: str
    sites: str

    @property
    def path(self) -> str:
        """An address to try, with a sample in each place."""
        return filled(self.route, {})

    @property
    def is_operation(self) -> bool:
        """Whether programs are spoken to here, in JSON."""
        return self.route.startswith("/api/")

    def lets_in(self, visitor: str) -> bool:
        """Whether a role, or a stranger, may pass."""
        if self.needed == EVERYBODY:
            return True
        return visitor != STRANGER and holds(visitor, self.needed)


def rows() -> list[Row]:
    """Every page and every operation of the API with each of its methods, section by section."""
    found: list[Row] = []
    for door in doors():
        if door.is_allauth:
            continue
        if door.operations:
            found += _operations(door)
        elif not _is_shut(door):
            found += _pages(door)
    return sorted(found, key=lambda row: (row.is_operation, row.section))


def _is_shut(door: Door) -> bool:
    return door.view.__module__ == "ronda.accounts.views.sign_in" and door.is_open


def _pages(door: Door) -> Iterator[Row]:
    section = "API: document" if door.is_api_document else door.name.partition(":")[0]
    for method in door.methods:
        needed = door.read_role if method in SAFE_METHODS else door.write_role
        if door.is_open or needed is None:
            needed = EVERYBODY
        yield Row(section, method, door.route, needed, _sites(door.name, method))


def _operations(door: Door) -> Iterator[Row]:
    api = "v1" if door.route.startswith("/api/v1/") else "older"
    for operation in door.operations:
        needed = EVERYBODY
        if operation.auth_callbacks:
            needed = getattr(operation.auth_callbacks[0], "needed", ANYONE)
        tag = (operation.tags or ["others"])[0] if api == "v1" else "older paths"
        for method in operation.methods:
            sites = _sites(name_of(api, operation.view_func), method)
            yield Row(f"API: {tag}", method, door.route, str(needed), sites)


def _sites(name: str, method: str) -> str:
    rule = rule_of(name, method)
    if rule is None or not rule.opens:
        return "no"
    return "as everybody" if rule is OPEN else "theirs"
