"""What the pages of notices and channels are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "alerts",
    {
        "notices": Help(
            _("What happened and was told inside Ronda."),
            (_("Read ones stay until their time is over; outages are kept apart and for ever."),),
        ),
        "channels": Help(
            _("The ways out of Ronda: WhatsApp, Telegram, e-mail and others."),
            (
                _(
                    "Send a test first. A channel that is refused for good is switched off and says why."
                ),
            ),
        ),
        "messages": Help(
            _("What was sent out, to whom, and how it ended."),
            (
                _(
                    "“Perhaps sent” means that the line broke before the answer: look before you send again."
                ),
            ),
        ),
        REST: Help(_("Part of telling people what happens.")),
    },
)
