"""RouterOS commands as values, and as the line that is pasted into a router's terminal.

A command is never put together from text: every value passes `quoted`, so that a name with a quote,
a dollar sign or a line break stays a name (manual: Scripting, "Constant Escape Sequences").
"""

import re
from dataclasses import dataclass

_PLAIN = re.compile(r"[A-Za-z0-9._/:,-]+")
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "$": "\\$",
    "?": "\\?",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def quoted(text: str) -> str:
    """A value as RouterOS's console reads it back, on v6 and v7; plain words stay bare."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    # Terminals differ in what they make of other letters; bytes are read the same by all.
    return "".join(f"\\{byte:02X}" for byte in character.encode())


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `menu` is its path, `values` what it sets, in order.

    `item` names what an existing item is found by without a search (`/ip service set api …`); `find`
    searches for it by its properties.
    """

    menu: str
    verb: str
    values: tuple[tuple[str, str], ...] = ()
    item: str = ""
    find: tuple[tuple[str, str], ...] = ()

    def line(self) -> str:
        """The line for a terminal; the same on v6 and v7."""
        words = ["/" + self.menu.strip("/").replace("/", " "), self.verb]
        if self.item:
            words.append(quoted(self.item))
        if self.find:
            words.append(
                "[find " + " ".join(f"{name}={quoted(value)}" for name, value in self.find) + "]"
            )
        words += [f"{name}={quoted(value)}" for name, value in self.values]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Look:
    """A command that only shows something: `words` follow `print`, and hold no value of anybody."""

    menu: str
    words: str = ""

    def line(self) -> str:
        """The line for a terminal."""
        return f"/{self.menu.strip('/').replace('/', ' ')} print {self.words}".rstrip()


Line = Command | Look


def add(menu: str, **values: str) -> Command:
    """A new item; `_` in a name stands for `-`."""
    return Command(menu, "add", _pairs(values))


def change(menu: str, item: str = "", **values: str) -> Command:
    """Change an item by its name, or the settings of a menu that is one item."""
    return Command(menu, "set", _pairs(values), item)


def change_found(menu: str, find: dict[str, str], **values: str) -> Command:
    """Change the items with these properties."""
    return Command(menu, "set", _pairs(values), find=_pairs(find))


def _pairs(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in values.items())
