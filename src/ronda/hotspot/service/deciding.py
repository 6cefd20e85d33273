"""Who may ask what of routers, and which side holds where a router differs from what is wanted."""

from collections.abc import Collection, Sequence

from ronda.accounts.models import Person, Role
from ronda.devices.service.scope import mine
from ronda.hotspot.models import Drift, Instruction, Kind, Verb
from ronda.hotspot.rules.drift import Standing
from ronda.hotspot.service import adopting, asking, drifting
from ronda.hotspot.service.asking import Target

#: What an operator may do at once; the rest needs an administrator.
_OPERATORS = frozenset(
    {Verb.KICK, Verb.DISABLE, Verb.ENABLE, Verb.RESET, Verb.FORGET, Verb.REFRESH}
)


def role_for(verb: Verb) -> Role:
    """The role that may ask this of a router."""
    return Role.NOC if verb in _OPERATORS else Role.ADMIN


def role_to_undo(instruction: Instruction, verb: Verb) -> Role:
    """The role that may take an instruction back by this verb: who may disable may put that right."""
    if verb is Verb.EDIT and instruction.verb in _OPERATORS:
        return Role.NOC
    return role_for(verb)


def rows_of(differences: Collection[int]) -> list[Drift]:
    """The differences with these ids that are there, as many as may be decided at once."""
    chosen = sorted(differences)[: asking.MOST_AT_ONCE]
    found = mine(Drift.objects.filter(pk__in=chosen, router__deleted_at=None), "router__site")
    return list(found.select_related("router", "wanted"))


def repairs(rows: Sequence[Drift]) -> list[Target]:
    """What makes the routers as wanted; an item that is missing is made with the password kept of it."""
    return [
        Target(
            row.router,
            row.wanted.name,
            row.wanted.kind,
            row.wanted.server,
            {name: held for name, (_wanted, held) in row.fields.items()} or None,
            row.wanted.values,
            sealed=row.wanted.secret if row.standing == Standing.MISSING else "",
        )
        for row in rows
    ]


def believe_routers(rows: Sequence[Drift], person: Person | None, source: str = "") -> int:
    """Want from now on what the routers hold; how many items."""
    for row in rows:
        key = (row.wanted.name, row.wanted.server)
        held = drifting.held(row.router, Kind(row.wanted.kind), [row.wanted.name]).get(key)
        if held is None:
            adopting.forget(row.wanted, person, source)
        else:
            adopting.adopt([held], person, source)
    return len(rows)
