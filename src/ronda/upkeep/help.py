"""What the pages of the routers' upkeep are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "upkeep",
    {
        "fleet": Help(_("How every router is: load, memory, heat, and how quickly it answers.")),
        "router": Help(_("One router's health over time, and every loss of its connection.")),
        "log": Help(_("What the router wrote into its log, passwords masked.")),
        "copies": Help(
            _("Copies of the router's configuration, one a day where something changed."),
            (_("Compare two of them to see what somebody changed."),),
        ),
        REST: Help(_("Part of the routers' upkeep.")),
    },
)
