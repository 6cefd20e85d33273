"""What the pages of notices and channels are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

RULES = Help(
    _("Who is told of what, where and when, each as a sentence."),
    (
        _("“What would it have sent?” tries a rule on the last 30 days before it is saved."),
        _("The end is told to those who were told of the beginning, and to nobody else."),
    ),
)
ROTA = Help(
    _("Whose turn it is to be called, and who stands in."),
    (_("Rules name a rota instead of a person; a swap takes a turn without changing the order."),),
)

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
        "mine": Help(
            _("Where your alerts go: Telegram, WhatsApp, e-mail, ntfy, this browser."),
            (
                _("An address counts once you typed the code that was sent there."),
                _("Send a test after each change; an address that is refused says why."),
            ),
        ),
        "for-me": Help(_("What concerns you alone, inside Ronda.")),
        "to-people": Help(
            _("What alerts, codes and tests sent to people, and how it ended."),
            (_("Words are not kept: a message that is sent again tells how things are now."),),
        ),
        "rules": RULES,
        "rule": RULES,
        "rule-new": RULES,
        "rotas": ROTA,
        "rota": ROTA,
        "rota-new": ROTA,
        "told": Help(
            _("What a person was told, and why not the rest."),
            (_("Everything that was not told has one reason: that of the time."),),
        ),
        "wordings": Help(
            _("Your own words around what is sent, in each language."),
            (_("The usual text always stays in: no wording can lose what a message is about."),),
        ),
        REST: Help(_("Part of telling people what happens.")),
    },
)
