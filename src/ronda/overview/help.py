"""What the pages of the overview are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "overview",
    {
        "dashboard": Help(
            _("What is down now, where, and since when; the rest of the figures beside it."),
            (
                _(
                    "Figures follow by themselves; the dot at the top says whether the page is live."
                ),
                _("Every figure leads to its list."),
            ),
        ),
        "reports": Help(
            _("How available the network was in a period: by ONT, area, site or category."),
            (_("Print it, or take CSV and Excel; all three have the same figures."),),
        ),
        "usage": Help(
            _("How much the hotspot was used: by hour, day, user and device."),
            (_("Hours that nobody counted are shown, and stay out of the averages."),),
        ),
        "screens": Help(
            _("Addresses with which a television shows the wallboard without signing in."),
            (_("Such an address opens the wallboard and nothing else; switch it off here."),),
        ),
        "start": Help(_("What a new installation still needs.")),
        REST: Help(_("Part of the overview.")),
    },
)
