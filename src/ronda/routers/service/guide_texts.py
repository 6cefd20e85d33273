"""What each block of the set-up guide does, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ronda.routers.rules.guide import Block, Plan, policies_of
from ronda.web.words import Text

TEXTS: Mapping[str, tuple[Text, Text]] = {
    "certificate": (
        _("A certificate of the router's own"),
        _(
            "So that the connection is encrypted and Ronda knows its router again. Signing takes up to a minute; "
            "wait until the terminal says done before you paste the next block."
        ),
    ),
    "user": (
        _("A user for Ronda, with just enough rights"),
        _(
            "The group may: %(policies)s. It may not change other users' rights, and the user comes in from "
            "%(server)s only. The password is random and made for this page alone."
        ),
    ),
    "service": (
        _("The service Ronda speaks to"),
        _(
            "Open for %(server)s only. With TLS the service without encryption is switched off; leave that line "
            "out while another program still uses it."
        ),
    ),
    "clock": (
        _("The right time"),
        _("Schedules, logs and certificates go by the router's clock."),
    ),
    "firewall": (
        _("Only if the firewall drops: a rule for Ronda"),
        _(
            "The first line shows the rules. If some drop what comes to the router (chain input), paste the second "
            "line: it puts a rule for Ronda above them all. Without any rule leave it out."
        ),
    ),
    "hotspot": (
        _("The hotspot, in the right order"),
        _(
            "Address, addresses for guests, then the hotspot's profile, and the hotspot last, because it names them "
            "all. Leave out what the router has already; give the interface itself, not a port of a bridge."
        ),
    ),
    "profiles": (
        _("User profiles"),
        _(
            "Rate is upload/download as the customer sees it. The time here ends each sign-in; how long a voucher "
            "lasts in total, and how much data it has, are limits of each user, which Ronda sets when it makes one."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A block with its words, as the page shows it."""

    code: str
    title: str
    text: str
    repairs: Sequence[tuple[str, str]]


def told(block: Block, plan: Plan) -> Told:
    """A block in the active language."""
    title, text = TEXTS[block.code]
    values = {"server": plan.server, "policies": ", ".join(policies_of(plan))}
    lines = "\n".join(line.line() for line in block.lines)
    return Told(block.code, str(title), str(text) % values, [(f"v{plan.major}", lines)])
