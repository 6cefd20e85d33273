"""What the pages of the hotspot are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "hotspot",
    {
        "online": Help(
            _("Who is online on which router, and how old that knowledge is."),
            (
                _("Tick users to end their sessions or disable them."),
                _("A router that does not answer keeps its last reading, marked old."),
            ),
        ),
        "users": Help(
            _("The hotspot users that the routers hold."),
            (
                _(
                    "“Not from Ronda” means that it was made elsewhere; Ronda leaves it alone until you take it over."
                ),
            ),
        ),
        "user": Help(_("One hotspot user: limits, use and sessions.")),
        "profiles": Help(_("Speed and shared devices, kept the same on every router you choose.")),
        "hours": Help(_("At which hours users may be online, and where new users are made.")),
        "instructions": Help(
            _("What Ronda asked of the routers, and how it ended."),
            (_("What a router could not take while away is done when it is back."),),
        ),
        "drift": Help(
            _("Where a router differs from what Ronda wants there."),
            (_("Decide for each: put it back, or take it over as it is."),),
        ),
        REST: Help(_("Part of the hotspot: users, profiles and what routers are asked.")),
    },
)
