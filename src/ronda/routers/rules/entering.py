"""What is typed into the set-up guide, read: user profiles, one a line."""

import re

from ronda.routers.rules.guide import ProfilePlan

_RATE = re.compile(r"\d{1,7}[kKMG]?/\d{1,7}[kKMG]?")
_TIME = re.compile(r"(\d{1,4})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
MOST_PROFILES = 50
MOST_SHARED = 1000


class NotAProfile(ValueError):
    """A line is no profile; `line` counts from 1, `part` is what could not be read."""

    def __init__(self, line: int, part: str) -> None:
        super().__init__(f"line {line}: {part}")
        self.line = line
        self.part = part


def read_profiles(text: str) -> tuple[ProfilePlan, ...]:
    """Lines like `1jam, 1, 512k/2M, 1h`: name, devices at once, rate up/down, time of one session.

    Only the name is needed; parts may stand in any order and be left out.

    Raises:
        NotAProfile: a part is none of these, or a name comes twice.
    """
    found: dict[str, ProfilePlan] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        plan = _profile(number, [part.strip() for part in line.split(",")])
        if plan.name in found or len(found) == MOST_PROFILES:
            raise NotAProfile(number, plan.name)
        found[plan.name] = plan
    return tuple(found.values())


def _profile(number: int, parts: list[str]) -> ProfilePlan:
    name, *rest = parts
    if not name or len(name) > 60 or not name.isprintable():
        raise NotAProfile(number, name)
    shared, rate, session = 1, "", None
    for part in rest:
        if part.isascii() and part.isdigit() and 1 <= int(part) <= MOST_SHARED:
            shared = int(part)
        elif _RATE.fullmatch(part):
            rate = part
        elif match := _TIME.fullmatch(part):
            session = int(match[1]) * _SECONDS[match[2]]
        elif part:
            raise NotAProfile(number, part)
    return ProfilePlan(name, shared, rate, session)
