"""Lines of a router's log: masked before they are kept, weighed, and searched; pure."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MASK = "***"
_SECRETS = re.compile(
    r"""(?ix)
    \b([\w-]*(?:password|passwd|passphrase|secret|psk|pre-shared-key|private-key|token|community))
    (\s*[=:]\s*|\s+is\s+)
    ("[^"]*"|'[^']*'|[^\s,;"')]+)
    """
)
SEVERITIES = ("critical", "error", "warning", "info", "debug")


class Line(NamedTuple):
    """One line as the router printed it; `time` in the router's own form."""

    time: str
    topics: str
    message: str

    @property
    def severity(self) -> str:
        """The worst of its topics that is one of `SEVERITIES`, else "info"."""
        topics = set(self.topics.split(","))
        return next((word for word in SEVERITIES if word in topics), "info")


def masked(message: str) -> str:
    """A message in which the value after a word such as `password` cannot be read."""
    return _SECRETS.sub(lambda found: f"{found[1]}{found[2]}{MASK}", message)


def chosen(
    lines: Iterable[Sequence[str]], *, text: str = "", severity: str = "", topic: str = ""
) -> list[Line]:
    """The lines that hold every word of `text`, are at least so severe, and have the topic."""
    words = text.lower().split()
    worst = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    found = []
    for parts in lines:
        line = Line(*parts)
        whole = f"{line.time} {line.topics} {line.message}".lower()
        if (
            all(word in whole for word in words)
            and SEVERITIES.index(line.severity) <= worst
            and (not topic or topic in line.topics.split(","))
        ):
            found.append(line)
    return found
