"""What each version of RouterOS knows: menus, commands, arguments, types, defaults.

Read from the two data files beside this module: `arguments.txt`, written by
`scripts/routeros-arguments` from the trees of real routers, and `menus.toml`, kept by hand.
"""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

from ronda.simulator.routers.values import Kind, kind_of

DATA = resources.files("ronda.simulator.routers") / "data"
PROPERTY = re.compile(
    r"(?P<readonly>ro )?(?P<kind>[a-z]+(?:\([^)]*\))?)(?P<required> required)?"
    r"(?: absent (?P<absent>\S+))?(?: =(?: (?P<default>.*))?)?"
)
PRINTS = ("getall", "listen")
TEXT = Kind("text")


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of RouterOS that can be simulated."""

    name: str
    number: int
    printed: str  # as /system/resource has it
    version: tuple[int, int, int]
    build_time: str

    @property
    def major(self) -> int:
        """6 or 7."""
        return self.version[0]

    def since(self, *version: int) -> bool:
        """Whether this is that version or a later one."""
        return self.version >= version


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("v6.42", 0, "6.42.12 (long-term)", (6, 42, 12), "Feb/12/2019 08:32:07"),
        Profile("v6.49.10", 1, "6.49.10 (long-term)", (6, 49, 10), "Oct/23/2023 06:43:18"),
        Profile("v7.8", 2, "7.8 (stable)", (7, 8, 0), "Feb/24/2023 09:03:34"),
        Profile("v7.16", 3, "7.16.2 (stable)", (7, 16, 2), "2024-11-26 12:09:40"),
        Profile("v7.21", 4, "7.21.2 (stable)", (7, 21, 2), "2026-01-16 11:20:05"),
        Profile("v7.24", 5, "7.24.4 (stable)", (7, 24, 4), "2026-09-08 10:14:22"),
    )
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a menu's rows."""

    name: str
    kind: Kind = TEXT
    readonly: bool = False
    required: bool = False
    absent: str | None = None
    default: str | None = None

    @classmethod
    def parsed(cls, name: str, text: str) -> "Property":
        """From its line in menus.toml.

        Raises:
            ValueError: the line is none.
        """
        found = PROPERTY.fullmatch(text)
        if not found:
            raise ValueError(f"menus.toml: {name} = {text!r}")
        default = found["default"]
        if default is None and text.endswith("="):
            default = ""
        return cls(
            name,
            kind_of(found["kind"]),
            bool(found["readonly"]),
            bool(found["required"]),
            found["absent"],
            default,
        )


@dataclass(frozen=True)
class MenuSchema:
    """One menu in one version: `commands` maps a verb to its arguments and their types."""

    path: str
    commands: dict[str, dict[str, Kind]]
    properties: dict[str, Property]
    unique: tuple[tuple[str, ...], ...] = ()
    duplicate: str = "failure: already have such item"
    used_by: tuple[tuple[str, str], ...] = ()
    in_use: str = "failure: item in use"
    device_mode: str = ""
    rows: tuple[dict[str, str], ...] = ()
    order: dict[str, int] = field(default_factory=dict)
    many: bool = False  # rows, though the trees, read off routers without sensors, show one item

    @cached_property
    def single(self) -> bool:
        """A menu that is one item: nothing can be added and nothing has an id."""
        return not self.many and "where" not in self.commands.get("print", {})

    @cached_property
    def defaults(self) -> dict[str, str]:
        """What a new row has of what is not given."""
        known = self.properties.values()
        return {one.name: one.default for one in known if one.default is not None}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """What a new row cannot do without."""
        return tuple(one.name for one in self.properties.values() if one.required)

    def property(self, name: str) -> Property:
        """What is known of a property; plain text when nothing is."""
        return self.properties.get(name) or Property(name)


@cache
def menus_of(profile: Profile) -> dict[str, MenuSchema]:
    """Every menu of a version by its path."""
    commands: dict[str, dict[str, dict[str, Kind]]] = {}
    for path, arguments in _arguments(profile.number).items():
        menu, _, verb = path.rpartition("/")
        commands.setdefault(menu, {})[verb] = arguments
    known = tomllib.loads((DATA / "menus.toml").read_text(encoding="utf-8"))
    return {
        path: _menu(path, verbs, known.get(path, {}), profile)
        for path, verbs in sorted(commands.items())
    }


def _arguments(number: int) -> dict[str, dict[str, Kind]]:
    """command -> argument -> type, for the profile of this number."""
    usual: dict[str, list[str]] = {}
    found: dict[str, dict[str, Kind]] = {}
    for line in (DATA / "arguments.txt").read_text(encoding="utf-8").splitlines():
        head, *words = line.split()
        if head == "#":
            continue
        if head.startswith("%"):
            usual[head] = words
            continue
        path, _, profiles = head.partition("@")
        if profiles and str(number) not in profiles:
            continue
        arguments = found.setdefault(path, {})
        for word in words:
            argument, _, profiles = word.partition("@")
            if profiles and str(number) not in profiles:
                continue
            name, _, kind = argument.partition(":")
            for each in usual.get(name, [name]):
                arguments[each] = kind_of(kind) if kind else TEXT
    return found


def _menu(
    path: str, verbs: dict[str, dict[str, Kind]], known: dict[str, Any], profile: Profile
) -> MenuSchema:
    properties = {
        name: Property.parsed(name, text) for name, text in known.get("properties", {}).items()
    }
    for verb in ("add", "set"):
        for name, kind in verbs.get(verb, {}).items():
            if name not in {"copy-from", "numbers", "place-before"}:
                properties.setdefault(name, Property(name, kind))
    if "print" in verbs:
        verbs = {**verbs, **dict.fromkeys(PRINTS, verbs["print"])}
    settable = {name for verb in ("add", "set") for name in verbs.get(verb, {})}
    properties = {name: one for name, one in properties.items() if one.readonly or name in settable}
    return MenuSchema(
        path,
        verbs,
        properties,
        unique=tuple(tuple(names) for names in known.get("unique", ())),
        duplicate=known.get("duplicate", "failure: already have such item"),
        used_by=tuple((menu, name) for menu, name in known.get("used-by", ())),
        in_use=known.get("in-use", "failure: item in use"),
        device_mode=known.get("device-mode", "") if profile.major > 6 else "",
        rows=tuple(known.get("rows", ())),
        order={name: place for place, name in enumerate(properties)},
        many=profile.major >= known.get("rows-from", 99),
    )
