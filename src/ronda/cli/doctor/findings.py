"""What a check found."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """How bad it is; the highest of all is the state of the whole."""

    OK = 0
    WARN = 1
    FAIL = 2

    @property
    def word(self) -> str:
        """As printed: ok, warn, fail."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    name: str
    state: State
    text: str
    fix: str = ""

    def document(self) -> dict[str, str]:
        """For `--json`."""
        return {"check": self.name, "state": self.state.word, "text": self.text, "fix": self.fix}


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, text)


def warn(name: str, text: str, fix: str) -> Finding:
    """It works, but somebody should do something."""
    return Finding(name, State.WARN, text, fix)


def fail(name: str, text: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(name, State.FAIL, text, fix)
