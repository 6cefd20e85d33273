"""Walks the product's address list, so that no test has to repeat it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import Operation

from ronda.accounts.middleware import is_operation

SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "path": "x",
}


@dataclass(frozen=True)
class Door:
    """One address with a value in each place, and what stands behind it."""

    path: str
    name: str
    view: Callable[..., Any]

    @property
    def is_open(self) -> bool:
        return not getattr(self.view, "login_required", True)

    @property
    def is_api_document(self) -> bool:
        """The OpenAPI document and its page, which whoever is signed in may read."""
        return getattr(self.view, "func", self.view).__module__ == "ninja.openapi.views"

    @property
    def read_role(self) -> str | None:
        return "anyone" if self.is_api_document else getattr(self.view, "needed_role", None)

    @property
    def write_role(self) -> str | None:
        return "anyone" if self.is_api_document else getattr(self.view, "write_role", None)

    @property
    def operations(self) -> list[Operation]:
        """What the JSON API does here, one for each set of methods; empty for a page."""
        if not is_operation(self.view):
            return []
        cells = [cell.cell_contents for cell in self.view.__closure__ or ()]
        return next(cell for cell in cells if hasattr(cell, "operations")).operations

    @property
    def is_allauth(self) -> bool:
        return self.view.__module__.startswith("allauth.")


def doors() -> list[Door]:
    """Every address of the product once; where two patterns share one, the first is what answers."""
    found: dict[str, Door] = {}
    for door in _walk(get_resolver().url_patterns, "/", ""):
        found.setdefault(door.path, door)
    return list(found.values())


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, space: str) -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + _filled(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield Door(route, space + (pattern.name or ""), pattern.callback)


def _filled(pattern: URLPattern | URLResolver) -> str:
    route = str(pattern.pattern)
    if pattern.pattern.__class__.__name__ == "RegexPattern":
        route = re.sub(r"\(\?:(.*)\)\?", r"\1", route.strip("^$"))  # optional parts are there
        return re.sub(r"\(\?P<\w+>[^()]*\)", "x", route)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES.get(match[1] or "str", "x"), route)
