"""What the pages of routers are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "routers",
    {
        "routers": Help(
            _("The MikroTiks whose hotspot Ronda reads and keeps."),
            (
                _(
                    "The guide writes the commands for the terminal; the test says step by step what is missing."
                ),
            ),
        ),
        "router": Help(
            _("One router: its connection, health and hotspot."),
            (_("“Test now” tells which step fails: name, port, certificate, password or rights."),),
        ),
        "router-new": Help(
            _("A router needs its address and a user of its own; the guide makes that user."),
            (_("The password is sealed and never shown again."),),
        ),
        "setup": Help(
            _("Commands for the router's terminal, made from what you choose."),
            (_("Read them, copy them, paste them into the terminal of WinBox."),),
        ),
        REST: Help(_("Part of keeping routers.")),
    },
)
