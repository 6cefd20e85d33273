"""What the pages of the settings are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "app",
    {
        "settings": Help(
            _("What can be changed while everything runs; the rest is set when Ronda starts.")
        ),
        REST: Help(_("Part of the settings.")),
    },
)
