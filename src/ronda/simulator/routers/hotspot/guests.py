"""The guests of an invented hotspot: phones with MAC addresses, and what each knows to log in."""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Sequence
from dataclasses import dataclass, field

from ronda.simulator.routers.hotspot.rhythm import Habits

PHONES = (
    "Galaxy-A14", "Galaxy-A05s", "OPPO-A17", "OPPO-A58", "Redmi-Note-12", "Redmi-13C", "POCO-M5",
    "vivo-Y16", "vivo-Y27", "realme-C53", "realme-C35", "Infinix-SMART-8", "iPhone", "itel-A70",
)  # fmt: skip
OTHERS = ("LAPTOP-7K2QF", "DESKTOP-RT04", "android-tv", "MacBook-Air")

# First halves of addresses without the mark of an invented one; most phones show an invented one.
MAKERS = ("D4:61:DA", "A4:50:46", "3C:7A:AA", "F8:AB:82", "2C:FD:A1", "BC:6A:D1")
INVENTED = 0.7

Credentials = tuple[str, str]


@dataclass(slots=True)
class Guest:
    """One device and its owner's habits; `knows` is the user name and password he would type.

    `owns` says that he keeps it when it is used up (a member); others then look for a new voucher.
    """

    mac: str
    device: str
    server: str
    habits: Habits
    generator: random.Random = field(repr=False)
    knows: Credentials | None = field(default=None, repr=False)
    owns: bool = False


def mac_address(generator: random.Random) -> str:
    """An address as phones have them today: mostly invented, marked as such by its second bit."""
    if generator.random() < INVENTED:
        first = generator.randrange(64) << 2 | 2
        rest = [generator.randrange(256) for _ in range(5)]
        return ":".join(f"{byte:02X}" for byte in (first, *rest))
    rest = [generator.randrange(256) for _ in range(3)]
    return ":".join((generator.choice(MAKERS), *(f"{byte:02X}" for byte in rest)))


def crowd(
    seed: int, count: int, *, server: str, members: Sequence[Credentials] = ()
) -> list[Guest]:
    """`count` guests of one hotspot; the first ones are its members, the rest buys vouchers.

    A member comes with one device for each time he stands in `members`.
    """
    generator = random.Random(f"guests:{seed}:{server}")  # noqa: S311 -- seeded simulation
    guests = []
    for n in range(count):
        mac = mac_address(generator)
        member = members[n] if n < len(members) else None
        guests.append(
            Guest(
                mac=mac,
                device=generator.choice(PHONES if generator.random() < 0.9 else OTHERS),
                server=server,
                habits=Habits(
                    visits=generator.uniform(1.0, 5.0),
                    stay_s=60 * generator.uniform(20, 90),
                    appetite=1_000 * generator.lognormvariate(4.2, 0.6),
                ),
                generator=random.Random(f"{seed}:{mac}"),  # noqa: S311 -- seeded simulation
                knows=member,
                owns=member is not None,
            )
        )
    return guests
