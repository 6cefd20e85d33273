"""What the pages of incidents are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "incidents",
    {
        "incidents": Help(
            _("Losses that belong together are one incident, the worst first."),
            (
                _("Acknowledge what you see to: nobody is called again, and everybody knows."),
                _("It closes by itself when the last ONT is back."),
            ),
        ),
        "incident": Help(
            _("One incident: what is lost, since when, who sees to it, and who was told."),
            (
                _("Snooze it while you wait for something; it wakes by itself."),
                _("A note stays for whoever looks next."),
            ),
        ),
        "often": Help(_("ONTs that are lost again and again: a plug, a splice or a power supply.")),
        REST: Help(_("Part of incidents.")),
    },
)
