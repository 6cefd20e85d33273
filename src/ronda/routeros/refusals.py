"""What a router's refusal means: one table for the API and REST, whose texts are the same.

Sources: the texts as measured on RouterOS 6.42 to 7.24; they are matched by their words, since the
trap category is often missing, and without the ` (N)` that some versions append.
"""

import re

from ronda.routeros.errors import (
    AlreadyThere,
    ForbiddenByDeviceMode,
    Interrupted,
    InvalidValue,
    NoSuchItem,
    NoSuchReference,
    NotPermitted,
    Outcome,
    RouterFull,
    RouterRefused,
    RouterTimedOut,
    RouterUnreachable,
    UnknownToVersion,
    WrongCredentials,
)

_INTERRUPTED = 2
_NUMBER_AT_END = re.compile(r" \(\d+\)$")

_MEANINGS: tuple[tuple[re.Pattern[str], type[RouterRefused]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"^invalid user name or password", WrongCredentials),
        (r"^cannot log in", WrongCredentials),
        (r"^could not authenticate", WrongCredentials),
        (r"not enough permissions", NotPermitted),
        (r"not allowed by device-mode", ForbiddenByDeviceMode),
        (r"^(failure: )?already have ", AlreadyThere),
        (r"\balready exists\b", AlreadyThere),
        (r"does not match any value of ", NoSuchReference),
        (r"^no such item", NoSuchItem),
        (r"^unknown parameter\b", UnknownToVersion),
        (r"^no such command", UnknownToVersion),
        (r"^value of .+ out of range", InvalidValue),
        (r"^(failure: )?invalid value\b", InvalidValue),
        (r"^ambiguous value\b", InvalidValue),
        (r"^missing\b", InvalidValue),
        (r"^interrupted", Interrupted),
        (r"\b(licen[cs]e|session|table) limit\b|\bmaximum number of\b|\btoo many\b", RouterFull),
        (r"\b(disk|storage|table) (is )?full\b|\bno space left\b", RouterFull),
    )
)


def meaning_of(
    text: str, *, category: int | None = None, command: str = ""
) -> RouterRefused | RouterUnreachable:
    """The typed error for the router's sentence; `command` is what was asked, by its path.

    "action failed" says nothing by itself: where something was to be kept, the router is full.
    A login that failed because RADIUS did not answer says nothing about the password.
    """
    plain = _NUMBER_AT_END.sub("", text.strip())
    if "radius timeout" in plain:
        return RouterTimedOut(text)
    if plain == "Session closed":
        return RouterTimedOut(
            "the command took longer than the router allows", outcome=Outcome.UNKNOWN
        )
    for pattern, meaning in _MEANINGS:
        if pattern.search(plain):
            return meaning(text, category=category)
    if category == _INTERRUPTED:
        return Interrupted(text, category=category)
    if plain == "action failed" and command.endswith(("/add", "/save")):
        return RouterFull(text, category=category)
    return RouterRefused(text, category=category)
