"""What a router answers instead of doing it: the texts of `!trap`, and their categories.

The texts are those read off real routers or their clients' code; most replies carry no category.
"""

MISSING = "0"
ARGUMENT = "1"
INTERRUPTED = "2"


class Trap(Exception):
    """The command failed with this message; the connection goes on."""

    def __init__(self, message: str, category: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.category = category


def unknown_parameter(name: str) -> Trap:
    """An argument the command does not take in this version."""
    return Trap(f"unknown parameter {name}")


def invalid_value(name: str) -> Trap:
    """A value that is no value of its type."""
    return Trap(f"invalid value for argument {name}", ARGUMENT)


def out_of_range(name: str, low: str, high: str) -> Trap:
    """A number or time too small or too large."""
    return Trap(f"value of {name} out of range ({low}..{high})", ARGUMENT)


def no_match(name: str) -> Trap:
    """A name of something that is not there, or a word that is none of the choices."""
    return Trap(f"input does not match any value of {name}", ARGUMENT)


def missing(name: str) -> Trap:
    """An argument that the command needs."""
    return Trap(f"missing ={name}=")


def no_such_item(version: tuple[int, int, int]) -> Trap:
    """An id or name that nothing has; the older text ends with its number."""
    return Trap("no such item" if version >= (7, 0, 0) else "no such item (4)", MISSING)


def no_such_command() -> Trap:
    """The menu is there, the command is not."""
    return Trap("no such command", MISSING)


def no_such_menu() -> Trap:
    """Not even the menu is there."""
    return Trap("no such command prefix", MISSING)


def not_enough_permissions() -> Trap:
    """The user's group lacks a policy."""
    return Trap("not enough permissions (9)")


def not_allowed_by_device_mode() -> Trap:
    """7.17 and later forbid some features until somebody presses the button."""
    return Trap("failure: not allowed by device-mode")


def action_failed() -> Trap:
    """The table or the disk is full."""
    return Trap("action failed (6)")


def interrupted() -> Trap:
    """A `/cancel` ended the command."""
    return Trap("interrupted", INTERRUPTED)
